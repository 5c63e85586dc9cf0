//! An Ashby organisation: it starts and cancels assessments at a partner, takes updates over its
//! API, and shows what a recruiter would see. Written from Ashby's published partner protocol.
//!
//! Where Ashby's rule is not public, the stricter reading is played, and this page says which:
//! an update must be strictly later than the last one applied; an unknown assessment is a logical
//! error with HTTP 200; what an update leaves out stays as it was.
//!
//! Operations, for faults and the log, are the endpoint names: `assessment.update`,
//! `assessment.addCompletedToCandidate`, `candidate.info`, `application.info`, `apiKey.info`.

mod api;
mod card;
mod completed;
mod data_value;
mod partner;
mod people;
mod refusal;
mod stages;
mod state;
#[cfg(test)]
mod tests;
mod update;

pub use card::Shown;
pub use data_value::Row;
pub use partner::{CUSTOM_FIELD_NAMES, Partner};
pub use people::Applicant;
pub use refusal::{ErrorShape, cloudflare_1010, rate_limited, refusal};
pub use stages::Webhook;

use super::handle::Handle;
use super::server::ANY_PORT;
use super::{SimError, lock, new_id};
use serde_json::Value;
use state::State;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex};

/// A running Ashby. Clones are handles to the same one; it stops with the last of them.
#[derive(Clone)]
pub struct SimAshby {
    state: Arc<Mutex<State>>,
    handle: Handle,
}

impl Deref for SimAshby {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl SimAshby {
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
        let state = Arc::new(Mutex::new(State::new()));
        let handle = Handle::start(address, Arc::new(api::Api(Arc::clone(&state))), "Ashby/1.0").await?;
        Ok(Self { state, handle })
    }

    /// The base URL of its API, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.handle.origin()
    }

    /// The API key that is valid now.
    #[must_use]
    pub fn api_key(&self) -> String {
        lock(&self.state).api_key.clone()
    }

    /// Makes the present key wrong and returns a new one.
    #[must_use]
    pub fn rotate_api_key(&self) -> String {
        lock(&self.state).api_key = new_id();
        self.api_key()
    }

    /// Sets the key itself, so that a demo can be restarted without connecting again.
    pub fn set_api_key(&self, key: &str) {
        lock(&self.state).api_key = key.into();
    }

    /// Sets what the key may do: `candidates:read`, `candidates:write`, `apiKeys:read`.
    pub fn set_scopes(&self, scopes: &[&str]) {
        lock(&self.state).scopes = scopes.iter().map(ToString::to_string).collect();
    }

    /// Sets the shape of every error from here on.
    pub fn set_error_shape(&self, shape: ErrorShape) {
        lock(&self.state).error_shape = shape;
    }

    /// Sets whether updates after completion or cancellation are refused. They are taken at first.
    pub fn refuse_updates_after_the_end(&self, refuse: bool) {
        lock(&self.state).closed_means_closed = refuse;
    }

    /// Adds a candidate with an application for the first job.
    #[must_use]
    pub fn add_candidate(&self, first: &str, last: &str, email: &str, phone: Option<&str>) -> Applicant {
        let mut state = lock(&self.state);
        let candidate_id = state.people.add_candidate((first, last), email, phone);
        let job_id = state.people.first_job();
        let application_id = state.people.apply(&candidate_id, &job_id).unwrap_or_default();
        Applicant { candidate_id, application_id }
    }

    /// Adds a job and returns its id.
    #[must_use]
    pub fn add_job(&self, name: &str) -> String {
        lock(&self.state).people.add_job(name)
    }

    /// Lets a candidate apply for one more job; returns the application's id.
    ///
    /// # Errors
    /// If candidate or job is unknown.
    pub fn apply(&self, candidate_id: &str, job_id: &str) -> Result<String, SimError> {
        lock(&self.state).people.apply(candidate_id, job_id)
    }

    /// A recruiter enters, corrects or removes a candidate's phone number.
    ///
    /// # Errors
    /// If the candidate is unknown.
    pub fn set_phone(&self, candidate_id: &str, phone: Option<&str>) -> Result<(), SimError> {
        lock(&self.state).people.set_phone(candidate_id, phone)
    }

    /// The assessment types of the last refresh, as the partner gave them.
    #[must_use]
    pub fn picker(&self) -> Vec<Value> {
        lock(&self.state).picker.clone()
    }

    /// The custom fields of the last sync, as the partner gave them.
    #[must_use]
    pub fn custom_fields(&self) -> Vec<Value> {
        lock(&self.state).custom_fields.clone()
    }

    /// What a recruiter sees of an assessment; `None` if it was never started here.
    #[must_use]
    pub fn shows(&self, assessment_id: &str) -> Option<Shown> {
        lock(&self.state).shown(assessment_id)
    }

    /// The ids of all assessments that were started.
    #[must_use]
    pub fn assessments(&self) -> Vec<String> {
        lock(&self.state).assessment_ids()
    }

    /// Everything the partner did against the protocol, one sentence each. A test ends by
    /// asserting that there is none.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        lock(&self.state).violations.clone()
    }
}
