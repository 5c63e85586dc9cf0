//! A vendor's callback becomes a fact: verified on the raw bytes, recorded over what we know, told by the worker.

use super::Desk;
use crate::connection::Connection;
use crate::error::{Fault, FaultKind};
use crate::inbound::{BadBody, Request};
use crate::order::{ConnectionId, Order, State, Taken};
use crate::secrets::StoredKeys;
use crate::signature::Verified;
use crate::store::Saved;
use crate::telemetry;
use crate::vendor::{Callback, VendorKind};

/// Attempts at recording, against writers that come in between.
const ATTEMPTS: usize = 8;

/// Why a callback was not taken.
#[derive(Debug, Clone)]
pub enum CallbackRefused {
    /// No such connection, or not with this vendor.
    NoConnection,
    /// The sender did not prove to be the vendor.
    NotVerified,
    /// The body cannot be read.
    Body(BadBody),
    /// The vendor speaks of an order that this connection does not have.
    NoOrder,
    /// Our own table or secrets do not answer: send it again.
    Unavailable(Fault),
}

impl From<Fault> for CallbackRefused {
    fn from(fault: Fault) -> Self {
        Self::Unavailable(fault)
    }
}

/// Takes a callback. Repeated, late and early ones (before `place` has returned) all end in the same state.
///
/// # Errors
/// See [`CallbackRefused`].
pub async fn take_callback(
    desk: &Desk,
    vendor: VendorKind,
    connection: &ConnectionId,
    request: &Request,
) -> Result<Taken, CallbackRefused> {
    let found = desk.connection(connection).await?.filter(|c| c.vendor == vendor);
    let connection = found.ok_or(CallbackRefused::NoConnection)?;
    let verified = verify(desk, &connection, request).await?;
    let callback = vendor.connector().read_callback(verified.body()).map_err(CallbackRefused::Body)?;
    telemetry::count("ReportTaken");
    record(desk, verified.connection(), &callback).await
}

/// Tries the keys in force, then those before the last rotation, then reads them afresh (at most once a minute).
async fn verify(desk: &Desk, connection: &Connection, request: &Request) -> Result<Verified, CallbackRefused> {
    let current = desk.secrets.keys(&connection.id).await?;
    if let Some(verified) = attempt(connection, request, &[current]) {
        return Ok(verified);
    }
    let previous = desk.secrets.previous_keys(&connection.id).await?;
    if let Some(verified) = previous.and_then(|keys| attempt(connection, request, &[keys])) {
        return Ok(verified);
    }
    let fresh = desk.secrets.refreshed_keys(&connection.id).await?;
    fresh.and_then(|keys| attempt(connection, request, &[keys])).ok_or(CallbackRefused::NotVerified)
}

fn attempt(connection: &Connection, request: &Request, keys: &[StoredKeys]) -> Option<Verified> {
    connection.vendor.connector().verify(request, connection, keys).ok()
}

async fn record(desk: &Desk, connection: &Connection, callback: &Callback) -> Result<Taken, CallbackRefused> {
    for _ in 0..ATTEMPTS {
        let mut order = find(desk, connection, callback).await?;
        let before = order.clone();
        let taken = order.take(callback.report.clone(), desk.clock.now());
        if taken == Taken::UnknownWord {
            telemetry::count("UnknownWord");
            tracing::warn!(order_id = %order.id, "the vendor used a status word that its table does not have");
        }
        if order == before {
            return Ok(taken);
        }
        if desk.store.save(&mut order, true).await? == Saved::Yes {
            if order.status.state == State::Completed && before.status.state != State::Completed {
                telemetry::count("OrderCompleted");
            }
            tracing::info!(order_id = %order.id, state = %order.status.state, "report taken");
            return Ok(taken);
        }
    }
    let busy = Fault::new(FaultKind::Platform, "dynamodb:PutItem", "too many writers for one order");
    Err(CallbackRefused::Unavailable(busy))
}

/// The order by our id, else by the vendor's. Never one of another connection, and never one that the vendor knows
/// by another id.
async fn find(desk: &Desk, connection: &Connection, callback: &Callback) -> Result<Order, CallbackRefused> {
    let vendor_ref = callback.report.vendor_ref.as_deref();
    let id = match (callback.order, vendor_ref) {
        (Some(id), _) => Some(id),
        (None, Some(vendor_ref)) => desk.store.order_of_vendor_ref(&connection.id, vendor_ref).await?,
        (None, None) => None,
    };
    let order = desk.store.order(id.ok_or(CallbackRefused::NoOrder)?).await?.ok_or(CallbackRefused::NoOrder)?;
    let same_ref = order.placement.vendor_ref().zip(vendor_ref).is_none_or(|(ours, theirs)| ours == theirs);
    if order.connection != connection.id || !same_ref {
        tracing::error!(order_id = %order.id, connection_id = %connection.id, "callback for an order that is not its own");
        return Err(CallbackRefused::NoOrder);
    }
    Ok(order)
}
