#![doc = include_str!("notes.md")]

mod callback;
mod client;
mod wire;
mod words;

use async_trait::async_trait;
use jiff::SignedDuration;
use url::Url;

use super::{
    CallDone, CallbackRefused, Cancelling, Found, PORTAL_URL, Receipt, ReportFile, ReportKind, StatusRow, Stopped,
    Unclear, Vendor, VendorCall, VendorCallbacks, VendorFacts, VendorRequest, VendorSetup,
};
use crate::account::Account;
use crate::connection::{Catalogue, Connection};
use crate::error::{Fault, FaultKind};
use crate::inbound::{Answer, BadBody, Request};
use crate::order::{Candidate, Order, Outcome, Report, State, email};
use crate::secrets::StoredKeys;
use crate::signature::{NotVerified, Verified};

/// Words that mean the same whoever says them. A word that could mean two things is left out: an unknown word changes
/// no state. `pending` says no more than that the order is there. A completed check without a known result is
/// inconclusive, and the last rows are the results that are known.
pub const STATUS_MAP: [StatusRow; 48] = [
    row("ordered", State::Ordered, Outcome::None),
    row("order received", State::Ordered, Outcome::None),
    row("received", State::Ordered, Outcome::None),
    row("initiated", State::Ordered, Outcome::None),
    row("pending", State::Ordered, Outcome::None),
    row("not started", State::Ordered, Outcome::None),
    row("invited", State::AwaitingCandidate, Outcome::None),
    row("sent", State::AwaitingCandidate, Outcome::None),
    row("invitation sent", State::AwaitingCandidate, Outcome::None),
    row("awaiting candidate", State::AwaitingCandidate, Outcome::None),
    row("awaiting applicant", State::AwaitingCandidate, Outcome::None),
    row("waiting for candidate", State::AwaitingCandidate, Outcome::None),
    row("candidate started", State::AwaitingCandidate, Outcome::None),
    row("applicant started", State::AwaitingCandidate, Outcome::None),
    row("started", State::InProgress, Outcome::None),
    row("in progress", State::InProgress, Outcome::None),
    row("in process", State::InProgress, Outcome::None),
    row("processing", State::InProgress, Outcome::None),
    row("action required", State::ActionRequired, Outcome::None),
    row("needs action", State::ActionRequired, Outcome::None),
    row("on hold", State::ActionRequired, Outcome::None),
    row("paused", State::ActionRequired, Outcome::None),
    row("suspended", State::ActionRequired, Outcome::None),
    row("complete", State::Completed, Outcome::Inconclusive),
    row("completed", State::Completed, Outcome::Inconclusive),
    row("done", State::Completed, Outcome::Inconclusive),
    row("finished", State::Completed, Outcome::Inconclusive),
    row("cancelled", State::Cancelled, Outcome::None),
    row("canceled", State::Cancelled, Outcome::None),
    row("withdrawn", State::Cancelled, Outcome::None),
    row("expired", State::Expired, Outcome::None),
    row("invitation expired", State::Expired, Outcome::None),
    row("clear", State::Completed, Outcome::Clear),
    row("cleared", State::Completed, Outcome::Clear),
    row("pass", State::Completed, Outcome::Clear),
    row("passed", State::Completed, Outcome::Clear),
    row("review", State::Completed, Outcome::Review),
    row("in review", State::Completed, Outcome::Review),
    row("needs review", State::Completed, Outcome::Review),
    row("review required", State::Completed, Outcome::Review),
    row("consider", State::Completed, Outcome::Review),
    row("alert", State::Completed, Outcome::Review),
    row("adverse", State::Completed, Outcome::Adverse),
    row("adverse action", State::Completed, Outcome::Adverse),
    row("fail", State::Completed, Outcome::Adverse),
    row("failed", State::Completed, Outcome::Adverse),
    row("not passed", State::Completed, Outcome::Adverse),
    row("did not pass", State::Completed, Outcome::Adverse),
];

/// A row of a table of words.
pub(super) const fn row(word: &'static str, state: State, outcome: Outcome) -> StatusRow {
    StatusRow { code: None, word, state, outcome }
}

