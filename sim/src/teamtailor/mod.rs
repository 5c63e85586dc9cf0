//! A Teamtailor with its companies and one partner: admins activate the partner, recruiters send
//! candidates to it, and it updates results over the partner API. Written from
//! its published partner documentation.
//!
//! Where Teamtailor's rule is not public, this is played: a 2xx without a status moves `sending` to
//! `sent`; a refused event leaves it at `sending`; an update or an answer with one wrong attribute
//! changes nothing; an attribute that is given is replaced as a whole; clicks are answered as
//! webhooks are; attributes in an answer count as an update, also for stage rules.
//!
//! Operations, for faults and the log: `partner-results.update`, `.get` and `.list`,
//! `partners.update` and `.get`, `partner-activations.get` and `.list`.

mod admin;
mod api;
mod attributes;
mod card;
mod company;
mod event;
mod fields;
mod forms;
mod recruiter;
mod refusal;
mod stages;
mod state;
mod stranger;
#[cfg(test)]
mod tests;
mod token;

pub use admin::{Activated, Context};
pub use card::{Action, Attachment, Shown};
pub use company::Bearer;
pub use recruiter::Sent;
pub use refusal::rate_limited;
pub use stages::{Bound, MoveRule, When};

use super::caller::Outgoing;
use super::handle::Handle;
use super::server::ANY_PORT;
use super::{Answer, SimError, lock, new_id};
use company::Company;
use state::State;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A running Teamtailor. Clones are handles to the same one; it stops with the last of them.
#[derive(Clone)]
pub struct SimTeamtailor {
    state: Arc<Mutex<State>>,
    handle: Handle,
    ahead_s: Arc<AtomicI64>,
}

impl Deref for SimTeamtailor {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl SimTeamtailor {
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
        let handle = Handle::start(address, Arc::new(api::Api(Arc::clone(&state))), "Teamtailor").await?;
        lock(&state).own_url = handle.origin();
        lock(&state).update_urls = handle.origin();
        Ok(Self { state, handle, ahead_s: Arc::default() })
    }

