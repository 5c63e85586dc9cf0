//! One step of the worker: a call to the vendor or the ATS, and its result recorded over what we knew.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Worker;
use super::report_link::report_link;
use crate::config::WorkerConfig;
use crate::connection::Connection;
use crate::error::{Fault, FaultKind};
use crate::order::{Action, Candidate, Order, Placement, SETTLE, State, Status, Taken};
use crate::secrets::StoredKeys;
use crate::store::Saved;
use crate::telemetry;
use crate::vendor::Found;

/// Time for a call of the worker.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long a worker may be at placing before it is taken for dead: longer than the call itself.
const LEASE: SignedDuration = SignedDuration::from_secs(45);

/// An ATS that refuses an update for this long after the order closed is not told any more.
const TELL_AT_MOST: SignedDuration = SignedDuration::from_hours(24 * 7);

/// What a run holds: the worker's tools, the connection and its keys.
pub(super) struct Desks<'a> {
    pub(super) worker: &'a Worker,
    pub(super) connection: Connection,
    pub(super) keys: StoredKeys,
}

/// What became of a step.
pub(super) enum Step {
    /// Recorded.
    Done,
    /// Somebody wrote in between: load the order again.
    Stale,
    /// Not to be tried again in this run.
    Blocked { passing: bool, after: Option<Duration> },
}

/// Does one action and records its result.
pub(super) async fn step(
    desks: &mut Desks<'_>,
    order: &mut Order,
    action: Action,
    now: Timestamp,
) -> Result<Step, Fault> {
    let result = match action {
        Action::Complete => complete(desks, order, now).await,
        Action::Place => return place(desks, order, now).await,
        Action::LookUp => look_up(desks, order, now).await,
        Action::Cancel => cancel(desks, order, now).await,
        Action::Ask => ask(desks, order, now).await,
        Action::Tell => tell(desks, order, now).await,
        Action::Forget => forget(desks, order, now).await,
    };
    match result {
        Ok(step) => Ok(step),
        Err(fault) if fault.kind == FaultKind::Platform => Err(fault),
        Err(fault) => blocked(desks, order, action, &fault, now).await,
    }
}

impl Desks<'_> {
    async fn save(&self, order: &mut Order) -> Result<Step, Fault> {
        Ok(match self.worker.desk.store.save(order, false).await? {
            Saved::Yes => Step::Done,
            Saved::Conflict => Step::Stale,
        })
    }

    fn vendor_link(&self) -> super::Link<'_> {
        self.worker.desk.vendor_link(&self.connection, &self.keys, PATIENCE)
    }

    fn ats_link(&self) -> super::Link<'_> {
        self.worker.desk.ats_link(&self.connection, &self.keys, PATIENCE)
    }

    /// Notes trouble with a key, or that it is over.
    async fn trouble(&mut self, words: Option<String>) -> Result<(), Fault> {
        if self.connection.trouble == words {
            return Ok(());
        }
        self.worker.desk.store.note_trouble(&self.connection.id, words.as_deref()).await?;
        self.connection.trouble = words;
        self.worker.desk.remember(self.connection.clone());
        Ok(())
    }
}

/// Records a failed step: trouble with a key on the connection, words for the recruiter on the order.
async fn blocked(
    desks: &mut Desks<'_>,
    order: &mut Order,
    action: Action,
    fault: &Fault,
    now: Timestamp,
) -> Result<Step, Fault> {
    tracing::warn!(order_id = %order.id, connection_id = %order.connection, operation = fault.operation,
        fault = fault.kind.name(), detail = fault.detail, "step failed");
    let side = match action {
        Action::Complete | Action::Tell => desks.connection.ats.title(),
        _ => desks.connection.vendor.title(),
    };
    if fault.kind == FaultKind::KeyRefused {
        // The key may have been changed a moment ago.
        if let Some(fresh) = desks.worker.desk.secrets.refreshed_keys(&order.connection).await?
            && fresh != desks.keys
        {
            desks.keys = fresh;
            return Ok(Step::Done);
        }
        telemetry::count("ConnectionTrouble");
        let words = format!("{side} refused the key ({})", fault.detail);
        desks.trouble(Some(words)).await?;
    }
    let label = match (action, fault.kind) {
        (Action::Tell, _) => return refused_by_ats(desks, order, fault, now).await,
        (_, FaultKind::KeyRefused) => {
            Some(format!("{side} refused Crosscheck's key; whoever runs Crosscheck has to mend the connection"))
        }
        (Action::Ask, FaultKind::NotFound) => Some(format!("{side} no longer has this check")),
        (Action::Complete, FaultKind::NotFound | FaultKind::DataRefused) => {
            Some(format!("{side} does not let Crosscheck read this candidate's phone number"))
        }
        (_, FaultKind::Forbidden) => Some(format!("The address of {side} may not be called; check the connection")),
        _ => None,
    };
    if let Some(label) = label
        && order.stand(Status::plain(State::ActionRequired, label), now)
        && matches!(desks.save(order).await?, Step::Stale)
    {
        return Ok(Step::Stale);
    }
    Ok(Step::Blocked { passing: fault.kind.is_passing(), after: fault.retry_after })
}

