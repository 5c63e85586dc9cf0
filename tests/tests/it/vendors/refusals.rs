//! A refusal with 403 is about the key, a right that it lacks, or one order: each ends in another way, for every vendor
//! and every ATS.

use std::time::Duration;

use serde_json::json;
use shared::ats::{ATSS, AtsKind};
use shared::order::{Order, State};
use shared::vendor::VendorKind;
use sim::faults::EVERY_OPERATION;
use sim::pair::{Milestone, Pair, Person};
use sim::{Fault, Faults, Reply};
use tests::world::Result;

use super::{
    an_hour_passes, at_rest, ends_clear, has_it, holds, orders, placed, reaches, same, until, with_every_vendor,
};

const HEIDI: Person<'_> =
    Person { first: "Heidi", last: "Roth", email: "heidi@example.com", phone: Some("+91 98765 43210") };

fn forbidden(words: &str) -> Fault {
    Fault::Answer(Reply::json(403, &json!({ "error": words, "message": words })))
}

async fn trouble(pair: &Pair) -> Result<String> {
    let connection = pair.deployment.services.store.connection(&pair.made.connection.id).await?;
    Ok(connection.and_then(|connection| connection.trouble_words()).unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_one_purchase_ends_that_order_and_blames_no_key() -> Result {
    with_every_vendor(|pair| async move {
        // A vendor without a call that is about nobody is judged by its other orders.
        placed(&pair, 1).await?;
        for (n, words) in [(2, "you have no permission to order for asha2@example.com"), (3, "")] {
            pair.vendor.faults().once(pair.vendor.buying(), forbidden(words));
            let id = orders(&pair, n).await?;
            let order = until(&pair, &id, State::Failed).await?;
            holds("what the recruiter reads", &order.status.label, "does not allow this order")?;
            same("nothing personal is kept", order.status.label.contains("asha2@"), false)?;
            same("trouble", trouble(&pair).await?.as_str(), "")?;
        }
        placed(&pair, 4).await?;
        pair.ends_with_bought(2)?;
        Ok(())
    })
    .await
}

/// Nothing is known of the key yet: a call that is about nobody tells. Where there is none, it is the key until another
/// order passes, so that no order ends by a guess.
#[tokio::test(flavor = "multi_thread")]
async fn a_first_refusal_is_told_apart_by_a_neutral_call() -> Result {
    with_every_vendor(|pair| async move {
        pair.vendor.faults().once(pair.vendor.buying(), forbidden("not this one"));
        let id = orders(&pair, 1).await?;
        if pair.vendor.kind() == VendorKind::StackOne {
            until(&pair, &id, State::ActionRequired).await?;
            holds("what the operator reads", &trouble(&pair).await?, "refused the key")?;
            return heals(&pair, &id).await;
        }
        until(&pair, &id, State::Failed).await?;
        same("trouble", trouble(&pair).await?.as_str(), "")
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_refused_with_403_is_trouble_until_it_works_again() -> Result {
    with_every_vendor(|pair| async move {
        pair.vendor.faults().always(EVERY_OPERATION, Fault::status(403));
        let id = orders(&pair, 1).await?;
        let order = until(&pair, &id, State::ActionRequired).await?;
        holds("what the recruiter reads", &order.status.label, "refused Crosscheck's key")?;
        holds("what the operator reads", &trouble(&pair).await?, "refused the key (HTTP 403")?;
        pair.vendor.faults().clear_all();
        heals(&pair, &id).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_missing_is_trouble_in_the_vendors_words_and_ends_no_order() -> Result {
    with_every_vendor(|pair| async move {
        let words = "your account is not approved for production";
        pair.vendor.faults().always(pair.vendor.buying(), forbidden(words));
        let id = orders(&pair, 1).await?;
        let order = until(&pair, &id, State::ActionRequired).await?;
        holds("what the recruiter reads", &order.status.label, words)?;
        holds("what the operator reads", &trouble(&pair).await?, "does not let it place orders (your account is not")?;
        pair.vendor.faults().clear_all();
        heals(&pair, &id).await
    })
    .await
}

/// What was refused is bought at the next sync, and the trouble is over.
async fn heals(pair: &Pair, id: &str) -> Result {
    // What the account answered counts for a while, so that many refused orders cost one call.
    an_hour_passes(pair).await?;
    has_it(pair, id).await?;
    same("trouble", trouble(pair).await?.as_str(), "")?;
    pair.ends_with_bought(1)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_to_show_one_check_is_said_and_ends_with_the_next_answer() -> Result {
    with_every_vendor(|pair| async move {
        let (id, check) = placed(&pair, 1).await?;
        reaches(&pair, &check, Milestone::InProgress).await?;
        until(&pair, &id, State::InProgress).await?;
        at_rest(&pair, &id).await?;
        pair.vendor.faults().once(EVERY_OPERATION, forbidden("no access to this candidate"));
        an_hour_passes(&pair).await?;
        if pair.vendor.faults().unused() == 0 {
            let order = until(&pair, &id, State::ActionRequired).await?;
            holds("what the recruiter reads", &order.status.label, "refuses Crosscheck access to this check")?;
        }
        pair.vendor.faults().clear_all();
        same("trouble", trouble(&pair).await?.as_str(), "")?;
        reaches(&pair, &check, Milestone::Clear).await?;
        ends_clear(&pair, &id).await?;
        Ok(())
    })
    .await
}

fn faults(pair: &Pair) -> Result<(&Faults, &'static str)> {
    let ashby = || pair.ats.ashby().map(|(sim, _)| (sim.faults(), "assessment.update"));
    let smartrecruiters = || pair.ats.smartrecruiters().map(|sim| (sim.faults(), "orders/results"));
    let teamtailor = || pair.ats.teamtailor().map(|sim| (sim.faults(), "partner-results.update"));
    Ok(ashby().or_else(smartrecruiters).or_else(teamtailor).ok_or("an ATS without faults")?)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ats_that_refuses_one_order_is_told_for_a_week_and_blames_no_key() -> Result {
    for ats in ATSS {
        let pair = Pair::start(ats, VendorKind::SpringVerify).await?;
        refused_for_a_week(&pair).await.map_err(|e| format!("{}: {e}", ats.name()))?;
    }
    Ok(())
}

async fn refused_for_a_week(pair: &Pair) -> Result {
    let (card, answer) = pair.ats.orders(HEIDI).await?;
    same("the order", answer.is_ok(), true)?;
    let has_it = |o: &Order| o.placement.vendor_ref().is_some() && o.told == o.version;
    let order = pair.until_card(&card, has_it).await?;
    let id = order.id.to_string();
    let (faults, telling) = faults(pair)?;
    let check = order.placement.vendor_ref().unwrap_or_default();
    faults.once(telling, forbidden("this candidate belongs to a confidential job"));
    reaches(pair, check, Milestone::Clear).await?;
    let refused = pair.until(&id, |o| o.status.state == State::Completed && o.refused_update.is_some()).await?;
    same("not told", refused.told < refused.version, true)?;
    for _ in 0..5 {
        same("every refusal was met", faults.unused(), 0)?;
        faults.once(telling, forbidden("this candidate belongs to a confidential job"));
        pair.time_passes(Duration::from_hours(47));
        an_hour_passes(pair).await?;
    }
    let order = pair.until(&id, |o| o.told == o.version).await?;
    same("given up", order.refused_update, None)?;
    same("trouble", trouble(pair).await?.as_str(), "")
}

/// Ashby names the right by a code.
#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_missing_at_the_ats_ends_no_order_until_the_operator_gives_up() -> Result {
    let pair = Pair::start(AtsKind::Ashby, VendorKind::SpringVerify).await?;
    let (id, check) = placed(&pair, 1).await?;
    let (faults, telling) = faults(&pair)?;
    let words = json!({ "success": false, "errors": ["missing_endpoint_permission"] });
    faults.always(telling, Fault::Answer(Reply::json(403, &words)));
    reaches(&pair, &check, Milestone::Clear).await?;
    pair.until(&id, |o| o.status.state == State::Completed && o.refused_update.is_some()).await?;
    holds("what the operator reads", &trouble(&pair).await?, "does not let it write results")?;
    for _ in 0..5 {
        pair.time_passes(Duration::from_hours(47));
        an_hour_passes(&pair).await?;
    }
    let order = pair.until(&id, |o| o.refused_update.is_some()).await?;
    same("still to be told", order.told < order.version, true)?;
    let (second, check) = placed_untold(&pair, 2).await?;
    reaches(&pair, &check, Milestone::Clear).await?;
    pair.until(&second, |o| o.status.state == State::Completed && o.refused_update.is_some()).await?;
    let gives_up = |o: &mut Order| o.give_up_telling(o.created_at);
    let closed = pair.deployment.services.store.change(second.parse()?, true, gives_up).await?;
    same("it is given up", closed.map(|(order, news)| (order.told == order.version, news)), Some((true, true)))?;
    let again = pair.deployment.services.store.change(second.parse()?, true, gives_up).await?;
    same("once", again.map(|(_, news)| news), Some(false))?;
    faults.clear_all();
    an_hour_passes(&pair).await?;
    until(&pair, &id, State::Completed).await?;
    let silent = pair.ats.card(&second).ok_or("no card")?;
    same("what was given up is told no more", silent.result.as_str(), "")?;
    same("trouble", trouble(&pair).await?.as_str(), "")
}

/// An order that the vendor has, and whose ATS takes no update.
async fn placed_untold(pair: &Pair, n: usize) -> Result<(String, String)> {
    let id = orders(pair, n).await?;
    let order = pair.until(&id, |o| o.placement.vendor_ref().is_some()).await?;
    Ok((id, order.placement.vendor_ref().unwrap_or_default().to_owned()))
}
