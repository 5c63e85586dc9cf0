#![doc = include_str!("notes.md")]

mod callback;
mod client;
mod wire;
mod words;

use async_trait::async_trait;
use url::Url;

use super::{Asked, Found, Receipt, ReportFile, StatusRow, Stopped, Vendor, VendorCall};
use crate::connection::{Catalogue, Connection};
use crate::error::{Fault, FaultKind};
use crate::flow::{Account, CallDone, CallbackRefused};
use crate::inbound::{Answer, BadBody, Request};
use crate::order::{Candidate, Order, Outcome, Report, State};
use crate::secrets::StoredKeys;
use crate::signature::{NotVerified, Verified};

/// Leads nowhere (RFC 6761): every vendor has an address of its own.
const NOWHERE: &str = "https://ashby-partner.invalid/";

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

/// What one vendor that hosts Ashby's partner endpoints has of its own.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// The name that people read.
    pub title: &'static str,
    /// Its base URL, where all customers share one.
    pub base_url: Option<&'static str>,
    /// Its words. A row that is completed as clear, review or adverse is a result, every other one a status.
    pub table: &'static [StatusRow],
    /// What the operator should know besides, as steps of the guide.
    pub remarks: &'static [&'static str],
}

/// Any vendor that hosts Ashby's partner endpoints.
pub static ASHBY_PARTNER: Dialect = Dialect {
    title: "Ashby partner",
    base_url: None,
    table: &STATUS_MAP,
    remarks: &["Ask the vendor for its status and result words. Crosscheck knows the common ones; an unknown status \
                leaves the order where it stands, and an unknown result is shown as inconclusive."],
};

#[async_trait]
impl Vendor for Dialect {
    #[expect(clippy::expect_used, reason = "constants, parsed by every test")]
    fn production_url(&self) -> Url {
        Url::parse(self.base_url.unwrap_or(NOWHERE)).expect("a constant URL")
    }

    fn takes_job_title(&self) -> bool {
        true
    }

    fn needs_url(&self) -> bool {
        self.base_url.is_none()
    }

    fn status_map(&self) -> &'static [StatusRow] {
        self.table
    }

    fn folded(&self, word: &str) -> String {
        words::folded(word)
    }

    fn result_field(&self, row: &StatusRow) -> Option<&'static str> {
        words::is_result(row).then_some(wire::RESULT)
    }

    async fn catalogue(&self, account: &Account<'_>) -> Result<Option<Catalogue>, Fault> {
        client::catalogue(account).await.map(Some)
    }

    fn preflight(&self, candidate: &Candidate, _catalogue: &Catalogue) -> Result<(), String> {
        if candidate.email.contains('@') {
            return Ok(());
        }
        Err("Not ordered: add an e-mail address to the candidate.".to_owned())
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

    fn may_stop(&self, _connection: &Connection, _state: State) -> bool {
        true
    }

    async fn cancel(&self, account: &Account<'_>, vendor_ref: &str) -> Result<Stopped, Fault> {
        client::cancel(self, account, vendor_ref).await
    }

    async fn report(&self, _link: &Account<'_>, order: &Order) -> Result<ReportFile, Fault> {
        let url = order.profile_url.as_deref().and_then(|url| Url::parse(url).ok());
        let page = url.filter(|url| url.scheme() == "https").map(ReportFile::Page);
        page.ok_or_else(|| Fault::new(FaultKind::NotFound, "assessment_profile_url", "the vendor sent no https link"))
    }

    fn verify(&self, request: &Request, connection: &Connection, keys: &[StoredKeys]) -> Result<Verified, NotVerified> {
        callback::verify(request, connection, keys)
    }

    fn read_call(&self, call: VendorCall<'_>) -> Result<Option<Asked>, BadBody> {
        callback::read(self.table, call)
    }

    fn answer(&self, _path: &[&str], done: &Result<CallDone, CallbackRefused>) -> Answer {
        callback::answer(done)
    }

    fn guide(&self, callback_url: &str, callback_secret: &str) -> Vec<String> {
        let vendor = if self.base_url.is_some() { self.title } else { "the vendor" };
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
}
