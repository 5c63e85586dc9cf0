//! What Teamtailor sends as its bearer: a signed form, an encrypted one, or the bare token.
//!
//! Nothing here proves who calls. It only unwraps the token that the customer pasted; `Services::identify` then
//! compares it with the connection's.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::secrets::PartnerKeys;

/// How far Teamtailor's clock and ours may differ, in seconds, where a form says until when it is good.
const LEEWAY: f64 = 60.0;

/// The token inside the bearer; `None` when it is wrapped and the wrapping is not Teamtailor's.
pub(super) fn token_in(bearer: &str, keys: &PartnerKeys, now: Timestamp) -> Option<String> {
    match dots(bearer) {
        4 => inside(&decrypted(bearer, &keys.webhook_secret)?, keys, now),
        _ => unsealed(bearer, keys, now),
    }
}

fn dots(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'.').count()
}

/// What was encrypted. No public document says what it is: the form, the signed form or the bare token.
fn inside(text: &str, keys: &PartnerKeys, now: Timestamp) -> Option<String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(form)) => token_of(&form, now),
        Ok(Value::String(text)) => unsealed(&text, keys, now),
        _ => unsealed(text, keys, now),
    }
}

/// A signed form or a bare token. There is at most one encrypted layer, so nothing encrypted is expected here.
fn unsealed(text: &str, keys: &PartnerKeys, now: Timestamp) -> Option<String> {
    match dots(text) {
        2 => token_of(&signed(text, &keys.key)?, now),
        4 => None,
        _ => filled(text),
    }
}

/// The values of a form that was signed with the partner's API key.
fn signed(text: &str, key: &str) -> Option<Map<String, Value>> {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.algorithms = vec![Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
    rules.required_spec_claims.clear();
    // Times are compared with our own clock in `alive`; no document names an audience.
    rules.validate_exp = false;
    rules.validate_aud = false;
    if key.is_empty() {
        return None;
    }
    jsonwebtoken::decode(text, &DecodingKey::from_secret(key.as_bytes()), &rules).ok().map(|decoded| decoded.claims)
}

#[derive(Deserialize)]
struct JweHeader {
    alg: String,
    enc: String,
}

/// The plaintext of a compact JWE. Teamtailor's documents name A256GCM and derive a key of the length of A128GCM, so
/// the header decides: the first half of the digest for the one, the whole digest for the other.
fn decrypted(bearer: &str, secret: &str) -> Option<String> {
    let mut parts = bearer.split('.');
    let (head, wrapped_key, nonce) = (parts.next()?, parts.next()?, parts.next()?);
    let (sealed, tag) = (parts.next()?, parts.next()?);
    let header: JweHeader = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).ok()?).ok()?;
    if header.alg != "dir" || !wrapped_key.is_empty() || secret.is_empty() {
        return None;
    }
    let digest = Sha256::digest(secret.as_bytes());
    let key = match header.enc.as_str() {
        "A128GCM" => UnboundKey::new(&AES_128_GCM, digest.first_chunk::<16>()?),
        "A256GCM" => UnboundKey::new(&AES_256_GCM, &digest),
        _ => return None,
    };
    let nonce = Nonce::try_assume_unique_for_key(&URL_SAFE_NO_PAD.decode(nonce).ok()?).ok()?;
    let tag = URL_SAFE_NO_PAD.decode(tag).ok().filter(|tag| tag.len() == AES_128_GCM.tag_len())?;
    let mut text = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    text.extend_from_slice(&tag);
    let opened = LessSafeKey::new(key.ok()?).open_in_place(nonce, Aad::from(head.as_bytes()), &mut text).ok()?;
    String::from_utf8(opened.to_vec()).ok()
}

/// The token among the values of a form. Whether Teamtailor changes the ids of fields or puts the values one level
/// deeper is in no public document.
fn token_of(form: &Map<String, Value>, now: Timestamp) -> Option<String> {
    if !alive(form, now) {
        return None;
    }
    let deeper = || form.values().filter_map(Value::as_object).find_map(named);
    filled(named(form).or_else(deeper)?)
}

