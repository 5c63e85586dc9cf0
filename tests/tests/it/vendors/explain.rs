//! `crosscheck vendors explain` finds a row by every spelling that the connector reads as that row.

use std::collections::BTreeMap;

use crosscheck::vendors::rows_for;
use shared::order::Reading;
use shared::vendor::{Asked, StatusRow, VendorCall, VendorKind};
use sim::pair::{Letter, Pair};
use tests::world::Result;

use super::{same, with_every_vendor};

/// What the connector makes of this callback.
fn read(vendor: VendorKind, letter: &Letter) -> Result<Option<Reading>> {
    let (body, options) = (letter.body.to_string(), BTreeMap::new());
    let path: Vec<&str> = letter.path.split('/').filter(|part| !part.is_empty()).collect();
    let call =
        VendorCall { method: &letter.method, path: &path, query: None, body: body.as_bytes(), options: &options };
    match vendor.callbacks().read_call(call) {
        Ok(Some(Asked::Report(callback))) => Ok(Some(callback.report.reading)),
        Ok(Some(Asked::Update(update))) => Ok(update.reading),
        other => Err(format!("{body} is read as {other:?}").into()),
    }
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

/// Where callbacks are not believed, the vendor's own tests hold what it reads against its table.
async fn explained(pair: Pair) -> Result {
    let vendor = pair.vendor.kind();
    for row in vendor.facts().words {
        for word in spellings(row.word) {
            let found = rows_for(vendor, word.trim());
            let meant: Vec<_> = found.iter().map(|one| (one.state, one.outcome)).collect();
            let is_read = match pair.vendor.says_word(row, &word) {
                Some(letter) => means(read(vendor, &letter)?.as_ref(), row),
                None => true,
            };
            same(&word, meant, if is_read { vec![(row.state, row.outcome)] } else { Vec::new() })?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_is_explained_by_every_spelling_that_its_connector_reads_and_by_no_other() -> Result {
    with_every_vendor(explained).await
}
