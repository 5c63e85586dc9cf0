//! Checkr's own ways: events that tell an id and nothing else, and candidates who are invited anew.

use reqwest::Method;
use serde_json::json;
use shared::ats::{ATSS, AtsKind};
use shared::order::{Order, Outcome, Placement, State};
use shared::vendor::VendorKind;
use sim::pair::{Milestone, Pair, Person, Tenant};
use sim::{Delivery, Fault, Gate, Reply, SimCheckr};
use tests::world::Result;

use super::letter::{Letter, Pen, unchanged};
use super::purchases::cancel;
use super::{an_hour_passes, at_rest, ends_clear, has_it, holds, orders, placed, reaches, same, taken, times, until};

const ASHA: Person<'_> =
    Person { first: "Asha", last: "Rao", email: "asha@example.com", phone: Some("+1 415 555 0132") };

fn sim(pair: &Pair) -> Result<&SimCheckr> {
    Ok(pair.vendor.checkr().ok_or("the vendor is not Checkr")?)
}

/// An account whose events do not hold the object that they are about.
async fn with_thin_events() -> Result<Pair> {
    let pair = Pair::start(AtsKind::Ashby, VendorKind::Checkr).await?;
    sim(&pair)?.set_include_object(false);
    Ok(pair)
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_tell_an_id_alone_lead_to_the_result() -> Result {
    let pair = with_thin_events().await?;
    let (id, check) = placed(&pair, 1).await?;
    reaches(&pair, &check, Milestone::InProgress).await?;
    until(&pair, &id, State::InProgress).await?;
    reaches(&pair, &check, Milestone::Clear).await?;
    ends_clear(&pair, &id).await?;
    let told = sim(&pair)?.webhooks();
    let names_candidate = told.iter().any(|one| one.body.pointer("/data/object/candidate_id").is_some());
    same("events, and one with the candidate", (told.is_empty(), names_candidate), (false, false))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_tells_an_id_alone_comes_again_while_checkr_cannot_be_asked() -> Result {
    let pair = with_thin_events().await?;
    let (id, check) = placed(&pair, 1).await?;
    reaches(&pair, &check, Milestone::InProgress).await?;
    until(&pair, &id, State::InProgress).await?;
    let before = at_rest(&pair, &id).await?;
    let faults = pair.vendor.faults();
    faults.always("reports.get", Fault::status(503));
    same("the first answer", pair.vendor.reaches(&check, Milestone::Clear).await?, vec![503])?;
    let unreadable = Fault::Answer(Reply::json(200, &json!({ "object": "report" })));
    for fault in [Fault::CutBefore, Fault::rate_limited(1), Fault::status(401), unreadable] {
        let what = format!("{fault:?}");
        faults.always("reports.get", fault);
        same(&what, pair.vendor.sends_again().await, vec![503])?;
    }
    unchanged("meanwhile", &before, &at_rest(&pair, &id).await?)?;
    faults.clear("reports.get");
    same("the last answer", pair.vendor.sends_again().await, vec![200])?;
    ends_clear(&pair, &id).await.map(drop)
}

/// An event that says nothing of its report or invitation but the id, and leads elsewhere with the rest.
fn thin(kind: &str, object: &str, id: &str) -> Letter {
    let about = json!({ "id": id, "object": object, "uri": "http://127.0.0.1:9/v1/anything" });
    let body = json!({ "id": "507f1f77bcf86cd799439011", "object": "event", "type": kind,
        "created_at": "2026-11-21T09:00:00Z", "data": { "object": about } });
    Letter { method: Method::POST, path: String::new(), body }
}

/// How often single reports and invitations of the vendor's were read.
fn reads(pair: &Pair) -> Result<(usize, usize)> {
    let checkr = sim(pair)?;
    Ok((checkr.calls("reports.get"), checkr.calls("invitations.get")))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_about_what_the_account_does_not_have_is_taken_and_leads_nowhere() -> Result {
    let (pair, pen) = (with_thin_events().await?, Pen::new()?);
    let (id, check) = placed(&pair, 1).await?;
    reaches(&pair, &check, Milestone::InProgress).await?;
    until(&pair, &id, State::InProgress).await?;
    let before = at_rest(&pair, &id).await?;
    let report = sim(&pair)?.orders().pop().and_then(|order| order.report_id).ok_or("no report")?;
    let of_first = reads(&pair)?;
    let Pair { test_stack, ats: first_ats, vendor: first, made: first_made } = pair;
    let Tenant { ats, vendor, made } =
        Tenant::start(&test_stack.deployment, AtsKind::Ashby, VendorKind::Checkr).await?;
    let other = Pair { test_stack, ats, vendor, made };
    let nobodys = "e44aa283528e6fde7d542194";
    for (what, letter) in [
        ("a report of another connection's", thin("report.completed", "report", &report)),
        ("a report that is not there", thin("report.completed", "report", nobodys)),
        ("an invitation that is not there", thin("invitation.expired", "invitation", nobodys)),
        ("an id that is none", thin("report.completed", "report", "../candidates/x")),
        ("no id", thin("report.completed", "report", "")),
    ] {
        let answer = pen.send(&other, &letter).await?;
        same(what, answer.status, 200)?;
        holds(what, &answer.text, "not about an order")?;
    }
    same("who was asked", reads(&other)?, (2, 1))?;
    let pair = Pair { test_stack: other.test_stack, ats: first_ats, vendor: first, made: first_made };
    same("who was not", reads(&pair)?, of_first)?;
    unchanged("afterwards", &before, &at_rest(&pair, &id).await?)
}

/// The candidate's first invitation ends, they are invited anew, and Checkr tells of the first one's end once more.
async fn invited_anew(pair: &Pair, n: usize, is_whole: bool, is_deleted: bool) -> Result {
    let checkr = sim(pair)?;
    checkr.set_include_object(is_whole);
    let (id, check) = placed(pair, n).await?;
    taken(&checkr.deliver_waiting().await)?;
    let first = checkr.orders().pop().ok_or("no order")?.invitation_id;
    let (answers, ended) = if is_deleted {
        (checkr.dashboard_cancels(&first).await?, State::Cancelled)
    } else {
        (checkr.expire_invitation(&first).await?, State::Expired)
    };
    taken(&answers)?;
    until(pair, &id, ended).await?;
    let second = checkr.dashboard_invites(&check).await?;
    until(pair, &id, State::AwaitingCandidate).await?;
    // The invitation's own events: the one that made it, and its end.
    taken(&checkr.replay(&first, 1).await?)?;
    let order = at_rest(pair, &id).await?;
    same("the order", (order.status.state, times(&order, ended)), (State::AwaitingCandidate, 1))?;
    let report = checkr.candidate_completes_form(&second).await?;
    taken(&checkr.report_becomes(&report, "complete", Some("clear")).await?)?;
    until(pair, &id, State::Completed).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_is_told_again_does_not_end_the_invitation_after_it() -> Result {
    let cases = [(true, false), (false, false), (true, true), (false, true)];
    for pair in [Pair::start(AtsKind::Ashby, VendorKind::Checkr).await?, abroad().await?] {
        for (n, (is_whole, is_deleted)) in cases.into_iter().enumerate() {
            let case = invited_anew(&pair, n, is_whole, is_deleted).await;
            case.map_err(|e| format!("whole {is_whole}, deleted {is_deleted}: {e}"))?;
        }
        pair.ends_with_bought(cases.len())?;
    }
    Ok(())
}

/// An account whose candidates work outside the US, so that its invitations are on no list.
async fn abroad() -> Result<Pair> {
    Ok(Pair::start_with(AtsKind::Ashby, VendorKind::Checkr, &[("work_location", "IN")]).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_abroad_is_asked_about_by_its_id() -> Result {
    let pair = abroad().await?;
    for (n, is_deleted) in [(1, false), (2, true)] {
        let (id, _) = placed(&pair, n).await?;
        let invitation = sim(&pair)?.orders().pop().ok_or("no order")?.invitation_id;
        same("the invitation", pair.order(&id).await?.invitations, vec![invitation.clone()])?;
        taken(&sim(&pair)?.deliver_waiting().await)?;
        let before = at_rest(&pair, &id).await?;
        pair.vendor.set_delivery(Delivery::Lose);
        let ended = if is_deleted {
            sim(&pair)?.dashboard_cancels(&invitation).await?;
            State::Cancelled
        } else {
            sim(&pair)?.expire_invitation(&invitation).await?;
            State::Expired
        };
        pair.vendor.set_delivery(Delivery::Once);
        unchanged("nobody has said a word", &before, &at_rest(&pair, &id).await?)?;
        same("the sync looks after it", an_hour_passes(&pair).await?, 1)?;
        until(&pair, &id, ended).await?;
    }
    Ok(pair.ends_with_bought(2)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_abroad_that_is_only_told_is_not_believed() -> Result {
    let (pair, pen) = (abroad().await?, Pen::new()?);
    let (id, check) = placed(&pair, 1).await?;
    let before = at_rest(&pair, &id).await?;
    let invitation = sim(&pair)?.orders().pop().ok_or("no order")?.invitation_id;
    for (kind, about) in
        [("invitation.expired", invitation.as_str()), ("invitation.deleted", "e44aa283528e6fde7d542194")]
    {
        let ended = json!({ "id": about, "object": "invitation", "status": "expired", "candidate_id": check,
            "deleted_at": "2026-11-21T09:00:00Z" });
        let body = json!({ "id": "507f1f77bcf86cd799439011", "object": "event", "type": kind,
            "created_at": "2026-11-21T09:00:00Z", "data": { "object": ended } });
        let letter = Letter { method: Method::POST, path: String::new(), body };
        same(kind, pen.send(&pair, &letter).await?.status, 200)?;
        same(kind, at_rest(&pair, &id).await?.status, before.status.clone())?;
    }
    reaches(&pair, &check, Milestone::Clear).await?;
    ends_clear(&pair, &id).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_during_the_look_up_before_a_repeated_purchase_is_looked_up_too() -> Result {
    let pair = abroad().await?;
    let (faults, tried) = (pair.vendor.faults(), || sim(&pair).map(|checkr| checkr.calls("invitations.create")));
    faults.once(pair.vendor.buying(), Fault::DoThenCut);
    let id = orders(&pair, 1).await?;
    pair.until(&id, |o| matches!(o.placement, Placement::Unknown { .. })).await?;
    pair.idle().await;
    let gate = Gate::new();
    faults.once("candidates.list", Fault::HoldAnswer(gate.clone()));
    pair.time_passes(VendorKind::Checkr.facts().settle.unsigned_abs());
    gate.arrived().await;
    cancel(&pair, &id).await?;
    gate.open();
    let order = until(&pair, &id, State::Cancelled).await?;
    holds("nothing is certain", &order.status.label, "look in its portal")?;
    an_hour_passes(&pair).await?;
    same("it was not sent again", tried()?, 1)?;
    Ok(pair.ends_with_bought(1)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_abroad_that_got_no_answer_is_sent_again_after_a_look_up_and_bought_once() -> Result {
    let pair = abroad().await?;
    pair.vendor.faults().once(pair.vendor.buying(), Fault::DoThenCut);
    let id = orders(&pair, 1).await?;
    pair.until(&id, |o| matches!(o.placement, Placement::Unknown { .. })).await?;
    pair.idle().await;
    let looked_up = sim(&pair)?.calls("candidates.list");
    pair.time_passes(VendorKind::Checkr.facts().settle.unsigned_abs());
    let check = has_it(&pair, &id).await?;
    same("looked up", sim(&pair)?.calls("candidates.list") - looked_up, 1)?;
    same("sent again", sim(&pair)?.calls("invitations.create"), 2)?;
    same("the invitation", pair.order(&id).await?.invitations.len(), 1)?;
    reaches(&pair, &check, Milestone::Clear).await?;
    ends_clear(&pair, &id).await.map(drop)
}

#[test]
fn its_words_are_explained_as_people_write_them() -> Result {
    let words = |asked| crosscheck::vendors::rows_for(VendorKind::Checkr, asked).iter().map(|row| row.word).collect();
    let (both, one): (Vec<_>, Vec<_>) = (words("cancelled"), words("report-cancelled"));
    same("a status of both objects", both, vec!["Invitation canceled", "Report canceled"])?;
    same("with the object", one, vec!["Report canceled"])
}

/// The look-up never answers, and the events name the candidate alone: its `custom_id` says whose it is.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_about_an_unclear_purchase_settles_it() -> Result {
    for place in [&[][..], &[("work_location", "IN")]] {
        let pair = Pair::start_with(AtsKind::Ashby, VendorKind::Checkr, place).await?;
        pair.vendor.faults().once(pair.vendor.buying(), Fault::DoThenCut);
        pair.vendor.faults().always("candidates.list", Fault::status(503));
        let id = orders(&pair, 1).await?;
        pair.until(&id, |o| matches!(o.placement, Placement::Unknown { .. })).await?;
        pair.idle().await;
        let check = pair.vendor.newest().ok_or("nothing was bought")?;
        reaches(&pair, &check, Milestone::InProgress).await?;
        until(&pair, &id, State::InProgress).await?;
        same("the vendor's id", pair.order(&id).await?.placement.vendor_ref(), Some(check.as_str()))?;
        reaches(&pair, &check, Milestone::Clear).await?;
        ends_clear(&pair, &id).await?;
    }
    Ok(())
}

/// Checkr calls a report clear whose searches it cancelled. Every ATS shows that a person has to look, and why.
#[tokio::test(flavor = "multi_thread")]
async fn a_clear_report_with_cancelled_searches_is_shown_as_a_review_in_every_ats() -> Result {
    for ats in ATSS {
        let pair = Pair::start(ats, VendorKind::Checkr).await?;
        let (card, answer) = pair.ats.orders(ASHA).await?;
        same("the order", answer.is_ok(), true)?;
        let order = pair.until_card(&card, |o| o.placement.vendor_ref().is_some()).await?;
        let check = order.placement.vendor_ref().unwrap_or_default().to_owned();
        reaches(&pair, &check, Milestone::InProgress).await?;
        let report = sim(&pair)?.orders().into_iter().find_map(|one| one.report_id).ok_or("no report")?;
        taken(&sim(&pair)?.dashboard_completes_now(&report).await?)?;
        let done = |o: &Order| o.status.state == State::Completed && o.told == o.version;
        let order = pair.until_card(&card, done).await?;
        same("the outcome", order.status.outcome, Outcome::Review)?;
        let shown = pair.ats.card(&card).ok_or("no card")?.result;
        same(ats.name(), shown.split(':').next(), Some("Review"))?;
        // Ashby keeps the words in a row of their own.
        let row = pair.ats.ashby().and_then(|(ashby, _)| ashby.shows(&card)?.row("vendor_status"));
        let words = row.unwrap_or(shown);
        holds(ats.name(), &words, "assessment: review; some screenings were canceled")?;
    }
    Ok(())
}

/// A candidate has their data removed at Checkr, which then refuses to show them. The key is as good as before.
#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_whose_data_was_removed_is_no_trouble_with_the_key() -> Result {
    let pair = Pair::start(AtsKind::Ashby, VendorKind::Checkr).await?;
    let (closed, check) = placed(&pair, 1).await?;
    reaches(&pair, &check, Milestone::Clear).await?;
    ends_clear(&pair, &closed).await?;
    let (open, other) = placed(&pair, 2).await?;
    reaches(&pair, &other, Milestone::InProgress).await?;
    until(&pair, &open, State::InProgress).await?;
    at_rest(&pair, &open).await?;
    let said = json!({ "error": "Candidate has requested that their PII be removed" });
    pair.vendor.faults().always("candidates.get", Fault::Answer(Reply::json(403, &said)));
    // Each of the two orders has a reason to be asked about.
    taken(&pair.vendor.replays(&check, 1).await?)?;
    taken(&pair.vendor.replays(&other, 1).await?)?;
    let order = until(&pair, &open, State::ActionRequired).await?;
    holds("what the recruiter reads", &order.status.label, "Checkr no longer has this check")?;
    let order = at_rest(&pair, &closed).await?;
    same("what is over stays over", (order.status.state, order.has_question()), (State::Completed, false))?;
    let connection = pair.test_stack.deployment.services.store.connection(&pair.made.connection.id).await?;
    same("trouble", connection.and_then(|connection| connection.trouble_words()), None)
}

/// Checkr watches a hired person, or somebody else orders for them. None of that is this order's check.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_nobody_ordered_here_changes_nothing() -> Result {
    for ats in ATSS {
        for is_abroad in [false, true] {
            let place: &[_] = if is_abroad { &[("work_location", "IN")] } else { &[] };
            let pair = Pair::start_with(ats, VendorKind::Checkr, place).await?;
            let case = strange_reports(&pair).await;
            case.map_err(|e| format!("{}, abroad {is_abroad}: {e}", ats.name()))?;
        }
    }
    Ok(())
}

/// The recruiter cancels. What another department has ordered for the same person goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_stops_the_orders_own_invitation_and_nobody_elses() -> Result {
    let pair = Pair::start(AtsKind::Ashby, VendorKind::Checkr).await?;
    let (id, check) = placed(&pair, 0).await?;
    let checkr = sim(&pair)?;
    let own = checkr.orders().pop().ok_or("no order")?;
    let others = checkr.packages().into_iter().map(|package| package.slug).find(|slug| *slug != own.package);
    let other = checkr.department_invites(&check, &others.ok_or("one package alone")?).await?;
    cancel(&pair, &id).await?;
    until(&pair, &id, State::Cancelled).await?;
    let is_cancelled = |invitation: &str| checkr.order(invitation).map(|order| order.cancelled);
    same("own, other", (is_cancelled(&own.invitation_id)?, is_cancelled(&other)?), (true, false))?;
    Ok(pair.ends_with_bought(1)?)
}

/// Somebody cancels the report in the dashboard by mistake, and invites the candidate anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_who_is_invited_anew_after_a_cancelled_report_is_followed() -> Result {
    for pair in [Pair::start(AtsKind::Ashby, VendorKind::Checkr).await?, abroad().await?] {
        let (id, check) = placed(&pair, 0).await?;
        let checkr = sim(&pair)?;
        taken(&checkr.deliver_waiting().await)?;
        let first = checkr.orders().pop().ok_or("no order")?.invitation_id;
        let report = checkr.candidate_completes_form(&first).await?;
        taken(&checkr.report_becomes(&report, "canceled", None).await?)?;
        until(&pair, &id, State::Cancelled).await?;
        let second = checkr.dashboard_invites(&check).await?;
        let report = checkr.candidate_completes_form(&second).await?;
        until(&pair, &id, State::InProgress).await?;
        taken(&checkr.report_becomes(&report, "complete", Some("clear")).await?)?;
        let order = until(&pair, &id, State::Completed).await?;
        same("the outcome", order.status.outcome, Outcome::Clear)?;
        pair.ends_with_bought(1)?;
    }
    Ok(())
}

async fn strange_reports(pair: &Pair) -> Result {
    let (card, answer) = pair.ats.orders(ASHA).await?;
    same("the order", answer.is_ok(), true)?;
    let order = pair.until_card(&card, |o| o.placement.vendor_ref().is_some()).await?;
    let check = order.placement.vendor_ref().unwrap_or_default().to_owned();
    reaches(pair, &check, Milestone::Clear).await?;
    let done = |o: &Order| o.status.state == State::Completed && o.told == o.version;
    let order = pair.until_card(&card, done).await?;
    let own = sim(pair)?.orders().into_iter().find_map(|one| one.report_id).ok_or("no report")?;
    let id = order.id.to_string();
    let before = (at_rest(pair, &id).await?, pair.ats.card(&card).ok_or("no card")?.result);
    // The last one is another department's: nothing about it is odd but that no invitation of ours led to it.
    for source in ["continuous_check", "recurrence", "form"] {
        let (_, answers) = sim(pair)?.adds_report(&own, source, "consider").await?;
        taken(&answers)?;
        let after = (at_rest(pair, &id).await?, pair.ats.card(&card).ok_or("no card")?.result);
        same(source, &after.0.status, &before.0.status)?;
        same(source, (after.0.version, after.0.reopened), (before.0.version, before.0.reopened))?;
        same(source, &after.1, &before.1)?;
    }
    let link = pair.ats.card(&card).and_then(|card| card.link).ok_or("no link")?;
    let pdf = reqwest::get(&link).await?.bytes().await?;
    holds("the link opens the order's own report", &String::from_utf8_lossy(&pdf), &own)
}
