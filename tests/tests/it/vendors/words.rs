//! Words that no table has, and words that quote the candidate.

use std::process::Command;

use local::function_config;
use serde_json::json;
use shared::config::optional;
use shared::order::{Order, Outcome, State};
use shared::telemetry;
use shared::vendor::{StatusRow, VENDORS};
use sim::pair::{Milestone, Pair};
use tests::ministack::finished;
use tests::world::Result;

use super::letter::{Pen, at_work, with};
use super::{an_hour_passes, at_rest, ends_clear, holds, placed, reaches, same, until, with_every_vendor};

/// A row of no table.
const fn row(word: &'static str) -> StatusRow {
    StatusRow { code: None, word, state: State::Ordered, outcome: Outcome::None }
}

/// As much of a word as any label has.
fn tail(word: &str) -> String {
    word.trim_start_matches("Report ").to_lowercase()
}

async fn unknown(pair: Pair) -> Result {
    let (id, check) = placed(&pair, 1).await?;
    reaches(&pair, &check, Milestone::InProgress).await?;
    until(&pair, &id, State::InProgress).await?;
    for word in pair.vendor.strange().words {
        let answers = pair.vendor.says(&check, &row(word)).await?;
        same("callbacks are taken", answers.iter().all(|status| *status == 200), true)?;
        let shown = tail(word);
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

/// The variable by which one vendor alone is tried.
const ONLY: &str = "CROSSCHECK_TEST_VENDOR";

async fn counted(pair: Pair) -> Result {
    if optional(ONLY).is_some_and(|only| only != pair.vendor.kind().name()) {
        return Ok(());
    }
    telemetry::start(&function_config(&pair.stack.file), "test");
    let (id, check) = placed(&pair, 1).await?;
    reaches(&pair, &check, Milestone::InProgress).await?;
    until(&pair, &id, State::InProgress).await?;
    let [word, ..] = pair.vendor.strange().words;
    pair.vendor.says(&check, &row(word)).await?;
    pair.until(&id, |o| o.status.label.to_lowercase().contains(&tail(word))).await?;
    // The worker counts after it has stored the word.
    pair.idle().await;
    Ok(())
}

/// Once for each answer that holds the word: a vendor that is asked twice says it twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_no_table_has_is_counted_for_the_alarm() -> Result {
    if optional(ONLY).is_some() {
        return with_every_vendor(counted).await;
    }
    // Metrics are for a whole process, so this test runs once more in a process of each vendor's own.
    for vendor in VENDORS {
        let mut alone = Command::new(std::env::current_exe()?);
        alone.args(["--exact", "--nocapture"]).env(ONLY, vendor.name());
        alone.arg("vendors::words::a_word_that_no_table_has_is_counted_for_the_alarm");
        let printed = finished(alone).await?;
        same(vendor.name(), printed.contains("\"UnknownWord\":1"), true)?;
    }
    Ok(())
}

/// An unknown word on an order that has hardly begun, and on one that is over.
async fn unknown_at_the_ends(pair: Pair) -> Result {
    let (id, check) = placed(&pair, 1).await?;
    let before = pair.order(&id).await?.status;
    let [word, ..] = pair.vendor.strange().words;
    let row = row(word);
    pair.vendor.says(&check, &row).await?;
    let order = pair.until(&id, |o| o.status.label.to_lowercase().contains(&tail(word))).await?;
    if !pair.vendor.begins_with_words() {
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

fn holds_nobody(what: &str, order: &Order) -> Result {
    let texts = order.history.iter().map(|entry| entry.text.as_str()).chain([order.status.label.as_str()]);
    for text in texts {
        let text = text.to_lowercase();
        let personal = ["asha", "rao", "@example", "98765", "00001"].iter().find(|part| text.contains(**part));
        same(what, personal.map(|part| format!("{part} in {text}")), None)?;
    }
    Ok(())
}

async fn quoted(pair: Pair) -> Result {
    let pen = Pen::new()?;
    let (id, check) = placed(&pair, 1).await?;
    reaches(&pair, &check, Milestone::InProgress).await?;
    until(&pair, &id, State::InProgress).await?;
    for words in pair.vendor.strange().quotes {
        pair.vendor.says(&check, &row(words)).await?;
        let order =
            pair.until(&id, |o| o.status.label.contains('…') || !o.has_question() && o.told == o.version).await?;
        holds_nobody("pushed", &order)?;
        an_hour_passes(&pair).await?;
        let order = at_rest(&pair, &id).await?;
        holds("what is left of it", &order.status.label, "…")?;
        holds_nobody("asked for", &order)?;
    }
    for words in pair.vendor.strange().quotes {
        for field in pair.vendor.free_words() {
            let mut letter = with(&at_work(&pair, &id, &check), field, Some(json!(words)));
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
