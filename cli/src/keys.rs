//! API keys from the environment or a hidden prompt, and their trial against the live systems.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use shared::ats::{AtsKind, KeySource};
use shared::config::optional;
use shared::connection::{Catalogue, Connection};
use shared::error::{Fault, FaultKind};
use shared::order::clean;
use shared::secrets::StoredKeys;
use shared::vendor::VendorKind;

use crate::deployment::{CliError, Deployment};

/// Time for each trial call.
const PATIENCE: Duration = Duration::from_secs(15);

/// The keys that the operator gives, in place of those in `old`. An ATS that gives its key itself is not asked about.
///
/// # Errors
/// When a key is missing, empty or not one line of printable characters.
pub fn prompt(connection: &Connection, old: StoredKeys) -> Result<StoredKeys, CliError> {
    let ats_key = match connection.ats.facts().key_source {
        KeySource::Operator => secret("CROSSCHECK_ATS_KEY", &format!("API key of {}", connection.ats.title()))?,
        KeySource::Consent | KeySource::Partner => old.ats_key,
    };
    let vendor_key = secret("CROSSCHECK_VENDOR_KEY", &format!("API key of {}", connection.vendor.title()))?;
    Ok(StoredKeys { ats_key, vendor_key, ..old })
}

/// A secret from the environment, else from a hidden prompt.
pub(crate) fn secret(variable: &'static str, what: &str) -> Result<String, CliError> {
    read(variable, what, rpassword::prompt_password)
}

/// A value that is no secret, from the environment, else from a prompt.
pub(crate) fn line(variable: &'static str, what: &str) -> Result<String, CliError> {
    read(variable, what, |prompt| {
        write!(std::io::stderr(), "{prompt}")?;
        let mut text = String::new();
        std::io::stdin().read_line(&mut text)?;
        Ok(text)
    })
}

fn read(
    variable: &'static str,
    what: &str,
    prompt: impl FnOnce(String) -> std::io::Result<String>,
) -> Result<String, CliError> {
    let text = match optional(variable) {
        Some(text) => text,
        None if std::io::stdin().is_terminal() => prompt(format!("{what}: "))?,
        None => return Err(CliError::Input(format!("no {what}: set {variable}, or run this in a terminal"))),
    };
    let text = clean::plain(&text);
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(CliError::Input(format!("the {what} must be one line of printable characters")));
    }
    Ok(text)
}

/// Tries both keys. Returns what the vendor offers, unless it puts its packages on our list by itself.
///
/// # Errors
/// Says which side refused what, and what to do.
pub async fn check(
    deployment: &Deployment,
    connection: &Connection,
    keys: &StoredKeys,
) -> Result<Option<Catalogue>, CliError> {
    let (ats, vendor) = (connection.ats, connection.vendor);
    let ats_keys = match ats.facts().key_source {
        KeySource::Partner => {
            let partner = deployment.services.secrets.partner(ats).await.map_err(|fault| not_set_up(ats, fault))?;
            Some(StoredKeys { ats_key: partner.key, ..keys.clone() })
        }
        KeySource::Operator => Some(keys.clone()),
        // The ATS gives this key itself, so there is nothing of the operator's to try.
        KeySource::Consent => None,
    };
    if let Some(ats_keys) = ats_keys {
        let account = deployment.services.ats_account(connection, &ats_keys, PATIENCE);
        ats.setup().check_key(&account).await.map_err(|fault| explain(ats.title(), &fault))?;
    }
    let account = deployment.services.vendor_account(connection, keys, PATIENCE);
    vendor.connector().catalogue(&account).await.map_err(|fault| explain_vendor(vendor, &fault))
}

/// A vendor that verifies our signature refuses a good key as well, for as long as it lacks our secret.
fn explain_vendor(vendor: VendorKind, fault: &Fault) -> CliError {
    let verifies_us = !vendor.setup().signing_guide("").is_empty();
    if verifies_us && matches!(fault.kind, FaultKind::KeyRefused | FaultKind::NotAllowed) {
        return CliError::Input(format!(
            "{} refused the call: either the key is wrong, revoked or lacks a scope, or the vendor verifies signatures \
             and has no signing secret of this connection yet. In the second case run the command again with \
             --no-check, and give the vendor the secret that it prints ({fault})",
            vendor.title()
        ));
    }
    explain(vendor.title(), fault)
}

/// Words for a deployment that is not a partner of the ATS yet.
pub(crate) fn not_set_up(ats: AtsKind, fault: Fault) -> CliError {
    if !fault.secret_missing {
        return fault.into();
    }
    CliError::Input(format!(
        "this deployment has no partner keys of {0}; run `crosscheck ats setup {ats}`",
        ats.title()
    ))
}

pub(crate) fn explain(side: &str, fault: &Fault) -> CliError {
    let advice = match fault.kind {
        FaultKind::KeyRefused | FaultKind::NotAllowed => "the key is wrong, revoked or lacks a scope",
        FaultKind::RightMissing => {
            return CliError::Input(format!("{side} takes the key, which lacks a right: {} ({fault})", fault.words()));
        }
        FaultKind::Forbidden => "the base URL may not be called: https only, and plain http only for loopback",
        FaultKind::NotFound | FaultKind::Unexpected => "the base URL does not seem to be its API",
        FaultKind::Duplicate | FaultKind::DataRefused => {
            return CliError::Input(format!("{side} did not accept this: {} ({fault})", fault.words()));
        }
        FaultKind::RateLimited | FaultKind::Down | FaultKind::NoAnswer | FaultKind::Platform => {
            "it does not answer; try again, or store the connection untried with --no-check"
        }
    };
    CliError::Input(format!("{side}: {advice} ({fault})"))
}

#[cfg(test)]
mod tests {
    use shared::vendor::VENDORS;

    use super::*;

    #[test]
    fn only_a_vendor_that_verifies_us_may_refuse_a_good_key_for_want_of_the_secret() {
        for vendor in VENDORS {
            let verifies_us = vendor == VendorKind::StackOne;
            for (kind, names_the_key) in
                [(FaultKind::KeyRefused, true), (FaultKind::NotAllowed, true), (FaultKind::Down, false)]
            {
                let words = explain_vendor(vendor, &Fault::new(kind, "package list", "401")).to_string();
                assert_eq!(words.contains("the key is wrong"), names_the_key, "{words}");
                assert_eq!(words.contains("no signing secret"), names_the_key && verifies_us, "{words}");
            }
        }
    }
}
