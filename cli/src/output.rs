//! How commands print: text for people, one JSON document for scripts.

use std::io::{self, Write as _};
use std::process::ExitCode;

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use serde_json::{Value, json};
use shared::ats::AtsKind;
use shared::connection::Connection;
use shared::order::Order;

use crate::deployment::CliError;

/// How a command ends: what went wrong is on standard error.
pub fn exit(done: Result<(), CliError>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // The reader closed the pipe (`crosscheck orders list | head`): no error.
        Err(CliError::Io(e)) if e.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(problem) => {
            let _ = writeln!(io::stderr(), "crosscheck: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Prints text and a line break.
///
/// # Errors
/// When standard output is closed.
pub fn line(text: impl AsRef<str>) -> io::Result<()> {
    writeln!(io::stdout(), "{}", text.as_ref())
}

/// Says something beside what the command prints: on standard error, so that scripts do not read it.
///
/// # Errors
/// When standard error is closed.
pub fn aside(text: impl AsRef<str>) -> io::Result<()> {
    writeln!(io::stderr(), "crosscheck: {}", text.as_ref())
}

/// Prints one JSON document.
///
/// # Errors
/// When standard output is closed.
pub fn document(value: &Value) -> io::Result<()> {
    line(serde_json::to_string_pretty(value).unwrap_or_default())
}

/// Prints a table without borders.
///
/// # Errors
/// When standard output is closed.
pub fn table(header: &[&str], rows: Vec<Vec<String>>) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header).add_rows(rows);
    line(table.trim_fmt())
}

/// Prints numbered steps.
///
/// # Errors
/// When standard output is closed.
pub fn steps(title: &str, steps: &[String]) -> io::Result<()> {
    line(format!("\n{title}"))?;
    steps.iter().enumerate().try_for_each(|(n, step)| line(format!("  {}. {step}", n + 1)))
}

/// An order as scripts get it. No data of the candidate's is in it.
pub fn order(order: &Order, report_url: Option<&str>) -> Value {
    json!({
        "order_id": order.id.to_string(),
        "connection_id": order.connection.to_string(),
        "package": { "id": order.package.id, "name": order.package.name },
        "ats_candidate_id": order.reference.candidate_id,
        "ats_application_id": order.reference.application_id,
        "state": order.status.state.name(),
        "outcome": order.status.outcome.name(),
        "label": order.status.label,
        "vendor_ref": order.placement.vendor_ref(),
        "profile_url": order.profile_url,
        "report_url": report_url,
        "ats_up_to_date": order.told >= order.version,
        "created_at": order.created_at.to_string(),
        "closed_at": order.closed_at.map(|at| at.to_string()),
        "history": order.history.iter()
            .map(|e| json!({ "at": e.at.to_string(), "text": e.text }))
            .collect::<Vec<_>>(),
    })
}

/// A connection as scripts get it. No token and no key is in it.
pub fn connection(connection: &Connection, base_url: &str) -> Value {
    let packages = connection.catalogue.iter().flat_map(|c| &c.packages);
    json!({
        "connection_id": connection.id.to_string(),
        "ats": connection.ats.name(),
        "vendor": connection.vendor.name(),
        "ats_url": connection.ats_url.to_string(),
        "vendor_url": connection.vendor_url.to_string(),
        "state": connection.state.name(),
        "account": connection.account,
        "trouble": connection.trouble_words(),
        "trouble_since": connection.trouble.since().map(|at| at.to_string()),
        "base_url": ats_base_url(connection, base_url),
        "callback_url": callback_url(connection, base_url),
        "credit": connection.catalogue.as_ref().and_then(|c| c.credit),
        "packages": packages.map(|p| json!({ "id": p.id, "name": p.name })).collect::<Vec<_>>(),
        "tokens": connection.tokens.iter()
            .map(|t| json!({ "expires_at": t.expires_at.map(|at| at.to_string()) }))
            .collect::<Vec<_>>(),
        "created_at": connection.created_at.to_string(),
    })
}

/// What the ATS's base URL field takes. It ends in a slash, as every published one does.
pub fn ats_base_url(connection: &Connection, base_url: &str) -> String {
    door_url(connection.ats, base_url)
}

/// Where an ATS's door is.
pub fn door_url(ats: AtsKind, base_url: &str) -> String {
    format!("{base_url}/{ats}/")
}

/// Where the vendor's callbacks go.
pub fn callback_url(connection: &Connection, base_url: &str) -> String {
    format!("{base_url}/callbacks/{}/{}", connection.vendor, connection.id)
}
