//! The one place that turns a caller's claim into a [`Verified`] request: tokens, bearers, signed links.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::connection::{Connection, TokenHash};
use crate::order::ConnectionId;

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
        let hash = TokenHash { sha256: sha256_hex(text.as_bytes()), expires_at: None, of_the_ats: false };
        Self { text, hash }
    }

    /// The connection that a token claims to belong to. This proves nothing yet.
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

/// Verifies a request by a bearer secret that the vendor was given. Both secrets are hashed first, so that the
/// comparison does not show their lengths.
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

/// A token that our own token endpoint gives: `xca_<connection>_<expiry>_<signature>`. It names its connection, so no
/// copy of it is kept, and it is void as soon as the connection's client secret changes.
pub struct AccessToken;

const ACCESS_PREFIX: &str = "xca";

impl AccessToken {
    /// A token for this connection, signed by its client secret. `expires` is in Unix seconds.
    pub fn mint(connection: &ConnectionId, client_secret: &str, expires: i64) -> String {
        let signature = sign(client_secret.as_bytes(), &access_text(connection, expires));
        format!("{ACCESS_PREFIX}_{connection}_{expires}_{signature}")
    }

    /// The connection that a token claims to belong to. This proves nothing yet.
    pub fn claimed_connection(text: &str) -> Option<ConnectionId> {
        Self::parts(text).map(|(connection, ..)| connection)
    }

    fn parts(text: &str) -> Option<(ConnectionId, i64, &str)> {
        let mut parts = text.splitn(4, '_');
        let prefix = parts.next()?;
        let (connection, expires) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        (prefix == ACCESS_PREFIX).then_some((connection, expires, parts.next()?))
    }
}

fn access_text(connection: &ConnectionId, expires: i64) -> String {
    format!("access.{connection}.{expires}")
}

/// Verifies a request by the access token it carries.
///
/// # Errors
/// When the token is another connection's, has expired, or was not signed by this client secret.
pub fn by_access_token(
    connection: &Connection,
    token: &str,
    client_secret: &str,
    body: &Bytes,
    now: Timestamp,
) -> Result<Verified, NotVerified> {
    let (claimed, expires, signature) = AccessToken::parts(token).ok_or(NotVerified)?;
    let ours = is_signed(client_secret.as_bytes(), &access_text(&claimed, expires), signature);
    if ours && !client_secret.is_empty() && claimed == connection.id && now.as_second() < expires {
        Ok(Verified { connection: connection.clone(), body: body.clone() })
    } else {
        Err(NotVerified)
    }
}

/// Signs a text: HMAC-SHA256, base64url. Each use starts its text with a word of its own, so that a signature made for
/// one use does not fit another.
pub fn sign(key: &[u8], text: &str) -> String {
    URL_SAFE_NO_PAD.encode(mac(key, text).finalize().into_bytes())
}

/// Signs a text as Standard Webhooks has it: HMAC-SHA256 in base64 with padding.
pub fn sign_base64(key: &[u8], text: &str) -> String {
    STANDARD.encode(mac(key, text).finalize().into_bytes())
}

/// Checks the signature of a text in constant time.
pub fn is_signed(key: &[u8], text: &str, signature: &str) -> bool {
    URL_SAFE_NO_PAD.decode(signature).is_ok_and(|given| mac(key, text).verify_slice(&given).is_ok())
}

/// Checks a signature that is written in hexadecimal of either case, in constant time.
pub fn is_signed_hex(key: &[u8], text: &[u8], signature: &str) -> bool {
    let mut expected = mac(key, "");
    expected.update(text);
    let expected = hex(&expected.finalize().into_bytes());
    bool::from(expected.as_bytes().ct_eq(signature.to_ascii_lowercase().as_bytes()))
}

fn mac(key: &[u8], text: &str) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(text.as_bytes());
    mac
}

/// Lower-case hexadecimal SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
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
