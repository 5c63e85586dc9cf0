//! How the vendor makes sure that a call is StackOne's: StackOne's signature, Standard Webhooks', or both.

use super::super::call::Call;
use super::office::Office;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// An event that is older or newer than this is refused: Standard Webhooks libraries allow five minutes.
const WINDOW_S: i64 = 300;

/// What the vendor asks of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signing {
    /// `x-stackone-signature`.
    #[default]
    StackOne,
    /// `webhook-id`, `webhook-timestamp` and `webhook-signature`.
    StandardWebhooks,
    /// All of them.
    Both,
}

/// Verifies an event as the vendor was told to.
pub(super) fn verify(office: &Office, call: &Call) -> Result<(), String> {
    match office.signing {
        Signing::StackOne => stackone(office, call),
        Signing::StandardWebhooks => standard(office, call),
        Signing::Both => stackone(office, call).and_then(|()| standard(office, call)),
    }
}

/// StackOne's header over the raw body, compared as text: base64url has no padding in the sample.
/// A vendor that was not given a secret yet verifies nothing.
pub(super) fn stackone(office: &Office, call: &Call) -> Result<(), String> {
    let given = call.header("x-stackone-signature");
    let fits = |secret: &String| URL_SAFE_NO_PAD.encode(mac(secret.as_bytes(), &[call.raw()])) == given;
    let right = office.secrets.is_empty() || office.secrets.iter().any(fits);
    right.then_some(()).ok_or_else(|| "x-stackone-signature is missing or not of this body".into())
}

fn standard(office: &Office, call: &Call) -> Result<(), String> {
    let (id, at) = (call.header("webhook-id"), call.header("webhook-timestamp"));
    if id.is_empty() || id.contains('.') {
        return Err("webhook-id is missing or has a full stop".into());
    }
    let seconds: i64 = at.parse().map_err(|_| "webhook-timestamp is no integer".to_owned())?;
    if (now_s() - seconds).abs() > WINDOW_S {
        return Err("webhook-timestamp is not within five minutes".into());
    }
    let signed = [id.as_bytes(), b".", at.as_bytes(), b".", call.raw()];
    let mut given = call.header("webhook-signature").split(' ').filter_map(|one| one.strip_prefix("v1,"));
    let expected: Vec<String> = office.secrets.iter().map(|one| STANDARD.encode(mac(&key(one), &signed))).collect();
    let right = office.secrets.is_empty() || given.any(|one| expected.iter().any(|right| right == one));
    right.then_some(()).ok_or_else(|| "no v1 signature of webhook-signature is of this body".into())
}

/// What follows `whsec_`, decoded; a secret that is no base64 fits nothing.
fn key(secret: &str) -> Vec<u8> {
    STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap_or_default()
}

/// HMAC takes a key of any length, so the empty answer never comes out.
fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let keyed = Hmac::<Sha256>::new_from_slice(key);
    let done = keyed.map(|mac| parts.iter().fold(mac, Mac::chain_update).finalize().into_bytes());
    done.map(|bytes| bytes.to_vec()).unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "the vendor's clock is not the bridge's")]
fn now_s() -> i64 {
    jiff::Timestamp::now().as_second()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The headers of an event that is signed by both schemes.
    pub(in super::super) fn sign(secret: &str, id: &str, at: i64, body: &str) -> Vec<(&'static str, String)> {
        let at = at.to_string();
        let signed = [id.as_bytes(), b".", at.as_bytes(), b".", body.as_bytes()];
        let standard = STANDARD.encode(mac(&key(secret), &signed));
        vec![
            ("content-type", "application/json".to_owned()),
            ("x-stackone-signature", URL_SAFE_NO_PAD.encode(mac(secret.as_bytes(), &[body.as_bytes()]))),
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", at),
            ("webhook-signature", format!("v1,b2xk v1,{standard}")),
        ]
    }

    pub(in super::super) fn now() -> i64 {
        now_s()
    }

    #[test]
    fn the_signature_is_that_of_the_standard_webhooks_test_vector() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let headers = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert!(headers[4].1.ends_with("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }
}