/// The ATS will not have the update: kept in the order's story, tried by each sync, and left a week after closing.
async fn refused_by_ats(desks: &Desks<'_>, order: &mut Order, fault: &Fault, now: Timestamp) -> Result<Step, Fault> {
    let blocked = Step::Blocked { passing: fault.kind.is_passing(), after: fault.retry_after };
    if fault.kind.is_passing() {
        return Ok(blocked);
    }
    let line = format!("{} did not take the update: {}", desks.connection.ats.title(), fault.detail);
    let over = order.closed_at.is_some_and(|at| now.duration_since(at) > TELL_AT_MOST);
    if over {
        order.told(order.version, order.told_at.unwrap_or(now));
    }
    if over || order.history.last().is_none_or(|last| last.text != line) {
        order.note(now, line);
        if matches!(desks.save(order).await?, Step::Stale) {
            return Ok(Step::Stale);
        }
    }
    Ok(blocked)
}

async fn complete(desks: &mut Desks<'_>, order: &mut Order, now: Timestamp) -> Result<Step, Fault> {
    let (ats, vendor) = (desks.connection.ats, desks.connection.vendor);
    let contact = ats.connector().contact(&desks.ats_link(), &order.reference).await?;
    let needed = format!("Add a phone number to the candidate in {}; Crosscheck looks again every hour", ats.title());
    let Some(candidate) = &order.candidate else { return Ok(Step::Blocked { passing: false, after: None }) };
    let completed = Candidate { phone: contact.phone.clone(), ..candidate.clone() };
    let catalogue = desks.connection.catalogue.clone();
    let wrong = catalogue.and_then(|c| vendor.connector().preflight(&completed, &c).err());
    match (contact.phone, wrong) {
        (Some(_), None) => {
            order.candidate = Some(completed);
            order.note(now, format!("phone number fetched from {}", ats.title()));
            desks.save(order).await
        }
        (_, wrong) => {
            let label = wrong.unwrap_or(needed);
            if order.stand(Status::plain(State::ActionRequired, label), now) {
                desks.save(order).await?;
            }
            Ok(Step::Blocked { passing: false, after: None })
        }
    }
}

/// The paid step. The order is marked as being placed before the call, and whatever cannot be proved not to have
/// been bought is unknown afterwards.
async fn place(desks: &mut Desks<'_>, order: &mut Order, now: Timestamp) -> Result<Step, Fault> {
    let Some(candidate) = order.candidate.clone() else {
        return Ok(Step::Blocked { passing: false, after: None });
    };
    let lease_until = now.checked_add(LEASE).unwrap_or(now);
    order.placement = Placement::Placing { since: now, lease_until };
    if matches!(desks.save(order).await?, Step::Stale) {
        return Ok(Step::Stale);
    }
    let vendor = desks.connection.vendor;
    let answer = vendor.connector().place(&desks.vendor_link(), order, &candidate).await;
    let now = desks.worker.desk.clock.now();
    let fault = match answer {
        Ok(receipt) => {
            order.placed(receipt.vendor_ref, receipt.profile_url, now);
            desks.trouble(None).await?;
            return desks.save(order).await;
        }
        Err(fault) if fault.kind == FaultKind::Duplicate => {
            return duplicate(desks, order, &candidate, now).await;
        }
        Err(fault) => fault,
    };
    let title = vendor.title();
    if fault.maybe_done {
        telemetry::count("OutcomeUnknown");
        let since = match order.placement {
            Placement::Placing { since, .. } => since,
            _ => now,
        };
        order.placement = Placement::Unknown { since };
        let label = format!("{title} gave no clear answer; Crosscheck is finding out whether the check was placed");
        order.stand(Status::plain(State::Ordered, label), now);
        tracing::warn!(order_id = %order.id, fault = %fault, "outcome of placing is unknown");
        return desks.save(order).await;
    }
    order.placement = Placement::NotPlaced;
    if fault.kind == FaultKind::DataRefused {
        let label = format!("{title} refused the order: {}. Correct it and start the check again", fault.words());
        order.stand(Status::plain(State::Failed, label), now);
        return desks.save(order).await;
    }
    if fault.kind.is_passing() {
        let label = format!("{title} does not take orders at the moment; Crosscheck keeps trying");
        order.stand(Status::plain(State::Ordered, label), now);
    } else if fault.kind == FaultKind::NotFound {
        let label = format!("{title} does not know this address or package; check the connection's vendor URL");
        order.stand(Status::plain(State::ActionRequired, label), now);
    }
    match desks.save(order).await? {
        Step::Done => blocked(desks, order, Action::Place, &fault, now).await,
        other => Ok(other),
    }
}

