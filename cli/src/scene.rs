//! A whole scene in one process: the local stack in memory between a simulated Ashby and a simulated SpringVerify,
//! with a clock that can be moved. The demo plays in it, and so do the tests.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::ats::AtsKind;
use shared::connection::{Connection, ConnectionState};
use shared::error::Fault;
use shared::flow::{Clock, sync};
use shared::order::{ConnectionId, Order, OrderId};
use shared::secrets::StoredKeys;
use shared::signature::random;
use shared::vendor::VendorKind;
use url::Url;

use crate::connect::{Made, fresh_secret, no_randomness, store};
use crate::local::{LocalStack, Options};
use crate::output;
use crate::place::{CliError, Place};
use crate::sim::ashby::Partner;
use crate::sim::{SimAshby, SimSpringVerify};

/// The scene.
pub struct Scene {
    /// The stack under test.
    pub stack: LocalStack,
    /// The operator's view of it.
    pub place: Place,
    /// The ATS.
    pub ashby: SimAshby,
    /// The vendor.
    pub springverify: SimSpringVerify,
    /// How Ashby reaches us.
    pub partner: Partner,
    /// The connection between the two.
    pub connection: Connection,
    /// The token that Ashby was given.
    pub trigger_token: String,
    /// The secret that SpringVerify was given.
    pub callback_secret: String,
    moved: Arc<AtomicI64>,
}

impl Scene {
    /// Starts everything and connects it.
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
        let stack = LocalStack::start(Options { listen, data: None, clock, sync_every: None }).await?;
        let (ashby, springverify) = (SimAshby::start().await?, SimSpringVerify::start().await?);
        let place = Place { desk: stack.worker.desk.clone(), ..Place::local(&stack.file) };
        let made = connect_simulated(&place, &ashby, &springverify).await?;
        let partner = Partner::new(&output::ats_base_url(&made.connection, &stack.base_url), &made.trigger_token);
        Ok(Self {
            place,
            partner,
            connection: made.connection,
            trigger_token: made.trigger_token,
            callback_secret: made.callback_secret,
            stack,
            ashby,
            springverify,
            moved,
        })
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
        let now = worker.desk.clock.now();
        sync(&worker.desk.store, &worker.queue, worker.config.retention_days, now).await
    }

    /// The order as it stands.
    ///
    /// # Errors
    /// When the table does not answer or has no such order.
    pub async fn order(&self, id: &str) -> Result<Order, CliError> {
        let id: OrderId = id.parse().map_err(|_| CliError::Input(format!("{id} is no order id")))?;
        let found = self.place.desk.store.order(id).await?;
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

/// Connects a simulated Ashby to a simulated SpringVerify, callbacks included, as an operator would.
///
/// # Errors
/// When a key is refused or the stack does not answer.
pub async fn connect_simulated(
    place: &Place,
    ashby: &SimAshby,
    springverify: &SimSpringVerify,
) -> Result<Made, CliError> {
    let draft = Connection {
        id: ConnectionId::from_random(random().map_err(no_randomness)?),
        ats: AtsKind::Ashby,
        vendor: VendorKind::SpringVerify,
        ats_url: url(&ashby.base_url())?,
        vendor_url: url(&springverify.base_url())?,
        state: ConnectionState::Active,
        account: None,
        admin_email_sha256: None,
        tokens: Vec::new(),
        catalogue: None,
        trouble: None,
        public_url: place.base_url.clone(),
        options: BTreeMap::new(),
        created_at: place.desk.clock.now(),
    };
    let (ats_key, vendor_key) = (ashby.api_key(), springverify.token());
    let keys = StoredKeys { ats_key, vendor_key, callback_secret: fresh_secret()?, ..StoredKeys::default() };
    let made = store(place, draft, &keys, false).await?;
    springverify.configure_callback(&output::callback_url(&made.connection, &place.base_url), &made.callback_secret);
    springverify.set_interim_pushes(true);
    Ok(made)
}

const STEP: Duration = Duration::from_millis(10);
const PATIENCE_STEPS: usize = 2000;

fn url(text: &str) -> Result<Url, CliError> {
    Url::parse(text).map_err(|e| CliError::Input(e.to_string()))
}
