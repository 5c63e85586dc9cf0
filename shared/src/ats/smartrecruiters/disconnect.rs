//! A company disconnects the partner. A call without a token is believed only if SmartRecruiters confirms it.

use std::time::Duration;

use super::webhook::Refusal;
use super::{client, oauth};
use crate::ats::AtsKind;
use crate::connection::{Connection, ConnectionState, Side, TroubleKind};
use crate::error::{Fault, FaultKind};
use crate::flow::Services;
use crate::inbound::Request;
use crate::order::ConnectionId;
use crate::store::Alias;

/// Time for asking SmartRecruiters, which waits for our answer meanwhile.
const PATIENCE: Duration = Duration::from_secs(4);

/// Whether the connection waits for its admin to connect again.
pub(super) fn was_disconnected(connection: &Connection) -> bool {
    connection.state == ConnectionState::Waiting || connection.is_disconnected()
}

/// Takes the connection for disconnected if the call is the company's own, or the company's credentials are void.
pub(super) async fn disconnect(services: &Services, request: &Request, company: Option<&str>) -> Result<(), Refusal> {
    if let Some(caller) = oauth::signer(services, request).await? {
        if let Some(company) = company {
            oauth::of_company(services, &caller, company).await?.ok_or_else(Refusal::foreign_company)?;
        }
        return Ok(disconnected(services, &caller.connection().id).await?);
    }
    let alias = company.map(|company| Alias::new(AtsKind::SmartRecruiters, company));
    let connection = match alias {
        Some(alias) => services.connection_named(&alias).await?,
        None => return Err(Refusal::stranger()),
    };
    if let Some(connection) = connection {
        tracing::warn!(connection_id = %connection.id, "a disconnection came without a valid token");
        if has_no_key(services, &connection).await? {
            return Ok(disconnected(services, &connection.id).await?);
        }
    }
    // After a refused token SmartRecruiters fetches another and calls again. Without a token, an unknown company gets
    // the same answer as a known one, so that strangers cannot find out who is a customer.
    if request.headers().contains_key(http::header::AUTHORIZATION) { Err(Refusal::stranger()) } else { Ok(()) }
}

/// Whether SmartRecruiters itself refuses the company's credentials. If it does not answer, they may still be good.
async fn has_no_key(services: &Services, connection: &Connection) -> Result<bool, Fault> {
    let keys = services.keys(connection).await?;
    if keys.ats_key.is_empty() {
        return Ok(false);
    }
    let account = services.ats_account(connection, &keys, PATIENCE);
    let answer = client::within(&account, "oauth/token", client::fetch_token(&account)).await;
    let Err(fault) = answer else { return Ok(false) };
    tracing::info!(connection_id = %connection.id, fault = %fault, "credentials tried");
    if fault.kind != FaultKind::KeyRefused {
        return Ok(false);
    }
    // Ours may be old: another process may have stored newer ones.
    Ok(services.secrets.latest_keys(&connection.id).await? == keys)
}

async fn disconnected(services: &Services, id: &ConnectionId) -> Result<(), Fault> {
    let now = services.clock.now();
    let apply = |connection: &mut Connection| {
        if connection.state == ConnectionState::Revoked {
            return false;
        }
        // What the operator paused stays paused when the admin connects again.
        if connection.state == ConnectionState::Active {
            connection.state = ConnectionState::Waiting;
        }
        connection.note_trouble(Side::Ats, TroubleKind::Disconnected, now);
        true
    };
    if services.change_connection(id, apply).await?.is_some_and(|(_, done)| done) {
        tracing::info!(connection_id = %id, "company disconnected");
    }
    Ok(())
}
