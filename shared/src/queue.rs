//! The retry queue: order ids with a delay, never people.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{Fault, FaultKind, aws_code};
use crate::order::OrderId;

/// Longest delay that SQS offers.
pub const MAX_DELAY: Duration = Duration::from_mins(15);

/// Failed runs after which the order goes to the dead-letter queue. The delays before add up to some 40 minutes; the
/// hourly sync goes on after that.
pub const MAX_ATTEMPTS: u32 = 9;

/// What is on the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The order to look at.
    pub order_id: String,
    /// How many runs have failed so far.
    #[serde(default)]
    pub attempt: u32,
    /// Whether to ask the vendor even if nothing suggests news.
    #[serde(default)]
    pub ask: bool,
}

impl Message {
    /// Whether nothing comes after this attempt but the dead letters.
    pub const fn is_last(&self) -> bool {
        self.attempt >= MAX_ATTEMPTS
    }

    /// The hourly sync's message for one order.
    pub fn sync(order: OrderId) -> Self {
        Self { order_id: order.to_string(), attempt: 0, ask: true }
    }
}

/// The retry queue.
#[derive(Debug, Clone)]
pub struct Queue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl Queue {
    /// The queue at this URL.
    pub const fn new(client: aws_sdk_sqs::Client, url: String) -> Self {
        Self { client, url }
    }

    /// Sends one message that becomes visible after `delay` (at most [`MAX_DELAY`]).
    ///
    /// # Errors
    /// When SQS does not take it; the caller must then not report success for the order.
    pub async fn send(&self, message: &Message, delay: Duration) -> Result<(), Fault> {
        let body = serde_json::to_string(message).unwrap_or_default();
        let delay = i32::try_from(delay.min(MAX_DELAY).as_secs()).unwrap_or(900);
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .delay_seconds(delay)
            .send()
            .await
            .map(drop)
            .map_err(|e| Fault::new(FaultKind::Platform, "sqs:SendMessage", aws_code(&e)))
    }
}
