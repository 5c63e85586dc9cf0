//! A push of a vendor that can be asked is a reason to ask it, and what it answers counts.

use std::time::Duration;

use serde_json::json;
use shared::order::{Outcome, State};
use sim::{Delivery, Fault, Gate, Reply};
use tests::World;
use tests::world::{Result, code};

/// How often SpringVerify was asked where a check stands.
fn asked(world: &World) -> usize {
    world.springverify.calls("candidate/details")
}

/// The next question is answered with what holds when it is asked, but not before the gate is opened.
fn answers_late(world: &World) -> Gate {
    let gate = Gate::new();
    world.springverify.faults().once("candidate/details", Fault::HoldAnswer(gate.clone()));
    gate
}

/// The next question is answered with this, whatever holds now.
fn answers(world: &World, code: i64) {
    let details = json!({ "success": true, "data": { "overall_status_code": code } });
    world.springverify.faults().once("candidate/details", Fault::Answer(Reply::json(200, &details)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_during_a_question_is_asked_about_again_and_the_older_answer_does_not_count() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    let before = asked(&world);
    let gate = answers_late(&world);
    world.vendor_reports(check, code::IN_PROGRESS).await?;
    gate.arrived().await;
    assert_eq!(world.vendor_reports(check, code::COMPLETED).await?, [200], "the answer is still on its way");
    gate.open();
    world.until(&id, State::Completed).await?;
    world.idle().await;
    let order = world.until(&id, State::Completed).await?;
    assert_eq!((order.status.outcome, order.reopened), (Outcome::Clear, false));
    assert!(!order.has_question());
    // A third where the first answer is recorded while the second question is under way: that answer may be older, so it
    // is not taken, and the vendor is asked anew.
    assert!((2..=3).contains(&(asked(&world) - before)), "{} questions", asked(&world) - before);
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_to_a_closed_order_is_not_lost_while_the_vendor_is_slow() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    let gate = answers_late(&world);
    world.springverify.replay(check, 0).await?;
    gate.arrived().await;
    // The slow answer says "Completed", as it was before this.
    world.vendor_reports(check, code::WITH_EXCEPTION).await?;
    gate.open();
    world.pair.until(&id, |o| o.status.outcome == Outcome::Review).await?;
    world.idle().await;
    let order = world.until(&id, State::Completed).await?;
    assert_eq!((order.status.outcome, order.has_question()), (Outcome::Review, false));
    assert_eq!(world.ats_shows(&id)?.result.as_deref(), Some("Review"));
    assert_eq!(world.an_hour_passes().await?, 0, "nothing is left to do");
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn news_that_the_vendors_reads_do_not_show_yet_comes_with_a_second_question_a_minute_later() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.vendor_reports(check, code::IN_PROGRESS).await?;
    let order = world.until(&id, State::InProgress).await?;
    assert_eq!(order.ask_again_at, None, "that was news");
    // The second time the order is closed, and no sync would ask.
    for (said_before, push, outcome) in
        [(code::IN_PROGRESS, code::COMPLETED, Outcome::Clear), (code::COMPLETED, code::WITH_EXCEPTION, Outcome::Review)]
    {
        let (before, old) = (asked(&world), world.order(&id).await?.status);
        answers(&world, said_before);
        world.vendor_reports(check, push).await?;
        let order = world.pair.until(&id, |o| !o.has_question()).await?;
        assert_eq!((&order.status, order.ask_again_at.is_some()), (&old, true), "no news, and once more later");
        world.idle().await;
        world.pair.time_passes(Duration::from_secs(55));
        world.idle().await;
        assert_eq!((asked(&world) - before, &world.order(&id).await?.status), (1, &old), "not yet");
        world.pair.time_passes(Duration::from_secs(5));
        let order = world.pair.until(&id, |o| o.status.outcome == outcome && o.told == o.version).await?;
        assert_eq!((order.ask_again_at, asked(&world) - before), (None, 2));
    }
    assert_eq!(world.an_hour_passes().await?, 0);
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_callback_secret_can_make_us_ask_and_nothing_else() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    let (asked_before, before) = (asked(&world), world.order(&id).await?);
    let bearer = format!("Bearer {}", world.pair.made.callback_secret);
    let forged = json!({ "event": "completed", "candidate_id": check, "overall_status_code": code::COMPLETED,
        "overall_status": "Completed", "report_url": "https://forged.example/", "meta_data": { "order_id": id } });
    let answer = world.springverify.somebody_posts(Some(&bearer), &forged.to_string()).await?;
    assert_eq!(answer.http_status, 200, "{}", answer.text);
    for (minute, questions) in [(0, 1), (1, 2), (2, 2), (10, 2)] {
        world.idle().await;
        let order = world.pair.until(&id, |o| !o.has_question()).await?;
        assert_eq!((&order.status, &order.history), (&before.status, &before.history), "minute {minute}");
        assert_eq!((order.version, order.told), (before.version, before.told), "minute {minute}");
        assert_eq!(asked(&world) - asked_before, questions, "minute {minute}");
        world.pair.time_passes(Duration::from_mins(1));
    }
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_reports_in_one_push_is_one_question() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    let before = asked(&world);
    world.springverify.set_delivery(Delivery::Hold);
    for code in [code::IN_PROGRESS, code::ON_HOLD, code::IN_PROGRESS, code::COMPLETED] {
        world.vendor_reports(check, code).await?;
    }
    assert_eq!(world.springverify.release_held_at_once().await, [200]);
    world.until(&id, State::Completed).await?;
    world.idle().await;
    assert_eq!(asked(&world) - before, 1);
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_is_away_when_it_pushes_is_asked_when_it_is_back() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    let faults = world.springverify.faults();
    faults.always("candidate/details", Fault::status(503));
    let before = world.order(&id).await?.status;
    assert_eq!(world.vendor_reports(check, code::COMPLETED).await?, [200]);
    world.idle().await;
    let order = world.order(&id).await?;
    assert_eq!((&order.status, order.has_question()), (&before, true));
    faults.clear_all();
    // The first retry is due within six seconds.
    world.pair.time_passes(Duration::from_secs(6));
    world.until(&id, State::Completed).await?;
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_that_no_retry_could_ask_about_is_brought_by_the_sync() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    world.springverify.faults().always("candidate/details", Fault::status(503));
    let before = asked(&world);
    world.vendor_reports(check, code::WITH_EXCEPTION).await?;
    // The first attempt and nine retries. The queue delivers the last one some times more, and nobody asks any more.
    for times in (1..=10).chain([10; 5]) {
        world.idle().await;
        assert_eq!(asked(&world) - before, times);
        world.pair.time_passes(Duration::from_mins(15));
    }
    let order = world.order(&id).await?;
    assert_eq!((order.status.outcome, order.has_question()), (Outcome::Clear, true));
    world.springverify.faults().clear_all();
    assert_eq!(world.an_hour_passes().await?, 1, "the sync knows of the question");
    world.pair.until(&id, |o| o.status.outcome == Outcome::Review && !o.has_question()).await?;
    world.until(&id, State::Completed).await?;
    assert_eq!(world.an_hour_passes().await?, 0);
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_push_about_a_finished_check_that_is_gone_leaves_it_finished() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.vendor_reports(check, code::IN_PROGRESS).await?;
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    world.springverify.faults().always("candidate/details", Fault::status(404));
    world.springverify.replay(check, 0).await?;
    world.pair.until(&id, |o| !o.has_question()).await?;
    world.idle().await;
    assert_eq!(world.order(&id).await?.status.state, State::Completed);
    assert_eq!(world.an_hour_passes().await?, 0, "it is closed, and stays so");
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_about_a_finished_check_waits_for_the_vendor_and_its_key() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    world.springverify.faults().always("candidate/details", Fault::status(401));
    world.vendor_reports(check, code::WITH_EXCEPTION).await?;
    for _ in 0..2 {
        world.idle().await;
        let order = world.order(&id).await?;
        assert_eq!((order.status.outcome, order.has_question()), (Outcome::Clear, true), "nobody has said yet");
        assert_eq!(world.an_hour_passes().await?, 1, "the sync knows of the question");
    }
    world.springverify.faults().clear_all();
    world.an_hour_passes().await?;
    world.pair.until(&id, |o| o.status.outcome == Outcome::Review && !o.has_question()).await?;
    world.until(&id, State::Completed).await?;
    assert_eq!(world.an_hour_passes().await?, 0);
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_that_a_reopened_check_had_before_is_not_taken_for_its_new_one() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    world.vendor_reports(check, code::IN_PROGRESS).await?;
    world.until(&id, State::InProgress).await?;
    world.springverify.replay(check, 0).await?;
    world.idle().await;
    let order = world.order(&id).await?;
    assert_eq!(
        (order.status.state, order.has_question()),
        (State::InProgress, false),
        "the vendor was asked and knows better"
    );
    assert_eq!(world.ats_shows(&id)?.result.as_deref(), Some("Reopened, not final"));
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_states_that_are_as_far_as_each_other_the_one_that_the_vendor_means_is_shown() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.vendor_reports(check, code::ON_HOLD).await?;
    world.until(&id, State::ActionRequired).await?;
    world.vendor_reports(check, code::IN_PROGRESS).await?;
    world.until(&id, State::InProgress).await?;
    world.springverify.replay(check, 0).await?;
    world.idle().await;
    assert_eq!(world.order(&id).await?.status.state, State::InProgress, "the older one came last");
    world.ends_with_bought(1)
}
