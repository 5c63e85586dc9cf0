//! The part of an ATS connector that only the operator's command needs: trying keys, steps for admins, publishing, and
//! what its screens show.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::account::Account;
use crate::connection::{Connection, ConnectionState};
use crate::error::{Fault, FaultKind};
use crate::order::Order;
use crate::secrets::PartnerKeys;

/// What the ATS admin has to paste, for the printed guide.
#[derive(Debug, Clone, Copy)]
pub struct Paste<'a> {
    /// What the vendor's card is called in the ATS.
    pub brand: &'a str,
    /// The base URL of our doors for this ATS.
    pub base_url: &'a str,
    /// The trigger token, shown this once.
    pub trigger_token: &'a str,
}

/// A stand-in for the report link, where only the words around it matter.
pub(super) const REPORT: &str = "https://crosscheck.invalid/reports";

/// The texts at these places of a body; missing ones are left out.
pub(super) fn texts(body: &serde_json::Value, places: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let found = places.iter().filter_map(|(name, pointer)| Some((*name, body.pointer(pointer)?.as_str()?.to_owned())));
    found.collect()
}

fn nothing_to_publish() -> Fault {
    Fault::new(FaultKind::DataRefused, "publish", "this ATS keeps no URLs of a partner").not_sent()
}

/// An ATS as the operator sets it up.
#[async_trait]
pub trait AtsSetup: Send + Sync {
    /// Checks the key against the live system, changing nothing.
    ///
    /// # Errors
    /// `KeyRefused` with words that say which scope is missing.
    async fn check_key(&self, account: &Account<'_>) -> Result<(), Fault>;

    /// The steps for the ATS admin, in the order of the ATS's own screens.
    fn guide(&self, paste: &Paste<'_>) -> Vec<String>;

    /// The steps by which the ATS tells of stages, for the connection's rules: where it posts and with which secret.
    /// Empty where it has rules of its own.
    fn rules_guide(&self, _base_url: &str, _connection: &str, _secret: &str) -> Vec<String> {
        Vec::new()
    }

    /// The form that its admin fills in to connect, as JSON that the partner pastes once; `None` where there is none.
    fn activation_form(&self) -> Option<serde_json::Value> {
        None
    }

    /// Publishes where this deployment's doors are, for ATSs that keep a partner's URLs. With `redirect`, the consent
    /// page takes the place of the ATS instead of opening within it.
    ///
    /// # Errors
    /// `KeyRefused` for wrong partner keys; `DataRefused` where nothing can be published.
    async fn publish(
        &self,
        _link: &Account<'_>,
        _partner: &PartnerKeys,
        _base_url: &str,
        _redirect: bool,
    ) -> Result<(), Fault> {
        Err(nothing_to_publish())
    }

    /// What is published at the ATS; `None` when nothing is yet.
    ///
    /// # Errors
    /// As [`AtsSetup::publish`].
    async fn published(&self, _link: &Account<'_>, _partner: &PartnerKeys) -> Result<Option<serde_json::Value>, Fault> {
        Err(nothing_to_publish())
    }

    /// What the operator should mend in what is published, as [`AtsSetup::published`] has read it: whole sentences.
    fn warnings(&self, _published: &serde_json::Value) -> Vec<String> {
        Vec::new()
    }

    /// What becomes of a connection that the operator resumes.
    fn resumed(&self, _connection: &Connection) -> ConnectionState {
        ConnectionState::Active
    }

    /// What its screens would say of an order that stands like this: field and text, as [`super::Ats::tell`] would send them.
    fn shows(&self, order: &Order, at: Timestamp) -> Vec<(&'static str, String)>;
}
