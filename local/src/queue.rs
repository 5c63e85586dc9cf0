//! A stand-in for the SQS queue: messages with a delay, five deliveries each, then the dead letters.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::clock::Clock;

use super::activity::{Activity, UnderWay};

/// Deliveries of one message before it is a dead letter, as the template's redrive policy says.
pub const DELIVERIES: u32 = 5;

/// How long a failed message stays away.
const VISIBILITY: Duration = Duration::from_mins(1);

struct Waiting {
    due: Timestamp,
    message: Taken,
}

/// A message that is being delivered.
pub(super) struct Taken {
    /// What was sent.
    pub(super) body: String,
    deliveries: u32,
}

impl Taken {
    /// The record that Lambda makes of it.
    pub(super) fn record(&self) -> Value {
        let attributes = json!({ "ApproximateReceiveCount": (self.deliveries + 1).to_string() });
        json!({ "messageId": "local", "body": self.body, "attributes": attributes })
    }
}

#[derive(Default)]
struct State {
    waiting: Vec<Waiting>,
    dead: usize,
}

/// The messages of a local stack.
pub(super) struct Messages {
    clock: Clock,
    state: Mutex<State>,
}

impl Messages {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, state: Mutex::default() }
    }

    /// `SendMessage`.
    pub(super) fn send(&self, input: &Value) -> Value {
        let body = input.get("MessageBody").and_then(Value::as_str).unwrap_or_default().to_owned();
        let delay = input.get("DelaySeconds").and_then(Value::as_u64).unwrap_or_default();
        self.add(Taken { body, deliveries: 0 }, Duration::from_secs(delay));
        json!({ "MessageId": uuid::Uuid::now_v7().to_string() })
    }

    /// A message that is due. It is under way before it is off the queue, so that it is always in one of the two.
    pub(super) fn take(&self, activity: &Activity) -> Option<(Taken, UnderWay)> {
        let now = self.clock.now();
        let mut state = self.lock();
        let at = state.waiting.iter().position(|m| m.due <= now)?;
        let under_way = activity.begin();
        Some((state.waiting.swap_remove(at).message, under_way))
    }

    /// When the next message falls due, if there is one.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.lock().waiting.iter().map(|m| m.due).min()
    }

    /// Puts a failed message back, or moves it to the dead letters.
    pub(super) fn failed(&self, message: Taken) {
        let deliveries = message.deliveries + 1;
        if deliveries < DELIVERIES {
            self.add(Taken { deliveries, ..message }, VISIBILITY);
        } else {
            self.lock().dead += 1;
            tracing::error!("a message went to the dead letters; the hourly sync goes on with its order");
        }
    }

    fn add(&self, message: Taken, delay: Duration) {
        let due = self.clock.now().checked_add(delay).unwrap_or(Timestamp::MAX);
        self.lock().waiting.push(Waiting { due, message });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
