//! What every door does before it reads a request: limits, routes, credentials, JSON with errors that name the field.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use crate::order::clean;

/// A request as a door sees it, whether API Gateway or the local stack brought it.
pub type Request = http::Request<Bytes>;

/// A door's answer.
pub type Answer = http::Response<Bytes>;

/// Largest body that any door reads, in bytes. The largest real one is some 20 kB.
pub const MAX_BODY: usize = 256 * 1024;

/// Deepest nesting of JSON that any door reads. The deepest real body has five levels.
pub const MAX_DEPTH: usize = 32;

/// For the admin who entered an address of ours that is not quite one.
pub const NO_SUCH_ADDRESS: &str = "Crosscheck has nothing at this address. Enter the base URL again, whole, as \
                                   `crosscheck connect` printed it.";

/// Why a body cannot be used. `Display` holds no value of the body, so it may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadBody {
    /// More than [`MAX_BODY`].
    #[error("the body has more than {MAX_BODY} bytes")]
    TooLarge,
    /// Bytes that are not UTF-8.
    #[error("the body is not UTF-8")]
    NotText,
    /// Not JSON.
    #[error("the body is not JSON (line {line}, column {column})")]
    NotJson {
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
    },
    /// More than [`MAX_DEPTH`] levels.
    #[error("the body is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// A field is missing or has the wrong type.
    #[error("{0}")]
    Field(String),
}

impl BadBody {
    /// A short code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "body_too_large",
            Self::NotText => "body_not_utf8",
            Self::NotJson { .. } => "body_not_json",
            Self::TooDeep => "body_too_deep",
            Self::Field(_) => "invalid_field",
        }
    }

    /// The status to answer with.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotText | Self::NotJson { .. } | Self::TooDeep => StatusCode::BAD_REQUEST,
            Self::Field(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

/// Reads a JSON body into `T`. Unknown fields are ignored; a fault names the field and never quotes its value.
///
/// # Errors
/// See [`BadBody`].
pub fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, BadBody> {
    if body.len() > MAX_BODY {
        return Err(BadBody::TooLarge);
    }
    let text = std::str::from_utf8(body).map_err(|_| BadBody::NotText)?;
    // Some senders put a byte order mark before the text. What is signed is the bytes as they came.
    let text = text.trim_start_matches('\u{feff}');
    if depth(text) > MAX_DEPTH {
        return Err(BadBody::TooDeep);
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|e| bad_field(&e))?;
    json.end().map_err(|e| BadBody::NotJson { line: e.line(), column: e.column() })?;
    Ok(value)
}

fn bad_field(error: &serde_path_to_error::Error<serde_json::Error>) -> BadBody {
    let inner = error.inner();
    if !inner.is_data() {
        return BadBody::NotJson { line: inner.line(), column: inner.column() };
    }
    let path = error.path().to_string();
    let text = inner.to_string();
    // Only this message of serde's is free of the caller's values; every other one may quote them.
    if let Some(name) = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        let parent = if path == "." { String::new() } else { format!("{path}.") };
        return BadBody::Field(format!("the field `{parent}{name}` is missing"));
    }
    BadBody::Field(match path.as_str() {
        "." => "the body is not a JSON object of the expected shape".to_owned(),
        path => format!("the field `{path}` has the wrong type or an impossible value"),
    })
}

/// Levels of nesting in a JSON text, brackets inside strings not counted.
fn depth(text: &str) -> usize {
    let (mut level, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                level += 1;
                deepest = deepest.max(level);
            }
            b'}' | b']' if !in_string => level = level.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The parts of a path, empty ones dropped: base URLs get pasted with and without a trailing slash.
pub fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty()).collect()
}

/// What follows a door's name in a path. The name may stand there more than once, since the base path of a domain's
/// mapping, a connection or an account may be called the same: it counts where what follows `begins` one of the door's
/// addresses, else where it stands first.
pub fn below<'p>(parts: &'p [&'p str], name: &str, begins: impl Fn(&str) -> bool) -> Option<&'p [&'p str]> {
    let named = || parts.iter().enumerate().filter(|(_, part)| **part == name);
    let mut rests = named().filter_map(|(at, _)| parts.get(at + 1..));
    let first = rests.clone().next();
    rests.find(|rest| rest.first().is_some_and(|part| begins(part))).or(first)
}

/// The last part of a path.
pub fn last_segment(path: &str) -> &str {
    path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default()
}

/// What a caller presents to prove who it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// How it was presented: `basic-user`, `basic-password`, `bearer`, `x-api-key`. Safe to log.
    pub scheme: &'static str,
    /// The secret itself.
    pub secret: String,
}

