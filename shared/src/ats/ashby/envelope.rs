//! Ashby's way of calling and answering, which both sides of its partner protocol use: the credential, the envelope,
//! its three error shapes.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::Value;

use crate::account::Account;
use crate::error::{Fault, FaultKind};
use crate::outbound::{Call, Content, Reply, fault_of_status, join};

/// How long to wait when Ashby throttles the traffic of this partner's customers together.
const PARTNER_BACK_OFF: Duration = Duration::from_mins(1);

/// Longest part of a message that a recruiter or an operator is shown.
const MESSAGE_LIMIT: usize = 300;

/// Posts to one endpoint, with the key as the user name of Basic.
///
/// # Errors
/// When nothing came back; an answer of any status is a reply.
pub(crate) async fn post(
    account: &Account<'_>,
    operation: &'static str,
    body: Value,
    accept: &'static str,
) -> Result<Reply, Fault> {
    let url = join(account.base_url, operation)
        .map_err(|_| Fault::new(FaultKind::Forbidden, operation, "the base URL cannot be joined").not_sent())?;
    let mut headers = HeaderMap::new();
    if let Ok(mut basic) = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(format!("{}:", account.key)))) {
        basic.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, basic);
    }
    headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
    let body = Some(Content::Json(body));
    account.outbound.send(Call { operation, method: Method::POST, url, headers, body, timeout: account.timeout }).await
}

/// The `results` of an answer. `success` is checked even on HTTP 200.
///
/// # Errors
/// What the status or the envelope says; its words are kept apart from what may be logged.
pub(crate) fn read(operation: &'static str, reply: &Reply) -> Result<Value, Fault> {
    let body = reply.json();
    let Some(mut fault) = fault_of_status(operation, reply) else {
        return match body {
            Some(mut body) if body.get("success") == Some(&Value::Bool(true)) => {
                Ok(body.get_mut("results").map(Value::take).unwrap_or_default())
            }
            Some(body) if body.get("success") == Some(&Value::Bool(false)) => Err(refusal(operation, &body)),
            _ => Err(Fault::new(FaultKind::Unexpected, operation, "HTTP 200 without `success`")),
        };
    };
    if reply.headers.get("x-ratelimit-scope").is_some_and(|scope| scope == "integration-partner") {
        fault.detail.push_str(", all customers of this partner are throttled");
        fault.retry_after = fault.retry_after.max(Some(PARTNER_BACK_OFF));
    }
    if let Some(body) = body {
        let (code, message) = error_of(&body);
        fault.detail = format!("{}, {code}", fault.detail);
        fault = fault.said(message);
    }
    Err(fault)
}

fn refusal(operation: &'static str, body: &Value) -> Fault {
    let (code, message) = error_of(body);
    let kind = if code.contains("permission") {
        FaultKind::NotAllowed
    } else if code.contains("unauthorized") {
        FaultKind::KeyRefused
    } else if code.contains("not_found") {
        FaultKind::NotFound
    } else if code.contains("rate_limit") {
        FaultKind::RateLimited
    } else {
        FaultKind::DataRefused
    };
    Fault::new(kind, operation, format!("success is false, {code}")).said(message)
}

/// Code and message of an error body. Ashby uses `errors: ["code"]`, `errors: [{message, parameter}]` and
/// `errorInfo: {code, message}`, alone or together; a partner's 422 has `message` alone. Only text that looks like a
/// code counts as one.
fn error_of(body: &Value) -> (String, Option<String>) {
    let info = body.get("errorInfo");
    let first = body.get("errors").and_then(|e| e.get(0));
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let named = |value: Option<&Value>, key| value.and_then(|v| text(v.get(key)));
    let code = named(info, "code")
        .or_else(|| text(first))
        .or_else(|| named(first, "parameter"))
        .filter(|code| code.len() <= 80 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b)))
        .unwrap_or_else(|| "no error code".to_owned());
    let message = named(info, "message")
        .or_else(|| named(first, "message"))
        .or_else(|| text(first))
        .or_else(|| text(body.get("message")))
        .map(|message| message.chars().take(MESSAGE_LIMIT).collect());
    (code, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::StatusCode;

    fn reply(status: u16, body: &'static str) -> Reply {
        Reply {
            status: StatusCode::from_u16(status).expect("a status"),
            headers: HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn success_is_believed_over_the_http_status() {
        assert!(read("x", &reply(200, r#"{"success":true,"results":{"a":1}}"#)).is_ok());
        let fault = read("x", &reply(200, r#"{"success":false,"errors":["assessment_not_found"]}"#));
        assert_eq!(fault.expect_err("refused").kind, FaultKind::NotFound);
        let odd = read("x", &reply(200, "<html>")).expect_err("no envelope");
        assert_eq!((odd.kind, odd.maybe_done), (FaultKind::Unexpected, true));
    }

    #[test]
    fn all_three_error_shapes_are_read() {
        for (body, code, message) in [
            (r#"{"success":false,"errors":["invalid_input"]}"#, "invalid_input", Some("invalid_input")),
            (
                r#"{"success":false,"errors":[{"message":"Key lacks it","parameter":"missing_endpoint_permission"}]}"#,
                "missing_endpoint_permission",
                Some("Key lacks it"),
            ),
            (r#"{"success":false,"errors":["a"],"errorInfo":{"code":"b","message":"said"}}"#, "b", Some("said")),
            (
                r#"{"success":false,"errors":["Asha Rao was not found"]}"#,
                "no error code",
                Some("Asha Rao was not found"),
            ),
            (r#"{"success":false}"#, "no error code", None),
            (r#"{"message":"No credit is left"}"#, "no error code", Some("No credit is left")),
        ] {
            let value: Value = serde_json::from_str(body).expect("JSON");
            assert_eq!(error_of(&value), (code.to_owned(), message.map(str::to_owned)), "{body}");
        }
    }

    #[test]
    fn a_fault_that_is_logged_does_not_carry_what_ashby_said() {
        let fault = read("x", &reply(400, r#"{"success":false,"errors":["Asha Rao was not found"]}"#));
        let fault = fault.expect_err("refused");
        assert!(!fault.to_string().contains("Asha"));
        assert_eq!(fault.words(), "Asha Rao was not found");
    }

    #[test]
    fn throttling_of_the_whole_partner_backs_off_longer() {
        let mut throttled = reply(429, "{}");
        throttled.headers.insert("x-ratelimit-scope", HeaderValue::from_static("integration-partner"));
        throttled.headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        assert_eq!(read("x", &throttled).expect_err("429").retry_after, Some(PARTNER_BACK_OFF));
    }
}
