//! How Teamtailor's API says no. The bodies of the partner API are not public; these are the ones
//! of the public API, which runs on the same stack.

use super::super::reply::Reply;
use serde_json::{Value, json};

/// The media type of every body of the API.
pub(super) const JSON_API: &str = "application/vnd.api+json";

/// 429 as the public API gives it: `X-Rate-Limit-Reset` always, `Retry-After` only sometimes.
#[must_use]
pub fn rate_limited(seconds: u64, with_retry_after: bool) -> Reply {
    let reply = errors(429, &["Too many requests".into()])
        .with_header("x-rate-limit-limit", "50")
        .with_header("x-rate-limit-remaining", "0")
        .with_header("x-rate-limit-reset", &seconds.to_string());
    if with_retry_after { reply.with_header("retry-after", &seconds.to_string()) } else { reply }
}

/// Why a call was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    status: u16,
    problems: Vec<String>,
}

impl Refused {
    pub(super) fn because(status: u16, problem: &str) -> Self {
        Self { status, problems: vec![problem.into()] }
    }

    pub(super) fn unprocessable(problems: Vec<String>) -> Self {
        Self { status: 422, problems }
    }

    pub(super) fn reply(&self) -> Reply {
        errors(self.status, &self.problems)
    }
}

/// A success.
pub(super) fn success(body: &Value) -> Reply {
    Reply::bytes(200, JSON_API, body.to_string().into_bytes())
}

fn errors(status: u16, problems: &[String]) -> Reply {
    let error = |detail: &String| json!({"title": title(status), "detail": detail, "status": status.to_string()});
    let body = json!({"errors": problems.iter().map(error).collect::<Vec<_>>()});
    Reply::bytes(status, JSON_API, body.to_string().into_bytes())
}

fn title(status: u16) -> &'static str {
    match status {
        401 => "Unauthorized",
        404 => "Record not found",
        406 => "Invalid API version",
        415 => "Unsupported media type",
        422 => "Unprocessable entity",
        429 => "Too many requests",
        _ => "Bad request",
    }
}
