//! Calls to Teamtailor's partner API: credentials, JSON:API bodies, errors, pace.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use url::Url;

use super::{result_url, wire};
use crate::account::Account;
use crate::error::{Fault, FaultKind};
use crate::order::Order;
use crate::outbound::{Call, Content, Reply, fault_of_status, join};
use crate::rate_limit::Limits;

/// The only version that the partner API's documents name.
const VERSION: &str = "20180828";

/// The media type of every body sent.
const JSON_API: &str = "application/vnd.api+json";

/// Teamtailor's public API takes 50 requests in ten seconds; for the partner API no limit is published. A fifth is left
/// free, since other programs of the customer's may use it too.
const LIMITS: Limits = Limits { apart: Duration::from_millis(250), at_once: 8 };

/// Longest wait when Teamtailor throttles without `Retry-After`.
const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// Longest part of a message of Teamtailor's that a recruiter or an operator is shown.
const MESSAGE_LIMIT: usize = 300;

/// Writes onto the result's card everything that the order knows.
pub(super) async fn tell(account: &Account<'_>, order: &Order, link: &str) -> Result<(), Fault> {
    let operation = "partner-results.update";
    let forbidden = |why: &str| Fault::new(FaultKind::Forbidden, operation, why).not_sent();
    let url = order.reference.result_url.as_deref().and_then(|text| Url::parse(text).ok());
    let url = url.ok_or_else(|| forbidden("the order has no address for results"))?;
    let id = result_url::checked(&url, account.base_url).ok_or_else(|| forbidden("the address is not Teamtailor's"))?;
    let attributes = wire::attributes(order, link);
    let body = json!({ "data": { "type": "partner-results", "id": id, "attributes": attributes } });
    call(account, operation, Method::PUT, url, Some(body)).await.map(drop)
}

/// Reads one result of this partner: needs the key and changes nothing.
pub(super) async fn check_key(account: &Account<'_>) -> Result<(), Fault> {
    let operation = "partner-results.list";
    let mut url = below(account, operation, "partner/v1/partner-results")?;
    url.query_pairs_mut().append_pair("page[size]", "1");
    let listed = call(account, operation, Method::GET, url, None).await?;
    match listed.get("data") {
        Some(Value::Array(_)) => Ok(()),
        _ => Err(Fault::new(FaultKind::Unexpected, operation, "HTTP 200 without `data`")),
    }
}

/// An address of the account's own API.
pub(super) fn below(account: &Account<'_>, operation: &'static str, path: &str) -> Result<Url, Fault> {
    join(account.base_url, path)
        .map_err(|_| Fault::new(FaultKind::Forbidden, operation, "the base URL cannot be joined").not_sent())
}

/// Makes one call, in its turn. An empty answer is `null`.
pub(super) async fn call(
    account: &Account<'_>,
    operation: &'static str,
    method: Method,
    url: Url,
    body: Option<Value>,
) -> Result<Value, Fault> {
    let rate_limit = account.outbound.rate_limit(account.key, LIMITS);
    let turn = rate_limit.enter().await?;
    let call = Call {
        operation,
        method,
        url,
        headers: headers(account.key),
        body: body.map(|body| Content::JsonAs(JSON_API, body)),
        timeout: account.timeout,
    };
    let reply = account.outbound.send(call).await?;
    drop(turn);
    read(operation, &reply)
}

fn headers(key: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(mut bearer) = HeaderValue::from_str(&format!("Bearer {key}")) {
        bearer.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, bearer);
    }
    headers.insert("x-api-version", HeaderValue::from_static(VERSION));
    headers
}

fn read(operation: &'static str, reply: &Reply) -> Result<Value, Fault> {
    let body = reply.json();
    let (code, message) = body.as_ref().map(error_of).unwrap_or_default();
    if let Some(mut fault) = fault_of_status(operation, reply) {
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            fault.retry_after = fault.retry_after.or_else(|| reset(&reply.headers));
        }
        if let Some(code) = code {
            fault.detail = format!("{}, {code}", fault.detail);
        }
        return Err(fault.said(message));
    }
    let says_no = body.as_ref().and_then(|body| body.get("errors")?.as_array()).is_some_and(|list| !list.is_empty());
    match body {
        Some(_) if says_no => {
            let detail = format!("HTTP {} with errors", reply.status.as_u16());
            Err(Fault::new(FaultKind::DataRefused, operation, detail).said(message))
        }
        Some(body) => Ok(body),
        None if reply.body.iter().all(u8::is_ascii_whitespace) => Ok(Value::Null),
        None => Err(Fault::new(FaultKind::Unexpected, operation, "the answer is not JSON")),
    }
}

