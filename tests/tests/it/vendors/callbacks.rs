//! Callbacks that come twice, late, backwards, at once or not at all.

use std::time::Duration;

use shared::order::{Outcome, State};
use sim::Delivery;
use sim::pair::{Milestone, Pair};
use tests::world::Result;

use super::letter::{Pen, at_work, with};
use super::{an_hour_passes, at_rest, ends_clear, placed, reaches, same, taken, times, until, with_every_vendor};

async fn twice(pair: Pair) -> Result {
    let (id, check) = placed(&pair, 1).await?;
    pair.vendor.set_delivery(Delivery::Twice);
    for (milestone, state) in [(Milestone::InProgress, State::InProgress), (Milestone::Clear, State::Completed)] {
        let answers = pair.vendor.reaches(&check, milestone).await?;
        same("callbacks come in pairs", answers.len() >= 2, true)?;
        taken(&answers)?;
        until(&pair, &id, state).await?;
    }
    let order = ends_clear(&pair, &id).await?;
    same("told once each", (times(&order, State::InProgress), times(&order, State::Completed)), (1, 1))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_comes_twice_is_told_once() -> Result {
    with_every_vendor(twice).await
}

async fn lost(pair: Pair) -> Result {
    let (id, check) = placed(&pair, 1).await?;
    if let Some(checkr) = pair.vendor.checkr() {
        // What it says of the purchase itself is not what gets lost here.
        taken(&checkr.deliver_waiting().await)?;
    }
    let before = at_rest(&pair, &id).await?;
    pair.vendor.set_delivery(Delivery::Lose);
    pair.vendor.reaches(&check, Milestone::Clear).await?;
    pair.idle().await;
    same("nobody has said a word", pair.order(&id).await?, before.clone())?;
    same("the sync looks after it", an_hour_passes(&pair).await?, 1)?;
    if !pair.vendor.kind().facts().can_be_asked {
        let order = at_rest(&pair, &id).await?;
        same("it stays as it was", order.status, before.status)?;
        same("and visible", an_hour_passes(&pair).await?, 1)?;
        same("on the card too", pair.ats.card(&id).is_some_and(|card| !card.status.is_empty()), true)?;
        pair.vendor.set_delivery(Delivery::Once);
        reaches(&pair, &check, Milestone::Clear).await?;
    }
    ends_clear(&pair, &id).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_callback_is_repaired_by_the_sync_where_the_vendor_can_be_asked_and_else_stays_open() -> Result {
    with_every_vendor(lost).await
}

async fn backwards(pair: Pair) -> Result {
    let (id, check) = placed(&pair, 1).await?;
    pair.vendor.set_delivery(Delivery::Hold);
    for milestone in [Milestone::InProgress, Milestone::Clear] {
        pair.vendor.reaches(&check, milestone).await?;
    }
    taken(&pair.vendor.releases(true).await)?;
    let order = ends_clear(&pair, &id).await?;
    same("it was never taken back", (order.reopened, times(&order, State::Completed)), (false, 1))
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_that_arrive_backwards_end_where_the_vendor_is_and_take_nothing_back() -> Result {
    with_every_vendor(backwards).await
}

async fn replayed(pair: Pair) -> Result {
    let (id, check) = placed(&pair, 1).await?;
    reaches(&pair, &check, Milestone::InProgress).await?;
    until(&pair, &id, State::InProgress).await?;
    reaches(&pair, &check, Milestone::Clear).await?;
    until(&pair, &id, State::Completed).await?;
    for _ in 0..2 {
        taken(&pair.vendor.replays(&check, 0).await?)?;
    }
    let order = ends_clear(&pair, &id).await?;
    same("it was never taken back", (order.reopened, times(&order, State::Completed)), (false, 1))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_callback_after_the_end_changes_nothing() -> Result {
    with_every_vendor(replayed).await
}

/// A result, a reopened check and another result; then the first result's callback once more.
async fn older_result(pair: Pair) -> Result {
    for (n, first, second) in [(1, Milestone::Clear, Milestone::Review), (2, Milestone::Review, Milestone::Clear)] {
        let (id, check) = placed(&pair, n).await?;
        reaches(&pair, &check, first).await?;
        let ended = until(&pair, &id, State::Completed).await?;
        pair.time_passes(Duration::from_hours(2));
        reaches(&pair, &check, Milestone::Reopened).await?;
        until(&pair, &id, State::InProgress).await?;
        reaches(&pair, &check, second).await?;
        let newest = until(&pair, &id, State::Completed).await?;
        same("two results", ended.status.outcome == newest.status.outcome, false)?;
        for nth in 0..=pair.vendor.callback_of_result() {
            taken(&pair.vendor.replays(&check, nth).await?)?;
        }
        let order = at_rest(&pair, &id).await?;
        let facts = pair.vendor.kind().facts();
        let last_counts = !facts.can_be_asked && !facts.dates_reports;
        let should = if last_counts { ended.status.outcome } else { newest.status.outcome };
        same("the result", (order.status.state, order.status.outcome), (State::Completed, should))?;
    }
    Ok(pair.ends_with_bought(2)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_result_never_replaces_a_newer_one_where_the_two_can_be_told_apart() -> Result {
    with_every_vendor(older_result).await
}

async fn at_once(pair: Pair) -> Result {
    let mut checks = Vec::new();
    for n in 0..4 {
        let (id, check) = placed(&pair, n).await?;
        reaches(&pair, &check, Milestone::InProgress).await?;
        checks.push((id, check));
    }
    for (_, check) in &checks {
        let (one, other) = tokio::join!(
            pair.vendor.reaches(check, Milestone::InProgress),
            pair.vendor.reaches(check, Milestone::Clear),
        );
        taken(&[one?, other?].concat())?;
    }
    for (id, _) in &checks {
        until(&pair, id, State::Completed).await?;
        let order = at_rest(&pair, id).await?;
        same("the end", (order.status.state, order.status.outcome), (State::Completed, Outcome::Clear))?;
        same("it was never taken back", order.reopened, false)?;
    }
    Ok(pair.ends_with_bought(4)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_callbacks_at_once_end_where_the_vendor_is() -> Result {
    with_every_vendor(at_once).await
}

async fn reopened(pair: Pair) -> Result {
    let (id, check) = placed(&pair, 1).await?;
    reaches(&pair, &check, Milestone::Review).await?;
    until(&pair, &id, State::Completed).await?;
    pair.time_passes(Duration::from_hours(2));
    reaches(&pair, &check, Milestone::Reopened).await?;
    let order = until(&pair, &id, State::InProgress).await?;
    same("marked as reopened", order.reopened, true)?;
    same("no result counts meanwhile", pair.ats.card(&id).ok_or("no card")?.result.as_str(), "Reopened, not final")?;
    same("the sync follows it again", an_hour_passes(&pair).await?, 1)?;
    reaches(&pair, &check, Milestone::Clear).await?;
    ends_clear(&pair, &id).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_is_reopened_after_two_hours_is_shown_as_reopened_and_completed_anew() -> Result {
    with_every_vendor(reopened).await
}

/// A vendor that dates its callbacks, and leaves the date out.
async fn undated(pair: Pair) -> Result {
    if !pair.vendor.kind().facts().dates_reports {
        return Ok(());
    }
    let (id, check) = placed(&pair, 1).await?;
    let pen = Pen::new()?;
    let send_undated = async || {
        let letter = with(&at_work(&pair, &id, &check), "/timestamp", None);
        same("the answer", pen.send(&pair, &letter).await?.status, 200)
    };
    reaches(&pair, &check, Milestone::Review).await?;
    until(&pair, &id, State::Completed).await?;
    send_undated().await?;
    same("old news at first", at_rest(&pair, &id).await?.reopened, false)?;
    pair.time_passes(Duration::from_hours(2));
    send_undated().await?;
    same("and a reopened check later", until(&pair, &id, State::InProgress).await?.reopened, true)?;
    reaches(&pair, &check, Milestone::Clear).await?;
    ends_clear(&pair, &id).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_without_its_usual_date_is_old_news_at_first_and_a_reopened_check_after_two_hours() -> Result {
    with_every_vendor(undated).await
}

async fn cancelled(pair: Pair) -> Result {
    let (id, check) = placed(&pair, 1).await?;
    reaches(&pair, &check, Milestone::Cancelled).await?;
    let order = until(&pair, &id, State::Cancelled).await?;
    same("no result", order.status.outcome, Outcome::None)?;
    let card = pair.ats.card(&id).ok_or("no card")?;
    same("the card says why", card.status.contains(&order.status.label), true)?;
    same("it stays so", at_rest(&pair, &id).await?.status, order.status)?;
    same("what the sync has left to do", an_hour_passes(&pair).await?, 0)?;
    Ok(pair.ends_with_bought(1)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_is_cancelled_at_the_vendor_is_over() -> Result {
    with_every_vendor(cancelled).await
}
