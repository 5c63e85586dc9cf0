//! Joins one company to one connection: checks who asks, exchanges credentials, and stores everything before it says
//! that it worked.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use jiff::SignedDuration;
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use super::client::{self, Wanted};
use super::stop::{Stop, anew, no_answer, no_master_token, refusal};
use super::{disconnect, oauth};
use crate::account::Account;
use crate::ats::AtsKind;
use crate::connection::{Connection, ConnectionState};
use crate::error::{Fault, FaultKind};
use crate::flow::{Services, Stranger};
use crate::order::ConnectionId;
use crate::secrets::{PartnerKeys, StoredKeys};
use crate::signature::{hex, random, sha256_hex};
use crate::store::Alias;

/// Time limits of the calls. The admin waits, and all of them together have to fit into the time that a door has.
const TOKEN_PATIENCE: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(7);

/// How long one form may exchange credentials: longer than its calls together. After that the next form may.
const LEASE: SignedDuration = SignedDuration::from_secs(20);

/// How often, and how far apart, a second form looks whether the first one is done.
const LOOKS: u32 = 20;
const LOOK_AGAIN: Duration = Duration::from_millis(500);

pub(super) const OPERATION: &str = "integration/company";

/// What the admin entered.
pub(super) struct ConsentForm<'a> {
    pub(super) token: &'a str,
    pub(super) email: &'a str,
    pub(super) company: &'a str,
}

/// Connects the company; the vendor's title. A company that is connected and works stays as it is.
pub(super) async fn integrate(
    services: &Services,
    partner: &PartnerKeys,
    asked: &ConsentForm<'_>,
) -> Result<&'static str, Stop> {
    let connection = admitted(services, asked).await?;
    if !begin_connecting(services, &connection.id).await? {
        return other_submit(services, &connection, asked.company).await;
    }
    let outcome = connect(services, partner, asked, &connection).await;
    // Storing the connection may have released the lease already. If this fails, the next form waits until it is over.
    if let Err(fault) = services.change_connection(&connection.id, |c| c.connecting_until = None).await {
        tracing::warn!(connection_id = %connection.id, fault = %fault, "the lease runs on");
    }
    outcome
}

/// Reserves the right to exchange credentials. `false` while another form has it.
async fn begin_connecting(services: &Services, id: &ConnectionId) -> Result<bool, Fault> {
    let now = services.clock.now();
    let until = now.checked_add(LEASE).unwrap_or(now);
    let changed = services.change_connection(id, |connection| {
        let free = connection.connecting_until.is_none_or(|end| end < now);
        if free {
            connection.connecting_until = Some(until);
        }
        free
    });
    Ok(changed.await?.is_some_and(|(_, free)| free))
}

/// The form was sent twice. The first one exchanges the credentials; this one waits for its result.
async fn other_submit(services: &Services, connection: &Connection, company: &str) -> Result<&'static str, Stop> {
    for _ in 0..LOOKS {
        tokio::time::sleep(LOOK_AGAIN).await;
        let found = services.store.connection(&connection.id).await?;
        if found.is_some_and(|c| c.account.as_deref() == Some(company) && !disconnect::was_disconnected(&c)) {
            return Ok(connection.vendor.title());
        }
    }
    let words = "Another form is connecting this company right now. Wait half a minute, then send this one again.";
    Err(Stop::passing(StatusCode::CONFLICT, words))
}

