#![doc = include_str!("notes.md")]

mod actions;
mod bearer;
mod caller;
mod client;
mod event;
mod forms;
mod refusal;
mod result_url;
mod setup;
mod trigger;
pub mod webhook;
mod wire;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;

use super::setup::{REPORT, texts};
use super::{Ats, AtsFacts, AtsSetup, Contact, KeySource, PartnerKeyNames, Paste};
use crate::account::Account;
use crate::error::Fault;
use crate::order::{AtsReference, Order};
use crate::secrets::PartnerKeys;

/// Where Teamtailor's API for Europe lives (partner.teamtailor.com/partners, checked 2026-11).
const PRODUCTION: &str = "https://api.teamtailor.com";

/// What is true of Teamtailor's API for partners.
pub const FACTS: AtsFacts = AtsFacts {
    title: "Teamtailor",
    base_url: PRODUCTION,
    key_source: KeySource::Partner,
    partner_keys: Some(PartnerKeyNames {
        id: "Integration ID",
        key: "API key",
        webhook_secret: Some("webhook signature secret"),
    }),
    makes_up_keys: true,
};

/// The Teamtailor connector.
#[derive(Debug, Clone, Copy)]
pub struct Teamtailor;

#[async_trait]
impl Ats for Teamtailor {
    async fn tell(&self, account: &Account<'_>, order: &Order, _at: Timestamp, link: &str) -> Result<(), Fault> {
        client::tell(account, order, link).await
    }

    async fn contact(&self, _link: &Account<'_>, _reference: &AtsReference) -> Result<Contact, Fault> {
        // The phone number comes with the event; the partner's key cannot read candidates.
        Ok(Contact::default())
    }
}

#[async_trait]
impl AtsSetup for Teamtailor {
    async fn check_key(&self, account: &Account<'_>) -> Result<(), Fault> {
        client::check_key(account).await
    }

    fn guide(&self, paste: &Paste<'_>) -> Vec<String> {
        vec![
            format!(
                "Once, in the partner's own settings in Teamtailor (Integrations Hub): the Partner Base URL is {}. \
                 `crosscheck ats setup teamtailor` writes it there, with the activation form. Tick \"Capability to make \
                 assessments\" there yourself: without it a Send brings no order.",
                paste.base_url
            ),
            format!(
                "In the customer's Teamtailor, open Settings > Integrations (Marketplace), choose the partner card of \
                 {}, activate it, and choose Go to Settings.",
                paste.brand
            ),
            format!("Paste this as \"External Trigger Token\": {}", paste.trigger_token),
            "Press Update (some screens say Save): Teamtailor has the token and the vendor's package list checked, and says what is wrong."
                .to_owned(),
            format!(
                "A recruiter orders on a candidate's page: ⋮ > Add integrations > {} > pick a test > Send \
                 (on some cards: Send webhook). Status, result and report link appear on the card there.",
                paste.brand
            ),
            format!(
                "To order without a click, add a trigger for {} to a stage of the job and pick the package in it. A \
                 rule of the trigger may move candidates by the criterion \"Background check result\".",
                paste.brand
            ),
        ]
    }

    fn activation_form(&self) -> Option<Value> {
        Some(forms::activation())
    }

    async fn publish(
        &self,
        account: &Account<'_>,
        partner: &PartnerKeys,
        base_url: &str,
        _: bool,
    ) -> Result<(), Fault> {
        setup::publish(account, &partner.id, base_url).await
    }

    async fn published(&self, account: &Account<'_>, partner: &PartnerKeys) -> Result<Option<Value>, Fault> {
        setup::published(account, &partner.id).await.map(Some)
    }

    fn warnings(&self, published: &Value) -> Vec<String> {
        setup::warnings(published)
    }

    fn shows(&self, order: &Order, _at: Timestamp) -> Vec<(&'static str, String)> {
        let places = [("status", "/status"), ("summary", "/summary"), ("report_decision", "/criteria/report_decision")];
        texts(&wire::attributes(order, REPORT), &places)
    }
}
