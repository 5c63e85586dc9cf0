#![doc = include_str!("notes.md")]

mod client;
pub(crate) mod envelope;
mod stage;
pub mod webhook;
mod wire;

use async_trait::async_trait;
use jiff::Timestamp;

use super::setup::{REPORT, texts};
use super::{Ats, AtsFacts, AtsSetup, Contact, KeySource, Paste};
use crate::account::Account;
use crate::error::Fault;
use crate::order::{AtsReference, Order};

/// Where Ashby's API lives (developers.ashbyhq.com/reference/introduction, checked 2026-11).
const PRODUCTION: &str = "https://api.ashbyhq.com";

/// What is true of Ashby's API for partners.
pub const FACTS: AtsFacts = AtsFacts {
    title: "Ashby",
    base_url: PRODUCTION,
    key_source: KeySource::Operator,
    partner_keys: None,
    makes_up_keys: false,
};

/// The Ashby connector.
#[derive(Debug, Clone, Copy)]
pub struct Ashby;

#[async_trait]
impl Ats for Ashby {
    async fn tell(&self, account: &Account<'_>, order: &Order, at: Timestamp, link: &str) -> Result<(), Fault> {
        client::call(account, "assessment.update", wire::update(order, at, Some(link))).await.map(drop)
    }

    async fn add_completed(
        &self,
        account: &Account<'_>,
        order: &Order,
        at: Timestamp,
        page: &str,
    ) -> Result<bool, Fault> {
        let Some(partner) = account.connection.and_then(|connection| connection.partner_id.as_deref()) else {
            return Ok(false);
        };
        let body = wire::completed(order, at, page, partner);
        client::call(account, "assessment.addCompletedToCandidate", body).await.map(|_| true)
    }

    async fn contact(&self, account: &Account<'_>, reference: &AtsReference) -> Result<Contact, Fault> {
        let body = serde_json::json!({ "id": reference.candidate_id });
        let results = client::call(account, "candidate.info", body).await?;
        Ok(Contact { phone: wire::phone(&results), ..Contact::default() })
    }
}

#[async_trait]
impl AtsSetup for Ashby {
    async fn check_key(&self, account: &Account<'_>) -> Result<(), Fault> {
        client::check_key(account).await
    }

    fn guide(&self, paste: &Paste<'_>) -> Vec<String> {
        vec![
            format!(
                "In Ashby, open Admin > Integrations and choose the partner card of {} (ask Ashby to show \
                 unlaunched integrations if it is not listed).",
                paste.brand
            ),
            format!("Paste this as \"{} API Key\" (your External API Token): {}", paste.brand, paste.trigger_token),
            format!("Paste this as \"Staging Base URL\" (some screens say \"Base URL\"): {}", paste.base_url),
            "As \"Ashby API Key\", create or pick a key with Candidates: Read and Write, Integration Partner set to \
             this partner, and \"Allow access to confidential jobs\" on. It is the key that you gave to \
             `crosscheck connect`."
                .to_owned(),
            "Press Refresh: Ashby loads the package list to test the key. Then press Update.".to_owned(),
            "Open the job's interview plan, add an activity of type Assessment to the stage where checks start \
             (usually Offer), and pick the assessment type: it is the vendor's package."
                .to_owned(),
            "On a candidate in that stage, start the assessment, or have the plan start it by itself when a candidate \
             comes to the stage. Its status, result and report link appear there."
                .to_owned(),
        ]
    }

    fn rules_guide(&self, base_url: &str, connection: &str, secret: &str) -> Vec<String> {
        vec![
            "In Ashby, open Admin > Integrations > Webhooks and add one of the type candidateStageChange.".to_owned(),
            format!("Its request URL is {base_url}{}/{connection}", stage::PATH),
            format!("Its secret token is {secret}"),
            "Save it. Ashby sends a ping at once, and switches the webhook off if nothing answers.".to_owned(),
            "Do not have the interview plan start the same assessment for that stage as well. If it does, the two are \
             one order all the same."
                .to_owned(),
        ]
    }

    fn shows(&self, order: &Order, at: Timestamp) -> Vec<(&'static str, String)> {
        let places = [
            ("status", "/assessment_status/value"),
            ("cancelled", "/cancelled_reason/value"),
            ("result", "/assessment_result/value"),
        ];
        texts(&wire::update(order, at, Some(REPORT)), &places)
    }
}
