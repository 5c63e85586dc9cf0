//! One call as a simulator sees it, and the line it leaves in the simulator's log.

use axum::body::Bytes;
use axum::extract::{Query, Request};
use serde_json::Value;
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Largest body read. Real calls are far smaller; this keeps a broken caller from filling the memory.
const BODY_LIMIT_BYTES: usize = 4 << 20;

/// One call as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: String,
    pub(super) path: String,
    query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    body: Bytes,
    kept: Arc<OnceLock<Box<dyn Any + Send + Sync>>>,
}

impl Call {
    pub(super) async fn read(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let query = Query::try_from_uri(&parts.uri).map(|Query(query)| query);
        let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: query.unwrap_or_default(),
            headers: parts.headers.iter().map(|(k, v)| (k.to_string(), text(v))).collect(),
            body: axum::body::to_bytes(body, BODY_LIMIT_BYTES).await.unwrap_or_default(),
            kept: Arc::default(),
        }
    }

    /// Keeps one value until this call is answered or its caller has hung up. A simulator counts calls
    /// in progress this way. A second value is dropped at once.
    pub(super) fn keep(&self, thing: impl Any + Send + Sync) {
        drop(self.kept.set(Box::new(thing)));
    }

    /// What was kept, if it is of this type.
    pub(super) fn kept<T: Any>(&self) -> Option<&T> {
        self.kept.get()?.downcast_ref()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// The token of an `Authorization: Bearer` header; empty without one.
    pub(super) fn bearer(&self) -> &str {
        let (scheme, token) = self.header("authorization").split_once(' ').unwrap_or_default();
        if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" }
    }

    /// The media type of the body in lower case, without parameters.
    pub(super) fn media_type(&self) -> String {
        self.header("content-type").split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The pairs of a form body, or `None` if the content type names no form.
    pub(super) fn form(&self) -> Option<Vec<(String, String)>> {
        let pairs = || url::form_urlencoded::parse(&self.body).into_owned().collect();
        (self.media_type() == "application/x-www-form-urlencoded").then(pairs)
    }

    /// The body byte for byte, for verifying a signature.
    pub(super) fn raw(&self) -> &[u8] {
        &self.body
    }

    /// The body as JSON, or `None` if it is none.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    pub(super) fn logged(&self, operation: String) -> Logged {
        let mut headers = self.headers.clone();
        headers.remove("authorization");
        let mut body = self.json().unwrap_or_default();
        if let Some(secret) = body.get_mut("clientSecret") {
            *secret = "left out".into();
        }
        Logged {
            operation,
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers,
            body,
            status: None,
        }
    }
}

/// One line of a simulator's request log.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    /// The operation, by the name its faults are queued under.
    pub operation: String,
    /// The HTTP method.
    pub method: String,
    /// The path as it arrived.
    pub path: String,
    /// The query parameters.
    pub query: BTreeMap<String, String>,
    /// The headers, names in lower case, without `authorization`: a failed assertion prints this.
    pub headers: BTreeMap<String, String>,
    /// The body as JSON without its `clientSecret`, or `Null`.
    pub body: Value,
    /// What was answered; `None` if the connection was cut, or the caller did not wait.
    pub status: Option<u16>,
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn call(content_type: &str, authorization: &str, body: &str) -> Call {
        let request = Request::post("/").header("content-type", content_type).header("authorization", authorization);
        Call::read(request.body(axum::body::Body::from(body.to_owned())).unwrap()).await
    }

    #[tokio::test]
    async fn a_form_is_read_only_if_the_content_type_says_so() {
        let form = call("application/x-www-form-urlencoded; charset=utf-8", "", "a=1+2&b=%26").await;
        assert_eq!(form.form().unwrap(), [("a".into(), "1 2".into()), ("b".into(), "&".into())]);
        assert_eq!(call("application/json", "", "a=1").await.form(), None);
    }

    #[tokio::test]
    async fn a_bearer_token_is_read_and_nothing_secret_is_logged() {
        let call = call("application/json", "bearer t", r#"{"clientId":"i","clientSecret":"s"}"#).await;
        assert_eq!(call.bearer(), "t");
        let logged = call.logged("x".into());
        assert_eq!((&logged.body["clientId"], &logged.body["clientSecret"]), (&"i".into(), &"left out".into()));
        assert!(!logged.headers.contains_key("authorization"));
    }

    #[tokio::test]
    async fn what_is_kept_lives_as_long_as_the_call_and_its_copies() {
        let (call, thing) = (call("", "Basic x", "").await, Arc::new(()));
        assert_eq!((call.bearer(), call.kept::<Arc<()>>()), ("", None));
        call.keep(Arc::clone(&thing));
        let copy = call.clone();
        drop(call);
        assert!(copy.kept::<Arc<()>>().is_some() && copy.kept::<String>().is_none());
        drop(copy);
        assert_eq!(Arc::strong_count(&thing), 1);
    }
}
