//! What happens at SpringVerify outside its API: in the portal, by its staff, in its accounts.

use super::account::Candidate;
use super::pushes::Target;
use super::request::NewCandidate;
use super::{Package, Pushed, SimError, SimSpringVerify, lock, new_id};
use crate::Delivery;
use serde_json::Value;

/// A candidate as the vendor's staff sees them.
#[derive(Clone, Debug, PartialEq)]
pub struct Ordered {
    /// The vendor's id.
    pub candidate_id: i64,
    /// Full name.
    pub name: String,
    /// E-mail, or empty.
    pub email: String,
    /// Phone, or empty.
    pub phone: String,
    /// What was ordered.
    pub subtype_id: i64,
    /// What the order carried for us; `Null` if nothing, or if added in the portal.
    pub meta_data: Value,
    /// The status code.
    pub code: i64,
    /// The status word.
    pub word: String,
}

impl From<&Candidate> for Ordered {
    fn from(candidate: &Candidate) -> Self {
        Self {
            candidate_id: candidate.id,
            name: candidate.new.name.clone(),
            email: candidate.new.email.clone(),
            phone: candidate.new.phone.clone(),
            subtype_id: candidate.new.subtype_id,
            meta_data: candidate.new.meta_data.clone(),
            code: candidate.status.code,
            word: candidate.status.word.clone(),
        }
    }
}

impl SimSpringVerify {
    /// The External API Token that is valid now.
    #[must_use]
    pub fn token(&self) -> String {
        lock(&self.account).token.clone()
    }

    /// Makes the present token wrong and returns a new one.
    #[must_use]
    pub fn rotate_token(&self) -> String {
        lock(&self.account).token = new_id();
        self.token()
    }

    /// Sets the token itself, so that a demo can be restarted without connecting again.
    pub fn set_token(&self, token: &str) {
        lock(&self.account).token = token.into();
    }

    /// What can be ordered.
    #[must_use]
    pub fn packages(&self) -> Vec<Package> {
        lock(&self.account).packages.clone()
    }

    /// Replaces what can be ordered.
    pub fn set_packages(&self, packages: Vec<Package>) {
        lock(&self.account).packages = packages;
    }

    /// The credits left.
    #[must_use]
    pub fn credit_balance(&self) -> i64 {
        lock(&self.account).credit_balance
    }

    /// Sets the credits left.
    pub fn set_credit_balance(&self, credits: i64) {
        lock(&self.account).credit_balance = credits;
    }

    /// Sets what every candidate must have: `EMAIL`, `PHONE`, `EMPLOYEE_ID`. Another name is
    /// shown in the package list and not checked.
    pub fn set_required_fields(&self, fields: &[&str]) {
        lock(&self.account).required_fields = fields.iter().map(ToString::to_string).collect();
    }

    /// Sets whether the account does without an e-mail.
    pub fn set_email_optional(&self, optional: bool) {
        lock(&self.account).email_optional = optional;
    }

    /// Sets whether details and list give back `meta_data`. They do not at first.
    pub fn set_meta_data_in_reads(&self, given: bool) {
        lock(&self.account).meta_data_in_reads = given;
    }

    /// Staff registers where callbacks go and with which bearer secret; enables them again.
    pub fn configure_callback(&self, url: &str, secret: &str) {
        let mut account = lock(&self.account);
        account.pushes.target = Some(Target { url: url.into(), secret: secret.into() });
        account.pushes.disabled = false;
    }

    /// Staff removes the callback.
    pub fn remove_callback(&self) {
        lock(&self.account).pushes.target = None;
    }

    /// Whether SpringVerify has stopped calling, because we answered 401 or 403.
    #[must_use]
    pub fn callback_is_disabled(&self) -> bool {
        lock(&self.account).pushes.disabled
    }

    /// Staff enables or disables interim status pushes.
    pub fn set_interim_pushes(&self, on: bool) {
        lock(&self.account).pushes.interim = on;
    }

    /// Sets what happens to callbacks from here on.
    pub fn set_delivery(&self, delivery: Delivery) {
        lock(&self.account).pushes.delivery = delivery;
    }

    /// Every callback that was delivered, or tried to be, in order.
    #[must_use]
    pub fn callbacks(&self) -> Vec<Pushed> {
        lock(&self.account).pushes.pushed.clone()
    }

    /// Every report link given out so far stops working.
    pub fn expire_report_links(&self) {
        lock(&self.account).expire_links();
    }

    /// How many candidates were added over the API: what we had the vendor charge for.
    #[must_use]
    pub fn creates(&self) -> usize {
        lock(&self.account).creates
    }

    /// Every candidate of the account, oldest first.
    #[must_use]
    pub fn orders(&self) -> Vec<Ordered> {
        lock(&self.account).candidates.iter().map(Ordered::from).collect()
    }

    /// One candidate.
    #[must_use]
    pub fn order(&self, candidate_id: i64) -> Option<Ordered> {
        lock(&self.account).candidate(candidate_id).map(Ordered::from)
    }

    /// Somebody adds a candidate by hand in the portal: not ours, and not counted as ours.
    #[must_use]
    pub fn portal_adds(&self, name: &str, email: &str, phone: &str, subtype_id: i64) -> i64 {
        lock(&self.account).add(NewCandidate {
            name: name.into(),
            email: email.into(),
            phone: phone.into(),
            employee_id: String::new(),
            subtype_id,
            meta_data: Value::Null,
        })
    }

    /// Somebody deletes a candidate in Awaiting Input, and gets the credit back.
    ///
    /// # Errors
    /// If there is no candidate in that status.
    pub fn portal_deletes(&self, candidate_id: i64) -> Result<(), SimError> {
        lock(&self.account).delete(candidate_id)
    }
}
