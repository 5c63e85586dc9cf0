//! Every file of `events/`, handed to the built function that it is named after, beside a local stack.
//!
//! The files hold made-up ids and tokens. Here those of a living connection and order take their place; as they
//! stand, the functions answer them too, with the refusal that belongs to a stranger.

#![expect(clippy::indexing_slicing, reason = "a test stops where something is not as it should be")]

use std::collections::BTreeMap;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crosscheck::sim::springverify::Delivery;
use serde_json::{Value, json};
use shared::order::State;
use tests::World;
use tests::runtime_api::{Outcome, RunningFunction, built, environment, root};
use tests::world::{Result, code};

const FUNCTIONS: [&str; 4] = ["ashby-webhook", "vendor-callback", "order-worker", "status-sync"];

const CONNECTION: &str = "0123456789abcdef";
const TOKEN: &str = "xck_0123456789abcdef_made-up-trigger-token-made-up-trigger-token";
const CALLBACK_SECRET: &str = "made-up-callback-secret";
const ORDER: &str = "01900000-0000-7000-8000-000000000001";
const CANDIDATE: &str = "01900000-0000-7000-8000-000000000002";
const APPLICATION: &str = "01900000-0000-7000-8000-000000000003";
const PACKAGE: &str = "01900000-0000-7000-8000-000000000004";
const EXPIRES: &str = "4102444800";
const SIGNATURE: &str = "made-up-signature";
const CHECK: &str = "987654321";

/// A living connection with a placed order, and what takes the place of what is made up.
struct Living {
    world: World,
    order: String,
    check: i64,
    instead: Vec<(String, String)>,
}

impl Living {
    async fn new() -> Result<Self> {
        let world = World::new().await?;
        let (order, check) = world.placed_order().await?;
        world.until(&order, State::AwaitingCandidate).await?;
        let (scene, newcomer) = (&world.scene, world.candidate());
        let link = shared::flow::report_link(&scene.place.desk.secrets, &world.order(&order).await?, "", 90).await?;
        let query = |name: &str| {
            let value = link.split(['?', '&']).find_map(|part| part.strip_prefix(&format!("{name}=")));
            value.unwrap_or_default().to_owned()
        };
        let basic = |token: &str| STANDARD.encode(format!("{token}:"));
        let instead = [
            (basic(TOKEN), basic(&scene.trigger_token)),
            (CONNECTION.into(), scene.connection.id.to_string()),
            (CALLBACK_SECRET.into(), scene.callback_secret.clone()),
            (ORDER.into(), order.clone()),
            (CANDIDATE.into(), newcomer.candidate_id),
            (APPLICATION.into(), newcomer.application_id),
            (PACKAGE.into(), world.package.clone()),
            (EXPIRES.into(), query("expires")),
            (SIGNATURE.into(), query("signature")),
            (CHECK.into(), check.to_string()),
        ];
        Ok(Self { world, order, check, instead: instead.into() })
    }

    fn alive(&self, text: &str) -> String {
        self.instead.iter().fold(text.to_owned(), |text, (made_up, real)| text.replace(made_up, real))
    }

    /// The event as it would be for the living order. A body in base64 is opened and closed again.
    fn event(&self, text: &str) -> Result<Value> {
        let mut event: Value = serde_json::from_str(&self.alive(text))?;
        if event["isBase64Encoded"] == true {
            let body = String::from_utf8(STANDARD.decode(event["body"].as_str().unwrap_or_default())?)?;
            event["body"] = STANDARD.encode(self.alive(&body)).into();
        }
        Ok(event)
    }
}

/// The files, by name without `.json`.
fn files() -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(root().join("events"))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        found.insert(name, fs::read_to_string(&path)?);
    }
    Ok(found)
}

fn function_of(name: &str) -> Result<&'static str> {
    let found = FUNCTIONS.into_iter().find(|function| name.starts_with(&format!("{function}-")));
    found.ok_or_else(|| format!("events/{name}.json is named after no function").into())
}

