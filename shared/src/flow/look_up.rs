//! Finds out whether an unclear attempt to buy reached the vendor, or asks a person.

use jiff::{SignedDuration, Timestamp};

use super::blot;
use super::purchase::{bought, ended};
use super::run::{Run, Step};
use super::step::STEP_PATIENCE;
use crate::error::{Fault, FaultKind};
use crate::order::{Cancellation, Candidate, Order, Placement, State, Status};
use crate::telemetry;
use crate::vendor::Found;

/// How long after an unclear attempt a vendor that does not answer look-ups is waited for before a person is asked. The
/// sync goes on looking.
const LOOK_UP_AT_MOST: SignedDuration = SignedDuration::from_hours(1);

/// What a look-up came to.
pub(super) enum LookedUp {
    /// The result is recorded.
    Settled(Step),
    /// Nobody can tell, and the vendor takes the same order twice as one.
    SendAgain,
}

/// Finds out whether an unclear attempt reached the vendor.
pub(super) async fn look_up(run: &mut Run<'_>, order: &mut Order, now: Timestamp) -> Result<LookedUp, Fault> {
    let Some(candidate) = order.candidate.clone() else {
        return Ok(LookedUp::Settled(Step::Blocked { passing: false, after: None }));
    };
    let since = order.placement.tried_since().unwrap_or(now);
    let vendor = run.connection.vendor;
    let step = match find(run, order, &candidate, since, now).await? {
        Found::Ours { receipt, .. } => {
            let receipt = blot::receipt(order, vendor, receipt);
            order.note(now, "found at the vendor and adopted, not bought again");
            bought(order, &receipt, now);
            run.save(order).await?
        }
        Found::Repeatable if order.is_cancelling() => {
            doubtful(run, order, "did not confirm that it got this order", since, now).await?
        }
        Found::Absent | Found::Repeatable if now.duration_since(since) < vendor.facts().settle => {
            let left = vendor.facts().settle.saturating_sub(now.duration_since(since));
            Step::Blocked { passing: true, after: Some(left.unsigned_abs()) }
        }
        Found::Repeatable => return Ok(LookedUp::SendAgain),
        Found::Absent => {
            order.note(now, "the vendor shows that nothing was placed");
            ended(order, Placement::NotPlaced, None, now);
            run.save(order).await?
        }
        Found::Doubtful { vendor_ref } => {
            let what = format!(
                "has candidate {vendor_ref} with this e-mail address, phone number or name, which may be another check"
            );
            doubtful(run, order, &what, since, now).await?
        }
        Found::Unknowable => {
            let what = "did not confirm that it got this order";
            doubtful(run, order, what, since, now).await?
        }
    };
    Ok(LookedUp::Settled(step))
}

/// What the vendor shows. A look-up that cannot finish shows nothing, however often it is repeated, so that a person is
/// asked; whoever cancels does not wait for a vendor that refuses to look.
async fn find(
    run: &Run<'_>,
    order: &Order,
    candidate: &Candidate,
    since: Timestamp,
    now: Timestamp,
) -> Result<Found, Fault> {
    let account = run.vendor_account();
    let looking = run.connection.vendor.connector().find(&account, order, candidate);
    let fault = match tokio::time::timeout(STEP_PATIENCE, looking).await {
        Ok(Ok(Found::Ours { receipt, proved: false })) if is_anothers(run, order, &receipt.vendor_ref).await? => {
            return Ok(Found::Absent);
        }
        Ok(Ok(Found::Doubtful { vendor_ref })) if is_anothers(run, order, &vendor_ref).await? => {
            return Ok(Found::Absent);
        }
        Ok(Ok(found)) => return Ok(found),
        Ok(Err(fault)) if fault.kind == FaultKind::Platform => return Err(fault),
        Ok(Err(fault)) => fault,
        Err(_) => return Ok(Found::Unknowable),
    };
    let is_over = now.duration_since(since) > LOOK_UP_AT_MOST;
    let is_hopeless = if fault.kind.is_passing() { is_over } else { order.is_cancelling() };
    if !is_hopeless {
        return Err(fault);
    }
    tracing::warn!(order_id = %order.id, fault = %fault, "the look-up does not finish");
    Ok(Found::Unknowable)
}

/// Whether another order of this connection has this check: the same person may be checked twice, with two packages. Then
/// an entry that only looks like ours is not.
async fn is_anothers(run: &Run<'_>, order: &Order, vendor_ref: &str) -> Result<bool, Fault> {
    let holder = run.worker.services.store.order_of_vendor_ref(&order.connection, vendor_ref).await?;
    Ok(holder.is_some_and(|holder| holder != order.id))
}

/// Only a person can tell whether the vendor has this order. Nothing is bought until then. A recruiter who cancels ends
/// the order.
pub(super) async fn doubtful(
    run: &Run<'_>,
    order: &mut Order,
    what: &str,
    since: Timestamp,
    now: Timestamp,
) -> Result<Step, Fault> {
    telemetry::count("OutcomeUnknown");
    let vendor = run.connection.vendor.title();
    let before = order.clone();
    if order.is_cancelling() {
        order.cancellation = Cancellation::None;
        order.placement = Placement::NotPlaced;
        let label = format!("Cancelled. {vendor} {what}, so look in its portal whether it started a check");
        order.set_status(Status::plain(State::Cancelled, label), now);
    } else {
        order.placement = Placement::Unknown { since };
        let label = format!(
            "{vendor} {what}: look in its portal. To order anew, cancel and start again. Crosscheck does not order again \
             until this is clear"
        );
        order.set_status(Status::plain(State::ActionRequired, label), now);
    }
    if *order != before && matches!(run.save(order).await?, Step::Stale) {
        return Ok(Step::Stale);
    }
    Ok(Step::Blocked { passing: false, after: None })
}
