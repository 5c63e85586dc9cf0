//! The page behind an order's link while there is no report: where the check stands and what a recruiter can do. It names
//! neither the candidate nor an outcome, because a link is passed on more easily than an account.

use std::fmt::Write as _;

use http::StatusCode;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::PORTAL_URL;
use super::facts::ReportKind;
use crate::connection::Connection;
use crate::inbound::Answer;
use crate::order::{Order, State};
use crate::page::{Page, escape, link, paragraphs};

const TITLE: &str = "Background check";

pub(super) fn page(order: &Order, connection: &Connection) -> Answer {
    let vendor = connection.vendor.title();
    let ats = connection.ats.title();
    let (state, advice) = words(order, vendor, ats);
    let day = |at: Timestamp| at.strftime("%-d %B %Y").to_string();
    let mut rows = vec![("Vendor", vendor.to_owned()), ("Package", order.package.name.clone()), ("State", state)];
    rows.push(("Ordered", day(order.created_at)));
    rows.extend(order.placed_at.map(|at| ("Sent to the vendor", day(at))));
    rows.extend(order.closed_at.map(|at| ("Closed", day(at))));
    let mut content = String::from("<dl>");
    for (name, value) in rows {
        // Writing to a string cannot fail.
        let _ = write!(content, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(&value));
    }
    content.push_str("</dl>");
    content.push_str(&paragraphs(&[&advice]));
    if let Some(url) = portal(order, connection) {
        content.push_str(&link(url.as_str(), &format!("Open in {vendor}")));
    }
    Page { status: StatusCode::OK, title: TITLE, problem: false, content, onward: None }.answer()
}

/// The state in words, and what a recruiter can do. The vendor's own words may hold an outcome, so they stand here only
/// where a person is asked to act.
fn words(order: &Order, vendor: &str, ats: &str) -> (String, String) {
    let has_begun = order.placement.vendor_ref().is_some();
    let (state, advice) = match order.status.state {
        State::Ordered if has_begun => {
            ("Ordered", format!("{vendor} has the order. There is nothing for you to do; {ats} shows what comes next."))
        }
        State::Ordered => {
            ("Ordered", format!("Crosscheck is placing the order with {vendor}. {ats} shows what comes next."))
        }
        State::AwaitingCandidate => (
            "Waiting for the candidate",
            format!(
                "{vendor} has invited the candidate, who has to fill in its form. If that takes long, ask the candidate \
                 to look for {vendor}'s message, among the spam too; if there is none, ask {vendor} to send it again."
            ),
        ),
        State::InProgress => {
            ("In progress", format!("{vendor} is at work. There is nothing for you to do; {ats} shows the result."))
        }
        State::ActionRequired => ("Action required", order.status.label.clone()),
        State::Completed => ("Completed", format!("The check is completed. {ats} shows the result.")),
        State::Cancelled => ("Cancelled", format!("The check was cancelled. To check again, order anew in {ats}.")),
        State::Expired => {
            ("Expired", format!("The candidate did not do their part in time. To check again, order anew in {ats}."))
        }
        State::Failed => ("Not carried out", format!("There was no check. {ats} says why; mend that and order anew.")),
    };
    (state.to_owned(), advice)
}

/// Where the vendor shows this check to the employer: the page that the operator named, else the one that the vendor gave
/// for that. A page that is the candidate's own form is never one.
fn portal(order: &Order, connection: &Connection) -> Option<Url> {
    let vendor_ref = order.placement.vendor_ref()?;
    let named = connection.options.get(PORTAL_URL.name).map(|url| {
        let id = utf8_percent_encode(vendor_ref, NON_ALPHANUMERIC).to_string();
        url.replace("{candidate_id}", &id)
    });
    let given = || order.profile_url.clone().filter(|_| connection.vendor.facts().report == ReportKind::Page);
    let url = Url::parse(&named.or_else(given)?).ok()?;
    (url.scheme() == "https").then_some(url)
}
