//! What Teamtailor signs: a webhook over its event's id, and the activation form as a JWT.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::fmt::Write;

/// The value of `Teamtailor-Signature`. `v0` is a decoy that no receiver may accept.
pub(super) fn signature(secret: &str, t: i64, event_id: &str) -> String {
    let v1 = mac(secret, &format!("{t}.{event_id}"));
    let v0 = mac("hmac_fake", &format!("{t}.{event_id}"));
    format!("t={t},v1={},v0={}", hex(&v1), hex(&v0))
}

/// A compact HS256 token over any claims.
pub(super) fn jwt(key: &str, claims: &Value) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = URL_SAFE_NO_PAD.encode(mac(key, &signed));
    format!("{signed}.{signature}")
}

/// HMAC takes a key of any length, so the empty answer never comes out.
fn mac(key: &str, message: &str) -> Vec<u8> {
    let keyed = Hmac::<Sha256>::new_from_slice(key.as_bytes());
    let done = keyed.map(|mac| mac.chain_update(message.as_bytes()).finalize().into_bytes().to_vec());
    done.unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_signature_is_that_of_the_known_vector() {
        let header = signature("test-webhook-secret", 1_539_756_759, "f3d7e8e2-da33-4c10-ae5f-0e7f4d46f6d7");
        let v1 = "9414ea3c0123ebff024db04e73f583be29eb12bc302018744ac549b505319a11";
        assert!(header.starts_with(&format!("t=1539756759,v1={v1},v0=")), "{header}");
        assert!(!header.ends_with(v1));
    }

    #[test]
    fn the_jwt_is_that_of_the_known_vector() {
        let known = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHRlcm5hbFRyaWdnZXJUb2tlbiI6InRva18xMjMifQ.\
            3qPh9jEF9wex37N0XUvB7UdlMuLrAMNkD6f8dc96mIQ";
        assert_eq!(jwt("abc123abc123", &json!({"externalTriggerToken": "tok_123"})), known);
    }
}
