#![doc = include_str!("notes.md")]

use super::ashby_partner::{Dialect, FACTS, row};
use super::{StatusRow, VendorFacts};
use crate::order::{Outcome, State};

/// What Justifacts' customers enter in Ashby (docs.ashbyhq.com/justifacts, checked 2026-11).
const BASE_URL: &str = "https://app.justifacts.com/jfacts/servlet/application/ashby/";

/// The four statuses that Ashby's page shows, the spellings that `CivicHR` shows for the same, and the three results.
pub const STATUS_MAP: [StatusRow; 12] = [
    row("justifacts received", State::Ordered, Outcome::None),
    row("applicant started", State::AwaitingCandidate, Outcome::None),
    row("in process justifacts", State::InProgress, Outcome::None),
    row("complete", State::Completed, Outcome::Inconclusive),
    row("Initiated", State::Ordered, Outcome::None),
    row("In Process: Candidate", State::AwaitingCandidate, Outcome::None),
    row("In Process: Justifacts", State::InProgress, Outcome::None),
    row("Completed", State::Completed, Outcome::Inconclusive),
    row("Complete(d)", State::Completed, Outcome::Inconclusive),
    row("Clear", State::Completed, Outcome::Clear),
    row("Review", State::Completed, Outcome::Review),
    row("Adverse", State::Completed, Outcome::Adverse),
];

/// Justifacts.
pub static JUSTIFACTS: Dialect = Dialect {
    facts: VendorFacts { title: "Justifacts", stands_for: None, base_url: Some(BASE_URL), words: &STATUS_MAP, ..FACTS },
    remarks: &["Justifacts publishes no API description. That it speaks Ashby's partner protocol is inferred from \
                Ashby's own help page for Justifacts; try it with Justifacts in a test account first."],
};
