//! What a vendor says of an order is written over what is known of it, and wakes the worker.

use super::Services;
use crate::connection::Connection;
use crate::order::{Order, OrderId, State, Taken};
use crate::telemetry;
use crate::vendor::{CallDone, CallbackRefused};

/// Changes the order that a call is about: by our id, else by the vendor's.
pub(super) async fn record(
    services: &Services,
    connection: &Connection,
    id: Option<OrderId>,
    vendor_ref: Option<&str>,
    take: impl Fn(&mut Order) -> Taken,
) -> Result<CallDone, CallbackRefused> {
    let id = find(services, connection, id, vendor_ref).await?;
    let changed = services.store.change(id, true, |order| {
        check(order, connection, vendor_ref)?;
        let before = order.status.state;
        let taken = take(order);
        let completed = before != State::Completed && order.status.state == State::Completed;
        Ok::<_, CallbackRefused>((taken, completed))
    });
    let (order, result) = changed.await?.ok_or(CallbackRefused::NoOrder)?;
    let (taken, completed) = result?;
    if completed {
        telemetry::count("OrderCompleted");
    }
    count_unknown(&order, taken);
    tracing::info!(order_id = %order.id, state = %order.status.state, ?taken, "report taken");
    Ok(CallDone::Taken(taken, Box::new(order)))
}

/// Rings for a word that nobody knows: once per call, however often it had to be recorded.
fn count_unknown(order: &Order, taken: Taken) {
    if taken == Taken::UnknownWord {
        telemetry::count("UnknownWord");
        tracing::warn!(order_id = %order.id, "the vendor used a status word that its table does not have");
    }
}

/// The id of the order: ours, else the one that the vendor's leads to.
async fn find(
    services: &Services,
    connection: &Connection,
    id: Option<OrderId>,
    vendor_ref: Option<&str>,
) -> Result<OrderId, CallbackRefused> {
    match (id, vendor_ref) {
        (Some(id), _) => Ok(id),
        (None, Some(vendor_ref)) => {
            let known = services.store.order_of_vendor_ref(&connection.id, vendor_ref).await?;
            known.ok_or(CallbackRefused::NoReference)
        }
        (None, None) => Err(CallbackRefused::NoOrder),
    }
}

/// Refuses a report about an order of another connection, or about one that the vendor knows by another id.
fn check(order: &Order, connection: &Connection, vendor_ref: Option<&str>) -> Result<(), CallbackRefused> {
    let same_ref = order.placement.vendor_ref().zip(vendor_ref).is_none_or(|(ours, theirs)| ours == theirs);
    if order.connection != connection.id || !same_ref {
        tracing::error!(order_id = %order.id, connection_id = %connection.id, "callback for an order that is not its own");
        return Err(CallbackRefused::NoOrder);
    }
    Ok(())
}
