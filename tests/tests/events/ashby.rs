//! Ashby's events, and those of the functions that serve every ATS alike.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use shared::order::State;
use sim::Delivery;
use tests::World;
use tests::world::{Result, code};

use super::{CONNECTION, ORDER, TOKEN, body, same};

const CALLBACK_SECRET: &str = "made-up-callback-secret";
const CANDIDATE: &str = "01900000-0000-7000-8000-000000000002";
const APPLICATION: &str = "01900000-0000-7000-8000-000000000003";
const PACKAGE: &str = "01900000-0000-7000-8000-000000000004";
const SIGNATURE: &str = "made-up-signature";
const CHECK: &str = "987654321";

/// A living connection with a placed order.
pub(crate) struct Life {
    pub(crate) world: World,
    pub(crate) instead: Vec<(String, String)>,
    order: String,
}

impl Life {
    pub(crate) async fn new(event: &str) -> Result<Self> {
        let world = World::new().await?;
        let (order, check) = world.placed_order().await?;
        world.until(&order, State::AwaitingCandidate).await?;
        let moved = match event {
            "order-worker-queue" | "vendor-callback-completed" => Some(code::COMPLETED),
            "vendor-callback-status-update" => Some(code::IN_PROGRESS),
            _ => None,
        };
        if event == "vendor-callback-report" {
            world.vendor_reports(check, code::COMPLETED).await?;
            world.until(&order, State::Completed).await?;
        } else if let Some(code) = moved {
            // Nobody was told of it: whoever asks the vendor learns of it.
            world.springverify.set_delivery(Delivery::Lose);
            world.vendor_reports(check, code).await?;
        }
        let (pair, newcomer) = (&world.pair, world.candidate());
        let link =
            shared::flow::report_link(&pair.deployment.services.secrets, world.order(&order).await?.id, "", 90).await?;
        let query = |name: &str| {
            let value = link.split(['?', '&']).find_map(|part| part.strip_prefix(&format!("{name}=")));
            value.unwrap_or_default().to_owned()
        };
        let basic = |token: &str| STANDARD.encode(format!("{token}:"));
        let instead = [
            (basic(TOKEN), basic(&pair.made.trigger_token)),
            (CONNECTION.into(), pair.made.connection.id.to_string()),
            (CALLBACK_SECRET.into(), pair.made.callback_secret.clone()),
            (ORDER.into(), order.clone()),
            (CANDIDATE.into(), newcomer.candidate_id),
            (APPLICATION.into(), newcomer.application_id),
            (PACKAGE.into(), world.package.clone()),
            (SIGNATURE.into(), query("signature")),
            (CHECK.into(), check.to_string()),
        ];
        Ok(Self { world, instead: instead.into(), order })
    }

    pub(crate) async fn expect(&self, event: &str, answer: &Value) -> Result {
        let (world, order) = (&self.world, &self.order);
        match event {
            "ashby-webhook-list" => {
                let packages = body(answer, 200)?["results"].as_array().map_or(0, Vec::len);
                same(packages, world.springverify.packages().len())
            }
            "ashby-webhook-start" | "ashby-webhook-start-base64" => {
                let taken = body(answer, 200)?["results"]["assessment_id"].as_str().unwrap_or_default().to_owned();
                // The simulated Ashby did not make this call and knows nothing of it, but the vendor has the order.
                world.pair.until(&taken, |order| order.placement.vendor_ref().is_some()).await?;
                same(world.springverify.creates(), 2)
            }
            "ashby-webhook-cancel" => {
                same(&body(answer, 200)?["errorInfo"]["code"], &json!("already_with_vendor"))?;
                let noted = world.order(order).await?.history.iter().any(|e| e.text == "the ATS asked to cancel");
                same(noted, true)
            }
            "ashby-webhook-custom-fields" => same(body(answer, 200)?, json!({ "success": true, "fields": [] })),
            "vendor-callback-status-update" => {
                same(&body(answer, 200)?["taken"], &json!("asking the vendor"))?;
                world.until(order, State::InProgress).await.map(drop)
            }
            "vendor-callback-completed" => {
                same(&body(answer, 200)?["taken"], &json!("asking the vendor"))?;
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
}

/// What belongs to a stranger; worker and sync ask nobody who they are.
pub(crate) fn refuses(event: &str, answer: &Value) -> Result {
    match event {
        "vendor-callback-report" => same(&answer["statusCode"], &json!(404)),
        "order-worker-stream" | "order-worker-queue" => same(answer, &json!({ "batchItemFailures": [] })),
        "status-sync-schedule" => same(answer, &json!({ "queued": 1 })),
        _ if event.starts_with("ashby-") => same(&body(answer, 401)?["errorInfo"]["code"], &json!("invalid_api_key")),
        _ => same(&body(answer, 404)?["error"], &json!("unknown_connection")),
    }
}
