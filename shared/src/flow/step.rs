//! One step of the worker: a call to the vendor or the ATS, and its result recorded over what we knew.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::blocked::blocked;
use super::blot;
use super::cancel::cancel;
use super::look_up::{LookedUp, look_up};
use super::purchase::{nothing_more, place, send_again};
use super::refusal::settled;
use super::report_link::report_link;
use super::run::{Run, Step};
use crate::account::Account;
use crate::ats::Contact;
use crate::config::WorkerConfig;
use crate::error::{Fault, FaultKind};
use crate::order::{Action, Order, Placement, State, Status, Taken};
use crate::telemetry;

/// Time for the title of a job.
const TITLE_PATIENCE: Duration = Duration::from_secs(4);

/// Time for all calls of one step, except the paid one.
pub(super) const STEP_PATIENCE: Duration = Duration::from_secs(30);

/// How long one worker may be at telling: longer than the call itself.
const TELL_LEASE: SignedDuration = SignedDuration::from_secs(25);

/// Limits a step of many calls (such as pages of a list), so that it leaves time for the other orders of the batch.
async fn in_time<T>(step: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let late = || Fault::new(FaultKind::NoAnswer, "step", "took too long in all");
    tokio::time::timeout(STEP_PATIENCE, Box::pin(step)).await.unwrap_or_else(|_| Err(late()))
}

/// Does one action and records its result.
pub(super) async fn step(run: &mut Run<'_>, order: &mut Order, action: Action, now: Timestamp) -> Result<Step, Fault> {
    let result = match action {
        Action::Complete if run.is_revoked().await? => return nothing_more(run, order, now).await,
        Action::Complete => complete(run, order, now).await,
        Action::Place => return place(run, order, now).await,
        Action::LookUp => match look_up(run, order, now).await {
            Ok(LookedUp::Settled(step)) => Ok(step),
            Ok(LookedUp::SendAgain) => return send_again(run, order).await,
            Err(fault) => Err(fault),
        },
        Action::Cancel => in_time(cancel(run, order, now)).await,
        Action::Ask => in_time(ask(run, order, now)).await,
        Action::Tell => tell(run, order, now).await,
        Action::LetGo => let_go(run, order, now).await,
        Action::Forget => forget(run, order, now).await,
    };
    match result {
        Ok(step) => Ok(step),
        Err(fault) if fault.kind == FaultKind::Platform => Err(fault),
        Err(fault) => match settled(run, order, action, fault).await? {
            Some(fault) => blocked(run, order, action, &fault, now).await,
            None => Ok(Step::Again),
        },
    }
}

async fn complete(run: &mut Run<'_>, order: &mut Order, now: Timestamp) -> Result<Step, Fault> {
    let (ats, vendor) = (run.connection.ats, run.connection.vendor);
    let Some(known) = order.candidate.clone() else { return Ok(Step::Blocked { passing: false, after: None }) };
    let contact = if known.is_incomplete() || order.lacks_phone() {
        ats.connector().contact(&run.ats_account(), &order.reference).await?
    } else {
        Contact::default()
    };
    let candidate = contact.complete(&known);
    let wrong = run.connection.catalogue.as_ref().and_then(|c| vendor.connector().preflight(&candidate, c).err());
    let needed = format!("Add a phone number to the candidate in {}; Crosscheck looks again every hour", ats.title());
    let no_phone = order.needs_phone && candidate.phone.is_none();
    if let Some(label) = wrong.or_else(|| no_phone.then_some(needed)) {
        if order.set_status(Status::plain(State::ActionRequired, label), now)
            && matches!(run.save(order).await?, Step::Stale)
        {
            return Ok(Step::Stale);
        }
        return Ok(Step::Blocked { passing: false, after: None });
    }
    if vendor.facts().takes_job_title && order.reference.job_title.is_none() {
        order.reference.job_title = job_title(run, order).await;
    }
    if candidate != known {
        order.note(now, format!("candidate's data fetched from {}", ats.title()));
    }
    order.placement = Placement::NotPlaced;
    order.candidate = Some(candidate);
    run.save(order).await
}

