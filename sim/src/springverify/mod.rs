//! A SpringVerify India account: packages are listed, candidates are added and paid for, and
//! their status moves and is pushed. Written from what public clients show of it.
//!
//! Where the public sources are silent, this page says what is played. The list is served at both
//! `candidate/details?limit=&offset=` and `candidate?limit=&offset=`, because its path is not
//! stated. Reads carry no `meta_data` unless switched on. The same e-mail or phone is refused
//! however the earlier check ended. Without credits a candidate is added in code 12. A callback
//! that fails is not sent again. Each goes out by itself, or as part of one list when a test wants
//! that: pushes are said to be batched, and nobody says how.
//!
//! Operations, for faults and the log: `candidate/packages`, `candidate/add`,
//! `candidate/details`, `candidate/list`, `candidate/report/pdf`, and `reports` for signed links.

mod account;
mod api;
mod control;
mod pushes;
mod report;
mod request;
mod status;
#[cfg(test)]
mod tests;

pub use account::Package;
pub use control::Ordered;
pub use pushes::Pushed;
pub use status::STATUSES;

use super::caller::Answer;
use super::handle::Handle;
use super::server::ANY_PORT;
use super::{SimError, lock, new_id};
use account::Account;
use serde_json::Value;
use status::Status;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex};

/// A running SpringVerify. Clones are handles to the same one; it stops with the last of them.
#[derive(Clone)]
pub struct SimSpringVerify {
    account: Arc<Mutex<Account>>,
    handle: Handle,
}

impl Deref for SimSpringVerify {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl SimSpringVerify {
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
        let handle = Handle::start(address, Arc::new(api::Api(Arc::clone(&account))), "SpringVerify/1.0").await?;
        lock(&account).base_url = handle.origin();
        Ok(Self { account, handle })
    }

    /// The base URL of its API, without a slash at the end and without `/external`.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.handle.origin()
    }

    /// The check moves to a status of the table (or to a code nobody knows). Returns what our
    /// side answered, one status per delivery: nothing if nothing was sent.
    ///
    /// # Errors
    /// If there is no such candidate.
    pub async fn vendor_moves(&self, candidate_id: i64, code: i64) -> Result<Vec<u16>, SimError> {
        self.moves(candidate_id, Status::of(code)).await
    }

    /// Like [`SimSpringVerify::vendor_moves`], in words of the test's own choosing.
    ///
    /// # Errors
    /// If there is no such candidate.
    pub async fn vendor_says(&self, candidate_id: i64, code: i64, word: &str) -> Result<Vec<u16>, SimError> {
        self.moves(candidate_id, Status { code, word: word.into() }).await
    }

    async fn moves(&self, candidate_id: i64, status: Status) -> Result<Vec<u16>, SimError> {
        let bodies = {
            let mut account = lock(&self.account);
            let finished = status.is_finished();
            let body = account.moves(candidate_id, status)?;
            account.pushes.make(body, finished)
        };
        Ok(self.push_all(bodies).await)
    }

    /// Sends what [`Hold`](crate::Delivery::Hold) kept back, in the order it happened.
    pub async fn release_held(&self) -> Vec<u16> {
        let held = lock(&self.account).pushes.release();
        self.push_all(held).await
    }

    /// Sends what [`Hold`](crate::Delivery::Hold) kept back as one list, in the order it happened.
    pub async fn release_held_at_once(&self) -> Vec<u16> {
        let held = lock(&self.account).pushes.release();
        self.push_all(vec![Value::Array(held)]).await
    }

    /// Sends what [`Hold`](crate::Delivery::Hold) kept back, the latest first.
    pub async fn release_held_backwards(&self) -> Vec<u16> {
        let mut held = lock(&self.account).pushes.release();
        held.reverse();
        self.push_all(held).await
    }

    /// Sends the `nth` callback ever made about a candidate once more, word for word.
    ///
    /// # Errors
    /// If there was no such callback.
    pub async fn replay(&self, candidate_id: i64, nth: usize) -> Result<Vec<u16>, SimError> {
        let body = lock(&self.account).pushes.nth(candidate_id, nth);
        let body = body.ok_or_else(|| SimError::unknown("callback about", candidate_id))?;
        Ok(self.push_all(vec![body]).await)
    }

    /// Somebody who is not SpringVerify, or no longer, posts to the callback URL.
    ///
    /// # Errors
    /// If no callback URL is configured.
    pub async fn somebody_posts(&self, authorization: Option<&str>, body: &str) -> Result<Answer, SimError> {
        let target = lock(&self.account).pushes.target.clone();
        let target = target.ok_or_else(|| SimError::unknown("callback", "URL"))?;
        let authorization = authorization.map(str::to_owned);
        Ok(self.handle.caller.post(&target.url, authorization, body.to_owned()).await)
    }

    async fn push_all(&self, bodies: Vec<Value>) -> Vec<u16> {
        let mut statuses = Vec::new();
        for body in bodies {
            // Asked for every one: the answer to the one before may have disabled the endpoint.
            let Some(target) = lock(&self.account).pushes.open_target() else {
                break;
            };
            let bearer = Some(format!("Bearer {}", target.secret));
            let answer = self.handle.caller.post(&target.url, bearer, body.to_string()).await;
            lock(&self.account).pushes.record(body, answer.http_status);
            statuses.push(answer.http_status);
        }
        statuses
    }
}
