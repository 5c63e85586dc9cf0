//! Calls to SmartRecruiters' API: one bearer per client pair, SmartRecruiters' limits, its error shape.

use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

use super::{hosts, wire};
use crate::account::Account;
use crate::error::{Fault, FaultKind};
use crate::order::Order;
use crate::outbound::{Call, Content, Reply, fault_of_status};
use crate::rate_limit::{Bearer, Limits, RateLimit};

/// SmartRecruiters allows each credential ten requests in any second and eight at the same time. Calls that start evenly
/// do not arrive evenly, so a fifth is left free.
const LIMITS: Limits = Limits { apart: Duration::from_millis(125), at_once: 7 };

/// A bearer is not used in its last minute.
const MARGIN: Duration = Duration::from_mins(1);

/// Lifetime assumed for a bearer that comes without one. The shortest documented lifetime is half an hour.
const LIFETIME: u64 = 600;

/// Longest part of a message of SmartRecruiters' that a recruiter or an operator is shown.
const MESSAGE_LIMIT: usize = 300;

const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";

/// A client id and secret as they are stored: as that part of a token request.
pub(super) fn pair(id: &str, secret: &str) -> String {
    Serializer::new(String::new()).append_pair("client_id", id).append_pair("client_secret", secret).finish()
}

/// A request that carries a bearer.
pub(super) struct Wanted<'a> {
    pub(super) operation: &'static str,
    pub(super) method: Method,
    pub(super) url: Url,
    /// Media type and body.
    pub(super) body: Option<(&'static str, &'a Value)>,
}

/// The address below the base URL, each segment encoded.
pub(super) fn below(base: &Url, segments: &[&str]) -> Result<Url, Fault> {
    let mut url = base.clone();
    match url.path_segments_mut() {
        Ok(mut path) => path.pop_if_empty().extend(segments),
        Err(()) => return Err(Fault::new(FaultKind::Forbidden, "url", "the base URL cannot be joined").not_sent()),
    };
    Ok(url)
}

/// Writes an order's results. The address came with the order, so its host is checked again before each call.
pub(super) async fn tell(account: &Account<'_>, order: &Order, body: &Value) -> Result<(), Fault> {
    let operation = "orders/results";
    let address = order.reference.result_url.as_deref().and_then(|text| hosts::result_url(text, account.base_url));
    let foreign = || Fault::new(FaultKind::Forbidden, operation, "the results' address is not SmartRecruiters'");
    let url = address.ok_or_else(|| foreign().not_sent())?;
    within(account, operation, async {
        let mut wanted = Wanted { operation, method: Method::PATCH, url, body: Some((JSON, body)) };
        let mut reply = ask(account, &wanted).await?;
        // The specification wants plain JSON and speaks of RFC 7396, whose own media type this is.
        if reply.status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
            wanted.body = Some((MERGE_PATCH, body));
            reply = ask(account, &wanted).await?;
        }
        understood(operation, &reply).map(drop)
    })
    .await
}

/// A candidate's or a job's record.
pub(super) async fn record(account: &Account<'_>, operation: &'static str, path: &[&str]) -> Result<Value, Fault> {
    let url = below(account.base_url, path)?;
    let wanted = Wanted { operation, method: Method::GET, url, body: None };
    within(account, operation, async { understood(operation, &ask(account, &wanted).await?) }).await
}

/// One time limit for all parts of a call: waiting for the rate limit, fetching a bearer, the second attempt.
pub(super) async fn within<T>(
    account: &Account<'_>,
    operation: &'static str,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    let late = |_| Fault::new(FaultKind::NoAnswer, operation, "no answer in time");
    tokio::time::timeout(account.timeout, work).await.map_err(late)?
}

