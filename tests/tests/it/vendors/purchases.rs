//! Everything that can go wrong with the paid call: never a second check, always a state that people see.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use shared::connection::ConnectionState;
use shared::order::{Order, Placement, State};
use shared::vendor::Unclear;
use sim::faults::EVERY_OPERATION;
use sim::pair::{Milestone, Pair, PlaysVendor};
use sim::{Fault, Gate, Reply};
use tests::ministack::client;
use tests::world::Result;

use super::{an_hour_passes, at_rest, has_it, holds, orders, reaches, same, until, with_every_vendor};

/// What went wrong, by what we can know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// No answer, or one that says nothing; the vendor did the work or did not.
    NoAnswer { done: bool },
    /// A success without what a success has.
    EmptySuccess { done: bool },
    /// The vendor certainly did nothing, and may do it later.
    Passing,
    /// The vendor refused our key.
    Key,
    /// The vendor says that it has the candidate already.
    Duplicate,
    /// The vendor refused the data.
    Data,
}

/// How an order ends, and how many checks it has then bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    GoesOn { bought: usize },
    WaitsForPerson { bought: usize },
    Failed { words: &'static str },
}

fn end(vendor: &dyn PlaysVendor, wrong: Wrong) -> End {
    match (wrong, vendor.kind().facts().unclear) {
        (Wrong::Data, _) => End::Failed { words: "not reachable" },
        (Wrong::Duplicate, Unclear::WaitsForPerson | Unclear::SentAgain) if vendor.refuses_duplicates() => {
            End::Failed { words: "is checking this candidate already" }
        }
        // Nothing tells that the acknowledgement was somebody else's.
        (Wrong::EmptySuccess { done }, _) if vendor.takes_any_success() => End::GoesOn { bought: usize::from(done) },
        (Wrong::NoAnswer { done } | Wrong::EmptySuccess { done }, Unclear::WaitsForPerson) => {
            End::WaitsForPerson { bought: usize::from(done) }
        }
        _ => End::GoesOn { bought: 1 },
    }
}

fn faults() -> Vec<(Wrong, Fault)> {
    let refused = json!({ "message": "the phone number is not reachable" });
    let (done, not_done) = (true, false);
    vec![
        (Wrong::NoAnswer { done }, Fault::DoThenCut),
        (Wrong::NoAnswer { done: not_done }, Fault::CutBefore),
        (Wrong::NoAnswer { done }, Fault::DoThenAnswer(Reply::empty(500))),
        (Wrong::NoAnswer { done: not_done }, Fault::status(503)),
        (Wrong::EmptySuccess { done }, Fault::DoThenAnswer(Reply::json(200, &json!({ "message": "ok" })))),
        (Wrong::EmptySuccess { done: not_done }, Fault::Answer(Reply::text(200, "text/html", "<html>"))),
        (Wrong::Passing, Fault::rate_limited(1)),
        (Wrong::Key, Fault::status(401)),
        (Wrong::Duplicate, Fault::status(409)),
        (Wrong::Data, Fault::Answer(Reply::json(422, &refused))),
    ]
}

/// What recruiter and operator see before anybody has done anything about it.
async fn seen(pair: &Pair, id: &str) -> Result<Order> {
    let is_seen = |o: &Order| o.version > 0 && o.told == o.version && !matches!(o.placement, Placement::Placing { .. });
    let order = pair.until(id, is_seen).await?;
    let card = pair.ats.card(id).ok_or("no card")?;
    if order.status.state == State::ActionRequired {
        same("the card", card.status, format!("Action required: {}", order.status.label))?;
    } else {
        same("the card says something", card.status.is_empty(), false)?;
    }
    Ok(order)
}

async fn trouble(pair: &Pair) -> Result<Option<String>> {
    let known = pair.deployment.services.store.connection(&pair.made.connection.id).await?;
    Ok(known.ok_or("the connection is gone")?.trouble_words())
}

