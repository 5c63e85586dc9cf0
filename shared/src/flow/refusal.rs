//! What a refused call is about: the key, a right that the key lacks, or this one order.

use std::time::Duration;

use super::blot;
use super::run::Run;
use crate::connection::{Side, TroubleKind};
use crate::error::{Fault, FaultKind};
use crate::order::{Action, Order};
use crate::telemetry;

/// Time for the neutral call.
const PATIENCE: Duration = Duration::from_secs(20);

/// Settles what a refusal is about and notes the connection's trouble. Afterwards [`FaultKind::NotAllowed`] means that
/// the key is good and this order alone is refused. `None`: somebody has just replaced the keys, so try again with them.
pub(super) async fn settled(
    run: &mut Run<'_>,
    order: &Order,
    action: Action,
    fault: Fault,
) -> Result<Option<Fault>, Fault> {
    if !fault.kind.is_refusal() {
        return Ok(Some(fault));
    }
    let fresh = run.worker.services.refreshed_keys(&run.connection).await?;
    if let Some(fresh) = fresh.filter(|fresh| *fresh != run.keys) {
        run.keys = fresh;
        return Ok(None);
    }
    let side = action.side();
    let fault = match fault.kind {
        FaultKind::NotAllowed => by_neutral_call(run, side, fault).await,
        _ => fault,
    };
    let trouble = match fault.kind {
        FaultKind::KeyRefused => TroubleKind::KeyRefused(fault.detail.clone()),
        FaultKind::RightMissing => {
            TroubleKind::RightMissing { action: action.words().to_owned(), said: blot::said(order, &fault) }
        }
        _ => return Ok(Some(fault)),
    };
    telemetry::count("ConnectionTrouble");
    run.note_trouble(side, trouble).await?;
    Ok(Some(fault))
}

/// A call about nobody tells: if the account refuses that too, it is the key. A vendor that has no such call is judged
/// by what it answered about other orders a moment ago.
async fn by_neutral_call(run: &Run<'_>, side: Side, fault: Fault) -> Fault {
    let (services, id) = (&run.worker.services, &run.connection.id);
    let answer = match services.key_tried(id, side, &run.keys) {
        Some(answer) => answer,
        None => match neutral_call(run, side).await {
            Some(answer) => {
                services.remember_key(id, side, &run.keys, answer.clone());
                answer
            }
            None => return fault.of_neutral_call(),
        },
    };
    match answer {
        Err(answer) if answer.kind.is_refusal() || answer.kind.is_passing() => answer.of_neutral_call(),
        // The account took the key, whatever else it minds.
        Ok(()) | Err(_) => fault,
    }
}

/// `None` where the vendor has no call that is about nobody.
async fn neutral_call(run: &Run<'_>, side: Side) -> Option<Result<(), Fault>> {
    let (ats, vendor) = (run.ats_account(), run.vendor_account());
    let call = async {
        match side {
            Side::Ats => run.connection.ats.setup().check_key(&ats).await.map(Some),
            Side::Vendor => Ok(run.connection.vendor.connector().catalogue(&vendor).await?.map(drop)),
        }
    };
    let late = |_| Err(Fault::new(FaultKind::NoAnswer, "neutral call", "took too long in all"));
    tokio::time::timeout(PATIENCE, call).await.unwrap_or_else(late).transpose()
}