/// Sends a request with a bearer; any status is a reply. If the bearer is refused, a new one is fetched, once.
pub(super) async fn ask(account: &Account<'_>, wanted: &Wanted<'_>) -> Result<Reply, Fault> {
    let rate_limit = account.outbound.rate_limit(account.key, LIMITS);
    let reply = once(account, &rate_limit, wanted).await?;
    if reply.status != StatusCode::UNAUTHORIZED {
        return Ok(reply);
    }
    rate_limit.drop_bearer().await;
    once(account, &rate_limit, wanted).await
}

async fn once(account: &Account<'_>, rate_limit: &RateLimit, wanted: &Wanted<'_>) -> Result<Reply, Fault> {
    // The bearer comes before the permit, so that nobody holds a permit while waiting for a bearer.
    let token = rate_limit.bearer(fetch_token(account)).await?;
    let _turn = rate_limit.enter().await?;
    let call = Call {
        operation: wanted.operation,
        method: wanted.method.clone(),
        url: wanted.url.clone(),
        headers: headers(&token),
        body: wanted.body.map(|(media_type, value)| Content::JsonAs(media_type, value.clone())),
        timeout: account.timeout,
    };
    account.outbound.send(call).await
}

/// Fetches the account's bearer ahead of a call.
pub(super) async fn get_ready(account: &Account<'_>) -> Result<(), Fault> {
    let rate_limit = account.outbound.rate_limit(account.key, LIMITS);
    within(account, TOKEN, async { rate_limit.bearer(fetch_token(account)).await.map(drop) }).await
}

const TOKEN: &str = "oauth/token";

/// Asks for a new bearer even if there is one. This also shows whether client id and secret are still good.
pub(super) async fn fetch_token(account: &Account<'_>) -> Result<Bearer, Fault> {
    if account.key.is_empty() {
        let words = "SmartRecruiters has given no key yet: its admin has to connect";
        return Err(Fault::new(FaultKind::KeyRefused, TOKEN, words).not_sent());
    }
    let rate_limit = account.outbound.rate_limit(account.key, LIMITS);
    let _turn = rate_limit.enter().await?;
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static(JSON));
    let call = Call {
        operation: TOKEN,
        method: Method::POST,
        url: below(account.base_url, &["identity", "oauth", "token"])?,
        headers,
        body: Some(Content::Form(format!("grant_type=client_credentials&{}", account.key))),
        timeout: account.timeout,
    };
    let asked = Instant::now();
    let reply = account.outbound.send(call).await?;
    read_token(&reply, asked)
}

fn read_token(reply: &Reply, asked: Instant) -> Result<Bearer, Fault> {
    let body = reply.json().unwrap_or_default();
    if let Some(mut fault) = fault_of_status(TOKEN, reply) {
        // RFC 6749 answers 400 to a client it does not know.
        let code = body.get("error").and_then(Value::as_str).filter(|code| is_code(code));
        if matches!(code, Some("invalid_client" | "unauthorized_client" | "invalid_grant")) {
            fault.kind = FaultKind::KeyRefused;
        }
        fault.detail = format!("{}, {}", fault.detail, code.unwrap_or("no error code"));
        return Err(fault.of_neutral_call().not_sent());
    }
    let token = body.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| Fault::new(FaultKind::Unexpected, TOKEN, "no access_token").not_sent())?;
    let lifetime = Duration::from_secs(body.get("expires_in").map_or(Some(LIFETIME), seconds).unwrap_or(LIFETIME));
    let until = asked.checked_add(lifetime.saturating_sub(MARGIN)).unwrap_or(asked);
    Ok(Bearer { token: SecretString::from(token), until })
}

/// Seconds as a number or as a text of one.
fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn headers(token: &SecretString) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(mut bearer) = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())) {
        bearer.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, bearer);
    }
    headers.insert(header::ACCEPT, HeaderValue::from_static(JSON));
    headers
}

