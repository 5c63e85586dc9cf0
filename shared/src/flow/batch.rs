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
    attributes: Option<Attributes>,
    dynamodb: Option<Change>,
}

#[derive(Deserialize)]
struct Attributes {
    /// How often SQS has delivered the message, this time included.
    #[serde(rename = "ApproximateReceiveCount")]
    receive_count: Option<String>,
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

/// Works through a batch, its orders side by side, and returns the records that Lambda has to deliver again. One
/// order's failure does not touch the others. A passing failure counts as done, because its order is on the retry
/// queue.
///
/// # Errors
/// When the event is not a batch at all.
pub async fn handle_batch(worker: &Worker, event: Value) -> Result<Value, NotABatch> {
    let batch: Batch = serde_json::from_value(event).map_err(|_| NotABatch)?;
    let (records, given_up): (Vec<Record>, Vec<Record>) = batch.records.into_iter().partition(|r| !was_given_up(r));
    let mut runs = JoinSet::new();
    for (message, ids) in grouped(records) {
        let worker = worker.clone();
        runs.spawn(async move {
            let order_id = message.order_id.clone();
            let run = worker.handle(&message).instrument(tracing::error_span!("order", order_id));
            match run.await {
                Ok(()) => Vec::new(),
                Err(fault) => {
                    tracing::error!(order_id, fault = %fault, "order not advanced");
                    ids
                }
            }
        });
    }
    // `join_all` passes a panic on, which fails the whole batch, so a run that panicked never counts as done.
    let ended = runs.join_all().await;
    let given_up = given_up.into_iter().filter_map(|record| record.message_id);
    let failures = ended.into_iter().flatten().chain(given_up).map(|id| json!({ "itemIdentifier": id }));
    Ok(json!({ "batchItemFailures": failures.collect::<Vec<_>>() }))
}

/// Whether the last attempt of this message was made already. SQS delivers it some more times until it is a dead letter;
/// each of them would be one more attempt at the vendor.
fn was_given_up(record: &Record) -> bool {
    let again =
        record.attributes.as_ref().and_then(|a| a.receive_count.as_ref()?.parse().ok()).is_some_and(|n: u32| n > 1);
    let message = record.body.as_ref().and_then(|body| serde_json::from_str::<Message>(body).ok());
    again && message.is_some_and(|message| message.is_last())
}

/// What there is to do, with the records that want it. Several records of one order are one run, which sees all that
/// they tell of: a burst of pushes is then one question.
fn grouped(records: Vec<Record>) -> Vec<(Message, Vec<String>)> {
    let mut groups: Vec<(Message, Vec<String>)> = Vec::new();
    for record in records {
        let Some((id, message)) = read(record) else {
            tracing::error!("a record without an order is dropped");
            continue;
        };
        match groups.iter_mut().find(|(known, _)| *known == message) {
            Some((_, ids)) => ids.push(id),
            None => groups.push((message, vec![id])),
        }
    }
    groups
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

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(records: &Value) -> Vec<(String, Vec<String>)> {
        let batch: Batch = serde_json::from_value(json!({ "Records": records })).expect("a batch");
        grouped(batch.records).into_iter().map(|(message, ids)| (message.order_id, ids)).collect()
    }

    #[test]
    fn the_last_attempt_is_not_made_again_when_its_message_is_delivered_again() {
        let record = |attempt: u32, count: Option<&str>| -> Record {
            let attributes = count.map(|count| json!({ "ApproximateReceiveCount": count }));
            let body = json!({ "order_id": "a", "attempt": attempt }).to_string();
            serde_json::from_value(json!({ "messageId": "m", "body": body, "attributes": attributes }))
                .expect("a record")
        };
        for (attempt, count, given_up) in [
            (9, Some("1"), false),
            (9, Some("2"), true),
            (10, Some("5"), true),
            (8, Some("4"), false), // it ended before it could send the next one
            (9, None, false),
            (9, Some("often"), false),
        ] {
            assert_eq!(was_given_up(&record(attempt, count)), given_up, "attempt {attempt}, delivery {count:?}");
        }
    }

    #[test]
    fn records_of_one_order_are_one_run_that_answers_for_all_of_them() {
        let change = |number: &str, order: &str| json!({ "dynamodb": { "SequenceNumber": number, "Keys": { "pk": { "S": format!("order#{order}") } } } });
        let found = groups(&json!([change("1", "a"), change("2", "b"), change("3", "a"), {}]));
        let group = |order: &str, ids: &[&str]| (order.to_owned(), ids.iter().map(|id| (*id).to_owned()).collect());
        assert_eq!(found, [group("a", &["1", "3"]), group("b", &["2"])]);
    }

    #[test]
    fn messages_that_differ_are_runs_of_their_own() {
        let message = |id: &str, body: Value| json!({ "messageId": id, "body": body.to_string() });
        let found = groups(&json!([
            message("1", json!({ "order_id": "a", "ask": true })),
            message("2", json!({ "order_id": "a" })),
            message("3", json!({ "order_id": "a", "attempt": 1 })),
            message("4", json!({ "order_id": "a", "attempt": 0, "ask": true })),
        ]));
        let ids: Vec<_> = found.into_iter().map(|(_, ids)| ids).collect();
        assert_eq!(ids, [vec!["1", "4"], vec!["2"], vec!["3"]]);
    }
}
