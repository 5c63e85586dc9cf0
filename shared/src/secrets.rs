//! Keys and secrets in Secrets Manager, behind a small cache.
//!
//! AWS's own caching crate was tried and rejected: it brings the SSO and STS clients and a second runtime flavour into
//! every function, and has no limit on forced refreshes, which a stranger's wrong callbacks could then drive.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_secretsmanager::Client;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::ats::AtsKind;
use crate::error::{Fault, FaultKind, aws_code};
use crate::order::ConnectionId;

/// What a fault names where it is about one of these.
const CONNECTION_SECRET: &str = "connection secret";
const DEPLOYMENT_SECRET: &str = "deployment secret";

/// The same of the keys that `crosscheck ats setup` stores.
pub const PARTNER_SECRET: &str = "partner secret";

/// How long a secret is used before it is read again.
const FRESH: Duration = Duration::from_mins(15);

/// A secret is read again out of turn at most this often, however many wrong callbacks arrive.
const REFRESH_LIMIT: Duration = Duration::from_mins(1);

/// Which version of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The one in force.
    Current,
    /// The one before it, valid until the vendor has changed over.
    Previous,
}

impl Stage {
    const fn name(self) -> &'static str {
        match self {
            Self::Current => "AWSCURRENT",
            Self::Previous => "AWSPREVIOUS",
        }
    }
}

/// The keys of one connection, as stored in one secret.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKeys {
    /// The ATS's API key.
    pub ats_key: String,
    /// The vendor's API key.
    pub vendor_key: String,
    /// The bearer that the vendor's callbacks carry.
    pub callback_secret: String,
    /// What the ATS presents at our token endpoint, and the key of the tokens given there; or what its webhooks are signed
    /// with. Empty where there is none.
    #[serde(default)]
    pub client_secret: String,
    /// Signs what we send to vendors that verify us: `whsec_` and 32 random bytes in base64.
    #[serde(default)]
    pub signing_secret: String,
    /// The one before it, which signs too while a rotation lasts; else empty.
    #[serde(default)]
    pub previous_signing_secret: String,
}

/// This deployment's keys as a partner of one ATS, where that ATS gives the partner keys of its own.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerKeys {
    /// The partner's id: SmartRecruiters' master client id, Teamtailor's integration id.
    pub id: String,
    /// The partner's key: the master client secret, the partner API key.
    pub key: String,
    /// What the ATS signs its calls with, where it signs them; else empty.
    #[serde(default)]
    pub webhook_secret: String,
    /// The ATS's API that they were published to, where that is not the production API.
    #[serde(default)]
    pub ats_url: Option<Url>,
}

impl std::fmt::Debug for PartnerKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PartnerKeys(redacted)")
    }
}

impl std::fmt::Debug for StoredKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoredKeys(redacted)")
    }
}

#[derive(Deserialize)]
struct Deployment {
    report_link_key: String,
}

#[derive(Clone)]
struct Cached {
    text: Option<Arc<SecretString>>,
    read_at: Instant,
}

/// The deployment's secrets. Cheap to clone; clones share the cache.
#[derive(Clone)]
pub struct Secrets {
    client: Client,
    prefix: String,
    cache: Arc<Mutex<HashMap<(String, Stage), Cached>>>,
}

impl Secrets {
    /// The secrets below `prefix`.
    pub fn new(client: Client, prefix: String) -> Self {
        Self { client, prefix, cache: Arc::default() }
    }

    /// Opens the connection to Secrets Manager while the function still starts. The answer does not matter.
    pub async fn warm(&self) {
        let name = format!("{}/connections/warm", self.prefix);
        let _ = self.client.get_secret_value().secret_id(name).send().await;
    }

    /// The keys of a connection.
    ///
    /// # Errors
    /// `Platform` when Secrets Manager does not answer, with [`Fault::secret_missing`] when it has no such secret.
    pub async fn keys(&self, connection: &ConnectionId) -> Result<StoredKeys, Fault> {
        let text = self.text(&self.connection_name(connection), Stage::Current).await?;
        parse(text.as_deref())
    }

    /// The keys as they are stored now, past the cache: for code that writes them back.
    ///
    /// # Errors
    /// As [`Secrets::keys`].
    pub async fn latest_keys(&self, connection: &ConnectionId) -> Result<StoredKeys, Fault> {
        parse(self.read(&self.connection_name(connection), Stage::Current).await?.as_deref())
    }

    /// The keys before the last rotation, if there was one.
    ///
    /// # Errors
    /// As [`Secrets::keys`].
    pub async fn previous_keys(&self, connection: &ConnectionId) -> Result<Option<StoredKeys>, Fault> {
        let text = self.text(&self.connection_name(connection), Stage::Previous).await?;
        text.as_deref().map(|text| parse(Some(text))).transpose()
    }

    /// Reads the keys again out of turn, at most once a minute. `None` when it was too early to.
    ///
    /// # Errors
    /// As [`Secrets::keys`].
    pub async fn refreshed_keys(&self, connection: &ConnectionId) -> Result<Option<StoredKeys>, Fault> {
        let name = self.connection_name(connection);
        if self.read_lately(&name) {
            return Ok(None);
        }
        let text = self.read(&name, Stage::Current).await?;
        self.read(&name, Stage::Previous).await?;
        parse(text.as_deref()).map(Some)
    }

    /// Changes some of a connection's keys. The others are read right before the write, so that what an operator or an
    /// ATS admin replaced meanwhile stays replaced. Nothing is written where nothing changes.
    ///
    /// # Errors
    /// As [`Secrets::keys`].
    pub async fn change_keys(
        &self,
        connection: &ConnectionId,
        change: impl FnOnce(&mut StoredKeys),
    ) -> Result<StoredKeys, Fault> {
        let stored = self.latest_keys(connection).await?;
        let mut changed = stored.clone();
        change(&mut changed);
        if changed != stored {
            self.put_keys(connection, &changed).await?;
        }
        Ok(changed)
    }

