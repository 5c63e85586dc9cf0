//! The package list: read from the vendor while the ATS waits, else the one seen last; some vendors keep it here
//! themselves.

use std::time::Duration;

use super::Services;
use crate::connection::{Catalogue, Connection};
use crate::error::{Fault, FaultKind};
use crate::inbound::BadBody;
use crate::order::{OrderId, Package};
use crate::vendor::{CallDone, CallbackRefused, PackageCall};

/// The ATS's picker waits for this call, and some ATSs use it to test the token.
const PATIENCE: Duration = Duration::from_secs(4);

/// What a package list may take up: DynamoDB's items end at 400 kB, and a connection has other parts.
const MOST_BYTES: usize = 300_000;

/// What the vendor offers. If the vendor does not answer in time, the list seen last.
///
/// # Errors
/// When the vendor refuses the key, or does not answer and nothing was ever seen.
pub async fn packages(services: &Services, connection: &Connection) -> Result<Catalogue, Fault> {
    let keys = services.secrets.keys(&connection.id).await?;
    let account = services.vendor_account(connection, &keys, PATIENCE);
    let late = |_| Err(Fault::new(FaultKind::NoAnswer, "packages", "took too long in all"));
    match tokio::time::timeout(PATIENCE, connection.vendor.connector().catalogue(&account)).await.unwrap_or_else(late) {
        Ok(None) => Ok(connection.catalogue.clone().unwrap_or_default()),
        Ok(Some(catalogue)) => {
            if connection.catalogue.as_ref() != Some(&catalogue) {
                services.change_connection(&connection.id, |c| c.catalogue = Some(catalogue.clone())).await?;
            }
            Ok(catalogue)
        }
        Err(fault) => match &connection.catalogue {
            Some(seen) if fault.kind.is_passing() => {
                tracing::warn!(connection_id = %connection.id, fault = %fault, "package list as last seen");
                Ok(seen.clone())
            }
            _ => Err(fault),
        },
    }
}

/// What a vendor wants of the package list that it keeps here.
pub(super) async fn kept_here(
    services: &Services,
    connection: &Connection,
    call: PackageCall,
) -> Result<CallDone, CallbackRefused> {
    match call {
        PackageCall::List(page) => {
            let (packages, next) = page.of(listed(services, connection).await?.packages);
            Ok(CallDone::Packages(packages, next))
        }
        PackageCall::Read(id) => {
            let found = listed(services, connection).await?.packages.into_iter().find(|p| p.id == id);
            found.map(CallDone::PackageRead).ok_or(CallbackRefused::NoPackage)
        }
        PackageCall::Add { name, description } => {
            let fresh = Package { id: OrderId::generate().to_string(), name, description };
            let added = change_packages(services, connection, |list| Ok(add(list, &fresh)));
            added.await.map(CallDone::Package)
        }
        PackageCall::Change { id, name, description } => {
            let changed = change_packages(services, connection, |list| {
                let package = list.iter_mut().find(|p| p.id == id).ok_or(CallbackRefused::NoPackage)?;
                package.name = name.clone().unwrap_or_else(|| std::mem::take(&mut package.name));
                package.description = description.clone().unwrap_or_else(|| std::mem::take(&mut package.description));
                Ok(package.clone())
            });
            changed.await.map(CallDone::PackageChanged)
        }
        PackageCall::Drop(id) => {
            let dropped = change_packages(services, connection, |list| {
                let at = list.iter().position(|p| p.id == id).ok_or(CallbackRefused::NoPackage)?;
                Ok(list.remove(at))
            });
            dropped.await.map(|_| CallDone::Dropped)
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

/// The package list as it is stored now, past the cache.
async fn listed(services: &Services, connection: &Connection) -> Result<Catalogue, Fault> {
    let fresh = services.store.connection(&connection.id).await?;
    Ok(fresh.and_then(|c| c.catalogue).unwrap_or_default())
}

/// Changes the package list of a vendor that keeps it itself; the package concerned.
async fn change_packages(
    services: &Services,
    connection: &Connection,
    change: impl Fn(&mut Vec<Package>) -> Result<Package, CallbackRefused>,
) -> Result<Package, CallbackRefused> {
    let changed = services.change_connection(&connection.id, |connection| {
        let mut catalogue = connection.catalogue.clone().unwrap_or_default();
        let before = size(&catalogue.packages);
        let package = change(&mut catalogue.packages)?;
        if size(&catalogue.packages) > before.max(MOST_BYTES) {
            return Err(CallbackRefused::Body(BadBody::Field(format!(
                "the package list has more than {MOST_BYTES} bytes; delete packages that nobody orders"
            ))));
        }
        connection.catalogue = Some(catalogue);
        Ok(package)
    });
    changed.await?.map_or(Err(CallbackRefused::NoPackage), |(_, package)| package)
}

/// What the packages take up in the connection's item, about.
fn size(packages: &[Package]) -> usize {
    packages.iter().map(|p| p.id.len() + p.name.len() + p.description.len() + 40).sum()
}
