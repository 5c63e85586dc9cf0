//! The plain answers to a vendor's calls, for protocols that have no form of their own.

use http::StatusCode;
use serde_json::json;

use super::{CallDone, CallbackRefused};
use crate::error::Fault;
use crate::inbound::{self, Answer};
use crate::store::CONTENDED;

/// The answer to a vendor that has no form of its own for it.
pub fn plain(done: &Result<CallDone, CallbackRefused>) -> Answer {
    match done {
        Ok(CallDone::Noticed) => {
            inbound::json(StatusCode::OK, &json!({ "success": true, "taken": "asking the vendor" }))
        }
        Ok(_) => inbound::json(StatusCode::OK, &json!({ "success": true })),
        Err(why) => refused(why),
    }
}

/// The word for a refusal, for programs and logs.
pub fn reason(why: &CallbackRefused) -> &'static str {
    match why {
        CallbackRefused::NoConnection => "unknown_connection",
        CallbackRefused::NotVerified => "not_verified",
        CallbackRefused::NoSuchCall => "unknown_call",
        CallbackRefused::Body(bad) => bad.code(),
        CallbackRefused::NoOrder | CallbackRefused::NoReference => "unknown_order",
        CallbackRefused::NoPackage => "unknown_package",
        CallbackRefused::Unavailable(fault) if is_contended(fault) => "too_many_requests",
        CallbackRefused::Unavailable(_) => "temporarily_unavailable",
    }
}

/// Whether calls of the vendor's own got into each other's way.
fn is_contended(fault: &Fault) -> bool {
    fault.detail == CONTENDED
}

/// Status and words of a refusal. 401 only when every key in force was tried: a vendor may disable an endpoint that
/// answers 401 or 403, so trouble of our own is 503.
pub fn words(why: &CallbackRefused) -> (StatusCode, String) {
    let (status, text) = match why {
        CallbackRefused::NoConnection => (StatusCode::NOT_FOUND, "No such connection for this vendor."),
        CallbackRefused::NotVerified => {
            (StatusCode::UNAUTHORIZED, "The callback does not carry this connection's secret.")
        }
        CallbackRefused::NoSuchCall => (StatusCode::NOT_FOUND, "Crosscheck has no such call."),
        CallbackRefused::Body(bad) => return (bad.status(), format!("The callback cannot be read: {bad}.")),
        CallbackRefused::NoOrder | CallbackRefused::NoReference => {
            (StatusCode::NOT_FOUND, "No such order on this connection.")
        }
        CallbackRefused::NoPackage => (StatusCode::NOT_FOUND, "No such package on this connection."),
        CallbackRefused::Unavailable(fault) if is_contended(fault) => (
            StatusCode::TOO_MANY_REQUESTS,
            "Too many calls change this at the same time. Send it again in a few seconds.",
        ),
        CallbackRefused::Unavailable(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "Crosscheck cannot reach its own storage or the vendor. Send it again.")
        }
    };
    (status, text.to_owned())
}

fn refused(why: &CallbackRefused) -> Answer {
    let (status, text) = words(why);
    no(status, reason(why), &text)
}

/// A refusal, for programs and people.
pub(super) fn no(status: StatusCode, code: &'static str, message: &str) -> Answer {
    inbound::json(status, &json!({ "success": false, "error": code, "message": message }))
}