/// What is true of any vendor that hosts Ashby's partner endpoints. Each has an address of its own.
pub const FACTS: VendorFacts = VendorFacts {
    title: "Ashby partner",
    brand: None,
    stands_for: Some("any vendor that hosts Ashby's partner endpoints"),
    base_url: None,
    test_url: None,
    options: &[PORTAL_URL],
    words: &STATUS_MAP,
    can_be_asked: false,
    dates_reports: true,
    signs_body: false,
    unclear: Unclear::WaitsForPerson,
    // Its look-up never proves that nothing was bought, so nothing hangs on it.
    settle: SignedDuration::from_secs(60),
    cancelling: Cancelling::Requested,
    takes_job_title: true,
    report: ReportKind::Page,
    except: None,
};

/// One vendor that hosts Ashby's partner endpoints.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// What is true of it. A word that is completed as clear, review or adverse is a result, every other one a status.
    pub facts: VendorFacts,
    /// What the operator should know besides, as steps of the guide.
    pub remarks: &'static [&'static str],
}

/// Any vendor that hosts Ashby's partner endpoints.
pub static ASHBY_PARTNER: Dialect = Dialect {
    facts: FACTS,
    remarks: &["Ask the vendor for its status and result words. Crosscheck knows the common ones; an unknown status \
                leaves the order where it stands, and an unknown result is shown as inconclusive."],
};

#[async_trait]
impl Vendor for Dialect {
    async fn catalogue(&self, account: &Account<'_>) -> Result<Option<Catalogue>, Fault> {
        client::catalogue(account).await.map(Some)
    }

    fn preflight(&self, candidate: &Candidate, _catalogue: &Catalogue) -> Result<(), String> {
        email::fault(candidate, true).map_or(Ok(()), |why| Err(format!("{why}.")))
    }

    async fn place(&self, account: &Account<'_>, order: &Order, candidate: &Candidate) -> Result<Receipt, Fault> {
        client::place(self, account, order, candidate).await
    }

    async fn find(&self, _link: &Account<'_>, _order: &Order, _candidate: &Candidate) -> Result<Found, Fault> {
        // Ashby's partner protocol has no call that shows orders, and a second start may be a second purchase.
        Ok(Found::Unknowable)
    }

    async fn ask(&self, _link: &Account<'_>, _order: &Order) -> Result<Option<Report>, Fault> {
        Ok(None)
    }

    async fn cancel(&self, account: &Account<'_>, order: &Order) -> Result<Stopped, Fault> {
        client::cancel(self, account, order.placement.vendor_ref().unwrap_or_default()).await
    }

    async fn report(&self, _link: &Account<'_>, order: &Order) -> Result<ReportFile, Fault> {
        let url = order.profile_url.as_deref().and_then(|url| Url::parse(url).ok());
        let page = url.filter(|url| url.scheme() == "https").map(ReportFile::Page);
        page.ok_or_else(|| Fault::new(FaultKind::NotFound, "assessment_profile_url", "the vendor sent no https link"))
    }
}

#[async_trait]
impl VendorCallbacks for Dialect {
    fn verify(&self, request: &Request, connection: &Connection, keys: &[StoredKeys]) -> Result<Verified, NotVerified> {
        callback::verify(request, connection, keys)
    }

    fn read_call(&self, call: VendorCall<'_>) -> Result<Option<VendorRequest>, BadBody> {
        callback::read(self.facts.words, call)
    }

    fn answer(&self, _path: &[&str], done: &Result<CallDone, CallbackRefused>) -> Answer {
        callback::answer(done)
    }
}

impl VendorSetup for Dialect {
    fn guide(&self, callback_url: &str, callback_secret: &str) -> Vec<String> {
        let vendor = if self.facts.base_url.is_some() { self.facts.title } else { "the vendor" };
        let mut steps = vec![
            format!(
                "Crosscheck plays Ashby towards {vendor}, which has to agree to that: nothing public says that its \
                 Ashby integration may be used this way. The API key that {vendor} gives its Ashby customers is the \
                 vendor key that you gave to `crosscheck connect`."
            ),
            format!(
                "Ask {vendor} to call this address for your account, wherever it would call https://api.ashbyhq.com \
                 (it appends /assessment.update and /candidate.info): {callback_url}"
            ),
            format!("and to use this as your \"Ashby API key\": {callback_secret}"),
            format!(
                "The address is not optional. Nobody can ask {vendor} where a check stands, so the hourly sync brings \
                 nothing: a status that does not arrive here is not known."
            ),
        ];
        steps.extend(self.remarks.iter().map(|remark| (*remark).to_owned()));
        steps
    }

    fn folded(&self, word: &str) -> String {
        words::folded(word)
    }

    fn result_field(&self, row: &StatusRow) -> Option<&'static str> {
        words::is_result(row).then_some(wire::RESULT)
    }
}
