//! What is known of ATSs and vendors, in words: the tables of the documents, and a part of `crosscheck vendors`.

use shared::ats::{ATSS, AtsKind, KeySource};
use shared::vendor::{Cancelling, ReportKind, StatusRow, Unclear, VENDORS, VendorFacts, VendorKind};

/// The table that a document names: `atss`, `vendors`, or `vendor-words` and a vendor. Links are made to lead from a
/// document that lies where `to_root` leads to the root from.
pub fn named(table: &str, to_root: &str) -> Option<String> {
    match table.split_once(' ') {
        None if table == "atss" => Some(atss(to_root)),
        None if table == "vendors" => Some(vendors(to_root)),
        Some(("vendor-words", vendor)) => vendor.parse().ok().map(words),
        _ => None,
    }
}

fn atss(to_root: &str) -> String {
    let rows = ATSS.map(|ats| {
        let link = format!("[{}]({to_root}docs/ats/{ats}.md)", ats.title());
        let setup = match ats.facts().partner_keys {
            Some(_) => format!("`crosscheck ats setup {ats}`"),
            None => "nothing".to_owned(),
        };
        vec![link, format!("`{ats}`"), key_source(ats).to_owned(), setup]
    });
    table(&["ATS", "`--ats`", "its key comes from", "once per deployment"], &rows)
}

const fn key_source(ats: AtsKind) -> &'static str {
    match ats.facts().key_source {
        KeySource::Operator => "the operator, with `connect`",
        KeySource::Consent => "its admin's consent",
        KeySource::Partner => "the partner account",
    }
}

fn vendors(to_root: &str) -> String {
    let head: Vec<&str> = ["vendor", "`--vendor`"].into_iter().chain(VENDORS_FACTS).collect();
    let rows = VENDORS.map(|vendor| {
        let link = format!("[{}]({to_root}docs/vendors/{vendor}.md)", vendor.title());
        let cells = facts(vendor.facts()).into_iter().map(str::to_owned);
        [link, format!("`{vendor}`")].into_iter().chain(cells).collect()
    });
    let except = VENDORS.map(|vendor| match vendor.facts().except {
        Some(except) => format!("\n{}, {except}.\n", vendor.title()),
        None => String::new(),
    });
    table(&head, &rows) + &except.concat()
}

/// What the answers of [`facts`] are to.
pub(crate) const VENDORS_FACTS: [&str; 4] =
    ["callback lost", "purchase unclear", "cancel from the ATS", "report link opens"];

/// What people want to know of a vendor's protocol.
pub(crate) const fn facts(facts: &VendorFacts) -> [&'static str; 4] {
    [
        if facts.can_be_asked { "the sync asks while the check is open" } else { "not repaired" },
        match facts.unclear {
            Unclear::LookedUp => "looked up in its list",
            Unclear::SentAgain => "sent again as the same order",
            Unclear::WaitsForPerson => "a person looks",
        },
        match facts.cancelling {
            Cancelling::Never => "at the vendor only",
            Cancelling::UntilCandidateIsDone { .. } => "until the form is in, then at the vendor",
            Cancelling::Requested => "asked for, if it takes that",
        },
        match facts.report {
            ReportKind::Pdf => "a PDF",
            ReportKind::Page => "its page",
        },
    ]
}

fn words(vendor: VendorKind) -> String {
    let word = |row: &StatusRow| row.code.map_or_else(|| row.word.to_owned(), |code| format!("{code} {}", row.word));
    let cells = |row| vec![word(row), format!("`{}`", row.state.name()), row.outcome.name().to_owned()];
    let rows: Vec<_> = vendor.facts().words.iter().map(cells).collect();
    table(&["word", "state", "outcome"], &rows)
}

fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: String| format!("| {cells} |\n");
    let rule = format!("|{}\n", "---|".repeat(head.len()));
    let rows: Vec<String> = rows.iter().map(|cells| line(cells.join(" | "))).collect();
    format!("{}{rule}{}", line(head.join(" | ")), rows.concat())
}
