//! The door that vendors knock at with callbacks, and that recruiters' browsers open reports at.

use bytes::Bytes;
use http::{Method, StatusCode, header};
use serde_json::json;

use super::VendorKind;
use crate::flow::{CallbackRefused, Desk, ReportRefused, report_pdf, take_callback};
use crate::inbound::{self, Answer, MAX_BODY, Request};
use crate::order::{ConnectionId, OrderId, Taken};
use crate::telemetry;

/// Largest report that fits a Lambda answer once it is base64, in bytes.
const MAX_REPORT: usize = 4_400_000;

/// Answers one request: `POST …/callbacks/{vendor}/{connection}` or `GET …/reports/{order}`.
pub async fn handle(desk: &Desk, request: Request) -> Answer {
    let path = request.uri().path().to_owned();
    let parts = inbound::segments(&path);
    let after = |name: &str| parts.iter().position(|p| *p == name).and_then(|at| parts.get(at + 1..));
    if let Some([vendor, connection, ..]) = after("callbacks") {
        return callback(desk, vendor, connection, &request).await;
    }
    match after("reports") {
        Some([order]) if request.method() == Method::GET => report(desk, order, &request).await,
        _ => no(StatusCode::NOT_FOUND, "unknown_path", "Crosscheck has no such path."),
    }
}

async fn callback(desk: &Desk, vendor: &str, connection: &str, request: &Request) -> Answer {
    if request.method() != Method::POST {
        return no(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Callbacks are POST.");
    }
    let (Ok(vendor), Ok(connection)) = (vendor.parse::<VendorKind>(), connection.parse::<ConnectionId>()) else {
        return refused(&CallbackRefused::NoConnection);
    };
    if request.body().len() > MAX_BODY {
        return refused(&CallbackRefused::Body(inbound::BadBody::TooLarge));
    }
    match take_callback(desk, vendor, &connection, request).await {
        Ok(taken) => inbound::json(StatusCode::OK, &json!({ "success": true, "taken": word(taken) })),
        Err(why) => {
            tracing::warn!(connection_id = %connection, reason = reason(&why), "callback refused");
            refused(&why)
        }
    }
}

const fn word(taken: Taken) -> &'static str {
    match taken {
        Taken::Changed => "changed",
        Taken::Unchanged => "unchanged",
        Taken::Doubted => "asking the vendor",
        Taken::UnknownWord => "unknown status word kept as label",
    }
}

const fn reason(why: &CallbackRefused) -> &'static str {
    match why {
        CallbackRefused::NoConnection => "unknown_connection",
        CallbackRefused::NotVerified => "not_verified",
        CallbackRefused::Body(bad) => bad.code(),
        CallbackRefused::NoOrder => "unknown_order",
        CallbackRefused::Unavailable(_) => "temporarily_unavailable",
    }
}

/// What a refused callback is answered. 401 only when every key in force was tried: SpringVerify disables an endpoint
/// that answers 401 or 403, so trouble of our own is 503.
fn refused(why: &CallbackRefused) -> Answer {
    let code = reason(why);
    match why {
        CallbackRefused::NoConnection => no(StatusCode::NOT_FOUND, code, "No such connection for this vendor."),
        CallbackRefused::NotVerified => {
            telemetry::count("CallbackRefused");
            no(StatusCode::UNAUTHORIZED, code, "The callback does not carry this connection's secret.")
        }
        CallbackRefused::Body(bad) => no(bad.status(), code, &format!("The callback cannot be read: {bad}.")),
        CallbackRefused::NoOrder => no(StatusCode::NOT_FOUND, code, "No such order on this connection."),
        CallbackRefused::Unavailable(fault) => {
            tracing::error!(fault = %fault, "door cannot answer");
            no(StatusCode::SERVICE_UNAVAILABLE, code, "Crosscheck cannot reach its own storage. Send it again.")
        }
    }
}

fn no(status: StatusCode, code: &'static str, message: &str) -> Answer {
    inbound::json(status, &json!({ "success": false, "error": code, "message": message }))
}

async fn report(desk: &Desk, order: &str, request: &Request) -> Answer {
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
    let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let (Ok(id), Some(expires), Some(signature)) =
        (order.parse::<OrderId>(), value("expires").and_then(|e| e.parse::<i64>().ok()), value("signature"))
    else {
        return page(StatusCode::NOT_FOUND, "This is not a report link of Crosscheck's. Open it from the ATS again.");
    };
    match report_pdf(desk, id, expires, signature).await {
        Ok(pdf) if pdf.len() <= MAX_REPORT => pdf_answer(pdf),
        Ok(_) => page(StatusCode::BAD_GATEWAY, "The report is too large to show here. Open it in the vendor's portal."),
        Err(ReportRefused::NotOurs) => {
            page(StatusCode::NOT_FOUND, "This is not a report link of Crosscheck's. Open it from the ATS again.")
        }
        Err(ReportRefused::Expired) => {
            page(StatusCode::GONE, "This report link has expired. Open the report in the vendor's portal.")
        }
        Err(ReportRefused::Unavailable(fault)) => {
            tracing::warn!(order_id = %id, fault = %fault, "report not available");
            page(StatusCode::BAD_GATEWAY, "The vendor did not give the report. Try again in a few minutes.")
        }
    }
}

fn pdf_answer(pdf: Bytes) -> Answer {
    let mut answer = inbound::answer(StatusCode::OK, "application/pdf", pdf);
    let inline = header::HeaderValue::from_static("inline; filename=\"report.pdf\"");
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, inline);
    answer.headers_mut().insert(header::REFERRER_POLICY, header::HeaderValue::from_static("no-referrer"));
    answer
}

/// A page for a person: one sentence, nothing to load.
fn page(status: StatusCode, sentence: &str) -> Answer {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>Report</title><body style=\"font:1.1rem/1.5 sans-serif;\
         max-width:34rem;margin:4rem auto;padding:0 1rem\"><h1>Report</h1><p>{sentence}</p></body></html>"
    );
    let mut answer = inbound::answer(status, "text/html; charset=utf-8", Bytes::from(html));
    let policy = header::HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'");
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    answer
}