/// The credential of a request: Basic (user name, else password), Bearer, or `X-API-Key`.
pub fn credential(headers: &HeaderMap) -> Option<Credential> {
    // People pasted it somewhere, with whatever their editor put around it.
    let found = |scheme, secret: &str| {
        let secret = clean::plain(secret);
        (!secret.is_empty()).then_some(Credential { scheme, secret })
    };
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return found("x-api-key", headers.get("x-api-key")?.to_str().ok()?.trim());
    };
    let (scheme, rest) = value.to_str().ok()?.trim().split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return found("bearer", rest.trim());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':').unwrap_or((&decoded, ""));
    found("basic-user", user).or_else(|| found("basic-password", password))
}

/// A JSON answer that no cache keeps.
pub fn json(status: StatusCode, value: &serde_json::Value) -> Answer {
    answer(status, "application/json", Bytes::from(value.to_string()))
}

/// An answer of any type that no cache keeps.
pub fn answer(status: StatusCode, content_type: &'static str, body: Bytes) -> Answer {
    let mut answer = Answer::new(body);
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", header::HeaderValue::from_static("nosniff"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Outer {
        #[expect(dead_code, reason = "only its reading is tested")]
        inner: Inner,
    }

    #[derive(Debug, serde::Deserialize)]
    struct Inner {
        #[expect(dead_code, reason = "only its reading is tested")]
        count: u8,
    }

    #[test]
    fn a_fault_names_the_field_and_never_its_value() {
        let wrong = read_json::<Outer>(br#"{"inner":{"count":"Asha Rao"}}"#).expect_err("count is no number");
        assert_eq!(wrong.to_string(), "the field `inner.count` has the wrong type or an impossible value");
        let missing = read_json::<Outer>(br#"{"inner":{}}"#).expect_err("count is missing");
        assert_eq!(missing.to_string(), "the field `inner.count` is missing");
    }

    #[test]
    fn bodies_that_are_too_deep_too_large_or_no_text_are_refused_before_they_are_read() {
        let deep = "[".repeat(MAX_DEPTH + 1);
        assert_eq!(read_json::<Outer>(deep.as_bytes()).expect_err("deep"), BadBody::TooDeep);
        assert_eq!(read_json::<Outer>(&vec![b' '; MAX_BODY + 1]).expect_err("large"), BadBody::TooLarge);
        assert_eq!(read_json::<Outer>(&[0xff, 0xfe]).expect_err("bytes"), BadBody::NotText);
        assert!(matches!(read_json::<Outer>(b"{} x").expect_err("trailing"), BadBody::Field(_)));
        assert!(matches!(read_json::<Outer>(b"").expect_err("empty"), BadBody::NotJson { .. }));
    }

    #[test]
    fn brackets_inside_strings_are_not_depth() {
        assert_eq!(depth(r#"{"a":"[[[[\"[["}"#), 1);
    }

    #[test]
    fn a_credential_is_read_from_either_slot_of_basic_and_from_bearer() {
        let with = |value: String| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().expect("header"));
            credential(&headers).map(|c| (c.scheme, c.secret))
        };
        assert_eq!(with(format!("Basic {}", STANDARD.encode("key:"))), Some(("basic-user", "key".to_owned())));
        assert_eq!(with(format!("basic {}", STANDARD.encode(":key"))), Some(("basic-password", "key".to_owned())));
        assert_eq!(with("Bearer key".to_owned()), Some(("bearer", "key".to_owned())));
        assert_eq!(with("Basic ???".to_owned()), None);
        assert_eq!(with("Digest key".to_owned()), None);
    }

    #[test]
    fn paths_are_read_whatever_their_slashes() {
        assert_eq!(last_segment("/v1/ashby//assessment.list/"), "assessment.list");
        assert_eq!(segments("//callbacks/springverify//abc"), ["callbacks", "springverify", "abc"]);
    }

    #[test]
    fn a_doors_name_counts_where_an_address_of_the_door_follows() {
        for (path, rest) in [
            ("/v1/door/list", Some(vec!["list"])),
            ("/door/list", Some(vec!["list"])),
            ("/door/door/list/1", Some(vec!["list", "1"])),
            ("/v1/door//door/list", Some(vec!["list"])),
            ("/door/list/door", Some(vec!["list", "door"])),
            ("/door/odd", Some(vec!["odd"])),
            ("/door", Some(vec![])),
            ("/list", None),
        ] {
            let parts = segments(path);
            assert_eq!(below(&parts, "door", |part| part == "list"), rest.as_deref(), "{path}");
        }
    }
}
