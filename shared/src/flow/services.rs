//! What every door works with: the store, the secrets, the HTTP client, and who is calling.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::account::Account;
use crate::ats::KeySource;
use crate::clock::Clock;
use crate::connection::{Connection, ConnectionState, Side};
use crate::error::Fault;
use crate::order::ConnectionId;
use crate::outbound::Outbound;
use crate::secrets::{Secrets, StoredKeys};
use crate::signature::{NotVerified, TriggerToken, Verified, by_trigger_token};
use crate::store::{Alias, Store};

/// How long a door uses a cached connection. A revoked token works for up to this long.
const REMEMBER: Duration = Duration::from_secs(20);

/// A refused token makes a door read the connection again, at most this often.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// How long what an account answered to its key counts, so that many refused orders cost one call.
const KEY_TRIED: Duration = Duration::from_secs(15);

/// A door's tools. Cheap to clone; clones share caches.
#[derive(Clone)]
pub struct Services {
    /// The orders table.
    pub store: Store,
    /// Keys and secrets.
    pub secrets: Secrets,
    /// The HTTP client for ATSs and vendors.
    pub outbound: Outbound,
    /// Where time comes from.
    pub clock: Clock,
    known: Arc<Mutex<HashMap<ConnectionId, (Instant, Connection)>>>,
    tried: Arc<Mutex<HashMap<(ConnectionId, Side), Tried>>>,
}

/// What an account last answered to its key, and when.
#[derive(Clone)]
struct Tried {
    at: Instant,
    keys: StoredKeys,
    answer: Result<(), Fault>,
}

/// A caller that proved to belong to a connection.
pub type Caller = Verified;

/// Why a caller is refused.
#[derive(Debug, Clone)]
pub enum Stranger {
    /// Wrong, missing, revoked or malformed credentials.
    Refused,
    /// We could not find out: our own table does not answer. Not the caller's fault, so never a 401.
    Unavailable(Fault),
}

impl Services {
    /// The services with these tools.
    pub fn new(store: Store, secrets: Secrets, outbound: Outbound, clock: Clock) -> Self {
        Self { store, secrets, outbound, clock, known: Arc::default(), tried: Arc::default() }
    }

    /// Who presents this trigger token.
    ///
    /// # Errors
    /// See [`Stranger`].
    pub async fn identify(&self, token: &str, body: Bytes) -> Result<Caller, Stranger> {
        let id = TriggerToken::claimed_connection(token).ok_or(Stranger::Refused)?;
        self.identify_as(&id, token, body).await
    }

    /// Whether this token, which does not name its connection itself, is one of this connection's.
    ///
    /// # Errors
    /// See [`Stranger`].
    pub async fn identify_as(&self, id: &ConnectionId, token: &str, body: Bytes) -> Result<Caller, Stranger> {
        let known = self.connection(id).await.map_err(Stranger::Unavailable)?.ok_or(Stranger::Refused)?;
        if let Ok(caller) = self.check(known, token, body.clone()) {
            return Ok(caller);
        }
        // The token may have been rotated a moment ago. The limit keeps strangers from causing many reads.
        let fresh = self.read_again(id).await.map_err(Stranger::Unavailable)?.ok_or(Stranger::Refused)?;
        self.check(fresh, token, body).map_err(|NotVerified| Stranger::Refused)
    }

    fn check(&self, connection: Connection, token: &str, body: Bytes) -> Result<Caller, NotVerified> {
        if connection.state == ConnectionState::Revoked {
            return Err(NotVerified);
        }
        by_trigger_token(connection, token, body, self.clock.now())
    }

    async fn read_again(&self, id: &ConnectionId) -> Result<Option<Connection>, Fault> {
        let recent = self.lock().get(id).is_some_and(|(read_at, _)| read_at.elapsed() < LOOK_AGAIN);
        if recent {
            return Ok(None);
        }
        let found = self.store.connection(id).await?;
        if let Some(connection) = &found {
            self.remember(connection.clone());
        }
        Ok(found)
    }

