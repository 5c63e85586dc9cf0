//! The paid step and what follows when its outcome is not clear.

use jiff::{SignedDuration, Timestamp};

use super::blocked::blocked;
use super::blot;
use super::look_up::doubtful;
use super::refusal::settled;
use super::run::{Run, Step};
use super::step::STEP_PATIENCE;
use crate::error::{Fault, FaultKind};
use crate::order::{Action, Candidate, NotOrdered, Order, Placement, State, Status};
use crate::vendor::{Found, Receipt};

/// How long a worker may take to place an order; longer than the call itself. After that, assume that the worker died.
const LEASE: SignedDuration = SignedDuration::from_secs(45);

/// Orders again, right after a look-up that allowed it. A cancellation that was written meanwhile comes first.
pub(super) async fn send_again(run: &mut Run<'_>, order: &mut Order) -> Result<Step, Fault> {
    let now = run.worker.services.clock.now();
    order.note(now, "sent again; the vendor takes it as the same order");
    place(run, order, now).await
}

/// The paid step. The order is marked as being placed before the call, and whatever cannot be proved not to have
/// been bought is unknown afterwards.
pub(super) async fn place(run: &mut Run<'_>, order: &mut Order, now: Timestamp) -> Result<Step, Fault> {
    let Some(candidate) = order.candidate.clone() else {
        return Ok(Step::Blocked { passing: false, after: None });
    };
    if run.is_revoked().await? {
        return nothing_more(run, order, now).await;
    }
    // If an earlier attempt may have been carried out, a refusal of this one proves nothing.
    let tried_since = order.placement.tried_since();
    let lease_until = now.checked_add(LEASE).unwrap_or(now);
    order.placement = Placement::Placing { since: tried_since.unwrap_or(now), lease_until };
    if matches!(run.save(order).await?, Step::Stale) {
        return Ok(Step::Stale);
    }
    let vendor = run.connection.vendor;
    let answer = vendor.connector().place(&run.vendor_account(), order, &candidate).await;
    let now = run.worker.services.clock.now();
    match answer {
        Ok(receipt) => {
            let receipt = blot::receipt(order, vendor, receipt);
            let step = run.record(order, |o| bought(o, &receipt, now)).await?;
            run.works(Action::Place).await?;
            Ok(step)
        }
        Err(fault) if fault.kind == FaultKind::Duplicate => duplicate(run, order, &candidate, tried_since, now).await,
        Err(fault) if fault.maybe_done => unclear(run, order, &fault, now).await,
        Err(fault) => not_placed(run, order, fault, tried_since, now).await,
    }
}

/// What the paid call brought is recorded even if somebody wrote in between: a callback that overtook it, or a
/// cancellation. Two different ids would mean two purchases, which only a person can sort out.
pub(super) fn bought(order: &mut Order, receipt: &Receipt, now: Timestamp) {
    match order.placement.vendor_ref() {
        None => {
            order.placed(receipt.vendor_ref.clone(), receipt.profile_url.clone(), receipt.status.clone(), now);
            order.see_invitation(receipt.invitation.as_deref());
        }
        Some(known) if known == receipt.vendor_ref => {
            // The callback that overtook this answer had no page for the candidate.
            let page = order.profile_url.clone().or_else(|| receipt.profile_url.clone());
            order.see_profile(page);
            order.see_invitation(receipt.invitation.as_deref());
        }
        Some(known) => {
            let label = format!("The vendor has two checks for this order, {known} and {}", receipt.vendor_ref);
            order.set_status(Status::plain(State::ActionRequired, label), now);
        }
    }
}

/// Ends an attempt without a purchase, unless a callback has meanwhile proved that there was one.
pub(super) fn ended(order: &mut Order, placement: Placement, status: Option<&Status>, now: Timestamp) {
    if order.placement.vendor_ref().is_some() {
        return;
    }
    let cancelled = order.is_cancelling() && placement == Placement::NotPlaced;
    order.placement = placement;
    if cancelled {
        order.set_status(Status::plain(State::Cancelled, "Cancelled before it reached the vendor"), now);
    } else if let Some(status) = status {
        order.set_status(status.clone(), now);
    }
}

/// Ends an order that the vendor refused at the first attempt, unless a callback has meanwhile proved a purchase.
fn refused(order: &mut Order, why: &NotOrdered, now: Timestamp) {
    ended(order, Placement::NotPlaced, None, now);
    if order.placement == Placement::NotPlaced && !order.status.state.is_closed() {
        order.refuse(why, now);
    }
}

/// Ends an order on a revoked connection that was not placed. If an earlier attempt may have been carried out, only a
/// person can tell.
pub(super) async fn nothing_more(run: &Run<'_>, order: &mut Order, now: Timestamp) -> Result<Step, Fault> {
    if let Some(since) = order.placement.tried_since() {
        let what = "may have got this order before its connection was revoked";
        return doubtful(run, order, what, since, now).await;
    }
    let vendor = run.connection.vendor.title();
    let why = format!("the connection to {vendor} was revoked. Ask your Crosscheck administrator for a new one");
    refused(order, &why.into(), now);
    run.save(order).await
}

