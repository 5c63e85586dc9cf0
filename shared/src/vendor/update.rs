//! A result that a vendor sets field by field.

use crate::order::{Candidate, Order, OrderId, Reading, Report, Score, Source, State, Status};

/// What a vendor says of an order's result. What it does not say stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Our id of the order.
    pub order: OrderId,
    /// The id that the vendor knows the order by.
    pub vendor_ref: String,
    /// Where the check stands.
    pub reading: Option<Reading>,
    /// The score.
    pub score: Option<Score>,
    /// The report at the vendor, https.
    pub report_url: Option<String>,
}

impl Update {
    /// The same as a pushed report on this order. Without a status word it repeats the order's own; the vendor's words
    /// are free text, so the candidate is blotted out of them.
    pub fn report_on(&self, order: &Order) -> Report {
        let reading = match (&self.reading, &order.candidate) {
            (Some(reading), Some(candidate)) => without(reading, candidate),
            (Some(reading), None) => reading.clone(),
            (None, _) if order.placement.vendor_ref().is_some() => Reading::Known(order.status.clone()),
            (None, _) => Reading::Known(Status::plain(State::Ordered, "Placed with the vendor")),
        };
        Report {
            source: Source::Pushed,
            reading,
            vendor_ref: Some(self.vendor_ref.clone()),
            profile_url: None,
            score: self.score,
        }
    }
}

fn without(reading: &Reading, candidate: &Candidate) -> Reading {
    match reading {
        Reading::Known(status) => Reading::Known(Status { label: candidate.without(&status.label), ..status.clone() }),
        Reading::Unknown { word } => Reading::Unknown { word: candidate.without(word) },
    }
}