fn named(values: &Map<String, Value>) -> Option<&str> {
    let is_token = |id: &str| id.replace(['-', '_'], "").eq_ignore_ascii_case("externalTriggerToken");
    values.iter().filter(|(id, _)| is_token(id)).find_map(|(_, value)| value.as_str())
}

/// Whether the form's own times, if it has any, allow its use.
fn alive(form: &Map<String, Value>, now: Timestamp) -> bool {
    let now = now.as_duration().as_secs_f64();
    let holds = |name, good: fn(f64, f64) -> bool| match form.get(name) {
        None | Some(Value::Null) => true,
        Some(at) => at.as_f64().is_some_and(|at| good(at, now)),
    };
    holds("exp", |at, now| now < at + LEEWAY) && holds("nbf", |at, now| now >= at - LEEWAY)
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header};
    use serde_json::json;

    use super::*;

    const JWE: &str = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..Th2LhEBCuLQbKWqQ.Wxjm65nqnHzn4qz7t0DR3kTZ0p67bUgTgEsCeK57ESWDUA.DWGMT_PkjyOzuzIm10HmZQ";
    const JWS: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHRlcm5hbFRyaWdnZXJUb2tlbiI6InRva18xMjMifQ.3qPh9jEF9wex37N0XUvB7UdlMuLrAMNkD6f8dc96mIQ";

    fn keys() -> PartnerKeys {
        let text = str::to_owned;
        PartnerKeys {
            id: text("1002"),
            key: text("abc123abc123"),
            webhook_secret: text("test-webhook-secret"),
            ats_url: None,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn read(bearer: &str) -> Option<String> {
        token_in(bearer, &keys(), at(1_000))
    }

    fn jws(algorithm: Algorithm, claims: &Value, key: &str) -> String {
        let key = EncodingKey::from_secret(key.as_bytes());
        jsonwebtoken::encode(&Header::new(algorithm), claims, &key).expect("a token")
    }

    fn jwe(enc: &str, key: &[u8], text: &str) -> String {
        let head = URL_SAFE_NO_PAD.encode(json!({ "alg": "dir", "enc": enc }).to_string());
        let algorithm = if key.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
        let key = LessSafeKey::new(UnboundKey::new(algorithm, key).expect("a key"));
        let mut sealed = text.as_bytes().to_vec();
        let nonce = Nonce::assume_unique_for_key([7; 12]);
        key.seal_in_place_append_tag(nonce, Aad::from(head.as_bytes()), &mut sealed).expect("sealed");
        let (sealed, tag) = sealed.split_at(sealed.len() - 16);
        let [nonce, sealed, tag] = [&[7; 12], sealed, tag].map(|part| URL_SAFE_NO_PAD.encode(part));
        format!("{head}..{nonce}.{sealed}.{tag}")
    }

    fn digest() -> Vec<u8> {
        Sha256::digest(b"test-webhook-secret").to_vec()
    }

    #[test]
    fn all_three_shapes_of_the_known_vectors_give_the_token() {
        assert_eq!(read(JWE).as_deref(), Some("tok_123"));
        assert_eq!(read(JWS).as_deref(), Some("tok_123"));
        assert_eq!(read(" tok_123 ").as_deref(), Some("tok_123"));
        assert_eq!(read(""), None);
    }

    #[test]
    fn the_field_is_found_by_every_plausible_name_and_one_level_down() {
        for claims in [
            json!({ "externalTriggerToken": "t" }),
            json!({ "external-trigger-token": "t" }),
            json!({ "external_trigger_token": " t " }),
            json!({ "externaltriggertoken": "t" }),
            json!({ "iat": 5, "data": { "external-trigger-token": "t" } }),
        ] {
            for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
                assert_eq!(read(&jws(algorithm, &claims, "abc123abc123")).as_deref(), Some("t"), "{claims}");
            }
        }
        for claims in [
            json!({ "token": "t" }),
            json!({ "externalTriggerToken": "" }),
            json!({ "externalTriggerToken": 5 }),
            json!({ "a": { "b": { "externalTriggerToken": "t" } } }),
        ] {
            assert_eq!(read(&jws(Algorithm::HS256, &claims, "abc123abc123")), None, "{claims}");
        }
    }

    #[test]
    fn a_form_that_is_not_signed_by_teamtailor_is_refused() {
        let (_, payload_and_signature) = JWS.split_once('.').expect("a header");
        let payload = payload_and_signature.split('.').next().expect("a payload");
        let with_header = |alg: &str, rest: &str| {
            format!("{}.{rest}", URL_SAFE_NO_PAD.encode(json!({ "alg": alg, "typ": "JWT" }).to_string()))
        };
        assert_eq!(read(&with_header("none", &format!("{payload}."))), None);
        assert_eq!(read(&with_header("None", payload_and_signature)), None);
        for foreign in ["RS256", "ES256", "PS256", "EdDSA"] {
            assert_eq!(read(&with_header(foreign, payload_and_signature)), None, "{foreign}");
        }
        let other = URL_SAFE_NO_PAD.encode(r#"{"externalTriggerToken":"tok_124"}"#);
        assert_eq!(read(&JWS.replace(payload, &other)), None);
        let token = json!({ "externalTriggerToken": "t" });
        assert_eq!(read(&jws(Algorithm::HS256, &token, "test-webhook-secret")), None);
        let nobody = PartnerKeys { key: String::new(), webhook_secret: String::new(), ..keys() };
        assert_eq!(token_in(&jws(Algorithm::HS256, &token, ""), &nobody, at(1_000)), None);
        assert_eq!(token_in(JWE, &nobody, at(1_000)), None);
    }

    #[test]
    fn times_are_honoured_where_there_are_any() {
        let with = |times: Value| {
            let mut claims = json!({ "externalTriggerToken": "t" });
            claims.as_object_mut().expect("claims").extend(times.as_object().expect("times").clone());
            read(&jws(Algorithm::HS256, &claims, "abc123abc123")).is_some()
        };
        assert!(with(json!({ "exp": null, "aud": "someone" })));
        assert!(with(json!({ "exp": 1_000.5, "nbf": 1_000 })));
        assert!(!with(json!({ "exp": 900 })));
        assert!(!with(json!({ "nbf": 1_100 })));
        assert!(!with(json!({ "exp": "tomorrow" })));
    }

    #[test]
    fn whatever_was_encrypted_is_read() {
        let uuid = "0f7e4d46-f6d7-4c10-ae5f-f3d7e8e2da33";
        let forged = jws(Algorithm::HS256, &json!({ "externalTriggerToken": "t" }), "another key");
        for (text, token) in [
            (JWS, Some("tok_123")),
            (&format!("\"{JWS}\""), Some("tok_123")),
            (r#"{"external_trigger_token":"t.o.k"}"#, Some("t.o.k")),
            (r#"{"externalTriggerToken":"t","exp":5}"#, None),
            (r#""tok_123""#, Some("tok_123")),
            (uuid, Some(uuid)),
            (&forged, None),
            (JWE, None),
            ("", None),
        ] {
            assert_eq!(read(&jwe("A128GCM", &digest()[..16], text)).as_deref(), token, "{text}");
            assert_eq!(read(&jwe("A256GCM", &digest(), text)).as_deref(), token, "{text}");
        }
    }

    #[test]
    fn what_was_encrypted_otherwise_is_refused() {
        let key = digest();
        assert_eq!(read(&jwe("A192GCM", &key, "tok_123")), None);
        assert_eq!(read(&jwe("A256GCM", &key[..16], "tok_123")), None);
        assert_eq!(read(&jwe("A128GCM", &[0; 16], "tok_123")), None);
        let wrapped = JWE.replacen("..", ".AAAA.", 1);
        assert_eq!(read(&wrapped), None);
        let short_tag = JWE.rsplit_once('.').map(|(rest, tag)| format!("{rest}.{}", &tag[..8])).expect("a tag");
        assert_eq!(read(&short_tag), None);
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"A128KW","enc":"A128GCM"}"#);
        assert_eq!(read(&JWE.replacen(JWE.split('.').next().expect("a header"), &header, 1)), None);
        for broken in ["....", "a.b.c.d.e", "a.b.c"] {
            assert_eq!(read(broken), None, "{broken}");
        }
    }
}
