//! An emulated AWS on this machine, with the stack of template.yaml deployed into it by `sam deploy`.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::runtime_api::{built, root};
use crate::world::Result;

/// What of AWS is emulated: what the template, `sam deploy` and the command line use.
const SERVICES: &str = "cloudformation,s3,iam,sts,lambda,apigateway,dynamodb,sqs,scheduler,secretsmanager,kms,logs,\
                        monitoring,sns,acm,route53";

/// Time for a server to start on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// Starts the emulator and ends it, with the functions it started, once standard input closes: that happens when the
/// test is over, however it ends.
const GUARD: &str = r#"trap : INT TERM
"$1" >"$2" 2>&1 & emulator=$!
read -r _
kill "$emulator" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$emulator" 2>/dev/null || exit 0; sleep 0.5; done
kill -9 "$emulator""#;

/// A running emulator. It stops when it is dropped.
pub struct MiniStack {
    /// Where it answers.
    pub endpoint: String,
    guard: Child,
    log: PathBuf,
}

impl MiniStack {
    /// Starts one on a free port and waits until it answers.
    ///
    /// # Errors
    /// Says what is missing, or shows the end of the emulator's log.
    pub async fn start() -> Result<Self> {
        let program = root().join(".venv/ministack/bin/ministack");
        if !program.exists() {
            return Err("MiniStack is not installed; `make .venv/ministack/ready` does it".into());
        }
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let endpoint = format!("http://127.0.0.1:{port}");
        // A folder of its own, so that nothing of an earlier run is found and nothing is left outside `target`.
        let folder = root().join("target/ministack").join(port.to_string());
        std::fs::create_dir_all(&folder)?;
        let log = folder.join("ministack.log");
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard"])
            .args([&program, &log])
            .env_clear()
            .envs(own_environment(&endpoint))
            .env("TMPDIR", &folder)
            .env("HOME", &folder)
            .env("BIND_HOST", "127.0.0.1")
            .env("MINISTACK_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("IOT_MTLS_ENABLED", "false")
            .env("AUTH", "true") // the template's roles are enforced
            .env("SERVICES", SERVICES)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .spawn()?;
        let running = Self { endpoint, guard, log };
        running.answers().await?;
        Ok(running)
    }

    async fn answers(&self) -> Result {
        if until_it_answers(&format!("{}/_ministack/health", self.endpoint)).await.is_ok() {
            return Ok(());
        }
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let end: Vec<&str> = log.lines().rev().take(20).collect();
        Err(format!("MiniStack does not answer; the end of its log, backwards:\n{}", end.join("\n")).into())
    }

    /// Base URL of a deployed API, whose id is the stack's name here.
    pub fn base_url(&self, stack: &str) -> String {
        format!("{}/_aws/execute-api/{stack}/v1", self.endpoint)
    }

    /// Runs `sam deploy` with what `sam build` left, as `make build` calls it.
    ///
    /// # Errors
    /// When nothing was built, or with what SAM printed.
    pub async fn deploy(&self, stack: &str, more: &[&str]) -> Result {
        built(".aws-sam/build", "order-worker")?;
        finished(self.sam_deploy(stack, more)).await.map(drop)
    }

    /// `sam deploy` for a stack of this name, with these parameters too.
    pub fn sam_deploy(&self, stack: &str, more: &[&str]) -> Command {
        self.sam_deploy_at(&self.base_url(stack), stack, more)
    }

    /// The same for a stack that others see at this base URL.
    pub fn sam_deploy_at(&self, public_url: &str, stack: &str, more: &[&str]) -> Command {
        let mut sam = self.command(root().join(".venv/sam/bin/sam"));
        sam.args(["deploy", "--config-env", "ministack", "--no-progressbar", "--stack-name", stack]);
        // Fixes the API's id, so that its URL is known before it exists.
        sam.arg("--tags").arg(format!("ms-custom-id={stack}"));
        sam.args(["--parameter-overrides", "Architecture=x86_64", "AllowLoopbackUrls=true"]);
        sam.arg(format!("PublicUrl={public_url}")).arg("SyncSchedule=\"rate(1 minute)\"").args(more);
        sam
    }

    /// A command with the emulator in place of AWS.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.envs(own_environment(&self.endpoint)).current_dir(root()).stdin(Stdio::null());
        command
    }

    /// Every line that the function of this folder logged so far.
    ///
    /// # Errors
    /// When the logs cannot be read.
    pub async fn log_lines(&self, stack: &str, function: &str) -> Result<Vec<String>> {
        let group = format!("/crosscheck/{stack}/{function}");
        Ok(serde_json::from_str(&self.ask(READ_LOGS, &group).await?)?)
    }

