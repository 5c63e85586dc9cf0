#![doc = include_str!("notes.md")]

mod answers;
mod callback;
mod client;
mod result;
mod signing;
mod wire;

use async_trait::async_trait;
use jiff::SignedDuration;
use url::Url;

use super::facts::{is_url, not_empty};
use super::{
    CallDone, CallbackRefused, Cancelling, Found, PORTAL_URL, PackageCall, Receipt, ReportFile, ReportKind, StatusRow,
    Stopped, Unclear, Update, Vendor, VendorCall, VendorCallbacks, VendorFacts, VendorOption, VendorRequest,
    VendorSetup,
};
use crate::account::Account;
use crate::connection::{Catalogue, Connection};
use crate::error::{Fault, FaultKind};
use crate::inbound::{Answer, BadBody, Request};
use crate::order::{Candidate, Order, Outcome, Report, State, email};
use crate::secrets::StoredKeys;
use crate::signature::{NotVerified, Verified};

/// Where the vendor lists its packages.
const PACKAGES_URL: &str = "packages_url";

/// The name of the event that carries an order.
const EVENT: &str = "event";

/// How the event is signed.
const SIGNING: &str = "signing";

const OPTIONS: [VendorOption; 4] = [
    PORTAL_URL,
    VendorOption {
        name: PACKAGES_URL,
        help: "the vendor's package list endpoint, as it was configured in StackOne; without it the vendor puts its \
               packages on the list by itself; a vendor that verifies the request's signature has to have the signing \
               secret first, so connect with --no-check",
        required: false,
        check: is_url,
    },
    VendorOption {
        name: EVENT,
        help: "the event that the vendor expects for an order, such as ats_assessments.created; \
               background_check_order.created by default",
        required: false,
        check: not_empty,
    },
    VendorOption {
        name: SIGNING,
        help: "how the event is signed: stackone (the default), standard-webhooks or both",
        required: false,
        check: signing::check,
    },
];

/// Every `result.value` of StackOne's specification but `unmapped_value`, and `pending` of its SmartRecruiters guide.
/// `failed` is ambiguous, "did not pass" or "did not run": it is adverse here, which rejects nobody.
pub const STATUS_MAP: [StatusRow; 8] = [
    row("initiated", State::Ordered, Outcome::None),
    row("pending", State::Ordered, Outcome::None),
    row("in_progress", State::InProgress, Outcome::None),
    row("cancelled", State::Cancelled, Outcome::None),
    row("completed", State::Completed, Outcome::Inconclusive),
    row("expired", State::Expired, Outcome::None),
    row("failed", State::Completed, Outcome::Adverse),
    row("passed", State::Completed, Outcome::Clear),
];

const fn row(word: &'static str, state: State, outcome: Outcome) -> StatusRow {
    StatusRow { code: None, word, state, outcome }
}

/// What is true of a vendor behind StackOne. Each has a webhook URL of its own.
pub const FACTS: VendorFacts = VendorFacts {
    title: "StackOne-connected vendor",
    brand: Some("StackOne"),
    stands_for: Some("any vendor that integrated with that hub; its base URL is the webhook URL"),
    base_url: None,
    test_url: None,
    options: &OPTIONS,
    words: &STATUS_MAP,
    can_be_asked: false,
    dates_reports: false,
    signs_body: false,
    unclear: Unclear::SentAgain,
    // A late one does no harm: the vendor takes both as one order.
    settle: SignedDuration::from_secs(60),
    // An event `….deleted` exists for assessments, but no document says that it stops a check.
    cancelling: Cancelling::Never,
    takes_job_title: true,
    report: ReportKind::Page,
    except: None,
};

/// The connector for vendors that speak StackOne's unified ATS protocol.
#[derive(Debug, Clone, Copy)]
pub struct StackOne;

#[async_trait]
impl Vendor for StackOne {
    async fn catalogue(&self, account: &Account<'_>) -> Result<Option<Catalogue>, Fault> {
        client::catalogue(account).await
    }

