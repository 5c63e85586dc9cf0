//! The local stack: the deployed routes, table, stream, queue and schedule in one process, on loopback addresses.
//!
//! DynamoDB is dynoxide behind its HTTP interface; Secrets Manager and SQS are small stand-ins behind theirs. The rest
//! is the deployed code with the real AWS clients, so nothing below `local` knows that it is not in the cloud.

mod activity;
mod aws;
mod gateway;
mod pump;
mod queue;
mod secrets;
mod table;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crosscheck::stack_file::{NAME, StackFile};
use dynoxide::Database;
use jiff::Timestamp;
use shared::clock::Clock;
use shared::config::{Config, WorkerConfig};
use shared::flow::{Services, Worker};
use shared::store::Store;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use queue::DELIVERIES;

/// How to start a local stack.
#[derive(Clone)]
pub struct Options {
    /// Where the routes are served; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Where the stand-in for DynamoDB is served; those for Secrets Manager and SQS are at the next port. Port 0 picks
    /// two free ones. They ask for no credentials, so the address is this machine's or a private one.
    pub aws: SocketAddr,
    /// Where orders and secrets are kept; `None` keeps them in memory.
    pub data: Option<PathBuf>,
    /// Where time comes from.
    pub clock: Clock,
    /// Time between two syncs; with `None` the caller runs them.
    pub sync_every: Option<Duration>,
}

/// A running local stack. It stops when it is dropped.
pub struct LocalStack {
    /// Where the routes are served, without a trailing slash.
    pub base_url: String,
    /// The worker with its tools; its services are the doors' services too.
    pub worker: Worker,
    /// How other processes find it.
    pub file: StackFile,
    /// The embedded DynamoDB itself, for callers in the same process.
    pub database: Database,
    pump: pump::Pump,
    messages: Arc<queue::Messages>,
    activity: activity::Activity,
    data: Option<PathBuf>,
    tasks: Vec<JoinHandle<()>>,
}

/// How often whoever waits for what a simulator alone has seen looks again: that is no change of the stack.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Why a local stack did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No listener, or the data folder is not usable.
    #[error("cannot listen on {address}: {source}; is another `crosscheck dev` running? Try --listen 127.0.0.1:0")]
    Listen {
        /// Where it was to listen.
        address: SocketAddr,
        /// The operating system's reason.
        source: io::Error,
    },
    /// An address that others reach.
    #[error(
        "{0} is no private address; the local stack asks for no credentials, so it listens on loopback or private \
             addresses only"
    )]
    NotPrivate(SocketAddr),
    /// The data folder.
    #[error("cannot use the data folder {}: {problem}", .folder.display())]
    Data {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The embedded DynamoDB.
    #[error("the embedded DynamoDB did not start: {0}")]
    Database(String),
}

impl LocalStack {
    /// Starts it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let data = options.data.as_deref();
        let database = open_database(data)?;
        let mut tasks = Vec::new();
        private(options.aws)?;
        private(options.listen)?;
        let (dynamodb, dynamodb_url) = listener(options.aws).await?;
        tasks.push(tokio::spawn(serve_dynamodb(dynamodb, database.clone())));
        let messages = Arc::new(queue::Messages::new(options.clock.clone()));
        let vault = Arc::new(secrets::Vault::open(data.map(|d| d.join("secrets.json")), NAME)?);
        let (endpoint, aws_url) = listener(next_port(options.aws)).await?;
        tasks.push(tokio::spawn(aws::serve(endpoint, vault, Arc::clone(&messages))));
        let (gate, base_url) = listener(options.listen).await?;
        let file = StackFile {
            dynamodb_url,
            queue_url: format!("{aws_url}/queue/retry"),
            aws_url,
            base_url: base_url.clone(),
            table: NAME.to_owned(),
            secret_prefix: NAME.to_owned(),
        };
        table::create(&file).await.map_err(StartError::Database)?;
        let activity = activity::Activity::new();
        let plain = file.services(options.clock.clone());
        let store = watched_store(&file, &activity);
        let services = Services::new(store, plain.secrets, plain.outbound, plain.clock);
        let config = WorkerConfig {
            queue_url: file.queue_url.clone(),
            public_url: base_url.clone(),
            retention_days: 30,
            report_link_days: 90,
        };
        let worker = Worker { services: services.clone(), queue: file.queue(), config };
        let pump = pump::Pump::new(database.clone(), NAME, worker.clone(), Arc::clone(&messages), activity.clone())
            .ok_or_else(|| StartError::Database("the table has no stream".to_owned()))?;
        tasks.push(tokio::spawn(pump.clone().run()));
        tasks.push(tokio::spawn(gateway::serve(gate, services, pump.clone(), activity.clone())));
        tasks.extend(options.sync_every.map(|every| tokio::spawn(pump::schedule(every, worker.clone()))));
        if let Some(folder) = data {
            file.write(folder).map_err(|e| StartError::Data { folder: folder.into(), problem: e.to_string() })?;
        }
        Ok(Self { base_url, worker, file, database, pump, messages, activity, data: options.data, tasks })
    }

    /// Waits until nothing is left to do: the stream is read to its end, no message is due by the stack's clock, and no
    /// run and no request is under way. Messages that fall due later may wait on the queue.
    pub async fn idle(&self) {
        let mut watch = self.watch();
        while !watch.was_idle() {
            watch.changed().await;
        }
    }

    /// Sees every change from now on: a write to the table, the end of a run or of a request.
    pub fn watch(&self) -> Watch<'_> {
        let seen = self.activity.watch();
        Watch { pump: &self.pump, seen, was_idle: self.pump.is_idle() }
    }

    /// When the next message falls due, if one waits on the queue.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.messages.next_due()
    }

    /// Delivers at once what is due, after the clock was moved.
    pub fn clock_moved(&self) {
        self.pump.look();
    }
}