    /// The connection of this id, read at most every twenty seconds.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, Fault> {
        if let Some((read_at, connection)) = self.lock().get(id)
            && read_at.elapsed() < REMEMBER
        {
            return Ok(Some(connection.clone()));
        }
        let found = self.store.connection(id).await?;
        if let Some(connection) = &found {
            self.remember(connection.clone());
        }
        Ok(found)
    }

    /// Changes a connection as [`Store::change_connection`] does, and remembers it as it stands then.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer, or others write the connection all the time.
    pub async fn change_connection<R>(
        &self,
        id: &ConnectionId,
        apply: impl Fn(&mut Connection) -> R,
    ) -> Result<Option<(Connection, R)>, Fault> {
        let changed = self.store.change_connection(id, apply).await?;
        if let Some((connection, _)) = &changed {
            self.remember(connection.clone());
        }
        Ok(changed)
    }

    /// What the account answered to these keys a moment ago.
    pub(super) fn key_tried(&self, id: &ConnectionId, side: Side, keys: &StoredKeys) -> Option<Result<(), Fault>> {
        let tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let known = tried.get(&(id.clone(), side))?;
        (known.at.elapsed() < KEY_TRIED && known.keys == *keys).then(|| known.answer.clone())
    }

    /// Remembers what the account answered to these keys.
    pub(super) fn remember_key(&self, id: &ConnectionId, side: Side, keys: &StoredKeys, answer: Result<(), Fault>) {
        let tried = Tried { at: Instant::now(), keys: keys.clone(), answer };
        self.tried.lock().unwrap_or_else(PoisonError::into_inner).insert((id.clone(), side), tried);
    }

    /// Replaces what is remembered of a connection.
    pub fn remember(&self, connection: Connection) {
        self.lock().insert(connection.id.clone(), (Instant::now(), connection));
    }

    /// The connection of this alias.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn connection_named(&self, alias: &Alias) -> Result<Option<Connection>, Fault> {
        match self.store.connection_named(alias).await? {
            Some(id) => self.connection(&id).await,
            None => Ok(None),
        }
    }

    /// The keys of a connection, with the partner's own key where its ATS knows no other.
    ///
    /// # Errors
    /// `Platform` when Secrets Manager does not answer.
    pub async fn keys(&self, connection: &Connection) -> Result<StoredKeys, Fault> {
        let keys = self.secrets.keys(&connection.id).await?;
        self.with_partner_key(connection, keys).await
    }

    /// The keys read afresh, at most once a minute. `None` when it was too early to.
    ///
    /// # Errors
    /// As [`Services::keys`].
    pub async fn refreshed_keys(&self, connection: &Connection) -> Result<Option<StoredKeys>, Fault> {
        if connection.ats.facts().key_source == KeySource::Partner {
            // Read for the cache alone, which the lines below look into.
            self.secrets.refreshed_partner(connection.ats).await?;
        }
        match self.secrets.refreshed_keys(&connection.id).await? {
            Some(keys) => self.with_partner_key(connection, keys).await.map(Some),
            None => Ok(None),
        }
    }

    /// What `look` finds in the cached keys, else in the keys read afresh: another process may have changed them.
    ///
    /// # Errors
    /// As [`Services::keys`].
    pub async fn with_keys<T>(
        &self,
        connection: &Connection,
        look: impl Fn(&StoredKeys) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        if let Some(found) = look(&self.keys(connection).await?) {
            return Ok(Some(found));
        }
        Ok(self.refreshed_keys(connection).await?.and_then(|keys| look(&keys)))
    }

    async fn with_partner_key(&self, connection: &Connection, keys: StoredKeys) -> Result<StoredKeys, Fault> {
        Ok(match connection.ats.facts().key_source {
            KeySource::Partner => StoredKeys { ats_key: self.secrets.partner(connection.ats).await?.key, ..keys },
            KeySource::Operator | KeySource::Consent => keys,
        })
    }

    /// The road to the connection's ATS.
    pub const fn ats_account<'a>(&'a self, at: &'a Connection, keys: &'a StoredKeys, timeout: Duration) -> Account<'a> {
        let account = Account::bare(&self.outbound, &at.ats_url, keys.ats_key.as_str(), timeout);
        Account { connection: Some(at), ..account }
    }

    /// The road to the connection's vendor.
    pub const fn vendor_account<'a>(
        &'a self,
        at: &'a Connection,
        keys: &'a StoredKeys,
        timeout: Duration,
    ) -> Account<'a> {
        let account = Account::bare(&self.outbound, &at.vendor_url, keys.vendor_key.as_str(), timeout);
        Account {
            connection: Some(at),
            signing_secret: keys.signing_secret.as_str(),
            previous_signing_secret: keys.previous_signing_secret.as_str(),
            ..account
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ConnectionId, (Instant, Connection)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
