#![doc = include_str!("notes.md")]

pub mod webhook;

use async_trait::async_trait;
use jiff::Timestamp;
use url::Url;

use super::{Ats, Contact, KeySource, Paste};
use crate::error::{Fault, FaultKind};
use crate::flow::Link;
use crate::order::{AtsReference, Order};

/// Where SmartRecruiters's API lives.
const PRODUCTION: &str = "https://api.smartrecruiters.com";

/// The SmartRecruiters connector.
#[derive(Debug, Clone, Copy)]
pub struct SmartRecruiters;

#[async_trait]
impl Ats for SmartRecruiters {
    #[expect(clippy::expect_used, reason = "a constant, parsed by every test")]
    fn production_url(&self) -> Url {
        Url::parse(PRODUCTION).expect("a constant URL")
    }

    fn key_source(&self) -> KeySource {
        KeySource::Consent
    }

    async fn tell(&self, _link: &Link<'_>, _order: &Order, _at: Timestamp, _report: Option<&str>) -> Result<(), Fault> {
        Err(Fault::new(FaultKind::Down, "tell", "not yet").not_sent())
    }

    async fn contact(&self, _link: &Link<'_>, _reference: &AtsReference) -> Result<Contact, Fault> {
        Ok(Contact::default())
    }

    async fn check_key(&self, _link: &Link<'_>) -> Result<(), Fault> {
        Ok(())
    }

    fn guide(&self, paste: &Paste<'_>) -> Vec<String> {
        vec![paste.vendor.to_owned(), paste.base_url.to_owned(), paste.trigger_token.to_owned()]
    }
}
