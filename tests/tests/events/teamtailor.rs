//! Teamtailor's events.

use serde_json::{Value, json};
use shared::ats::AtsKind;
use shared::vendor::VendorKind;
use sim::SimTeamtailor;
use sim::pair::Pair;
use tests::world::Result;

use super::{ASHA, body, holds, same};

const API: &str = "https://api.teamtailor.com";
const BEARER: &str = "made-up-bearer";
const SIGNATURE: &str = "t=1760000000,v1=made-up-signature,v0=made-up-decoy";
const EVENT: &str = "01900000-0000-7000-8000-000000000007";
const RESULT: &str = "01900000-0000-7000-8000-000000000008";
const COMPANY: &str = "01900000-0000-7000-8000-000000000009";
const PACKAGE: &str = "4238";

/// An activated company with a placed order.
pub(crate) struct Life {
    pub(crate) pair: Pair,
    pub(crate) instead: Vec<(String, String)>,
    card: String,
}

impl Life {
    pub(crate) async fn new(event: &str) -> Result<Self> {
        let pair = Pair::start(AtsKind::Teamtailor, VendorKind::SpringVerify).await?;
        let (card, answer) = pair.ats.orders(ASHA).await?;
        if !answer.is_ok() {
            return Err(format!("the order is refused with {}: {}", answer.http_status, answer.text).into());
        }
        let order = pair.until_card(&card, |o| o.placement.vendor_ref().is_some() && o.told == o.version).await?;
        let services = &pair.deployment.services;
        let connection = services.store.connection(&order.connection).await?.ok_or("the connection is gone")?;
        let partner = services.secrets.partner(AtsKind::Teamtailor).await?;
        // A button sends the event that ordered; everything else is an event of its own.
        let ordered = order.reference.idempotency_key.filter(|_| event.contains("-action-"));
        let event = ordered.unwrap_or_else(|| EVENT.to_owned());
        // Another Teamtailor with the same keys signs as the one in the play does.
        let pen = SimTeamtailor::start().await?;
        pen.set_keys(&partner.key, &partner.webhook_secret);
        let instead = [
            (BEARER.into(), pen.jwt(&json!({ "externalTriggerToken": pair.made.trigger_token }))),
            (SIGNATURE.into(), pen.sign(pen.now(), &event)),
            (EVENT.into(), event),
            (COMPANY.into(), connection.account.clone().ok_or("the connection has no company")?),
            (PACKAGE.into(), order.package.id),
            (API.into(), connection.ats_url.as_str().trim_end_matches('/').to_owned()),
        ];
        Ok(Self { pair, instead: instead.into(), card })
    }

    pub(crate) async fn expect(&self, event: &str, answer: &Value) -> Result {
        let answer = body(answer, 200)?;
        match event.trim_start_matches("teamtailor-webhook-") {
            "activation" => {
                let fields = answer["config"]["fields"].as_array().ok_or("no fields")?;
                same(fields.iter().any(|field| field["id"] == "externalTriggerToken"), true)
            }
            "validate" => same(answer, json!({})),
            "config" => {
                let options = answer["config"]["fields"][0]["options"].as_array().map_or(0, Vec::len);
                same(options, self.pair.ats.packages().await?.len())
            }
            "webhook" | "webhook-bulk" => {
                same(answer["partner_result_attributes"].is_object(), true)?;
                // The simulated Teamtailor did not send this event and has no such card, but the vendor has the order.
                self.pair.until_card(RESULT, |order| order.placement.vendor_ref().is_some()).await?;
                same(self.pair.vendor.creates(), 2)
            }
            "action-refresh" => self.leaves(&answer, "news asked for from Teamtailor").await,
            "action-cancel" => self.leaves(&answer, "the ATS asked to cancel").await,
            _ => Err("this test does not know what to expect".into()),
        }
    }

    /// A button is answered with nothing, and leaves a line in the order's story.
    async fn leaves(&self, answer: &Value, line: &str) -> Result {
        same(answer, &json!({}))?;
        let order = self.pair.order_of(&self.card).await?;
        same(order.history.iter().any(|entry| entry.text == line), true)
    }
}

/// What belongs to a stranger. The activation form is open to everybody; the pop-up says in words what is wrong.
pub(crate) fn refuses(event: &str, answer: &Value) -> Result {
    match event.trim_start_matches("teamtailor-webhook-") {
        "activation" => same(body(answer, 200)?["config"]["fields"].is_array(), true),
        "config" => {
            let field = &body(answer, 200)?["config"]["fields"][0];
            same(&field["type"], &json!("error"))?;
            holds(field["message"].as_str().unwrap_or_default(), "does not know this External Trigger Token")
        }
        "validate" => same(body(answer, 422)?["errors"].as_array().map(Vec::len), Some(1)),
        _ => holds(body(answer, 401)?.as_str().unwrap_or_default(), "does not know the External Trigger Token"),
    }
}
