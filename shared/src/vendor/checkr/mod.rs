#![doc = include_str!("notes.md")]

mod callback;
mod client;
mod document;
mod location;
mod own;
mod person;
mod road;
mod wire;

use std::collections::BTreeMap;

use async_trait::async_trait;
use http::{Method, StatusCode};
use jiff::SignedDuration;
use serde_json::json;

use super::facts::not_empty;
use super::{
    CallDone, CallbackRefused, Cancelling, Found, Notice, PORTAL_URL, Receipt, ReportFile, ReportKind, StatusRow,
    Stopped, Unclear, Vendor, VendorCall, VendorCallbacks, VendorFacts, VendorOption, VendorRequest, VendorSetup,
    plain,
};
use crate::account::Account;
use crate::connection::{Catalogue, Connection};
use crate::error::Fault;
use crate::inbound::{Answer, BadBody, Request, json as answer_json};
use crate::order::{Candidate, Order, OrderId, Outcome, Report, State};
use crate::secrets::StoredKeys;
use crate::signature::{NotVerified, Verified};

/// Where the production API lives (Checkr's developer guide, checked 2026-11).
const PRODUCTION: &str = "https://api.checkr.com/v1";

/// The staging API, for `crosscheck connect --vendor-url`: free, and its data is made up.
pub const STAGING: &str = "https://api.checkr-staging.com/v1";

/// The option that says where the candidate will work.
const WORK_LOCATION: &str = "work_location";

/// The option that names a node of the account's hierarchy.
const NODE: &str = "node";

const OPTIONS: [VendorOption; 3] = [
    PORTAL_URL,
    VendorOption {
        name: WORK_LOCATION,
        help: "where candidates will work, as US-CA-San Francisco (city optional) or a country code alone outside the \
               US; needed outside the US and for accounts with nodes",
        required: false,
        check: location::check,
    },
    VendorOption {
        name: NODE,
        help: "custom_id of the node that orders belong to; needed for accounts with nodes",
        required: false,
        check: not_empty,
    },
];

/// An object and its status, and for a finished report its result. A deleted invitation keeps its status and has a
/// `deleted_at`. Older pages of Checkr's show the result as the report's status: the last two rows. A report without a
/// result is done but says nothing.
pub const STATUS_MAP: [StatusRow; 15] = [
    row("Invitation pending", State::AwaitingCandidate, Outcome::None),
    row("Invitation completed", State::InProgress, Outcome::None),
    row("Invitation expired", State::Expired, Outcome::None),
    row("Invitation deleted", State::Cancelled, Outcome::None),
    row("Invitation canceled", State::Cancelled, Outcome::None),
    row("Report pending", State::InProgress, Outcome::None),
    row("Report suspended", State::ActionRequired, Outcome::None),
    row("Report paused", State::ActionRequired, Outcome::None),
    row("Report dispute", State::InProgress, Outcome::Review),
    row("Report canceled", State::Cancelled, Outcome::None),
    row("Report complete: clear", State::Completed, Outcome::Clear),
    row("Report complete: consider", State::Completed, Outcome::Review),
    row("Report complete", State::Completed, Outcome::Inconclusive),
    row("Report clear", State::Completed, Outcome::Clear),
    row("Report consider", State::Completed, Outcome::Review),
];

const fn row(word: &'static str, state: State, outcome: Outcome) -> StatusRow {
    StatusRow { code: None, word, state, outcome }
}

/// What is true of Checkr's API.
pub const FACTS: VendorFacts = VendorFacts {
    title: "Checkr",
    brand: None,
    stands_for: None,
    base_url: Some(PRODUCTION),
    test_url: Some(STAGING),
    options: &OPTIONS,
    words: &STATUS_MAP,
    can_be_asked: true,
    dates_reports: false,
    signs_body: true,
    unclear: Unclear::LookedUp,
    // Gateways give up on a call after one minute and the work behind them goes on; five leave room for a slow day.
    settle: SignedDuration::from_mins(5),
    cancelling: Cancelling::UntilCandidateIsDone { on: shows_invitations },
    takes_job_title: false,
    report: ReportKind::Pdf,
    except: Some(
        "outside the US: an unclear purchase is sent again within a day and then waits for a person, and no check can \
         be stopped",
    ),
};

/// Whether Checkr lists the invitations of such a connection, which only exist in the US.
fn shows_invitations(options: &BTreeMap<String, String>) -> bool {
    !location::lies_abroad(options.get(WORK_LOCATION).map(String::as_str))
}

/// The Checkr connector.
#[derive(Debug, Clone, Copy)]
pub struct Checkr;

#[async_trait]
impl Vendor for Checkr {
    async fn catalogue(&self, account: &Account<'_>) -> Result<Option<Catalogue>, Fault> {
        client::catalogue(account).await.map(Some)
    }