/// The vendor says that it has this candidate already: ours from an attempt that we lost sight of, or somebody else's.
async fn duplicate(
    desks: &mut Desks<'_>,
    order: &mut Order,
    candidate: &Candidate,
    now: Timestamp,
) -> Result<Step, Fault> {
    let vendor = desks.connection.vendor;
    let found = vendor.connector().find(&desks.vendor_link(), order, candidate).await;
    order.placement = Placement::NotPlaced;
    if let Ok(Found::Ours { receipt, proved: true }) = found {
        order.placed(receipt.vendor_ref, receipt.profile_url, now);
        return desks.save(order).await;
    }
    let label = format!(
        "{} already has a candidate with this e-mail address or phone number, so no second check was bought. Use the \
         existing one, or remove it there; Crosscheck tries again every hour",
        vendor.title()
    );
    order.stand(Status::plain(State::ActionRequired, label), now);
    match desks.save(order).await? {
        Step::Done => Ok(Step::Blocked { passing: false, after: None }),
        other => Ok(other),
    }
}

async fn look_up(desks: &mut Desks<'_>, order: &mut Order, now: Timestamp) -> Result<Step, Fault> {
    let Some(candidate) = order.candidate.clone() else {
        return Ok(Step::Blocked { passing: false, after: None });
    };
    let since = match order.placement {
        Placement::Placing { since, .. } | Placement::Unknown { since } => since,
        Placement::NotPlaced | Placement::Placed { .. } => now,
    };
    let vendor = desks.connection.vendor;
    match vendor.connector().find(&desks.vendor_link(), order, &candidate).await? {
        Found::Ours { receipt, .. } => {
            order.note(now, "found at the vendor and adopted, not bought again");
            order.placed(receipt.vendor_ref, receipt.profile_url, now);
        }
        Found::Absent if now.duration_since(since) < SETTLE => {
            return Ok(Step::Blocked { passing: false, after: None });
        }
        Found::Absent if order.cancel_asked => {
            order.placement = Placement::NotPlaced;
            order.stand(Status::plain(State::Cancelled, "Cancelled before it reached the vendor"), now);
        }
        Found::Absent => {
            order.placement = Placement::NotPlaced;
            order.note(now, "the vendor shows that nothing was placed; placing again");
        }
        Found::Doubtful { vendor_ref } => {
            order.placement = Placement::Unknown { since };
            let label = format!(
                "{} has candidate {vendor_ref} with this e-mail address, which may be another check. A person has to \
                 look: Crosscheck buys nothing until then",
                vendor.title()
            );
            order.stand(Status::plain(State::ActionRequired, label), now);
            desks.save(order).await?;
            return Ok(Step::Blocked { passing: false, after: None });
        }
    }
    desks.save(order).await
}

async fn cancel(desks: &mut Desks<'_>, order: &mut Order, now: Timestamp) -> Result<Step, Fault> {
    let vendor = desks.connection.vendor;
    let vendor_ref = order.placement.vendor_ref().unwrap_or_default().to_owned();
    let stopped = vendor.connector().cancel(&desks.vendor_link(), &vendor_ref).await?;
    order.cancel_asked = false;
    if stopped {
        order.note(now, "the vendor was asked to stop");
        order.ask = true;
    } else {
        let label = format!("Cancellation asked for: stop it in the {} portal, it cannot be stopped from here", vendor.title());
        order.stand(Status { label, ..order.status.clone() }, now);
    }
    desks.save(order).await
}

async fn ask(desks: &mut Desks<'_>, order: &mut Order, now: Timestamp) -> Result<Step, Fault> {
    let vendor_ref = order.placement.vendor_ref().unwrap_or_default().to_owned();
    let vendor = desks.connection.vendor.connector();
    let report = vendor.ask(&desks.vendor_link(), &vendor_ref).await?;
    desks.trouble(None).await?;
    let before = order.clone();
    order.ask = false;
    if order.take(report, now) == Taken::UnknownWord && *order != before {
        telemetry::count("UnknownWord");
    }
    if *order == before {
        return Ok(Step::Done);
    }
    if order.status.state == State::Completed && before.status.state != State::Completed {
        telemetry::count("OrderCompleted");
    }
    desks.save(order).await
}

async fn tell(desks: &mut Desks<'_>, order: &mut Order, now: Timestamp) -> Result<Step, Fault> {
    let worker = desks.worker;
    let report = match order.status.state {
        State::Completed if order.placement.vendor_ref().is_some() => {
            let WorkerConfig { public_url, report_link_days, .. } = &worker.config;
            Some(report_link(&worker.desk.secrets, order, public_url, *report_link_days).await?)
        }
        _ => None,
    };
    // Strictly rising: two updates within a millisecond, or a clock that was set back, must not be refused.
    let earliest = order.told_at.and_then(|at| at.checked_add(SignedDuration::from_millis(1)).ok());
    let at = earliest.map_or(now, |earliest| earliest.max(now));
    let version = order.version;
    let ats = desks.connection.ats.connector();
    ats.tell(&desks.ats_link(), order, at, report.as_deref()).await?;
    telemetry::count("AtsTold");
    order.told(version, at);
    order.note(now, format!("told {}", desks.connection.ats.title()));
    desks.save(order).await
}

async fn forget(desks: &mut Desks<'_>, order: &mut Order, now: Timestamp) -> Result<Step, Fault> {
    order.candidate = None;
    order.note(now, "the candidate's data was removed");
    desks.save(order).await
}
