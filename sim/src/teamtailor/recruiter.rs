//! What a recruiter or a trigger sends to a partner, and what Teamtailor makes of the answers.

use super::super::caller::Outgoing;
use super::super::{Answer, SimError, lock};
use super::SimTeamtailor;
use super::attributes::Place;
use super::event::Cause;
use super::state::{Event, State};
use serde_json::Value;

/// One event that was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// The result that waits for updates.
    pub result_id: String,
    /// The event's id, the key against doubles.
    pub event_id: String,
    /// What the partner answered.
    pub answer: Answer,
}

impl SimTeamtailor {
    /// A recruiter sends one candidate, from the candidate's page or, without a job, in bulk.
    /// `values` is an object of the pop-up's field ids.
    ///
    /// # Errors
    /// If company or candidate is unknown, or the company did not activate the partner.
    pub async fn recruiter_sends(
        &self,
        company: &str,
        candidate: i64,
        values: &Value,
        with_job: bool,
    ) -> Result<Sent, SimError> {
        let cause = if with_job { Cause::Recruiter } else { Cause::Bulk };
        self.send(company, candidate, values, cause).await
    }

    /// A trigger of the candidate's stage fires.
    ///
    /// # Errors
    /// As [`SimTeamtailor::recruiter_sends`].
    pub async fn trigger_fires(&self, company: &str, candidate: i64, values: &Value) -> Result<Sent, SimError> {
        self.send(company, candidate, values, Cause::Trigger).await
    }

    async fn send(&self, company: &str, candidate: i64, values: &Value, cause: Cause) -> Result<Sent, SimError> {
        let (event_id, result_id) = {
            let mut state = lock(&self.state);
            state.bearer(company)?;
            let event_id = state.make_event(company, candidate, values, cause)?;
            let result_id = state.events.get(&event_id).map(|event| event.result.clone()).unwrap_or_default();
            (event_id, result_id)
        };
        let answer = self.deliver("webhook", &event_id).await?;
        Ok(Sent { result_id, event_id, answer })
    }

    /// The same event once more, under a new signature. Teamtailor says that it never does this;
    /// its documents said otherwise before 2026.
    ///
    /// # Errors
    /// If there was no such event, or the company deactivated the partner since.
    pub async fn repeat(&self, event_id: &str) -> Result<Answer, SimError> {
        self.deliver("webhook", event_id).await
    }

    /// A recruiter clicks a button of a result: the same event goes to the button's endpoint.
    ///
    /// # Errors
    /// If there is no such result or button, or the company deactivated the partner since.
    pub async fn click_action(&self, result_id: &str, endpoint: &str) -> Result<Answer, SimError> {
        let event = {
            let state = lock(&self.state);
            let result = state.results.get(result_id).ok_or_else(|| SimError::unknown("result", result_id))?;
            if !result.actions().iter().any(|action| action.endpoint == endpoint) {
                return Err(SimError::unknown("button", endpoint));
            }
            result.event.clone()
        };
        self.deliver(endpoint, &event).await
    }

    async fn deliver(&self, path: &str, event_id: &str) -> Result<Answer, SimError> {
        let (event, bearer) = {
            let state = lock(&self.state);
            let event = state.events.get(event_id).ok_or_else(|| SimError::unknown("event", event_id))?;
            (event.clone(), state.bearer(&event.company)?)
        };
        let signature = self.sign(self.now(), event_id);
        let mut headers = self.headers(&event.company, &bearer);
        headers.push(("teamtailor-signature", signature));
        headers.push(("content-type", "application/json".into()));
        let answer = self
            .handle
            .caller
            .send(Outgoing::with(http::Method::POST, &self.url(path), &headers, event.body.to_string()))
            .await;
        hear(&mut lock(&self.state), path, &event, &answer);
        Ok(answer)
    }
}

/// A 2xx means received, and may carry attributes; anything else is shown, if it is a text.
fn hear(state: &mut State, path: &str, event: &Event, answer: &Answer) {
    let error = (!answer.is_ok()).then(|| plain_text(answer));
    if let Some(result) = state.results.get_mut(&event.result) {
        result.error = error.as_ref().map(|text| text.clone().unwrap_or_default());
    }
    match error {
        Some(None) => state.violation(path, format!("the body of a {} is no plain text", answer.http_status)),
        Some(Some(_)) => {}
        None => {
            hear_attributes(state, path, &event.result, &answer.body);
            state.mark_sent(&event.result);
        }
    }
}

/// The official sample puts quotes around the text, the docs do not; objects are never shown.
fn plain_text(answer: &Answer) -> Option<String> {
    match &answer.body {
        Value::Object(_) | Value::Array(_) => None,
        Value::String(text) => Some(text.clone()),
        _ => Some(answer.text.clone()),
    }
}

fn hear_attributes(state: &mut State, path: &str, result: &str, body: &Value) {
    for name in ["partner-result-attributes", "partnerResultAttributes"] {
        if body.get(name).is_some() {
            state.violation(path, format!("{name} is called partner_result_attributes"));
        }
    }
    let Some(attributes) = body.get("partner_result_attributes") else {
        return;
    };
    if let Err(problems) = state.update(result, attributes, Place::Answer) {
        state.all_violations(path, &problems);
    }
}
