//! What is asked of Checkr's API: order, look up, ask, cancel.

use jiff::SignedDuration;
use serde_json::Value;

use super::callback::{OF_INVITATION, OF_REPORT, notice};
use super::location::{Location, US, is_abroad};
use super::road::{Said, create, delete, get, list};
use super::{Found, NODE, Notice, Receipt, Stopped, own, person, wire};
use crate::account::Account;
use crate::connection::Catalogue;
use crate::error::{Fault, FaultKind};
use crate::order::{Candidate, Order, OrderId, Reading, Report, State};

/// How old an order may be to be taken for one that Checkr still takes twice as one. A key lives for a day; half of it
/// is left for the repetition itself.
const KEY_IS_FRESH: SignedDuration = SignedDuration::from_hours(12);

/// `GET /packages`. A work location that cannot be read is told here already, when the connection is made.
pub(super) async fn catalogue(account: &Account<'_>) -> Result<Catalogue, Fault> {
    let operation = "GET /packages";
    Location::of(account).map_err(|why| Fault::new(FaultKind::DataRefused, operation, why))?;
    let (entries, _) = list(account, operation, "packages").await?;
    let packages = entries.iter().filter_map(wire::package).collect();
    Ok(Catalogue { packages, credit: None, needs_phone: false, needs_email: true })
}

/// Creates the candidate, who costs nothing, then the invitation: the paid step. Both keys come from the order's id
/// alone, so that a repetition within a day gets the first answer, whatever was mended meanwhile.
pub(super) async fn place(account: &Account<'_>, order: &Order, candidate: &Candidate) -> Result<Receipt, Fault> {
    let first = "POST /candidates";
    let refused = |why: String| Fault::new(FaultKind::DataRefused, first, "not sent").said(Some(why));
    let location = Location::of(account).map_err(refused)?;
    let country = location.as_ref().map_or(US, Location::country);
    let body = wire::candidate(order, &person::read(candidate, country).map_err(refused)?, location.as_ref());
    let made = create(account, first, "candidates", body, &format!("{}-candidate", order.id)).await;
    let made = made.map_err(before_the_order)?;
    let unnamed = || Fault::new(FaultKind::Unexpected, first, "an answer without id").not_sent();
    let candidate_id = made.get("id").and_then(wire::id).ok_or_else(unnamed)?;

    let second = "POST /invitations";
    let node = account.option(NODE).map(str::trim).filter(|node| !node.is_empty());
    let body = wire::invitation(order, &candidate_id, location.as_ref(), node);
    let made = create(account, second, "invitations", body, &format!("{}-invitation", order.id)).await;
    let made = made.map_err(in_doubt)?;
    let unnamed = || Fault::new(FaultKind::Unexpected, second, "an answer without id");
    let invitation = made.get("id").and_then(wire::id).ok_or_else(unnamed)?;
    // A kept answer may be about the candidate of an earlier attempt.
    let vendor_ref = made.get("candidate_id").and_then(wire::id).unwrap_or(candidate_id);
    let receipt = Holder::of_invitation(&made, second)?.into_receipt(vendor_ref);
    Ok(Receipt { invitation: Some(invitation), ..receipt })
}

/// Without an invitation nothing is bought. A key that is still being worked on passes by itself.
fn before_the_order(mut fault: Fault) -> Fault {
    if fault.kind == FaultKind::Duplicate && fault.words().to_ascii_lowercase().contains("idempotency") {
        fault.kind = FaultKind::Down;
    }
    fault.not_sent()
}

/// A 409 to an invitation means that the same request is still being worked on, so its outcome is not known.
fn in_doubt(fault: Fault) -> Fault {
    match fault.kind {
        FaultKind::Duplicate => Fault { kind: FaultKind::NoAnswer, maybe_done: true, ..fault },
        _ => fault,
    }
}

/// Where a check stands, as its report or its newest invitation shows it.
struct Holder {
    reading: Reading,
    /// What a word that nobody knows is taken for when the order is adopted.
    otherwise: State,
}

impl Holder {
    fn of_invitation(object: &Value, operation: &'static str) -> Result<Self, Fault> {
        let reading = wire::invitation_reading(object).ok_or_else(|| without_status(operation))?;
        Ok(Self { reading, otherwise: State::AwaitingCandidate })
    }

