//! `crosscheck dev`: the local stack in the foreground.

use std::time::Duration;

use serde_json::json;
use shared::flow::Clock;

use crate::args::Dev;
use crate::local::{LocalStack, Options, default_dir};
use crate::output;
use crate::place::CliError;
use crate::sim::{SimAshby, SimSpringVerify};

/// Runs until it is interrupted.
///
/// # Errors
/// See [`CliError`].
pub async fn run(args: &Dev) -> Result<(), CliError> {
    let data = args.data.clone().unwrap_or_else(default_dir);
    let stack = LocalStack::start(Options {
        listen: args.listen,
        data: Some(data.clone()),
        clock: Clock::system(),
        sync_every: Some(Duration::from_hours(1)),
    })
    .await?;
    let sims = if args.simulate { Some((SimAshby::start().await?, SimSpringVerify::start().await?)) } else { None };
    if args.json.json {
        output::document(&json!({ "base_url": stack.base_url, "data": data.display().to_string() }))?;
    } else {
        let folder = data.display();
        output::line(format!("Crosscheck is running at {}", stack.base_url))?;
        output::line(format!("Orders and secrets are in {folder}. Every hour it syncs. Ctrl-C stops it.\n"))?;
        output::line("In another terminal:")?;
        let urls = sims.as_ref().map(|(a, v)| {
            let keys = format!("CROSSCHECK_ATS_KEY={} CROSSCHECK_VENDOR_KEY={} ", a.api_key(), v.token());
            (keys, format!(" --ats-url {} --vendor-url {}", a.base_url(), v.base_url()))
        });
        let (keys, urls) = urls.unwrap_or_default();
        output::line(format!(
            "  {keys}crosscheck connect --local --data {folder} --ats ashby --vendor springverify{urls}"
        ))?;
        output::line(format!("  crosscheck orders list --local --data {folder}"))?;
    }
    stop_signal().await?;
    drop(stack);
    Ok(())
}

async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}
