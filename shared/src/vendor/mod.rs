//! Who checks: the background-check and assessment vendors, one folder each, all behind [`Vendor`].

pub mod ashby_partner;
mod call;
pub mod callback;
pub mod checkr;
pub mod justifacts;
pub mod springverify;
pub mod stackone;

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use bytes::Bytes;
use url::Url;

use crate::connection::{Catalogue, Connection};
use crate::error::Fault;
use crate::flow::{Account, CallDone, CallbackRefused};
use crate::inbound::{Answer, BadBody, Request};
use crate::order::{Candidate, Order, Outcome, Report, State, Status};
use crate::secrets::StoredKeys;
use crate::signature::{NotVerified, Verified};

pub use call::{Asked, Notice, PackageCall, Stopped, Update, VendorCall};

/// The vendors that Crosscheck speaks with. The text is the folder, the URL part, the log value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VendorKind {
    /// SpringVerify India, external API.
    SpringVerify,
    /// Any vendor that hosts Ashby's partner endpoints.
    AshbyPartner,
    /// Justifacts, by way of its Ashby partner endpoints.
    Justifacts,
    /// Any vendor that integrated with `StackOne`'s unified ATS protocol.
    StackOne,
    /// Checkr, public API v1.
    Checkr,
}

/// Every vendor, for tables, help texts and tests.
pub const VENDORS: [VendorKind; 5] = [
    VendorKind::SpringVerify,
    VendorKind::AshbyPartner,
    VendorKind::Justifacts,
    VendorKind::StackOne,
    VendorKind::Checkr,
];

impl VendorKind {
    /// The word in URLs, logs and the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SpringVerify => "springverify",
            Self::AshbyPartner => "ashby-partner",
            Self::Justifacts => "justifacts",
            Self::Checkr => "checkr",
            Self::StackOne => "stackone",
        }
    }

    /// The name that people read.
    pub const fn title(self) -> &'static str {
        match self {
            Self::SpringVerify => "SpringVerify",
            Self::AshbyPartner => ashby_partner::ASHBY_PARTNER.title,
            Self::Justifacts => justifacts::JUSTIFACTS.title,
            Self::Checkr => "Checkr",
            Self::StackOne => "StackOne-connected vendor",
        }
    }

    /// Its translator.
    pub const fn connector(self) -> &'static dyn Vendor {
        match self {
            Self::SpringVerify => &springverify::SpringVerify,
            Self::AshbyPartner => &ashby_partner::ASHBY_PARTNER,
            Self::Justifacts => &justifacts::JUSTIFACTS,
            Self::Checkr => &checkr::Checkr,
            Self::StackOne => &stackone::StackOne,
        }
    }
}

impl fmt::Display for VendorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a vendor that Crosscheck speaks with; use one of: springverify, ashby-partner, justifacts, stackone, checkr"
)]
pub struct UnknownVendor;

impl FromStr for VendorKind {
    type Err = UnknownVendor;
    fn from_str(text: &str) -> Result<Self, UnknownVendor> {
        VENDORS.into_iter().find(|v| v.name() == text).ok_or(UnknownVendor)
    }
}

/// One row of a vendor's status map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusRow {
    /// The vendor's code, where it has one.
    pub code: Option<i64>,
    /// The vendor's word.
    pub word: &'static str,
    /// Where the order then stands.
    pub state: State,
    /// How it ended, or seems to be ending.
    pub outcome: Outcome,
}

/// What the vendor gave for a new order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The vendor's id of the order.
    pub vendor_ref: String,
    /// The vendor's id of the candidate's invitation, where the vendor can be asked about the order by that.
    pub invitation: Option<String>,
    /// A page at the vendor for this candidate.
    pub profile_url: Option<String>,
    /// Where the check stands from the start.
    pub status: Status,
}

/// What a look-up for an order of unknown fate found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The vendor has it: adopt it.
    Ours {
        /// What the vendor gave for it.
        receipt: Receipt,
        /// True when the vendor echoed our order id; false when only the candidate and the circumstances fit.
        proved: bool,
    },
    /// The vendor has something for this candidate that may or may not be this order: a person must decide.
    Doubtful {
        /// The vendor's id of it.
        vendor_ref: String,
    },
    /// The vendor showed all there is, and nothing is there.
    Absent,
    /// Nobody can tell, but the vendor takes the same order twice as one, so it may be sent again.
    Repeatable,
    /// The vendor has no call that could tell: a person must look.
    Unknowable,
}

/// A report as it can be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportFile {
    /// The document itself, as a PDF.
    Pdf(Bytes),
    /// A page of the vendor's to go on to.
    Page(Url),
}

/// A setting that a vendor needs beside its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VendorOption {
    /// Its name in `--vendor-option NAME=VALUE`.
    pub name: &'static str,
    /// What it is, for the help text.
    pub help: &'static str,
    /// Whether the connection cannot do without it.
    pub required: bool,
}