    /// The base URL of its API, without a slash at the end and without `/partner`.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.handle.origin()
    }

    /// The partner's API key, which is also what bearers are signed with.
    #[must_use]
    pub fn api_key(&self) -> String {
        lock(&self.state).api_key.clone()
    }

    /// The secret that webhooks are signed with.
    #[must_use]
    pub fn webhook_secret(&self) -> String {
        lock(&self.state).webhook_secret.clone()
    }

    /// Sets API key and webhook secret, so that a demo can be restarted without connecting again.
    pub fn set_keys(&self, api_key: &str, webhook_secret: &str) {
        let mut state = lock(&self.state);
        state.api_key = api_key.into();
        state.webhook_secret = webhook_secret.into();
    }

    /// The partner's number in the hub.
    #[must_use]
    pub fn integration_id(&self) -> u64 {
        lock(&self.state).integration_id
    }

    /// Sets the Partner Base URL, with or without a slash at its end.
    pub fn set_base(&self, url: &str) {
        lock(&self.state).hub.base = url.into();
    }

    /// Everything the partner did against the protocol, one sentence each. A test ends by
    /// asserting that there is none.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        lock(&self.state).violations.clone()
    }

    /// Adds a company and returns its UUID.
    #[must_use]
    pub fn add_company(&self, name: &str) -> String {
        let company = Company::new(name);
        let uuid = company.uuid.clone();
        lock(&self.state).companies.insert(uuid.clone(), company);
        uuid
    }

    /// Adds a candidate in the stage "Background check" and returns the numeric id.
    #[must_use]
    pub fn add_candidate(&self, first: &str, last: &str, email: &str, phone: Option<&str>) -> i64 {
        lock(&self.state).add_candidate((first, last), email, phone)
    }

    /// A recruiter enters, corrects or removes a candidate's phone number.
    ///
    /// # Errors
    /// If the candidate is unknown.
    pub fn set_phone(&self, candidate: i64, phone: Option<&str>) -> Result<(), SimError> {
        lock(&self.state).candidate(candidate)?.phone = phone.map(str::to_owned);
        Ok(())
    }

    /// A recruiter moves a candidate to another stage.
    ///
    /// # Errors
    /// If the candidate is unknown.
    pub fn move_candidate(&self, candidate: i64, stage: &str) -> Result<(), SimError> {
        lock(&self.state).candidate(candidate)?.stage = stage.into();
        Ok(())
    }

    /// A recruiter rejects a candidate: no rule moves them any more.
    ///
    /// # Errors
    /// If the candidate is unknown.
    pub fn reject_candidate(&self, candidate: i64) -> Result<(), SimError> {
        lock(&self.state).candidate(candidate)?.rejected = true;
        Ok(())
    }

    /// A recruiter removes a result: updates of it find nothing from then on.
    ///
    /// # Errors
    /// If the result is unknown.
    pub fn remove_result(&self, result_id: &str) -> Result<(), SimError> {
        let removed = lock(&self.state).results.remove(result_id);
        removed.map(drop).ok_or_else(|| SimError::unknown("result", result_id))
    }

    /// Sets the rules by which results move candidates. The stages are "Inbox", "Background check",
    /// "Offer" and "Hired"; a rule with another target moves nobody.
    pub fn set_move_rules(&self, rules: Vec<MoveRule>) {
        lock(&self.state).rules = rules;
    }

    /// Sets what a company's calls present as their bearer.
    ///
    /// # Errors
    /// If the company is unknown.
    pub fn set_bearer(&self, company: &str, bearer: Bearer) -> Result<(), SimError> {
        lock(&self.state).company(company)?.presents = bearer;
        Ok(())
    }

    /// The bearer a company's calls carry now.
    ///
    /// # Errors
    /// If the company is unknown or did not activate the partner.
    pub fn bearer(&self, company: &str) -> Result<String, SimError> {
        lock(&self.state).bearer(company)
    }

    /// Lets a company's calls carry its public API key in `teamtailor-api-token`.
    ///
    /// # Errors
    /// If the company is unknown.
    pub fn set_api_token(&self, company: &str, token: &str) -> Result<(), SimError> {
        lock(&self.state).company(company)?.api_token = Some(token.into());
        Ok(())
    }

    /// Sets whether `company` stands beside `partner-event` from here on. It stands inside at first.
    pub fn put_company_beside_event(&self, beside: bool) {
        lock(&self.state).company_beside_event = beside;
    }

    /// Sets what every `update-url` starts with from here on: somebody else's host, say.
    pub fn set_update_urls(&self, base_url: &str) {
        lock(&self.state).update_urls = base_url.into();
    }

    /// What a recruiter sees of a result; `None` if there is none.
    #[must_use]
    pub fn shows(&self, result_id: &str) -> Option<Shown> {
        lock(&self.state).shown(result_id)
    }

    /// Moves Teamtailor's clock ahead. Only signatures know the time.
    pub fn time_passes(&self, by: Duration) {
        self.ahead_s.fetch_add(i64::try_from(by.as_secs()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Teamtailor's clock, in Unix seconds.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the ATS's clock is not the bridge's")]
    pub fn now(&self) -> i64 {
        jiff::Timestamp::now().as_second().saturating_add(self.ahead_s.load(Ordering::SeqCst))
    }

    /// A path below the Partner Base URL.
    fn url(&self, path: &str) -> String {
        format!("{}/{path}", lock(&self.state).hub.base.trim_end_matches('/'))
    }

    fn headers(&self, company: &str, bearer: &str) -> Vec<(&'static str, String)> {
        let mut headers = vec![("authorization", format!("Bearer {bearer}"))];
        let known = lock(&self.state).companies.get(company).and_then(|known| known.api_token.clone());
        headers.extend(known.map(|token| ("teamtailor-api-token", token)));
        headers
    }

    async fn get(&self, path: &str, company: &str, bearer: &str) -> Answer {
        let headers = self.headers(company, bearer);
        self.handle.caller.send(Outgoing::with(http::Method::GET, &self.url(path), &headers, String::new())).await
    }
}
