//! A vendor that speaks Ashby's partner protocol and nothing else, as Justifacts does: it hosts
//! `assessment.list`, `assessment.start` and `assessment.cancel`, and calls `assessment.update` and
//! `candidate.info` on whoever plays Ashby for it. Written from Ashby's published partner protocol and
//! from what ATSs publish of Justifacts.
//!
//! Where the public sources are silent, this page says what is played. A second slash in a path is
//! a 404. What lacks a field that Ashby's schema requires is refused with 422. Cancelling an
//! unknown or completed assessment is an error envelope with HTTP 200. Updates are sent with
//! a User-Agent and without the `Accept` header Ashby asks for, so that nobody relies on it.
//!
//! Operations, for faults and the log: `assessment.list`, `assessment.start`, `assessment.cancel`.

mod api;
mod control;
mod office;
mod start;
#[cfg(test)]
mod tests;
mod updates;
mod words;

pub use office::{OnRepeat, Ordered, Package};
pub use updates::Sent;
pub use words::{RESULTS, STATUSES};

use super::caller::{Answer, basic};
use super::handle::Handle;
use super::server::ANY_PORT;
use super::{SimError, lock, new_id};
use office::Office;
use serde_json::{Value, json};
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex};
use updates::Target;

/// Where the endpoints live: the path Justifacts' customers paste, slash included.
const PATH: &str = "/jfacts/servlet/application/ashby/";

/// A running vendor. Clones are handles to the same one; it stops with the last of them.
#[derive(Clone)]
pub struct SimAshbyVendor {
    office: Arc<Mutex<Office>>,
    handle: Handle,
}

impl Deref for SimAshbyVendor {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl SimAshbyVendor {
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
        let office = Arc::new(Mutex::new(Office::new()));
        let handle = Handle::start(address, Arc::new(api::Api(Arc::clone(&office))), "Justifacts/1.0").await?;
        lock(&office).base_url = format!("{}{PATH}", handle.origin());
        Ok(Self { office, handle })
    }