    fn of_report(object: &Value) -> Result<Self, Fault> {
        let reading = wire::report_reading(object).ok_or_else(|| without_status("GET /reports/{id}"))?;
        Ok(Self { reading, otherwise: State::InProgress })
    }

    fn into_receipt(self, vendor_ref: String) -> Receipt {
        let status = wire::status_of(self.reading, self.otherwise);
        Receipt { vendor_ref, invitation: None, profile_url: None, status }
    }
}

fn without_status(operation: &'static str) -> Fault {
    Fault::new(FaultKind::Unexpected, operation, "an answer without status")
}

/// Looks for the candidate that carries our order's id, and for what was ordered for them.
///
/// Lists leave out whoever works outside the US. For them an empty list proves nothing, and only an order that is still
/// young enough for its idempotency keys is taken for one that can be repeated.
pub(super) async fn find(account: &Account<'_>, order: &Order) -> Result<Found, Fault> {
    let ours = order.id.to_string();
    let (candidates, now) = list(account, "GET /candidates", &format!("candidates?custom_id={ours}")).await?;
    for candidate in candidates.iter().filter(|one| wire::text(one, "custom_id") == Some(ours.as_str())) {
        let Some(vendor_ref) = candidate.get("id").and_then(wire::id) else { continue };
        if let Some(standing) = standing(account, order, candidate, &vendor_ref).await? {
            return Ok(Found::Ours { receipt: standing.into_receipt(vendor_ref), proved: true });
        }
    }
    let is_fresh = now.is_some_and(|now| now.duration_since(order.created_at) < KEY_IS_FRESH);
    Ok(match (is_abroad(account), is_fresh) {
        (false, _) => Found::Absent,
        (true, true) => Found::Repeatable,
        (true, false) => Found::Unknowable,
    })
}

/// Reads the candidate, then the order's own report or, before there is one, its newest invitation. A US invitation that is
/// on no list was deleted. One abroad is on no list, so it is read by its id; without that nobody can say.
pub(super) async fn ask(account: &Account<'_>, order: &Order) -> Result<Option<Report>, Fault> {
    let vendor_ref = order.placement.vendor_ref().unwrap_or_default();
    let candidate = candidate(account, vendor_ref).await?;
    let reading = match standing(account, order, &candidate, vendor_ref).await? {
        Some(standing) => standing.reading,
        None if is_abroad(account) => return Ok(None),
        None => {
            let gone = serde_json::json!({ "status": "deleted" });
            wire::invitation_reading(&gone).ok_or_else(|| without_status("GET /invitations"))?
        }
    };
    let vendor_ref = Some(vendor_ref.to_owned());
    Ok(Some(Report { vendor_ref, ..Report::saying(reading) }))
}

/// Whom the object of a thin event is about, read by its id: the address that the event gives is not followed. `None`
/// for what this account does not have.
pub(super) async fn learn(account: &Account<'_>, of: &str) -> Result<Option<Notice>, Fault> {
    let found = match of.split_once('/') {
        Some((OF_REPORT, id)) if wire::is_id(id) => get(account, "GET /reports/{id}", &format!("reports/{id}")).await,
        Some((OF_INVITATION, id)) if wire::is_id(id) => invitation(account, id).await,
        _ => return Ok(None),
    };
    let about = of.split('/').next().unwrap_or_default();
    let Some(said) = if_found(found)? else { return Ok(None) };
    // Checkr has it, so it is somebody's: an answer that does not say whose is asked for again.
    let unclear = || Fault::new(FaultKind::Unexpected, "GET of an event's object", "an answer without candidate_id");
    notice(about, &said.body).map(Some).ok_or_else(unclear)
}

