//! What the vendor tells us by itself: who is told, what is pushed, and what happens to it on
//! the way.

use crate::Delivery;
use serde_json::Value;

/// A callback that was delivered, or tried to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Pushed {
    /// Whom it is about.
    pub candidate_id: i64,
    /// Its body.
    pub body: Value,
    /// What we answered; [`super::super::NO_ANSWER`] if nobody did.
    pub http_status: u16,
}

/// Where callbacks go. Registered by SpringVerify staff, not by an API.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) url: String,
    pub(super) secret: String,
}

/// Prints the URL only: the secret may be a real one under `crosscheck dev`.
impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Target({})", self.url)
    }
}

#[derive(Debug, Default)]
pub(super) struct Pushes {
    pub(super) target: Option<Target>,
    /// An endpoint that answered 401 or 403 is disabled until it is configured anew.
    pub(super) disabled: bool,
    pub(super) interim: bool,
    pub(super) delivery: Delivery,
    pub(super) pushed: Vec<Pushed>,
    /// Every callback ever made, whatever became of it.
    pub(super) made: Vec<Value>,
    held: Vec<Value>,
}

impl Pushes {
    /// Takes a new callback and returns what is to be sent now.
    pub(super) fn make(&mut self, body: Value, finished: bool) -> Vec<Value> {
        if !finished && !self.interim {
            return Vec::new();
        }
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

    pub(super) fn release(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.held)
    }

    /// Where to send, unless nobody is to be told.
    pub(super) fn open_target(&self) -> Option<Target> {
        self.target.clone().filter(|_| !self.disabled)
    }

    pub(super) fn record(&mut self, body: Value, http_status: u16) {
        self.disabled |= matches!(http_status, 401 | 403);
        let candidate_id = candidate_of(&body).unwrap_or_default();
        self.pushed.push(Pushed { candidate_id, body, http_status });
    }

    /// The `nth` callback ever made about a candidate, counted from 0.
    pub(super) fn nth(&self, candidate_id: i64, nth: usize) -> Option<Value> {
        let about = |body: &&Value| candidate_of(body) == Some(candidate_id);
        self.made.iter().filter(about).nth(nth).cloned()
    }
}

fn candidate_of(body: &Value) -> Option<i64> {
    body.get("candidate_id").and_then(Value::as_i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_finished_outcomes_are_pushed_until_staff_enables_the_others() {
        let mut pushes = Pushes::default();
        assert!(pushes.make(json!({"candidate_id": 1}), false).is_empty());
        assert_eq!(pushes.make(json!({"candidate_id": 1}), true).len(), 1);
        pushes.interim = true;
        assert_eq!(pushes.make(json!({"candidate_id": 1}), false).len(), 1);
    }

    #[test]
    fn what_is_held_comes_out_once_and_what_is_lost_can_still_be_replayed() {
        let mut pushes = Pushes { delivery: Delivery::Hold, ..Pushes::default() };
        assert!(pushes.make(json!({"candidate_id": 1}), true).is_empty());
        assert_eq!((pushes.release().len(), pushes.release().len()), (1, 0));
        pushes.delivery = Delivery::Lose;
        assert!(pushes.make(json!({"candidate_id": 1, "n": 2}), true).is_empty());
        assert_eq!(pushes.nth(1, 1).unwrap()["n"], 2);
    }
}