async fn connect(
    services: &Services,
    partner: &PartnerKeys,
    asked: &ConsentForm<'_>,
    connection: &Connection,
) -> Result<&'static str, Stop> {
    let vendor = connection.vendor.title();
    let before = services.secrets.latest_keys(&connection.id).await?;
    if works(services, connection, &before, asked.company).await? {
        return Ok(vendor);
    }
    let master = client::pair(&partner.id, &partner.key);
    let account = Account::bare(&services.outbound, &connection.ats_url, &master, TOKEN_PATIENCE);
    client::get_ready(&account).await.map_err(|fault| no_master_token(&fault))?;
    let secret = new_secret()?;
    // Stored first: SmartRecruiters may use it as soon as it has it.
    services.secrets.change_keys(&connection.id, |keys| keys.client_secret.clone_from(&secret)).await?;
    let answer = exchange(&Account { timeout: PATIENCE, ..account }, asked.company, &connection.id, &secret).await;
    let ats_key = match answer {
        Ok(pair) => pair,
        Err((stop, maybe_done)) => {
            if !maybe_done {
                take_back(services, &connection.id, &secret, before.client_secret).await;
            }
            return Err(stop);
        }
    };
    match keep(services, connection, ats_key, asked.company).await {
        Ok(()) => {
            tracing::info!(connection_id = %connection.id, "company connected");
            Ok(vendor)
        }
        Err(fault) => {
            tracing::error!(connection_id = %connection.id, fault = %fault, "connected, but not stored");
            Err(anew(StatusCode::SERVICE_UNAVAILABLE, "SmartRecruiters connected, but Crosscheck could not store it."))
        }
    }
}

/// The connection that this admin may use for this company.
async fn admitted(services: &Services, asked: &ConsentForm<'_>) -> Result<Connection, Stop> {
    let wrong = || {
        let words = "The token and the e-mail address do not belong together, or are not valid. Check both.";
        Stop { wrong: true, ..Stop::passing(StatusCode::FORBIDDEN, words) }
    };
    let caller = services.identify(asked.token, Bytes::new()).await.map_err(|stranger| match stranger {
        Stranger::Refused => {
            tracing::warn!("a consent form was sent with a wrong token");
            wrong()
        }
        Stranger::Unavailable(fault) => fault.into(),
    })?;
    // Not from the cache, because it is written back below.
    let found = services.store.connection(&caller.connection().id).await?;
    let theirs = |c: &Connection| c.ats == AtsKind::SmartRecruiters && c.state != ConnectionState::Revoked;
    let connection = found.filter(|c| theirs(c) && is_admin(c, asked.email)).ok_or_else(wrong)?;
    let bound = connection.account.as_ref().or(connection.expected_account.as_ref());
    if bound.is_some_and(|account| account != asked.company) {
        let words = "This token belongs to another company. Use the one that was made for this company.";
        return Err(Stop::new(StatusCode::CONFLICT, words));
    }
    if holder(services, &connection.id, asked.company).await?.is_some_and(|(_, lives)| lives) {
        return Err(Stop::new(StatusCode::CONFLICT, TAKEN));
    }
    Ok(connection)
}

const TAKEN: &str = "This company is connected already with another token. Use that one, or ask your Crosscheck \
                     administrator to revoke the other connection.";

/// Whether this is the e-mail address that the connection was made for. Compared in constant time.
fn is_admin(connection: &Connection, email: &str) -> bool {
    let given = sha256_hex(email.trim().to_lowercase().as_bytes());
    connection.admin_email_sha256.as_ref().is_none_or(|known| bool::from(known.as_bytes().ct_eq(given.as_bytes())))
}

/// Another connection that has this company's name, and whether it is still in use.
async fn holder(services: &Services, own: &ConnectionId, company: &str) -> Result<Option<(ConnectionId, bool)>, Fault> {
    let named = services.store.connection_named(&Alias::new(AtsKind::SmartRecruiters, company)).await?;
    let Some(id) = named.filter(|id| id != own) else { return Ok(None) };
    let lives = services.store.connection(&id).await?.is_some_and(|c| c.state != ConnectionState::Revoked);
    Ok(Some((id, lives)))
}

/// Whether the company is connected already and its pair is good: new credentials would break what works.
async fn works(services: &Services, connection: &Connection, keys: &StoredKeys, company: &str) -> Result<bool, Stop> {
    let connected = connection.account.as_deref() == Some(company) && !keys.ats_key.is_empty();
    if !connected || disconnect::was_disconnected(connection) {
        return Ok(false);
    }
    let account = services.ats_account(connection, keys, TOKEN_PATIENCE);
    match client::within(&account, OPERATION, client::fetch_token(&account)).await {
        Ok(_) => Ok(true),
        Err(fault) if fault.kind == FaultKind::KeyRefused => Ok(false),
        Err(fault) => Err(no_answer(&fault)),
    }
}

