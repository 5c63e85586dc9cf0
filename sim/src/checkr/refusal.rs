//! How Checkr says no. Its developer guide lists status codes and messages; the shape of the body
//! is not in it, so each shape seen in the wild can be played.

use super::super::reply::Reply;
use super::clock;
use serde_json::{Value, json};

/// The shape of an error body. A client has to read all three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorShape {
    /// `{"error": "text"}`.
    #[default]
    Text,
    /// `{"error": ["text", …]}`.
    List,
    /// `{"errors": ["text", …]}`.
    Errors,
}

/// A refusal in one of the shapes, also for use as a fault's answer.
#[must_use]
pub fn refusal(shape: ErrorShape, status: u16, messages: &[&str]) -> Reply {
    Reply::json(status, &body(shape, messages))
}

fn body(shape: ErrorShape, messages: &[&str]) -> Value {
    match shape {
        ErrorShape::Text => json!({"error": messages.join(", ")}),
        ErrorShape::List => json!({"error": messages}),
        ErrorShape::Errors => json!({"errors": messages}),
    }
}

/// 429 as Checkr documents it: `X-Ratelimit-Reset` names the moment, and there is no `Retry-After`.
#[must_use]
pub fn rate_limited(reset_in_s: i64) -> Reply {
    limits(refusal(ErrorShape::Text, 429, &["Too Many Requests"]), 0, reset_in_s)
}

/// 409 to a call whose `Idempotency-Key` belongs to a call that is still being worked on.
#[must_use]
pub fn still_processing() -> Reply {
    let message = "A request with the same idempotency key is being processed";
    refusal(ErrorShape::Text, 409, &[message])
}

/// The three headers that every answer of Checkr carries.
pub(super) fn limits(reply: Reply, remaining: u32, reset_in_s: i64) -> Reply {
    reply
        .with_header("x-ratelimit-limit", "1200")
        .with_header("x-ratelimit-remaining", &remaining.to_string())
        .with_header("x-ratelimit-reset", &clock::after_s(reset_in_s))
}

/// Why a call was refused, before it is put into a shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) messages: Vec<String>,
}

impl Refused {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, messages: vec![message.into()] }
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "Not found")
    }

    pub(super) fn reply(&self, shape: ErrorShape) -> Reply {
        let messages: Vec<_> = self.messages.iter().map(String::as_str).collect();
        refusal(shape, self.status, &messages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_shapes_say_the_same() {
        assert_eq!(body(ErrorShape::Text, &["a", "b"]), json!({"error": "a, b"}));
        assert_eq!(body(ErrorShape::List, &["a", "b"]), json!({"error": ["a", "b"]}));
        assert_eq!(body(ErrorShape::Errors, &["a"]), json!({"errors": ["a"]}));
    }

    #[test]
    fn a_rate_limit_names_the_moment_it_ends_and_nothing_else() {
        let reply = rate_limited(60);
        assert_eq!(reply.status, 429);
        let named = |name: &str| reply.headers.iter().any(|(header, _)| header == name);
        assert!(named("x-ratelimit-reset") && !named("retry-after"));
    }
}
