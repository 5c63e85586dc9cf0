//! What the card shows, when a customer's rules fire, and what happens while Teamtailor takes no updates.

use std::time::Duration;

use serde_json::json;
use shared::order::{Order, State};
use sim::Delivery;
use sim::pair::Milestone;
use sim::teamtailor::{MoveRule, When, rate_limited};
use sim::{Fault, Reply};
use tests::world::Result;

use super::{Play, assert_refused};

/// A rule: whoever's check ends like this is moved there.
fn rule(outcome: &str, to: &str) -> MoveRule {
    MoveRule { when: When::Outcome("report_decision".to_owned(), outcome.to_owned()), to: to.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completed_check_arrives_in_one_update_and_moves_its_candidate_once_to_the_right_stage() -> Result {
    let play = Play::new().await?;
    let completed = MoveRule { when: When::Status("completed".to_owned()), to: "Offer".to_owned() };
    play.sim.set_move_rules(vec![rule("review", "Inbox"), completed]);
    let check = play.placed_order().await?;
    play.reaches(&check, Milestone::InProgress, State::InProgress).await?;
    assert_eq!(play.shown(&check.0)?.stage.as_deref(), Some("Background check"));
    play.reaches(&check, Milestone::Review, State::Completed).await?;
    let card = play.shown(&check.0)?;
    assert_eq!(card.stage.as_deref(), Some("Inbox"), "a status without its result would have moved them to Offer");
    let done: Vec<_> = card.history.iter().filter(|update| update["status"] == "completed").collect();
    assert_eq!(done.len(), 1, "{:?}", card.history);
    assert_eq!(done[0]["criteria"], json!({ "report_decision": "review" }));
    assert!(card.history.iter().all(|update| update.get("criteria").is_none() || update["status"] == "completed"));
    assert_eq!((card.grade, card.score), (None, None), "a check gives no grade");
    assert!(card.attachments.len() == 1 && card.url.is_some_and(|url| url.contains("/reports/")));
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_is_looked_at_again_fires_no_rule_by_the_result_before() -> Result {
    let play = Play::new().await?;
    play.sim.set_move_rules(vec![rule("clear", "Offer"), rule("adverse", "Inbox"), rule("review", "Hired")]);
    let candidate = play.candidate();
    let card = play.sends(candidate).await?.result_id;
    let check = (card.clone(), play.placed(&card).await?);
    play.reaches(&check, Milestone::Clear, State::Completed).await?;
    assert_eq!(play.shown(&card)?.stage.as_deref(), Some("Offer"));
    play.sim.move_candidate(candidate, "Background check")?;
    play.reaches(&check, Milestone::Reopened, State::InProgress).await?;
    let open = play.shown(&card)?;
    assert_eq!(open.stage.as_deref(), Some("Background check"), "the result before no longer counts");
    assert_eq!((open.status.as_str(), &open.criteria), ("pending", &json!({ "report_decision": "reopened" })));
    assert!(open.summary.is_some_and(|words| words.starts_with("Reopened, not final")));
    assert_eq!(open.details["Result"], "Reopened, not final");
    play.reaches(&check, Milestone::Review, State::Completed).await?;
    let done = play.shown(&card)?;
    assert_eq!((done.stage.as_deref(), &done.criteria), (Some("Hired"), &json!({ "report_decision": "review" })));
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_may_move_whoevers_check_is_looked_at_again() -> Result {
    let play = Play::new().await?;
    play.sim.set_move_rules(vec![rule("reopened", "Inbox")]);
    let check = play.placed_order().await?;
    play.reaches(&check, Milestone::Clear, State::Completed).await?;
    assert_eq!(play.shown(&check.0)?.stage.as_deref(), Some("Background check"));
    play.reaches(&check, Milestone::Reopened, State::InProgress).await?;
    assert_eq!(play.shown(&check.0)?.stage.as_deref(), Some("Inbox"));
    play.reaches(&check, Milestone::Cancelled, State::Cancelled).await?;
    assert_eq!(play.shown(&check.0)?.status, "failed");
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_150_characters_on_the_card_begin_with_what_matters() -> Result {
    let play = Play::new().await?;
    let vendor = play.vendor.springverify().ok_or("another vendor")?;
    let check = play.placed_order().await?;
    let begins = |words: &str| -> Result {
        let summary = play.shown(&check.0)?.card_summary.unwrap_or_default();
        assert!(summary.starts_with(words) && summary.chars().count() <= 150, "{words}: {summary}");
        Ok(())
    };
    begins("Awaiting candidate")?;
    play.reaches(&check, Milestone::InProgress, State::InProgress).await?;
    begins("In progress")?;
    vendor.vendor_says(check.1.parse()?, 7, &"waiting for the university ".repeat(20)).await?;
    play.until_card(&check.0, |o| o.status.label.contains("university") && o.told == o.version).await?;
    begins("In progress: waiting for")?;
    play.reaches(&check, Milestone::Review, State::Completed).await?;
    begins("Review")?;
    play.reaches(&check, Milestone::Reopened, State::InProgress).await?;
    begins("Reopened, not final")?;
    play.reaches(&check, Milestone::Clear, State::Completed).await?;
    begins("Clear")?;
    play.ends_with_bought(1)
}

fn completed(order: &Order) -> bool {
    order.status.state == State::Completed && order.told == order.version
}

#[tokio::test(flavor = "multi_thread")]
async fn teamtailor_is_called_again_no_sooner_than_it_asked_for() -> Result {
    let play = Play::new().await?;
    let updates = || play.sim.calls("partner-results.update");
    for with_retry_after in [false, true] {
        let check = play.placed_order().await?;
        let before = updates();
        play.sim.faults().once("partner-results.update", Fault::Answer(rate_limited(77, with_retry_after)));
        play.vendor.reaches(&check.1, Milestone::Clear).await?;
        play.idle().await;
        assert_eq!(updates() - before, 1);
        play.time_passes(Duration::from_secs(70));
        play.idle().await;
        assert_eq!(updates() - before, 1, "77 seconds were asked for");
        play.time_passes(Duration::from_secs(10));
        play.until_card(&check.0, completed).await?;
        assert_eq!(updates() - before, 2);
    }
    play.ends_with_bought(2)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_teamtailor_cannot_take_is_sent_again_and_a_refusal_is_kept_in_the_story() -> Result {
    let play = Play::new().await?;
    let check = play.placed_order().await?;
    for fault in [Fault::status(503), Fault::DoThenCut, Fault::CutBefore] {
        play.sim.faults().once("partner-results.update", fault);
    }
    play.vendor.reaches(&check.1, Milestone::InProgress).await?;
    for _ in 0..3 {
        play.idle().await;
        play.time_passes(Duration::from_mins(2));
    }
    play.until_card(&check.0, |o| o.status.state == State::InProgress && o.told == o.version).await?;
    assert_eq!(play.sim.faults().unused(), 0);
    let error =
        json!({ "title": "Unprocessable", "detail": "asha@example.com", "source": { "pointer": "/data/label" } });
    let refusal = Reply::json(422, &json!({ "errors": [error] }));
    play.sim.faults().once("partner-results.update", Fault::Answer(refusal));
    play.vendor.reaches(&check.1, Milestone::Clear).await?;
    let words = "Teamtailor did not take the update: HTTP 422, /data/label";
    let order = play.until_card(&check.0, |o| o.history.iter().any(|e| e.text == words)).await?;
    assert!(order.told < order.version && !format!("{:?}", order.history).contains("asha@example.com"));
    play.an_hour_passes().await?;
    play.until_card(&check.0, completed).await?;
    assert_eq!(play.shown(&check.0)?.criteria, json!({ "report_decision": "clear" }));
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_a_recruiter_removed_stops_nothing_and_is_given_up_a_week_after_the_end() -> Result {
    let play = Play::new().await?;
    let check = play.placed_order().await?;
    play.sim.remove_result(&check.0)?;
    play.an_hour_passes().await?;
    play.vendor.reaches(&check.1, Milestone::Clear).await?;
    let refused = |o: &Order| o.history.iter().any(|e| e.text.contains("Teamtailor did not take the update: HTTP 404"));
    let order = play.until_card(&check.0, refused).await?;
    assert_eq!(order.status.state, State::Completed);
    assert_eq!(play.an_hour_passes().await?, 1, "it is still tried");
    play.time_passes(Duration::from_hours(24 * 7));
    play.an_hour_passes().await?;
    assert_eq!(play.an_hour_passes().await?, 0, "now it is left");
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_buttons_ask_the_vendor_and_cancel_where_that_is_possible() -> Result {
    let play = Play::new().await?;
    let vendor = play.vendor.springverify().ok_or("another vendor")?;
    let check = play.placed_order().await?;
    play.vendor.set_delivery(Delivery::Lose);
    play.vendor.reaches(&check.1, Milestone::InProgress).await?;
    let asked = vendor.calls("candidate/details");
    let clicked = play.sim.click_action(&check.0, "actions/refresh").await?;
    assert_eq!((clicked.http_status, &clicked.body), (200, &json!({})), "{}", clicked.text);
    play.until_card(&check.0, |o| o.status.state == State::InProgress && o.told == o.version).await?;
    assert_eq!(play.shown(&check.0)?.status, "pending");
    for _ in 0..3 {
        assert!(play.sim.click_action(&check.0, "actions/refresh").await?.is_ok());
    }
    play.idle().await;
    assert_eq!(vendor.calls("candidate/details") - asked, 1, "once a minute is enough");
    play.time_passes(Duration::from_secs(61));
    play.sim.click_action(&check.0, "actions/refresh").await?;
    play.idle().await;
    assert_eq!(vendor.calls("candidate/details") - asked, 2);

    assert!(play.sim.click_action(&check.0, "actions/cancel").await?.is_ok());
    play.until_card(&check.0, |o| o.status.label.contains("stop it in the SpringVerify portal")).await?;
    play.vendor.set_delivery(Delivery::Once);
    play.reaches(&check, Milestone::Cancelled, State::Cancelled).await?;
    let card = play.shown(&check.0)?;
    assert_eq!((card.status.as_str(), card.actions.len(), &card.criteria), ("failed", 1, &json!({})));

    let done = play.placed_order().await?;
    play.reaches(&done, Milestone::Clear, State::Completed).await?;
    assert!(play.sim.click_action(&done.0, "actions/cancel").await.is_err(), "there is no such button any more");
    let event = play.order_of(&done.0).await?.reference.idempotency_key.ok_or("no event")?;
    let event = play.sim.event(&event).ok_or("no event")?;
    let bearer = play.sim.bearer(&play.company)?;
    let late = play.posts("actions/cancel", Some(&bearer), &event).await;
    assert_refused(&late, 409, "completed and cannot be cancelled");
    for button in ["actions/cancel", "actions/refresh"] {
        let unknown = play.posts(button, Some(&bearer), &play.event("unknown")).await;
        assert_refused(&unknown, 404, "no check that was ordered with this card");
    }
    play.ends_with_bought(2)
}
