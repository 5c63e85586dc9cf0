//! A vendor that integrated with StackOne's unified ATS protocol: it lists its packages on request,
//! receives an event for each order, and calls `/unified/ats/…` on whoever plays StackOne for it.
//! Written from StackOne's specification and sample consumer, and from Standard Webhooks.
//!
//! Where the public sources are silent, this page says what is played. The order is the event's
//! `event_data`. The same `record_id` is the same order, however often it comes. The package list
//! takes `next` as a query parameter. An event is answered with the text `ok`, as in the sample;
//! a vendor that gives candidate links answers JSON with `test_url`.
//!
//! Operations, for faults and the log: `packages`, `webhook`.

mod api;
mod control;
mod envelope;
mod office;
mod results;
mod signing;
#[cfg(test)]
mod tests;

pub use office::{Ordered, Package};
pub use results::Sent;
pub use signing::Signing;

use super::caller::{Answer, Outgoing, basic};
use super::handle::Handle;
use super::server::ANY_PORT;
use super::{SimError, lock};
use office::Office;
use reqwest::Method;
use results::{Patch, Target};
use serde_json::{Value, json};
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex};

/// The half of the API that checks belong to.
const API: &str = "/unified/ats/background_checks";

/// A running vendor. Clones are handles to the same one; it stops with the last of them.
#[derive(Clone)]
pub struct SimStackOneVendor {
    office: Arc<Mutex<Office>>,
    handle: Handle,
}

impl Deref for SimStackOneVendor {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl SimStackOneVendor {
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
        let handle =
            Handle::start(address, Arc::new(api::Api(Arc::clone(&office))), "vendor-behind-stackone/1.0").await?;
        Ok(Self { office, handle })
    }

    /// The URL of its webhook, as it is configured in StackOne.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}{}", self.handle.origin(), api::WEBHOOK)
    }

    /// The URL of its package list, as it is configured in StackOne.
    #[must_use]
    pub fn packages_url(&self) -> String {
        format!("{}{}", self.handle.origin(), api::PACKAGES)
    }

    /// Puts packages on the list of whoever plays StackOne, and remembers the ids it gives.
    ///
    /// # Errors
    /// If no target is configured.
    pub async fn pushes_packages(&self, packages: &[(&str, &str)]) -> Result<Vec<Answer>, SimError> {
        let target = self.target()?;
        let mut answers = Vec::new();
        for (name, description) in packages {
            let body = json!({"name": name, "description": description, "tests": []});
            let answer = self.call(&target, Method::POST, &format!("{API}/packages"), &body).await;
            let mut office = lock(&self.office);
            results::check_created(&mut office, &answer);
            if let Some(id) = answer.str_at("/data/id").filter(|_| answer.is_ok()) {
                office.keep(id, name, description);
            }
            answers.push(answer);
        }
        Ok(answers)
    }

    /// Changes or drops a package, or reads the list or one of it: a call of the packages API below
    /// `/packages`, such as `PATCH`, `/id`.
    ///
    /// # Errors
    /// If no target is configured.
    pub async fn calls_packages(&self, method: Method, rest: &str, body: &Value) -> Result<Answer, SimError> {
        let target = self.target()?;
        Ok(self.call(&target, method, &format!("{API}/packages{rest}"), body).await)
    }

    /// Reads an order of its own.
    ///
    /// # Errors
    /// If no target is configured.
    pub async fn reads_order(&self, order_id: &str) -> Result<Answer, SimError> {
        let target = self.target()?;
        Ok(self.call(&target, Method::GET, &format!("{API}/orders/{order_id}"), &Value::Null).await)
    }

    /// The check moves: a `result.value`, the vendor's own word for it, and whatever else the patch
    /// carries, such as `{"score": {…}, "result_url": "https://…"}`. Returns what was answered, one
    /// status per delivery.
    ///
    /// # Errors
    /// If there is no such order.
    pub async fn vendor_moves(
        &self,
        order_id: &str,
        value: &str,
        source_value: Option<&str>,
        extras: &Value,
    ) -> Result<Vec<u16>, SimError> {
        let patches = lock(&self.office).moves(order_id, value, source_value, extras)?;
        Ok(self.send_all(patches).await)
    }

    /// Patches single fields of a result and no status.
    ///
    /// # Errors
    /// If there is no such order.
    pub async fn vendor_adds(&self, order_id: &str, fields: Value) -> Result<Vec<u16>, SimError> {
        let patches = lock(&self.office).adds(order_id, fields)?;
        Ok(self.send_all(patches).await)
    }

    /// Sends the `nth` patch ever made for an order once more, word for word.
    ///
    /// # Errors
    /// If there was no such patch.
    pub async fn replay(&self, order_id: &str, nth: usize) -> Result<Vec<u16>, SimError> {
        let patch = lock(&self.office).results.nth(order_id, nth);
        let patch = patch.ok_or_else(|| SimError::unknown("patch for", order_id))?;
        Ok(self.send_all(vec![patch]).await)
    }

    /// Sends what [`Hold`](crate::Delivery::Hold) kept back, in the order it happened.
    pub async fn release_held(&self) -> Vec<u16> {
        let held = lock(&self.office).results.take_held();
        self.send_all(held).await
    }

    /// Sends what [`Hold`](crate::Delivery::Hold) kept back, the latest first.
    pub async fn release_held_backwards(&self) -> Vec<u16> {
        let mut held = lock(&self.office).results.take_held();
        held.reverse();
        self.send_all(held).await
    }

    /// Sends again what met nobody, a 408, a 429 or a 5xx.
    pub async fn redeliver(&self) -> Vec<u16> {
        let unheard = lock(&self.office).results.take_unheard();
        self.send_all(unheard).await
    }

    /// Somebody who is not the vendor calls a path such as `/unified/ats/…`, with exactly these
    /// headers.
    ///
    /// # Errors
    /// If no target is configured.
    pub async fn somebody_calls(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: &str,
    ) -> Result<Answer, SimError> {
        let url = format!("{}{path}", self.target()?.base_url);
        Ok(self.handle.caller.send(Outgoing::with(method, &url, headers, body.to_owned())).await)
    }

    fn target(&self) -> Result<Target, SimError> {
        lock(&self.office).results.target.clone().ok_or_else(|| SimError::unknown("target", "URL"))
    }

    async fn call(&self, target: &Target, method: Method, path: &str, body: &Value) -> Answer {
        let url = format!("{}{path}", target.base_url);
        let mut headers = vec![
            ("authorization", basic(&target.key, "")),
            ("x-account-id", target.account_id.clone()),
            ("accept", "application/json".to_owned()),
        ];
        let mut text = String::new();
        if !body.is_null() {
            headers.push(("content-type", "application/json".to_owned()));
            text = body.to_string();
        }
        self.handle.caller.send(Outgoing::with(method, &url, &headers, text)).await
    }

    async fn send_all(&self, patches: Vec<Patch>) -> Vec<u16> {
        let mut statuses = Vec::new();
        for patch in patches {
            let Ok(target) = self.target() else { break };
            let path = office::result_path(&patch.order_id);
            let answer = self.call(&target, Method::PATCH, &path, &patch.body).await;
            let mut office = lock(&self.office);
            results::check_updated(&mut office, &answer);
            office.results.record(patch, answer.http_status);
            statuses.push(answer.http_status);
        }
        statuses
    }
}
