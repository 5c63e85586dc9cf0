//! A stand-in for the SQS queue: messages with a delay, three deliveries each, then the dead letters.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::clock::Clock;

/// Deliveries of one message before it is a dead letter, as the template's redrive policy says.
const DELIVERIES: u32 = 3;

/// How long a failed message stays away.
const VISIBILITY: Duration = Duration::from_mins(1);

struct Waiting {
    due: Timestamp,
    body: String,
    deliveries: u32,
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
        self.add(body, Duration::from_secs(delay), 0);
        json!({ "MessageId": uuid::Uuid::now_v7().to_string() })
    }

    /// A message that is due, with the number of its deliveries so far.
    pub(super) fn take(&self) -> Option<(String, u32)> {
        let now = self.clock.now();
        let mut state = self.lock();
        let at = state.waiting.iter().position(|m| m.due <= now)?;
        let message = state.waiting.swap_remove(at);
        Some((message.body, message.deliveries))
    }

    /// Puts a failed message back, or moves it to the dead letters.
    pub(super) fn failed(&self, body: String, deliveries: u32) {
        if deliveries + 1 < DELIVERIES {
            self.add(body, VISIBILITY, deliveries + 1);
        } else {
            self.lock().dead += 1;
            tracing::error!("a message went to the dead letters; the hourly sync goes on with its order");
        }
    }

    fn add(&self, body: String, delay: Duration, deliveries: u32) {
        let due = self.clock.now().checked_add(delay).unwrap_or(Timestamp::MAX);
        self.lock().waiting.push(Waiting { due, body, deliveries });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
