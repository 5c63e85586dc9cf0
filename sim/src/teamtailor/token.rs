//! What Teamtailor signs: a webhook over its event's id, and the activation form as a JWT.

use super::super::sign::{mac, mac_hex};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The value of `Teamtailor-Signature`. `v0` is a decoy that no receiver may accept.
pub(super) fn signature(secret: &str, t: i64, event_id: &str) -> String {
    let v1 = mac_hex(secret, &format!("{t}.{event_id}"));
    let v0 = mac_hex("hmac_fake", &format!("{t}.{event_id}"));
    format!("t={t},v1={v1},v0={v0}")
}

/// A compact HS256 token over any claims.
pub(super) fn jwt(key: &str, claims: &Value) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = URL_SAFE_NO_PAD.encode(mac(key, &signed));
    format!("{signed}.{signature}")
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
