//! The results a vendor patches: where to, what becomes of them on the way, and what it expects to be answered.

use super::super::caller::Answer;
use super::office::Office;
use crate::Delivery;
use serde_json::Value;

/// A result that was delivered, or tried to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// What it is about.
    pub order_id: String,
    /// Its body.
    pub body: Value,
    /// What was answered; [`super::super::NO_ANSWER`] if nobody did.
    pub http_status: u16,
}

/// A patch that is still to be sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Patch {
    pub(super) order_id: String,
    pub(super) body: Value,
}

/// Where the vendor calls: its base URL, key and account in place of StackOne's.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) base_url: String,
    pub(super) key: String,
    pub(super) account_id: String,
}

/// Prints the URL only: the key may be a real one under `crosscheck dev`.
impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Target({})", self.base_url)
    }
}

#[derive(Debug, Default)]
pub(super) struct Results {
    pub(super) target: Option<Target>,
    pub(super) delivery: Delivery,
    pub(super) sent: Vec<Sent>,
    /// Every patch ever made, whatever became of it.
    made: Vec<Patch>,
    held: Vec<Patch>,
    unheard: Vec<Patch>,
}

impl Results {
    /// Takes a new patch and returns what is to be sent now.
    pub(super) fn make(&mut self, patch: Patch) -> Vec<Patch> {
        self.made.push(patch.clone());
        match self.delivery {
            Delivery::Once => vec![patch],
            Delivery::Twice => vec![patch.clone(), patch],
            Delivery::Lose => Vec::new(),
            Delivery::Hold => {
                self.held.push(patch);
                Vec::new()
            }
        }
    }

    pub(super) fn take_held(&mut self) -> Vec<Patch> {
        std::mem::take(&mut self.held)
    }

    pub(super) fn take_unheard(&mut self) -> Vec<Patch> {
        std::mem::take(&mut self.unheard)
    }

    /// Nobody there, 408, 429 and 5xx are tried again; any other refusal is final.
    pub(super) fn record(&mut self, patch: Patch, http_status: u16) {
        if matches!(http_status, super::super::NO_ANSWER | 408 | 429 | 500..) {
            self.unheard.push(patch.clone());
        }
        self.sent.push(Sent { order_id: patch.order_id, body: patch.body, http_status });
    }

    /// The `nth` patch ever made for an order, counted from 0.
    pub(super) fn nth(&self, order_id: &str, nth: usize) -> Option<Patch> {
        self.made.iter().filter(|one| one.order_id == order_id).nth(nth).cloned()
    }
}

/// An update is answered with 200 and StackOne's three fields, a refusal with the same three.
pub(super) fn check_updated(office: &mut Office, answer: &Answer) {
    check(office, "result", answer, 200);
}

/// A creation is answered with 201, the three fields and the new id.
pub(super) fn check_created(office: &mut Office, answer: &Answer) {
    check(office, "package", answer, 201);
    if answer.is_ok() && answer.str_at("/data/id").is_none_or(str::is_empty) {
        office.violation("package", "data.id is missing");
    }
}

fn check(office: &mut Office, operation: &str, answer: &Answer, right: u16) {
    let status = answer.http_status;
    if status == super::super::NO_ANSWER {
        return;
    }
    if answer.is_ok() && status != right {
        office.violation(operation, format!("answered with {status} instead of {right}"));
    }
    if answer.body.get("statusCode").and_then(Value::as_u64) != Some(status.into()) {
        office.violation(operation, format!("statusCode is not {status}"));
    }
    if answer.str_at("/message").is_none() {
        office.violation(operation, "message is missing");
    }
    if answer.str_at("/timestamp").is_none_or(|at| at.parse::<jiff::Timestamp>().is_err()) {
        office.violation(operation, "timestamp is missing or no time");
    }
}
