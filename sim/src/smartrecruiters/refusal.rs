//! How SmartRecruiters says no: an `ErrorResponse`, whose `errors` is the only required part.
//!
//! No catalogue of error codes for v202010 is public, so a client must not depend on those used here.

use super::super::reply::Reply;
use super::traffic::{CALLS_PER_SECOND, CONCURRENT_CALLS};
use serde_json::json;

/// An `ErrorResponse`, also for use as a fault's answer.
#[must_use]
pub fn refusal(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &json!({"message": message, "errors": [{"code": code, "message": message}]}))
}

/// 429 as the gateway gives it: the `X-RateLimit` headers and, as documented, no `Retry-After`.
#[must_use]
pub fn rate_limited() -> Reply {
    with_limits(too_many_requests(), CALLS_PER_SECOND, 0, CONCURRENT_CALLS)
}

pub(super) fn too_many_requests() -> Reply {
    refusal(429, "TOO_MANY_REQUESTS", "Too many requests")
}

/// The headers of every answer; the most calls at once are the same for everybody.
pub(super) fn with_limits(reply: Reply, limit: usize, left: usize, concurrent_left: usize) -> Reply {
    reply
        .with_header("x-ratelimit-limit", &limit.to_string())
        .with_header("x-ratelimit-remaining", &left.to_string())
        .with_header("x-ratelimit-concurrent-limit", &CONCURRENT_CALLS.to_string())
        .with_header("x-ratelimit-concurrent-remaining", &concurrent_left.to_string())
}

/// Why a call was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Refused {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(super) fn reply(&self) -> Reply {
        refusal(self.status, self.code, &self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn a_rate_limit_tells_the_limits_but_not_when_to_come_back() {
        let reply = rate_limited();
        let header = |name: &str| reply.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        assert_eq!((reply.status, header("x-ratelimit-remaining")), (429, Some("0")));
        assert_eq!(header("x-ratelimit-concurrent-limit"), Some("8"));
        assert_eq!(header("retry-after"), None);
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(body["errors"][0]["code"], "TOO_MANY_REQUESTS");
    }
}
