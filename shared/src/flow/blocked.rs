//! What happens after a failed step: words for the recruiter, trouble on the connection, or just another attempt.

use jiff::{SignedDuration, Timestamp};

use super::blot;
use super::run::{Run, Step};
use crate::connection::ConnectionState;
use crate::error::{Fault, FaultKind};
use crate::order::{Action, Order, RefusedUpdate, State, Status};
use crate::telemetry;

/// How long after an order closed the worker keeps trying to tell an ATS that refuses.
const TELL_AT_MOST: SignedDuration = SignedDuration::from_hours(24 * 7);

/// An ATS may answer "not found" for this long, because it does not know a new order yet; the worker tries again.
const KNOWN_BY: SignedDuration = SignedDuration::from_mins(15);

/// Records a failed step: trouble with a key on the connection, words for the recruiter on the order.
pub(super) async fn blocked(
    run: &mut Run<'_>,
    order: &mut Order,
    action: Action,
    fault: &Fault,
    now: Timestamp,
) -> Result<Step, Fault> {
    tracing::warn!(order_id = %order.id, connection_id = %order.connection, operation = fault.operation,
        fault = fault.kind.name(), detail = fault.detail, "step failed");
    if action == Action::Tell {
        return refused_by_ats(run, order, fault, now).await;
    }
    // The vendor cannot confirm a push about a closed order, so the order stays as it ended.
    let closed = order.status.state.is_closed();
    let for_good = !fault.kind.is_passing() && !waits_for_person(run, fault);
    if closed && for_good && order.drop_questions() && matches!(run.save(order).await?, Step::Stale) {
        return Ok(Step::Stale);
    }
    if let Some(label) = label(action, order, fault, run.connection.title(action.side())).filter(|_| !closed)
        && order.set_status(Status::plain(State::ActionRequired, label), now)
        && matches!(run.save(order).await?, Step::Stale)
    {
        return Ok(Step::Stale);
    }
    Ok(Step::Blocked { passing: fault.kind.is_passing(), after: fault.retry_after })
}

/// Whether a new key or another right would solve it. `ConnectionTrouble` counts that already. On a revoked connection
/// nobody mends either.
fn waits_for_person(run: &Run<'_>, fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::KeyRefused | FaultKind::RightMissing)
        && run.connection.state != ConnectionState::Revoked
}

/// The recruiter's words for a fault that a person has to fix; `None` for faults that pass or have words already.
fn label(action: Action, order: &Order, fault: &Fault, side: &str) -> Option<String> {
    match (action, fault.kind) {
        (_, FaultKind::KeyRefused) => {
            Some(format!("{side} refused Crosscheck's key; your Crosscheck administrator has to replace it"))
        }
        (_, FaultKind::RightMissing) => Some(format!(
            "Ask your Crosscheck administrator: {side} does not let Crosscheck {}: {}",
            action.words(),
            blot::said(order, fault)
        )),
        (Action::Ask, FaultKind::NotFound) => Some(format!(
            "{side} no longer has this check. Look in its portal; if it is gone, cancel here and order anew"
        )),
        (Action::Complete, FaultKind::NotFound | FaultKind::DataRefused | FaultKind::NotAllowed) => {
            Some(format!("{side} does not let Crosscheck read this candidate's record"))
        }
        (_, FaultKind::NotAllowed) => Some(format!(
            "{side} refuses Crosscheck access to this check{}. Look in {side}",
            blot::in_its_words(order, fault)
        )),
        (_, FaultKind::Forbidden) => Some(format!("The address of {side} may not be called; check the connection")),
        _ => None,
    }
}

/// The ATS refuses the update. The order's history says so, each sync tries again, and the worker gives up a week after
/// the order closed.
async fn refused_by_ats(run: &Run<'_>, order: &mut Order, fault: &Fault, now: Timestamp) -> Result<Step, Fault> {
    // The worker was faster than the door's answer, so the ATS does not know the order's id yet.
    let early =
        fault.kind == FaultKind::NotFound && now.duration_since(order.placed_at.unwrap_or(order.created_at)) < KNOWN_BY;
    let blocked = Step::Blocked { passing: fault.kind.is_passing() || early, after: fault.retry_after };
    if fault.kind.is_passing() || early {
        return Ok(blocked);
    }
    let line = format!("{} did not take the update: {}", run.connection.ats.title(), fault.detail);
    let for_good = !waits_for_person(run, fault);
    let over = for_good && order.closed_at.is_some_and(|at| now.duration_since(at) > TELL_AT_MOST);
    if over {
        order.told(order.version);
    }
    let refused = Some(RefusedUpdate { version: order.version, detail: fault.detail.clone() });
    if over || order.refused_update != refused {
        if for_good && !over {
            telemetry::count("AtsRefused");
        }
        order.refused_update = refused.filter(|_| !over);
        order.note(now, line);
        if matches!(run.save(order).await?, Step::Stale) {
            return Ok(Step::Stale);
        }
    }
    Ok(blocked)
}
