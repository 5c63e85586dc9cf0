//! `crosscheck vendors`: who is spoken with, and what their words become.

use serde_json::{Value, json};
use shared::ats::{ATSS, AtsKind};
use shared::flow::Clock;
use shared::order::{AtsReference, ConnectionId, Order, Package, Placement, Status};
use shared::vendor::{StatusRow, VENDORS, VendorKind};

use crate::args::{Json, Target, Vendors, VendorsCommand, Which};
use crate::output;
use crate::place::{CliError, Place};

/// Runs the command.
///
/// # Errors
/// See [`CliError`].
pub async fn run(args: &Vendors) -> Result<(), CliError> {
    match &args.command {
        Some(VendorsCommand::Explain { vendor, word, json }) => explain(*vendor, word, *json),
        None => list(args).await,
    }
}

async fn list(args: &Vendors) -> Result<(), CliError> {
    let connections = if args.local || args.stack.is_some() {
        let which = Which { stack: args.stack.clone(), local: args.local };
        let place = Place::open(&Target { which, data: args.data.clone(), json: args.json }).await?;
        place.desk.store.connections().await?
    } else {
        Vec::new()
    };
    if args.json.json {
        let all: Vec<Value> = VENDORS.into_iter().map(|vendor| described(vendor, &connections)).collect();
        return Ok(output::document(&json!({ "vendors": all }))?);
    }
    for vendor in VENDORS {
        let connector = vendor.connector();
        output::line(format!("\n{} (--vendor {vendor})", vendor.title()))?;
        for option in connector.options() {
            let need = if option.required { ", required" } else { "" };
            output::line(format!("  --vendor-option {}=...  {}{need}", option.name, option.help))?;
        }
        for connection in connections.iter().filter(|c| c.vendor == vendor) {
            output::line(format!("  packages of connection {}:", connection.id))?;
            for package in connection.catalogue.iter().flat_map(|c| &c.packages) {
                output::line(format!("    {}  {}", package.id, package.name))?;
            }
        }
        let rows = connector.status_map().iter().map(|row| {
            let code = row.code.map_or_else(|| "-".to_owned(), |code| code.to_string());
            vec![format!("  {}", row.word), code, row.state.name().to_owned(), row.outcome.name().to_owned()]
        });
        output::table(&["  WORD", "CODE", "STATE", "OUTCOME"], rows.collect())?;
    }
    Ok(())
}

fn described(vendor: VendorKind, connections: &[shared::connection::Connection]) -> Value {
    let connector = vendor.connector();
    let own = connections.iter().filter(|c| c.vendor == vendor);
    json!({
        "vendor": vendor.name(),
        "title": vendor.title(),
        "options": connector.options().iter()
            .map(|o| json!({ "name": o.name, "help": o.help, "required": o.required }))
            .collect::<Vec<_>>(),
        "status_map": connector.status_map().iter().map(row).collect::<Vec<_>>(),
        "connections": own.map(|c| json!({
            "connection_id": c.id.to_string(),
            "packages": c.catalogue.iter().flat_map(|c| &c.packages)
                .map(|p| json!({ "id": p.id, "name": p.name }))
                .collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

fn row(row: &StatusRow) -> Value {
    json!({ "word": row.word, "code": row.code, "state": row.state.name(), "outcome": row.outcome.name() })
}

fn explain(vendor: VendorKind, word: &str, how: Json) -> Result<(), CliError> {
    let asked = word.trim();
    let found = rows_for(vendor, asked);
    if how.json {
        let rows: Vec<Value> = found.iter().map(|found| json!({ "row": row(found), "shown": shown(found) })).collect();
        return Ok(output::document(&json!({ "vendor": vendor.name(), "word": asked, "rows": rows }))?);
    }
    if found.is_empty() {
        return Ok(output::line(format!(
            "{} is not known to use \"{asked}\". Such a word leaves the order in its state, is shown as the label, and \
             counts as UnknownWord; it never means clear. `crosscheck vendors` lists the known words.",
            vendor.title()
        ))?);
    }
    for row in found {
        output::line(format!("{} \"{}\": {}, outcome {}", vendor.title(), row.word, row.state, row.outcome.name()))?;
        for (ats, texts) in shown_in_each(row) {
            let texts: Vec<String> = texts.iter().map(|(field, text)| format!("{field}: {text}")).collect();
            output::line(format!("  {:<16} {}", ats.title(), texts.join("   ")))?;
        }
    }
    Ok(())
}

/// The row of this word or code, else every row that has the word within it.
fn rows_for(vendor: VendorKind, asked: &str) -> Vec<&'static StatusRow> {
    let map = vendor.connector().status_map();
    let exact = |row: &&StatusRow| {
        row.word.eq_ignore_ascii_case(asked) || row.code.is_some_and(|code| code.to_string() == asked)
    };
    let within = |row: &&StatusRow| !asked.is_empty() && row.word.to_lowercase().contains(&asked.to_lowercase());
    map.iter().find(exact).map_or_else(|| map.iter().filter(within).collect(), |row| vec![row])
}

fn shown(row: &StatusRow) -> Value {
    let each = shown_in_each(row).into_iter().map(|(ats, texts)| {
        let texts: serde_json::Map<String, Value> = texts.into_iter().map(|(k, v)| (k.to_owned(), json!(v))).collect();
        (ats.name().to_owned(), Value::Object(texts))
    });
    Value::Object(each.collect())
}

/// What each ATS would show of an order that stands as the row says.
fn shown_in_each(row: &StatusRow) -> Vec<(AtsKind, Vec<(&'static str, String)>)> {
    let now = Clock::system().now();
    let package = Package { id: "1".to_owned(), name: "Package".to_owned(), description: String::new() };
    let nobody = ConnectionId::from_random([0; 8]);
    let mut order = Order::new(nobody, AtsReference::default(), package, now);
    order.placement = Placement::Placed { vendor_ref: "1".to_owned() };
    let status = Status { state: row.state, outcome: row.outcome, label: row.word.to_owned() };
    order.stand(status, now);
    ATSS.into_iter().map(|ats| (ats, ats.connector().shows(&order, now))).collect()
}
