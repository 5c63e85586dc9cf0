//! What happens at Checkr outside its API: in the dashboard, and by the passing of time.

use super::super::sign::mac_hex;
use super::account::Account;
use super::account::Invitation;
use super::request::text;
use super::{Delivered, ErrorShape, Package, SimCheckr, SimError, lock, object_id};
use crate::Delivery;

/// An order as the dashboard shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    /// The invitation's id.
    pub invitation_id: String,
    /// The candidate's id.
    pub candidate_id: String,
    /// The candidate's e-mail.
    pub email: String,
    /// What the candidate carried for us, or empty.
    pub custom_id: String,
    /// The package's slug.
    pub package: String,
    /// `pending`, `completed` or `expired`.
    pub invitation_status: String,
    /// Whether the invitation was cancelled.
    pub cancelled: bool,
    /// The report, once the form was handed in.
    pub report_id: Option<String>,
    /// The report's status.
    pub report_status: Option<String>,
    /// The report's result.
    pub result: Option<String>,
}

impl Ordered {
    fn of(account: &Account, one: &Invitation) -> Self {
        let candidate = account.candidate(&one.candidate_id);
        let of_candidate = |key| candidate.map(|one| text(&one.given, key).to_owned()).unwrap_or_default();
        let report = one.report_id.as_deref().and_then(|id| account.report(id));
        Self {
            invitation_id: one.id.clone(),
            candidate_id: one.candidate_id.clone(),
            email: of_candidate("email"),
            custom_id: of_candidate("custom_id"),
            package: one.package.clone(),
            invitation_status: one.status.clone(),
            cancelled: one.deleted_at.is_some(),
            report_id: one.report_id.clone(),
            report_status: report.map(|report| report.status.clone()),
            result: report.and_then(|report| report.result.clone()),
        }
    }
}

impl SimCheckr {
    /// The API key that is valid now.
    #[must_use]
    pub fn api_key(&self) -> String {
        lock(&self.account).api_key.clone()
    }

    /// Makes the present key wrong and returns a new one.
    #[must_use]
    pub fn rotate_api_key(&self) -> String {
        lock(&self.account).api_key = object_id();
        self.api_key()
    }

    /// Sets the key itself, so that a demo can be restarted without connecting again.
    pub fn set_api_key(&self, key: &str) {
        lock(&self.account).api_key = key.into();
    }

    /// Signs webhooks with another key, as a partner application does; `None` signs with the API
    /// key again.
    pub fn set_signing_key(&self, key: Option<&str>) {
        lock(&self.account).signing_key = key.map(str::to_owned);
    }

    /// The signature that Checkr would send with a body now.
    #[must_use]
    pub fn sign(&self, body: &str) -> String {
        let account = lock(&self.account);
        mac_hex(account.signing_key.as_ref().unwrap_or(&account.api_key), body)
    }

    /// Somebody enters the webhook URL in the dashboard, in place of any other.
    pub fn configure_webhook(&self, url: &str) {
        lock(&self.account).hooks.urls = vec![url.into()];
    }

    /// Enters a second URL, which is the last one Checkr takes.
    pub fn configure_second_webhook(&self, url: &str) {
        let urls = &mut lock(&self.account).hooks.urls;
        urls.truncate(1);
        urls.push(url.into());
    }

    /// Sets whether an event holds the whole object, as for partner applications, or is thin: only the
    /// object's id and where to read it, as for everybody else. It holds it at first.
    pub fn set_include_object(&self, on: bool) {
        lock(&self.account).hooks.include_object = on;
    }

    /// Sets what happens to webhooks from here on.
    pub fn set_delivery(&self, delivery: Delivery) {
        lock(&self.account).hooks.delivery = delivery;
    }

    /// Every webhook that was delivered, or tried to be, in order.
    #[must_use]
    pub fn webhooks(&self) -> Vec<Delivered> {
        lock(&self.account).hooks.delivered.clone()
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

    /// Gives the account a hierarchy: every order has to name a node and work locations. None at
    /// first.
    pub fn set_nodes(&self, custom_ids: &[&str]) {
        lock(&self.account).nodes = custom_ids.iter().map(ToString::to_string).collect();
    }

    /// Sets the shape of every error from here on.
    pub fn set_error_shape(&self, shape: ErrorShape) {
        lock(&self.account).error_shape = shape;
    }

    /// A day passes: every idempotency key is forgotten.
    pub fn expire_idempotency_keys(&self) {
        lock(&self.keys).expire();
    }

    /// A quarter of an hour passes: every download link given out so far stops working.
    pub fn expire_document_links(&self) {
        lock(&self.account).expire_links();
    }

    /// How many invitations were ordered over the API.
    #[must_use]
    pub fn creates(&self) -> usize {
        lock(&self.account).creates
    }

    /// How many of them Checkr charges for: an invitation costs nothing until its form is handed in.
    #[must_use]
    pub fn charged(&self) -> usize {
        lock(&self.account).reports.len()
    }

    /// How many candidates the account has.
    #[must_use]
    pub fn candidates(&self) -> usize {
        lock(&self.account).candidates.len()
    }

    /// Somebody invites a candidate anew in the dashboard, to what they were invited to last:
    /// `invitation.created`. Returns the new invitation's id.
    ///
    /// # Errors
    /// If the candidate was never invited.
    pub async fn dashboard_invites(&self, candidate_id: &str) -> Result<String, SimError> {
        self.invites_again(candidate_id, None).await
    }

    /// Another department of the same account orders another package for the candidate: `invitation.created`. Returns
    /// the new invitation's id.
    ///
    /// # Errors
    /// If the candidate was never invited, or there is no such package.
    pub async fn department_invites(&self, candidate_id: &str, package: &str) -> Result<String, SimError> {
        self.invites_again(candidate_id, Some(package)).await
    }

    async fn invites_again(&self, candidate_id: &str, package: Option<&str>) -> Result<String, SimError> {
        let unknown = || SimError::unknown("invited candidate", candidate_id);
        let invitation_id = {
            let mut account = lock(&self.account);
            let last = account.invitations.iter().rfind(|one| one.candidate_id == candidate_id);
            let mut given = last.ok_or_else(unknown)?.given.clone();
            if let Some(package) = package {
                given.insert("package".to_owned(), package.into());
            }
            let shown = account.add_invitation(&given).map_err(|_| unknown())?;
            shown.as_object().map(|one| text(one, "id").to_owned()).unwrap_or_default()
        };
        self.deliver_waiting().await;
        Ok(invitation_id)
    }

    /// Every order of the account, oldest first.
    #[must_use]
    pub fn orders(&self) -> Vec<Ordered> {
        let account = lock(&self.account);
        account.invitations.iter().map(|one| Ordered::of(&account, one)).collect()
    }

    /// One order, by its invitation.
    ///
    /// # Errors
    /// If there is no such invitation.
    pub fn order(&self, invitation_id: &str) -> Result<Ordered, SimError> {
        let account = lock(&self.account);
        let found = account.invitation(invitation_id).map(|one| Ordered::of(&account, one));
        found.ok_or_else(|| SimError::unknown("invitation", invitation_id))
    }

    /// Everything the caller did against the protocol, one sentence each. A test ends by asserting
    /// that there is none.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        lock(&self.account).violations.clone()
    }
}
