//! Words that no table has, and words that quote the candidate.

use std::process::Command;

use local::function_config;
use serde_json::json;
use shared::order::{Order, Outcome, State};
use shared::telemetry;
use shared::vendor::{StatusRow, VENDORS, VendorKind};
use sim::pair::{Milestone, Pair};
use tests::ministack::finished;
use tests::world::Result;

use super::letter::{Pen, at_work, with};
use super::{an_hour_passes, at_rest, ends_clear, holds, placed, reaches, same, until, with_every_vendor};

/// A word of no table, in the place where this vendor's status words stand.
fn word(vendor: VendorKind, word: &'static str, of_report: &'static str) -> StatusRow {
    let word = if vendor == VendorKind::Checkr { of_report } else { word };
    StatusRow { code: None, word, state: State::Ordered, outcome: Outcome::None }
}

async fn unknown(pair: Pair) -> Result {
    let (id, check) = placed(&pair, 1).await?;
    reaches(&pair, &check, Milestone::InProgress).await?;
    until(&pair, &id, State::InProgress).await?;
    for (said, of_report) in [
        ("quantum flux", "Report quantum flux"),
        ("clear pending review", "Report clear pending review"),
        ("completed by magic", "Report complete: sparkling"),
        ("passed on", "Report pass"),
    ] {
        let row = word(pair.vendor.kind(), said, of_report);
        let answers = pair.vendor.says(&check, &row).await?;
        same("callbacks are taken", answers.iter().all(|status| *status == 200), true)?;
        let shown = row.word.trim_start_matches("Report ").to_lowercase();
        let order = pair.until(&id, |o| o.status.label.to_lowercase().contains(&shown) && o.told == o.version).await?;
        same(&shown, (order.status.state, order.status.outcome), (State::InProgress, Outcome::None))?;
    }
    reaches(&pair, &check, Milestone::Clear).await?;
    ends_clear(&pair, &id).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_no_table_has_keeps_the_state_becomes_the_label_and_never_means_clear() -> Result {
    with_every_vendor(unknown).await
}

async fn counted(pair: Pair) -> Result {
    telemetry::start(&function_config(&pair.stack.file));
    let (id, check) = placed(&pair, 1).await?;
    reaches(&pair, &check, Milestone::InProgress).await?;
    until(&pair, &id, State::InProgress).await?;
    pair.vendor.says(&check, &word(pair.vendor.kind(), "quantum flux", "Report quantum flux")).await?;
    pair.until(&id, |o| o.status.label.to_lowercase().contains("quantum flux")).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "metrics are for a whole process: the next test runs this one in a process of its own"]
async fn each_vendor_uses_one_word_that_no_table_has() -> Result {
    with_every_vendor(counted).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_no_table_has_is_counted_for_the_alarm() -> Result {
    let mut alone = Command::new(std::env::current_exe()?);
    alone.args(["--exact", "--ignored", "--nocapture"]);
    alone.arg("vendors::words::each_vendor_uses_one_word_that_no_table_has");
    let printed = finished(alone).await?;
    same("words counted", printed.matches("\"UnknownWord\":1").count(), VENDORS.len())
}

/// An unknown word on an order that has hardly begun, and on one that is over.
async fn unknown_at_the_ends(pair: Pair) -> Result {
    let (id, check) = placed(&pair, 1).await?;
    let before = pair.order(&id).await?.status;
    let row = word(pair.vendor.kind(), "quantum flux", "Report quantum flux");
    pair.vendor.says(&check, &row).await?;
    let order = pair.until(&id, |o| o.status.label.to_lowercase().contains("quantum flux")).await?;
    // Before the form is handed in, Checkr has no report that could be at such a word.
    if pair.vendor.kind() != VendorKind::Checkr {
        same("at the beginning", (order.status.state, order.status.outcome), (before.state, before.outcome))?;
    }
    reaches(&pair, &check, Milestone::Review).await?;
    let ended = until(&pair, &id, State::Completed).await?;
    pair.vendor.says(&check, &row).await?;
    let order = at_rest(&pair, &id).await?;
    same("at the end", (order.status.state, order.status.outcome), (State::Completed, ended.status.outcome))?;
    Ok(pair.ends_with_bought(1)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_no_table_has_neither_begins_nor_reopens_nor_settles_a_check() -> Result {
    with_every_vendor(unknown_at_the_ends).await
}

/// What a vendor may say of the first candidate, in the ways that people write it.
const QUOTED: [(&str, &str); 3] = [
    ("Waiting for Asha RAO, asha1@example.com", "Report waiting for Asha RAO, asha1@example.com"),
    ("Call +91 98765 00001 today", "Report call +91 98765 00001 today"),
    ("rao/asha (9876500001)", "Report rao/asha (9876500001)"),
];

fn holds_nobody(what: &str, order: &Order) -> Result {
    let texts = order.history.iter().map(|entry| entry.text.as_str()).chain([order.status.label.as_str()]);
    for text in texts {
        let text = text.to_lowercase();
        let personal = ["asha", "rao", "@example", "98765", "00001"].iter().find(|part| text.contains(**part));
        same(what, personal.map(|part| format!("{part} in {text}")), None)?;
    }
    Ok(())
}

/// Where free words stand in a callback.
const fn free(vendor: VendorKind) -> &'static [&'static str] {
    match vendor {
        VendorKind::SpringVerify => &["/overall_status"],
        VendorKind::AshbyPartner | VendorKind::Justifacts => {
            &["/assessment_status/value", "/assessment_result", "/cancelled_reason"]
        }
        VendorKind::StackOne => &["/result/source_value", "/result/value", "/summary"],
        // Its callbacks have no words of its own.
        VendorKind::Checkr => &[],
    }
}

async fn quoted(pair: Pair) -> Result {
    let pen = Pen::new()?;
    let (id, check) = placed(&pair, 1).await?;
    reaches(&pair, &check, Milestone::InProgress).await?;
    until(&pair, &id, State::InProgress).await?;
    for (said, of_report) in QUOTED {
        let row = word(pair.vendor.kind(), said, of_report);
        pair.vendor.says(&check, &row).await?;
        let order =
            pair.until(&id, |o| o.status.label.contains('…') || !o.has_question() && o.told == o.version).await?;
        holds_nobody("pushed", &order)?;
        an_hour_passes(&pair).await?;
        let order = at_rest(&pair, &id).await?;
        holds("what is left of it", &order.status.label, "…")?;
        holds_nobody("asked for", &order)?;
    }
    for (said, _) in QUOTED {
        for field in free(pair.vendor.kind()) {
            let mut letter = with(&at_work(&pair, &id, &check), field, Some(json!(said)));
            if *field == "/summary" {
                letter = with(&letter, "/result/source_value", None);
            }
            pen.send(&pair, &letter).await?;
            holds_nobody(field, &pair.order(&id).await?)?;
        }
    }
    holds_nobody("afterwards", &at_rest(&pair, &id).await?)?;
    Ok(pair.ends_with_bought(1)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_never_holds_what_the_vendor_quotes_of_the_candidate() -> Result {
    with_every_vendor(quoted).await
}