/// Asks once for the job's title and does not wait long: the check is bought without a title too.
async fn job_title(run: &Run<'_>, order: &Order) -> Option<String> {
    let account = Account { timeout: TITLE_PATIENCE, ..run.ats_account() };
    match run.connection.ats.connector().job_title(&account, &order.reference).await {
        Ok(title) => title,
        Err(fault) => {
            tracing::warn!(order_id = %order.id, fault = %fault, "the job's title could not be fetched");
            None
        }
    }
}

/// Asks the vendor where the check stands, and records the answer over whatever was written meanwhile.
async fn ask(run: &mut Run<'_>, order: &mut Order, now: Timestamp) -> Result<Step, Fault> {
    let question = order.question(now);
    let vendor = run.connection.vendor;
    let report = vendor.connector().ask(&run.vendor_account(), order).await?;
    if report.is_some() {
        run.works(Action::Ask).await?;
    }
    let now = run.worker.services.clock.now();
    let answered = |o: &mut Order| {
        let report = report.clone().map(|report| blot::report(o, vendor, report));
        o.take_answer(&question, report, now)
    };
    let was_completed = order.status.state == State::Completed;
    match run.worker.services.store.change_read(order, false, answered).await?.flatten() {
        // Somebody else recorded an answer that may be newer. What is outstanding then is asked anew.
        None => Ok(Step::Stale),
        Some(taken) => {
            count_answer(taken, !was_completed && order.status.state == State::Completed);
            Ok(Step::Done)
        }
    }
}

fn count_answer(taken: Taken, has_completed: bool) {
    if taken == Taken::UnknownWord {
        telemetry::count("UnknownWord");
    }
    if has_completed {
        telemetry::count("OrderCompleted");
    }
}

async fn tell(run: &mut Run<'_>, order: &mut Order, now: Timestamp) -> Result<Step, Fault> {
    let worker = run.worker;
    let WorkerConfig { public_url, report_link_days, .. } = &worker.config;
    let page = report_link(&worker.services.secrets, order.id, public_url, *report_link_days).await?;
    let at = order.begin_to_tell(now, now.checked_add(TELL_LEASE).unwrap_or(now));
    if matches!(run.save(order).await?, Step::Stale) {
        return Ok(Step::Stale);
    }
    let version = order.version;
    let answer = say(run, order, at, &page).await;
    let now = run.worker.services.clock.now();
    match answer {
        Ok(line) => {
            if line.is_some() {
                telemetry::count("AtsTold");
            }
            let told = |o: &mut Order| {
                o.told(version);
                if let Some(line) = &line {
                    o.reference.has_no_card = false;
                    o.note(now, line.as_str());
                }
            };
            let step = run.record(order, told).await?;
            run.works(Action::Tell).await?;
            Ok(step)
        }
        Err(fault) => {
            // Without an answer the update may still arrive later. The lease keeps a newer update from overtaking it.
            if fault.kind != FaultKind::NoAnswer {
                run.record(order, |o| o.telling_until = None).await?;
            }
            Err(fault)
        }
    }
}

/// Tells the ATS where the order stands: what was done, for the history. `None` where the ATS has no card of it and
/// there is nothing yet, or no way, to make one.
async fn say(run: &Run<'_>, order: &Order, at: Timestamp, page: &str) -> Result<Option<String>, Fault> {
    let (ats, account) = (run.connection.ats, run.ats_account());
    if !order.reference.has_no_card {
        ats.connector().tell(&account, order, at, page).await?;
        return Ok(Some(format!("told {}", ats.title())));
    }
    let added =
        order.status.state == State::Completed && ats.connector().add_completed(&account, order, at, page).await?;
    Ok(added.then(|| format!("added to {} as completed", ats.title())))
}

async fn let_go(run: &mut Run<'_>, order: &mut Order, now: Timestamp) -> Result<Step, Fault> {
    order.set_status(Status::plain(State::Expired, "The applicant did not begin the check"), now);
    run.save(order).await
}

async fn forget(run: &mut Run<'_>, order: &mut Order, now: Timestamp) -> Result<Step, Fault> {
    order.candidate = None;
    order.note(now, "the candidate's data was removed");
    run.save(order).await
}
