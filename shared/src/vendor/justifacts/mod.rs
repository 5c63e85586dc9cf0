#![doc = include_str!("notes.md")]

use super::ashby_partner::{Dialect, FACTS, row};
use super::{StatusRow, VendorFacts};
use crate::order::{Outcome, State};

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
    // No base URL: the one public source of it lost a character, and a wrong guess would send a person's data elsewhere.
    facts: VendorFacts {
        title: "Justifacts",
        brand: Some("Justifacts credential verification"),
        stands_for: None,
        words: &STATUS_MAP,
        ..FACTS
    },
    remarks: &["Justifacts publishes no API description. That it speaks Ashby's partner protocol is inferred from \
                Ashby's own help page for Justifacts; try it with Justifacts in a test account first."],
};
