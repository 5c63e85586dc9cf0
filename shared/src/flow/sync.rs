//! The hourly sync: puts every order that may need work on the worker's queue. It decides nothing itself.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::error::Fault;
use crate::queue::{Message, Queue};
use crate::store::Store;
use crate::telemetry;

/// Spreads the messages, to spare the vendors: one minute per thousand orders.
const SPREAD_PER_THOUSAND: Duration = Duration::from_mins(1);

/// Queues every open order, and every closed one whose candidate's data is due to go. Returns how many.
///
/// # Errors
/// When the table or the queue does not answer. Queueing an order twice is harmless.
pub async fn sync(store: &Store, queue: &Queue, retention_days: i64, now: Timestamp) -> Result<usize, Fault> {
    let forget_before = now.checked_sub(SignedDuration::from_hours(24 * retention_days)).unwrap_or(Timestamp::MIN);
    let orders = store.outstanding(forget_before).await?;
    for (position, order) in orders.iter().enumerate() {
        let delay = SPREAD_PER_THOUSAND * u32::try_from(position / 1000).unwrap_or(u32::MAX);
        queue.send(&Message::sync(*order), delay).await?;
    }
    telemetry::count("SyncCompleted");
    tracing::info!(orders = orders.len(), "sync queued every order that is not at rest");
    Ok(orders.len())
}
