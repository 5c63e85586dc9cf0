//! The endpoints of Ashby's that a vendor calls: `assessment.update` and `candidate.info`, in Ashby's words.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{VendorRequest, wire};
use crate::connection::Connection;
use crate::inbound::{self, Answer, BadBody, Request, credential, read_json};
use crate::order::{Order, OrderId, Report};
use crate::secrets::StoredKeys;
use crate::signature::{NotVerified, Verified, by_bearer};
use crate::vendor::{CallDone, CallbackRefused, reason, words};
use crate::vendor::{StatusRow, VendorCall};

/// Verifies the "Ashby API key" that the vendor was given: Basic, as the user name (a password alone is taken too).
pub(super) fn verify(request: &Request, connection: &Connection, keys: &[StoredKeys]) -> Result<Verified, NotVerified> {
    let presented = credential(request.headers()).filter(|c| c.scheme.starts_with("basic-")).ok_or(NotVerified)?;
    let secrets = keys.iter().map(|k| k.callback_secret.as_str());
    by_bearer(connection, &presented.secret, secrets, request.body())
}

/// Reads one of Ashby's endpoints; every one of them is a POST.
pub(super) fn read(table: &[StatusRow], call: VendorCall<'_>) -> Result<Option<VendorRequest>, BadBody> {
    match call.path {
        ["assessment.update"] if call.method == Method::POST => {
            update(table, call.body).map(|report| Some(VendorRequest::Report(Box::new(report))))
        }
        ["candidate.info"] if call.method == Method::POST => {
            let body: Value = read_json(call.body)?;
            let id = body.get("id").ok_or_else(|| missing("id"))?;
            let order: Option<OrderId> = id.as_str().and_then(|id| id.trim().parse().ok());
            let wrong = || BadBody::Field("the field `id` is no candidate id".to_owned());
            order.map(|order| Some(VendorRequest::Order(order))).ok_or_else(wrong)
        }
        _ => Ok(None),
    }
}

fn missing(field: &str) -> BadBody {
    BadBody::Field(format!("the field `{field}` is missing"))
}

fn update(table: &[StatusRow], body: &[u8]) -> Result<Report, BadBody> {
    let update: Value = read_json(body)?;
    let vendor_ref = update.get("assessment_id").and_then(wire::id).ok_or_else(|| missing("assessment_id"))?;
    wire::report(table, &update, vendor_ref).ok_or_else(|| missing("assessment_status"))
}

/// The answer in Ashby's envelope.
pub(super) fn answer(done: &Result<CallDone, CallbackRefused>) -> Answer {
    match done {
        Ok(CallDone::Order(order, _)) => match wire::candidate(order) {
            Some(results) => success(&results),
            None => no(StatusCode::NOT_FOUND, "candidate_not_found", "The candidate's data was removed."),
        },
        Ok(CallDone::Taken(_, order)) => success(&taken(order)),
        Ok(_) => success(&json!({})),
        Err(why) => refused(why),
    }
}

fn taken(order: &Order) -> Value {
    json!({ "assessment_id": order.placement.vendor_ref() })
}

fn success(results: &Value) -> Answer {
    inbound::json(StatusCode::OK, &json!({ "success": true, "results": results }))
}

fn refused(why: &CallbackRefused) -> Answer {
    match why {
        CallbackRefused::NotVerified => no(StatusCode::UNAUTHORIZED, "invalid_api_key", "The API key is not valid."),
        CallbackRefused::NoSuchCall => {
            no(StatusCode::NOT_FOUND, "unknown_endpoint", "Crosscheck has no such endpoint.")
        }
        CallbackRefused::NoOrder => no(StatusCode::NOT_FOUND, "candidate_not_found", "There is no such candidate."),
        // An update that overtook the answer to `assessment.start` is told nowhere else, so it has to come again.
        CallbackRefused::NoReference => {
            let message = "This assessment is not known yet. Send the update again.";
            no(StatusCode::SERVICE_UNAVAILABLE, "assessment_not_found", message)
        }
        CallbackRefused::NoConnection
        | CallbackRefused::Body(_)
        | CallbackRefused::NoPackage
        | CallbackRefused::Unavailable(_) => {
            let (status, message) = words(why);
            no(status, reason(why), &message)
        }
    }
}

fn no(status: StatusCode, code: &str, message: &str) -> Answer {
    let info = json!({ "code": code, "message": message });
    inbound::json(status, &json!({ "success": false, "errors": [code], "errorInfo": info }))
}

#[cfg(test)]
mod tests {
    use super::super::STATUS_MAP;
    use super::super::wire::tests::order;
    use super::*;
    use crate::ats::AtsKind;
    use crate::connection::NewConnection;
    use crate::order::{ConnectionId, Outcome, Placement, Reading, State, Status, Taken};
    use crate::vendor::VendorKind;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use bytes::Bytes;
    use jiff::Timestamp;
    use url::Url;

    const SECRET: &str = "the Ashby API key that the vendor was given";

    fn connection() -> Connection {
        Connection::new(NewConnection {
            id: ConnectionId::from_random([1; 8]),
            ats: AtsKind::Teamtailor,
            vendor: VendorKind::AshbyPartner,
            ats_url: Url::parse("https://ats.example").expect("a URL"),
            vendor_url: Url::parse("https://vendor.example").expect("a URL"),
            public_url: String::new(),
            created_at: Timestamp::UNIX_EPOCH,
        })
    }

