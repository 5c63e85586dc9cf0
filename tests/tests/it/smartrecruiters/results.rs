//! Results: whole, in order, and sent again until SmartRecruiters has them.

use std::time::Duration;

use serde_json::{Value, json};
use shared::order::State;
use sim::Fault;
use sim::pair::Milestone;
use sim::smartrecruiters::{rate_limited, refusal};
use tests::world::Result;

use super::Play;

/// Everything that every patch must be: whole lists, the part as the whole, and a score that is taken back.
fn assert_whole(patch: &Value) {
    let parts = patch["assessmentResults"].as_array().expect("assessmentResults is a list");
    assert_eq!(parts.len(), 1, "{patch}");
    for name in ["status", "summary", "name", "attachments"] {
        assert_eq!(parts[0][name], patch[name], "{name} of the part is that of the whole: {patch}");
    }
    assert!(patch["attachments"].is_array(), "{patch}");
    assert!(parts[0].get("score").is_none(), "SpringVerify gives no score: {patch}");
    assert_eq!(patch.get("score"), Some(&Value::Null), "{patch}");
    assert_eq!(patch["scoreLabel"].as_str(), parts[0]["scoreLabel"].as_str(), "{patch}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_patch_is_whole_and_a_reopened_check_shows_nothing_stale() -> Result {
    let play = Play::new().await?;
    let check = play.placed_order().await?;
    let card = &check.0;
    assert_eq!(play.shown(card)?.attachments[0].kind, "OTHER_URL", "the candidate's page at the vendor");
    play.reaches(&check, Milestone::InProgress, State::InProgress).await?;
    play.reaches(&check, Milestone::Clear, State::Completed).await?;
    let done = play.shown(card)?;
    assert_eq!((done.score_label.as_deref(), done.summary.as_deref()), (Some("Clear"), Some("Clear: Completed")));
    assert!(done.score.is_none() && done.dates.package_sent.is_some() && done.dates.submitted.is_some());
    assert_eq!(done.attachments[0].kind, "OTHER_URL", "a page of some vendors, a PDF of others");
    let report = play.sim.get_raw(&done.attachments[0].url, None).await;
    assert_eq!(report.http_status, 200, "the report opens");

    play.reaches(&check, Milestone::Reopened, State::InProgress).await?;
    let open = play.shown(card)?;
    assert_eq!(open.status.as_deref(), Some("IN_PROGRESS"));
    assert_eq!(open.score_label.as_deref(), Some("Reopened, not final"));
    assert!(open.summary.as_ref().is_some_and(|words| words.starts_with("Reopened, not final")), "{open:?}");
    assert!(!format!("{:?} {:?}", open.summary, open.results).contains("Clear"), "{open:?}");

    play.reaches(&check, Milestone::Cancelled, State::Cancelled).await?;
    let over = play.shown(card)?;
    assert_eq!((over.status.as_deref(), over.score_label.as_deref()), (Some("REJECTED"), Some("Cancelled")));
    assert!(!over.summary.unwrap_or_default().contains("Clear"));
    play.sim.history(card).iter().for_each(assert_whole);
    assert!(play.sim.history(card).len() >= 5);
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn results_go_out_again_in_the_media_type_of_a_merge_patch_when_that_is_asked_for() -> Result {
    let play = Play::new().await?;
    play.sim.demand_merge_patch(true);
    let check = play.placed_order().await?;
    play.reaches(&check, Milestone::Clear, State::Completed).await?;
    assert_eq!(play.shown(&check.0)?.status.as_deref(), Some("COMPLETED"));
    let calls = play.sim.requests().into_iter().filter(|line| line.operation == "orders/results");
    let kinds: Vec<_> = calls.map(|line| line.headers["content-type"].clone()).collect();
    assert_eq!(kinds[..2], ["application/json", "application/merge-patch+json"], "{kinds:?}");
    play.sim.history(&check.0).iter().for_each(assert_whole);
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_in_the_middle_is_fetched_anew_once() -> Result {
    let play = Play::new().await?;
    let check = play.placed_order().await?;
    let (tokens, patches) = (play.sim.calls("oauth/token"), play.sim.calls("orders/results"));
    play.sim.expire_tokens();
    play.reaches(&check, Milestone::Clear, State::Completed).await?;
    assert_eq!(play.sim.calls("oauth/token") - tokens, 1);
    assert_eq!(play.sim.calls("orders/results") - patches, 2, "refused, and sent again");
    assert_eq!(play.connection().await?.trouble_words(), None);
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_that_smartrecruiters_refuses_is_trouble_until_it_is_good_again() -> Result {
    let play = Play::new().await?;
    let check = play.placed_order().await?;
    play.sim.expire_tokens();
    play.sim.faults().always("oauth/token", Fault::Answer(refusal(401, "UNAUTHORIZED", "no")));
    play.vendor.reaches(&check.1, Milestone::Clear).await?;
    play.until_card(&check.0, |o| o.history.iter().any(|e| e.text.contains("SmartRecruiters did not take"))).await?;
    let trouble = play.connection().await?.trouble_words().unwrap_or_default();
    assert!(trouble.starts_with("SmartRecruiters refused the key"), "{trouble}");
    play.sim.faults().clear_all();
    play.an_hour_passes().await?;
    play.until_card(&check.0, |o| o.status.state == State::Completed && o.told == o.version).await?;
    play.idle().await;
    assert_eq!(play.connection().await?.trouble_words(), None);
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn smartrecruiters_is_called_again_no_sooner_than_it_asked_for() -> Result {
    let play = Play::new().await?;
    let check = play.placed_order().await?;
    let patches = || play.sim.calls("orders/results");
    let before = patches();
    play.sim.faults().once("orders/results", Fault::rate_limited(77));
    play.vendor.reaches(&check.1, Milestone::Clear).await?;
    play.idle().await;
    assert_eq!(patches() - before, 1);
    play.time_passes(Duration::from_secs(70));
    play.idle().await;
    assert_eq!(patches() - before, 1, "77 seconds were asked for");
    play.time_passes(Duration::from_secs(10));
    play.until_card(&check.0, |o| o.status.state == State::Completed && o.told == o.version).await?;
    assert_eq!(patches() - before, 2);
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_smartrecruiters_cannot_take_at_the_moment_is_sent_again_and_a_refusal_is_kept_in_the_story() -> Result {
    let play = Play::new().await?;
    let check = play.placed_order().await?;
    let told = |o: &shared::order::Order| o.status.state == State::InProgress && o.told == o.version;
    for fault in [Fault::Answer(rate_limited()), Fault::status(503), Fault::CutBefore] {
        play.sim.faults().once("orders/results", fault);
    }
    play.vendor.reaches(&check.1, Milestone::InProgress).await?;
    for _ in 0..3 {
        play.idle().await;
        play.time_passes(Duration::from_mins(2));
    }
    play.until_card(&check.0, told).await?;
    assert_eq!(play.sim.faults().unused(), 0);
    play.sim.faults().once("orders/results", Fault::Answer(refusal(400, "INVALID_REQUEST", "asha@example.com")));
    play.vendor.reaches(&check.1, Milestone::Review).await?;
    let refused = |o: &shared::order::Order| o.history.iter().any(|e| e.text.contains("INVALID_REQUEST"));
    let order = play.until_card(&check.0, refused).await?;
    assert!(order.told < order.version);
    assert!(!format!("{:?}", order.history).contains("asha@example.com"), "an API's words are not kept");
    play.an_hour_passes().await?;
    play.until_card(&check.0, |o| o.status.state == State::Completed && o.told == o.version).await?;
    assert_eq!(play.shown(&check.0)?.results[0]["scoreLabel"], json!("Review"));
    play.ends_with_bought(1)
}
