//! SmartRecruiters with one assessment partner and any number of customers, by the Assessment API of
//! 2021 (`v202010`): the partner publishes its doors and connects customers, orders are pushed to it,
//! results are patched back. Written from its published specifications.
//!
//! Where SmartRecruiters' rule is not public, this page says what is played. A field that is not
//! documented is refused with 400. The order of refusals of a connection is scope, body, consent,
//! configuration, conflict. A disconnected customer's pair and tokens are void. Every status may follow
//! every other. An order is known from before the call that places it, whatever the answer. A candidate
//! for whom only other companies ordered is not found. A token that a door refuses is kept. Results ask
//! for `application/json`, inline results are taken at once, ids replace a placeholder in an address if
//! it has one, the `requester` header is `email,<address>`, orders name the candidate in full: these five can be
//! switched.
//!
//! Operations, for faults and the log: `oauth/token`, `partner/configuration`, `integration/company`,
//! `orders/results`, `orders/results/attachment` (always 404), `candidates`, `jobs`, and for browsers
//! `inline/completed` and `connected`.

mod answers;
mod api;
mod partner;
mod people;
mod refusal;
mod shape;
mod shown;
mod state;
#[cfg(test)]
mod tests;
mod tokens;
mod traffic;
mod wire;

pub use partner::Person;
pub use people::Job;
pub use refusal::{rate_limited, refusal};
pub use shown::{Attachment, Dates, Score, Shown};
pub use traffic::{CALLS_PER_SECOND, CONCURRENT_CALLS, Load};

use super::handle::Handle;
use super::server::ANY_PORT;
use super::{SimError, lock};
use serde_json::Value;
use state::State;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex};

/// How an id gets into an address of the configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdInUrl {
    /// It replaces `{assessmentPackageId}` or `{companyId}`; without a placeholder it is appended.
    #[default]
    Replaced,
    /// It is appended as one more path segment, whatever the address looks like.
    Appended,
}

/// How the `requester` header of the package list is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequesterHeader {
    /// `email,joe@x.com`.
    #[default]
    Simple,
    /// `{"email":"joe@x.com"}`.
    Json,
    /// Not at all.
    Absent,
}

/// A running SmartRecruiters. Clones are handles to the same one; it stops with the last of them.
#[derive(Clone)]
pub struct SimSmartRecruiters {
    state: Arc<Mutex<State>>,
    handle: Handle,
}

impl Deref for SimSmartRecruiters {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl SimSmartRecruiters {
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
        let handle = Handle::start(address, Arc::new(api::Api(Arc::clone(&state))), "SmartRecruiters/1.0").await?;
        lock(&state).base_url = handle.origin();
        Ok(Self { state, handle })
    }

