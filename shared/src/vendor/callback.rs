//! The door that vendors knock at with callbacks, and that recruiters' browsers open reports at. It also answers
//! whatever comes to an address that Crosscheck does not have.

use bytes::Bytes;
use http::{Method, StatusCode, header};

use super::answers::no;
use super::{CallbackRefused, ReportFile, VendorKind, plain, reason, standing};
use crate::error::FaultKind;
use crate::flow::{Opened, ReportRefused, Services, Validity, open_link, take_call};
use crate::inbound::{self, Answer, MAX_BODY, Request};
use crate::order::{ConnectionId, OrderId};
use crate::page;
use crate::telemetry;

/// Largest report that fits a Lambda answer once it is base64, in bytes.
const MAX_REPORT: usize = 4_400_000;

/// Answers one request: `…/callbacks/{vendor}/{connection}` and below, or `GET …/reports/{order}`.
pub async fn handle(services: &Services, request: Request) -> Answer {
    let path = request.uri().path().to_owned();
    let parts = inbound::segments(&path);
    let is_vendor = |part: &str| part.parse::<VendorKind>().is_ok();
    if let Some([vendor, connection, rest @ ..]) = inbound::below(&parts, "callbacks", is_vendor) {
        return call(services, vendor, connection, rest, &request).await;
    }
    match inbound::below(&parts, "reports", |part| part.parse::<OrderId>().is_ok()) {
        Some([order]) if request.method() == Method::GET => report(services, order, &request).await,
        // Link previews and scanners ask so; a 404 would make the link look dead.
        Some([order]) if request.method() == Method::HEAD => {
            report(services, order, &request).await.map(|_| Bytes::new())
        }
        _ => no(StatusCode::NOT_FOUND, "unknown_path", inbound::NO_SUCH_ADDRESS),
    }
}

async fn call(services: &Services, vendor: &str, connection: &str, path: &[&str], request: &Request) -> Answer {
    let Ok(vendor) = vendor.parse::<VendorKind>() else {
        return plain(&Err(CallbackRefused::NoConnection));
    };
    let done = match connection.parse::<ConnectionId>() {
        Err(_) => Err(CallbackRefused::NoConnection),
        Ok(_) if request.body().len() > MAX_BODY => Err(CallbackRefused::Body(inbound::BadBody::TooLarge)),
        Ok(connection) => take_call(services, vendor, &connection, path, request).await,
    };
    match &done {
        Err(CallbackRefused::Unavailable(fault)) => tracing::error!(fault = %fault, "door cannot answer"),
        Err(why) => {
            tracing::warn!(vendor = %vendor, reason = reason(why), "callback refused");
            if matches!(why, CallbackRefused::NotVerified) {
                telemetry::count("CallbackRefused");
            }
        }
        Ok(_) => {}
    }
    vendor.callbacks().answer(path, &done)
}

async fn report(services: &Services, order: &str, request: &Request) -> Answer {
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
    let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let number = |name: &str| value(name).and_then(|text| text.parse::<i64>().ok());
    let validity = number("days").map(Validity::Days).or_else(|| number("expires").map(Validity::Until));
    let (Ok(id), Some(validity), Some(signature)) = (order.parse::<OrderId>(), validity, value("signature")) else {
        return said(StatusCode::NOT_FOUND, NOT_VALID);
    };
    match open_link(services, id, validity, signature).await {
        Ok(Opened::Standing(standing)) => standing::page(&standing.0, &standing.1),
        Ok(Opened::Report(ReportFile::Page(url))) => go_on_to(&url),
        Ok(Opened::Report(ReportFile::Pdf(pdf))) if pdf.len() <= MAX_REPORT => pdf_answer(pdf),
        Ok(Opened::Report(ReportFile::Pdf(_))) => {
            said(StatusCode::BAD_GATEWAY, "The report is too large to show here. Open it in the vendor's portal.")
        }
        Err(ReportRefused::NotOurs) => said(StatusCode::NOT_FOUND, NOT_VALID),
        Err(ReportRefused::Expired) => {
            said(StatusCode::GONE, "This link has expired. Open the check in the vendor's portal.")
        }
        Err(ReportRefused::Unavailable(fault)) => {
            tracing::warn!(order_id = %id, fault = %fault, "report not available");
            said(StatusCode::BAD_GATEWAY, not_given(fault.kind))
        }
    }
}

const NOT_VALID: &str = "This link is not valid. Open the check again from your ATS.";

/// What a recruiter reads where the vendor does not give the report. Only what passes by itself is worth another try.
const fn not_given(why: FaultKind) -> &'static str {
    match why {
        FaultKind::NotFound => {
            "The vendor has no report of this check to show, or not yet. Look for it in the vendor's portal."
        }
        FaultKind::KeyRefused => {
            "The vendor refused Crosscheck's key. Ask your Crosscheck administrator to replace it, or open the report in \
             the vendor's portal."
        }
        FaultKind::RightMissing
        | FaultKind::NotAllowed
        | FaultKind::Duplicate
        | FaultKind::DataRefused
        | FaultKind::Forbidden => "The vendor does not give this report to Crosscheck. Open it in the vendor's portal.",
        FaultKind::RateLimited
        | FaultKind::Down
        | FaultKind::NoAnswer
        | FaultKind::Unexpected
        | FaultKind::Platform => "The vendor did not give the report. Try again in a few minutes.",
    }
}

fn go_on_to(url: &url::Url) -> Answer {
    let mut answer = said(StatusCode::FOUND, "The report is at the vendor.");
    if let Ok(location) = header::HeaderValue::from_str(url.as_str()) {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    answer.headers_mut().insert(header::REFERRER_POLICY, header::HeaderValue::from_static("no-referrer"));
    answer
}

fn pdf_answer(pdf: Bytes) -> Answer {
    let mut answer = inbound::answer(StatusCode::OK, "application/pdf", pdf);
    let inline = header::HeaderValue::from_static("inline; filename=\"report.pdf\"");
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, inline);
    answer.headers_mut().insert(header::REFERRER_POLICY, header::HeaderValue::from_static("no-referrer"));
    answer
}

/// A page for a person: one sentence, nothing to load.
fn said(status: StatusCode, sentence: &str) -> Answer {
    page::plain(status, "Background check", &[sentence])
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn only_a_report_that_may_come_by_itself_is_worth_another_try() {
        for why in FaultKind::VARIANTS {
            assert_eq!(not_given(*why).contains("Try again"), why.is_passing(), "{}", why.name());
        }
    }
}
