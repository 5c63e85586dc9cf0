//! Every row of every status map, by the road that the vendor's news really takes.

use shared::order::Outcome;
use shared::vendor::StatusRow;
use sim::pair::Pair;
use tests::world::Result;

use super::letter::{Pen, at_work};
use super::{placed, same, taken, with_every_vendor};

async fn said(pair: &Pair, pen: &Pen, id: &str, check: &str, row: &StatusRow) -> Result {
    let Some((operation, fault)) = pair.vendor.only_listed(check, row) else {
        return taken(&pair.vendor.says(check, row).await?);
    };
    pair.vendor.faults().once(operation, fault);
    taken(&[pen.send(pair, &at_work(pair, id, check)).await?.status])
}

async fn rows(pair: Pair) -> Result {
    let facts = pair.vendor.kind().facts();
    let map = facts.words;
    let pen = Pen::new()?;
    // What has a date is believed in any order, so that one check can go through every row.
    let at_one = facts.dates_reports;
    let mut order = None;
    for (n, row) in map.iter().enumerate() {
        let (id, check) = match order.take().filter(|_| at_one) {
            Some(order) => order,
            None => placed(&pair, n).await?,
        };
        said(&pair, &pen, &id, &check, row).await.map_err(|e| format!("{}: {e}", row.word))?;
        let is_result = at_one && matches!(row.outcome, Outcome::Clear | Outcome::Review | Outcome::Adverse);
        let label = if is_result { format!("complete: {}", row.word) } else { row.word.to_owned() };
        let arrived = pair.until(&id, |o| o.status.label == label && o.told == o.version).await;
        let status = arrived.map_err(|e| format!("{}: {e}", row.word))?.status;
        same(row.word, (status.state, status.outcome), (row.state, row.outcome))?;
        let card = pair.ats.card(&id).ok_or("no card")?;
        same(&format!("{}: the card says something", row.word), card.status.is_empty(), false)?;
        order = Some((id, check));
    }
    Ok(pair.ends_with_bought(if at_one { 1 } else { map.len() })?)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_every_status_map_means_what_it_says() -> Result {
    with_every_vendor(rows).await
}