/// 32 random bytes in hexadecimal.
fn new_secret() -> Result<String, Stop> {
    let no_randomness = |_| Fault::new(FaultKind::Platform, "random", "the system has no randomness").not_sent();
    Ok(hex(&random::<32>().map_err(no_randomness)?))
}

/// Gives SmartRecruiters the company's credentials for our doors and takes those for its API. In the error: whether it
/// may have taken ours all the same.
async fn exchange(
    account: &Account<'_>,
    company: &str,
    connection: &ConnectionId,
    secret: &str,
) -> Result<String, (Stop, bool)> {
    let body = json!({ "clientId": oauth::client_id(connection), "clientSecret": secret });
    let send = async {
        let url = client::below(account.base_url, &["assessment-api", "v202010", "integration", "company", company])?;
        let body = Some(("application/json", &body));
        client::ask(account, &Wanted { operation: OPERATION, method: Method::POST, url, body }).await
    };
    let reply = client::within(account, OPERATION, send).await.map_err(|fault| {
        let unclear = "SmartRecruiters did not answer in time. If it shows the partner as connected, disconnect it \
                       there and press Connect again; else send this form once more.";
        let passing = Stop::passing(StatusCode::BAD_GATEWAY, unclear);
        let stop = if fault.maybe_done { passing } else { no_master_token(&fault) };
        (stop, fault.maybe_done)
    })?;
    let refused = client::understood(OPERATION, &reply);
    if let Err(fault) = &refused {
        tracing::warn!(connection_id = %connection, fault = %fault, "SmartRecruiters does not connect the company");
        return Err((refusal(&reply), reply.status.is_server_error()));
    }
    let given = refused.unwrap_or_default();
    let text = |name: &str| given.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let unreadable = || (anew(StatusCode::BAD_GATEWAY, "SmartRecruiters connected, but gave no credentials."), true);
    let (Some(id), Some(secret)) = (text("clientId"), text("clientSecret")) else { return Err(unreadable()) };
    Ok(client::pair(id, secret))
}

/// SmartRecruiters did not take the new secret, so the one before stays in force; unless somebody changed it since.
async fn take_back(services: &Services, id: &ConnectionId, ours: &str, before: String) {
    if before.is_empty() {
        return;
    }
    let give_back = |keys: &mut StoredKeys| {
        if keys.client_secret == ours {
            keys.client_secret = before;
        }
    };
    if let Err(fault) = services.secrets.change_keys(id, give_back).await {
        tracing::error!(connection_id = %id, fault = %fault, "the client secret before could not be put back");
    }
}

async fn keep(services: &Services, connection: &Connection, ats_key: String, company: &str) -> Result<(), Fault> {
    let (id, store) = (&connection.id, &services.store);
    let lost = |what: &'static str| Fault::new(FaultKind::Platform, OPERATION, what);
    services.secrets.change_keys(id, |keys| keys.ats_key = ats_key).await?;
    let alias = Alias::new(AtsKind::SmartRecruiters, company);
    let named = match holder(services, id, company).await? {
        Some((before, false)) => store.rename_connection(&alias, &before, id).await?,
        Some((_, true)) => false,
        None => store.name_connection(&alias, id).await?,
    };
    if !named {
        return Err(lost("the company got another connection meanwhile"));
    }
    let connected = services.change_connection(id, |connection| connected(connection, company)).await?;
    connected.map_or(Err("the connection is gone"), |(_, done)| done).map_err(lost)
}

/// Ties the connection to its company and lets it take orders. One that the operator paused stays paused.
fn connected(connection: &mut Connection, company: &str) -> Result<(), &'static str> {
    if connection.account.as_deref().is_some_and(|account| account != company) {
        return Err("the connection got another company meanwhile");
    }
    match connection.state {
        ConnectionState::Revoked => return Err("the connection was revoked meanwhile"),
        ConnectionState::Waiting => connection.state = ConnectionState::Active,
        ConnectionState::Active | ConnectionState::Paused => {}
    }
    connection.account = Some(company.to_owned());
    connection.connecting_until = None;
    connection.trouble.ats = None;
    Ok(())
}
