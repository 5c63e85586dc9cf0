//! The package list: fresh from the vendor while the ATS waits, else as last seen.

use std::time::Duration;

use super::Services;
use crate::connection::{Catalogue, Connection};
use crate::error::{Fault, FaultKind};

/// The ATS's picker waits for this call, and some ATSs use it to test the token.
const PATIENCE: Duration = Duration::from_secs(4);

/// What the vendor offers. A vendor that does not answer in time is covered by what was last seen.
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