/// One order whose purchase goes wrong once, from the click to its end.
async fn bought_in_spite_of(pair: &Pair, n: usize, wrong: Wrong, fault: Fault) -> Result {
    let (before, vendor) = (pair.vendor.creates(), &pair.vendor);
    vendor.faults().once(vendor.buying(), fault);
    let id = orders(pair, n).await?;
    let order = seen(pair, &id).await?;
    same("the fault was met", vendor.faults().unused(), 0)?;
    match wrong {
        Wrong::Key => {
            same("the order", order.status.state, State::ActionRequired)?;
            holds("the operator sees", &trouble(pair).await?.unwrap_or_default(), "refused the key")?;
        }
        Wrong::Passing => {
            same("the order", order.status.state, State::Ordered)?;
            holds("the label", &order.status.label, "keeps trying")?;
        }
        Wrong::Duplicate if vendor.refuses_duplicates() && vendor.kind().facts().unclear == Unclear::LookedUp => {
            same("the order", order.status.state, State::ActionRequired)?;
            holds("the label", &order.status.label, "nothing was bought")?;
        }
        _ => {}
    }
    an_hour_passes(pair).await?;
    match end(&**vendor, wrong) {
        End::GoesOn { bought } => {
            same("checks bought", (vendor.creates() - before, has_it(pair, &id).await?.is_empty()), (bought, false))?;
            same("no trouble is left", trouble(pair).await?, None)?;
            if bought == 0 {
                return same("it stays open", pair.order(&id).await?.is_open(), true);
            }
            reaches(pair, &has_it(pair, &id).await?, Milestone::Clear).await?;
            until(pair, &id, State::Completed).await?;
        }
        End::WaitsForPerson { bought } => waits_for_person(pair, &id, before + bought).await?,
        End::Failed { words } => {
            let order = until(pair, &id, State::Failed).await?;
            holds("the reason", &order.status.label, words)?;
            holds("the card", &pair.ats.card(&id).ok_or("no card")?.status, words)?;
            same("nothing was bought", vendor.creates(), before)?;
        }
    }
    same("still one check at most", vendor.creates() - before <= 1, true)
}

/// The order says that a person has to look, buys nothing meanwhile, and ends when the recruiter cancels it.
async fn waits_for_person(pair: &Pair, id: &str, bought: usize) -> Result {
    let order = until(pair, id, State::ActionRequired).await?;
    holds("the label", &order.status.label, "look in its portal")?;
    same("of unknown fate", matches!(order.placement, Placement::Unknown { .. }), true)?;
    holds("the card", &pair.ats.card(id).ok_or("no card")?.status, "look in its portal")?;
    same("checks bought", pair.vendor.creates(), bought)?;
    cancel(pair, id).await?;
    let order = until(pair, id, State::Cancelled).await?;
    holds("the label", &order.status.label, "look in its portal")?;
    an_hour_passes(pair).await?;
    same("checks bought", pair.vendor.creates(), bought)
}

/// The recruiter cancels in Ashby.
pub(super) async fn cancel(pair: &Pair, id: &str) -> Result {
    let token = STANDARD.encode(format!("{}:", pair.made.trigger_token));
    let url = format!("{}/ashby/assessment.cancel", pair.stack.base_url);
    let call = client()?.post(url).header("authorization", format!("Basic {token}"));
    let answer = call.body(json!({ "assessment_id": id }).to_string()).send().await?;
    same("the cancellation", answer.status().as_u16(), 200)
}

