//! One call as a simulator sees it, and the line it leaves in the simulator's log.

use axum::body::Bytes;
use axum::extract::{Query, Request};
use serde_json::Value;
use std::collections::BTreeMap;

/// No call of either protocol comes near it; a runaway caller must not fill the memory.
const BODY_LIMIT_BYTES: usize = 4 << 20;

/// One call as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: String,
    pub(super) path: String,
    query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    body: Bytes,
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
        }
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// The body as JSON, or `None` if it is none.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    pub(super) fn logged(&self, operation: String) -> Logged {
        let mut headers = self.headers.clone();
        headers.remove("authorization");
        Logged {
            operation,
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers,
            body: self.json().unwrap_or_default(),
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
    /// The body as JSON, or `Null`.
    pub body: Value,
    /// What was answered; `None` if the connection was cut, or the caller did not wait.
    pub status: Option<u16>,
}
