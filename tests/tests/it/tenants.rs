//! Two connections in one deployment: neither reads or changes what is the other's.

use crosscheck::output::{ats_base_url, callback_url};
use crosscheck::sim::ashby::Partner;
use serde_json::json;
use shared::connection::Connection;
use shared::order::{ConnectionId, State};
use shared::secrets::StoredKeys;
use tests::World;
use tests::world::{Result, code, settle};

#[tokio::test(flavor = "multi_thread")]
async fn one_connections_credentials_open_nothing_of_anothers() -> Result {
    let world = World::new().await?;
    let scene = &world.scene;
    let (id, check) = world.placed_order().await?;
    let draft = Connection { id: ConnectionId::from_random([7; 8]), tokens: Vec::new(), ..scene.connection.clone() };
    let keys = StoredKeys {
        ats_key: scene.ashby.api_key(),
        vendor_key: scene.springverify.token(),
        callback_secret: "the other connection's secret".to_owned(),
        ..StoredKeys::default()
    };
    let other = crosscheck::connect::store(&scene.place, draft, &keys, false).await?;
    let partner = Partner::new(&ats_base_url(&other.connection, &scene.stack.base_url), &other.trigger_token);

    let cancelled = scene.ashby.post(&partner, "assessment.cancel", &json!({ "assessment_id": id }).to_string()).await;
    assert_eq!(cancelled.str_at("/errorInfo/code"), Some("assessment_not_found"), "{}", cancelled.text);
    let started = world.recruiter_starts_at(&partner, &world.candidate().application_id).await?;
    assert_eq!(started.http_status, 422, "the first connection's package is not the second one's: {}", started.text);

    let report =
        json!({ "candidate_id": check, "overall_status_code": 1, "meta_data": { "order_id": id } }).to_string();
    let theirs = "Bearer the other connection's secret";
    assert_eq!(scene.springverify.somebody_posts(Some(theirs), &report).await?.http_status, 401);
    scene.springverify.configure_callback(&callback_url(&other.connection, &scene.stack.base_url), "x");
    assert_eq!(
        scene.springverify.somebody_posts(Some(theirs), &report).await?.http_status,
        404,
        "their door, our order"
    );
    let ours = format!("Bearer {}", scene.callback_secret);
    assert_eq!(scene.springverify.somebody_posts(Some(&ours), &report).await?.http_status, 401);
    settle().await;
    assert_eq!(world.order(&id).await?.status.state, State::AwaitingCandidate);
    scene
        .springverify
        .configure_callback(&callback_url(&scene.connection, &scene.stack.base_url), &scene.callback_secret);
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    world.ends_with_bought(1)
}
