//! A Checkr account: a candidate is created once, invitations are ordered for them, the hosted form
//! is handed in, and the report that follows moves and is told of by signed webhooks. Written from
//! Checkr's public reference and developer guide.
//!
//! Where the public sources are silent, this page says what is played. An error's body has one of
//! three shapes. A success that creates answers 201. An order for an unknown candidate or package
//! is a 400. Two candidates with the same e-mail may be made, not three. Only a pending invitation
//! can be cancelled. Events of API calls leave with the next thing that happens, or with
//! [`SimCheckr::deliver_waiting`], so that a test decides which side of the race wins. Form bodies
//! (Checkr's default) are read as empty, and `POST /reports` is not served: it needs personal data
//! that an order through the hosted form never has.
//!
//! Operations, for faults and the log: `candidates.create`, `candidates.list`, `candidates.get`,
//! `invitations.create`, `invitations.list`, `invitations.get`, `invitations.delete`,
//! `reports.get`, `reports.complete`, `documents.get`, `packages.list`, `download`.

mod account;
mod api;
mod clock;
mod control;
mod document;
mod hooks;
mod idempotency;
mod page;
mod refusal;
mod request;
mod show;
#[cfg(test)]
mod tests;

pub use account::Package;
pub use control::Ordered;
pub use hooks::Delivered;
pub use refusal::{ErrorShape, rate_limited, refusal, still_processing};

use super::caller::{Answer, Outgoing};
use super::handle::Handle;
use super::server::ANY_PORT;
use super::{SimError, lock};
use account::Account;
use hooks::Letter;
use idempotency::Keys;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex};

/// A running Checkr. Clones are handles to the same one; it stops with the last of them.
#[derive(Clone)]
pub struct SimCheckr {
    account: Arc<Mutex<Account>>,
    keys: Arc<Mutex<Keys>>,
    handle: Handle,
}

impl Deref for SimCheckr {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl SimCheckr {
    /// Starts on a loopback port that the system chooses.
    ///
    /// # Errors
    /// If no port can be had.
    pub async fn start() -> io::Result<Self> {
        Self::start_on(ANY_PORT).await
    }

    /// Starts on a given loopback address.
    ///
    /// # Errors
    /// If the address is taken, or not loopback.
    pub async fn start_on(address: SocketAddr) -> io::Result<Self> {
        let account = Arc::new(Mutex::new(Account::new()));
        let keys = Arc::new(Mutex::new(Keys::default()));
        let api = api::Api { account: Arc::clone(&account), keys: Arc::clone(&keys) };
        let handle = Handle::start(address, Arc::new(api), "Checkr-Webhook/1.0").await?;
        lock(&account).origin = handle.origin();
        Ok(Self { account, keys, handle })
    }

    /// The base URL of its API as Checkr publishes it: with `/v1`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.handle.origin())
    }

    /// The candidate hands in the hosted form: `invitation.completed`, then `report.created`.
    /// Returns the report's id.
    ///
    /// # Errors
    /// If there is no such pending invitation.
    pub async fn candidate_completes_form(&self, invitation_id: &str) -> Result<String, SimError> {
        let report_id = lock(&self.account).complete_invitation(invitation_id)?;
        self.deliver_waiting().await;
        Ok(report_id)
    }

    /// A week passes: `invitation.expired`. Returns one status per delivery.
    ///
    /// # Errors
    /// If there is no such pending invitation.
    pub async fn expire_invitation(&self, invitation_id: &str) -> Result<Vec<u16>, SimError> {
        let expire = |one: &mut account::Invitation| one.status = "expired".into();
        lock(&self.account).change_invitation(invitation_id, "invitation.expired", expire)?;
        Ok(self.deliver_waiting().await)
    }

    /// Somebody cancels a pending invitation in the dashboard: `invitation.deleted`.
    ///
    /// # Errors
    /// If there is no such pending invitation.
    pub async fn dashboard_cancels(&self, invitation_id: &str) -> Result<Vec<u16>, SimError> {
        let delete = |one: &mut account::Invitation| one.deleted_at = Some(clock::now());
        lock(&self.account).change_invitation(invitation_id, "invitation.deleted", delete)?;
        Ok(self.deliver_waiting().await)
    }

    /// The report takes a status: `pending`, `suspended`, `paused`, `complete`, `canceled`,
    /// `dispute`, or a word nobody knows. Returns one status per delivery.
    ///
    /// # Errors
    /// If there is no such report.
    pub async fn report_becomes(
        &self,
        report_id: &str,
        status: &str,
        result: Option<&str>,
    ) -> Result<Vec<u16>, SimError> {
        {
            let mut account = lock(&self.account);
            let before = account.report(report_id).map(|one| one.status.clone()).unwrap_or_default();
            account.change_report(report_id, event_of(&before, status), |one| one.becomes(status, result))?;
        }
        Ok(self.deliver_waiting().await)
    }

    /// The candidate disputes the report: `report.disputed`. `report.completed` follows again when
    /// the report is made `complete`.
    ///
    /// # Errors
    /// If there is no such report.
    pub async fn dispute(&self, report_id: &str) -> Result<Vec<u16>, SimError> {
        let result = lock(&self.account).report(report_id).and_then(|one| one.result.clone());
        self.report_becomes(report_id, "dispute", result.as_deref()).await
    }

