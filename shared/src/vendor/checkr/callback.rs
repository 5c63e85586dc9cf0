//! Checkr's webhooks: signed with the API key, late, doubled and in any order, so they are a reason to ask.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::wire;
use crate::connection::Connection;
use crate::inbound::{BadBody, Request, read_json};
use crate::secrets::StoredKeys;
use crate::signature::{NotVerified, Verified, by_bearer, sign};
use crate::vendor::{Notice, VendorRequest};

const SIGNATURE: &str = "x-checkr-signature";

/// What [`VendorRequest::News`] of a report begins with; a slash and the report's id follow.
pub(super) const OF_REPORT: &str = "report";

/// The same of an invitation.
pub(super) const OF_INVITATION: &str = "invitation";

/// Verifies `X-Checkr-Signature`: hexadecimal HMAC-SHA256 of the raw body. Checkr's guide names the API key as its key
/// and shows a partner application's secret, so both are tried. A signature is a secret that fits one body, and it is
/// compared as one.
pub(super) fn verify(request: &Request, connection: &Connection, keys: &[StoredKeys]) -> Result<Verified, NotVerified> {
    let given = request.headers().get(SIGNATURE).and_then(|value| value.to_str().ok()).ok_or(NotVerified)?;
    let given = URL_SAFE_NO_PAD.encode(from_hex(given.trim()).ok_or(NotVerified)?);
    let body = std::str::from_utf8(request.body()).map_err(|_| NotVerified)?;
    let secrets = keys.iter().flat_map(|known| [&known.vendor_key, &known.callback_secret]);
    let expected: Vec<String> =
        secrets.filter(|secret| !secret.is_empty()).map(|secret| sign(secret.as_bytes(), body)).collect();
    by_bearer(connection, &given, expected.iter().map(String::as_str), request.body())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| if let [high, low] = pair { Some(digit(high)? << 4 | digit(low)?) } else { None }).collect()
}

/// Reads an event. `None` when it is about nothing that an order is known by: a candidate, a verification, an adverse
/// action, a package. With `include_object` off, which is Checkr's default, it tells the id of a report or invitation
/// alone, and only Checkr can lead from there to the candidate.
pub(super) fn read(body: &[u8]) -> Result<Option<VendorRequest>, BadBody> {
    let event: Value = read_json(body)?;
    let missing = || BadBody::Field("the field `data.object` is missing".to_owned());
    let object = event.pointer("/data/object").filter(|o| o.is_object()).ok_or_else(missing)?;
    let of_type = || wire::text(&event, "type").and_then(|kind| kind.split('.').next());
    // Checkr's samples of its test mode name the object `test_report`; the type is the same as live.
    let about = of_type().or_else(|| wire::text(object, "object")).unwrap_or_default();
    let about = about.strip_prefix("test_").unwrap_or(about);
    if !matches!(about, OF_INVITATION | OF_REPORT) {
        return Ok(None);
    }
    if object.get("candidate_id").is_none_or(Value::is_null) {
        let id = object.get("id").and_then(wire::id);
        return Ok(id.map(|id| VendorRequest::News { of: format!("{about}/{id}") }));
    }
    Ok(notice(about, object).map(|notice| VendorRequest::Notices(vec![notice])))
}