/// Whether a stack has something left to do, and when that changes.
pub struct Watch<'a> {
    pump: &'a pump::Pump,
    seen: watch::Receiver<()>,
    was_idle: bool,
}

impl Watch<'_> {
    /// Whether there was nothing left to do, as [`LocalStack::idle`] has it, when the watch or its last wait was over.
    pub const fn was_idle(&self) -> bool {
        self.was_idle
    }

    /// Waits for the next change.
    pub async fn changed(&mut self) {
        // It fails only without a sender, and the stack holds one.
        let _ = self.seen.changed().await;
        self.was_idle = self.pump.is_idle();
    }

    /// Waits for the next change, or a moment.
    pub async fn changed_or_a_moment(&mut self) {
        let _ = tokio::time::timeout(LOOK_AGAIN, self.seen.changed()).await;
        self.was_idle = self.pump.is_idle();
    }
}

impl Drop for LocalStack {
    fn drop(&mut self) {
        if let Some(folder) = &self.data {
            StackFile::remove(folder);
        }
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// The configuration that the functions of a local stack would read from their environment.
pub fn function_config(file: &StackFile) -> Config {
    Config {
        table: file.table.clone(),
        secret_prefix: file.secret_prefix.clone(),
        stack: NAME.to_owned(),
        metric_namespace: "Crosscheck".to_owned(),
        log_level: "info".to_owned(),
        loopback: true,
    }
}

fn open_database(data: Option<&Path>) -> Result<Database, StartError> {
    let Some(folder) = data else {
        return Database::memory().map_err(|e| StartError::Database(e.to_string()));
    };
    let trouble = |problem: String| StartError::Data { folder: folder.into(), problem };
    std::fs::create_dir_all(folder).map_err(|e| trouble(e.to_string()))?;
    Database::new(&folder.join("orders.sqlite").to_string_lossy()).map_err(|e| trouble(e.to_string()))
}

async fn serve_dynamodb(listener: TcpListener, database: Database) {
    if let Err(problem) = dynoxide::server::serve_with_shutdown(listener, database, std::future::pending()).await {
        tracing::error!(problem, "the embedded DynamoDB stopped");
    }
}

/// The table, by way of a client whose writes are counted.
fn watched_store(file: &StackFile, activity: &activity::Activity) -> Store {
    let config = file.dynamodb().config().to_builder().interceptor(activity.clone()).build();
    Store::new(aws_sdk_dynamodb::Client::from_conf(config), file.table.clone())
}

/// A free port of this machine's own address.
pub const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

fn next_port(address: SocketAddr) -> SocketAddr {
    let port = if address.port() == 0 { 0 } else { address.port().saturating_add(1) };
    SocketAddr::new(address.ip(), port)
}

/// Nobody has to prove who they are here, so nobody from elsewhere may come in.
fn private(address: SocketAddr) -> Result<(), StartError> {
    let allowed = match address.ip() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    };
    if allowed { Ok(()) } else { Err(StartError::NotPrivate(address)) }
}

async fn listener(address: SocketAddr) -> Result<(TcpListener, String), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let url = format!("http://{}", listener.local_addr().map_err(failed)?);
    Ok((listener, url))
}
