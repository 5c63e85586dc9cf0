#![doc = include_str!("notes.md")]

mod client;
mod consent;
mod disconnect;
mod hosts;
mod inline;
mod integrate;
mod oauth;
mod orders;
mod setup;
mod stop;
pub mod webhook;
mod wire;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;

use super::setup::{REPORT, texts};
use super::{Ats, AtsFacts, AtsSetup, Contact, KeySource, PartnerKeyNames, Paste};
use crate::account::Account;
use crate::connection::{Connection, ConnectionState};
use crate::error::Fault;
use crate::order::{AtsReference, Order, job_title};
use crate::secrets::PartnerKeys;
use crate::signature::sha256_hex;

/// Where SmartRecruiters' API lives (developers.smartrecruiters.com, Assessment API 2021, checked 2026-11).
const PRODUCTION: &str = "https://api.smartrecruiters.com";

/// How the candidate ids of applicants begin. SmartRecruiters gives no id to somebody who is still applying.
const APPLICANT: &str = "applicant-";

/// What is true of SmartRecruiters's API for partners.
pub const FACTS: AtsFacts = AtsFacts {
    title: "SmartRecruiters",
    base_url: PRODUCTION,
    key_source: KeySource::Consent,
    partner_keys: Some(PartnerKeyNames { id: "master client id", key: "master client secret", webhook_secret: None }),
    makes_up_keys: false,
};

/// The SmartRecruiters connector.
#[derive(Debug, Clone, Copy)]
pub struct SmartRecruiters;

/// An applicant's id, made of the e-mail address: the same address is the same person, who is not checked twice at
/// once.
fn applicant_id(email: &str) -> String {
    format!("{APPLICANT}{}", sha256_hex(email.trim().to_lowercase().as_bytes()))
}

/// Whether this may be a company's id. It becomes part of a URL's path, so `.` and `..` are refused.
fn is_company(id: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    (1..=120).contains(&id.len()) && id.bytes().all(plain) && id.bytes().any(|b| b != b'.')
}

#[async_trait]
impl Ats for SmartRecruiters {
    async fn tell(&self, account: &Account<'_>, order: &Order, _at: Timestamp, link: &str) -> Result<(), Fault> {
        client::tell(account, order, &wire::results(order, link)).await
    }

    async fn contact(&self, account: &Account<'_>, reference: &AtsReference) -> Result<Contact, Fault> {
        if reference.candidate_id.starts_with(APPLICANT) {
            return Ok(Contact::default());
        }
        let candidate = client::record(account, "candidates/get", &["candidates", &reference.candidate_id]).await?;
        Ok(wire::contact(&candidate))
    }

    async fn job_title(&self, account: &Account<'_>, reference: &AtsReference) -> Result<Option<String>, Fault> {
        let Some(id) = &reference.job_id else { return Ok(None) };
        let job = client::record(account, "jobs/get", &["jobs", id]).await?;
        Ok(job.get("title").and_then(Value::as_str).and_then(job_title))
    }
}

#[async_trait]
impl AtsSetup for SmartRecruiters {
    async fn check_key(&self, account: &Account<'_>) -> Result<(), Fault> {
        // Before its admin consents there is nothing to check.
        if account.key.is_empty() {
            return Ok(());
        }
        client::within(account, "oauth/token", client::fetch_token(account)).await.map(drop)
    }

    fn guide(&self, paste: &Paste<'_>) -> Vec<String> {
        vec![
            format!(
                "Once for this deployment, not for each company: `crosscheck ats setup smartrecruiters` tells \
                 SmartRecruiters the addresses below {}.",
                paste.base_url
            ),
            format!(
                "In SmartRecruiters, as an Administrator, open Settings > Apps & Integrations, choose the card of {}, \
                 press Connect, look at what is shared, and press Allow and Continue.",
                paste.brand
            ),
            format!("On the page that opens, paste this as \"External Trigger Token\": {}", paste.trigger_token),
            "As \"E-mail address\", give the one that was named to `crosscheck connect`. Press Connect and wait for \
             \"Connected\"."
                .to_owned(),
            "If the card offers Custom Fields Mapping, there is nothing to map.".to_owned(),
            "To order by hand: open a candidate of a job, choose Order assessments, pick the partner and a package, \
             press Continue, look through what is sent, and press Send. If there is no such section, switch on \"Display assessments section on the \
             candidate profile\" in Settings > Marketplace Control."
                .to_owned(),
            "To order by itself: open Settings > Hiring Process and the step where checks start (usually Offer; Add Step \
             makes a new one). There choose Assessments and Configure, pick the partner, the type and the package, turn \
             AUTO-TRIGGERED on, and press Save. Then press Save Hiring Process."
                .to_owned(),
            "To order during the application, add the package to the job's application form where SmartRecruiters \
             offers it there. Whether forms offer packages of the type BACKGROUND_CHECK has yet to be confirmed with \
             SmartRecruiters. Nothing is bought before the applicant presses Begin."
                .to_owned(),
            "Status, result and report link appear among the candidate's assessments.".to_owned(),
        ]
    }

    async fn publish(
        &self,
        account: &Account<'_>,
        partner: &PartnerKeys,
        base_url: &str,
        redirect: bool,
    ) -> Result<(), Fault> {
        setup::publish(account, partner, base_url, redirect).await
    }

    async fn published(&self, account: &Account<'_>, partner: &PartnerKeys) -> Result<Option<Value>, Fault> {
        setup::published(account, partner).await
    }

    fn resumed(&self, connection: &Connection) -> ConnectionState {
        let connected = connection.account.is_some() && !disconnect::was_disconnected(connection);
        if connected { ConnectionState::Active } else { ConnectionState::Waiting }
    }

    fn shows(&self, order: &Order, _at: Timestamp) -> Vec<(&'static str, String)> {
        let places = [("status", "/status"), ("score label", "/scoreLabel"), ("summary", "/summary")];
        texts(&wire::results(order, REPORT), &places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_companys_id_is_short_and_plain() {
        for good in ["a", "Acme_Inc-1.x", &"x".repeat(120)] {
            assert!(is_company(good), "{good}");
        }
        for wrong in ["", ".", "..", "a b", "a/b", "a%2f", "é", "a\nb", &"x".repeat(121)] {
            assert!(!is_company(wrong), "{wrong:?}");
        }
    }
}
