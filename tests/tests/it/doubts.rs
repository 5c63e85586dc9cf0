//! Pushes that may be late: the vendor is asked, and what it says then counts.

use shared::order::{Outcome, State};
use sim::Fault;
use tests::World;
use tests::world::{Result, code};

#[tokio::test(flavor = "multi_thread")]
async fn a_late_push_about_a_finished_check_that_is_gone_leaves_it_finished() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.vendor_reports(check, code::IN_PROGRESS).await?;
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    world.scene.springverify.faults().always("candidate/details", Fault::status(404));
    world.scene.springverify.replay(check, 0).await?;
    world.scene.until(&id, |o| !o.ask).await?;
    world.idle().await;
    assert_eq!(world.order(&id).await?.status.state, State::Completed);
    assert_eq!(world.an_hour_passes().await?, 0, "it is closed, and stays so");
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_about_a_finished_check_waits_for_the_vendor_and_its_key() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    world.scene.springverify.faults().always("candidate/details", Fault::status(401));
    world.vendor_reports(check, code::WITH_EXCEPTION).await?;
    for _ in 0..2 {
        world.idle().await;
        let order = world.order(&id).await?;
        assert_eq!((order.status.outcome, order.ask), (Outcome::Clear, true), "nobody has said yet");
        assert_eq!(world.an_hour_passes().await?, 1, "the sync knows of the question");
    }
    world.scene.springverify.faults().clear_all();
    world.an_hour_passes().await?;
    world.scene.until(&id, |o| o.status.outcome == Outcome::Review && !o.ask).await?;
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
    world.scene.springverify.replay(check, 0).await?;
    world.idle().await;
    let order = world.order(&id).await?;
    assert_eq!((order.status.state, order.ask), (State::InProgress, false), "the vendor was asked and knows better");
    assert_eq!(world.ats_shows(&id)?.result.as_deref(), Some("Reopened, not final"));
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_pushes_that_are_as_far_as_each_other_the_one_that_the_vendor_means_is_shown() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.vendor_reports(check, code::ON_HOLD).await?;
    world.until(&id, State::ActionRequired).await?;
    world.vendor_reports(check, code::IN_PROGRESS).await?;
    world.until(&id, State::InProgress).await?;
    world.scene.springverify.replay(check, 0).await?;
    world.idle().await;
    assert_eq!(world.order(&id).await?.status.state, State::InProgress, "the older one came last");
    world.ends_with_bought(1)
}