/// The body of a good answer, or the fault that the answer stands for.
pub(super) fn understood(operation: &'static str, reply: &Reply) -> Result<Value, Fault> {
    let body = reply.json().unwrap_or_default();
    let (codes, message) = wire::errors(&body);
    let codes: Vec<_> = codes.into_iter().filter(|code| is_code(code)).collect();
    let message = message.map(|text| text.chars().take(MESSAGE_LIMIT).collect());
    if let Some(mut fault) = fault_of_status(operation, reply) {
        if !codes.is_empty() {
            fault.detail = format!("{}, {}", fault.detail, codes.join(", "));
        }
        return Err(fault.said(message));
    }
    if body.get("errors").and_then(Value::as_array).is_none_or(Vec::is_empty) {
        return Ok(body);
    }
    let detail = format!("HTTP {} with errors: {}", reply.status.as_u16(), codes.join(", "));
    Err(Fault::new(FaultKind::DataRefused, operation, detail).said(message))
}

/// Only text that looks like a code may be logged.
fn is_code(text: &str) -> bool {
    (1..=80).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn reply(status: u16, body: &'static str) -> Reply {
        Reply {
            status: StatusCode::from_u16(status).expect("a status"),
            headers: HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    fn token(status: u16, body: &'static str) -> Result<Bearer, Fault> {
        read_token(&reply(status, body), Instant::now())
    }

    #[test]
    fn a_pair_survives_whatever_characters_it_has() {
        assert_eq!(pair("a b", "c&d=é"), "client_id=a+b&client_secret=c%26d%3D%C3%A9");
    }

    #[test]
    fn ids_in_addresses_are_encoded() {
        let base = Url::parse("https://api.example/").expect("a URL");
        let url = below(&base, &["candidates", "a/b?c"]).expect("joins");
        assert_eq!(url.as_str(), "https://api.example/candidates/a%2Fb%3Fc");
    }

    #[test]
    fn a_bearer_ends_a_minute_early() {
        let now = Instant::now();
        for (body, lives) in [
            (r#"{"access_token":"t","expires_in":1800}"#, 1740),
            (r#"{"access_token":"t","expires_in":"1800"}"#, 1740),
            (r#"{"access_token":"t"}"#, LIFETIME - 60),
            (r#"{"access_token":"t","expires_in":30}"#, 0),
        ] {
            let bearer = read_token(&reply(200, body), now).expect("a bearer");
            assert_eq!(bearer.until.duration_since(now), Duration::from_secs(lives), "{body}");
        }
    }

    #[test]
    fn a_refused_pair_is_told_from_every_other_trouble() {
        for (status, body, kind) in [
            (400, r#"{"error":"invalid_client"}"#, FaultKind::KeyRefused),
            (401, "{}", FaultKind::KeyRefused),
            (400, r#"{"error":"invalid_request"}"#, FaultKind::DataRefused),
            (429, "{}", FaultKind::RateLimited),
            (502, "<html>", FaultKind::Down),
            (200, "{}", FaultKind::Unexpected),
            (200, r#"{"access_token":""}"#, FaultKind::Unexpected),
        ] {
            assert_eq!(token(status, body).err().expect("a fault").kind, kind, "{status} {body}");
        }
    }

    #[test]
    fn errors_are_read_and_words_stay_out_of_the_log() {
        let body = r#"{"message":"Asha Rao is unknown","errors":[{"code":"ORDER_NOT_FOUND","message":"x"},{"code":"Asha Rao"}]}"#;
        let fault = understood("x", &reply(404, body)).expect_err("refused");
        assert_eq!(fault.kind, FaultKind::NotFound);
        assert_eq!(fault.detail, "HTTP 404, ORDER_NOT_FOUND");
        assert!(!fault.to_string().contains("Asha"));
        assert_eq!(fault.words(), "Asha Rao is unknown");
        let odd = understood("x", &reply(200, r#"{"errors":[{"code":"NO"}]}"#)).expect_err("said no");
        assert_eq!(odd.kind, FaultKind::DataRefused);
        assert!(understood("x", &reply(200, "{}")).is_ok());
    }
}
