//! The updates a vendor sends: where to, with which time, and what becomes of them on the way.

use crate::Delivery;
use serde_json::{Value, json};
use std::collections::HashMap;

/// An update that was delivered, or tried to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// What it is about.
    pub assessment_id: String,
    /// Its body.
    pub body: Value,
    /// What was answered; [`super::super::NO_ANSWER`] if nobody did.
    pub http_status: u16,
}

/// Where the vendor calls: what an Ashby customer gave it.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) base_url: String,
    pub(super) api_key: String,
}

/// Prints the URL only: the key may be a real one under `crosscheck dev`.
impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Target({})", self.base_url)
    }
}

#[derive(Debug, Default)]
pub(super) struct Updates {
    pub(super) target: Option<Target>,
    pub(super) delivery: Delivery,
    pub(super) sent: Vec<Sent>,
    /// Every update ever made, whatever became of it.
    pub(super) made: Vec<Value>,
    held: Vec<Value>,
    unheard: Vec<Value>,
    last_ms: HashMap<String, i64>,
}

impl Updates {
    /// An empty update with a time later than every one before it for this assessment.
    pub(super) fn stamped(&mut self, id: &str) -> Value {
        let last = self.last_ms.get(id).copied().unwrap_or_default();
        let timestamp = now_ms().max(last + 1);
        self.last_ms.insert(id.into(), timestamp);
        json!({"assessment_id": id, "timestamp": timestamp})
    }

    /// Takes a new update and returns what is to be sent now.
    pub(super) fn make(&mut self, body: Value) -> Vec<Value> {
        self.made.push(body.clone());
        match self.delivery {
            Delivery::Once => vec![body],
            Delivery::Twice => vec![body.clone(), body],
            Delivery::Lose => Vec::new(),
            Delivery::Hold => {
                self.held.push(body);
                Vec::new()
            }
        }
    }

    pub(super) fn take_held(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.held)
    }

    pub(super) fn take_unheard(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.unheard)
    }

    /// Nobody there, 429 and 5xx are tried again; any other refusal is final.
    pub(super) fn record(&mut self, body: Value, http_status: u16) {
        if http_status == super::super::NO_ANSWER || http_status == 429 || http_status >= 500 {
            self.unheard.push(body.clone());
        }
        let assessment_id = about(&body).unwrap_or_default().to_owned();
        self.sent.push(Sent { assessment_id, body, http_status });
    }

    /// The first update about an assessment, with a time before all the others.
    pub(super) fn stale(&self, id: &str) -> Option<Value> {
        let mut first = self.nth(id, 0)?;
        let earlier = first.get("timestamp").and_then(Value::as_i64).unwrap_or_default() - 1;
        first.as_object_mut()?.insert("timestamp".into(), earlier.into());
        Some(first)
    }

    /// The `nth` update ever made about an assessment, counted from 0.
    pub(super) fn nth(&self, id: &str, nth: usize) -> Option<Value> {
        self.made.iter().filter(|body| about(body) == Some(id)).nth(nth).cloned()
    }
}

fn about(body: &Value) -> Option<&str> {
    body.get("assessment_id").and_then(Value::as_str)
}

#[expect(clippy::disallowed_methods, reason = "the vendor's clock is not the bridge's")]
fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_rise_within_a_millisecond_and_a_stale_update_is_older_than_all() {
        let mut updates = Updates::default();
        let times: Vec<_> = (0..50).map(|_| updates.stamped("a")["timestamp"].as_i64().unwrap()).collect();
        assert!(times.is_sorted_by(|before, after| before < after));
        updates.make(json!({"assessment_id": "a", "timestamp": 5}));
        updates.make(json!({"assessment_id": "a", "timestamp": 9}));
        assert_eq!(updates.stale("a").unwrap()["timestamp"], 4);
        assert_eq!(updates.stale("b"), None);
    }

    #[test]
    fn what_nobody_heard_is_tried_again_and_a_refusal_is_final() {
        let mut updates = Updates::default();
        for status in [0, 200, 400, 403, 429, 503] {
            updates.record(json!({"assessment_id": "a"}), status);
        }
        assert_eq!((updates.take_unheard().len(), updates.take_unheard().len(), updates.sent.len()), (3, 0, 6));
    }

    #[test]
    fn what_is_held_comes_out_once_and_what_is_lost_can_still_be_replayed() {
        let mut updates = Updates { delivery: Delivery::Hold, ..Updates::default() };
        assert!(updates.make(json!({"assessment_id": "a"})).is_empty());
        assert_eq!((updates.take_held().len(), updates.take_held().len()), (1, 0));
        updates.delivery = Delivery::Lose;
        assert!(updates.make(json!({"assessment_id": "a", "n": 2})).is_empty());
        assert_eq!(updates.nth("a", 1).unwrap()["n"], 2);
    }
}
