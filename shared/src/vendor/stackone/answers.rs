//! What a vendor is answered, in the shapes of StackOne's unified ATS API.

use http::StatusCode;
use serde_json::{Value, json};

use super::wire;
use crate::clock::Clock;
use crate::inbound::{self, Answer};
use crate::order::Order;
use crate::vendor::{CallDone, CallbackRefused, reason, words};

/// The answer to a call of this path.
pub(super) fn answer(path: &[&str], done: &Result<CallDone, CallbackRefused>) -> Answer {
    // The time of the answer, by the machine's clock. No decision depends on it.
    let at = wire::time(Clock::system().now());
    match done {
        Ok(CallDone::Taken(..) | CallDone::Noticed | CallDone::PackageChanged(_)) => {
            ok("Record updated successfully.", &at)
        }
        Ok(CallDone::Dropped) => ok("Record deleted successfully.", &at),
        Ok(CallDone::Order(order, callback_url)) => read(path, order, callback_url, &at),
        Ok(CallDone::PackageRead(package)) => data(&wire::package(package)),
        Ok(CallDone::Packages(packages, next)) => {
            let packages: Vec<Value> = packages.iter().map(wire::package).collect();
            inbound::json(StatusCode::OK, &json!({ "data": packages, "next": next.map(|next| next.to_string()) }))
        }
        Ok(CallDone::Package(package)) => inbound::json(
            StatusCode::CREATED,
            &json!({
                "statusCode": 201,
                "message": "Record created successfully.",
                "timestamp": at,
                "data": { "id": package.id, "remote_id": package.id },
            }),
        ),
        Err(why) => refused(why, &at),
    }
}

/// What was asked for by an order's id: its candidate, its application, or the order itself.
fn read(path: &[&str], order: &Order, callback_url: &str, at: &str) -> Answer {
    let found = match path {
        ["unified", "ats", "candidates", ..] => wire::full_candidate(order),
        ["unified", "ats", "applications", ..] => wire::full_application(order),
        _ => Some(wire::order(order, callback_url)),
    };
    match found {
        Some(found) => data(&found),
        // StackOne's specification has no 410.
        None => error(StatusCode::NOT_FOUND, "candidate_not_found", "The candidate's data was removed.", at),
    }
}

fn ok(message: &str, at: &str) -> Answer {
    inbound::json(StatusCode::OK, &json!({ "statusCode": 200, "message": message, "timestamp": at }))
}

fn data(value: &Value) -> Answer {
    inbound::json(StatusCode::OK, &json!({ "data": value }))
}

fn refused(why: &CallbackRefused, at: &str) -> Answer {
    let (status, message) = words(why);
    error(status, reason(why), &message, at)
}

fn error(status: StatusCode, code: &str, message: &str, at: &str) -> Answer {
    let body = json!({
        "statusCode": status.as_u16(),
        "message": message,
        "timestamp": at,
        "error": status.canonical_reason(),
        "errorCode": code,
    });
    inbound::json(status, &body)
}