/// What a vendor connector must do. It is a stateless translator, like [`crate::ats::Ats`].
///
/// # Contract
/// Checked for every vendor by `tests/tests/it/contract.rs`.
/// - `place` is called once per lease. A fault with `maybe_done` false is a promise that nothing was bought.
/// - `find` answers `Absent` only when the vendor showed that nothing is there.
/// - A status word that is not in the table reads as unknown; it never means clear.
/// - `verify` looks at the raw bytes and headers and compares in constant time.
/// - No method retries: the worker decides that.
#[async_trait]
pub trait Vendor: Send + Sync {
    /// The base URL of the vendor's production API.
    fn production_url(&self) -> Url;

    /// Whether the operator has to give the base URL, because there is none that all customers share.
    /// [`Vendor::production_url`] then leads nowhere.
    fn needs_url(&self) -> bool {
        false
    }

    /// Whether its orders carry the job's title. Only then is an ATS asked for one that it did not send.
    fn takes_job_title(&self) -> bool {
        false
    }

    /// The status map, one row per word that the vendor is known to use.
    fn status_map(&self) -> &'static [StatusRow];

    /// A word as the connector compares it with its rows: two that fold to the same are one word.
    fn folded(&self, word: &str) -> String;

    /// The field that a row's word is a result in, where the protocol keeps results apart from statuses.
    fn result_field(&self, _row: &StatusRow) -> Option<&'static str> {
        None
    }

    /// What it has to know beside its key.
    fn options(&self) -> &'static [VendorOption] {
        &[]
    }

    /// What the account offers. This is also the check of the key. `None` when the vendor puts its packages on our list
    /// by itself.
    ///
    /// # Errors
    /// `KeyRefused` for a bad key, `Unexpected` when the list cannot be read.
    async fn catalogue(&self, account: &Account<'_>) -> Result<Option<Catalogue>, Fault>;

    /// Whether the vendor will take this candidate, as far as can be said without asking it.
    ///
    /// # Errors
    /// A sentence that a recruiter can act on.
    fn preflight(&self, candidate: &Candidate, catalogue: &Catalogue) -> Result<(), String>;

    /// Buys the check.
    ///
    /// # Errors
    /// See the contract for `maybe_done`.
    async fn place(&self, account: &Account<'_>, order: &Order, candidate: &Candidate) -> Result<Receipt, Fault>;

    /// Looks for an order whose fate is unknown.
    ///
    /// # Errors
    /// When the vendor did not show its orders.
    async fn find(&self, account: &Account<'_>, order: &Order, candidate: &Candidate) -> Result<Found, Fault>;

    /// Where the check stands; `None` when the vendor has no call for that and only reports by itself.
    ///
    /// # Errors
    /// `NotFound` when the vendor no longer has it.
    async fn ask(&self, account: &Account<'_>, order: &Order) -> Result<Option<Report>, Fault>;

    /// Whether [`Vendor::cancel`] may stop a check of this connection that stands there.
    fn may_stop(&self, _connection: &Connection, _state: State) -> bool {
        false
    }

    /// Stops the check.
    ///
    /// # Errors
    /// When the vendor did not answer, or refused our key.
    async fn cancel(&self, account: &Account<'_>, vendor_ref: &str) -> Result<Stopped, Fault>;

    /// The report, fresh from the vendor.
    ///
    /// # Errors
    /// `NotFound` when there is none yet.
    async fn report(&self, account: &Account<'_>, order: &Order) -> Result<ReportFile, Fault>;

    /// Verifies a callback by the vendor's own scheme, with each of the keys that may be in force.
    ///
    /// # Errors
    /// When none of them fits.
    fn verify(&self, request: &Request, connection: &Connection, keys: &[StoredKeys]) -> Result<Verified, NotVerified>;

    /// Reads a verified call. `None` when the vendor's protocol has no such call.
    ///
    /// # Errors
    /// Names the field that is missing or wrong.
    fn read_call(&self, call: VendorCall<'_>) -> Result<Option<Asked>, BadBody>;

    /// Whose news [`Asked::News`] is, read from the vendor with the connection's own key. `None` when the vendor does
    /// not have it, or when it belongs to no order.
    ///
    /// # Errors
    /// When the vendor did not answer or refused the key: it is told to send the call again.
    async fn learn(&self, _link: &Account<'_>, _of: &str) -> Result<Option<Notice>, Fault> {
        Ok(None)
    }

    /// What the vendor is answered, in the words of its protocol. `path` is what it called, as in [`VendorCall`]: one
    /// order may be read by several calls, each with a shape of its own.
    fn answer(&self, _path: &[&str], done: &Result<CallDone, CallbackRefused>) -> Answer {
        callback::plain(done)
    }

    /// The steps for the vendor's side of the connection.
    fn guide(&self, callback_url: &str, callback_secret: &str) -> Vec<String>;

    /// The steps that let the vendor verify what we send; none for a vendor that does not.
    fn signing_guide(&self, _signing_secret: &str) -> Vec<String> {
        Vec::new()
    }
}