    /// Every key and secret that the deployment holds, whoever made it up.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn secret_values(&self, stack: &str) -> Result<Vec<String>> {
        let texts: Vec<BTreeMap<String, String>> = serde_json::from_str(&self.ask(READ_SECRETS, stack).await?)?;
        let values = texts.into_iter().flat_map(BTreeMap::into_values);
        // A client pair is kept as part of a form. What is as short as a number would be found anywhere.
        let parts = values.flat_map(|value| value.split(['=', '&']).map(str::to_owned).collect::<Vec<_>>());
        Ok(parts.filter(|part| part.len() >= 16).collect())
    }

    /// How many messages nothing could process.
    ///
    /// # Errors
    /// When the queue cannot be read.
    pub async fn dead_letters(&self, stack: &str) -> Result<u32> {
        Ok(self.ask(COUNT_DEAD_LETTERS, stack).await?.trim().parse()?)
    }

    /// What a script prints that gets this argument. SAM brings boto3 along, and it asks what no client here does.
    ///
    /// # Errors
    /// With what the script printed, when it fails.
    pub async fn ask(&self, script: &str, argument: &str) -> Result<String> {
        let mut python = self.command(root().join(".venv/sam/bin/python"));
        python.args(["-c", script, argument]);
        finished(python).await
    }
}

impl Drop for MiniStack {
    fn drop(&mut self) {
        // Closing standard input tells the guard; waiting leaves no process behind.
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
        if let Some(folder) = self.log.parent().filter(|_| !std::thread::panicking()) {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

const READ_LOGS: &str = "
import boto3, json, sys
pages = boto3.client('logs').get_paginator('filter_log_events').paginate(logGroupName=sys.argv[1])
print(json.dumps([event['message'] for page in pages for event in page['events']]))
";

const READ_SECRETS: &str = "
import boto3, json, sys
vault = boto3.client('secretsmanager')
listed = [s['Name'] for page in vault.get_paginator('list_secrets').paginate() for s in page['SecretList']]
names = [name for name in listed if name.startswith('crosscheck/' + sys.argv[1] + '/')]
print(json.dumps([json.loads(vault.get_secret_value(SecretId=name)['SecretString']) for name in names]))
";

const COUNT_DEAD_LETTERS: &str = "
import boto3, sys
outputs = boto3.client('cloudformation').describe_stacks(StackName=sys.argv[1])['Stacks'][0]['Outputs']
url = next(o['OutputValue'] for o in outputs if o['OutputKey'] == 'DeadLetterQueueUrl')
wanted = 'ApproximateNumberOfMessages'
print(boto3.client('sqs').get_queue_attributes(QueueUrl=url, AttributeNames=[wanted])['Attributes'][wanted])
";

/// What the emulator and its clients need; keys and proxies of whoever runs the tests stay out.
fn own_environment(endpoint: &str) -> Vec<(&'static str, String)> {
    let tools = root().join(".venv/sam/bin");
    vec![
        ("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", tools.display())),
        ("AWS_ENDPOINT_URL", endpoint.to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("AWS_CONFIG_FILE", "/dev/null".to_owned()),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".to_owned()),
        ("NO_PROXY", "127.0.0.1".to_owned()),
        ("SAM_CLI_TELEMETRY", "0".to_owned()),
    ]
}

/// Waits until a server that was just started answers with success.
///
/// # Errors
/// When it does not within two minutes.
pub async fn until_it_answers(url: &str) -> Result {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if client()?.get(url).send().await.is_ok_and(|answer| answer.status().is_success()) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Err(format!("nothing answers at {url}").into())
}

/// Runs a command to its end; what it printed, or why it failed.
///
/// # Errors
/// With what it printed, when it fails.
pub async fn finished(mut command: Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let ran = tokio::task::spawn_blocking(move || command.output()).await??;
    let (printed, said) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    if ran.status.success() {
        return Ok(printed.into_owned());
    }
    Err(format!("{name} ended with {}:\n{printed}\n{said}", ran.status).into())
}

/// An HTTP client that is nobody's in particular, such as a recruiter's browser.
///
/// # Errors
/// When it cannot be built.
#[expect(clippy::disallowed_methods, reason = "the other side does not call with the bridge's own client")]
pub fn client() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?)
}

/// A client that stays where it is sent: a redirect is an answer.
///
/// # Errors
/// When it cannot be built.
#[expect(clippy::disallowed_methods, reason = "the other side does not call with the bridge's own client")]
pub fn client_that_stays() -> Result<reqwest::Client> {
    let stays = reqwest::redirect::Policy::none();
    Ok(reqwest::Client::builder().no_proxy().redirect(stays).timeout(Duration::from_secs(30)).build()?)
}

/// The metrics in a log line of the embedded metric format; none for any other line.
pub fn metrics(line: &str) -> Vec<String> {
    let line: Value = serde_json::from_str(line).unwrap_or_default();
    let listed = line.pointer("/_aws/CloudWatchMetrics/0/Metrics").and_then(Value::as_array);
    let names = listed.into_iter().flatten().filter_map(|metric| metric.get("Name")?.as_str());
    names.map(str::to_owned).collect()
}
