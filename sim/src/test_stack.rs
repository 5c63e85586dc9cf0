//! The local stack in memory with a clock that can be moved: where the demo and the tests of whole flows take place.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::clock::Clock;
use shared::error::Fault;
use shared::flow::sync;
use shared::order::{Order, OrderId};

use crosscheck::deployment::{CliError, Deployment};
use local::{ANY_PORT, LocalStack, Options, Watch};

/// A running stack.
pub struct TestStack {
    /// The stack under test.
    pub stack: LocalStack,
    /// The operator's view of it.
    pub deployment: Deployment,
    moved: Arc<AtomicI64>,
}

impl TestStack {
    /// Starts it. Its clock stands still until it is moved, so however slow the machine is, no lease runs out and no
    /// retry falls due by itself.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn start() -> Result<Self, CliError> {
        let moved = Arc::new(AtomicI64::new(0));
        let (began, offset) = (Clock::system().now(), Arc::clone(&moved));
        let clock = Clock::from_fn(move || {
            let ahead = SignedDuration::from_millis(offset.load(Ordering::SeqCst));
            began.checked_add(ahead).unwrap_or(Timestamp::MAX)
        });
        let options = Options { listen: ANY_PORT, aws: ANY_PORT, data: None, clock, sync_every: None };
        let stack = LocalStack::start(options).await;
        let stack = stack.map_err(|e| CliError::Input(e.to_string()))?;
        let deployment = Deployment { services: stack.worker.services.clone(), ..Deployment::local(&stack.file) };
        Ok(Self { stack, deployment, moved })
    }

    /// Moves the clock ahead. What falls due by then is delivered at once.
    pub fn time_passes(&self, by: Duration) {
        self.moved.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        self.stack.clock_moved();
    }

    /// Waits until the stack has nothing left to do now. What falls due later stays on the queue.
    pub async fn idle(&self) {
        self.stack.idle().await;
    }

    /// Moves the clock an hour ahead, runs the sync, as the schedule would, and waits until the worker is done with what
    /// it queued; how many orders that was.
    ///
    /// # Errors
    /// When table or queue do not answer.
    pub async fn an_hour_passes(&self) -> Result<usize, Fault> {
        self.time_passes(Duration::from_hours(1));
        let worker = &self.stack.worker;
        let now = worker.services.clock.now();
        let queued = sync(&worker.services.store, &worker.queue, worker.config.retention_days, now).await?;
        self.idle().await;
        Ok(queued)
    }

    /// The order as it stands.
    ///
    /// # Errors
    /// When the table does not answer or has no such order.
    pub async fn order(&self, id: &str) -> Result<Order, CliError> {
        let id: OrderId = id.parse().map_err(|_| CliError::Input(format!("{id} is no order id")))?;
        let found = self.deployment.services.store.order(id).await?;
        found.ok_or_else(|| CliError::Input(format!("no order {id}")))
    }

    /// Waits until the order is as wanted. Where only a message of the next seconds could still change it, the clock is
    /// moved to that message.
    ///
    /// # Errors
    /// As soon as nothing can change the order any more; it says how the order stands.
    pub async fn until(&self, id: &str, wanted: impl Fn(&Order) -> bool) -> Result<Order, CliError> {
        let mut wait = self.wait();
        loop {
            let order = self.order(id).await?;
            if wanted(&order) {
                return Ok(order);
            }
            if !wait.may_change().await {
                let story: Vec<String> = order.history.iter().map(|e| e.text.clone()).collect();
                let (stands, story) = (order.status.sentence(), story.join(" | "));
                return Err(CliError::Input(format!("the order did not get there; it is {stands} after: {story}")));
            }
        }
    }

    /// Waits until this is to be seen: in a simulator, say.
    ///
    /// # Errors
    /// As soon as nothing can change any more.
    pub async fn until_seen<T>(&self, what: &str, look: impl Fn() -> Option<T>) -> Result<T, CliError> {
        let mut wait = self.wait();
        loop {
            if let Some(seen) = look() {
                return Ok(seen);
            }
            if !wait.may_be_seen().await {
                return Err(CliError::Input(format!("nothing is left to do, and still it did not come: {what}")));
            }
        }
    }

    /// Begins to wait for something. Look, and then ask whether it may still change.
    pub fn wait(&self) -> Wait<'_> {
        Wait { test_stack: self, began: self.deployment.services.clock.now(), watch: self.stack.watch() }
    }
}

/// Somebody who waits for something that only the stack can bring about.
pub struct Wait<'a> {
    test_stack: &'a TestStack,
    began: Timestamp,
    watch: Watch<'a>,
}

impl Wait<'_> {
    /// Waits for the next change. `false` when the stack had nothing left to do before the last look, so that another
    /// look would show the same.
    pub async fn may_change(&mut self) -> bool {
        if self.watch.was_idle() {
            return self.time_passes();
        }
        self.watch.changed().await;
        true
    }

    /// The same for what a simulator sees, which is no change of the stack.
    async fn may_be_seen(&mut self) -> bool {
        if self.watch.was_idle() {
            return self.time_passes();
        }
        self.watch.changed_or_a_moment().await;
        true
    }

    /// Moves the clock to the next message, if that is soon enough.
    fn time_passes(&mut self) -> bool {
        let Some(wait) = self.next_due() else { return false };
        self.test_stack.time_passes(wait);
        self.watch = self.test_stack.stack.watch();
        true
    }

    /// How long until the next message falls due, if that is soon enough after the wait began.
    fn next_due(&self) -> Option<Duration> {
        let due = self.test_stack.stack.next_due()?;
        let wait = due.duration_since(self.test_stack.deployment.services.clock.now());
        (due.duration_since(self.began) <= PATIENCE).then(|| wait.unsigned_abs())
    }
}

/// Virtual time that may pass in one wait.
const PATIENCE: SignedDuration = SignedDuration::from_secs(20);
