//! A vendor's callback becomes a fact: verified on the raw bytes, recorded over what we know, told by the worker.

use super::Desk;
use crate::connection::{Catalogue, Connection};
use crate::error::{Fault, FaultKind};
use crate::inbound::{BadBody, Request};
use crate::order::{ConnectionId, Order, Package, Reading, Report, State, Taken};
use crate::secrets::StoredKeys;
use crate::signature::Verified;
use crate::store::Saved;
use crate::telemetry;
use crate::vendor::{Asked, Callback, VendorCall, VendorKind};

/// Attempts at recording, against writers that come in between.
const ATTEMPTS: usize = 8;

/// Why a vendor's call was refused.
#[derive(Debug, Clone)]
pub enum CallbackRefused {
    /// No such connection, or not with this vendor.
    NoConnection,
    /// The sender did not prove to be the vendor.
    NotVerified,
    /// The vendor's protocol has no such call.
    NoSuchCall,
    /// The body cannot be read.
    Body(BadBody),
    /// The vendor speaks of an order that this connection does not have.
    NoOrder,
    /// The vendor speaks, by its own id alone, of an order that is not known by it. It may have overtaken the answer to
    /// our own call.
    NoReference,
    /// The vendor speaks of a package that it never put on the list.
    NoPackage,
    /// Our own table or secrets do not answer: send it again.
    Unavailable(Fault),
}

impl From<Fault> for CallbackRefused {
    fn from(fault: Fault) -> Self {
        Self::Unavailable(fault)
    }
}

/// What a vendor's call came to.
#[derive(Debug, Clone)]
pub enum CallDone {
    /// A report was taken.
    Taken(Taken, Box<Order>),
    /// The order that was asked for.
    Order(Box<Order>),
    /// The package list.
    Packages(Vec<Package>),
    /// The package that was put on the list.
    Package(Package),
    /// The package is off the list.
    Dropped,
}

/// Takes a vendor's call. Repeated, late and early reports (before `place` has returned) all end in the same state.
///
/// # Errors
/// See [`CallbackRefused`].
pub async fn take_call(
    desk: &Desk,
    vendor: VendorKind,
    connection: &ConnectionId,
    path: &[&str],
    request: &Request,
) -> Result<CallDone, CallbackRefused> {
    let found = desk.connection(connection).await?.filter(|c| c.vendor == vendor);
    let connection = found.ok_or(CallbackRefused::NoConnection)?;
    let verified = verify(desk, &connection, request).await?;
    let call =
        VendorCall { method: request.method(), path, query: request.uri().query(), body: verified.body().as_ref() };
    let asked = vendor.connector().read_call(call).map_err(CallbackRefused::Body)?;
    let connection = verified.connection();
    match asked.ok_or(CallbackRefused::NoSuchCall)? {
        Asked::Report(callback) => {
            telemetry::count("ReportTaken");
            record(desk, connection, &callback).await
        }
        Asked::Order(id) => {
            let order = desk.store.order(id).await?.filter(|o| o.connection == connection.id);
            order.map(|o| CallDone::Order(Box::new(o))).ok_or(CallbackRefused::NoOrder)
        }
        Asked::Packages => Ok(CallDone::Packages(listed(desk, connection).await?.packages)),
        Asked::PutPackage(package) => {
            change_packages(desk, connection, |list| {
                list.retain(|p| p.id != package.id);
                list.push(package.clone());
                true
            })
            .await?;
            Ok(CallDone::Package(package))
        }
        Asked::DropPackage(id) => {
            let dropped = change_packages(desk, connection, |list| {
                let before = list.len();
                list.retain(|p| p.id != id);
                list.len() < before
            });
            if dropped.await? { Ok(CallDone::Dropped) } else { Err(CallbackRefused::NoPackage) }
        }
    }
}

/// The package list as it stands now, whatever is remembered.
async fn listed(desk: &Desk, connection: &Connection) -> Result<Catalogue, Fault> {
    let fresh = desk.store.connection(&connection.id).await?;
    Ok(fresh.and_then(|c| c.catalogue).unwrap_or_default())
}

/// Changes the package list of a vendor that keeps it itself. `false` when there was nothing to change.
async fn change_packages(
    desk: &Desk,
    connection: &Connection,
    change: impl Fn(&mut Vec<Package>) -> bool,
) -> Result<bool, CallbackRefused> {
    for _ in 0..ATTEMPTS {
        let before = listed(desk, connection).await?;
        let mut after = before.clone();
        if !change(&mut after.packages) {
            return Ok(false);
        }
        if desk.store.replace_catalogue(&connection.id, &before, &after).await? == Saved::Yes {
            desk.amend(&connection.id, |known| known.catalogue = Some(after));
            return Ok(true);
        }
    }
    Err(CallbackRefused::Unavailable(busy("too many writers for one package list")))
}

fn busy(detail: &'static str) -> Fault {
    Fault::new(FaultKind::Platform, "dynamodb:PutItem", detail)
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

async fn record(desk: &Desk, connection: &Connection, callback: &Callback) -> Result<CallDone, CallbackRefused> {
    for _ in 0..ATTEMPTS {
        let mut order = find(desk, connection, callback).await?;
        let before = order.clone();
        let taken = order.take(blotted(&order, connection.vendor, &callback.report), desk.clock.now());
        if taken == Taken::UnknownWord {
            telemetry::count("UnknownWord");
            tracing::warn!(order_id = %order.id, "the vendor used a status word that its table does not have");
        }
        if order == before {
            return Ok(CallDone::Taken(taken, Box::new(order)));
        }
        if desk.store.save(&mut order, true).await? == Saved::Yes {
            if order.status.state == State::Completed && before.status.state != State::Completed {
                telemetry::count("OrderCompleted");
            }
            tracing::info!(order_id = %order.id, state = %order.status.state, "report taken");
            return Ok(CallDone::Taken(taken, Box::new(order)));
        }
    }
    Err(CallbackRefused::Unavailable(busy("too many writers for one order")))
}

/// The report without the candidate's data: free words may quote it, and labels outlive it. Words of the vendor's table
/// stay as they are.
fn blotted(order: &Order, vendor: VendorKind, report: &Report) -> Report {
    let mut report = report.clone();
    let Some(candidate) = &order.candidate else { return report };
    let words = match &mut report.reading {
        Reading::Known(status) => &mut status.label,
        Reading::Unknown { word } => word,
    };
    if !vendor.connector().status_map().iter().any(|row| row.word.eq_ignore_ascii_case(words)) {
        *words = candidate.without(words);
    }
    report
}

/// The order by our id, else by the vendor's. Never one of another connection, and never one that the vendor knows
/// by another id.
async fn find(desk: &Desk, connection: &Connection, callback: &Callback) -> Result<Order, CallbackRefused> {
    let vendor_ref = callback.report.vendor_ref.as_deref();
    let id = match (callback.order, vendor_ref) {
        (Some(id), _) => id,
        (None, Some(vendor_ref)) => {
            let known = desk.store.order_of_vendor_ref(&connection.id, vendor_ref).await?;
            known.ok_or(CallbackRefused::NoReference)?
        }
        (None, None) => return Err(CallbackRefused::NoOrder),
    };
    let order = desk.store.order(id).await?.ok_or(CallbackRefused::NoOrder)?;
    let same_ref = order.placement.vendor_ref().zip(vendor_ref).is_none_or(|(ours, theirs)| ours == theirs);
    if order.connection != connection.id || !same_ref {
        tracing::error!(order_id = %order.id, connection_id = %connection.id, "callback for an order that is not its own");
        return Err(CallbackRefused::NoOrder);
    }
    Ok(order)
}
