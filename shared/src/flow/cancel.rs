//! A cancellation at the vendor: what it answers, what it says of the check then, and what of both may be believed.

use jiff::Timestamp;

use super::blot;
use super::step::{Desks, Step};
use crate::error::{Fault, FaultKind};
use crate::order::{Cancellation, Order, State, Status};
use crate::vendor::Stopped;

/// Asks the vendor to stop and records what came of it.
pub(super) async fn cancel(desks: &Desks<'_>, order: &mut Order, now: Timestamp) -> Result<Step, Fault> {
    let vendor = desks.connection.vendor;
    let vendor_ref = order.placement.vendor_ref().unwrap_or_default().to_owned();
    let answer = vendor.connector().cancel(&desks.vendor_link(), &vendor_ref).await;
    if answer.as_ref().is_err_and(|fault| fault.maybe_done) && order.cancellation != Cancellation::Unclear {
        order.cancellation = Cancellation::Unclear;
        if matches!(desks.save(order).await?, Step::Stale) {
            return Ok(Step::Stale);
        }
    }
    let stopped = answer?;
    let asked = vendor.connector().ask(&desks.vendor_link(), &vendor_ref).await;
    let cancelled = cancelled(vendor.title(), &stopped, &asked, order.cancellation);
    let refused =
        format!("Cancellation asked for: stop it in the {0} portal, it cannot be stopped from here", vendor.title());
    let last_word = match (asked, &stopped) {
        (Ok(Some(report)), _) => Some(report),
        (_, Stopped::Yes { last_word }) => last_word.as_deref().cloned(),
        (_, Stopped::No) => None,
    };
    let apply = |o: &mut Order| {
        o.cancellation = Cancellation::NotAsked;
        if let Some(report) = &last_word {
            let report = blot::report(o, vendor, report.clone());
            o.take(report, now);
        }
        // Whatever was reported meanwhile stands: a check that is over is not cancelled any more.
        match &cancelled {
            _ if o.status.state.is_closed() => {}
            Some(label) => drop(o.stand(Status::plain(State::Cancelled, label.as_str()), now)),
            None if stopped == Stopped::No => {
                o.stand(Status { label: refused.clone(), ..o.status.clone() }, now);
            }
            None => {
                o.note(now, "the vendor was asked to stop");
                o.ask = true;
            }
        }
    };
    desks.record(order, apply).await
}

/// The label of an order that is over with this; `None` while the vendor may go on with it.
fn cancelled<T>(
    vendor: &str,
    stopped: &Stopped,
    asked: &Result<Option<T>, Fault>,
    tried: Cancellation,
) -> Option<String> {
    match asked {
        Err(fault) if fault.kind == FaultKind::NotFound => Some(format!("Cancelled; {vendor} no longer has it")),
        // A vendor that cannot be asked may never say more than that it accepted.
        Ok(None) if *stopped != Stopped::No => Some(format!("Cancelled; {vendor} accepted that")),
        // It refuses to stop what an earlier call may have stopped already.
        Ok(None) if tried == Cancellation::Unclear => {
            Some(format!("Cancelled; {vendor} did not confirm it, so look in its portal whether the check goes on"))
        }
        _ => None,
    }
}
