//! Pushes of a vendor that can be asked: each is a reason to ask, and the worker asks.

use std::time::Duration;

use super::Services;
use super::record::record;
use crate::connection::Connection;
use crate::error::Fault;
use crate::order::{Order, OrderId, Taken};
use crate::telemetry;
use crate::vendor::{CallDone, CallbackRefused, Notice};

/// Time for asking the vendor whose order a push is about, while it waits for our answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Records every notice of a push, one after the other, so that none keeps another back. A push is refused as unknown
/// only if no order of it is known: sending it again would not help the rest. When something could not be stored, the
/// vendor sends the whole push again; what was recorded is then asked about twice.
pub(super) async fn take_notices(
    services: &Services,
    connection: &Connection,
    notices: &[Notice],
) -> Result<CallDone, CallbackRefused> {
    let (mut taken, mut unknown, mut fault) = (0_usize, None, None);
    for notice in notices {
        match take_notice(services, connection, notice).await {
            Ok(_) => taken += 1,
            Err(CallbackRefused::Unavailable(why)) => fault = Some(why),
            Err(why) => unknown = Some(why),
        }
    }
    match (fault, unknown) {
        (Some(fault), _) => Err(CallbackRefused::Unavailable(fault)),
        (None, Some(why)) if taken == 0 => Err(why),
        (None, unknown) => {
            if unknown.is_some() {
                let (of, connection_id) = (notices.len(), &connection.id);
                tracing::warn!(%connection_id, taken, of, "a push of several names orders that are not here");
            }
            Ok(CallDone::Noticed)
        }
    }
}

/// Makes the worker ask about one order, and keeps ids that were not known yet.
async fn take_notice(
    services: &Services,
    connection: &Connection,
    notice: &Notice,
) -> Result<CallDone, CallbackRefused> {
    telemetry::count("ReportTaken");
    let (vendor_ref, invitation) = (notice.vendor_ref.as_deref(), notice.invitation.as_deref());
    let take = |order: &mut Order| {
        order.take_notice(vendor_ref, invitation, services.clock.now());
        Taken::Changed
    };
    match (record(services, connection, notice.order, vendor_ref, take).await, vendor_ref) {
        (Err(CallbackRefused::NoReference), Some(unknown)) => {
            let order = whose(services, connection, unknown).await?.ok_or(CallbackRefused::NoReference)?;
            record(services, connection, Some(order), vendor_ref, take).await
        }
        (done, _) => done,
    }
}

async fn whose(services: &Services, connection: &Connection, vendor_ref: &str) -> Result<Option<OrderId>, Fault> {
    let keys = services.secrets.keys(&connection.id).await?;
    let account = services.vendor_account(connection, &keys, PATIENCE);
    connection.vendor.callbacks().whose(&account, vendor_ref).await
}
