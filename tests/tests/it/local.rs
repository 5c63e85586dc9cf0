//! The local stack as the operator uses it: the real command, over a data folder that outlives the process.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use local::{ANY_PORT, LocalStack, Options};
use serde_json::{Value, json};
use shared::clock::Clock;
use sim::ashby::Partner;
use sim::{SimAshby, SimSpringVerify};
use tests::world::{Result, id_of};

/// The command that Cargo built beside this test.
fn crosscheck() -> Result<PathBuf> {
    let program =
        std::env::current_exe()?.parent().and_then(Path::parent).ok_or("no target folder")?.join("crosscheck");
    if program.exists() {
        Ok(program)
    } else {
        Err(format!("{} is missing: cargo build -p crosscheck -p crosscheck-dev", program.display()).into())
    }
}

pub(crate) async fn run(args: &[&str], env: &[(&str, &str)]) -> Result<Value> {
    Ok(serde_json::from_str(&output(&[args, &["--json"]].concat(), env).await?)?)
}

/// What the operator's command prints, in this process's environment with these variables too.
pub(crate) async fn output(args: &[&str], env: &[(&str, &str)]) -> Result<String> {
    let mut command = Command::new(crosscheck()?);
    command.args(args).envs(env.iter().copied());
    printed(command).await
}

/// The same with these variables alone.
pub(crate) async fn alone(args: &[&str], env: &[(&str, &str)]) -> Result<String> {
    let mut command = Command::new(crosscheck()?);
    command.args(args).env_clear().envs(env.iter().copied());
    printed(command).await
}