/// Whom a report or an invitation is about. `None` without a candidate.
pub(super) fn notice(about: &str, object: &Value) -> Option<Notice> {
    let vendor_ref = object.get("candidate_id").and_then(wire::id)?;
    let invitation = object.get("id").and_then(wire::id).filter(|_| about == OF_INVITATION);
    Some(Notice { order: None, vendor_ref: Some(vendor_ref), invitation })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ats::AtsKind;
    use crate::connection::NewConnection;
    use crate::order::ConnectionId;
    use crate::vendor::VendorKind;
    use bytes::Bytes;
    use jiff::Timestamp;
    use serde_json::json;
    use url::Url;

    const BODY: &str = r#"{"type":"report.completed"}"#;
    /// HMAC-SHA256 of `BODY` under `api-key` and under `partner-secret`.
    const BY_KEY: &str = "533f580e7154212c9155ccaf8d8a4b40bd41a96c0130c456dac4a3953d53c96d";
    const BY_SECRET: &str = "63ae68e2dfe6fc96d5fdae812c6e8b97a2309faa018310a0bdb0e898a39b8822";

    fn connection() -> Connection {
        let url = Url::parse("https://example.com").expect("a URL");
        Connection::new(NewConnection {
            id: ConnectionId::from_random([1; 8]),
            ats: AtsKind::Ashby,
            vendor: VendorKind::Checkr,
            ats_url: url.clone(),
            vendor_url: url,
            public_url: String::new(),
            created_at: Timestamp::UNIX_EPOCH,
        })
    }

    fn is_verified(signature: Option<&str>, body: &'static [u8], vendor_key: &str, callback_secret: &str) -> bool {
        let mut request = http::Request::post("/").body(Bytes::from_static(body)).expect("a request");
        if let Some(value) = signature {
            request.headers_mut().insert(SIGNATURE, value.parse().expect("a header"));
        }
        let keys = StoredKeys {
            vendor_key: vendor_key.to_owned(),
            callback_secret: callback_secret.to_owned(),
            ..StoredKeys::default()
        };
        verify(&request, &connection(), &[keys]).is_ok()
    }

    #[test]
    fn the_api_key_or_the_partner_secret_signs() {
        let body = BODY.as_bytes();
        for signature in [BY_KEY, &BY_KEY.to_uppercase(), BY_SECRET] {
            assert!(is_verified(Some(signature), body, "api-key", "partner-secret"), "{signature}");
        }
        assert!(!is_verified(Some(BY_SECRET), body, "api-key", ""));
        assert!(!is_verified(Some(BY_KEY), body, "api-key-2", "partner-secret"));
        assert!(!is_verified(Some(BY_KEY), br#"{"type":"report.completed" }"#, "api-key", "partner-secret"));
    }

    #[test]
    fn nothing_else_is_verified() {
        let no_key = "Please create an API key to check the authenticity of our webhooks.";
        for signature in [None, Some(""), Some(no_key), Some("0"), Some("zz"), Some(&BY_KEY[2..])] {
            assert!(!is_verified(signature, BODY.as_bytes(), "api-key", "partner-secret"), "{signature:?}");
        }
        assert!(!is_verified(Some(BY_KEY), &[0xff], "api-key", ""));
        // HMAC-SHA256 of the empty text under the empty key: a key that is not set signs nothing.
        let by_nothing = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
        assert!(!is_verified(Some(by_nothing), b"", "", ""));
    }

    fn event(kind: &str, object: &Value) -> Result<Option<VendorRequest>, BadBody> {
        let event = json!({ "id": "e", "object": "event", "type": kind, "data": { "object": object } });
        read(event.to_string().as_bytes())
    }

    fn noticed(kind: &str, object: &Value) -> Vec<Notice> {
        match event(kind, object).expect("readable").expect("about an order") {
            VendorRequest::Notices(notices) => notices,
            other => panic!("no notices: {other:?}"),
        }
    }

    fn of(invitation: Option<&str>) -> Vec<Notice> {
        let invitation = invitation.map(str::to_owned);
        vec![Notice { order: None, vendor_ref: Some("c1".to_owned()), invitation }]
    }

    #[test]
    fn an_invitations_event_names_candidate_and_invitation_whatever_it_says_of_them() {
        for (kind, status) in [
            ("invitation.created", json!("pending")),
            ("invitation.expired", json!("expired")),
            ("invitation.deleted", json!("pending")),
            ("invitation.renewed", json!(7)),
            ("invitation.expired", json!(null)),
        ] {
            let object = json!({ "id": "i1", "object": "invitation", "candidate_id": "c1", "status": status });
            assert_eq!(noticed(kind, &object), of(Some("i1")), "{kind} {status}");
        }
    }

    #[test]
    fn a_reports_event_names_the_candidate_whatever_it_says_of_them() {
        for (kind, status, result) in [
            ("report.completed", "complete", Some("clear")),
            ("report.suspended", "suspended", None),
            ("report.reviewed_by_nobody", "no such status", None),
        ] {
            let report = json!({ "id": "r1", "object": "report", "candidate_id": "c1", "status": status,
                "result": result });
            assert_eq!(noticed(kind, &report), of(None), "{kind}");
        }
        let sample = json!({ "id": "r1", "object": "test_report", "candidate_id": "c1", "status": "complete" });
        assert_eq!(noticed("report.completed", &sample), of(None), "a sample of the test mode");
        let sample = json!({ "id": "i1", "object": "test_invitation", "candidate_id": "c1" });
        assert_eq!(noticed("invitation.completed", &sample), of(Some("i1")));
        assert_eq!(noticed("test_invitation.completed", &sample), of(Some("i1")));
        let bare = json!({ "candidate_id": "c1" });
        assert_eq!(noticed("report.completed", &bare), of(None), "the type tells what it is");
        let typeless = json!({ "data": { "object": { "object": "report", "candidate_id": "c1" } } });
        assert_eq!(read(typeless.to_string().as_bytes()), Ok(Some(VendorRequest::Notices(of(None)))));
    }

    #[test]
    fn what_was_read_for_a_thin_event_names_the_candidate_or_nobody() {
        let object = json!({ "id": "i1", "candidate_id": "c1", "status": "expired" });
        assert_eq!(notice(OF_INVITATION, &object).into_iter().collect::<Vec<_>>(), of(Some("i1")));
        assert_eq!(notice(OF_REPORT, &object).into_iter().collect::<Vec<_>>(), of(None));
        for nobody in [json!({}), json!({ "id": "i1", "candidate_id": "../c1" })] {
            assert_eq!(notice(OF_INVITATION, &nobody), None, "{nobody}");
        }
    }

    /// Every type of event that Checkr's pages name, live and in the test mode, with and without the object.
    #[test]
    fn every_type_of_event_that_checkr_names_is_read() {
        let reports =
            ["created", "updated", "suspended", "resumed", "upgraded", "completed", "canceled", "disputed", "engaged"];
        let invitations = ["created", "completed", "expired", "deleted"];
        let of_orders = reports.iter().map(|kind| ("report", *kind));
        for (about, kind) in of_orders.chain(invitations.iter().map(|kind| ("invitation", *kind))) {
            for mode in ["", "test_"] {
                let (name, kind) = (format!("{mode}{about}"), format!("{about}.{kind}"));
                let object = json!({ "id": "x1", "object": name, "candidate_id": "c1" });
                assert_eq!(noticed(&kind, &object), of(Some("x1").filter(|_| about == "invitation")), "{kind}");
                let thin = json!({ "id": "x1", "object": name });
                let asked = VendorRequest::News { of: format!("{about}/x1") };
                assert_eq!(event(&kind, &thin), Ok(Some(asked)), "{kind}");
            }
        }
        let others = ["candidate.created", "candidate.updated", "adverse_action.created", "verification.completed"];
        for kind in others.into_iter().chain(["account.credentialed", "package.created", "continuous_check.updated"]) {
            let object = json!({ "id": "x1", "object": kind.split('.').next() });
            assert_eq!(event(kind, &object), Ok(None), "{kind}");
        }
    }

    #[test]
    fn a_thin_event_names_what_checkr_is_to_be_asked_about() {
        let of = |kind: &str, object: Value| match event(kind, &object) {
            Ok(Some(VendorRequest::News { of })) => Some(of),
            Ok(None) => None,
            other => panic!("{other:?}"),
        };
        let thin = json!({ "id": "r1", "object": "report", "uri": "https://elsewhere.example/v1/reports/r2" });
        assert_eq!(of("report.completed", thin).as_deref(), Some("report/r1"));
        assert_eq!(of("report.completed", json!({ "id": "r1" })).as_deref(), Some("report/r1"));
        let nobodys = json!({ "id": "i_1", "object": "invitation", "candidate_id": null });
        assert_eq!(of("invitation.expired", nobodys).as_deref(), Some("invitation/i_1"));
        let long = "r".repeat(65);
        for id in [json!("../candidates/c1"), json!("r1?x=y"), json!(""), json!(1), json!(null), json!(long)] {
            assert_eq!(of("report.completed", json!({ "id": id, "object": "report" })), None, "{id}");
        }
    }

    #[test]
    fn what_leads_to_no_order_is_no_notice() {
        let thin = json!({ "id": "c1", "object": "candidate", "uri": "/v1/candidates/c1" });
        let candidate = json!({ "id": "c1", "object": "candidate", "custom_id": "o", "candidate_id": "c1" });
        let strange = json!({ "id": "r1", "object": "report", "candidate_id": "../c1" });
        for (kind, object) in [
            ("candidate.created", &thin),
            ("candidate.created", &candidate),
            ("verification.created", &json!({ "report_id": "r1" })),
            ("report.completed", &strange),
        ] {
            assert_eq!(event(kind, object), Ok(None), "{kind}");
        }
    }

    #[test]
    fn an_event_without_an_object_is_refused_by_the_fields_name() {
        for body in ["{}", "[]", r#"{"type":"report.completed"}"#, r#"{"type":"report.completed","data":{}}"#] {
            assert!(read(body.as_bytes()).is_err_and(|why| why.to_string().contains("data.object")), "{body}");
        }
    }
}
