//! What a door looks up while the recruiter waits: the ordered package, and a phone number where the vendor needs one.

use std::time::Duration;

use super::{NewOrder, OrderRefused, Services, packages};
use crate::connection::{Catalogue, Connection};
use crate::error::FaultKind;
use crate::order::Package;

/// How long the recruiter waits for the candidate's phone number. After that the worker fetches it.
const PHONE_PATIENCE: Duration = Duration::from_millis(2500);

/// The ordered package: from the cached list, else from the vendor's current one.
pub(super) async fn offer(
    services: &Services,
    connection: &Connection,
    new: &NewOrder<'_>,
) -> Result<(Catalogue, Package), OrderRefused> {
    let find = |catalogue: &Catalogue| catalogue.packages.iter().find(|p| new.package.is(p)).cloned();
    let seen = connection.catalogue.as_ref().filter(|c| c.credit.is_none_or(|left| left > 0));
    if let Some(catalogue) = seen
        && let Some(package) = find(catalogue)
    {
        return Ok((catalogue.clone(), package));
    }
    let vendor = connection.vendor.title();
    let fresh = packages(services, connection).await.map_err(|fault| match fault.kind {
        FaultKind::Platform => OrderRefused::Unavailable(fault),
        kind if kind.is_refusal() => OrderRefused::because(format!(
            "{vendor} refused the key of this connection. Ask your Crosscheck administrator to replace it."
        )),
        _ => OrderRefused::because(format!(
            "{vendor} did not answer, so the package could not be checked. Try again in a few minutes."
        )),
    })?;
    let package = find(&fresh).ok_or_else(|| {
        OrderRefused::NoPackage(format!("{vendor} no longer offers this package. Pick another one.").into())
    })?;
    Ok((fresh, package))
}

/// The candidate's phone number. `None` if the ATS is slow or does not answer; the worker fetches it then.
pub(super) async fn phone(
    services: &Services,
    connection: &Connection,
    new: &NewOrder<'_>,
) -> Result<Option<String>, OrderRefused> {
    let ats = connection.ats.title();
    let keys = services.keys(connection).await?;
    let account = services.ats_account(connection, &keys, PHONE_PATIENCE);
    match new.ats.contact(&account, &new.reference).await {
        Ok(contact) if contact.phone.is_some() => Ok(contact.phone),
        Ok(_) => Err(OrderRefused::because(format!(
            "{} needs a phone number. Add a phone number to the candidate in {ats} and start again.",
            connection.vendor.title()
        ))),
        Err(fault) if fault.kind.is_passing() => {
            tracing::warn!(connection_id = %connection.id, fault = %fault, "phone left to the worker");
            Ok(None)
        }
        Err(fault) => {
            tracing::error!(connection_id = %connection.id, fault = %fault, "candidate not readable");
            Err(OrderRefused::because(format!(
                "{ats} does not let Crosscheck read this candidate's phone number. Ask the {ats} admin \
                 to check the API key: Candidates Read, and access to confidential jobs."
            )))
        }
    }
}
