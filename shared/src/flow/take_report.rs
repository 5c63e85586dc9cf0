//! A vendor's call becomes a fact: verified on the raw bytes, recorded over what we know, acted on by the worker.

use std::time::Duration;

use super::notices::take_notices;
use super::packages::kept_here;
use super::{Services, blot};
use crate::connection::Connection;
use crate::error::{Fault, FaultKind};
use crate::inbound::Request;
use crate::order::{ConnectionId, Order, OrderId, State, Taken};
use crate::secrets::StoredKeys;
use crate::signature::Verified;
use crate::store::Saved;
use crate::telemetry;
use crate::vendor::{Asked, CallDone, CallbackRefused, Notice, VendorCall, VendorKind};

/// Attempts at recording, against writers that come in between.
pub(super) const ATTEMPTS: usize = 8;

/// Time for the vendor to say what its news is of, while it waits for our answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Takes a vendor's call. Repeated, late and early reports (before `place` has returned) all end in the same state.
///
/// # Errors
/// See [`CallbackRefused`].
pub async fn take_call(
    services: &Services,
    vendor: VendorKind,
    connection: &ConnectionId,
    path: &[&str],
    request: &Request,
) -> Result<CallDone, CallbackRefused> {
    let found = services.connection(connection).await?.filter(|c| c.vendor == vendor);
    let connection = found.ok_or(CallbackRefused::NoConnection)?;
    let verified = verify(services, &connection, request).await?;
    let call =
        VendorCall { method: request.method(), path, query: request.uri().query(), body: verified.body().as_ref() };
    let asked = vendor.callbacks().read_call(call).map_err(CallbackRefused::Body)?;
    let connection = verified.connection();
    match asked.ok_or(CallbackRefused::NoSuchCall)? {
        Asked::Notices(notices) => take_notices(services, connection, &notices).await,
        Asked::News { of } => {
            let notice = learn(services, connection, &of).await?.ok_or(CallbackRefused::NoReference)?;
            take_notices(services, connection, &[notice]).await
        }
        Asked::Report(report) => {
            telemetry::count("ReportTaken");
            record(services, connection, None, report.vendor_ref.as_deref(), |order| {
                let report = blot::report(order, connection.vendor, (*report).clone());
                order.take_push(report, services.clock.now())
            })
            .await
        }
        Asked::Update(update) => {
            telemetry::count("ReportTaken");
            record(services, connection, Some(update.order), Some(&update.vendor_ref), |order| {
                let report = blot::report(order, connection.vendor, update.report_on(order));
                order.take_push(report, services.clock.now())
            })
            .await
        }
        Asked::Order(id) => {
            let order = services.store.order(id).await?.filter(|o| o.connection == connection.id);
            let order = order.ok_or(CallbackRefused::NoOrder)?;
            Ok(CallDone::Order(Box::new(order), connection.callback_url()))
        }
        Asked::Packages(call) => kept_here(services, connection, call).await,
    }
}

/// Whose news it is. It is asked with this connection's key, so that it never leads into another account.
async fn learn(services: &Services, connection: &Connection, of: &str) -> Result<Option<Notice>, Fault> {
    let keys = services.secrets.keys(&connection.id).await?;
    let account = services.vendor_account(connection, &keys, PATIENCE);
    connection.vendor.callbacks().learn(&account, of).await
}

pub(super) fn busy(detail: &'static str) -> Fault {
    Fault::new(FaultKind::Platform, "dynamodb:PutItem", detail)
}

/// Tries the keys in force, then those before the last rotation, then reads them afresh (at most once a minute).
async fn verify(services: &Services, connection: &Connection, request: &Request) -> Result<Verified, CallbackRefused> {
    let current = services.secrets.keys(&connection.id).await?;
    if let Some(verified) = attempt(connection, request, current) {
        return Ok(verified);
    }
    let previous = services.secrets.previous_keys(&connection.id).await?;
    if let Some(verified) = previous.and_then(|keys| attempt(connection, request, keys)) {
        return Ok(verified);
    }
    let fresh = services.secrets.refreshed_keys(&connection.id).await?.ok_or(CallbackRefused::NotVerified)?;
    if let Some(verified) = attempt(connection, request, fresh) {
        return Ok(verified);
    }
    let previous = services.secrets.previous_keys(&connection.id).await?;
    previous.and_then(|keys| attempt(connection, request, keys)).ok_or(CallbackRefused::NotVerified)
}

fn attempt(connection: &Connection, request: &Request, keys: StoredKeys) -> Option<Verified> {
    connection.vendor.callbacks().verify(request, connection, &[keys]).ok()
}

pub(super) async fn record(
    services: &Services,
    connection: &Connection,
    id: Option<OrderId>,
    vendor_ref: Option<&str>,
    take: impl Fn(&mut Order) -> Taken,
) -> Result<CallDone, CallbackRefused> {
    for _ in 0..ATTEMPTS {
        let mut order = find(services, connection, id, vendor_ref).await?;
        let before = order.clone();
        let taken = take(&mut order);
        if order == before {
            count_unknown(&order, taken);
            return Ok(CallDone::Taken(taken, Box::new(order)));
        }
        if services.store.save(&mut order, true).await? == Saved::Yes {
            if order.status.state == State::Completed && before.status.state != State::Completed {
                telemetry::count("OrderCompleted");
            }
            count_unknown(&order, taken);
            tracing::info!(order_id = %order.id, state = %order.status.state, "report taken");
            return Ok(CallDone::Taken(taken, Box::new(order)));
        }
    }
    Err(CallbackRefused::Unavailable(busy("too many writers for one order")))
}

/// Rings for a word that nobody knows: once per call, however often it had to be recorded.
fn count_unknown(order: &Order, taken: Taken) {
    if taken == Taken::UnknownWord {
        telemetry::count("UnknownWord");
        tracing::warn!(order_id = %order.id, "the vendor used a status word that its table does not have");
    }
}

/// The order by our id, else by the vendor's. Never one of another connection, and never one that the vendor knows
/// by another id.
async fn find(
    services: &Services,
    connection: &Connection,
    id: Option<OrderId>,
    vendor_ref: Option<&str>,
) -> Result<Order, CallbackRefused> {
    let id = match (id, vendor_ref) {
        (Some(id), _) => id,
        (None, Some(vendor_ref)) => {
            let known = services.store.order_of_vendor_ref(&connection.id, vendor_ref).await?;
            known.ok_or(CallbackRefused::NoReference)?
        }
        (None, None) => return Err(CallbackRefused::NoOrder),
    };
    let order = services.store.order(id).await?.ok_or(CallbackRefused::NoOrder)?;
    let same_ref = order.placement.vendor_ref().zip(vendor_ref).is_none_or(|(ours, theirs)| ours == theirs);
    if order.connection != connection.id || !same_ref {
        tracing::error!(order_id = %order.id, connection_id = %connection.id, "callback for an order that is not its own");
        return Err(CallbackRefused::NoOrder);
    }
    Ok(order)
}