async fn printed(mut command: Command) -> Result<String> {
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The base URL of the restarted stack: its port is another one.
fn rotated_base(made: &Value, base_url: &str) -> String {
    let path = made["base_url"].as_str().and_then(|url| url.split_once("/ashby")).map(|(_, rest)| rest.to_owned());
    format!("{base_url}/ashby{}", path.unwrap_or_default())
}

pub(crate) fn options(data: &Path) -> Options {
    Options {
        listen: ANY_PORT,
        aws: ANY_PORT,
        data: Some(data.to_owned()),
        clock: Clock::system(),
        sync_every: Some(Duration::from_hours(1)),
    }
}

/// A local stack over a folder of its own, with an Ashby and a SpringVerify account that the command has connected.
pub(crate) struct Connected {
    pub(crate) data: PathBuf,
    pub(crate) stack: LocalStack,
    pub(crate) ashby: SimAshby,
    pub(crate) vendor: SimSpringVerify,
    /// What `crosscheck connect --json` printed.
    pub(crate) made: Value,
}

impl Connected {
    /// `name` tells the folder apart from those of other tests.
    pub(crate) async fn new(name: &str) -> Result<Self> {
        let data = std::env::temp_dir().join(format!("crosscheck-test-{name}-{}", std::process::id()));
        let stack = LocalStack::start(options(&data)).await?;
        let (ashby, vendor) = (SimAshby::start().await?, SimSpringVerify::start().await?);
        let (ats_url, vendor_url, folder) = (ashby.base_url(), vendor.base_url(), data.display().to_string());
        let urls = ["--ats-url", ats_url.as_str(), "--vendor-url", vendor_url.as_str()];
        let local = ["--local", "--data", folder.as_str()];
        let connect = [&["connect", "--ats", "ashby", "--vendor", "springverify"], &urls[..], &local[..]].concat();
        let (ats_key, vendor_key) = (ashby.api_key(), vendor.token());
        let keys = [("CROSSCHECK_ATS_KEY", ats_key.as_str()), ("CROSSCHECK_VENDOR_KEY", vendor_key.as_str())];
        let made = run(&connect, &keys).await?;
        Ok(Self { data, stack, ashby, vendor, made })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_connects_watches_and_rotates_over_a_restart() -> Result {
    let data = std::env::temp_dir().join(format!("crosscheck-test-{}", std::process::id()));
    let folder = data.display().to_string();
    let local = ["--local", "--data", folder.as_str()];
    let not_running = run(&[&["connections", "list"], &local[..]].concat(), &[]).await.err().ok_or("it ran")?;
    assert!(not_running.to_string().contains("crosscheck dev --data"), "{not_running}");

    let stack = LocalStack::start(options(&data)).await?;
    let (ashby, vendor) = (SimAshby::start().await?, SimSpringVerify::start().await?);
    let (ats_url, vendor_url) = (ashby.base_url(), vendor.base_url());
    let urls = ["--ats-url", ats_url.as_str(), "--vendor-url", vendor_url.as_str()];
    let connect = [&["connect", "--ats", "ashby", "--vendor", "springverify"], &urls[..], &local[..]].concat();
    let (ats_key, vendor_key) = (ashby.api_key(), vendor.token());
    let wrong = [("CROSSCHECK_ATS_KEY", "wrong"), ("CROSSCHECK_VENDOR_KEY", vendor_key.as_str())];
    let refused = run(&connect, &wrong).await.err().ok_or("a wrong key was taken")?;
    assert!(refused.to_string().contains("Ashby: the key is wrong"), "{refused}");
    let keys = [("CROSSCHECK_ATS_KEY", ats_key.as_str()), ("CROSSCHECK_VENDOR_KEY", vendor_key.as_str())];
    let made = run(&connect, &keys).await?;
    for field in ["connection_id", "trigger_token", "base_url", "callback_url", "callback_secret"] {
        assert!(made[field].is_string(), "{field}: {made}");
    }
    let id = made["connection_id"].as_str().unwrap_or_default();
    drop(stack);

    let stack = LocalStack::start(options(&data)).await?;
    let listed = run(&[&["connections", "list"], &local[..]].concat(), &[]).await?;
    assert_eq!(listed["connections"][0]["connection_id"], made["connection_id"]);
    let rotated = run(&[&["connections", "rotate", id], &local[..]].concat(), &[]).await?;
    assert_ne!(rotated["trigger_token"], made["trigger_token"]);
    let base_url = rotated_base(&made, &stack.base_url);
    for token in [&made["trigger_token"], &rotated["trigger_token"]] {
        let partner = Partner::new(&base_url, token.as_str().unwrap_or_default());
        assert_eq!(ashby.refresh(&partner).await.http_status, 200, "both tokens are valid for a while");
    }
    let secret = run(&[&["connections", "rotate", id, "--callback-secret"], &local[..]].concat(), &[]).await?;
    assert_ne!(secret["callback_secret"], made["callback_secret"]);
    for (verb, state) in [("pause", "paused"), ("resume", "active"), ("revoke", "revoked")] {
        assert_eq!(run(&[&["connections", verb, id], &local[..]].concat(), &[]).await?["state"], state);
    }
    let shown = run(&[&["connections", "show", id], &local[..]].concat(), &[]).await?;
    assert_eq!(shown["packages"].as_array().map(Vec::len), Some(2));
    assert_eq!(run(&[&["orders", "list"], &local[..]].concat(), &[]).await?["orders"], json!([]));
    assert_eq!(run(&[&["sync"], &local[..]].concat(), &[]).await?["queued"], 0);
    drop(stack);
    std::fs::remove_dir_all(&data)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_cancels_and_at_last_closes_an_order() -> Result {
    let Connected { data, stack, ashby, vendor: _vendor, made } = Connected::new("cancel").await?;
    let folder = data.display().to_string();
    let local = ["--local", "--data", folder.as_str()];
    let token = made["trigger_token"].as_str().unwrap_or_default();
    let partner = Partner::new(&rotated_base(&made, &stack.base_url), token);
    ashby.refresh(&partner).await;
    let person = ashby.add_candidate("Asha", "Rao", "asha@example.com", Some("9876543210"));
    let picker = ashby.picker();
    let package = picker.first().and_then(|p| p["assessment_type_id"].as_str()).ok_or("the picker is empty")?;
    let id = id_of(&ashby.recruiter_starts(&partner, &person.application_id, package, Value::Null).await?)?;
    let show = [&["orders", "show", id.as_str()], &local[..]].concat();
    let cancel = [&["orders", "cancel", id.as_str()], &local[..]].concat();
    stack.idle().await;
    assert_eq!(run(&show, &[]).await?["state"], "awaiting_candidate", "the vendor has it");
    assert_eq!(run(&cancel, &[]).await?["state"], "awaiting_candidate", "asking changes nothing yet");
    stack.idle().await;
    let shown = run(&show, &[]).await?;
    let label = "Cancellation requested: Crosscheck cannot stop this check, so stop it in the SpringVerify portal";
    assert_eq!((&shown["state"], &shown["label"]), (&json!("awaiting_candidate"), &json!(label)), "{shown}");
    let lines: Vec<_> = shown["history"].as_array().into_iter().flatten().map(|line| &line["text"]).collect();
    assert!(lines.contains(&&json!("the Crosscheck administrator asked to cancel")), "{shown}");
    let connection = made["connection_id"].as_str().unwrap_or_default();
    let revoked = run(&[&["connections", "revoke", connection], &local[..]].concat(), &[]).await?;
    assert_eq!(revoked["still_checked"], json!([id]), "the vendor goes on with it");
    let close = [&cancel[..], &["--close"]].concat();
    assert_eq!(run(&close, &[]).await?["state"], "cancelled");
    let again = run(&close, &[]).await.err().ok_or("it was closed twice")?;
    assert!(again.to_string().contains("closed already"), "{again}");
    drop(stack);
    std::fs::remove_dir_all(&data)?;
    Ok(())
}
