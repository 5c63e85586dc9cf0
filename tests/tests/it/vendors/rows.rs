//! Every row of every status map, by the road that the vendor's news really takes.

use serde_json::json;
use shared::order::Outcome;
use shared::vendor::{StatusRow, VendorKind};
use sim::pair::Pair;
use sim::{Fault, Reply};
use tests::world::Result;

use super::letter::{Pen, at_work};
use super::protocol::{self, Order};
use super::{placed, same, taken, with_every_vendor};

/// Rows that the simulator never gets to by itself: the list of invitations is put in its place.
const fn is_only_listed(row: &StatusRow) -> bool {
    matches!(row.word.as_bytes(), b"Invitation completed" | b"Invitation canceled")
}

async fn said(pair: &Pair, pen: &Pen, id: &str, check: &str, row: &StatusRow) -> Result {
    if pair.vendor.kind() != VendorKind::Checkr || !is_only_listed(row) {
        return taken(&pair.vendor.says(check, row).await?);
    }
    let status = row.word.trim_start_matches("Invitation ");
    let listed = json!({ "id": "ae4a2b1c9d3e4f5061728394", "object": "invitation", "status": status,
        "candidate_id": check, "deleted_at": null, "created_at": "2026-11-21T09:00:00Z" });
    let list = Reply::json(200, &json!({ "data": [listed], "next_href": null }));
    pair.vendor.faults().once("invitations.list", Fault::Answer(list));
    taken(&[pen.send(pair, &at_work(pair, id, check)).await?.status])
}

async fn rows(pair: Pair) -> Result {
    let (vendor, map) = (pair.vendor.kind(), pair.vendor.kind().facts().words);
    let pen = Pen::new()?;
    // What has a date is believed in any order, so that one check can go through every row.
    let at_one = protocol::of(vendor).order == Order::Dated;
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
