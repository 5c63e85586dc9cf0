//! `crosscheck vendors`: lists the vendors, and says what their words mean.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::ats::{ATSS, AtsKind};
use shared::clock::Clock;
use shared::order::{AtsReference, ConnectionId, Order, Package, Placement, Status};
use shared::vendor::{StatusRow, VENDORS, VendorKind};

use crate::args::{Json, Target, Vendors, VendorsCommand, Which};
use crate::deployment::{CliError, Deployment};
use crate::output;
use crate::tables::{self, VENDORS_FACTS};

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
        let deployment = Deployment::open(&Target { which, data: args.data.clone(), json: args.json }).await?;
        deployment.services.store.connections().await?
    } else {
        Vec::new()
    };
    if args.json.json {
        let all: Vec<Value> = VENDORS.into_iter().map(|vendor| described(vendor, &connections)).collect();
        return Ok(output::document(&json!({ "vendors": all }))?);
    }
    for vendor in VENDORS {
        let facts = vendor.facts();
        output::line(format!("\n{} (--vendor {vendor})", vendor.title()))?;
        for (what, how) in VENDORS_FACTS.into_iter().zip(tables::facts(facts)) {
            output::line(format!("  {what}: {how}"))?;
        }
        if let Some(except) = facts.except {
            output::line(format!("  except: {except}"))?;
        }
        if let Some(url) = facts.test_url {
            output::line(format!("  to try it: --vendor-url {url}"))?;
        }
        for option in facts.options {
            let need = if option.required { ", required" } else { "" };
            output::line(format!("  --vendor-option {}=...  {}{need}", option.name, option.help))?;
        }
        for connection in connections.iter().filter(|c| c.vendor == vendor) {
            output::line(format!("  packages of connection {}:", connection.id))?;
            for package in connection.catalogue.iter().flat_map(|c| &c.packages) {
                output::line(format!("    {}  {}", package.id, package.name))?;
            }
        }
        let rows = facts.words.iter().map(|row| {
            let code = row.code.map_or_else(|| "-".to_owned(), |code| code.to_string());
            vec![format!("  {}", row.word), code, row.state.name().to_owned(), row.outcome.name().to_owned()]
        });
        output::table(&["  WORD", "CODE", "STATE", "OUTCOME"], rows.collect())?;
    }
    Ok(())
}

fn described(vendor: VendorKind, connections: &[shared::connection::Connection]) -> Value {
    let facts = vendor.facts();
    let own = connections.iter().filter(|c| c.vendor == vendor);
    json!({
        "vendor": vendor.name(),
        "title": vendor.title(),
        "base_url": facts.base_url,
        "test_url": facts.test_url,
        "facts": VENDORS_FACTS.into_iter().zip(tables::facts(facts)).collect::<BTreeMap<_, _>>(),
        "except": facts.except,
        "options": facts.options.iter()
            .map(|o| json!({ "name": o.name, "help": o.help, "required": o.required }))
            .collect::<Vec<_>>(),
        "status_map": facts.words.iter().map(row).collect::<Vec<_>>(),
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
        let rows: Vec<Value> = found.iter().map(|found| explained(vendor, found)).collect();
        return Ok(output::document(&json!({ "vendor": vendor.name(), "word": asked, "rows": rows }))?);
    }
    if found.is_empty() {
        return Ok(output::line(unknown(vendor, asked))?);
    }
    for row in found {
        output::line(format!("{} \"{}\": {}, outcome {}", vendor.title(), row.word, row.state, row.outcome.name()))?;
        if let Some(field) = vendor.setup().result_field(row) {
            output::line(format!("  It counts as a result ({field}), not as a status."))?;
        }
        for (ats, texts) in shown_in_each(row) {
            let texts: Vec<String> = texts.iter().map(|(field, text)| format!("{field}: {text}")).collect();
            output::line(format!("  {:<16} {}", ats.title(), texts.join("   ")))?;
        }
    }
    Ok(())
}

fn explained(vendor: VendorKind, found: &StatusRow) -> Value {
    let field = vendor.setup().result_field(found);
    json!({ "row": row(found), "result_field": field, "shown": shown(found) })
}

fn unknown(vendor: VendorKind, asked: &str) -> String {
    let setup = vendor.setup();
    let field = vendor.facts().words.iter().find_map(|row| setup.result_field(row));
    let result = field.map_or_else(String::new, |field| {
        format!(" As a result ({field}) it completes the check as inconclusive (shown as Completed), unless it says that there is none yet.")
    });
    format!(
        "{} is not known to use \"{asked}\". Such a word leaves the order in its state, is shown as the label, and \
         counts as UnknownWord; it never means clear.{result} `crosscheck vendors` lists the known words.",
        vendor.title()
    )
}

/// The row of this word or code, as the connector would find it, else every row that has the word within it.
pub fn rows_for(vendor: VendorKind, asked: &str) -> Vec<&'static StatusRow> {
    let (setup, map) = (vendor.setup(), vendor.facts().words);
    let word = setup.folded(asked);
    let is_code = |code: i64| asked.parse::<i64>() == Ok(code);
    let exact = |row: &&StatusRow| setup.folded(row.word) == word || row.code.is_some_and(is_code);
    let mut found: Vec<&StatusRow> = map.iter().filter(exact).collect();
    // Spellings that fold to one word mean the same, but for one that is a status as well as a result.
    found.dedup_by_key(|row| (row.state, row.outcome));
    if found.is_empty() && !word.is_empty() {
        found = map.iter().filter(|row| setup.folded(row.word).contains(&word)).collect();
    }
    found
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
    order.set_status(status, now);
    ATSS.into_iter().map(|ats| (ats, ats.setup().shows(&order, now))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_explained_as_people_write_them() {
        let words = |vendor, asked| rows_for(vendor, asked).iter().map(|row| row.word).collect::<Vec<_>>();
        assert_eq!(words(VendorKind::StackOne, "In Progress"), ["in_progress"]);
        assert_eq!(words(VendorKind::AshbyPartner, "in-progress"), ["in progress"]);
        assert_eq!(words(VendorKind::Justifacts, "In Process / Justifacts"), ["in process justifacts"]);
        assert_eq!(words(VendorKind::SpringVerify, "09"), ["On Hold"]);
        for vendor in VENDORS {
            assert!(words(vendor, "--").is_empty(), "{vendor}: what folds to nothing is in no word");
            assert!(words(vendor, "").is_empty(), "{vendor}");
        }
    }

    #[test]
    fn a_result_is_said_to_be_none_of_the_statuses() {
        for (vendor, asked, field) in [
            (VendorKind::Justifacts, "Clear", Some("assessment_result")),
            (VendorKind::Justifacts, "complete", None),
            (VendorKind::AshbyPartner, "did not pass", Some("assessment_result")),
            (VendorKind::SpringVerify, "Completed", None),
        ] {
            let fields: Vec<_> = rows_for(vendor, asked).iter().map(|row| vendor.setup().result_field(row)).collect();
            assert_eq!(fields, [field], "{vendor} {asked}");
        }
        assert!(unknown(VendorKind::Justifacts, "Not clear").contains("(assessment_result)"));
        assert!(!unknown(VendorKind::StackOne, "Not clear").contains("As a result"));
    }
}
