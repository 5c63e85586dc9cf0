//! Calls to the endpoints that the vendor hosts for Ashby.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Dialect, Receipt, wire};
use crate::account::Account;
use crate::ats::ashby::envelope;
use crate::connection::Catalogue;
use crate::error::{Fault, FaultKind};
use crate::order::{Candidate, Order, Reading, State, Status};
use crate::outbound::Reply;
use crate::vendor::Stopped;

/// `assessment.list`.
pub(super) async fn catalogue(account: &Account<'_>) -> Result<Catalogue, Fault> {
    let operation = "assessment.list";
    let reply = post(account, operation, json!({})).await?;
    let results = envelope::read(operation, &reply)?;
    wire::catalogue(&results).ok_or_else(|| Fault::new(FaultKind::Unexpected, operation, "no list of assessments"))
}

/// `assessment.start`: the paid step. A success without `assessment_id` may have been paid for.
pub(super) async fn place(
    dialect: &Dialect,
    account: &Account<'_>,
    order: &Order,
    candidate: &Candidate,
) -> Result<Receipt, Fault> {
    let operation = "assessment.start";
    let reply = post(account, operation, wire::start(order, candidate)).await?;
    let results = envelope::read(operation, &reply)?;
    receipt(dialect, candidate, &results)
        .ok_or_else(|| Fault::new(FaultKind::Unexpected, operation, "a success without assessment_id"))
}

/// The vendor's id, and its first status where it sends one along.
fn receipt(dialect: &Dialect, candidate: &Candidate, results: &Value) -> Option<Receipt> {
    let vendor_ref = wire::id(results.get("assessment_id")?)?;
    let first = update(results, &vendor_ref);
    let status = match first.and_then(|update| wire::reading(dialect.facts.words, update)) {
        Some(Reading::Known(status)) => Status { label: candidate.without(&status.label), ..status },
        Some(Reading::Unknown { word }) => Status::plain(State::Ordered, candidate.without(&word)),
        None => Status::plain(State::Ordered, "Placed with the vendor"),
    };
    Some(Receipt { vendor_ref, invitation: None, profile_url: first.and_then(wire::link), status })
}

/// The update that an answer brings along, unless it is about another assessment.
fn update<'r>(results: &'r Value, vendor_ref: &str) -> Option<&'r Value> {
    let update = results.get("update_request")?;
    let about = update.get("assessment_id").and_then(wire::id);
    about.is_none_or(|about| about == vendor_ref).then_some(update)
}

/// `assessment.cancel`, which vendors need not host. Its answer may bring a last update: the check was over already,
/// say.
pub(super) async fn cancel(dialect: &Dialect, account: &Account<'_>, vendor_ref: &str) -> Result<Stopped, Fault> {
    let operation = "assessment.cancel";
    let reply = post(account, operation, json!({ "assessment_id": vendor_ref })).await?;
    if matches!(reply.status, StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED) {
        return Ok(Stopped::Refused);
    }
    match envelope::read(operation, &reply) {
        Ok(results) => {
            let update = update(&results, vendor_ref);
            let last_word = update.and_then(|update| wire::report(dialect.facts.words, update, vendor_ref.to_owned()));
            Ok(Stopped::Yes { last_word: last_word.map(Box::new) })
        }
        // It will not, whatever its reason: the recruiter has to stop it there.
        Err(fault) if matches!(fault.kind, FaultKind::NotFound | FaultKind::DataRefused | FaultKind::Duplicate) => {
            Ok(Stopped::Refused)
        }
        Err(fault) => Err(fault),
    }
}

async fn post(account: &Account<'_>, operation: &'static str, body: Value) -> Result<Reply, Fault> {
    envelope::post(account, operation, body, "application/json").await
}

#[cfg(test)]
mod tests {
    use super::super::ASHBY_PARTNER;
    use super::super::wire::tests::order;
    use super::*;

    fn read(results: &Value) -> Option<Receipt> {
        receipt(&ASHBY_PARTNER, &order().candidate.expect("a candidate"), results)
    }

    #[test]
    fn a_receipt_needs_an_assessment_id_and_nothing_else() {
        assert_eq!(read(&json!({})), None);
        let plain = read(&json!({ "assessment_id": "a-1" })).expect("a receipt");
        assert_eq!((plain.vendor_ref.as_str(), plain.status.state), ("a-1", State::Ordered));
        assert_eq!(read(&json!({ "assessment_id": 7 })).map(|r| r.vendor_ref).as_deref(), Some("7"));
    }

    #[test]
    fn the_first_update_is_taken_from_the_answer() {
        let with =
            |update: Value| read(&json!({ "assessment_id": "a-1", "update_request": update })).expect("a receipt");
        let invited = with(json!({
            "assessment_id": "a-1",
            "assessment_status": { "value": "Invited" },
            "assessment_profile_url": { "type": "url", "value": "https://vendor.example/1" },
        }));
        assert_eq!(invited.status, Status::plain(State::AwaitingCandidate, "Invited"));
        assert_eq!(invited.profile_url.as_deref(), Some("https://vendor.example/1"));
        let odd = with(json!({ "assessment_status": { "value": "Mail to asha@example.com" } }));
        assert_eq!(odd.status, Status::plain(State::Ordered, "Mail to …"));
        let another = with(json!({ "assessment_id": "a-2", "assessment_status": { "value": "Completed" } }));
        assert_eq!(another.status.state, State::Ordered);
    }
}