    fn preflight(&self, candidate: &Candidate, _catalogue: &Catalogue) -> Result<(), String> {
        person::preflight(candidate)
    }

    async fn place(&self, account: &Account<'_>, order: &Order, candidate: &Candidate) -> Result<Receipt, Fault> {
        client::place(account, order, candidate).await
    }

    async fn find(&self, account: &Account<'_>, order: &Order, _candidate: &Candidate) -> Result<Found, Fault> {
        client::find(account, order).await
    }

    async fn ask(&self, account: &Account<'_>, order: &Order) -> Result<Option<Report>, Fault> {
        client::ask(account, order).await
    }

    async fn cancel(&self, account: &Account<'_>, order: &Order) -> Result<Stopped, Fault> {
        client::cancel(account, order).await
    }

    async fn report(&self, account: &Account<'_>, order: &Order) -> Result<ReportFile, Fault> {
        document::report_pdf(account, order).await.map(ReportFile::Pdf)
    }
}

#[async_trait]
impl VendorCallbacks for Checkr {
    fn verify(&self, request: &Request, connection: &Connection, keys: &[StoredKeys]) -> Result<Verified, NotVerified> {
        callback::verify(request, connection, keys)
    }

    fn read_call(&self, call: VendorCall<'_>) -> Result<Option<VendorRequest>, BadBody> {
        if call.method != Method::POST || !call.path.is_empty() {
            return Ok(None);
        }
        callback::read(call.body)
    }

    async fn whose(&self, account: &Account<'_>, vendor_ref: &str) -> Result<Option<OrderId>, Fault> {
        client::whose(account, vendor_ref).await
    }

    async fn learn(&self, account: &Account<'_>, of: &str) -> Result<Option<Notice>, Fault> {
        client::learn(account, of).await
    }

    /// A 2xx tells Checkr only that the event arrived. Checkr repeats any other answer 34 times within a day, so a
    /// verified event that is about no order here gets 200 too.
    fn answer(&self, _path: &[&str], done: &Result<CallDone, CallbackRefused>) -> Answer {
        match done {
            Err(CallbackRefused::NoOrder | CallbackRefused::NoReference | CallbackRefused::NoSuchCall) => {
                answer_json(StatusCode::OK, &json!({ "success": true, "taken": "not about an order of Crosscheck's" }))
            }
            _ => plain(done),
        }
    }
}

impl VendorSetup for Checkr {
    fn guide(&self, callback_url: &str, callback_secret: &str) -> Vec<String> {
        vec![
            "In the Checkr dashboard, open Account Settings > Developer Settings and create a secret API key. It is the \
             vendor key that you gave to `crosscheck connect`."
                .to_owned(),
            format!("There, add this webhook URL (Checkr takes two at most): {callback_url}"),
            "Turn `include_object` on, if you can. A webhook then says which candidate it is about; without it, \
             Crosscheck asks Checkr that, a call for each webhook."
                .to_owned(),
            "Checkr signs each webhook with the API key, so nothing else has to be entered. After `rotate --keys` the \
             new key signs."
                .to_owned(),
            format!(
                "For a Checkr partner application only: Checkr's guide says both API key and application secret of what \
                 signs. Crosscheck cannot be given a secret that Checkr chose; if Checkr agrees to sign with one of \
                 ours, give them this: {callback_secret}"
            ),
            "If candidates work outside the US or the account has nodes, connect with `--vendor-option work_location=` \
             and `--vendor-option node=`. Order once in staging first."
                .to_owned(),
        ]
    }

    fn folded(&self, word: &str) -> String {
        wire::folded(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::FaultKind;

    #[test]
    fn only_what_sending_again_could_mend_is_refused() {
        let status = |why| Checkr.answer(&[], &Err(why)).status().as_u16();
        assert_eq!(status(CallbackRefused::NoOrder), 200);
        assert_eq!(status(CallbackRefused::NoReference), 200);
        assert_eq!(status(CallbackRefused::NoSuchCall), 200);
        assert_eq!(status(CallbackRefused::NotVerified), 401);
        let fault = Fault::new(FaultKind::Platform, "x", "away");
        assert_eq!(status(CallbackRefused::Unavailable(fault)), 503);
    }

    #[test]
    fn a_call_that_is_no_post_or_goes_elsewhere_is_none_of_checkrs() {
        let call = VendorCall { method: &Method::GET, path: &[], query: None, body: b"{}" };
        assert_eq!(Checkr.read_call(call), Ok(None));
        let elsewhere = VendorCall { method: &Method::POST, path: &["elsewhere"], ..call };
        assert_eq!(Checkr.read_call(elsewhere), Ok(None));
    }
}
