//! The vendors' events, except those of SpringVerify, which stand beside Ashby's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use shared::ats::AtsKind;
use shared::order::{Outcome, Package, State};
use shared::vendor::{VENDORS, VendorKind};
use sim::Delivery;
use sim::pair::{Milestone, Pair};
use tests::world::Result;

use super::{ASHA, CONNECTION, ORDER, alive, body, files, holds, same};

const CALLBACK_SECRET: &str = "made-up-callback-secret";
const SIGNATURE: &str = "made-up-signature";
const CHECK: &str = "01900000-0000-7000-8000-000000000005";
const PACKAGE: &str = "Made-up package";
const PACKAGE_ID: &str = "01900000-0000-7000-8000-000000000006";

/// The vendor that an event is named after, if it is.
pub(crate) fn of(event: &str) -> Option<VendorKind> {
    let name = event.strip_prefix("vendor-callback-")?;
    VENDORS.into_iter().find(|vendor| name == vendor.name() || name.starts_with(&format!("{vendor}-")))
}

/// A connection to this vendor with a placed order.
pub(crate) struct Life {
    pub(crate) pair: Pair,
    pub(crate) instead: Vec<(String, String)>,
    order: String,
    /// How many packages there are before the event.
    offered: usize,
}

impl Life {
    pub(crate) async fn new(vendor: VendorKind, event: &str) -> Result<Self> {
        let pair = Pair::start(AtsKind::Ashby, vendor).await?;
        let (order, answer) = pair.ats.orders(ASHA).await?;
        if !answer.is_ok() {
            return Err(format!("the order is refused with {}: {}", answer.http_status, answer.text).into());
        }
        let known = pair.until(&order, |o| o.placement.vendor_ref().is_some() && o.told == o.version).await?;
        let check = known.placement.vendor_ref().unwrap_or_default().to_owned();
        if vendor.facts().can_be_asked {
            // What its event says is asked for: the report is finished, and nobody was told.
            pair.vendor.set_delivery(Delivery::Lose);
            pair.vendor.reaches(&check, Milestone::Clear).await?;
        }
        let basic = |secret: &str| STANDARD.encode(format!("{secret}:"));
        let mut instead = vec![
            (basic(CALLBACK_SECRET), basic(&pair.made.callback_secret)),
            (CALLBACK_SECRET.to_owned(), pair.made.callback_secret.clone()),
            (CONNECTION.to_owned(), pair.made.connection.id.to_string()),
            (ORDER.to_owned(), order.clone()),
            (CHECK.to_owned(), check),
        ];
        let listed = pair.deployment.services.store.connection(&pair.made.connection.id).await?;
        let packages = listed.and_then(|c| c.catalogue).unwrap_or_default().packages;
        let offered = packages.len();
        instead.extend(packages.into_iter().next().map(|package| (PACKAGE_ID.to_owned(), package.id)));
        let text = files()?.remove(event).ok_or("no such event")?;
        let written: Value = serde_json::from_str(&text)?;
        let body = alive(&instead, written["body"].as_str().unwrap_or_default());
        instead.push((SIGNATURE.to_owned(), pair.vendor.proof(&pair.vendor.key(), &body).1));
        Ok(Self { pair, instead, order, offered })
    }

    pub(crate) async fn expect(&self, event: &str, answer: &Value) -> Result {
        match event.trim_start_matches("vendor-callback-") {
            "justifacts" => {
                let taken = body(answer, 200)?;
                same((&taken["success"], taken["results"]["assessment_id"].is_string()), (&json!(true), true))?;
                self.is_clear().await
            }
            "stackone-package" => {
                let added = body(answer, 201)?;
                same((&added["statusCode"], added["data"]["id"].is_string()), (&json!(201), true))?;
                same(self.packages().await?.iter().any(|package| package.name == PACKAGE), true)
            }
            "stackone-list" => {
                let listed = body(answer, 200)?["data"].as_array().map(Vec::len);
                same(listed, Some(self.packages().await?.len()))
            }
            "stackone-change" => {
                same(&body(answer, 200)?["statusCode"], &json!(200))?;
                same(self.packages().await?.iter().any(|p| p.name == "Made-up package, renamed"), true)
            }
            "stackone-drop" => {
                let before = body(answer, 200)?["statusCode"].clone();
                same((before, self.packages().await?.len()), (json!(200), self.offered - 1))
            }
            "stackone-result" => {
                holds(body(answer, 200)?["message"].as_str().unwrap_or_default(), "updated")?;
                self.is_clear().await?;
                same(self.pair.order(&self.order).await?.score.map(|score| score.raw), Some(87))
            }
            "checkr" => {
                same(&body(answer, 200)?["taken"], &json!("asking the vendor"))?;
                self.is_clear().await
            }
            _ => Err("this test does not know what to expect".into()),
        }
    }

    /// What belongs to a stranger, in the protocol's form.
    pub(crate) fn refuses(&self, answer: &Value) -> Result {
        let refused = body(answer, 404)?;
        same(refused.pointer(self.pair.vendor.answers().code), Some(&json!("unknown_connection")))
    }

    /// The packages of the connection. The doors of the other process remember it for some seconds; the table knows it
    /// at once.
    async fn packages(&self) -> Result<Vec<Package>> {
        let stored = self.pair.deployment.services.store.connection(&self.pair.made.connection.id).await?;
        Ok(stored.and_then(|c| c.catalogue).unwrap_or_default().packages)
    }

    async fn is_clear(&self) -> Result {
        let done = |o: &shared::order::Order| o.status.state == State::Completed && o.told == o.version;
        same(self.pair.until(&self.order, done).await?.status.outcome, Outcome::Clear)?;
        Ok(self.pair.ends_with_bought(1)?)
    }
}
