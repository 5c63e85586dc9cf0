//! One HTTP answer as plain data, for faults and for tests.

use axum::body::Body;
use axum::response::Response;
use serde_json::Value;

/// An HTTP answer a simulator gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Header names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

impl Reply {
    /// A JSON answer.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self::bytes(status, "application/json", body.to_string().into_bytes())
    }

    /// A text answer, for the proxies and load balancers that answer in place of an API.
    #[must_use]
    pub fn text(status: u16, content_type: &str, body: &str) -> Self {
        Self::bytes(status, content_type, body.as_bytes().to_vec())
    }

    /// An answer of any content type.
    #[must_use]
    pub fn bytes(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self { status, headers: vec![("content-type".into(), content_type.into())], body }
    }

    /// An answer without a body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// 429 with `Retry-After` in seconds.
    #[must_use]
    pub fn too_many_requests(retry_after_s: u64) -> Self {
        Self::json(429, &serde_json::json!({"msg": "Too many requests"}))
            .with_header("retry-after", &retry_after_s.to_string())
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(super) fn into_response(self) -> Response {
        let mut builder = Response::builder().status(self.status);
        for (name, value) in self.headers {
            builder = builder.header(name, value);
        }
        builder.body(Body::from(self.body)).unwrap_or_else(|_| unwritable())
    }
}

/// A status or header that HTTP cannot carry is a mistake in the test that wrote it: say so.
fn unwritable() -> Response {
    let mut response = Response::new(Body::from("the simulator was given an unwritable answer"));
    *response.status_mut() = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_limit_says_when_to_come_back_and_whose_it_is() {
        let reply = Reply::too_many_requests(7).with_header("x-ratelimit-scope", "integration-partner").into_response();
        assert_eq!(reply.status(), 429);
        assert_eq!(reply.headers()["retry-after"], "7");
        assert_eq!(reply.headers()["x-ratelimit-scope"], "integration-partner");
    }

    #[test]
    fn an_answer_http_cannot_carry_is_a_visible_500() {
        assert_eq!(Reply::empty(99).into_response().status(), 500);
    }
}
