//! The background-check and assessment vendors, one folder each, all behind [`Vendor`].

mod answers;
pub mod ashby_partner;
mod call;
pub mod callback;
pub mod checkr;
mod facts;
pub mod justifacts;
mod setup;
pub mod springverify;
pub mod stackone;
mod standing;

use async_trait::async_trait;
use bytes::Bytes;
use strum::VariantArray as _;
use url::Url;

use crate::account::Account;
use crate::connection::{Catalogue, Connection};
use crate::error::Fault;
use crate::inbound::{Answer, BadBody, Request};
use crate::order::{Candidate, Order, OrderId, Report, Status};
use crate::secrets::StoredKeys;
use crate::signature::{NotVerified, Verified};
use crate::variants::all;

pub use answers::{plain, reason, words};
pub use call::{CallDone, CallbackRefused, Notice, PackageCall, Page, Stopped, Update, VendorCall, VendorRequest};
pub use facts::{Cancelling, PORTAL_URL, ReportKind, StatusRow, Unclear, VendorFacts, VendorOption};
pub use setup::VendorSetup;

/// The vendors that Crosscheck speaks with. The text is the folder, the URL part, the log value.
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
#[strum(parse_err_ty = UnknownVendor, parse_err_fn = unknown)]
pub enum VendorKind {
    /// SpringVerify India, external API.
    SpringVerify,
    /// Any vendor that hosts Ashby's partner endpoints.
    #[strum(serialize = "ashby-partner")]
    AshbyPartner,
    /// Justifacts, by way of its Ashby partner endpoints.
    Justifacts,
    /// Any vendor that integrated with `StackOne`'s unified ATS protocol.
    StackOne,
    /// Checkr, public API v1.
    Checkr,
}

/// Every vendor, for tables, help texts and tests.
pub const VENDORS: [VendorKind; VendorKind::VARIANTS.len()] = all();

/// The connector of each vendor, as whichever trait is asked for. Each of the functions below links one trait's code.
macro_rules! connector_of {
    ($vendor:expr) => {
        match $vendor {
            VendorKind::SpringVerify => &springverify::SpringVerify,
            VendorKind::AshbyPartner => &ashby_partner::ASHBY_PARTNER,
            VendorKind::Justifacts => &justifacts::JUSTIFACTS,
            VendorKind::StackOne => &stackone::StackOne,
            VendorKind::Checkr => &checkr::Checkr,
        }
    };
}

impl VendorKind {
    /// The word in URLs, logs and the table.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Facts about its protocol.
    pub const fn facts(self) -> &'static VendorFacts {
        match self {
            Self::SpringVerify => &springverify::FACTS,
            Self::AshbyPartner => &ashby_partner::ASHBY_PARTNER.facts,
            Self::Justifacts => &justifacts::JUSTIFACTS.facts,
            Self::StackOne => &stackone::FACTS,
            Self::Checkr => &checkr::FACTS,
        }
    }

    /// The name that people read.
    pub const fn title(self) -> &'static str {
        self.facts().title
    }

    /// Calls it.
    pub const fn connector(self) -> &'static dyn Vendor {
        connector_of!(self)
    }

    /// Reads its calls.
    pub const fn callbacks(self) -> &'static dyn VendorCallbacks {
        connector_of!(self)
    }

    /// What the operator needs of it.
    pub const fn setup(self) -> &'static dyn VendorSetup {
        connector_of!(self)
    }
}

/// A text that names no vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a vendor that Crosscheck speaks with; use one of: {}", VENDORS.map(VendorKind::name).join(", "))]
pub struct UnknownVendor;

const fn unknown(_: &str) -> UnknownVendor {
    UnknownVendor
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

/// What a vendor connector must do when we call the vendor. It is a stateless translator, like [`crate::ats::Ats`]; what
/// is true of its protocol is in its [`VendorFacts`].
///
/// # Contract
/// Checked for every vendor by `tests/tests/it/contract.rs`.
/// - `place` is called once per lease. A fault with `maybe_done` false is a promise that nothing was bought.
/// - `find` answers `Absent` only when the vendor showed that nothing is there.
/// - A status word that is not in the table reads as unknown; it never means clear.
/// - No method retries: the worker decides that.
#[async_trait]
pub trait Vendor: Send + Sync {
    /// What the account offers. This is also the check of the key. `None` when the vendor puts its packages on our list
    /// by itself.
    ///
    /// # Errors
    /// `KeyRefused` for a bad key, `Unexpected` when the list cannot be read.
    async fn catalogue(&self, account: &Account<'_>) -> Result<Option<Catalogue>, Fault>;

    /// Whether the vendor will take this candidate, as far as Crosscheck can tell without asking it.
    ///
    /// # Errors
    /// The reason, as the rest of a sentence that begins "Not ordered: " and that a recruiter can act on.
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

    /// Stops the check of an order that it has. A 409 arrives as [`crate::error::FaultKind::Duplicate`]; here it mostly means that it is too late,
    /// which is [`Stopped::Refused`].
    ///
    /// # Errors
    /// When the vendor did not answer, or refused our key.
    async fn cancel(&self, account: &Account<'_>, order: &Order) -> Result<Stopped, Fault>;

    /// The report, fresh from the vendor.
    ///
    /// # Errors
    /// `NotFound` when there is none yet.
    async fn report(&self, account: &Account<'_>, order: &Order) -> Result<ReportFile, Fault>;
}

/// What a vendor connector must do when the vendor calls us.
///
/// # Contract
/// Checked for every vendor by `tests/tests/it/contract.rs`.
/// - `verify` looks at the raw bytes and headers and compares in constant time.
#[async_trait]
pub trait VendorCallbacks: Send + Sync {
    /// Verifies a callback by the vendor's own scheme, with each of the keys that may be in force.
    ///
    /// # Errors
    /// When none of them fits.
    fn verify(&self, request: &Request, connection: &Connection, keys: &[StoredKeys]) -> Result<Verified, NotVerified>;

    /// Reads a verified call. `None` when the vendor's protocol has no such call.
    ///
    /// # Errors
    /// Names the field that is missing or wrong.
    fn read_call(&self, call: VendorCall<'_>) -> Result<Option<VendorRequest>, BadBody>;

    /// Whose news [`VendorRequest::News`] is, read from the vendor with the connection's own key. `None` when the vendor does
    /// not have it, or when it belongs to no order.
    ///
    /// # Errors
    /// When the vendor did not answer or refused the key: it is told to send the call again.
    async fn learn(&self, _account: &Account<'_>, _of: &str) -> Result<Option<Notice>, Fault> {
        Ok(None)
    }

    /// Whose order the vendor knows by this id, read from the vendor with the connection's own key: a push may come before
    /// the purchase has answered, or while its outcome is unclear. `None` for an order of somebody else.
    ///
    /// # Errors
    /// As [`VendorCallbacks::learn`].
    async fn whose(&self, _account: &Account<'_>, _vendor_ref: &str) -> Result<Option<OrderId>, Fault> {
        Ok(None)
    }

    /// What the vendor is answered, in the words of its protocol. `path` is what it called, as in [`VendorCall`]: one
    /// order may be read by several calls, each with a shape of its own.
    fn answer(&self, _path: &[&str], done: &Result<CallDone, CallbackRefused>) -> Answer {
        plain(done)
    }
}
