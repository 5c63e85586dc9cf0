//! Calls to Checkr: Basic authentication, pages, idempotency keys, rate limits.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use jiff::Timestamp;
use serde_json::Value;

use super::wire;
use crate::account::Account;
use crate::error::{Fault, FaultKind};
use crate::outbound::{Call, Content, fault_of_status, join};

/// Entries asked for per page, the most that Checkr gives.
const PER_PAGE: usize = 100;

/// Pages read at most; a list with more cannot prove that an order is absent.
const PAGES: usize = 50;

/// Longest wait after a 429: Checkr counts by the minute.
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// What Checkr answered.
pub(super) struct Said {
    pub(super) body: Value,
    /// Checkr's own clock, from the `Date` header.
    pub(super) at: Option<Timestamp>,
}

/// One entry of the API.
pub(super) async fn get(account: &Account<'_>, operation: &'static str, path: &str) -> Result<Said, Fault> {
    call(account, operation, Method::GET, path, None).await
}

/// Creates something, once per key for a day.
pub(super) async fn create(
    account: &Account<'_>,
    operation: &'static str,
    path: &str,
    body: Value,
    key: &str,
) -> Result<Value, Fault> {
    call(account, operation, Method::POST, path, Some((body, key))).await.map(|said| said.body)
}

/// Deletes something.
pub(super) async fn delete(account: &Account<'_>, operation: &'static str, path: &str) -> Result<(), Fault> {
    call(account, operation, Method::DELETE, path, None).await.map(|_| ())
}

/// Every entry of a list, and Checkr's clock. The pages are counted here: `next_href` only says whether there is one
/// more, since no URL of an answer is called with the key.
pub(super) async fn list(
    account: &Account<'_>,
    operation: &'static str,
    path: &str,
) -> Result<(Vec<Value>, Option<Timestamp>), Fault> {
    let mut found = Vec::new();
    let glue = if path.contains('?') { '&' } else { '?' };
    for number in 1..=PAGES {
        let said = get(account, operation, &format!("{path}{glue}page={number}&per_page={PER_PAGE}")).await?;
        let no_list = || Fault::new(FaultKind::Unexpected, operation, "an answer without the list `data`");
        let entries = said.body.get("data").and_then(Value::as_array).ok_or_else(no_list)?;
        found.extend(entries.iter().cloned());
        let more = said.body.get("next_href").map_or(entries.len() == PER_PAGE, |next| !next.is_null());
        if !more || entries.is_empty() {
            return Ok((found, said.at));
        }
    }
    Err(Fault::new(FaultKind::Unexpected, operation, "too many entries to look through"))
}

async fn call(
    account: &Account<'_>,
    operation: &'static str,
    method: Method,
    path: &str,
    body: Option<(Value, &str)>,
) -> Result<Said, Fault> {
    let bad_url = |_| Fault::new(FaultKind::Forbidden, operation, "the base URL cannot be joined").not_sent();
    let url = join(account.base_url, path).map_err(bad_url)?;
    let mut headers = HeaderMap::new();
    if let Ok(mut basic) = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(format!("{}:", account.key)))) {
        basic.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, basic);
    }
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(key) = body.as_ref().and_then(|(_, key)| HeaderValue::from_str(key).ok()) {
        headers.insert(HeaderName::from_static("idempotency-key"), key);
    }
    let creates = body.is_some();
    let body = body.map(|(body, _)| Content::Json(body));
    let reply = account.outbound.send(Call { operation, method, url, headers, body, timeout: account.timeout }).await?;
    let answer = reply.json();
    if let Some(mut fault) = fault_of_status(operation, &reply) {
        if fault.kind == FaultKind::RateLimited {
            fault.retry_after = wait(&reply.headers).or(fault.retry_after);
        }
        let words = answer.as_ref().and_then(wire::words);
        if fault.kind == FaultKind::NotAllowed && words.as_deref().is_some_and(is_about_removed_candidate) {
            fault.kind = if creates { FaultKind::DataRefused } else { FaultKind::NotFound };
        }
        return Err(fault.said(words));
    }
    let no_json = || Fault::new(FaultKind::Unexpected, operation, "an answer that is not JSON");
    Ok(Said { body: answer.ok_or_else(no_json)?, at: clock(&reply.headers) })
}

/// Whether a refusal says that the candidate's data is gone. Checkr answers 403 then ("Candidate has requested that their
/// PII be removed"), and no other key would help.
fn is_about_removed_candidate(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    words.contains("candidate") && ["pii", "removed", "deleted"].iter().any(|part| words.contains(part))
}

fn clock(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(header::DATE)?.to_str().ok()?;
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}

/// How long until `X-Ratelimit-Reset`, by Checkr's own clock. The guide shows a moment in ISO 8601; Unix seconds are
/// read too.
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let reset = headers.get("x-ratelimit-reset")?.to_str().ok()?.trim();
    let seconds = || reset.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let reset: Timestamp = reset.parse().ok().or_else(seconds)?;
    let left = reset.duration_since(clock(headers)?);
    Some(Duration::try_from(left).unwrap_or_default().clamp(Duration::from_secs(1), LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_about_a_removed_candidate_is_not_about_the_key() {
        for (words, removed) in [
            ("Candidate has requested that their PII be removed", true),
            ("The candidate's data was deleted.", true),
            ("Bad authentication error", false),
            ("Your account is not approved for production", false),
            ("You may not read candidates", false),
        ] {
            assert_eq!(is_about_removed_candidate(words), removed, "{words}");
        }
    }

    fn waited(reset: &str, date: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-reset", reset.parse().expect("a header"));
        if let Some(date) = date {
            headers.insert(header::DATE, date.parse().expect("a header"));
        }
        wait(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn a_rate_limit_is_waited_for_by_checkrs_own_clock() {
        let date = Some("Sat, 21 Nov 2026 07:33:07 GMT");
        assert_eq!(waited("2026-11-21T07:33:49Z", date), Some(42));
        assert_eq!(waited("1795246429", date), Some(42));
        assert_eq!(waited("2026-11-21T07:00:00Z", date), Some(1), "a moment that is over");
        assert_eq!(waited("2027-11-21T07:00:00Z", date), Some(900), "no wait of a year");
        assert_eq!(waited("soon", date), None);
        assert_eq!(waited("2026-11-21T07:33:49Z", None), None);
    }
}