async fn hand_over(living: &Living, name: &str, event: Value) -> Result<Outcome> {
    let program = built(".aws-sam/build", function_of(name)?)?;
    let mut function = RunningFunction::start(&program, &environment(&living.world.scene.stack.file)).await?;
    let outcome = function.invoke(event).await?;
    function.stop().await?;
    Ok(outcome)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_answered_as_it_should_be() -> Result {
    let files = files()?;
    for function in FUNCTIONS {
        assert!(files.keys().any(|name| name.starts_with(function)), "{function} has no event");
    }
    for (name, text) in files {
        let living = Living::new().await?;
        if matches!(name.as_str(), "order-worker-queue" | "vendor-callback-report") {
            // The check is finished and nobody was told: whoever asks the vendor learns of it.
            living.world.scene.springverify.set_delivery(Delivery::Lose);
            living.world.vendor_reports(living.check, code::COMPLETED).await?;
        }
        let outcome = hand_over(&living, &name, living.event(&text)?).await?;
        let Outcome::Answered(answer) = outcome else { return Err(format!("{name}: {outcome:?}").into()) };
        expect(&living, &name, &answer).await.map_err(|why| format!("events/{name}.json: {why}; answered {answer}"))?;
    }
    Ok(())
}

async fn expect(living: &Living, name: &str, answer: &Value) -> Result {
    let (world, order) = (&living.world, &living.order);
    match name {
        "ashby-webhook-list" => {
            let packages = body(answer, 200)?["results"].as_array().map_or(0, Vec::len);
            same(packages, world.scene.springverify.packages().len())
        }
        "ashby-webhook-start" | "ashby-webhook-start-base64" => {
            let taken = body(answer, 200)?["results"]["assessment_id"].as_str().unwrap_or_default().to_owned();
            // The simulated Ashby did not make this call and knows nothing of it, but the vendor has the order.
            world.scene.until(&taken, |order| order.placement.vendor_ref().is_some()).await?;
            same(world.scene.springverify.creates(), 2)
        }
        "ashby-webhook-cancel" => {
            same(&body(answer, 200)?["errorInfo"]["code"], &json!("already_with_vendor"))?;
            let noted = world.order(order).await?.history.iter().any(|entry| entry.text == "the ATS asked to cancel");
            same(noted, true)
        }
        "ashby-webhook-custom-fields" => same(body(answer, 200)?, json!({ "success": true, "fields": [] })),
        "vendor-callback-status-update" => {
            same(&body(answer, 200)?["taken"], &json!("changed"))?;
            world.until(order, State::InProgress).await.map(drop)
        }
        "vendor-callback-completed" => {
            same(&body(answer, 200)?["taken"], &json!("changed"))?;
            world.until(order, State::Completed).await?;
            same(world.ats_shows(order)?.completed, true)
        }
        "vendor-callback-report" => {
            same((&answer["statusCode"], &answer["isBase64Encoded"]), (&json!(200), &json!(true)))?;
            let pdf = STANDARD.decode(answer["body"].as_str().unwrap_or_default())?;
            same(pdf.starts_with(b"%PDF-"), true)
        }
        "order-worker-stream" => {
            same(answer, &json!({ "batchItemFailures": [] }))?;
            world.ends_with_bought(1)
        }
        "order-worker-queue" => {
            same(answer, &json!({ "batchItemFailures": [] }))?;
            same(world.order(order).await?.status.state, State::Completed)?;
            same(world.ats_shows(order)?.completed, true)
        }
        "status-sync-schedule" => same(answer, &json!({ "queued": 1 })),
        _ => Err("this test does not know what to expect".into()),
    }
}

/// The body of a door's answer, which has to be JSON.
fn body(answer: &Value, status: u16) -> Result<Value> {
    same(&answer["statusCode"], &json!(status))?;
    same(header(answer, "content-type"), Some("application/json"))?;
    same(header(answer, "cache-control"), Some("no-store"))?;
    let text = answer["body"].as_str().unwrap_or_default();
    if answer["isBase64Encoded"] == true {
        return Ok(serde_json::from_slice(&STANDARD.decode(text)?)?);
    }
    Ok(serde_json::from_str(text)?)
}

fn header<'a>(answer: &'a Value, name: &str) -> Option<&'a str> {
    let one = answer["headers"][name].as_str();
    one.or_else(|| answer["multiValueHeaders"][name][0].as_str())
}

#[expect(clippy::needless_pass_by_value, reason = "what is compared is made for the comparison")]
fn same<T: PartialEq + std::fmt::Debug>(is: T, should: T) -> Result {
    if is == should { Ok(()) } else { Err(format!("{is:?} instead of {should:?}").into()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_as_they_stand_are_a_strangers() -> Result {
    let living = Living::new().await?;
    for (name, text) in files()? {
        let outcome = hand_over(&living, &name, serde_json::from_str(&text)?).await?;
        let Outcome::Answered(answer) = outcome else { return Err(format!("{name}: {outcome:?}").into()) };
        let wanted = match function_of(&name)? {
            "ashby-webhook" => {
                body(&answer, 401).and_then(|b| same(&b["errorInfo"]["code"], &json!("invalid_api_key")))
            }
            "vendor-callback" if name.ends_with("-report") => same(&answer["statusCode"], &json!(404)),
            "vendor-callback" => body(&answer, 404).and_then(|b| same(&b["error"], &json!("unknown_connection"))),
            "order-worker" => same(&answer, &json!({ "batchItemFailures": [] })),
            _ => same(&answer, &json!({ "queued": 1 })),
        };
        wanted.map_err(|why| format!("events/{name}.json as it stands: {why}; answered {answer}"))?;
    }
    Ok(())
}
