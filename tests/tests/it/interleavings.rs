//! Random lives of an order: pushes that are lost, doubled, held, replayed and reordered, with hours in between. After
//! one more sync the ATS shows what the vendor says.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use shared::order::ASK_AGAIN;
use shared::vendor::springverify::STATUS_MAP;
use sim::{Delivery, Fault};
use tests::World;
use tests::world::Result;

/// Lives that are played, each with up to this many events.
const LIVES: usize = 12;
const EVENTS: usize = 10;

#[derive(Debug, Clone)]
enum Event {
    VendorMoves(usize, u8),
    Released,
    ReleasedBackwards,
    Replayed(usize),
    HourPasses,
    MinutePasses,
    VendorAnswersLate,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..STATUS_MAP.len(), any::<u8>()).prop_map(|(row, how)| Event::VendorMoves(row, how)),
        1 => Just(Event::Released),
        1 => Just(Event::ReleasedBackwards),
        1 => (0..4_usize).prop_map(Event::Replayed),
        1 => Just(Event::HourPasses),
        1 => Just(Event::MinutePasses),
        1 => Just(Event::VendorAnswersLate),
    ]
}

async fn play(world: &World, check: i64, event: &Event) -> Result {
    let vendor = &world.springverify;
    match event {
        Event::VendorMoves(row, how) => {
            let delivery = [Delivery::Once, Delivery::Twice, Delivery::Lose, Delivery::Hold][usize::from(*how % 4)];
            vendor.set_delivery(delivery);
            world.vendor_reports(check, STATUS_MAP[*row].code.unwrap_or_default()).await?;
        }
        Event::Released => drop(vendor.release_held().await),
        Event::ReleasedBackwards => drop(vendor.release_held_backwards().await),
        // There may be nothing to replay yet.
        Event::Replayed(nth) => drop(vendor.replay(check, *nth).await),
        Event::HourPasses => drop(world.an_hour_passes().await?),
        Event::MinutePasses => world.pair.time_passes(ASK_AGAIN.unsigned_abs()),
        Event::VendorAnswersLate => {
            vendor.faults().once("candidate/details", Fault::Delay(Duration::from_millis(50)));
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_to_callbacks_the_ats_ends_with_what_the_vendor_says() -> Result {
    let mut runner = TestRunner::new(Config::default());
    for _ in 0..LIVES {
        let life = vec(event(), 1..EVENTS).new_tree(&mut runner).map_err(|e| e.to_string())?.current();
        let world = World::new().await?;
        let (id, check) = world.placed_order().await?;
        for event in &life {
            play(&world, check, event).await.map_err(|e| format!("{life:?}: {e}"))?;
        }
        // The last word of a closed check that the vendor changed silently is not asked for; a push brings it.
        world.springverify.set_delivery(Delivery::Once);
        let says = world.springverify.order(check).ok_or("the vendor lost it")?.code;
        world.vendor_reports(check, says).await?;
        world.idle().await;
        world.an_hour_passes().await?;
        let row = STATUS_MAP.iter().find(|r| r.code == Some(says)).ok_or("no such code")?;
        let order = world.until(&id, row.state).await.map_err(|e| format!("{life:?}: {e}"))?;
        assert_eq!(order.status.outcome, row.outcome, "{life:?}");
        world.ends_with_bought(1).map_err(|e| format!("{life:?}: {e}"))?;
    }
    Ok(())
}
