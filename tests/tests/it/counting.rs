//! What a new order costs: counted requests to DynamoDB, not guessed ones.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::json;
use shared::ats::ashby::webhook;
use shared::clock::Clock;
use shared::flow::Services;
use shared::outbound::Outbound;
use shared::secrets::Secrets;
use shared::store::Store;
use tests::World;
use tests::world::Result;

/// Counts requests by operation.
#[derive(Debug, Clone, Default)]
struct Counter(Arc<Mutex<BTreeMap<String, usize>>>);

impl Intercept for Counter {
    fn name(&self) -> &'static str {
        "Counter"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> std::result::Result<(), BoxError> {
        let target = context.request().headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        *self.0.lock().expect("no test panics while counting").entry(operation).or_default() += 1;
        Ok(())
    }
}

fn start(world: &World, candidate: &str, application: &str) -> shared::inbound::Request {
    let body = json!({
        "assessment_type_id": world.package,
        "candidate": { "ashby_id": candidate, "first_name": "Asha", "last_name": "Rao", "email": "a@example.com" },
        "application": { "ashby_id": application, "status": "Active" },
    });
    let basic = STANDARD.encode(format!("{}:", world.pair.made.trigger_token));
    http::Request::post("/ashby/assessment.start")
        .header("authorization", format!("Basic {basic}"))
        .body(Bytes::from(body.to_string()))
        .expect("a request")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_order_is_one_request_to_dynamodb() -> Result {
    let world = World::new().await?;
    let counter = Counter::default();
    let file = &world.pair.stack.file;
    let nobody = aws_sdk_dynamodb::config::Credentials::new("test", "test", None, None, "test");
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::v2026_01_12())
        .region(aws_sdk_dynamodb::config::Region::new("us-east-1"))
        .credentials_provider(nobody)
        .endpoint_url(&file.dynamodb_url)
        .interceptor(counter.clone())
        .build();
    let store = Store::new(aws_sdk_dynamodb::Client::from_conf(config), file.table.clone());
    let secrets = Secrets::new(file.secrets_manager(), file.secret_prefix.clone());
    let services = Services::new(store, secrets, Outbound::new(true), Clock::system());

    let (one, two) = (world.candidate(), world.candidate());
    let warm = webhook::handle(&services, start(&world, &one.candidate_id, &one.application_id)).await;
    assert_eq!(warm.status(), 200, "{:?}", warm.body());
    let cold: BTreeMap<_, _> = std::mem::take(&mut *counter.0.lock().expect("counted"));
    assert_eq!(cold, BTreeMap::from([("GetItem".to_owned(), 1), ("TransactWriteItems".to_owned(), 1)]));

    let answer = webhook::handle(&services, start(&world, &two.candidate_id, &two.application_id)).await;
    assert_eq!(answer.status(), 200);
    let warm_start = counter.0.lock().expect("counted").clone();
    assert_eq!(warm_start, BTreeMap::from([("TransactWriteItems".to_owned(), 1)]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_order_that_did_not_change_costs_the_sync_no_write() -> Result {
    let world = World::new().await?;
    let (id, _) = world.placed_order().await?;
    let before = world.order(&id).await?.revision;
    assert_eq!(world.an_hour_passes().await?, 1);
    assert_eq!(world.an_hour_passes().await?, 1);
    assert_eq!(world.order(&id).await?.revision, before);
    world.ends_with_bought(1)
}
