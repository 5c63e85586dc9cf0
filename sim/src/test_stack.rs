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
use local::{LocalStack, Options};

/// A running stack.
pub struct TestStack {
    /// The stack under test.
    pub stack: LocalStack,
    /// The operator's view of it.
    pub deployment: Deployment,
    moved: Arc<AtomicI64>,
}

impl TestStack {
    /// Starts it.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn start() -> Result<Self, CliError> {
        let moved = Arc::new(AtomicI64::new(0));
        let system = Clock::system();
        let offset = Arc::clone(&moved);
        let clock = Clock::from_fn(move || {
            let ahead = SignedDuration::from_millis(offset.load(Ordering::SeqCst));
            system.now().checked_add(ahead).unwrap_or(Timestamp::MAX)
        });
        let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        let stack = LocalStack::start(Options { listen, data: None, clock, sync_every: None }).await;
        let stack = stack.map_err(|e| CliError::Input(e.to_string()))?;
        let deployment = Deployment { services: stack.worker.services.clone(), ..Deployment::local(&stack.file) };
        Ok(Self { stack, deployment, moved })
    }

    /// Moves the clock ahead.
    pub fn time_passes(&self, by: Duration) {
        self.moved.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Moves the clock an hour ahead and runs the sync, as the schedule would.
    ///
    /// # Errors
    /// When table or queue do not answer.
    pub async fn an_hour_passes(&self) -> Result<usize, Fault> {
        self.time_passes(Duration::from_hours(1));
        let worker = &self.stack.worker;
        let now = worker.services.clock.now();
        sync(&worker.services.store, &worker.queue, worker.config.retention_days, now).await
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

    /// Waits until the order is as wanted, at most `PATIENCE`.
    ///
    /// # Errors
    /// Says how the order stood when the time was over.
    pub async fn until(&self, id: &str, wanted: impl Fn(&Order) -> bool) -> Result<Order, CliError> {
        for _ in 0..PATIENCE_STEPS {
            let order = self.order(id).await?;
            if wanted(&order) {
                return Ok(order);
            }
            tokio::time::sleep(STEP).await;
        }
        let order = self.order(id).await?;
        let story: Vec<String> = order.history.iter().map(|e| e.text.clone()).collect();
        Err(CliError::Input(format!(
            "the order did not get there; it is {} after: {}",
            order.status.sentence(),
            story.join(" | ")
        )))
    }
}

const STEP: Duration = Duration::from_millis(10);
const PATIENCE_STEPS: usize = 2000;
