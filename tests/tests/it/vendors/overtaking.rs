//! A callback that comes before the call that buys the check has returned.

use shared::order::{Placement, State};
use sim::pair::{Milestone, Pair};
use sim::{Fault, Gate};
use tests::world::Result;

use super::{an_hour_passes, ends_clear, has_it, orders, reaches, same, until, with_every_vendor};

async fn overtakes(pair: Pair) -> Result {
    let gate = Gate::new();
    pair.vendor.faults().once(pair.vendor.buying(), Fault::HoldAnswer(gate.clone()));
    let id = orders(&pair, 1).await?;
    gate.arrived().await;
    let check = pair.vendor.newest().ok_or("the vendor has no order")?;
    let answers = pair.vendor.reaches(&check, Milestone::InProgress).await?;
    let expected = pair.vendor.answers().overtaking;
    same("the answer to the callback", answers.iter().all(|status| *status == expected), true)?;
    // The purchase is still under way, whatever the callback came to.
    let order = pair.order(&id).await?;
    let known = matches!(order.placement, Placement::Placing { .. }) || order.placement.vendor_ref() == Some(&check);
    same("no second attempt", known, true)?;
    gate.open();
    pair.idle().await;
    same("the vendor's id", has_it(&pair, &id).await?, check.clone())?;
    pair.vendor.sends_again().await;
    an_hour_passes(&pair).await?;
    until(&pair, &id, State::InProgress).await?;
    reaches(&pair, &check, Milestone::Clear).await?;
    ends_clear(&pair, &id).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_overtakes_the_answer_to_the_purchase_loses_nothing_and_buys_nothing_twice() -> Result {
    with_every_vendor(overtakes).await
}
