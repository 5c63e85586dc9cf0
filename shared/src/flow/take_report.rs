//! A vendor's callback becomes a fact: verified on the raw bytes, recorded over what we know, told by the worker.

use std::time::Duration;

use super::{Services, blot, several};
use crate::connection::{Catalogue, Connection};
use crate::error::{Fault, FaultKind};
use crate::inbound::Request;
use crate::order::{ConnectionId, Order, OrderId, Package, State, Taken};
use crate::secrets::StoredKeys;
use crate::signature::Verified;
use crate::store::Saved;
use crate::telemetry;
use crate::vendor::{Asked, CallDone, Callback, CallbackRefused, VendorCall, VendorKind};

/// Attempts at recording, against writers that come in between.
const ATTEMPTS: usize = 8;

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
    let call = VendorCall {
        method: request.method(),
        path,
        query: request.uri().query(),
        body: verified.body().as_ref(),
        options: &verified.connection().options,
    };
    let asked = vendor.callbacks().read_call(call).map_err(CallbackRefused::Body)?;
    let connection = verified.connection();
    match asked.ok_or(CallbackRefused::NoSuchCall)? {
        Asked::Report(callback) => reported(services, connection, &callback).await,
        Asked::Reports(callbacks) => several::all(services, connection, &callbacks).await,
        Asked::News { of } => {
            let callback = learn(services, connection, &of).await?.ok_or(CallbackRefused::NoReference)?;
            reported(services, connection, &callback).await
        }
        Asked::Update(update) => {
            telemetry::count("ReportTaken");
            record(services, connection, Some(update.order), Some(&update.vendor_ref), |order| {
                let report = blot::report(order, connection.vendor, update.report_on(order));
                order.take(report, services.clock.now())
            })
            .await
        }
        Asked::Order(id) => {
            let order = services.store.order(id).await?.filter(|o| o.connection == connection.id);
            let order = order.ok_or(CallbackRefused::NoOrder)?;
            Ok(CallDone::Order(Box::new(order), connection.callback_url()))
        }
        asked => packages(services, connection, asked).await,
    }
}

/// Records one report.
pub(super) async fn reported(
    services: &Services,
    connection: &Connection,
    callback: &Callback,
) -> Result<CallDone, CallbackRefused> {
    telemetry::count("ReportTaken");
    record(services, connection, callback.order, callback.report.vendor_ref.as_deref(), |order| {
        let report = blot::report(order, connection.vendor, callback.report.clone());
        order.take(report, services.clock.now())
    })
    .await
}

/// What news is of. It is asked with this connection's key, so that it never leads into another account.
async fn learn(services: &Services, connection: &Connection, of: &str) -> Result<Option<Callback>, Fault> {
    let keys = services.secrets.keys(&connection.id).await?;
    let account = services.vendor_account(connection, &keys, PATIENCE);
    connection.vendor.callbacks().learn(&account, of).await
}

/// What a vendor asks of the package list that it keeps here.
async fn packages(services: &Services, connection: &Connection, asked: Asked) -> Result<CallDone, CallbackRefused> {
    match asked {
        Asked::Packages => Ok(CallDone::Packages(listed(services, connection).await?.packages)),
        Asked::Package(id) => {
            let found = listed(services, connection).await?.packages.into_iter().find(|p| p.id == id);
            found.map(CallDone::PackageRead).ok_or(CallbackRefused::NoPackage)
        }
        Asked::AddPackage { name, description } => {
            let fresh = Package { id: OrderId::generate().to_string(), name, description };
            let added = change_packages(services, connection, |list| Some(add(list, &fresh))).await?;
            added.map(CallDone::Package).ok_or(CallbackRefused::NoPackage)
        }
        Asked::ChangePackage { id, name, description } => {
            let changed = change_packages(services, connection, |list| {
                let package = list.iter_mut().find(|p| p.id == id)?;
                package.name = name.clone().unwrap_or_else(|| std::mem::take(&mut package.name));
                package.description = description.clone().unwrap_or_else(|| std::mem::take(&mut package.description));
                Some(package.clone())
            });
            changed.await?.map(CallDone::PackageChanged).ok_or(CallbackRefused::NoPackage)
        }
        Asked::DropPackage(id) => {
            let dropped = change_packages(services, connection, |list| {
                let at = list.iter().position(|p| p.id == id)?;
                Some(list.remove(at))
            });
            dropped.await?.map(|_| CallDone::Dropped).ok_or(CallbackRefused::NoPackage)
        }
        Asked::Report(_) | Asked::Reports(_) | Asked::News { .. } | Asked::Update(_) | Asked::Order(_) => {
            Err(CallbackRefused::NoSuchCall)
        }
    }
}

/// Adds a package. A vendor that lost our answer adds it again: one of the same name is that package.
fn add(list: &mut Vec<Package>, fresh: &Package) -> Package {
    if let Some(known) = list.iter_mut().find(|p| p.name == fresh.name) {
        known.description.clone_from(&fresh.description);
        return known.clone();
    }
    list.push(fresh.clone());
    fresh.clone()
}

/// The package list as it stands now, whatever is remembered.
async fn listed(services: &Services, connection: &Connection) -> Result<Catalogue, Fault> {
    let fresh = services.store.connection(&connection.id).await?;
    Ok(fresh.and_then(|c| c.catalogue).unwrap_or_default())
}

/// Changes the package list of a vendor that keeps it itself; the package concerned. `None` when there is none.
async fn change_packages(
    services: &Services,
    connection: &Connection,
    change: impl Fn(&mut Vec<Package>) -> Option<Package>,
) -> Result<Option<Package>, CallbackRefused> {
    for _ in 0..ATTEMPTS {
        let before = listed(services, connection).await?;
        let mut after = before.clone();
        let Some(package) = change(&mut after.packages) else { return Ok(None) };
        if after == before {
            return Ok(Some(package));
        }
        if services.store.replace_catalogue(&connection.id, &before, &after).await? == Saved::Yes {
            services.amend(&connection.id, |known| known.catalogue = Some(after));
            return Ok(Some(package));
        }
    }
    Err(CallbackRefused::Unavailable(busy("too many writers for one package list")))
}

fn busy(detail: &'static str) -> Fault {
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

async fn record(
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
            notice(&order, taken);
            return Ok(CallDone::Taken(taken, Box::new(order)));
        }
        if services.store.save(&mut order, true).await? == Saved::Yes {
            if order.status.state == State::Completed && before.status.state != State::Completed {
                telemetry::count("OrderCompleted");
            }
            notice(&order, taken);
            tracing::info!(order_id = %order.id, state = %order.status.state, "report taken");
            return Ok(CallDone::Taken(taken, Box::new(order)));
        }
    }
    Err(CallbackRefused::Unavailable(busy("too many writers for one order")))
}

/// Rings for a word that nobody knows: once per call, however often it had to be recorded.
fn notice(order: &Order, taken: Taken) {
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
