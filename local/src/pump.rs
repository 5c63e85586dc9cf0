//! Lambda's part: the table's stream and the queue feed the order worker, the schedule runs the sync.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dynoxide::Database;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::{GetRecordsRequest, Record};
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use serde_json::{Value, json};
use shared::flow::{Worker, handle_batch, sync};
use shared::store::WAKE;

use super::activity::{Activity, UnderWay};
use super::queue::{Messages, Taken};

/// Deliveries of a stream record before the on-failure destination would get it.
const DELIVERIES: usize = 3;

/// Time between two deliveries of the same stream record.
const DELIVER_AGAIN: Duration = Duration::from_millis(15);

/// Time between two looks at what other processes may have written (the operator's command, say) and at the clock. What
/// this process writes is looked at as soon as whoever wrote it is done.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// What starts the worker's runs. Clones share the position in the stream.
#[derive(Clone)]
pub(super) struct Pump {
    database: Database,
    worker: Worker,
    messages: Arc<Messages>,
    activity: Activity,
    stream: Arc<Mutex<Position>>,
}

/// How far the stream is read.
struct Position {
    iterator: String,
    /// Writes of this process that had been made by then. The embedded DynamoDB searches its whole stream at each look,
    /// so it is asked only when there is reason to.
    writes: usize,
}

impl Pump {
    /// From the end of the stream on, which is taken before the doors open so that no order is missed. What was left
    /// undone before the start is the first sync's work.
    pub(super) fn new(
        database: Database,
        table: &str,
        worker: Worker,
        messages: Arc<Messages>,
        activity: Activity,
    ) -> Option<Self> {
        let stream = Arc::new(Mutex::new(Position { iterator: newest(&database, table)?, writes: 0 }));
        Some(Self { database, worker, messages, activity, stream })
    }

    /// Looks again and again, until the task is aborted.
    pub(super) async fn run(self) {
        loop {
            self.look_everywhere();
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Starts a run for everything that this process wrote to the table, and for every message that is due.
    pub(super) fn look(&self) {
        self.read_stream(false);
        self.take_messages();
    }

    /// The same, and for what other processes wrote.
    fn look_everywhere(&self) {
        self.read_stream(true);
        self.take_messages();
    }

    fn take_messages(&self) {
        while let Some((message, under_way)) = self.messages.take(&self.activity) {
            tokio::spawn(self.clone().deliver_message(message, under_way));
        }
    }

    /// Whether nothing is under way, the stream is read to its end and no message is due. Starts what it finds.
    pub(super) fn is_idle(&self) -> bool {
        let begun = self.activity.begun();
        if !self.activity.is_none() {
            return false;
        }
        self.look_everywhere();
        begun == self.activity.begun()
    }

    /// Starts a run for every new record that the template's filter would let through.
    fn read_stream(&self, whoever_wrote: bool) {
        let mut position = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        let writes = self.activity.writes();
        if writes == position.writes && !whoever_wrote {
            return;
        }
        position.writes = writes;
        while let Some(records) = self.next_records(&mut position.iterator) {
            records.into_iter().filter(wakes).for_each(|record| self.start(record));
            self.activity.changed();
        }
    }

    /// The next records of the stream, if there are any.
    fn next_records(&self, iterator: &mut String) -> Option<Vec<Record>> {
        let request = GetRecordsRequest { shard_iterator: iterator.clone(), ..GetRecordsRequest::default() };
        let answer = self.database.get_records(request);
        let answer = answer.inspect_err(|problem| tracing::error!(%problem, "the stream cannot be read")).ok()?;
        *iterator = answer.next_shard_iterator.filter(|_| !answer.records.is_empty())?;
        Some(answer.records)
    }

    fn start(&self, record: Record) {
        if let Ok(record) = serde_json::to_value(record) {
            tokio::spawn(self.clone().deliver_record(record, self.activity.begin()));
        }
    }

    async fn deliver_record(self, record: Value, under_way: UnderWay) {
        for _ in 0..DELIVERIES {
            match handle_batch(&self.worker, json!({ "Records": [record] })).await {
                Ok(answer) if !failed(&answer) => break,
                _ => tokio::time::sleep(DELIVER_AGAIN).await,
            }
        }
        self.ended(under_way);
    }

    async fn deliver_message(self, message: Taken, under_way: UnderWay) {
        let batch = json!({ "Records": [message.record()] });
        if !handle_batch(&self.worker, batch).await.is_ok_and(|answer| !failed(&answer)) {
            self.messages.failed(message);
        }
        self.ended(under_way);
    }

    /// What the run wrote is looked at before the run counts as ended.
    pub(super) fn ended(&self, under_way: UnderWay) {
        self.look();
        drop(under_way);
    }
}

fn wakes(record: &Record) -> bool {
    record.dynamodb.new_image.as_ref().is_some_and(|image| image.contains_key(WAKE))
}

/// The end of the newest shard.
fn newest(database: &Database, table: &str) -> Option<String> {
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
