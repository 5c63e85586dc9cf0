//! What Lambda hands to the order worker: records of the table's stream, or messages of the retry queue.

use serde::Deserialize;
use serde_json::{Value, json};

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

/// Works through a batch and answers which records are to be delivered again. One order's failure leaves the others
/// of the batch alone; what failed in passing is on the retry queue and counts as done.
///
/// # Errors
/// When the event is not a batch at all.
pub async fn handle_batch(worker: &Worker, event: Value) -> Result<Value, NotABatch> {
    let batch: Batch = serde_json::from_value(event).map_err(|_| NotABatch)?;
    let mut failures = Vec::new();
    for record in batch.records {
        let Some((id, message)) = read(record) else {
            tracing::error!("a record without an order is dropped");
            continue;
        };
        if let Err(fault) = worker.handle(&message).await {
            tracing::error!(order_id = message.order_id, fault = %fault, "order not advanced");
            failures.push(json!({ "itemIdentifier": id }));
        }
    }
    Ok(json!({ "batchItemFailures": failures }))
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