/// Seconds until Teamtailor's period is over.
fn reset(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get("x-rate-limit-reset")?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

/// Where the first error points and what it says. Only a text that looks like a pointer or a code counts as one, so
/// that it may be logged.
fn error_of(body: &Value) -> (Option<String>, Option<String>) {
    let Some(first) = body.get("errors").and_then(|errors| errors.get(0)) else { return (None, None) };
    let text = |name: &str| first.get(name).and_then(Value::as_str);
    let pointer = first.get("source").and_then(|source| source.get("pointer")).and_then(Value::as_str);
    let is_code =
        |code: &&str| code.len() <= 80 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_.-".contains(&b));
    let code = pointer.or_else(|| text("code")).filter(is_code).map(str::to_owned);
    let message = match (text("title"), text("detail")) {
        (Some(title), Some(detail)) => Some(format!("{title}: {detail}")),
        (Some(words), None) | (None, Some(words)) => Some(words.to_owned()),
        (None, None) => first.as_str().map(str::to_owned),
    };
    (code, message.map(|message| message.chars().take(MESSAGE_LIMIT).collect()))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn reply(status: u16, body: &'static str) -> Reply {
        Reply {
            status: StatusCode::from_u16(status).expect("a status"),
            headers: HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn statuses_become_faults_of_their_kind() {
        for (status, kind) in [
            (401, FaultKind::KeyRefused),
            (403, FaultKind::NotAllowed),
            (404, FaultKind::NotFound),
            (406, FaultKind::DataRefused),
            (415, FaultKind::DataRefused),
            (422, FaultKind::DataRefused),
            (429, FaultKind::RateLimited),
            (502, FaultKind::Down),
        ] {
            assert_eq!(read("x", &reply(status, "")).expect_err("a fault").kind, kind, "{status}");
        }
    }

    #[test]
    fn errors_are_kept_for_people_and_only_the_pointer_is_logged() {
        let body = r#"{"errors":[{"title":"is invalid","detail":"Asha Rao is not one","source":{"pointer":"/data/attributes/label"}}]}"#;
        let fault = read("x", &reply(422, body)).expect_err("refused");
        assert_eq!(fault.words(), "is invalid: Asha Rao is not one");
        assert_eq!(fault.detail, "HTTP 422, /data/attributes/label");
        assert!(!fault.to_string().contains("Asha"));
        let texts = read("x", &reply(422, r#"{"errors":["Asha Rao"]}"#)).expect_err("refused");
        assert_eq!((texts.words(), texts.detail.as_str()), ("Asha Rao", "HTTP 422"));
    }

    #[test]
    fn a_no_in_the_body_counts_whatever_the_status() {
        let fault = read("x", &reply(200, r#"{"errors":[{"title":"no"}]}"#)).expect_err("refused");
        assert_eq!((fault.kind, fault.words()), (FaultKind::DataRefused, "no"));
        assert!(read("x", &reply(200, r#"{"data":{},"errors":[]}"#)).is_ok());
        assert!(read("x", &reply(204, "")).is_ok_and(|body| body.is_null()));
        assert_eq!(read("x", &reply(200, "<html>")).expect_err("a page").kind, FaultKind::Unexpected);
    }

    #[test]
    fn throttling_says_how_long_in_either_header() {
        let mut throttled = reply(429, "");
        throttled.headers.insert("x-rate-limit-reset", HeaderValue::from_static("7"));
        let wait = |reply: &Reply| read("x", reply).expect_err("429").retry_after;
        assert_eq!(wait(&throttled), Some(Duration::from_secs(7)));
        throttled.headers.insert("x-rate-limit-reset", HeaderValue::from_static("1795246418"));
        assert_eq!(wait(&throttled), Some(LONGEST_WAIT), "a time of day is no wait");
        throttled.headers.insert(header::RETRY_AFTER, HeaderValue::from_static("3"));
        assert_eq!(wait(&throttled), Some(Duration::from_secs(3)));
    }

    #[test]
    fn every_call_carries_the_key_and_the_version() {
        let headers = headers("secret");
        assert_eq!(headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes), Some(b"Bearer secret".as_slice()));
        assert!(headers.get(header::AUTHORIZATION).is_some_and(HeaderValue::is_sensitive));
        assert_eq!(headers.get("x-api-version").map(HeaderValue::as_bytes), Some(VERSION.as_bytes()));
    }
}
