//! What happens at the vendor outside its endpoints: in its office and in its settings.

use super::office::{Ordered, Package};
use super::results::{Sent, Target};
use super::{Signing, SimStackOneVendor, lock};
use crate::Delivery;

impl SimStackOneVendor {
    /// The key that its package list asks for.
    #[must_use]
    pub fn key(&self) -> String {
        lock(&self.office).key.clone()
    }

    /// Sets the key itself, so that a demo can be restarted without connecting again.
    pub fn set_key(&self, key: &str) {
        lock(&self.office).key = key.into();
    }

    /// The vendor puts somebody else in StackOne's place: base URL, key, account and signing secret.
    /// From here on it verifies what it is sent.
    pub fn configure(&self, base_url: &str, key: &str, account_id: &str, signing_secret: &str) {
        let mut office = lock(&self.office);
        office.results.target = Some(Target {
            base_url: base_url.trim_end_matches('/').into(),
            key: key.into(),
            account_id: account_id.into(),
        });
        office.secrets = vec![signing_secret.into()];
    }

    /// Accepts a second signing secret, as the vendor does while secrets are rotated.
    pub fn add_signing_secret(&self, secret: &str) {
        lock(&self.office).secrets.push(secret.into());
    }

    /// Sets which signature an event must carry; StackOne's at first.
    pub fn set_signing(&self, signing: Signing) {
        lock(&self.office).signing = signing;
    }

    /// What its package list offers.
    #[must_use]
    pub fn packages(&self) -> Vec<Package> {
        lock(&self.office).packages.clone()
    }

    /// Replaces what its package list offers.
    pub fn set_packages(&self, packages: Vec<Package>) {
        lock(&self.office).packages = packages;
    }

    /// Sets how many packages a page of its list has; 25 at first.
    pub fn set_page_size(&self, size: usize) {
        lock(&self.office).page_size = size.max(1);
    }

    /// What it has pushed to the other side's list, with the ids that were given.
    #[must_use]
    pub fn pushed(&self) -> Vec<Package> {
        lock(&self.office).pushed.clone()
    }

    /// Sets whether an order is answered with the candidate's link.
    pub fn set_test_urls(&self, on: bool) {
        lock(&self.office).gives_test_urls = on;
    }

    /// Refuses every order with 422 and this text, until told otherwise.
    pub fn refuse_orders(&self, message: Option<&str>) {
        lock(&self.office).refuses = message.map(str::to_owned);
    }

    /// Sets what happens to results from here on.
    pub fn set_delivery(&self, delivery: Delivery) {
        lock(&self.office).results.delivery = delivery;
    }

    /// Every result that was delivered, or tried to be, in order.
    #[must_use]
    pub fn results(&self) -> Vec<Sent> {
        lock(&self.office).results.sent.clone()
    }

    /// How many orders were made: what we had the vendor charge for.
    #[must_use]
    pub fn creates(&self) -> usize {
        lock(&self.office).orders.len()
    }

    /// Every order, oldest first.
    #[must_use]
    pub fn orders(&self) -> Vec<Ordered> {
        lock(&self.office).orders.clone()
    }

    /// One order.
    #[must_use]
    pub fn order(&self, order_id: &str) -> Option<Ordered> {
        self.orders().into_iter().find(|one| one.order_id == order_id)
    }

    /// Every breach of StackOne's protocol by the other side, one sentence each. A test ends by
    /// asserting that there is none.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        lock(&self.office).violations.clone()
    }
}