    /// A completed report is upgraded to more screenings and runs again: `report.upgraded`.
    ///
    /// # Errors
    /// If there is no such report.
    pub async fn reopen(&self, report_id: &str) -> Result<Vec<u16>, SimError> {
        lock(&self.account).change_report(report_id, "report.upgraded", |one| {
            one.becomes("pending", None);
            one.upgraded_at = Some(clock::now());
        })?;
        Ok(self.deliver_waiting().await)
    }

    /// Checkr puts a report that nobody ordered on the candidate of this one, such as `continuous_check` or
    /// `recurrence`, and finishes it. Returns the new report's id and the answers.
    ///
    /// # Errors
    /// If there is no such report.
    pub async fn adds_report(&self, like: &str, source: &str, result: &str) -> Result<(String, Vec<u16>), SimError> {
        let id = lock(&self.account).add_report_like(like, source)?;
        let answers = self.report_becomes(&id, "complete", Some(result)).await?;
        Ok((id, answers))
    }

    /// One screening is done while the report runs on: `report.updated`.
    ///
    /// # Errors
    /// If there is no such report.
    pub async fn screening_completes(&self, report_id: &str) -> Result<Vec<u16>, SimError> {
        lock(&self.account).change_report(report_id, "report.updated", |one| one.screened = true)?;
        Ok(self.deliver_waiting().await)
    }

    /// Somebody presses "Complete now" on a suspended report, or thirty days pass: what is unfinished is cancelled, the
    /// rest was clear, and Assess says that a person should look. `report.completed`.
    ///
    /// # Errors
    /// If there is no such report.
    pub async fn dashboard_completes_now(&self, report_id: &str) -> Result<Vec<u16>, SimError> {
        lock(&self.account).change_report(report_id, "report.completed", |one| {
            one.becomes("complete", Some("clear"));
            one.includes_canceled = true;
            one.assessment = Some("review".into());
        })?;
        Ok(self.deliver_waiting().await)
    }

    /// Somebody adjudicates in the dashboard: `engaged`, `pre_adverse_action` or
    /// `post_adverse_action`, told of as `report.<that>`.
    ///
    /// # Errors
    /// If there is no such report.
    pub async fn dashboard_adjudicates(&self, report_id: &str, word: &str) -> Result<Vec<u16>, SimError> {
        let change = |one: &mut account::Report| one.adjudication = Some(word.into());
        lock(&self.account).change_report(report_id, &format!("report.{word}"), change)?;
        Ok(self.deliver_waiting().await)
    }

    /// Sends the events that API calls left waiting.
    pub async fn deliver_waiting(&self) -> Vec<u16> {
        let letters = lock(&self.account).hooks.take_waiting();
        self.send_all(letters).await
    }

    /// Sends what [`Hold`](crate::Delivery::Hold) kept back, in the order it happened.
    pub async fn release_held(&self) -> Vec<u16> {
        let letters = lock(&self.account).hooks.take_held();
        self.send_all(letters).await
    }

    /// Sends what [`Hold`](crate::Delivery::Hold) kept back, the latest first: Checkr guarantees no order.
    pub async fn release_held_backwards(&self) -> Vec<u16> {
        let mut letters = lock(&self.account).hooks.take_held();
        letters.reverse();
        self.send_all(letters).await
    }

    /// A minute passes: everything that no 2xx acknowledged is sent again, byte for byte.
    pub async fn redeliver(&self) -> Vec<u16> {
        let letters = lock(&self.account).hooks.take_unacknowledged();
        self.send_all(letters).await
    }

    /// Sends the `nth` webhook ever made about a candidate, invitation or report once more.
    ///
    /// # Errors
    /// If there was no such webhook.
    pub async fn replay(&self, about: &str, nth: usize) -> Result<Vec<u16>, SimError> {
        let letter = lock(&self.account).hooks.nth(about, nth);
        let letter = letter.ok_or_else(|| SimError::unknown("webhook about", about))?;
        Ok(self.send_all(vec![letter]).await)
    }

    /// Somebody who is not Checkr posts to the first webhook URL.
    ///
    /// # Errors
    /// If no webhook URL is configured.
    pub async fn somebody_posts(&self, signature: Option<&str>, body: &str) -> Result<Answer, SimError> {
        let url = lock(&self.account).hooks.urls.first().cloned();
        let url = url.ok_or_else(|| SimError::unknown("webhook", "URL"))?;
        Ok(self.post(&url, signature, body).await)
    }

    async fn send_all(&self, letters: Vec<Letter>) -> Vec<u16> {
        let mut statuses = Vec::new();
        for letter in letters {
            let signature = self.sign(&letter.text);
            let answer = self.post(&letter.url, Some(&signature), &letter.text).await;
            lock(&self.account).hooks.record(letter, answer.http_status);
            statuses.push(answer.http_status);
        }
        statuses
    }

    async fn post(&self, url: &str, signature: Option<&str>, body: &str) -> Answer {
        let call = Outgoing::post(url, "application/json", body.to_owned());
        self.handle
            .caller
            .send(match signature {
                Some(signature) => call.header("x-checkr-signature", signature),
                None => call,
            })
            .await
    }
}

/// What a change of status is told of as. A status without an event of its own is an update.
fn event_of(before: &str, status: &str) -> &'static str {
    match (before, status) {
        ("suspended", "pending") => "report.resumed",
        (_, "complete") => "report.completed",
        (_, "suspended") => "report.suspended",
        (_, "canceled") => "report.canceled",
        (_, "dispute") => "report.disputed",
        _ => "report.updated",
    }
}

/// An id as Checkr's look: 24 hexadecimal digits.
fn object_id() -> String {
    uuid::Uuid::now_v7().simple().to_string().chars().rev().take(24).collect()
}