/// Whose candidate it is, by the id that Crosscheck gave it. `None` for a candidate of somebody else.
pub(super) async fn whose(account: &Account<'_>, vendor_ref: &str) -> Result<Option<OrderId>, Fault> {
    if !wire::is_id(vendor_ref) {
        return Ok(None);
    }
    match candidate(account, vendor_ref).await {
        Ok(candidate) => Ok(wire::text(&candidate, "custom_id").and_then(|id| id.parse().ok())),
        Err(fault) if fault.kind == FaultKind::NotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// What was read, or `None` where the account does not have it.
pub(super) fn if_found(said: Result<Said, Fault>) -> Result<Option<Said>, Fault> {
    match said {
        Err(fault) if fault.kind == FaultKind::NotFound => Ok(None),
        said => said.map(Some),
    }
}

/// One invitation, one that was deleted included.
pub(super) async fn invitation(account: &Account<'_>, id: &str) -> Result<Said, Fault> {
    get(account, "GET /invitations/{id}", &format!("invitations/{id}?include_deleted=true")).await
}

/// `GET /candidates/{id}`.
async fn candidate(account: &Account<'_>, vendor_ref: &str) -> Result<Value, Fault> {
    get(account, "GET /candidates/{id}", &format!("candidates/{vendor_ref}")).await.map(|said| said.body)
}

async fn standing(
    account: &Account<'_>,
    order: &Order,
    candidate: &Value,
    vendor_ref: &str,
) -> Result<Option<Holder>, Fault> {
    let invitations = own::invitations(account, order, vendor_ref).await?;
    if let Some(report) = own::report(account, order, candidate, &invitations, "").await? {
        return Holder::of_report(&report).map(Some);
    }
    let newest = wire::newest(invitations);
    newest.map(|one| Holder::of_invitation(&one, "GET /invitations")).transpose()
}

/// The order's own report, with what `query` asks to be embedded.
pub(super) async fn report(account: &Account<'_>, order: &Order, query: &str) -> Result<Option<Value>, Fault> {
    let vendor_ref = order.placement.vendor_ref().unwrap_or_default();
    let candidate = candidate(account, vendor_ref).await?;
    let invitations = own::invitations(account, order, vendor_ref).await?;
    own::report(account, order, &candidate, &invitations, query).await
}

/// Cancels the order's own pending invitations; those of somebody else in the account go on. Nothing is stopped when there is none: a report that has begun is
/// stopped in the dashboard, where a person sees what is already done and paid for.
pub(super) async fn cancel(account: &Account<'_>, order: &Order) -> Result<Stopped, Fault> {
    let vendor_ref = order.placement.vendor_ref().unwrap_or_default();
    let mut stopped = Stopped::Refused;
    // What failed before anything was asked for has stopped nothing.
    for invitation in own::invitations(account, order, vendor_ref).await.map_err(Fault::not_sent)? {
        let reading = wire::invitation_reading(&invitation);
        let is_open = matches!(reading, Some(Reading::Known(status)) if status.state == State::AwaitingCandidate);
        let Some(id) = invitation.get("id").and_then(wire::id).filter(|_| is_open) else { continue };
        match delete(account, "DELETE /invitations/{id}", &format!("invitations/{id}")).await {
            Ok(()) => stopped = Stopped::Yes { last_word: None },
            // Cancelled by somebody else a moment ago.
            Err(fault) if fault.kind == FaultKind::NotFound => stopped = Stopped::Yes { last_word: None },
            // The candidate handed the form in a moment ago.
            Err(fault) if fault.kind == FaultKind::DataRefused => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(stopped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_fails_before_the_invitation_may_have_been_bought() {
        for kind in [FaultKind::NoAnswer, FaultKind::Down, FaultKind::Unexpected, FaultKind::DataRefused] {
            let fault = before_the_order(Fault::new(kind, "POST /candidates", ""));
            assert_eq!((fault.kind, fault.maybe_done), (kind, false));
        }
    }

    #[test]
    fn a_409_is_a_duplicate_a_key_at_work_or_an_open_question() {
        let conflict = |words: &str| Fault::new(FaultKind::Duplicate, "x", "HTTP 409").said(Some(words.to_owned()));
        assert_eq!(before_the_order(conflict("Duplicate candidate detected")).kind, FaultKind::Duplicate);
        let at_work = before_the_order(conflict("A request with the same Idempotency key is being processed"));
        assert_eq!((at_work.kind, at_work.maybe_done), (FaultKind::Down, false));
        let open = in_doubt(conflict("A request with the same idempotency key is being processed"));
        assert_eq!((open.kind, open.maybe_done), (FaultKind::NoAnswer, true));
        assert!(!in_doubt(Fault::new(FaultKind::DataRefused, "x", "HTTP 400")).maybe_done);
    }
}
