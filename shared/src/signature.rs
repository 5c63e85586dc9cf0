//! The one place that turns a caller's claim into a [`Verified`] request: tokens, bearers, signed links.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::connection::{Connection, TokenHash};
use crate::order::{ConnectionId, OrderId};

/// A request whose sender proved to belong to the connection. Only this module can make one.
#[derive(Debug)]
pub struct Verified {
    connection: Connection,
    body: Bytes,
}

impl Verified {
    /// The connection that the sender belongs to.
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The raw body.
    pub const fn body(&self) -> &Bytes {
        &self.body
    }
}

/// The sender did not prove to belong to the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sender did not prove to belong to this connection")]
pub struct NotVerified;

/// A trigger token as pasted into an ATS: `xck_<connection>_<43 characters>`, 256 random bits.
pub struct TriggerToken {
    /// The text that the ATS admin pastes. Shown once, never stored.
    pub text: String,
    /// What is stored of it.
    pub hash: TokenHash,
}

const TOKEN_PREFIX: &str = "xck";

impl TriggerToken {
    /// A new token for this connection.
    pub fn mint(connection: &ConnectionId, random: [u8; 32]) -> Self {
        let text = format!("{TOKEN_PREFIX}_{connection}_{}", URL_SAFE_NO_PAD.encode(random));
        let hash = TokenHash { sha256: sha256_hex(text.as_bytes()), expires_at: None };
        Self { text, hash }
    }

    /// The connection that a token claims to be of; nothing is proved by it.
    pub fn claimed_connection(text: &str) -> Option<ConnectionId> {
        let mut parts = text.splitn(3, '_');
        let prefix = parts.next()?;
        let connection = parts.next()?.parse().ok()?;
        let random = parts.next()?;
        (prefix == TOKEN_PREFIX && random.len() == 43).then_some(connection)
    }
}

/// Verifies a request by the trigger token it carries. Every token of the connection is compared, in constant time.
///
/// # Errors
/// When no valid token of the connection matches.
pub fn by_trigger_token(
    connection: Connection,
    token: &str,
    body: Bytes,
    now: Timestamp,
) -> Result<Verified, NotVerified> {
    let presented = sha256_hex(token.as_bytes());
    let matched = connection.tokens.iter().fold(Choice::from(0), |found, known| {
        let alive = Choice::from(u8::from(known.expires_at.is_none_or(|end| end > now)));
        found | (known.sha256.as_bytes().ct_eq(presented.as_bytes()) & alive)
    });
    if bool::from(matched) { Ok(Verified { connection, body }) } else { Err(NotVerified) }
}

/// Verifies a request by a bearer secret that the vendor was given. Hashing first hides the lengths.
///
/// # Errors
/// When none of the secrets is the presented one.
pub fn by_bearer<'a>(
    connection: &Connection,
    presented: &str,
    secrets: impl IntoIterator<Item = &'a str>,
    body: &Bytes,
) -> Result<Verified, NotVerified> {
    let presented = Sha256::digest(presented.as_bytes());
    let matched = secrets
        .into_iter()
        .fold(Choice::from(0), |found, secret| found | Sha256::digest(secret.as_bytes()).ct_eq(&presented));
    if bool::from(matched) {
        Ok(Verified { connection: connection.clone(), body: body.clone() })
    } else {
        Err(NotVerified)
    }
}

/// The signature of a report link: HMAC-SHA256 over order and expiry, base64url.
pub fn sign_report_link(key: &[u8], order: OrderId, expires: i64) -> String {
    URL_SAFE_NO_PAD.encode(report_mac(key, order, expires).finalize().into_bytes())
}

/// Checks the signature of a report link in constant time. Whether it has expired is the caller's question.
pub fn report_link_is_ours(key: &[u8], order: OrderId, expires: i64, signature: &str) -> bool {
    URL_SAFE_NO_PAD.decode(signature).is_ok_and(|given| report_mac(key, order, expires).verify_slice(&given).is_ok())
}

fn report_mac(key: &[u8], order: OrderId, expires: i64) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(format!("report.{order}.{expires}").as_bytes());
    mac
}

/// Lower-case hexadecimal SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// `N` bytes from the operating system.
///
/// # Errors
/// When the operating system has no randomness to give.
pub fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