    fn preflight(&self, candidate: &Candidate, _catalogue: &Catalogue) -> Result<(), String> {
        // The protocol makes no field mandatory and names no limit.
        email::fault(candidate, false).map_or(Ok(()), |why| Err(format!("{why}.")))
    }

    async fn place(&self, account: &Account<'_>, order: &Order, _candidate: &Candidate) -> Result<Receipt, Fault> {
        client::place(account, order).await
    }

    async fn find(&self, _link: &Account<'_>, _order: &Order, _candidate: &Candidate) -> Result<Found, Fault> {
        // Events are delivered at least once: the same one again, by the same id, is one order to the vendor.
        Ok(Found::Repeatable)
    }

    async fn ask(&self, _link: &Account<'_>, _order: &Order) -> Result<Option<Report>, Fault> {
        // A vendor behind StackOne has no endpoint that could be asked.
        Ok(None)
    }

    async fn cancel(&self, _link: &Account<'_>, _order: &Order) -> Result<Stopped, Fault> {
        Ok(Stopped::Refused)
    }

    async fn report(&self, _link: &Account<'_>, order: &Order) -> Result<ReportFile, Fault> {
        let url = order.report_url.as_deref().and_then(|text| Url::parse(text).ok());
        let none = || Fault::new(FaultKind::NotFound, "result_url", "the vendor has sent no report");
        url.filter(|url| url.scheme() == "https").map(ReportFile::Page).ok_or_else(none)
    }
}

#[async_trait]
impl VendorCallbacks for StackOne {
    fn verify(&self, request: &Request, connection: &Connection, keys: &[StoredKeys]) -> Result<Verified, NotVerified> {
        callback::verify(request, connection, keys)
    }

    fn read_call(&self, call: VendorCall<'_>) -> Result<Option<VendorRequest>, BadBody> {
        callback::read(call)
    }

    fn answer(&self, path: &[&str], done: &Result<CallDone, CallbackRefused>) -> Answer {
        answers::answer(path, done)
    }
}

impl VendorSetup for StackOne {
    fn guide(&self, callback_url: &str, callback_secret: &str) -> Vec<String> {
        let account = callback_url.rsplit('/').next().unwrap_or_default();
        vec![
            "The URL given with `--vendor-url` must be the one that StackOne posts the vendor's webhooks to, whole. \
             Crosscheck posts each order there, in StackOne's envelope with the order as `event_data`."
                .to_owned(),
            format!(
                "Where the vendor calls StackOne, it puts this base URL in place of https://api.stackone.com: \
                 {callback_url}"
            ),
            format!(
                "and this key in place of its StackOne API key (Basic, the key as user name, an empty password): \
                 {callback_secret}"
            ),
            format!("`x-account-id` is {account}, as in `account_id` of every order."),
            "Without the option packages_url the vendor creates its packages by POST \
             /unified/ats/background_checks/packages before the first order."
                .to_owned(),
            "The vendor has to agree that an order which comes twice with the same `record_id` is one order: \
             Crosscheck sends it again when it got no clear answer."
                .to_owned(),
            "The vendor reads an order's candidate and application as it did at StackOne, by GET \
             /unified/ats/candidates and GET /unified/ats/applications with `candidate_id` and `application_id` of \
             `event_data`. Both are the order's own id; the ATS's ids are in `remote_id`. A phone number, where one is \
             known, is with these two and not in `event_data`. Lists, jobs and documents cannot be read."
                .to_owned(),
            "StackOne's pages disagree about the event's name and leave parts of its body open. Try one order, and \
             set the option event if the vendor waits for another name."
                .to_owned(),
        ]
    }

    fn signing_guide(&self, signing_secret: &str) -> Vec<String> {
        vec![format!(
            "The vendor's signing secret is {signing_secret}. `x-stackone-signature` takes the whole text as its key; \
             `webhook-signature` takes what follows `whsec_`, base64-decoded."
        )]
    }

    fn folded(&self, word: &str) -> String {
        result::folded(word)
    }
}

#[cfg(test)]
mod tests;
