//! Lambda's part: the table's stream and the queue feed the order worker, the schedule runs the sync.

use std::sync::Arc;
use std::time::Duration;

use dynoxide::Database;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use serde_json::{Value, json};
use shared::flow::{Worker, handle_batch, sync};
use shared::store::WAKE;

use super::queue::Messages;

/// Time between two looks at the stream or the queue.
const TICK: Duration = Duration::from_millis(15);

/// Deliveries of a stream record before the on-failure destination would get it.
const DELIVERIES: usize = 3;

/// Feeds the worker with every stream record that the template's filter would let through.
pub(super) async fn stream(database: Database, mut position: Option<String>, worker: Worker) {
    loop {
        tokio::time::sleep(TICK).await;
        let Some(iterator) = position.clone() else {
            tracing::error!("the table has no stream to read");
            return;
        };
        let request = GetRecordsRequest { shard_iterator: iterator, ..GetRecordsRequest::default() };
        let Ok(answer) = database.get_records(request) else { continue };
        position = answer.next_shard_iterator.or(position);
        for record in answer.records {
            let wanted = record.dynamodb.new_image.as_ref().is_some_and(|image| image.contains_key(WAKE));
            if wanted && let Ok(record) = serde_json::to_value(record) {
                tokio::spawn(deliver(worker.clone(), record));
            }
        }
    }
}

/// The end of the newest shard, read before the doors open so that no order is missed. The first sync picks up orders
/// that were left undone before the start.
pub(super) fn newest(database: &Database, table: &str) -> Option<String> {
    let listed = database
        .list_streams(ListStreamsRequest { table_name: Some(table.to_owned()), ..ListStreamsRequest::default() })
        .ok()?;
    let stream_arn = listed.streams.last()?.stream_arn.clone();
    let described = database
        .describe_stream(DescribeStreamRequest { stream_arn: stream_arn.clone(), ..DescribeStreamRequest::default() })
        .ok()?;
    let shard_id = described.stream_description.shards.last()?.shard_id.clone();
    let request = GetShardIteratorRequest {
        stream_arn,
        shard_id,
        shard_iterator_type: "LATEST".to_owned(),
        ..GetShardIteratorRequest::default()
    };
    database.get_shard_iterator(request).ok()?.shard_iterator
}

async fn deliver(worker: Worker, record: Value) {
    for _ in 0..DELIVERIES {
        match handle_batch(&worker, json!({ "Records": [record] })).await {
            Ok(answer) if !failed(&answer) => return,
            _ => tokio::time::sleep(TICK).await,
        }
    }
}

/// Feeds the worker with the queue's messages as they fall due.
pub(super) async fn queue(messages: Arc<Messages>, worker: Worker) {
    loop {
        let Some((body, deliveries)) = messages.take() else {
            tokio::time::sleep(TICK).await;
            continue;
        };
        let (messages, worker) = (Arc::clone(&messages), worker.clone());
        tokio::spawn(async move {
            let batch = json!({ "Records": [{ "messageId": "local", "body": body }] });
            if !handle_batch(&worker, batch).await.is_ok_and(|answer| !failed(&answer)) {
                messages.failed(body, deliveries);
            }
        });
    }
}

fn failed(answer: &Value) -> bool {
    answer.get("batchItemFailures").and_then(Value::as_array).is_none_or(|failures| !failures.is_empty())
}

/// Runs the sync at once and then every so often.
pub(super) async fn schedule(every: Duration, worker: Worker) {
    let mut ticks = tokio::time::interval(every);
    loop {
        ticks.tick().await;
        let (store, now) = (&worker.services.store, worker.services.clock.now());
        if let Err(fault) = sync(store, &worker.queue, worker.config.retention_days, now).await {
            tracing::error!(fault = %fault, "sync failed");
        }
    }
}
