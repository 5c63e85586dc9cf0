#![doc = include_str!("notes.md")]

mod callback;
mod client;
mod person;
mod wire;

use async_trait::async_trait;
use http::Method;
use jiff::SignedDuration;

use super::{
    Cancelling, Found, PORTAL_URL, Receipt, ReportFile, ReportKind, StatusRow, Stopped, Unclear, Vendor, VendorCall,
    VendorCallbacks, VendorFacts, VendorRequest, VendorSetup,
};
use crate::account::Account;
use crate::connection::{Catalogue, Connection};
use crate::error::Fault;
use crate::inbound::{BadBody, Request};
use crate::order::{Candidate, Order, Outcome, Report, State};
use crate::secrets::StoredKeys;
use crate::signature::{NotVerified, Verified};

/// Where the production API lives (a public client's guide for API v3.4, checked 2026-11).
const PRODUCTION: &str = "https://api-sa.in.springverify.com";

/// The sandbox, for `crosscheck connect --vendor-url`. Its `subtype_id`s differ from production's.
pub const SANDBOX: &str = "https://api-acceptance-2-sa.in.springverify.com";

/// Every `overall_status_code` of guide v3.4. 2 and 7 are in no public list. 5 is not final: SpringVerify goes on
/// checking after a discrepancy, so it is in progress and already worth a person's look.
pub const STATUS_MAP: [StatusRow; 11] = [
    row(0, "In progress", State::InProgress, Outcome::None),
    row(1, "Completed", State::Completed, Outcome::Clear),
    row(3, "Awaiting Input", State::AwaitingCandidate, Outcome::None),
    row(4, "Processing", State::InProgress, Outcome::None),
    row(5, "Discrepancy", State::InProgress, Outcome::Review),
    row(6, "Completed with exception", State::Completed, Outcome::Review),
    row(8, "Closed", State::Completed, Outcome::Inconclusive),
    row(9, "On Hold", State::ActionRequired, Outcome::None),
    row(10, "Cancelled", State::Cancelled, Outcome::None),
    row(11, "Consent missing", State::AwaitingCandidate, Outcome::None),
    row(12, "Insufficient funds", State::ActionRequired, Outcome::None),
];

const fn row(code: i64, word: &'static str, state: State, outcome: Outcome) -> StatusRow {
    StatusRow { code: Some(code), word, state, outcome }
}

/// What is true of SpringVerify's external API.
pub const FACTS: VendorFacts = VendorFacts {
    title: "SpringVerify",
    brand: Some("Springworks"),
    stands_for: None,
    base_url: Some(PRODUCTION),
    test_url: Some(SANDBOX),
    options: &[PORTAL_URL],
    words: &STATUS_MAP,
    can_be_asked: true,
    dates_reports: false,
    signs_body: false,
    unclear: Unclear::LookedUp,
    // Gateways give up on a call after one minute and the work behind them goes on; five leave room for a slow day.
    settle: SignedDuration::from_mins(5),
    // No public document has a call for this; the portal can hold or close a check.
    cancelling: Cancelling::Never,
    takes_job_title: false,
    report: ReportKind::Pdf,
    except: None,
};

/// The SpringVerify connector.
#[derive(Debug, Clone, Copy)]
pub struct SpringVerify;

#[async_trait]
impl Vendor for SpringVerify {
    async fn catalogue(&self, account: &Account<'_>) -> Result<Option<Catalogue>, Fault> {
        client::catalogue(account).await.map(Some)
    }

    fn preflight(&self, candidate: &Candidate, catalogue: &Catalogue) -> Result<(), String> {
        person::preflight(candidate, catalogue)
    }

    async fn place(&self, account: &Account<'_>, order: &Order, candidate: &Candidate) -> Result<Receipt, Fault> {
        client::place(account, order, candidate).await
    }

    async fn find(&self, account: &Account<'_>, order: &Order, candidate: &Candidate) -> Result<Found, Fault> {
        client::find(account, order, candidate).await
    }

    async fn ask(&self, account: &Account<'_>, order: &Order) -> Result<Option<Report>, Fault> {
        let vendor_ref = order.placement.vendor_ref().unwrap_or_default();
        client::ask(account, vendor_ref).await.map(Some)
    }

    async fn cancel(&self, _link: &Account<'_>, _order: &Order) -> Result<Stopped, Fault> {
        Ok(Stopped::Refused)
    }

    async fn report(&self, account: &Account<'_>, order: &Order) -> Result<ReportFile, Fault> {
        let vendor_ref = order.placement.vendor_ref().unwrap_or_default();
        client::report_pdf(account, vendor_ref).await.map(ReportFile::Pdf)
    }
}

#[async_trait]
impl VendorCallbacks for SpringVerify {
    fn verify(&self, request: &Request, connection: &Connection, keys: &[StoredKeys]) -> Result<Verified, NotVerified> {
        callback::verify(request, connection, keys)
    }

    fn read_call(&self, call: VendorCall<'_>) -> Result<Option<VendorRequest>, BadBody> {
        if call.method != Method::POST || !call.path.is_empty() {
            return Ok(None);
        }
        callback::read(call.body).map(Some)
    }
}

impl VendorSetup for SpringVerify {
    fn guide(&self, callback_url: &str, callback_secret: &str) -> Vec<String> {
        vec![
            "In SpringVerify, open Settings > API > Generate token. It is the vendor key that you gave to \
             `crosscheck connect`."
                .to_owned(),
            format!("Ask SpringVerify support to register this webhook URL: {callback_url}"),
            format!("with the authentication scheme `bearer` and this secret: {callback_secret}"),
            "Ask them to \"enable interim status pushes\" too: by default only finished checks are pushed. Until \
             then the hourly sync brings the interim statuses."
                .to_owned(),
        ]
    }

    fn folded(&self, word: &str) -> String {
        wire::folded(word)
    }
}