    /// The base URL a customer pastes: with a path, and with a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> String {
        lock(&self.office).base_url.clone()
    }

    /// The check moves: one of [`STATUSES`] and, at the end, one of [`RESULTS`], or words of the
    /// test's own. A result without a link comes with the vendor's own page. Returns what was
    /// answered, one status per delivery.
    ///
    /// # Errors
    /// If there is no such assessment.
    pub async fn vendor_moves(
        &self,
        assessment_id: &str,
        status_word: &str,
        result_word: Option<&str>,
        link: Option<&str>,
    ) -> Result<Vec<u16>, SimError> {
        let bodies = {
            let mut office = lock(&self.office);
            let update = office.moves(assessment_id, status_word, result_word, link)?;
            office.updates.make(update)
        };
        Ok(self.send_all(bodies).await)
    }

    /// The vendor says its status word again, with further rows (`metadata`) and, where given, a result of any type.
    ///
    /// # Errors
    /// If there is no such assessment.
    pub async fn vendor_adds(
        &self,
        assessment_id: &str,
        rows: Value,
        result: Option<Value>,
    ) -> Result<Vec<u16>, SimError> {
        let bodies = {
            let mut office = lock(&self.office);
            let update = office.adds(assessment_id, rows, result)?;
            office.updates.make(update)
        };
        Ok(self.send_all(bodies).await)
    }

    /// The vendor cancels by itself, or confirms a cancellation, with `cancelled_reason`.
    ///
    /// # Errors
    /// If there is no such assessment.
    pub async fn vendor_cancels(&self, assessment_id: &str, reason: &str) -> Result<Vec<u16>, SimError> {
        let bodies = {
            let mut office = lock(&self.office);
            let update = office.cancels(assessment_id, reason)?;
            office.updates.make(update)
        };
        Ok(self.send_all(bodies).await)
    }

    /// Sends the first update about an assessment once more, with a time before all the others.
    ///
    /// # Errors
    /// If there was no update about it.
    pub async fn send_stale(&self, assessment_id: &str) -> Result<Vec<u16>, SimError> {
        let stale = lock(&self.office).updates.stale(assessment_id);
        let stale = stale.ok_or_else(|| SimError::unknown("update about", assessment_id))?;
        Ok(self.send_all(vec![stale]).await)
    }

    /// Sends the `nth` update ever made about an assessment once more, word for word.
    ///
    /// # Errors
    /// If there was no such update.
    pub async fn replay(&self, assessment_id: &str, nth: usize) -> Result<Vec<u16>, SimError> {
        let update = lock(&self.office).updates.nth(assessment_id, nth);
        let update = update.ok_or_else(|| SimError::unknown("update about", assessment_id))?;
        Ok(self.send_all(vec![update]).await)
    }

    /// Sends what [`Hold`](crate::Delivery::Hold) kept back, in the order it happened.
    pub async fn release_held(&self) -> Vec<u16> {
        let held = lock(&self.office).updates.take_held();
        self.send_all(held).await
    }

    /// Sends what [`Hold`](crate::Delivery::Hold) kept back, the latest first.
    pub async fn release_held_backwards(&self) -> Vec<u16> {
        let mut held = lock(&self.office).updates.take_held();
        held.reverse();
        self.send_all(held).await
    }

    /// Sends again what met nobody, a 429 or a 5xx.
    pub async fn redeliver(&self) -> Vec<u16> {
        let unheard = lock(&self.office).updates.take_unheard();
        self.send_all(unheard).await
    }

    /// The vendor asks for what the order did not carry, such as the phone number.
    ///
    /// # Errors
    /// If no callback is configured.
    pub async fn asks_candidate_info(&self, candidate_id: &str) -> Result<Answer, SimError> {
        let target = self.target()?;
        let answer = self.call(&target, "candidate.info", &json!({"id": candidate_id})).await;
        let mut office = lock(&self.office);
        if accepted(&mut office, "candidate.info", &answer) {
            if answer.str_at("/results/id") != Some(candidate_id) {
                office.violation("candidate.info", "results.id is not the candidate that was asked for");
            }
            if answer.str_at("/results/name").is_none() {
                office.violation("candidate.info", "results.name is missing");
            }
        }
        Ok(answer)
    }

    /// Somebody who is not the vendor posts to an endpoint of Ashby's, such as `assessment.update`.
    ///
    /// # Errors
    /// If no callback is configured.
    pub async fn somebody_posts(
        &self,
        name: &str,
        authorization: Option<&str>,
        body: &str,
    ) -> Result<Answer, SimError> {
        let url = format!("{}/{name}", self.target()?.base_url);
        Ok(self.handle.caller.post(&url, authorization.map(str::to_owned), body.to_owned()).await)
    }

    fn target(&self) -> Result<Target, SimError> {
        let target = lock(&self.office).updates.target.clone();
        target.ok_or_else(|| SimError::unknown("callback", "URL"))
    }

    async fn call(&self, target: &Target, name: &str, body: &Value) -> Answer {
        let url = format!("{}/{name}", target.base_url);
        self.handle.caller.post(&url, Some(basic(&target.api_key, "")), body.to_string()).await
    }

    async fn send_all(&self, bodies: Vec<Value>) -> Vec<u16> {
        let mut statuses = Vec::new();
        for body in bodies {
            let Ok(target) = self.target() else {
                break;
            };
            let answer = self.call(&target, "assessment.update", &body).await;
            let mut office = lock(&self.office);
            accepted(&mut office, "assessment.update", &answer);
            office.updates.record(body, answer.http_status);
            statuses.push(answer.http_status);
        }
        statuses
    }
}

/// Whether the side that plays Ashby said yes. Says so when it said neither yes nor no as Ashby's
/// schema has it; a status that is no success may come with any body.
fn accepted(office: &mut Office, operation: &str, answer: &Answer) -> bool {
    match (answer.is_ok(), answer.body.get("success").and_then(Value::as_bool)) {
        (true, Some(true)) => return true,
        (true, Some(false)) => {
            let errors = answer.body.get("errors").is_some_and(Value::is_array);
            if !errors || answer.str_at("/errorInfo/code").is_none() {
                office.violation(operation, "an error envelope needs errors[] and errorInfo.code");
            }
        }
        (true, None) => office.violation(operation, "a success that is no envelope"),
        (false, _) => {}
    }
    false
}
