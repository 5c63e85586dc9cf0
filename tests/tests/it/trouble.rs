//! Everything that a vendor or an ATS can do wrong: a state that people see, and never a second paid check.

use std::time::Duration;

use serde_json::json;
use shared::order::{Placement, State};
use sim::ashby::{ErrorShape, cloudflare_1010, rate_limited};
use sim::{Fault, Gate, Reply};
use tests::World;
use tests::world::{Result, code, id_of};

/// An order is taken while the vendor's `candidate/add` misbehaves once; the vendor ends with exactly one.
async fn one_check_in_spite_of(fault: Fault, hours: usize) -> Result {
    let world = World::new().await?;
    let shape = format!("{fault:?}");
    world.springverify.faults().once("candidate/add", fault);
    let id = world.recruiter_orders().await?;
    for _ in 0..hours {
        world.pair.until(&id, |o| !matches!(o.placement, Placement::Placing { .. })).await?;
        world.idle().await;
        world.an_hour_passes().await?;
    }
    let check = world.placed(&id).await.map_err(|e| format!("{shape}: {e}"))?;
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    world.ends_with_bought(1).map_err(|e| format!("{shape}: {e}").into())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_of_the_paid_call_is_looked_up_and_adopted() -> Result {
    one_check_in_spite_of(Fault::DoThenCut, 0).await?;
    one_check_in_spite_of(Fault::DoThenAnswer(Reply::empty(500)), 0).await?;
    one_check_in_spite_of(Fault::DoThenAnswer(Reply::json(200, &json!({ "message": "ok" }))), 0).await?;
    one_check_in_spite_of(Fault::DoThenAnswer(Reply::text(200, "text/html", "<html>")), 0).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_call_that_did_not_arrive_is_made_again_once_that_is_proved() -> Result {
    one_check_in_spite_of(Fault::CutBefore, 1).await?;
    one_check_in_spite_of(Fault::status(503), 1).await?;
    one_check_in_spite_of(Fault::rate_limited(3), 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_call_that_arrives_after_we_gave_up_on_it_is_not_made_twice() -> Result {
    let world = World::new().await?;
    let gate = Gate::new();
    world.springverify.faults().once("candidate/add", Fault::HoldWork(gate.clone()));
    let id = world.recruiter_orders().await?;
    gate.arrived().await;
    gate.cut();
    world.pair.until(&id, |o| matches!(o.placement, Placement::Unknown { .. })).await?;
    world.until_label(&id, "no clear answer").await?;
    assert_eq!(world.springverify.creates(), 0, "it has not arrived yet");
    gate.open();
    gate.passed().await;
    world.an_hour_passes().await?;
    world.placed(&id).await?;
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_check_of_the_same_person_is_never_shown_as_this_order() -> Result {
    let world = World::new().await?;
    let person = world.ashby.add_candidate("Asha", "Rao", "asha@example.com", Some("9876543210"));
    let old = world.springverify.portal_adds("Asha Rao", "asha@example.com", "9876543210", 4238);
    world.vendor_reports(old, code::COMPLETED).await?;
    let id = id_of(&world.recruiter_starts(&person.application_id).await?)?;
    let order = world.until_label(&id, "already has a candidate").await?;
    assert_eq!((order.status.state, &order.placement), (State::ActionRequired, &Placement::NotPlaced));
    world.until(&id, State::ActionRequired).await?;
    assert!(world.ats_shows(&id)?.status.is_some_and(|s| s.starts_with("Action required: SpringVerify already has")));
    world.ends_with_bought(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclear_purchase_beside_an_older_check_waits_for_a_person() -> Result {
    let world = World::new().await?;
    let person = world.ashby.add_candidate("Asha", "Rao", "asha@example.com", Some("9876543210"));
    let old = world.springverify.portal_adds("Asha Rao", "asha@example.com", "9876543210", 4238);
    world.vendor_reports(old, code::COMPLETED).await?;
    world.springverify.faults().once("candidate/add", Fault::CutBefore);
    let id = id_of(&world.recruiter_starts(&person.application_id).await?)?;
    world.until_label(&id, "look in its portal").await?;
    world.an_hour_passes().await?;
    let order = world.until(&id, State::ActionRequired).await?;
    assert!(matches!(order.placement, Placement::Unknown { .. }), "{:?}", order.placement);
    let (asked, revision) = (world.springverify.calls("candidate/list"), order.revision);
    world.pair.time_passes(Duration::from_secs(3));
    world.idle().await;
    assert_eq!(world.springverify.calls("candidate/list"), asked, "it waits, and does not ask again and again");
    assert_eq!(world.order(&id).await?.revision, revision);
    world.ashby.recruiter_cancels(&world.partner, &id).await?;
    world.until(&id, State::Cancelled).await?;
    world.ends_with_bought(0)
}

/// The vendor's entry names another order of ours, so it is not this one: the vendor is asked anew, not a person.
#[tokio::test(flavor = "multi_thread")]
async fn an_unclear_purchase_beside_another_orders_check_is_sent_again() -> Result {
    let world = World::new().await?;
    let person = world.ashby.add_candidate("Asha", "Rao", "asha@example.com", Some("9876543210"));
    let first = id_of(&world.recruiter_starts(&person.application_id).await?)?;
    world.placed(&first).await?;
    let picker = world.ashby.picker();
    let other = picker.last().and_then(|p| p["assessment_type_id"].as_str()).ok_or("one package alone")?;
    world.springverify.faults().once("candidate/add", Fault::CutBefore);
    let partner = &world.partner;
    let second = id_of(&world.ashby.recruiter_starts(partner, &person.application_id, other, json!(null)).await?)?;
    world.until_label(&second, "gave no clear answer").await?;
    world.an_hour_passes().await?;
    let order = world.until_label(&second, "already has a candidate").await?;
    assert!(order.history.iter().any(|line| line.text == "the vendor shows that nothing was placed"));
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_the_portal_deleted_is_shown_and_can_be_cancelled() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.springverify.portal_deletes(check)?;
    world.an_hour_passes().await?;
    world.until_label(&id, "no longer has this check").await?;
    world.ashby.recruiter_cancels(&world.partner, &id).await?;
    world.until(&id, State::Cancelled).await?;
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_is_down_is_shown_and_tried_again() -> Result {
    let world = World::new().await?;
    world.springverify.faults().times(3, "candidate/add", &Fault::rate_limited(1));
    let id = world.recruiter_orders().await?;
    world.until_label(&id, "keeps trying").await?;
    for _ in 0..4 {
        world.pair.time_passes(Duration::from_mins(15));
        world.idle().await;
    }
    world.placed(&id).await?;
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_key_is_trouble_that_the_operator_and_the_recruiter_see_and_heals_when_it_is_mended() -> Result {
    let world = World::new().await?;
    world.springverify.faults().always("candidate/add", Fault::status(401));
    let id = world.recruiter_orders().await?;
    world.until(&id, State::ActionRequired).await?;
    assert!(world.ats_shows(&id)?.status.is_some_and(|s| s.contains("refused Crosscheck's key")));
    let trouble = |c: Option<shared::connection::Connection>| c.and_then(|c| c.trouble_words());
    let store = &world.pair.deployment.services.store;
    assert!(trouble(store.connection(&world.pair.made.connection.id).await?).is_some());
    world.springverify.faults().clear_all();
    world.an_hour_passes().await?;
    world.placed(&id).await?;
    assert!(trouble(store.connection(&world.pair.made.connection.id).await?).is_none());
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_data_ends_the_order_with_the_vendors_words() -> Result {
    let world = World::new().await?;
    let words = json!({ "errors": [{ "path": "phone", "msg": "not reachable" }] });
    world.springverify.faults().once("candidate/add", Fault::Answer(Reply::json(422, &words)));
    let id = world.recruiter_orders().await?;
    world.until(&id, State::Failed).await?;
    assert!(world.ats_shows(&id)?.cancelled_reason.is_some_and(|r| r.contains("phone: not reachable")));
    world.ends_with_bought(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ats_that_is_down_is_told_later_and_loses_nothing() -> Result {
    let world = World::new().await?;
    for fault in [
        Fault::status(502),
        Fault::CutBefore,
        Fault::DoThenCut,
        Fault::Answer(rate_limited(2, true)),
        Fault::Answer(cloudflare_1010()),
        Fault::Answer(Reply::json(200, &json!({ "success": false, "errors": ["internal_error"] }))),
    ] {
        let shape = format!("{fault:?}");
        let (id, check) = world.placed_order().await?;
        world.ashby.faults().once("assessment.update", fault);
        world.vendor_reports(check, code::COMPLETED).await?;
        world.pair.until(&id, |o| o.status.state == State::Completed).await?;
        world.idle().await;
        world.an_hour_passes().await?;
        world.until(&id, State::Completed).await.map_err(|e| format!("{shape}: {e}"))?;
        assert!(world.ats_shows(&id)?.completed, "{shape}");
    }
    world.ends_with_bought(6)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ats_that_is_slow_leaves_the_phone_number_to_the_worker() -> Result {
    let world = World::new().await?;
    world.ashby.faults().once("candidate.info", Fault::Delay(Duration::from_secs(4)));
    let (id, _) = world.placed_order().await?;
    assert!(world.order(&id).await?.history.iter().any(|e| e.text.contains("fetched from Ashby")));
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ats_key_without_its_scope_is_said_to_the_recruiter() -> Result {
    for shape in [ErrorShape::Codes, ErrorShape::Messages, ErrorShape::Info] {
        let world = World::new().await?;
        world.ashby.set_error_shape(shape);
        world.ashby.set_scopes(&["candidates:write"]);
        let refused = world.recruiter_starts(&world.candidate().application_id).await?;
        assert_eq!(refused.http_status, 422);
        assert!(refused.text.contains("Candidates Read"), "{}", refused.text);
        world.ends_with_bought(0)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_credits_buys_nothing_and_says_so() -> Result {
    let world = World::new().await?;
    world.springverify.set_credit_balance(0);
    world.ashby.refresh(&world.partner).await;
    let refused = world.recruiter_starts(&world.candidate().application_id).await?;
    assert_eq!(refused.http_status, 422);
    assert!(refused.text.contains("no credits left"), "{}", refused.text);
    world.ends_with_bought(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_list_is_shown_as_last_seen_while_the_vendor_is_down() -> Result {
    let world = World::new().await?;
    world.springverify.faults().always("candidate/packages", Fault::status(500));
    let answer = world.ashby.refresh(&world.partner).await;
    assert_eq!(answer.http_status, 200);
    assert_eq!(world.ashby.picker().len(), 2);
    world.springverify.faults().clear_all();
    world.springverify.faults().always("candidate/packages", Fault::status(403));
    let answer = world.ashby.refresh(&world.partner).await;
    assert_eq!((answer.http_status, answer.str_at("/errorInfo/code")), (502, Some("vendor_refused_key")));
    world.ends_with_bought(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_while_the_purchase_is_on_its_way_loses_neither() -> Result {
    let world = World::new().await?;
    let gate = Gate::new();
    world.springverify.faults().once("candidate/add", Fault::HoldAnswer(gate.clone()));
    let id = world.recruiter_orders().await?;
    gate.arrived().await;
    let answer = world.ashby.recruiter_cancels(&world.partner, &id).await?;
    assert!(answer.is_ok(), "{}", answer.text);
    gate.open();
    let order = world.until_label(&id, "stop it in the SpringVerify portal").await?;
    assert!(order.placement.vendor_ref().is_some(), "the receipt was recorded over the cancellation");
    world.until(&id, State::AwaitingCandidate).await?;
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_vendor_quotes_of_the_person_is_blotted_out_of_the_order() -> Result {
    let world = World::new().await?;
    let words = json!({ "errors": [{ "path": "email", "msg": "canary@example.com of Asha Rao is not deliverable" }] });
    world.springverify.faults().once("candidate/add", Fault::Answer(Reply::json(422, &words)));
    let person = world.ashby.add_candidate("Asha", "Rao", "canary@example.com", Some("9876543210"));
    let id = id_of(&world.recruiter_starts(&person.application_id).await?)?;
    let order = world.until(&id, State::Failed).await?;
    let story = format!("{} {:?}", order.status.label, order.history);
    assert!(story.contains("email: … of … … is not deliverable"), "{story}");
    world.ends_with_bought(0)
}

/// Ten attempts in all. SQS delivers the last message four times more before it is a dead letter.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_was_given_up_is_not_tried_once_more_with_each_delivery_of_its_last_message() -> Result {
    let world = World::new().await?;
    world.springverify.faults().always("candidate/add", Fault::rate_limited(1));
    let id = world.recruiter_orders().await?;
    for _ in 0..20 {
        world.idle().await;
        world.pair.time_passes(Duration::from_mins(15));
    }
    assert_eq!(world.springverify.calls("candidate/add"), 10);
    world.springverify.faults().clear_all();
    world.an_hour_passes().await?;
    world.placed(&id).await?;
    world.ends_with_bought(1)
}
