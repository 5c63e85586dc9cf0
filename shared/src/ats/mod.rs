//! The applicant tracking systems, one folder each, all behind [`Ats`].

pub mod ashby;
mod facts;
mod setup;
pub mod smartrecruiters;
pub mod teamtailor;

use async_trait::async_trait;
use jiff::Timestamp;
use strum::VariantArray as _;

use crate::account::Account;
use crate::error::Fault;
use crate::order::{AtsReference, Candidate, Order};
use crate::variants::all;

pub use facts::{AtsFacts, KeySource, PartnerKeyNames};
pub use setup::{AtsSetup, Paste};

/// The ATSs that Crosscheck speaks with. The text is the folder, the URL part, the log value.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
    strum::IntoStaticStr,
)]
#[strum(serialize_all = "lowercase")]
#[strum(parse_err_ty = UnknownAts, parse_err_fn = unknown)]
pub enum AtsKind {
    /// Ashby, assessment partner framework.
    Ashby,
    /// `SmartRecruiters`, Assessment API 2021.
    SmartRecruiters,
    /// Teamtailor, partner API.
    Teamtailor,
}

/// Every ATS, for tables, help texts and tests.
pub const ATSS: [AtsKind; AtsKind::VARIANTS.len()] = all();

/// The connector of each ATS, as whichever trait is asked for.
macro_rules! connector_of {
    ($ats:expr) => {
        match $ats {
            AtsKind::Ashby => &ashby::Ashby,
            AtsKind::SmartRecruiters => &smartrecruiters::SmartRecruiters,
            AtsKind::Teamtailor => &teamtailor::Teamtailor,
        }
    };
}

impl AtsKind {
    /// The word in URLs, logs and the table.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Facts about its protocol.
    pub const fn facts(self) -> &'static AtsFacts {
        match self {
            Self::Ashby => &ashby::FACTS,
            Self::SmartRecruiters => &smartrecruiters::FACTS,
            Self::Teamtailor => &teamtailor::FACTS,
        }
    }

    /// The name that people read.
    pub const fn title(self) -> &'static str {
        self.facts().title
    }

    /// The connector for our calls. It links every ATS, so only the worker uses it; a door links its own ATS.
    pub const fn connector(self) -> &'static dyn Ats {
        connector_of!(self)
    }

    /// What the operator needs of it.
    pub const fn setup(self) -> &'static dyn AtsSetup {
        connector_of!(self)
    }
}

/// A text that names no ATS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an ATS that Crosscheck speaks with; use one of: {}", ATSS.map(AtsKind::name).join(", "))]
pub struct UnknownAts;

const fn unknown(_: &str) -> UnknownAts {
    UnknownAts
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
        .cleaned()
    }
}

/// What an ATS connector must do when we call the ATS. It is a stateless translator: it builds requests and reads
/// answers; keys, URLs and deadlines come in through the [`Account`]. What is true of its protocol is in its
/// [`AtsFacts`].
///
/// # Contract
/// Checked for every ATS by `tests/tests/it/contract.rs`.
/// - `tell` says everything that the order knows in one update. Telling the same version twice is harmless.
/// - `tell` sends `at` where the ATS wants a timestamp; the caller makes it strictly rise.
/// - An answer that says "no" in its body is a fault, whatever its HTTP status.
/// - No method retries: the worker decides that.
#[async_trait]
pub trait Ats: Send + Sync {
    /// Writes status, result and links onto the candidate. `link` is the order's own, to its state and its report.
    ///
    /// # Errors
    /// `KeyRefused` when the connection has to be mended, `DataRefused` and `NotFound` when the ATS will not have it.
    async fn tell(&self, account: &Account<'_>, order: &Order, at: Timestamp, link: &str) -> Result<(), Fault>;

    /// Adds a completed check that the ATS did not start, and has a card of afterwards. `false` where the ATS, or this
    /// connection, has no way to.
    ///
    /// # Errors
    /// As [`Ats::tell`].
    async fn add_completed(
        &self,
        _link: &Account<'_>,
        _order: &Order,
        _at: Timestamp,
        _page: &str,
    ) -> Result<bool, Fault> {
        Ok(false)
    }

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
}
