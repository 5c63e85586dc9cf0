//! `crosscheck vendors explain` finds a row by every spelling that the connector reads as that row.

use std::time::Duration;

use crosscheck::vendors::rows_for;
use shared::order::{Order, Reading};
use shared::vendor::{StatusRow, VendorCall, VendorKind, VendorRequest};
use sim::Fault;
use sim::pair::{Letter, Pair};
use tests::world::Result;

use super::{at_rest, placed, same, with_every_vendor};

/// What the connector makes of this callback.
fn read(vendor: VendorKind, letter: &Letter) -> Result<Option<Reading>> {
    let body = letter.body.to_string();
    let path: Vec<&str> = letter.path.split('/').filter(|part| !part.is_empty()).collect();
    let call = VendorCall { method: &letter.method, path: &path, query: None, body: body.as_bytes() };
    match vendor.callbacks().read_call(call) {
        Ok(Some(VendorRequest::Report(report))) => Ok(Some(report.reading)),
        Ok(Some(VendorRequest::Update(update))) => Ok(update.reading),
        other => Err(format!("{body} is read as {other:?}").into()),
    }
}

/// What the connector makes of this word as an answer, where callbacks are not believed.
async fn asked(pair: &Pair, order: &Order, word: &str) -> Result<Option<Reading>> {
    let Some((operation, answer)) = pair.vendor.answers_word(word) else { return Ok(None) };
    pair.vendor.faults().once(operation, Fault::Answer(answer));
    let (services, connection) = (&pair.deployment.services, &pair.made.connection);
    let keys = services.secrets.keys(&connection.id).await?;
    let account = services.vendor_account(connection, &keys, Duration::from_secs(5));
    let report = connection.vendor.connector().ask(&account, order).await?;
    Ok(report.map(|report| report.reading))
}

fn means(reading: Option<&Reading>, row: &StatusRow) -> bool {
    matches!(reading, Some(Reading::Known(status)) if (status.state, status.outcome) == (row.state, row.outcome))
}

/// The word in the ways that vendors and people write it.
fn spellings(word: &str) -> Vec<String> {
    let apart = |with: &str| word.replace([' ', '_'], with);
    let loud = word.to_uppercase();
    vec![word.to_owned(), loud.clone(), format!(" {loud} "), apart(" "), apart("-"), apart("_"), apart("  ")]
}

/// Where neither a callback nor an answer has the row's word as it is, the vendor's own tests hold what it reads against
/// its table.
async fn explained(pair: Pair) -> Result {
    let vendor = pair.vendor.kind();
    let (id, _) = placed(&pair, 1).await?;
    let order = at_rest(&pair, &id).await?;
    for row in vendor.facts().words {
        for word in spellings(row.word) {
            let found = rows_for(vendor, word.trim());
            let meant: Vec<_> = found.iter().map(|one| (one.state, one.outcome)).collect();
            let reading = match pair.vendor.says_word(row, &word) {
                Some(letter) => read(vendor, &letter)?,
                None => asked(&pair, &order, &word).await?,
            };
            let is_told = pair.vendor.says_word(row, &word).is_some() || pair.vendor.answers_word(&word).is_some();
            let is_read = !is_told || means(reading.as_ref(), row);
            same(&word, meant, if is_read { vec![(row.state, row.outcome)] } else { Vec::new() })?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_is_explained_by_every_spelling_that_its_connector_reads_and_by_no_other() -> Result {
    with_every_vendor(explained).await
}
