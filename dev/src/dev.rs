//! `crosscheck dev`: the local stack in the foreground.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use shared::ats::AtsKind;
use shared::clock::Clock;
use shared::vendor::VendorKind;

use crosscheck::deployment::{CliError, Deployment};
use crosscheck::output;
use crosscheck::stack_file::default_dir;
use local::{LocalStack, Options};
use sim::pair::Tenant;
use sim::{SimAshby, SimSpringVerify};

use crate::args::Dev;
use crate::demo::accounts;

/// Runs until it is interrupted.
///
/// # Errors
/// See [`CliError`].
pub(crate) async fn run(args: &Dev) -> Result<(), CliError> {
    let data = args.data.clone().unwrap_or_else(default_dir);
    let stack = LocalStack::start(Options {
        listen: args.listen,
        aws: args.aws_listen,
        data: Some(data.clone()),
        clock: Clock::system(),
        sync_every: Some(Duration::from_hours(1)),
    })
    .await
    .map_err(|e| CliError::Input(e.to_string()))?;
    let played = if args.simulate { Some(Played::start(&stack).await?) } else { None };
    if let Some(played) = &played {
        played.write_event(&data)?;
    }
    if args.json.json {
        output::document(&json!({ "base_url": stack.base_url, "data": data.display().to_string() }))?;
    } else {
        let folder = data.display();
        output::line(format!("Crosscheck is running at {}", stack.base_url))?;
        output::line(format!("Orders and secrets are in {folder}. Every hour it syncs. Ctrl-C stops it."))?;
        output::line("\nIn another terminal:")?;
        match &played {
            Some(played) => played.say(&folder.to_string())?,
            None => {
                output::line(format!(
                    "  crosscheck connect --local --data {folder} --ats ashby --vendor springverify"
                ))?;
            }
        }
        output::line(format!("  crosscheck orders list --local --data {folder}"))?;
    }
    tokio::select! {
        stopped = stop_signal() => stopped?,
        () = Played::go_on(played.as_ref()) => {}
    }
    drop(stack);
    Ok(())
}

/// Ashby's Refresh as API Gateway would hand it on, with a made-up token.
const REFRESH: &str = include_str!("../../events/ashby-webhook-list.json");

/// The same with the token of the simulated connection, for `sam local invoke`.
const REFRESH_FILE: &str = "ashby-webhook-list.json";

/// Time that a simulated check stays in one status.
const CHECK_STEP: Duration = Duration::from_secs(5);

/// Simulated accounts, already connected, with one order in progress.
struct Played {
    ashby: SimAshby,
    springverify: SimSpringVerify,
    base_url: String,
    trigger_token: String,
    order: String,
}

impl Played {
    async fn start(stack: &LocalStack) -> Result<Self, CliError> {
        let deployment = Deployment::local(&stack.file);
        let Tenant { ats, vendor, made } = Tenant::start(&deployment, AtsKind::Ashby, VendorKind::SpringVerify).await?;
        let (ashby, partner, springverify) = accounts(ats.as_ref(), vendor.as_ref())?;
        let base_url = output::ats_base_url(&made.connection, &stack.base_url);
        let picker = ashby.picker();
        let package = picker.first().and_then(|p| p.get("assessment_type_id")).cloned().unwrap_or_default();
        let person = ashby.add_candidate("Asha", "Rao", "asha.rao@example.com", Some("+91 98765 43210"));
        let package = package.as_str().unwrap_or_default();
        let started = ashby.recruiter_starts(&partner, &person.application_id, package, Value::Null).await;
        let answer = started.map_err(|e| CliError::Input(e.to_string()))?;
        let order = answer.str_at("/results/assessment_id").unwrap_or_default().to_owned();
        Ok(Self { ashby, springverify, base_url, trigger_token: made.trigger_token, order })
    }

    /// Leaves an event in the data folder that a function answers with 200.
    fn write_event(&self, folder: &Path) -> std::io::Result<()> {
        let mut event: Value = serde_json::from_str(REFRESH)?;
        let credentials = format!("Basic {}", STANDARD.encode(format!("{}:", self.trigger_token)));
        // API Gateway hands every header on in both forms.
        let forms = [("/headers", json!(credentials)), ("/multiValueHeaders", json!([credentials]))];
        for (form, value) in forms {
            let headers = event.pointer_mut(form).and_then(Value::as_object_mut);
            headers.map(|headers| headers.insert("Authorization".to_owned(), value));
        }
        std::fs::write(folder.join(REFRESH_FILE), serde_json::to_string_pretty(&event)?)
    }

    fn say(&self, folder: &str) -> std::io::Result<()> {
        output::line("  # A simulated Ashby is connected to a simulated SpringVerify, and a recruiter has just")?;
        output::line("  # started a check. The vendor moves it on every five seconds; watch it come back:")?;
        output::line(format!("  crosscheck orders show {} --local --data {folder}", self.order))?;
        output::line("  # What Ashby's Refresh button sends:")?;
        output::line(format!("  curl -u {}: {}assessment.list -d '{{}}'", self.trigger_token, self.base_url))?;
        output::line("  # The same at one function in a container (docs/local.md, With Docker):")?;
        output::line(format!("  sam local invoke AshbyWebhookFunction --config-env local -e {folder}/{REFRESH_FILE}"))
    }

    /// The simulated vendor works: awaiting input, in progress, completed.
    async fn go_on(played: Option<&Self>) {
        let Some(Self { ashby: _ashby, springverify, .. }) = played else { return std::future::pending().await };
        loop {
            tokio::time::sleep(CHECK_STEP).await;
            for order in springverify.orders() {
                let next = match order.code {
                    3 => 0,
                    0 => 1,
                    _ => continue,
                };
                if let Err(problem) = springverify.vendor_moves(order.candidate_id, next).await {
                    tracing::error!(%problem, "the simulated vendor stopped");
                }
            }
        }
    }
}

async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}
