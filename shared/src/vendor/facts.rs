//! Facts about a vendor's protocol, as data. Code, tables, help texts and tests read them.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use url::Url;

use crate::connection::Connection;
use crate::order::{Outcome, State};

/// Facts about one vendor's protocol.
#[derive(Debug, Clone, Copy)]
pub struct VendorFacts {
    /// The name that people read.
    pub title: &'static str,
    /// What its card and the fields on it are called in ATSs, where that is not the title.
    pub brand: Option<&'static str>,
    /// Whom it stands for, where it is a protocol and not one company.
    pub stands_for: Option<&'static str>,
    /// The base URL of its production API, where all customers share one.
    pub base_url: Option<&'static str>,
    /// The base URL for trying it out, where it has one; for `crosscheck connect --vendor-url`.
    pub test_url: Option<&'static str>,
    /// What a connection has to know beside the key.
    pub options: &'static [VendorOption],
    /// The status map, one row per word that the vendor is known to use.
    pub words: &'static [StatusRow],
    /// Whether it has a call that says where a check stands.
    pub can_be_asked: bool,
    /// Whether it dates what it reports by itself.
    pub dates_reports: bool,
    /// Whether the proof of a callback's sender covers its body.
    pub signs_body: bool,
    /// What becomes of a purchase that got no clear answer.
    pub unclear: Unclear,
    /// How long after an attempt without a clear answer the vendor may still carry it out. Until then a look-up that
    /// finds nothing proves nothing.
    pub settle: SignedDuration,
    /// When it can be made to stop a check.
    pub cancelling: Cancelling,
    /// Whether its orders carry the job's title. Only then is an ATS asked for one that it did not send.
    pub takes_job_title: bool,
    /// What a report link opens.
    pub report: ReportKind,
    /// Where the facts above do not hold, as the end of a sentence that begins with them.
    pub except: Option<&'static str>,
}

/// What becomes of a purchase that got no clear answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// The vendor shows its orders: ours is found, or proved absent and bought.
    LookedUp,
    /// The vendor takes the same order twice as one: it is sent again.
    SentAgain,
    /// Only a person can tell.
    WaitsForPerson,
}

/// When a vendor can be made to stop a check that it has.
#[derive(Debug, Clone, Copy)]
pub enum Cancelling {
    /// Never: it has no call for that.
    Never,
    /// Until the candidate has handed in their form, unless the options of the connection say otherwise.
    UntilCandidateIsDone {
        /// Whether it can be stopped at all on a connection with these options.
        on: fn(&BTreeMap<String, String>) -> bool,
    },
    /// It is asked to at any time, and may refuse.
    Requested,
}

/// What a report link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportKind {
    /// The document itself, as a PDF.
    Pdf,
    /// A page of the vendor's.
    Page,
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

/// A setting that a vendor needs beside its key.
#[derive(Debug, Clone, Copy)]
pub struct VendorOption {
    /// Its name in `--vendor-option NAME=VALUE`.
    pub name: &'static str,
    /// What it is, for the help text.
    pub help: &'static str,
    /// Whether the connection cannot do without it.
    pub required: bool,
    /// Says what is wrong with a value, as far as the value alone tells.
    pub check: fn(&str) -> Result<(), String>,
}

/// Any text that says something.
pub(super) fn not_empty(value: &str) -> Result<(), String> {
    if value.trim().is_empty() { Err("it is empty".to_owned()) } else { Ok(()) }
}

/// A web address; which hosts may be called is decided at the call.
pub(super) fn is_url(value: &str) -> Result<(), String> {
    let is_web = Url::parse(value).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    if is_web { Ok(()) } else { Err(format!("{value} is no web address")) }
}

fn is_https(value: &str) -> Result<(), String> {
    is_url(value)?;
    if value.starts_with("https:") { Ok(()) } else { Err(format!("{value} is not https")) }
}

/// Where the vendor shows a check to the employer. Any vendor may have one; nobody publishes what it is.
pub const PORTAL_URL: VendorOption = VendorOption {
    name: "portal_url",
    help: "https address of one check in the vendor's portal, with {candidate_id} where the vendor's id of it stands; \
           the order's page links there",
    required: false,
    check: is_https,
};

impl VendorFacts {
    /// The base URL of its production API, where all customers share one.
    pub fn production_url(&self) -> Option<Url> {
        self.base_url.and_then(|text| Url::parse(text).ok())
    }

    /// Whether it may stop a check of this connection that stands there.
    pub fn may_stop(&self, connection: &Connection, state: State) -> bool {
        match self.cancelling {
            Cancelling::Never => false,
            Cancelling::UntilCandidateIsDone { on } => {
                matches!(state, State::Ordered | State::AwaitingCandidate) && on(&connection.options)
            }
            Cancelling::Requested => true,
        }
    }
}
