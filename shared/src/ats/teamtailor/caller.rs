//! Who calls Teamtailor's door: the connection whose token is in the bearer.

use uuid::Uuid;

use super::bearer;
use crate::ats::AtsKind;
use crate::error::Fault;
use crate::flow::{Caller, Services, Stranger};
use crate::inbound::{self, Request};
use crate::order::clean;
use crate::secrets::PartnerKeys;
use crate::signature::TriggerToken;
use crate::store::Alias;

/// Checks with the partner's keys, and once more with keys read afresh when these may have been changed since.
pub(super) async fn with_partner_keys<T>(
    services: &Services,
    check: impl Fn(&PartnerKeys) -> Option<T>,
) -> Result<Option<T>, Fault> {
    let keys = match services.secrets.partner(AtsKind::Teamtailor).await {
        Ok(keys) => keys,
        // The cache also remembers that a secret was missing. It may have been stored since.
        Err(fault) => services.secrets.refreshed_partner(AtsKind::Teamtailor).await?.ok_or(fault)?,
    };
    if let Some(found) = check(&keys) {
        return Ok(Some(found));
    }
    let fresh = services.secrets.refreshed_partner(AtsKind::Teamtailor).await?;
    Ok(fresh.filter(|fresh| *fresh != keys).and_then(|fresh| check(&fresh)))
}

/// Whose bearer this is.
pub(super) async fn identify(services: &Services, request: &Request) -> Result<Caller, Stranger> {
    let presented = inbound::credential(request.headers()).ok_or(Stranger::Refused)?;
    let now = services.clock.now();
    let token = with_partner_keys(services, |keys| bearer::token_in(&presented.secret, keys, now)).await;
    let token = token.map_err(Stranger::Unavailable)?;
    let caller = match token {
        Some(token) => belongs(services, &token, request).await,
        None => Err(Stranger::Refused),
    };
    let caller = caller.and_then(|caller| match caller.connection().ats {
        AtsKind::Teamtailor => Ok(caller),
        _ => Err(Stranger::Refused),
    });
    if matches!(caller, Err(Stranger::Refused)) {
        tracing::warn!(scheme = presented.scheme, "caller refused");
    }
    caller
}

/// A token of ours names its connection; a UUID that Teamtailor made up has to be looked up first.
async fn belongs(services: &Services, token: &str, request: &Request) -> Result<Caller, Stranger> {
    let token = clean::plain(token);
    let token = token.as_str();
    let body = request.body().clone();
    if TriggerToken::claimed_connection(token).is_some() {
        return services.identify(token, body).await;
    }
    let uuid = Uuid::parse_str(token).map_err(|_| Stranger::Refused)?.to_string();
    let alias = Alias::new(AtsKind::Teamtailor, &uuid);
    let named = services.store.connection_named(&alias).await.map_err(Stranger::Unavailable)?;
    services.identify_as(&named.ok_or(Stranger::Refused)?, &uuid, body).await
}
