//! Two orders for one purchase, at the table itself: whichever write comes first, the other fails.

use jiff::Timestamp;
use shared::order::{AtsReference, ConnectionId, Order, Package, Placement};
use shared::store::{Claim, Claims, Created, Predecessor, Saved, Store};
use tests::World;
use tests::world::Result;

const CONNECTION: [u8; 8] = [3; 8];

fn order() -> Order {
    let package = Package { id: "p".to_owned(), name: "Standard".to_owned(), description: String::new() };
    let reference = AtsReference { candidate_id: "c".to_owned(), ..AtsReference::default() };
    let order = Order::new(ConnectionId::from_random(CONNECTION), reference, package, Timestamp::UNIX_EPOCH);
    Order { placement: Placement::Held, ..order }
}

fn purchase() -> Claim {
    Claim::new(&ConnectionId::from_random(CONNECTION), &["c", "p"])
}

fn instead_of(old: &Order) -> Claims {
    let predecessor = Predecessor { id: old.id, revision: Some(old.revision) };
    Claims { call: None, purchase: Some(purchase()), instead_of: Some(predecessor) }
}

/// A held order that has the claim, as two requests read it at the same time.
async fn held(store: &Store) -> Result<Order> {
    let old = order();
    let claims = Claims { call: None, purchase: Some(purchase()), instead_of: None };
    assert_eq!(store.create(&old, &claims).await?, Created::New);
    Ok(store.order(old.id).await?.ok_or("not stored")?)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_begins_is_not_succeeded_by_who_still_saw_it_held() -> Result {
    let world = World::new().await?;
    let store = &world.pair.deployment.services.store;
    let mut old = held(store).await?;
    let seen = instead_of(&old);
    old.placement = Placement::NotPlaced;
    assert_eq!(store.save_holding(&mut old, &purchase()).await?, Saved::Yes);
    let new = order();
    assert_eq!(store.create(&new, &seen).await?, Created::Busy);
    assert_eq!((store.claimant(&purchase()).await?, store.order(new.id).await?), (Some(old.id), None));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_was_succeeded_does_not_begin() -> Result {
    let world = World::new().await?;
    let store = &world.pair.deployment.services.store;
    let mut old = held(store).await?;
    let new = order();
    assert_eq!(store.create(&new, &instead_of(&old)).await?, Created::New);
    old.placement = Placement::NotPlaced;
    assert_eq!(store.save_holding(&mut old, &purchase()).await?, Saved::Conflict);
    assert_eq!(store.order(old.id).await?.map(|o| o.placement), Some(Placement::Held));
    assert_eq!(store.claimant(&purchase()).await?, Some(new.id));
    Ok(())
}
