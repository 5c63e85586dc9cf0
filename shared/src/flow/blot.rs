//! Removes the candidate's data from a vendor's words. Free words may quote it, and labels are kept longer than the
//! data.

use crate::error::Fault;
use crate::order::{Candidate, Order, Reading, Report};
use crate::vendor::{Receipt, VendorKind};

/// A report whose words may be kept.
pub(super) fn report(order: &Order, vendor: VendorKind, report: Report) -> Report {
    let mut report = report;
    match &mut report.reading {
        Reading::Known(status) => blot(order, vendor, &mut status.label),
        Reading::Unknown { word } => blot(order, vendor, word),
    }
    for detail in &mut report.details {
        blot(order, vendor, &mut detail.label);
        // An address would lead nowhere without a number that only looks like a telephone's.
        if !detail.is_link() {
            blot(order, vendor, &mut detail.value);
        }
    }
    report
}

/// A receipt whose words may be kept.
pub(super) fn receipt(order: &Order, vendor: VendorKind, receipt: Receipt) -> Receipt {
    let mut receipt = receipt;
    blot(order, vendor, &mut receipt.status.label);
    receipt
}

/// Keeps words of the vendor's table as they are. If the candidate's data is gone, their name is not known any more;
/// addresses and numbers are still removed.
fn blot(order: &Order, vendor: VendorKind, words: &mut String) {
    if vendor.facts().words.iter().any(|row| row.word.eq_ignore_ascii_case(words)) {
        return;
    }
    let gone = Candidate { first_name: String::new(), last_name: String::new(), email: String::new(), phone: None };
    *words = order.candidate.as_ref().unwrap_or(&gone).without(words);
}

/// The other side's own words, without the candidate's data and behind a colon; nothing where there are none, or where
/// that data is forgotten. A code of ours tells a recruiter nothing.
pub(super) fn in_its_words(order: &Order, fault: &Fault) -> String {
    let words = fault.said.as_ref().filter(|words| !words.trim().is_empty());
    let kept = order.candidate.as_ref().zip(words).map(|(candidate, words)| candidate.without(words));
    kept.map_or_else(String::new, |words| format!(": {words}"))
}

/// What the other side said with this fault, without the candidate's data; only its code once that data is forgotten.
pub(super) fn said(order: &Order, fault: &Fault) -> String {
    order.candidate.as_ref().map_or_else(|| fault.detail.clone(), |candidate| candidate.without(fault.words()))
}
