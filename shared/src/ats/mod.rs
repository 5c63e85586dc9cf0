//! Who asks: the applicant tracking systems, one folder each, all behind [`Ats`].

pub mod ashby;
pub mod smartrecruiters;
pub mod teamtailor;

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use jiff::Timestamp;
use url::Url;

use crate::connection::{Connection, ConnectionState};
use crate::error::{Fault, FaultKind};
use crate::flow::Account;
use crate::order::{AtsReference, Candidate, Order};
use crate::secrets::PartnerKeys;

/// The ATSs that Crosscheck speaks with. The text is the folder, the URL part, the log value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AtsKind {
    /// Ashby, assessment partner framework.
    Ashby,
    /// `SmartRecruiters`, Assessment API 2021.
    SmartRecruiters,
    /// Teamtailor, partner API.
    Teamtailor,
}

/// Every ATS, for tables, help texts and tests.
pub const ATSS: [AtsKind; 3] = [AtsKind::Ashby, AtsKind::SmartRecruiters, AtsKind::Teamtailor];

impl AtsKind {
    /// The word in URLs, logs and the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ashby => "ashby",
            Self::SmartRecruiters => "smartrecruiters",
            Self::Teamtailor => "teamtailor",
        }
    }

    /// The name that people read.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ashby => "Ashby",
            Self::SmartRecruiters => "SmartRecruiters",
            Self::Teamtailor => "Teamtailor",
        }
    }

    /// Its translator.
    pub const fn connector(self) -> &'static dyn Ats {
        match self {
            Self::Ashby => &ashby::Ashby,
            Self::SmartRecruiters => &smartrecruiters::SmartRecruiters,
            Self::Teamtailor => &teamtailor::Teamtailor,
        }
    }
}

impl fmt::Display for AtsKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no ATS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an ATS that Crosscheck speaks with; use one of: ashby, smartrecruiters, teamtailor")]
pub struct UnknownAts;

impl FromStr for AtsKind {
    type Err = UnknownAts;
    fn from_str(text: &str) -> Result<Self, UnknownAts> {
        ATSS.into_iter().find(|a| a.name() == text).ok_or(UnknownAts)
    }
}

/// What the ATS admin has to paste, for the printed guide.
#[derive(Debug, Clone, Copy)]
pub struct Paste<'a> {
    /// The vendor's name that people read.
    pub vendor: &'a str,
    /// The base URL of our doors for this ATS.
    pub base_url: &'a str,
    /// The trigger token, shown this once.
    pub trigger_token: &'a str,
}

/// Contact data of a candidate that an ATS's orders may lack.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// The primary phone number, else the first one.
    pub phone: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The family name.
    pub last_name: Option<String>,
}

impl Contact {
    /// The candidate with missing fields filled in. Fields that the order brought are kept.
    #[must_use]
    pub fn complete(self, known: &Candidate) -> Candidate {
        let or = |known: &String, found: Option<String>| match found {
            Some(found) if known.is_empty() => found,
            _ => known.clone(),
        };
        Candidate {
            first_name: known.first_name.clone(),
            last_name: or(&known.last_name, self.last_name),
            email: or(&known.email, self.email),
            phone: known.phone.clone().or(self.phone),
        }
    }
}

/// A stand-in for the report link, where only the words around it matter.
const REPORT: &str = "https://crosscheck.invalid/reports";

/// The texts at these places of a body; missing ones are left out.
fn texts(body: &serde_json::Value, places: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let found = places.iter().filter_map(|(name, pointer)| Some((*name, body.pointer(pointer)?.as_str()?.to_owned())));
    found.collect()
}

/// Where the key for an ATS's API comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// The operator gives it when connecting.
    Operator,
    /// The ATS gives it when its admin consents on our page.
    Consent,
    /// It is this deployment's key as a partner, the same for every connection.
    Partner,
}

fn nothing_to_publish() -> Fault {
    Fault::new(FaultKind::DataRefused, "publish", "this ATS keeps no URLs of a partner").not_sent()
}

/// What an ATS connector must do. It is a stateless translator: it builds requests and reads answers; keys, URLs and
/// deadlines come in through the [`Account`].
///
/// # Contract
/// Checked for every ATS by `tests/tests/it/contract.rs`.
/// - `tell` says everything that the order knows in one update. Telling the same version twice is harmless.
/// - `tell` sends `at` where the ATS wants a timestamp; the caller makes it strictly rise.
/// - An answer that says "no" in its body is a fault, whatever its HTTP status.
/// - No method retries: the worker decides that.
#[async_trait]
pub trait Ats: Send + Sync {
    /// The base URL of the ATS's own API.
    fn production_url(&self) -> Url;

    /// Where the key for its API comes from.
    fn key_source(&self) -> KeySource;

    /// The form that its admin fills in to connect, as JSON that the partner pastes once; `None` where there is none.
    fn activation_form(&self) -> Option<serde_json::Value> {
        None
    }

    /// Writes status, result and links onto the candidate. `report_url` is our stable link, present when completed.
    ///
    /// # Errors
    /// `KeyRefused` when the connection has to be mended, `DataRefused` and `NotFound` when the ATS will not have it.
    async fn tell(
        &self,
        account: &Account<'_>,
        order: &Order,
        at: Timestamp,
        report_url: Option<&str>,
    ) -> Result<(), Fault>;

    /// What its screens would say of an order that stands like this: field and text, as [`Ats::tell`] would send them.
    fn shows(&self, order: &Order, at: Timestamp) -> Vec<(&'static str, String)>;

    /// Contact data of the candidate; empty where the ATS has no call for it.
    ///
    /// # Errors
    /// `NotFound` when the ATS does not show the candidate to this key.
    async fn contact(&self, account: &Account<'_>, reference: &AtsReference) -> Result<Contact, Fault>;

    /// The title of the order's job, for vendors that are shown it; `None` where the ATS has no call for it.
    ///
    /// # Errors
    /// `NotFound` when the ATS does not show the job to this key.
    async fn job_title(&self, _link: &Account<'_>, _reference: &AtsReference) -> Result<Option<String>, Fault> {
        Ok(None)
    }

    /// Checks the key against the live system, changing nothing.
    ///
    /// # Errors
    /// `KeyRefused` with words that say which scope is missing.
    async fn check_key(&self, account: &Account<'_>) -> Result<(), Fault>;

    /// What becomes of a connection that the operator resumes.
    fn resumed(&self, _connection: &Connection) -> ConnectionState {
        ConnectionState::Active
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
    /// As [`Ats::publish`].
    async fn published(&self, _link: &Account<'_>, _partner: &PartnerKeys) -> Result<Option<serde_json::Value>, Fault> {
        Err(nothing_to_publish())
    }

    /// What the operator should mend in what is published, as [`Ats::published`] has read it: whole sentences.
    fn warnings(&self, _published: &serde_json::Value) -> Vec<String> {
        Vec::new()
    }

    /// The steps for the ATS admin, in the order of the ATS's own screens.
    fn guide(&self, paste: &Paste<'_>) -> Vec<String>;
}