    fn passes(authorization: Option<String>) -> bool {
        let mut request = http::Request::post("/").body(Bytes::from_static(b"{}")).expect("a request");
        if let Some(value) = authorization {
            request.headers_mut().insert("authorization", value.parse().expect("a header"));
        }
        let keys = [StoredKeys { callback_secret: SECRET.into(), ..StoredKeys::default() }];
        verify(&request, &connection(), &keys).is_ok()
    }

    #[test]
    fn only_basic_with_the_key_passes() {
        let basic = |text: String| Some(format!("Basic {}", STANDARD.encode(text)));
        assert!(passes(basic(format!("{SECRET}:"))));
        assert!(passes(basic(format!(":{SECRET}"))));
        assert!(!passes(basic("wrong:".to_owned())));
        assert!(!passes(basic(format!("wrong:{SECRET}"))));
        assert!(!passes(basic(":".to_owned())));
        assert!(!passes(Some(format!("Bearer {SECRET}"))));
        assert!(!passes(None));
    }

    fn asked(name: &str, body: &Value) -> Result<Option<VendorRequest>, BadBody> {
        let body = body.to_string();
        let (path, body) = ([name], body.as_bytes());
        read(&STATUS_MAP, VendorCall { method: &Method::POST, path: &path, query: None, body })
    }

    #[test]
    fn an_update_becomes_a_dated_report() {
        let update = json!({
            "assessment_id": "a-1",
            "timestamp": 1_665_680_638_489_i64,
            "assessment_status": { "identifier": "s", "label": "Status", "type": "string", "value": "Completed" },
            "assessment_result": { "identifier": "r", "label": "Result", "type": "string", "value": "Clear" },
            "assessment_profile_url": { "identifier": "u", "label": "L", "type": "url", "value": "https://v.example/1" },
            "metadata": [{ "identifier": "m", "label": "M", "type": "string", "value": "x" }],
        });
        let Ok(Some(VendorRequest::Report(report))) = asked("assessment.update", &update) else { panic!("a report") };
        let status = Status { state: State::Completed, outcome: Outcome::Clear, label: "Completed: Clear".to_owned() };
        assert_eq!(report.vendor_ref.as_deref(), Some("a-1"));
        assert_eq!(report.reading, Reading::Known(status));
        assert_eq!(report.profile_url.as_deref(), Some("https://v.example/1"));
        assert_eq!(report.said_at, Timestamp::from_millisecond(1_665_680_638_489).ok());
    }

    #[test]
    fn what_is_missing_is_named() {
        let named = |name: &str, body: Value| asked(name, &body).expect_err("refused").to_string();
        assert!(named("assessment.update", json!({})).contains("`assessment_id`"));
        assert!(named("assessment.update", json!({ "assessment_id": "a" })).contains("`assessment_status`"));
        assert!(named("candidate.info", json!({ "externalMappingId": "x" })).contains("`id`"));
        assert!(named("candidate.info", json!({ "id": "Asha Rao" })).contains("`id`"));
    }

    #[test]
    fn a_candidate_is_an_order_and_no_other_endpoint_is_there() {
        let order = order();
        assert_eq!(
            asked("candidate.info", &json!({ "id": order.id.to_string() })),
            Ok(Some(VendorRequest::Order(order.id)))
        );
        assert_eq!(asked("application.info", &json!({})), Ok(None));
        let path = ["assessment.update"];
        let get = VendorCall { method: &Method::GET, path: &path, query: None, body: b"{}" };
        assert_eq!(read(&STATUS_MAP, get), Ok(None));
    }

    fn answered(done: &Result<CallDone, CallbackRefused>) -> (u16, Value) {
        let answer = answer(done);
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).expect("JSON"))
    }

    #[test]
    fn answers_are_ashbys_envelope() {
        let mut order = order();
        order.placement = Placement::Placed { vendor_ref: "a-1".to_owned() };
        let (status, body) = answered(&Ok(CallDone::Taken(Taken::Changed, Box::new(order.clone()))));
        assert_eq!((status, &body["success"], &body["results"]["assessment_id"]), (200, &json!(true), &json!("a-1")));
        let (status, body) = answered(&Ok(CallDone::Order(Box::new(order.clone()), String::new())));
        assert_eq!((status, &body["results"]["name"]), (200, &json!("Asha Rao")));
        order.candidate = None;
        let (status, body) = answered(&Ok(CallDone::Order(Box::new(order), String::new())));
        assert_eq!((status, &body["errorInfo"]["code"]), (404, &json!("candidate_not_found")));
        assert!(!body.to_string().contains("Asha"));
    }

    #[test]
    fn every_refusal_has_both_forms_of_its_code_and_a_status_that_fits() {
        for (why, expected) in [
            (CallbackRefused::NotVerified, (401, "invalid_api_key")),
            (CallbackRefused::NoConnection, (404, "unknown_connection")),
            (CallbackRefused::NoSuchCall, (404, "unknown_endpoint")),
            (CallbackRefused::NoOrder, (404, "candidate_not_found")),
            (CallbackRefused::NoReference, (503, "assessment_not_found")),
            (CallbackRefused::Body(missing("id")), (422, "invalid_field")),
            (CallbackRefused::Body(BadBody::TooLarge), (413, "body_too_large")),
        ] {
            let (status, body) = answered(&Err(why));
            assert_eq!((status, body["errors"][0].as_str().unwrap_or_default()), expected);
            assert_eq!((&body["success"], &body["errorInfo"]["code"]), (&json!(false), &body["errors"][0]));
        }
    }
}