/// The check may have been bought. Nothing is bought again until a look-up has found out.
async fn unclear(run: &Run<'_>, order: &mut Order, fault: &Fault, now: Timestamp) -> Result<Step, Fault> {
    tracing::warn!(order_id = %order.id, fault = %fault, "outcome of placing is unknown");
    let since = order.placement.tried_since().unwrap_or(now);
    let vendor = run.connection.vendor.title();
    let label = format!("{vendor} gave no clear answer; Crosscheck is finding out whether the check was placed");
    let status = Status::plain(State::Ordered, label);
    match run.record(order, |o| ended(o, Placement::Unknown { since }, Some(&status), now)).await? {
        // This counts as an attempt, so that a vendor that never answers clearly ends in the dead letters and rings the
        // alarm.
        Step::Done => {
            Ok(Step::Blocked { passing: true, after: Some(run.connection.vendor.facts().settle.unsigned_abs()) })
        }
        other => Ok(other),
    }
}

/// What an order is after an attempt that certainly bought nothing: not placed, unless an earlier one may have. That is
/// then looked up anew before anything is sent again.
fn as_before(tried_since: Option<Timestamp>) -> Placement {
    tried_since.map_or(Placement::NotPlaced, |since| Placement::Unknown { since })
}

/// This attempt certainly bought nothing. The order is tried again, waits for a person, or has failed.
async fn not_placed(
    run: &mut Run<'_>,
    order: &mut Order,
    fault: Fault,
    tried_since: Option<Timestamp>,
    now: Timestamp,
) -> Result<Step, Fault> {
    let fault = match settled(run, order, Action::Place, fault).await {
        Ok(fault) => fault,
        Err(our_own) => {
            // What is certain is recorded all the same: else the order would count as one of unknown fate.
            run.record(order, |o| ended(o, as_before(tried_since), None, now)).await?;
            return Err(our_own);
        }
    };
    let vendor = run.connection.vendor.title();
    let status = fault.as_ref().and_then(|fault| told(order, vendor, fault, tried_since.is_some()));
    match run.record(order, |o| ended(o, as_before(tried_since), status.as_ref(), now)).await? {
        Step::Done if order.status.state.is_closed() => Ok(Step::Done),
        Step::Done => match fault {
            Some(fault) => blocked(run, order, Action::Place, &fault, now).await,
            None => Ok(Step::Again),
        },
        other => Ok(other),
    }
}

/// What the recruiter is told of an attempt that certainly bought nothing. `None` where `blocked` finds the words; it
/// also knows the connection's trouble.
fn told(order: &Order, vendor: &str, fault: &Fault, was_unclear: bool) -> Option<Status> {
    let (state, label) = match fault.kind {
        FaultKind::DataRefused | FaultKind::NotAllowed if was_unclear => return Some(seen_before(vendor)),
        FaultKind::DataRefused => {
            let words = blot::in_its_words(order, fault);
            (State::Failed, format!("{vendor} refused the order{words}. Correct it and start the check again"))
        }
        FaultKind::NotAllowed => {
            let words = blot::in_its_words(order, fault);
            let label = format!("{vendor} does not allow this order{words}. Ask {vendor}, then start the check again");
            (State::Failed, label)
        }
        FaultKind::NotFound => {
            let label = format!(
                "{vendor} does not know this package. Cancel and order another, or ask your Crosscheck administrator to \
                 check the vendor URL"
            );
            (State::ActionRequired, label)
        }
        kind if kind.is_passing() => {
            (State::Ordered, format!("{vendor} does not take orders at the moment; Crosscheck keeps trying"))
        }
        _ => return None,
    };
    Some(Status::plain(state, label))
}

/// The vendor refuses an order that it may have taken before.
fn seen_before(vendor: &str) -> Status {
    let label = format!(
        "{vendor} may have this order already: look in its portal. To order anew, cancel and start again. It gave no \
         clear answer first, then refused the order"
    );
    Status::plain(State::ActionRequired, label)
}

/// The vendor says that it has this candidate already: from an earlier attempt of ours, or from somebody else. If it
/// has no list and refuses the first attempt, the order has failed.
async fn duplicate(
    run: &mut Run<'_>,
    order: &mut Order,
    candidate: &Candidate,
    tried_since: Option<Timestamp>,
    now: Timestamp,
) -> Result<Step, Fault> {
    let vendor = run.connection.vendor;
    let account = run.vendor_account();
    let looking = vendor.connector().find(&account, order, candidate);
    // A look-up that takes too long shows as much as one that fails.
    let late = |_| Err(Fault::new(FaultKind::NoAnswer, "look-up", "took too long in all"));
    let found = tokio::time::timeout(STEP_PATIENCE, looking).await.unwrap_or_else(late);
    let title = vendor.title();
    let end = match found {
        Ok(Found::Ours { receipt, proved: true }) => {
            let receipt = blot::receipt(order, vendor, receipt);
            return run.record(order, |o| bought(o, &receipt, now)).await;
        }
        Ok(Found::Repeatable | Found::Unknowable) if tried_since.is_some() => Ok(seen_before(title)),
        Ok(Found::Repeatable | Found::Unknowable) => {
            let why = format!(
                "{title} is checking this candidate already. Use that check, or start this one again when it is over"
            );
            Err(NotOrdered::Because(why))
        }
        _ => {
            let label = format!(
                "{title} already has a candidate with this e-mail or phone number; nothing was bought. Use that check, or \
                 remove it there"
            );
            Ok(Status::plain(State::ActionRequired, label))
        }
    };
    let apply = |o: &mut Order| match &end {
        Ok(status) => ended(o, as_before(tried_since), Some(status), now),
        Err(why) => refused(o, why, now),
    };
    match run.record(order, apply).await? {
        Step::Done if order.status.state.is_closed() => Ok(Step::Done),
        Step::Done => Ok(Step::Blocked { passing: false, after: None }),
        other => Ok(other),
    }
}
