//! A vendor's call becomes a fact: verified on the raw bytes, recorded over what we know, acted on by the worker.

use std::time::Duration;

use super::notices::take_notices;
use super::packages::kept_here;
use super::record::record;
use super::show_order::shown;
use super::{Services, blot};
use crate::connection::Connection;
use crate::error::Fault;
use crate::inbound::Request;
use crate::order::ConnectionId;
use crate::secrets::StoredKeys;
use crate::signature::Verified;
use crate::telemetry;
use crate::vendor::{CallDone, CallbackRefused, Notice, VendorCall, VendorKind, VendorRequest};

/// Time for asking the vendor which order its news is about, while the vendor waits for our answer.
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
        VendorRequest::Notices(notices) => take_notices(services, connection, &notices).await,
        VendorRequest::News { of } => {
            let notice = learn(services, connection, &of).await?.ok_or(CallbackRefused::NoReference)?;
            take_notices(services, connection, &[notice]).await
        }
        VendorRequest::Report(report) => {
            telemetry::count("ReportTaken");
            record(services, connection, None, report.vendor_ref.as_deref(), |order| {
                let report = blot::report(order, connection.vendor, (*report).clone());
                order.take_push(report, services.clock.now())
            })
            .await
        }
        VendorRequest::Update(update) => {
            telemetry::count("ReportTaken");
            record(services, connection, Some(update.order), Some(&update.vendor_ref), |order| {
                let report = blot::report(order, connection.vendor, update.report_on(order));
                order.take_push(report, services.clock.now())
            })
            .await
        }
        VendorRequest::Order(id) => {
            let order = shown(services, connection, id).await?.ok_or(CallbackRefused::NoOrder)?;
            Ok(CallDone::Order(Box::new(order), connection.callback_url()))
        }
        VendorRequest::Packages(call) => kept_here(services, connection, call).await,
    }
}

/// Which order the news is about. Crosscheck asks with this connection's key, so the answer never comes from another
/// account.
async fn learn(services: &Services, connection: &Connection, of: &str) -> Result<Option<Notice>, Fault> {
    let keys = services.secrets.keys(&connection.id).await?;
    let account = services.vendor_account(connection, &keys, PATIENCE);
    connection.vendor.callbacks().learn(&account, of).await
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
