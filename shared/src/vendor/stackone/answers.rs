//! What a vendor is answered, in the shapes of StackOne's unified ATS API.

use http::StatusCode;
use serde_json::{Value, json};

use super::wire;
use crate::flow::{CallDone, CallbackRefused, Clock};
use crate::inbound::{self, Answer};
use crate::vendor::callback::{reason, words};

/// The answer to a call.
pub(super) fn answer(done: &Result<CallDone, CallbackRefused>) -> Answer {
    // When it was answered, by the machine's clock: nothing is decided by it.
    let at = wire::time(Clock::system().now());
    match done {
        Ok(CallDone::Taken(..) | CallDone::PackageChanged(_)) => ok("Record updated successfully.", &at),
        Ok(CallDone::Dropped) => ok("Record deleted successfully.", &at),
        Ok(CallDone::Order(order, callback_url)) => data(&wire::order(order, callback_url)),
        Ok(CallDone::PackageRead(package)) => data(&wire::package(package)),
        Ok(CallDone::Packages(packages)) => {
            let packages: Vec<Value> = packages.iter().map(wire::package).collect();
            inbound::json(StatusCode::OK, &json!({ "data": packages, "next": null }))
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

fn ok(message: &str, at: &str) -> Answer {
    inbound::json(StatusCode::OK, &json!({ "statusCode": 200, "message": message, "timestamp": at }))
}

fn data(value: &Value) -> Answer {
    inbound::json(StatusCode::OK, &json!({ "data": value }))
}

fn refused(why: &CallbackRefused, at: &str) -> Answer {
    let (status, message) = words(why);
    let body = json!({
        "statusCode": status.as_u16(),
        "message": message,
        "timestamp": at,
        "error": status.canonical_reason(),
        "errorCode": reason(why),
    });
    inbound::json(status, &body)
}