async fn purchases(pair: Pair) -> Result {
    for (n, (wrong, fault)) in faults().into_iter().enumerate() {
        let shape = format!("{fault:?}");
        bought_in_spite_of(&pair, n, wrong, fault).await.map_err(|e| format!("{shape}: {e}"))?;
    }
    let bought = pair.vendor.creates();
    an_hour_passes(&pair).await?;
    same("nothing is bought later", pair.vendor.creates(), bought)?;
    same("violations", pair.vendor.violations(), Vec::new())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_goes_wrong_with_the_paid_call_no_second_check_is_bought_and_everybody_sees_where_it_stands() -> Result
{
    with_every_vendor(purchases).await
}

/// The look-up gives anything but its list: that proves nothing, so nothing is ordered again until the list is there.
async fn unreadable_look_ups(pair: Pair) -> Result {
    if pair.vendor.kind().facts().unclear != Unclear::LookedUp {
        return Ok(());
    }
    let no_list = json!({ "data": null, "next_href": null });
    let answers = [Reply::json(200, &json!({})), Reply::json(200, &no_list), Reply::text(200, "text/html", "<html>")];
    for (n, answer) in answers.into_iter().chain([Reply::empty(404)]).enumerate() {
        let before = pair.vendor.creates();
        pair.vendor.faults().once(pair.vendor.buying(), Fault::DoThenCut);
        pair.vendor.faults().always(EVERY_OPERATION, Fault::Answer(answer));
        let id = orders(&pair, n + 1).await?;
        for _ in 0..2 {
            an_hour_passes(&pair).await?;
        }
        let order = pair.order(&id).await?;
        let is_proved = order.history.iter().any(|line| line.text == "the vendor shows that nothing was placed");
        same("proof of absence", is_proved, false)?;
        same("the vendor's id", order.placement.vendor_ref(), None)?;
        pair.vendor.faults().clear_all();
        an_hour_passes(&pair).await?;
        has_it(&pair, &id).await?;
        same("bought", pair.vendor.creates() - before, 1)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_that_cannot_be_read_proves_nothing_and_buys_nothing() -> Result {
    with_every_vendor(unreadable_look_ups).await
}

fn purchases_sent(pair: &Pair) -> usize {
    pair.vendor.requests().iter().filter(|call| call.operation == pair.vendor.buying()).count()
}

/// Past the common limit of a minute, so that the work can be going on behind a call that was given up.
const LONGER_THAN_A_GATEWAY_WAITS: Duration = Duration::from_secs(90);

async fn too_late(pair: Pair) -> Result {
    let gate = Gate::new();
    pair.vendor.faults().once(pair.vendor.buying(), Fault::HoldWork(gate.clone()));
    let id = orders(&pair, 1).await?;
    gate.arrived().await;
    same("nothing was bought yet", pair.vendor.creates(), 0)?;
    gate.cut();
    pair.idle().await;
    if pair.vendor.kind().facts().unclear == Unclear::LookedUp {
        pair.time_passes(LONGER_THAN_A_GATEWAY_WAITS);
        pair.idle().await;
        same("what the list does not show yet is not bought again", purchases_sent(&pair), 1)?;
    }
    gate.open();
    gate.passed().await;
    same("bought, and nobody knows", pair.vendor.creates(), 1)?;
    match pair.vendor.kind().facts().unclear {
        Unclear::WaitsForPerson => waits_for_person(&pair, &id, 1).await?,
        Unclear::LookedUp | Unclear::SentAgain => {
            an_hour_passes(&pair).await?;
            reaches(&pair, &has_it(&pair, &id).await?, Milestone::Clear).await?;
            until(&pair, &id, State::Completed).await?;
        }
    }
    Ok(pair.ends_with_bought(1)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_call_that_is_carried_out_after_we_gave_up_on_it_is_not_made_twice() -> Result {
    with_every_vendor(too_late).await
}

async fn revoke(pair: &Pair) -> Result {
    let (store, id) = (&pair.deployment.services.store, &pair.made.connection.id);
    store.change_connection(id, |connection| connection.state = ConnectionState::Revoked).await?;
    Ok(())
}

async fn revoked_before_it_is_placed(pair: Pair) -> Result {
    pair.vendor.faults().always(EVERY_OPERATION, Fault::rate_limited(60));
    let waiting = orders(&pair, 1).await?;
    pair.idle().await;
    revoke(&pair).await?;
    pair.vendor.faults().clear_all();
    an_hour_passes(&pair).await?;
    let order = pair.until(&waiting, |o| o.status.state == State::Failed && o.told == o.version).await?;
    holds("why", &order.status.label, "was revoked. Ask your Crosscheck administrator")?;
    Ok(pair.ends_with_bought(0)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_for_a_vendor_that_was_away_is_not_bought_once_the_connection_is_revoked() -> Result {
    with_every_vendor(revoked_before_it_is_placed).await
}

async fn revoked_while_it_is_unclear(pair: Pair) -> Result {
    pair.vendor.faults().once(pair.vendor.buying(), Fault::DoThenCut);
    let id = orders(&pair, 1).await?;
    pair.until(&id, |o| matches!(o.placement, Placement::Unknown { .. })).await?;
    revoke(&pair).await?;
    an_hour_passes(&pair).await?;
    let found = pair.vendor.kind().facts().unclear == Unclear::LookedUp;
    let order =
        pair.until(&id, |o| {
            if found { o.placement.vendor_ref().is_some() } else { o.status.state == State::ActionRequired }
        })
        .await?;
    same("closed", order.status.state.is_closed(), false)?;
    same("sent", purchases_sent(&pair), 1)?;
    Ok(pair.ends_with_bought(1)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_vendor_may_have_when_the_connection_is_revoked_is_found_or_waits_for_a_person() -> Result {
    with_every_vendor(revoked_while_it_is_unclear).await
}

async fn refused_again(pair: Pair) -> Result {
    if pair.vendor.kind().facts().unclear != Unclear::SentAgain {
        return Ok(());
    }
    for (n, refusal) in [Fault::status(409), Fault::status(422), Fault::rate_limited(3_600)].into_iter().enumerate() {
        pair.vendor.faults().once(pair.vendor.buying(), Fault::DoThenCut);
        pair.vendor.faults().always(pair.vendor.buying(), refusal.clone());
        let id = orders(&pair, n).await?;
        pair.until(&id, |o| matches!(o.placement, Placement::Unknown { .. })).await?;
        pair.idle().await;
        an_hour_passes(&pair).await?;
        let words = if n == 2 { "keeps trying" } else { "may have this order already" };
        pair.until(&id, |o| o.status.label.contains(words) && o.told == o.version).await?;
        let order = at_rest(&pair, &id).await?;
        same("of unknown fate", matches!(order.placement, Placement::Unknown { .. }), true)?;
        cancel(&pair, &id).await?;
        let order = until(&pair, &id, State::Cancelled).await?;
        holds("nothing is certain", &order.status.label, "look in its portal")?;
        same("checks bought", pair.vendor.creates(), n + 1)?;
        pair.vendor.faults().clear_all();
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_what_was_sent_again_proves_nothing_of_what_was_sent_before() -> Result {
    with_every_vendor(refused_again).await
}

/// More candidates than can be looked through, or a vendor that never answers the look-up.
async fn endless_look_ups(pair: Pair) -> Result {
    if pair.vendor.kind().facts().unclear != Unclear::LookedUp {
        return Ok(());
    }
    let foreign: Vec<_> =
        (1..=100).map(|n| json!({ "candidate_id": n, "email": format!("a{n}@example.com") })).collect();
    let endless = Fault::Answer(Reply::json(200, &json!({ "data": foreign, "next_href": "more" })));
    for (n, wrong) in [endless, Fault::status(503), Fault::status(403)].into_iter().enumerate() {
        let gate = Gate::new();
        pair.vendor.faults().once(pair.vendor.buying(), Fault::HoldAnswer(gate.clone()));
        let id = orders(&pair, n).await?;
        gate.arrived().await;
        pair.vendor.faults().always(EVERY_OPERATION, wrong);
        gate.cut();
        pair.until(&id, |o| matches!(o.placement, Placement::Unknown { .. })).await?;
        pair.idle().await;
        for _ in 0..2 {
            an_hour_passes(&pair).await?;
        }
        let order = until(&pair, &id, State::ActionRequired).await?;
        same("of unknown fate", matches!(order.placement, Placement::Unknown { .. }), true)?;
        cancel(&pair, &id).await?;
        let order = until(&pair, &id, State::Cancelled).await?;
        holds("nothing is certain", &order.status.label, "look in its portal")?;
        pair.vendor.faults().clear_all();
        an_hour_passes(&pair).await?;
        same("checks bought", pair.vendor.creates(), n + 1)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_that_cannot_finish_asks_a_person_and_a_cancellation_ends_the_order() -> Result {
    with_every_vendor(endless_look_ups).await
}
