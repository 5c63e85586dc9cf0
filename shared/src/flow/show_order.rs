//! A vendor asks for an order's candidate: what its ATS knows of them beyond the order is fetched once, and kept.

use std::time::Duration;

use super::Services;
use crate::connection::Connection;
use crate::error::{Fault, FaultKind};
use crate::order::{Order, OrderId, clean};

/// How long the vendor waits for the ATS.
const PATIENCE: Duration = Duration::from_secs(4);

/// The connection's order of this id, with the candidate's phone number where its ATS has one. `None` for the order of
/// another connection.
pub(super) async fn shown(services: &Services, connection: &Connection, id: OrderId) -> Result<Option<Order>, Fault> {
    let Some(order) = services.store.order(id).await?.filter(|o| o.connection == connection.id) else {
        return Ok(None);
    };
    let lacks_phone = order.candidate.as_ref().is_some_and(|candidate| candidate.phone.is_none());
    if !lacks_phone || order.status.state.is_closed() {
        return Ok(Some(order));
    }
    match fetched(services, connection, &order).await {
        Ok(known) => Ok(Some(known.unwrap_or(order))),
        Err(fault) if fault.kind == FaultKind::Platform => Err(fault),
        Err(fault) => {
            tracing::warn!(order_id = %order.id, fault = %fault, "the candidate is shown without the ATS's record");
            Ok(Some(order))
        }
    }
}

/// The order with what its ATS tells of the candidate; `None` where that is nothing new.
async fn fetched(services: &Services, connection: &Connection, order: &Order) -> Result<Option<Order>, Fault> {
    // The partner's key, which one ATS needs, reads no candidate.
    let keys = services.secrets.keys(&connection.id).await?;
    let account = services.ats_account(connection, &keys, PATIENCE);
    let contact = connection.ats.connector().contact(&account, &order.reference).await?;
    let Some(phone) = contact.phone else { return Ok(None) };
    let now = services.clock.now();
    let keep = |order: &mut Order| {
        if let Some(candidate) = order.candidate.as_mut().filter(|candidate| candidate.phone.is_none()) {
            candidate.phone = Some(clean::plain(&phone));
            order.note(now, format!("phone number fetched from {}, because the vendor asked", connection.ats.title()));
        }
    };
    Ok(services.store.change(order.id, false, keep).await?.map(|(order, ())| order))
}
