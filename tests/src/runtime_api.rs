//! Lambda's Runtime API on a loopback port: a built function runs against it as it would in Lambda, one event at a time.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path as UrlPath, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc};

use crate::world::Result;

/// Longest that a start or an answer may take; the functions' own limits are shorter.
const PATIENCE: Duration = Duration::from_secs(30);

/// Id of every invocation: a function has one at a time.
const REQUEST_ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

/// Every function, by the name of its folder.
pub const FUNCTIONS: [&str; 6] = [
    "ashby-webhook",
    "smartrecruiters-webhook",
    "teamtailor-webhook",
    "vendor-callback",
    "order-worker",
    "status-sync",
];

/// A function that was started by hand, and the Runtime API that it asks for work.
pub struct RunningFunction {
    events: mpsc::UnboundedSender<Value>,
    outcomes: mpsc::UnboundedReceiver<Outcome>,
    child: Child,
    /// From the start of the process to its first question for work.
    pub started_in: Duration,
}

/// What a function makes of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Its answer.
    Answered(Value),
    /// The error that Lambda would see, at an event or before the first one.
    Failed(Value),
}

enum Said {
    Next(Instant),
    Done(Outcome),
}

struct Api {
    said: mpsc::UnboundedSender<Said>,
    events: Mutex<mpsc::UnboundedReceiver<Value>>,
}

impl RunningFunction {
    /// Starts a program with this environment, and waits until it asks for work.
    ///
    /// # Errors
    /// When it does not start, ends, or never asks.
    pub async fn start<K: AsRef<OsStr>, V: AsRef<OsStr>>(
        program: &Path,
        environment: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self> {
        let (events, waiting) = mpsc::unbounded_channel();
        let (said, mut hear) = mpsc::unbounded_channel();
        let address = serve(Arc::new(Api { said, events: Mutex::new(waiting) })).await?;
        let began = Instant::now();
        let mut child = Command::new(program)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .envs(LAMBDA)
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| format!("{}: {e}", program.display()))?;
        let asked = tokio::select! {
            said = tokio::time::timeout(PATIENCE, hear.recv()) => said?.ok_or("the Runtime API stopped")?,
            ended = child.wait() => return Err(format!("{} ended at its start: {}", program.display(), ended?).into()),
        };
        let started_in = match asked {
            Said::Next(at) => at.duration_since(began),
            Said::Done(outcome) => return Err(format!("{} did not start: {outcome:?}", program.display()).into()),
        };
        let (tell, outcomes) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(said) = hear.recv().await {
                if let Said::Done(outcome) = said {
                    let _ = tell.send(outcome);
                }
            }
        });
        Ok(Self { events, outcomes, child, started_in })
    }

    /// Hands it an event and waits for the answer.
    ///
    /// # Errors
    /// When it ends, or is silent for too long.
    pub async fn invoke(&mut self, event: Value) -> Result<Outcome> {
        self.events.send(event)?;
        tokio::select! {
            outcome = tokio::time::timeout(PATIENCE, self.outcomes.recv()) => {
                Ok(outcome.map_err(|_| "no answer in time")?.ok_or("the Runtime API stopped")?)
            }
            ended = self.child.wait() => Err(format!("the function ended: {}", ended?).into()),
        }
    }

    /// Ends it, so that nothing of it runs beside what is measured next.
    ///
    /// # Errors
    /// When the operating system does not let it end.
    pub async fn stop(mut self) -> Result {
        Ok(self.child.kill().await?)
    }
}

async fn serve(api: Arc<Api>) -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?.to_string();
    let app = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(error))
        .with_state(api);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

async fn next(State(api): State<Arc<Api>>) -> Response {
    let _ = api.said.send(Said::Next(Instant::now()));
    let Some(event) = api.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let deadline = std::time::SystemTime::now() + PATIENCE;
    let deadline = deadline.duration_since(std::time::UNIX_EPOCH).map_or(0, |at| at.as_millis());
    let headers = [
        ("lambda-runtime-aws-request-id", REQUEST_ID.to_owned()),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:test".to_owned()),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0".to_owned()),
    ];
    (headers, event.to_string()).into_response()
}

async fn response(State(api): State<Arc<Api>>, UrlPath(_): UrlPath<String>, body: String) -> StatusCode {
    let _ = api.said.send(Said::Done(Outcome::Answered(serde_json::from_str(&body).unwrap_or_default())));
    StatusCode::ACCEPTED
}

async fn error(State(api): State<Arc<Api>>, body: String) -> StatusCode {
    let _ = api.said.send(Said::Done(Outcome::Failed(serde_json::from_str(&body).unwrap_or_default())));
    StatusCode::ACCEPTED
}

/// What Lambda itself sets.
const LAMBDA: [(&str, &str); 9] = [
    ("AWS_REGION", "us-east-1"),
    ("AWS_ACCESS_KEY_ID", "local"),
    ("AWS_SECRET_ACCESS_KEY", "local"),
    ("AWS_LAMBDA_FUNCTION_NAME", "test"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/crosscheck/test"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "test"),
    ("_HANDLER", "bootstrap"),
];

/// The root of the repository.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_path_buf()
}

/// A function as `sam build` left it, by the name of its folder. Its resource has the same name in the template's
/// spelling: `SmartRecruitersWebhookFunction` for `smartrecruiters-webhook`.
///
/// # Errors
/// When it was not built.
pub fn built(build: &str, function: &str) -> Result<PathBuf> {
    let resource = format!("{}function", function.replace('-', ""));
    let is_its = |folder: &PathBuf| folder.file_name().is_some_and(|name| name.eq_ignore_ascii_case(&resource));
    let folders = std::fs::read_dir(root().join(build)).into_iter().flatten().flatten().map(|entry| entry.path());
    let program = folders.filter(is_its).map(|folder| folder.join("bootstrap")).find(|program| program.exists());
    program.ok_or_else(|| format!("{function} is not built; `make build` (for sizes, `make bench`) builds it").into())
}
