//! The order worker: asks what an order needs next, does it and records it, until the order needs nothing.

use std::time::Duration;

use super::Services;
use super::run::{Run, Step};
use super::step::step;
use crate::config::WorkerConfig;
use crate::error::Fault;
use crate::order::{Action, OrderId, Pass, next_action, worth_waiting};
use crate::queue::{MAX_ATTEMPTS, Message, Queue};
use crate::telemetry;

/// More steps than any order needs in one run; a run that reaches it goes on later.
const MAX_STEPS: usize = 24;

/// The order worker's tools.
#[derive(Clone)]
pub struct Worker {
    /// Store, secrets, HTTP client.
    pub services: Services,
    /// The queue on which orders wait for another attempt.
    pub queue: Queue,
    /// Settings.
    pub config: WorkerConfig,
}

/// How a run over an order ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rest {
    /// Nothing is outstanding, or only what a person has to do first.
    Quiet,
    /// Something failed that may work later: try again, no sooner than the other side asked for.
    Retry {
        /// What the other side asked for, if anything.
        after: Option<Duration>,
    },
    /// Nothing failed, but the order has to be looked at again after this time.
    Wait(Duration),
}

/// Advances one order as far as it goes. With `ask`, the worker asks the vendor even if nothing suggests news.
///
/// # Errors
/// `Platform` when our own table or secrets do not answer.
pub async fn advance(worker: &Worker, id: OrderId, ask: bool) -> Result<Rest, Fault> {
    let services = &worker.services;
    let Some(mut order) = services.store.order(id).await? else {
        tracing::warn!(order_id = %id, "no such order");
        return Ok(Rest::Quiet);
    };
    let Some(connection) = services.connection(&order.connection).await? else {
        tracing::error!(order_id = %id, connection_id = %order.connection, "the order's connection is gone");
        return Ok(Rest::Quiet);
    };
    let keys = services.keys(&connection).await?;
    let mut run = Run { worker, connection, keys };
    let mut pass = Pass { ask, retention_days: worker.config.retention_days, ..Pass::default() };
    let mut retry: Option<Option<Duration>> = None;
    for _ in 0..MAX_STEPS {
        let now = services.clock.now();
        let Some(action) = next_action(&order, &pass, now) else { break };
        tracing::debug!(order_id = %id, action = ?action, "step");
        match step(&mut run, &mut order, action, now).await? {
            // What is unknown again after a look-up and another attempt is looked up in the next run. What was pushed
            // during a question has called the worker itself.
            Step::Done if matches!(action, Action::LookUp | Action::Ask) => pass.tried.push(action),
            Step::Done | Step::Again => {}
            Step::Stale => order = services.store.order(id).await?.unwrap_or(order),
            Step::Blocked { passing, after } => {
                pass.tried.push(action);
                if passing {
                    retry = Some(retry.flatten().max(after));
                }
            }
        }
    }
    Ok(match (retry, worth_waiting(&order, run.connection.vendor.facts().settle, services.clock.now())) {
        (Some(after), _) => Rest::Retry { after },
        (None, Some(wait)) => Rest::Wait(wait.unsigned_abs()),
        (None, None) => Rest::Quiet,
    })
}

impl Worker {
    /// Advances the order of a message and puts it back on the queue when there is more to do later.
    ///
    /// # Errors
    /// After the last attempt, so that the message goes to the dead-letter queue, and when our own platform fails.
    pub async fn handle(&self, message: &Message) -> Result<(), Fault> {
        let Ok(id) = message.order_id.parse::<OrderId>() else {
            tracing::error!("a message without an order id is dropped");
            return Ok(());
        };
        let (next, delay) = match advance(self, id, message.ask).await? {
            Rest::Quiet => return Ok(()),
            Rest::Wait(delay) => (Message { ask: false, ..message.clone() }, delay),
            Rest::Retry { after } => {
                let Some(delay) = retry_delay(message.attempt, after, jitter()) else {
                    tracing::error!(order_id = %id, attempt = message.attempt, "given up until the hourly sync");
                    let detail = "every attempt failed; the hourly sync goes on with the order";
                    return Err(Fault::new(crate::error::FaultKind::Platform, "advance", detail));
                };
                (Message { attempt: message.attempt + 1, ..message.clone() }, delay)
            }
        };
        telemetry::count("RetryQueued");
        self.queue.send(&next, delay).await
    }
}

/// How long until the next attempt: 5 s doubled each time, at most 15 minutes, spread by a fifth either way, and no
/// sooner than the other side asked for. `None` after the last attempt. `jitter` is from 0 to 255.
pub fn retry_delay(attempt: u32, after: Option<Duration>, jitter: u8) -> Option<Duration> {
    if attempt >= MAX_ATTEMPTS {
        return None;
    }
    let base = Duration::from_secs(5 << attempt.min(8)).min(Duration::from_mins(15));
    let spread = base.mul_f64(0.8 + 0.4 * f64::from(jitter) / 255.0);
    Some(spread.max(after.unwrap_or_default()).min(Duration::from_mins(15)))
}

fn jitter() -> u8 {
    crate::signature::random::<1>().map_or(128, |[byte]| byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_honour_retry_after_and_end() {
        let plain: Vec<u64> =
            (0..MAX_ATTEMPTS).filter_map(|n| retry_delay(n, None, 127)).map(|d| d.as_secs()).collect();
        assert!(plain.windows(2).all(|w| w[0] < w[1] || w[1] >= 890), "{plain:?}");
        let asked = Some(Duration::from_secs(77));
        assert_eq!(retry_delay(0, asked, 0), asked);
        assert_eq!(retry_delay(0, Some(Duration::from_hours(24)), 0), Some(Duration::from_mins(15)));
        assert_eq!(retry_delay(MAX_ATTEMPTS, None, 0), None);
    }
}
