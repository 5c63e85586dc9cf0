//! API keys from the environment or a hidden prompt, and their trial against the live systems.

use std::io::IsTerminal as _;
use std::time::Duration;

use shared::config::optional;
use shared::connection::{Catalogue, Connection};
use shared::error::{Fault, FaultKind};
use shared::secrets::StoredKeys;

use crate::place::{CliError, Place};

/// Time for each trial call.
const PATIENCE: Duration = Duration::from_secs(15);

/// The ATS's and the vendor's keys.
///
/// # Errors
/// When a key is missing, empty or not one line of printable characters.
pub fn ask(connection: &Connection, callback_secret: String) -> Result<StoredKeys, CliError> {
    Ok(StoredKeys {
        ats_key: key("CROSSCHECK_ATS_KEY", connection.ats.title())?,
        vendor_key: key("CROSSCHECK_VENDOR_KEY", connection.vendor.title())?,
        callback_secret,
        client_secret: String::new(),
    })
}

fn key(variable: &'static str, owner: &str) -> Result<String, CliError> {
    let text = match optional(variable) {
        Some(text) => text,
        None if std::io::stdin().is_terminal() => rpassword::prompt_password(format!("API key of {owner}: "))?,
        None => {
            return Err(CliError::Input(format!("no API key of {owner}: set {variable}, or run this in a terminal")));
        }
    };
    let text = text.trim().to_owned();
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(CliError::Input(format!("the API key of {owner} must be one line of printable characters")));
    }
    Ok(text)
}

/// Tries both keys. Returns what the vendor offers.
///
/// # Errors
/// Says which side refused what, and what to do.
pub async fn check(place: &Place, connection: &Connection, keys: &StoredKeys) -> Result<Catalogue, CliError> {
    let (ats, vendor) = (connection.ats, connection.vendor);
    let link = place.desk.ats_link(connection, keys, PATIENCE);
    ats.connector().check_key(&link).await.map_err(|fault| explain(ats.title(), &fault))?;
    let link = place.desk.vendor_link(connection, keys, PATIENCE);
    vendor.connector().catalogue(&link).await.map_err(|fault| explain(vendor.title(), &fault))
}

fn explain(side: &str, fault: &Fault) -> CliError {
    let advice = match fault.kind {
        FaultKind::KeyRefused => "the key is wrong, revoked or lacks a scope",
        FaultKind::Forbidden => "the base URL may not be called: https only, and plain http only for loopback",
        FaultKind::NotFound | FaultKind::Unexpected => "the base URL does not seem to be its API",
        FaultKind::Duplicate
        | FaultKind::DataRefused
        | FaultKind::RateLimited
        | FaultKind::Down
        | FaultKind::NoAnswer
        | FaultKind::Platform => "it does not answer; try again, or store the connection untried with --no-check",
    };
    CliError::Input(format!("{side}: {advice} ({fault})"))
}
