//! Table or secrets are away, and bodies that nobody can read: no door takes the one for a stranger, or stores the other.

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use bytes::Bytes;
use http::Method;
use local::function_config;
use serde_json::{Value, json};
use shared::ats::{ATSS, AtsKind};
use shared::door::{Door as _, VendorCallback};
use shared::flow::Services;
use shared::inbound::{MAX_BODY, MAX_DEPTH, Request};
use shared::outbound::Outbound;
use shared::vendor::VendorKind;
use sim::pair::Pair;
use tests::world::Result;
use url::Url;

/// Nothing listens here.
const NOWHERE: &str = "http://127.0.0.1:9";

fn request(method: Method, url: &str, authorization: &str, body: impl Into<Bytes>) -> Result<Request> {
    let path = Url::parse(url)?.path().to_owned();
    let request = http::Request::builder().method(method).uri(path).header("authorization", authorization);
    Ok(request.header("content-type", "application/json").body(body.into())?)
}

/// The stack's services with the table gone, and with its secrets gone. The clients do not try again: how long they would
/// is no concern of the doors.
fn broken(pair: &Pair) -> [(&'static str, Services); 2] {
    let nobody = Credentials::new("test", "test", None, None, "test");
    let nowhere = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(nobody))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(NOWHERE)
        .build();
    let clock = || pair.deployment.services.clock.clone();
    let away = shared::aws::services(&nowhere, &function_config(&pair.stack.file), clock());
    let (here, outbound) = (pair.stack.file.services(clock()), || Outbound::new(true));
    [
        ("table", Services::new(away.store, here.secrets, outbound(), clock())),
        ("secrets", Services::new(here.store, away.secrets, outbound(), clock())),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_door_without_its_table_or_secrets_says_try_again_and_calls_nobody_a_stranger() -> Result {
    for ats in ATSS {
        let pair = Pair::start(ats, VendorKind::SpringVerify).await?;
        let (good, door) = (pair.ats.authorization(&pair.made).await?, pair.made.connection.door_url());
        for (away, services) in broken(&pair) {
            let (method, path) = pair.ats.asks();
            let asks = request(method, &format!("{door}{path}"), &good, "{}")?;
            let answered = pair.ats.door().answer(&services, asks).await;
            assert_eq!(answered.status(), 503, "{ats} without its {away}: {answered:?}");
            let url = pair.made.connection.callback_url();
            let report = json!({ "candidate_id": 1, "overall_status_code": 1 }).to_string();
            let secret = format!("Bearer {}", pair.made.callback_secret);
            let answered = VendorCallback.answer(&services, request(Method::POST, &url, &secret, report)?).await;
            assert_eq!(answered.status(), 503, "the vendors' door without its {away}: {answered:?}");
        }
        pair.ends_with_bought(0)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn teamtailors_pop_up_says_in_its_form_that_the_table_or_the_secrets_are_away() -> Result {
    let pair = Pair::start(AtsKind::Teamtailor, VendorKind::SpringVerify).await?;
    let (good, door) = (pair.ats.authorization(&pair.made).await?, pair.made.connection.door_url());
    for (away, services) in broken(&pair) {
        let popup = request(Method::GET, &format!("{door}config"), &good, Bytes::new())?;
        let answered = pair.ats.door().answer(&services, popup).await;
        assert_eq!(answered.status(), 200, "without its {away}: {answered:?}");
        let form: Value = serde_json::from_slice(answered.body())?;
        let field = &form["config"]["fields"][0];
        assert_eq!(field["type"], "error", "without its {away}: {form}");
        assert!(field["message"].as_str().is_some_and(|words| words.contains("Try again in a minute")), "{form}");
        assert_eq!(form["config"]["moving_criteria"][0]["id"], "report_decision", "rules keep their criterion: {form}");
        let form = request(Method::GET, &format!("{door}activation/validate"), &good, Bytes::new())?;
        let answered = pair.ats.door().answer(&services, form).await;
        assert_eq!(answered.status(), 503, "the admin's form without its {away}: {answered:?}");
    }
    pair.ends_with_bought(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_cannot_be_read_is_refused_at_every_ats_door_and_nothing_is_stored() -> Result {
    let deep = format!("{}1{}", "[".repeat(MAX_DEPTH + 1), "]".repeat(MAX_DEPTH + 1));
    let bodies: [(&str, Vec<u8>, &[u16]); 7] = [
        ("no JSON", b"not json".to_vec(), &[400]),
        ("nothing", Vec::new(), &[400]),
        ("not UTF-8", vec![0xff, 0xfe, b'{'], &[400]),
        ("too large", vec![b' '; MAX_BODY + 1], &[413]),
        ("too deep", deep.into_bytes(), &[400]),
        ("a list", b"[]".to_vec(), &[400, 422]),
        ("an empty object", b"{}".to_vec(), &[400, 422]),
    ];
    for ats in ATSS {
        let pair = Pair::start(ats, VendorKind::SpringVerify).await?;
        let (good, door) = (pair.ats.authorization(&pair.made).await?, pair.made.connection.door_url());
        for path in pair.ats.posts() {
            for (what, body, statuses) in &bodies {
                let sent = request(Method::POST, &format!("{door}{path}"), &good, body.clone())?;
                let answered = pair.ats.door().answer(&pair.deployment.services, sent).await;
                let text = String::from_utf8_lossy(answered.body()).into_owned();
                assert!(
                    statuses.contains(&answered.status().as_u16()),
                    "{ats} {path}, {what}: {} {text}",
                    answered.status()
                );
                assert!(!text.is_empty(), "{ats} {path}, {what}: no words");
            }
        }
        assert!(pair.deployment.services.store.recent().await?.is_empty(), "{ats}: nothing is stored");
        pair.ends_with_bought(0)?;
    }
    Ok(())
}
