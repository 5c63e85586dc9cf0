//! DynamoDB carries a write out and its answer is lost: the SDK sends it again, and the second one is refused by what
//! the first one wrote. And two writers of one item: neither loses what the other wrote.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::config::interceptors::{
    BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextMut,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shared::connection::{Catalogue, Connection, ConnectionState, TokenHash};
use shared::order::{AtsReference, ConnectionId, Order, OrderId, Package, Placement};
use shared::store::{Claim, Claims, Created, Saved, Store};
use tests::World;
use tests::world::Result;
use tokio::runtime::Handle;

/// Loses the next answers to writes, whatever they are, after DynamoDB has given them: as an answer 500 does.
#[derive(Debug, Clone, Default)]
struct Lossy {
    left: Arc<AtomicUsize>,
    lost: Arc<AtomicUsize>,
    /// Whether the request that was sent last is a write.
    writes: Arc<AtomicBool>,
    /// Whether DynamoDB is kept from knowing a repeated transaction by its token, as it does not after ten minutes.
    forgets_tokens: bool,
}

impl Lossy {
    fn lose(&self, answers: usize) {
        self.left.store(answers, Ordering::SeqCst);
    }

    fn lost(&self) -> usize {
        self.lost.load(Ordering::SeqCst)
    }
}

impl Intercept for Lossy {
    fn name(&self) -> &'static str {
        "Lossy"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> std::result::Result<(), BoxError> {
        let request = context.request_mut();
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let writes = target.ends_with(".PutItem") || target.ends_with(".TransactWriteItems");
        self.writes.store(writes, Ordering::SeqCst);
        if !self.forgets_tokens {
            return Ok(());
        }
        let mut body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default())?;
        if let Some(token) = body.get_mut("ClientRequestToken") {
            // As long as the one before: the length of the body is in a header already.
            *token = OrderId::generate().to_string().into();
            *request.body_mut() = serde_json::to_string(&body)?.into();
        }
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> std::result::Result<(), BoxError> {
        let writes = self.writes.load(Ordering::SeqCst);
        let take = |left: usize| left.checked_sub(1);
        if writes && self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok() {
            self.lost.fetch_add(1, Ordering::SeqCst);
            *context.response_mut() = HttpResponse::new(500.try_into()?, "{}".into());
        }
        Ok(())
    }
}

/// The world's table, reached through a connection that loses answers.
fn lossy_store(world: &World, lossy: &Lossy) -> Store {
    let file = &world.pair.stack.file;
    let config = file.dynamodb().config().to_builder().interceptor(lossy.clone()).build();
    Store::new(aws_sdk_dynamodb::Client::from_conf(config), file.table.clone())
}

/// A new order of nobody's, which no worker has anything to do for.
fn order(candidate: &str) -> Order {
    let package = Package { id: "p".to_owned(), name: "Standard".to_owned(), description: String::new() };
    let key = Some(format!("call of {candidate}"));
    let reference =
        AtsReference { candidate_id: candidate.to_owned(), idempotency_key: key, ..AtsReference::default() };
    let order = Order::new(ConnectionId::from_random([3; 8]), reference, package, Timestamp::UNIX_EPOCH);
    Order { placement: Placement::Held, ..order }
}

fn claims(order: &Order) -> Claims {
    let candidate = &order.reference.candidate_id;
    let purchase = Claim::new(&order.connection, &[candidate, "p"]);
    let call = Claim::new(&order.connection, &["call", candidate]);
    Claims { call: Some(call), purchase: Some(purchase), instead_of: None }
}

async fn stored(store: &Store, candidate: &str) -> Result<Order> {
    let order = order(candidate);
    assert_eq!(store.create(&order, &claims(&order)).await?, Created::New);
    Ok(order)
}

fn note(order: &mut Order) {
    order.note(Timestamp::UNIX_EPOCH, "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_was_lost_is_known_again() -> Result {
    let (world, lossy) = (World::new().await?, Lossy::default());
    let store = lossy_store(&world, &lossy);
    let mut order = stored(&store, "c-1").await?;
    lossy.lose(1);
    note(&mut order);
    assert_eq!(store.save(&mut order, false).await?, Saved::Yes);
    assert_eq!((lossy.lost(), store.order(order.id).await?.as_ref()), (1, Some(&order)));
    // Twice in a row, and by way of a change: it is recorded once.
    lossy.lose(2);
    let changed = store.change(order.id, false, note).await?;
    let (changed, ()) = changed.ok_or("no order")?;
    assert_eq!((lossy.lost(), changed.history.len(), changed.revision), (3, 2, order.revision + 1));
    assert_eq!(store.order(order.id).await?, Some(changed));
    Ok(())
}

/// Two workers that take the same lease in the same instant write the same values: only one of them may hold it.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_values_of_another_writer_are_not_taken_for_our_own() -> Result {
    let (world, lossy) = (World::new().await?, Lossy::default());
    let store = lossy_store(&world, &lossy);
    let mut one = stored(&store, "c-2").await?;
    let mut two = one.clone();
    let (since, lease_until) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH + SignedDuration::from_secs(45));
    for order in [&mut one, &mut two] {
        order.placement = Placement::Placing { since, lease_until };
    }
    lossy.lose(1);
    assert_eq!(store.save(&mut one, false).await?, Saved::Yes);
    assert_eq!(store.save(&mut two, false).await?, Saved::Conflict);
    assert_eq!((lossy.lost(), two.revision + 1), (1, one.revision));
    Ok(())
}

