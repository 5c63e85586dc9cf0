//! What Lambda hands to the order worker: records of the table's stream, or messages of the retry queue.

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tracing::Instrument as _;

use super::Worker;
use crate::queue::Message;

#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "messageId")]
    message_id: Option<String>,
    body: Option<String>,
    dynamodb: Option<Change>,
}

#[derive(Deserialize)]
struct Change {
    #[serde(rename = "SequenceNumber")]
    sequence_number: Option<String>,
    #[serde(rename = "Keys")]
    keys: Option<Value>,
}

/// An event that is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the event is neither a batch of stream records nor of queue messages")]
pub struct NotABatch;

/// Works through a batch, its orders side by side, and answers which records are to be delivered again. One order's failure leaves the others
/// of the batch alone; what failed in passing is on the retry queue and counts as done.
///
/// # Errors
/// When the event is not a batch at all.
pub async fn handle_batch(worker: &Worker, event: Value) -> Result<Value, NotABatch> {
    let batch: Batch = serde_json::from_value(event).map_err(|_| NotABatch)?;
    let mut runs = JoinSet::new();
    for record in batch.records {
        let Some((id, message)) = read(record) else {
            tracing::error!("a record without an order is dropped");
            continue;
        };
        let worker = worker.clone();
        runs.spawn(async move {
            let order_id = message.order_id.clone();
            let run = worker.handle(&message).instrument(tracing::info_span!("order", order_id));
            run.await.err().map(|fault| {
                tracing::error!(order_id, fault = %fault, "order not advanced");
                json!({ "itemIdentifier": id })
            })
        });
    }
    // `join_all` passes a panic on, which fails the whole batch: a run that panicked is never taken for done.
    let ended = runs.join_all().await;
    Ok(json!({ "batchItemFailures": ended.into_iter().flatten().collect::<Vec<_>>() }))
}

/// The record's own id and the message that it stands for.
fn read(record: Record) -> Option<(String, Message)> {
    match (record.message_id, record.body, record.dynamodb) {
        (Some(id), Some(body), _) => Some((id, serde_json::from_str(&body).ok()?)),
        (_, _, Some(change)) => {
            let keys = change.keys?;
            let order_id = keys.get("pk")?.get("S")?.as_str()?.strip_prefix("order#")?.to_owned();
            Some((change.sequence_number?, Message { order_id, attempt: 0, ask: false }))
        }
        _ => None,
    }
}
