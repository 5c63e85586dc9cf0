//! Fields that are missing or hold something odd: named, or taken as silence, and no state is lost by it.

use serde_json::{Value, json};
use shared::order::{Outcome, State};
use sim::pair::{Milestone, Pair};
use tests::world::Result;

use super::letter::{Pen, at_work, pointers, with};
use super::{at_rest, ends_clear, holds, placed, reaches, same, until, with_every_vendor};

async fn missing(pair: Pair) -> Result {
    let pen = Pen::new()?;
    let (id, check) = placed(&pair, 1).await?;
    reaches(&pair, &check, Milestone::InProgress).await?;
    let before = until(&pair, &id, State::InProgress).await?;
    let needed = pair.vendor.needed();
    for (fields, named) in needed {
        let letter = fields.iter().fold(at_work(&pair, &id, &check), |letter, field| with(&letter, field, None));
        let answer = pen.send(&pair, &letter).await?;
        same(&format!("without {fields:?}"), answer.status, 422)?;
        holds(&format!("without {fields:?}"), &answer.text, named)?;
    }
    for field in pointers(&at_work(&pair, &id, &check).body) {
        if needed.iter().any(|(fields, _)| **fields == [field.as_str()]) {
            continue;
        }
        for instead in [None, Some(Value::Null)] {
            // A value that is not there leaves an update of Ashby's without a status.
            let silent = if field == "/assessment_status/value" { 422 } else { 200 };
            let letter = with(&at_work(&pair, &id, &check), &field, instead);
            same(&format!("without {field}"), pen.send(&pair, &letter).await?.status, silent)?;
            let order = pair.order(&id).await?;
            same(&field, (order.status.state, order.status.outcome), (before.status.state, Outcome::None))?;
        }
    }
    let order = at_rest(&pair, &id).await?;
    same("afterwards", (order.status.state, order.status.outcome), (before.status.state, Outcome::None))?;
    reaches(&pair, &check, Milestone::Clear).await?;
    ends_clear(&pair, &id).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_missing_is_named_or_taken_as_silence() -> Result {
    with_every_vendor(missing).await
}

async fn odd(pair: Pair) -> Result {
    let pen = Pen::new()?;
    let (id, check) = placed(&pair, 1).await?;
    reaches(&pair, &check, Milestone::InProgress).await?;
    until(&pair, &id, State::InProgress).await?;
    let long = "y".repeat(50_000);
    let values =
        [json!(true), json!(-1), json!(0.5), json!(""), json!("\u{0}\u{202e} x"), json!([]), json!({}), json!(long)];
    for field in pointers(&at_work(&pair, &id, &check).body) {
        for value in &values {
            let letter = with(&at_work(&pair, &id, &check), &field, Some(value.clone()));
            let what = format!("{field} as {value:.20}");
            let answer = pen.send(&pair, &letter).await?.status;
            // An id that nobody has yet may be on its way, at a vendor that is told so.
            let asked_again = answer == 503 && field == "/assessment_id";
            same(&what, answer < 500 || asked_again, true)?;
        }
        let order = pair.order(&id).await?;
        same(&field, (order.status.state, order.status.outcome), (State::InProgress, Outcome::None))?;
        let longest = order.history.iter().map(|entry| entry.text.len()).max();
        same(&format!("{field}: words are kept short"), longest < Some(1000), true)?;
    }
    reaches(&pair, &check, Milestone::Clear).await?;
    ends_clear(&pair, &id).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_odd_value_in_any_field_breaks_nothing_and_completes_nothing() -> Result {
    with_every_vendor(odd).await
}