async fn is_created_once(world: &World, lossy: &Lossy) -> Result {
    let store = lossy_store(world, lossy);
    lossy.lose(1);
    let order = stored(&store, "c-3").await?;
    assert_eq!((lossy.lost(), store.order(order.id).await?.as_ref()), (1, Some(&order)));
    // Without any claim, as a refused order of an ATS without idempotency keys.
    lossy.lose(1);
    let bare = Order { id: OrderId::generate(), ..order.clone() };
    assert_eq!(store.create(&bare, &Claims::default()).await?, Created::New);
    // Another order's claim is still another order's.
    let second = Order { id: OrderId::generate(), ..order.clone() };
    assert_eq!(store.create(&second, &claims(&order)).await?, Created::Repeated(order.id));
    Ok(())
}

async fn begins_once(world: &World, lossy: &Lossy) -> Result {
    let store = lossy_store(world, lossy);
    let mut order = stored(&store, "c-4").await?;
    let claim = claims(&order).purchase.ok_or("no claim")?;
    lossy.lose(1);
    assert_eq!(store.change_holding(&mut order, &claim, note).await?, Some(()));
    assert_eq!((order.history.len(), store.order(order.id).await?.as_ref()), (1, Some(&order)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_whose_answer_was_lost_is_known_by_its_token() -> Result {
    let (world, lossy) = (World::new().await?, Lossy::default());
    is_created_once(&world, &lossy).await?;
    begins_once(&world, &lossy).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_whose_token_is_forgotten_is_known_by_what_it_stored() -> Result {
    let (world, lossy) = (World::new().await?, Lossy { forgets_tokens: true, ..Lossy::default() });
    is_created_once(&world, &lossy).await?;
    begins_once(&world, &lossy).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_whose_answer_was_lost_is_stored_and_changed_once() -> Result {
    let (world, lossy) = (World::new().await?, Lossy::default());
    let store = lossy_store(&world, &lossy);
    let id = ConnectionId::from_random([5; 8]);
    let connection = Connection { id: id.clone(), revision: 0, ..world.pair.made.connection.clone() };
    lossy.lose(1);
    store.create_connection(&connection).await?;
    lossy.lose(1);
    store.change_connection(&id, |c| c.tokens.push(token())).await?;
    let after = store.connection(&id).await?.ok_or("gone")?;
    assert_eq!((lossy.lost(), after.tokens.len(), after.revision), (2, connection.tokens.len() + 1, 1));
    assert!(store.create_connection(&connection).await.is_err(), "there is one already");
    Ok(())
}

fn token() -> TokenHash {
    TokenHash { sha256: "ab".repeat(32), expires_at: None, of_the_ats: false }
}

type Change = fn(&mut Connection);

/// Makes one change of the connection while another one is between its reading and its writing; the connection then.
async fn beside(store: &Store, id: &ConnectionId, first: Change, second: Change) -> Result<Connection> {
    let turns = AtomicUsize::new(0);
    let apply = |connection: &mut Connection| {
        if turns.fetch_add(1, Ordering::SeqCst) == 0 {
            let meanwhile = store.change_connection(id, second);
            let done = tokio::task::block_in_place(|| Handle::current().block_on(meanwhile));
            assert!(done.is_ok_and(|done| done.is_some()));
        }
        first(connection);
    };
    store.change_connection(id, apply).await?.ok_or("no connection")?;
    assert_eq!(turns.into_inner(), 2, "the first writer met the second");
    Ok(store.connection(id).await?.ok_or("no connection")?)
}

fn rotate(connection: &mut Connection) {
    connection.tokens.push(token());
}

fn consent(connection: &mut Connection) {
    connection.account = Some("acme".to_owned());
    connection.state = ConnectionState::Active;
}

fn keep_catalogue(connection: &mut Connection) {
    connection.catalogue = Some(Catalogue { credit: Some(41), ..Catalogue::default() });
}

fn pause(connection: &mut Connection) {
    connection.state = ConnectionState::Paused;
}

fn revoke(connection: &mut Connection) {
    connection.state = ConnectionState::Revoked;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_beside_a_consent_loses_neither() -> Result {
    let world = World::new().await?;
    let (store, id) = (&world.pair.deployment.services.store, &world.pair.made.connection.id);
    let pairs: [(Change, Change); 2] = [(rotate, consent), (consent, rotate)];
    for (first, second) in pairs {
        let (before, ()) = store.change_connection(id, |c| c.account = None).await?.ok_or("no connection")?;
        let after = beside(store, id, first, second).await?;
        assert_eq!((after.tokens.len(), after.account.as_deref()), (before.tokens.len() + 1, Some("acme")));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_list_beside_a_pause_loses_neither_and_revoking_wins() -> Result {
    let world = World::new().await?;
    let (store, id) = (&world.pair.deployment.services.store, &world.pair.made.connection.id);
    let pairs: [(Change, Change); 2] = [(keep_catalogue, pause), (pause, keep_catalogue)];
    for (first, second) in pairs {
        store.change_connection(id, |c| (c.catalogue, c.state) = (None, ConnectionState::Active)).await?;
        let after = beside(store, id, first, second).await?;
        assert_eq!((after.catalogue.and_then(|c| c.credit), after.state), (Some(41), ConnectionState::Paused));
    }
    assert_eq!(beside(store, id, consent, revoke).await?.state, ConnectionState::Revoked);
    Ok(())
}