    /// The base URL of its API, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.handle.origin()
    }

    /// The partner-level client id and secret.
    #[must_use]
    pub fn master_pair(&self) -> (String, String) {
        let master = lock(&self.state).tokens.master.clone();
        (master.id, master.secret)
    }

    /// Sets the partner-level pair, so that a demo can be restarted without a new configuration.
    pub fn set_master_pair(&self, client_id: &str, client_secret: &str) {
        let (id, secret) = (client_id.to_owned(), client_secret.to_owned());
        lock(&self.state).tokens.master = tokens::Pair { id, secret };
    }

    /// Sets the `expires_in` of new tokens, in seconds. It is 1800 at first, which is not public.
    pub fn set_token_lifetime(&self, seconds: u64) {
        lock(&self.state).tokens.lifetime_s = seconds;
    }

    /// Makes each new token expire after so many calls.
    pub fn set_token_uses(&self, uses: Option<usize>) {
        lock(&self.state).tokens.uses = uses;
    }

    /// Every token it gave out expires now.
    pub fn expire_tokens(&self) {
        lock(&self.state).tokens.expire_all();
    }

    /// Makes it drop the token it holds for the partner's doors and fetch one with the next call.
    pub fn forget_token(&self, company: &str) {
        if let Some(integration) = lock(&self.state).companies.get_mut(company).and_then(|one| one.integration.as_mut())
        {
            integration.token = None;
        }
    }

    /// Sets whether its orders leave out what the specification does not require of a candidate: e-mail and family name.
    pub fn send_short_orders(&self, short: bool) {
        lock(&self.state).ways.orders_are_short = short;
    }

    /// Sets whether results are taken as `application/merge-patch+json` only and 415 answers the rest.
    pub fn demand_merge_patch(&self, demand: bool) {
        lock(&self.state).ways.merge_patch_only = demand;
    }

    /// Sets whether an inline order is 404 to results until the applicant has come back.
    pub fn hide_inline_orders_until_finished(&self, hide: bool) {
        lock(&self.state).ways.hide_unfinished_inline = hide;
    }

    /// Sets how ids get into addresses.
    pub fn set_id_in_url(&self, form: IdInUrl) {
        lock(&self.state).ways.id_in_url = form;
    }

    /// Sets how the `requester` header is written.
    pub fn set_requester_header(&self, style: RequesterHeader) {
        lock(&self.state).ways.requester_header = style;
    }

    /// Enforces the rate limits: so many calls per credential until [`Self::next_window`], and eight at
    /// once. `None`, as at first, refuses nobody and only counts more than eight at once.
    pub fn enforce_limits(&self, calls_per_window: Option<usize>) {
        lock(&self.state).traffic.enforced = calls_per_window;
    }

    /// A second passes for the rate limit.
    pub fn next_window(&self) {
        lock(&self.state).traffic.next_window();
    }

    /// How hard it was pressed.
    #[must_use]
    pub fn load(&self) -> Load {
        lock(&self.state).traffic.load
    }

    /// What the partner published, as it was sent.
    #[must_use]
    pub fn configuration(&self) -> Option<Value> {
        lock(&self.state).configuration.clone()
    }

    /// An admin of the company clicks "Authorize and continue".
    pub fn consent(&self, company: &str) {
        lock(&self.state).companies.entry(company.to_owned()).or_default().consented = true;
    }

    /// An admin takes the consent back; an existing connection stays.
    pub fn unconsent(&self, company: &str) {
        if let Some(company) = lock(&self.state).companies.get_mut(company) {
            company.consented = false;
        }
    }

    /// Whether the partner has connected the company.
    #[must_use]
    pub fn is_connected(&self, company: &str) -> bool {
        lock(&self.state).companies.get(company).is_some_and(|one| one.integration.is_some())
    }

    /// The client id and secret the partner minted for a company.
    #[must_use]
    pub fn partner_pair(&self, company: &str) -> Option<(String, String)> {
        let state = lock(&self.state);
        let pair = &state.companies.get(company)?.integration.as_ref()?.pair;
        Some((pair.id.clone(), pair.secret.clone()))
    }

    /// Adds a candidate for the job that was added last; returns the id.
    #[must_use]
    pub fn add_candidate(&self, first: &str, last: &str, email: &str, phone: Option<&str>) -> String {
        lock(&self.state).people.add_candidate((first, last), email, phone)
    }

    /// A recruiter enters, corrects or removes a candidate's phone number.
    ///
    /// # Errors
    /// If the candidate is unknown.
    pub fn set_phone(&self, candidate_id: &str, phone: Option<&str>) -> Result<(), SimError> {
        lock(&self.state).people.set_phone(candidate_id, phone)
    }

    /// Corrects a candidate's e-mail address.
    ///
    /// # Errors
    /// If there is no such candidate.
    pub fn set_email(&self, candidate_id: &str, email: &str) -> Result<(), SimError> {
        lock(&self.state).people.set_email(candidate_id, email)
    }

    /// Adds a job and returns its id. There is one from the start.
    pub fn add_job(&self, job: Job) -> String {
        lock(&self.state).people.add_job(job)
    }

    /// Gives a mapped custom field its value; it is sent if the configuration has a field of that id.
    pub fn set_field_value(&self, field_id: &str, value: &str) {
        lock(&self.state).field_values.insert(field_id.into(), value.into());
    }

    /// The applicant's browser comes back from an inline assessment.
    ///
    /// # Errors
    /// If there is no such inline order.
    pub fn applicant_returns(&self, order_id: &str) -> Result<(), SimError> {
        let mut state = lock(&self.state);
        let finished = state.orders.get_mut(order_id).and_then(|order| order.finished.as_mut());
        *finished.ok_or_else(|| SimError::unknown("inline order", order_id))? = true;
        Ok(())
    }

    /// What the candidate's profile shows of an order; `None` if it was never placed.
    #[must_use]
    pub fn shows(&self, order_id: &str) -> Option<Shown> {
        lock(&self.state).orders.get(order_id).map(|order| Shown::of(&order.result, order.history.len()))
    }

    /// The patches that were applied to an order, in order.
    #[must_use]
    pub fn history(&self, order_id: &str) -> Vec<Value> {
        lock(&self.state).orders.get(order_id).map(|order| order.history.clone()).unwrap_or_default()
    }

    /// The ids of all orders, oldest first.
    #[must_use]
    pub fn orders(&self) -> Vec<String> {
        lock(&self.state).orders.keys().cloned().collect()
    }

    /// Everything the partner did against the protocol, one sentence each. A test ends by asserting
    /// that there is none.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        lock(&self.state).violations.clone()
    }
}
