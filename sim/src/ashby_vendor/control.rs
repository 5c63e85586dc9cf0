//! What happens at the vendor outside its endpoints: in its office and in its customer's settings.

use super::office::{OnRepeat, Ordered, Package};
use super::updates::{Sent, Target};
use super::{SimAshbyVendor, SimError, lock, new_id};
use crate::Delivery;

impl SimAshbyVendor {
    /// The External API Token that is valid now.
    #[must_use]
    pub fn token(&self) -> String {
        lock(&self.office).token.clone()
    }

    /// Makes the present token wrong and returns a new one.
    #[must_use]
    pub fn rotate_token(&self) -> String {
        lock(&self.office).token = new_id();
        self.token()
    }

    /// Sets the token itself, so that a demo can be restarted without connecting again.
    pub fn set_token(&self, token: &str) {
        lock(&self.office).token = token.into();
    }

    /// The customer enters the Ashby API key; `base_url` stands for `https://api.ashbyhq.com`.
    pub fn configure_callback(&self, base_url: &str, api_key: &str) {
        let target = Target { base_url: base_url.trim_end_matches('/').into(), api_key: api_key.into() };
        lock(&self.office).updates.target = Some(target);
    }

    /// What can be ordered.
    #[must_use]
    pub fn packages(&self) -> Vec<Package> {
        lock(&self.office).packages.clone()
    }

    /// Replaces what can be ordered.
    pub fn set_packages(&self, packages: Vec<Package>) {
        lock(&self.office).packages = packages;
    }

    /// Sets what a second start does while the first order is open. It finds the same order at
    /// first.
    pub fn set_on_repeat(&self, on_repeat: OnRepeat) {
        lock(&self.office).on_repeat = on_repeat;
    }

    /// Sets whether answers to start and cancel carry an `update_request`. They do not at first.
    pub fn set_update_in_answer(&self, on: bool) {
        lock(&self.office).update_in_answer = on;
    }

    /// Refuses every start with 422 and this text for the recruiter, until told otherwise.
    pub fn refuse_starts(&self, message: Option<&str>) {
        lock(&self.office).refuses = message.map(str::to_owned);
    }

    /// Sets what happens to updates from here on.
    pub fn set_delivery(&self, delivery: Delivery) {
        lock(&self.office).updates.delivery = delivery;
    }

    /// Every update that was delivered, or tried to be, in order.
    #[must_use]
    pub fn updates(&self) -> Vec<Sent> {
        lock(&self.office).updates.sent.clone()
    }

    /// How many orders were made: what we had the vendor charge for.
    #[must_use]
    pub fn creates(&self) -> usize {
        lock(&self.office).creates
    }

    /// Every order, oldest first.
    #[must_use]
    pub fn orders(&self) -> Vec<Ordered> {
        lock(&self.office).orders.clone()
    }

    /// One order.
    #[must_use]
    pub fn order(&self, assessment_id: &str) -> Option<Ordered> {
        lock(&self.office).order(assessment_id).cloned()
    }

    /// Whether an order was cancelled, by either side.
    ///
    /// # Errors
    /// If there is no such order.
    pub fn cancelled(&self, assessment_id: &str) -> Result<bool, SimError> {
        let order = self.order(assessment_id);
        order.map(|one| one.cancelled).ok_or_else(|| SimError::unknown("assessment", assessment_id))
    }

    /// Every breach of Ashby's protocol by the other side, one sentence each. A test ends by asserting
    /// that there is none.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        lock(&self.office).violations.clone()
    }
}