    /// Stores the keys of a connection anew; the ones before stay readable as the previous version.
    ///
    /// # Errors
    /// `Platform` when Secrets Manager does not answer or has no such secret.
    pub async fn put_keys(&self, connection: &ConnectionId, keys: &StoredKeys) -> Result<(), Fault> {
        let operation = "secretsmanager:PutSecretValue";
        let name = self.connection_name(connection);
        let text = serde_json::to_string(keys)
            .map_err(|_| Fault::new(FaultKind::Platform, operation, "not storable").not_sent())?;
        let put = self.client.put_secret_value().secret_id(&name).secret_string(text).send().await;
        put.map_err(|e| Fault::new(FaultKind::Platform, operation, aws_code(&e)))?;
        self.lock().retain(|(known, _), _| *known != name);
        Ok(())
    }

    /// This deployment's keys as a partner of an ATS.
    ///
    /// # Errors
    /// As [`Secrets::keys`].
    pub async fn partner(&self, ats: AtsKind) -> Result<PartnerKeys, Fault> {
        let name = self.partner_name(ats);
        let mut text = self.text(&name, Stage::Current).await?;
        if text.is_none() && !self.read_lately(&name) {
            // It may have been stored since the cache last looked. The limit keeps strangers from causing many reads.
            text = self.read(&name, Stage::Current).await?;
        }
        parse_partner(text.as_deref())
    }

    /// The partner's keys read again out of turn, at most once a minute. `None` when it was too early to.
    ///
    /// # Errors
    /// As [`Secrets::keys`].
    pub async fn refreshed_partner(&self, ats: AtsKind) -> Result<Option<PartnerKeys>, Fault> {
        let name = self.partner_name(ats);
        if self.read_lately(&name) {
            return Ok(None);
        }
        let text = self.read(&name, Stage::Current).await?;
        parse_partner(text.as_deref()).map(Some)
    }

    /// The name of the secret with this deployment's keys as a partner of an ATS.
    pub fn partner_name(&self, ats: AtsKind) -> String {
        format!("{}/ats/{ats}", self.prefix)
    }

    /// The key that signs report links.
    ///
    /// # Errors
    /// As [`Secrets::keys`].
    pub async fn report_link_key(&self) -> Result<SecretString, Fault> {
        let text = self.text(&format!("{}/deployment", self.prefix), Stage::Current).await?;
        let parsed: Option<Deployment> = text.and_then(|t| serde_json::from_str(t.expose_secret()).ok());
        parsed.map(|d| SecretString::from(d.report_link_key)).ok_or_else(|| unreadable(DEPLOYMENT_SECRET))
    }

    /// The name of a connection's secret.
    pub fn connection_name(&self, connection: &ConnectionId) -> String {
        format!("{}/connections/{connection}", self.prefix)
    }

    async fn text(&self, name: &str, stage: Stage) -> Result<Option<Arc<SecretString>>, Fault> {
        match self.cached(name, stage) {
            Some(known) if known.read_at.elapsed() < FRESH => Ok(known.text),
            // A stale secret is better than none while Secrets Manager is away.
            Some(old) => Ok(self.read(name, stage).await.unwrap_or(old.text)),
            None => self.read(name, stage).await,
        }
    }

    async fn read(&self, name: &str, stage: Stage) -> Result<Option<Arc<SecretString>>, Fault> {
        let answer = self.client.get_secret_value().secret_id(name).version_stage(stage.name()).send().await;
        let text = match answer {
            Ok(found) => found.secret_string.map(|text| Arc::new(SecretString::from(text))),
            Err(e) if e.as_service_error().is_some_and(aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError::is_resource_not_found_exception) => None,
            Err(e) => return Err(Fault::new(FaultKind::Platform, "secretsmanager:GetSecretValue", aws_code(&e))),
        };
        let entry = Cached { text: text.clone(), read_at: Instant::now() };
        let mut cache = self.lock();
        let before = cache.insert((name.to_owned(), stage), entry);
        if stage == Stage::Current && before.is_some_and(|old| !is_same(old.text.as_deref(), text.as_deref())) {
            // The secret was rotated, so the cached previous version is outdated too.
            cache.remove(&(name.to_owned(), Stage::Previous));
        }
        drop(cache);
        Ok(text)
    }

    fn read_lately(&self, name: &str) -> bool {
        self.cached(name, Stage::Current).is_some_and(|c| c.read_at.elapsed() < REFRESH_LIMIT)
    }

    fn cached(&self, name: &str, stage: Stage) -> Option<Cached> {
        self.lock().get(&(name.to_owned(), stage)).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(String, Stage), Cached>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_same(old: Option<&SecretString>, new: Option<&SecretString>) -> bool {
    old.map(ExposeSecret::expose_secret) == new.map(ExposeSecret::expose_secret)
}

fn parse(text: Option<&SecretString>) -> Result<StoredKeys, Fault> {
    text.and_then(|t| serde_json::from_str(t.expose_secret()).ok()).ok_or_else(|| unreadable(CONNECTION_SECRET))
}

fn parse_partner(text: Option<&SecretString>) -> Result<PartnerKeys, Fault> {
    let parsed = text.and_then(|t| serde_json::from_str(t.expose_secret()).ok());
    parsed.ok_or_else(|| unreadable(PARTNER_SECRET))
}

fn unreadable(which: &'static str) -> Fault {
    tracing::error!(secret = which, "a secret is missing or unreadable");
    Fault::secret_missing(which)
}
