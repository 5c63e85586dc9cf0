//! A cancellation at the vendor: asks the vendor to stop, asks where the check stands then, and records both.

use jiff::Timestamp;

use super::blot;
use super::run::{Run, Step};
use crate::error::{Fault, FaultKind};
use crate::order::{Cancellation, Order, Report, State, Status};
use crate::vendor::Stopped;

/// Asks the vendor to stop and records what came of it.
pub(super) async fn cancel(run: &Run<'_>, order: &mut Order, now: Timestamp) -> Result<Step, Fault> {
    let vendor = run.connection.vendor;
    let was_asked = order.cancellation == Cancellation::Unclear;
    let Some(stopped) = stop(run, order, was_asked).await? else { return Ok(Step::Stale) };
    let asked = vendor.connector().ask(&run.vendor_account(), order).await;
    let title = vendor.title();
    let cancelled = end(&stopped, &asked, title);
    // The vendor may refuse because an earlier call stopped the check already. Nobody can ask it, so a person has to
    // look.
    let unclear = was_asked && matches!(asked, Ok(None));
    let answered = asked.ok().flatten();
    let last_word = match &stopped {
        Stopped::Yes { last_word } if answered.is_none() => last_word.as_deref(),
        _ => None,
    };
    let apply = |o: &mut Order| {
        o.cancellation = Cancellation::None;
        let kept = |report: &Report| blot::report(o, vendor, report.clone());
        match (answered.as_ref().map(kept), last_word.map(kept)) {
            (Some(answer), _) => drop(o.believe(answer, now)),
            (None, Some(last_word)) => drop(o.take_push(last_word, now)),
            (None, None) => {}
        }
        // A report that came meanwhile counts: a closed check is not cancelled any more.
        match &cancelled {
            _ if o.status.state.is_closed() => {}
            Some(label) => drop(o.set_status(Status::plain(State::Cancelled, label.as_str()), now)),
            None if stopped == Stopped::Refused => drop(o.set_status(not_stopped(o, title, unclear), now)),
            None => {
                o.note(now, "the vendor was asked to stop");
                o.ask_vendor();
            }
        }
    };
    run.record(order, apply).await
}

/// Asks the vendor to stop; `None` when somebody else wrote the order meanwhile. That it is asked is written before the
/// call, as with a purchase: a worker that dies in between leaves an order of which it is known that the vendor may have
/// stopped it.
async fn stop(run: &Run<'_>, order: &mut Order, was_asked: bool) -> Result<Option<Stopped>, Fault> {
    if !was_asked && matches!(leave(run, order, Cancellation::Unclear).await?, Step::Stale) {
        return Ok(None);
    }
    let answer = run.connection.vendor.connector().cancel(&run.vendor_account(), order).await;
    // This call certainly stopped nothing, and there was none before it.
    if answer.as_ref().is_err_and(|fault| !fault.maybe_done) && !was_asked {
        leave(run, order, Cancellation::Requested).await?;
    }
    answer.map(Some)
}

/// Writes how far the cancellation is.
async fn leave(run: &Run<'_>, order: &mut Order, cancellation: Cancellation) -> Result<Step, Fault> {
    order.cancellation = cancellation;
    run.save(order).await
}

/// The words for a check that is over by what the vendor answered to the cancellation and to the question after it.
fn end(stopped: &Stopped, asked: &Result<Option<Report>, Fault>, vendor: &str) -> Option<String> {
    match asked {
        Err(fault) if fault.kind == FaultKind::NotFound => Some(format!("Cancelled; {vendor} no longer has it")),
        // A vendor that cannot be asked may say nothing more after it accepted.
        Ok(None) if *stopped != Stopped::Refused => Some(format!("Cancelled; {vendor} accepted that")),
        _ => None,
    }
}

/// The status after the vendor refused to stop. `unclear`: an earlier call may have stopped the check.
fn not_stopped(order: &Order, vendor: &str, unclear: bool) -> Status {
    if unclear {
        let label = format!(
            "{vendor} did not say whether it stops the check: look in its portal. If it has, your Crosscheck \
             administrator can close the order"
        );
        return Status::plain(State::ActionRequired, label);
    }
    let label = format!("Cancellation requested: Crosscheck cannot stop this check, so stop it in the {vendor} portal");
    Status { label, ..order.status.clone() }
}
