//! Checkr's webhooks: signed with the API key, late, doubled and in any order, so they are a reason to ask.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::wire;
use crate::connection::Connection;
use crate::inbound::{BadBody, Request, read_json};
use crate::order::{Reading, Report, Source, State, Status};
use crate::secrets::StoredKeys;
use crate::signature::{NotVerified, Verified, by_bearer, sign};
use crate::vendor::{Asked, Callback};

const SIGNATURE: &str = "x-checkr-signature";

/// What [`Asked::News`] of a report begins with; a slash and the report's id follow.
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
///
/// Checkr delivers in any order and repeats for a day, so an old result may come after its correction. Only what
/// [`believed`] names is taken as it is told. Everything else reads as "Checkr has it", which moves no order that was
/// placed and makes the worker ask.
pub(super) fn read(body: &[u8], is_abroad: bool) -> Result<Option<Asked>, BadBody> {
    let event: Value = read_json(body)?;
    let missing = |field: &str| BadBody::Field(format!("the field `{field}` is missing"));
    let kind = wire::text(&event, "type").ok_or_else(|| missing("type"))?;
    let object = event.pointer("/data/object").filter(|o| o.is_object()).ok_or_else(|| missing("data.object"))?;
    let about = wire::text(object, "object").or_else(|| kind.split('.').next()).unwrap_or_default();
    if !matches!(about, OF_INVITATION | OF_REPORT) {
        return Ok(None);
    }
    if object.get("candidate_id").is_none_or(Value::is_null) {
        let id = object.get("id").and_then(wire::id);
        return Ok(id.map(|id| Asked::News { of: format!("{about}/{id}") }));
    }
    let may_be = believed(kind, is_abroad);
    Ok(callback(object, |state| may_be == Some(state)).map(Asked::Report))
}

/// The state that an event may be believed about: the beginning of an invitation and, where Checkr cannot be asked
/// about one, its two unsuccessful ends, which it never leaves again. Elsewhere they are asked about: an order is known
/// by its candidate, who may have been invited anew since.
fn believed(kind: &str, is_abroad: bool) -> Option<State> {
    match kind {
        "invitation.created" => Some(State::AwaitingCandidate),
        "invitation.expired" if is_abroad => Some(State::Expired),
        "invitation.deleted" if is_abroad => Some(State::Cancelled),
        _ => None,
    }
}

/// What an object says that was read because its event did not hold it. With `is_last_word` it is an invitation that
/// Checkr cannot be asked about in any other way, so its end is believed.
pub(super) fn of_object(object: &Value, is_last_word: bool) -> Option<Callback> {
    callback(object, |state| is_last_word && matches!(state, State::Expired | State::Cancelled))
}

/// What a whole object says of its candidate's check: that of an invitation where it is believed, else that there is
/// news. `None` without a candidate.
fn callback(object: &Value, is_believed: impl Fn(State) -> bool) -> Option<Callback> {
    let vendor_ref = Some(object.get("candidate_id").and_then(wire::id)?);
    let told = wire::invitation_reading(object)
        .filter(|told| matches!(told, Reading::Known(status) if is_believed(status.state)));
    let news = Status::plain(State::Ordered, "Checkr has news of this check");
    let reading = told.unwrap_or(Reading::Known(news));
    let report = Report {
        source: Source::Pushed,
        reading,
        vendor_ref,
        profile_url: None,
        report_url: None,
        score: None,
        said_at: None,
    };
    Some(Callback { order: None, report })
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

    const US: bool = false;
    const ABROAD: bool = true;

    fn event(kind: &str, object: &Value, is_abroad: bool) -> Result<Option<Asked>, BadBody> {
        let event = json!({ "id": "e", "object": "event", "type": kind, "data": { "object": object } });
        read(event.to_string().as_bytes(), is_abroad)
    }

    fn state_of(callback: Callback) -> State {
        assert_eq!((callback.order, callback.report.vendor_ref.as_deref()), (None, Some("c1")));
        match callback.report.reading {
            Reading::Known(status) => status.state,
            Reading::Unknown { word } => panic!("unknown {word}"),
        }
    }

    fn state(kind: &str, object: &Value, is_abroad: bool) -> State {
        match event(kind, object, is_abroad).expect("readable").expect("about an order") {
            Asked::Report(callback) => state_of(callback),
            other => panic!("no report: {other:?}"),
        }
    }

    fn invitation(status: &str, deleted: bool) -> Value {
        let deleted_at = deleted.then_some("2026-01-01T00:00:00Z");
        json!({ "id": "i1", "object": "invitation", "candidate_id": "c1", "status": status, "deleted_at": deleted_at })
    }

    #[test]
    fn an_invitations_beginning_is_believed_and_its_end_only_where_checkr_cannot_be_asked() {
        for (kind, status, deleted, at_home, away) in [
            ("invitation.created", "pending", false, State::AwaitingCandidate, State::AwaitingCandidate),
            ("invitation.expired", "expired", false, State::Ordered, State::Expired),
            ("invitation.deleted", "pending", true, State::Ordered, State::Cancelled),
            ("invitation.completed", "completed", false, State::Ordered, State::Ordered),
            ("invitation.created", "completed", false, State::Ordered, State::Ordered),
            ("invitation.renewed", "pending", false, State::Ordered, State::Ordered),
            ("invitation.expired", "lapsed", false, State::Ordered, State::Ordered),
        ] {
            let object = invitation(status, deleted);
            let states = [US, ABROAD].map(|is_abroad| state(kind, &object, is_abroad));
            assert_eq!(states, [at_home, away], "{kind} {status}");
        }
    }

    #[test]
    fn of_what_was_read_afterwards_an_end_that_nothing_else_tells_is_believed() {
        let state = |object: &Value, is_last_word| of_object(object, is_last_word).map(state_of);
        for (status, deleted, ended) in [
            ("expired", false, State::Expired),
            ("pending", true, State::Cancelled),
            ("pending", false, State::Ordered),
            ("completed", false, State::Ordered),
        ] {
            let object = invitation(status, deleted);
            assert_eq!(state(&object, true), Some(ended), "{object}");
            assert_eq!(state(&object, false), Some(State::Ordered), "{object}");
        }
        for nobody in [json!({}), json!({ "candidate_id": "../c1", "status": "expired" })] {
            assert_eq!(state(&nobody, true), None, "{nobody}");
        }
    }

    #[test]
    fn whatever_a_report_says_the_vendor_is_asked() {
        for (kind, status, result) in [
            ("report.completed", "complete", Some("clear")),
            ("report.suspended", "suspended", None),
            ("report.engaged", "complete", Some("consider")),
            ("report.reviewed_by_nobody", "no such status", None),
        ] {
            let report = json!({ "id": "r1", "object": "report", "candidate_id": "c1", "status": status,
                "result": result });
            for is_abroad in [US, ABROAD] {
                assert_eq!(state(kind, &report, is_abroad), State::Ordered, "{kind}");
            }
        }
    }

    #[test]
    fn a_thin_event_names_what_checkr_is_to_be_asked_about() {
        let of = |kind: &str, object: Value| match event(kind, &object, US) {
            Ok(Some(Asked::News { of })) => Some(of),
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
    fn what_leads_to_no_order_is_no_report() {
        let thin = json!({ "id": "c1", "object": "candidate", "uri": "/v1/candidates/c1" });
        let candidate = json!({ "id": "c1", "object": "candidate", "custom_id": "o", "candidate_id": "c1" });
        let strange = json!({ "id": "r1", "object": "report", "candidate_id": "../c1" });
        for (kind, object) in [
            ("candidate.created", &thin),
            ("candidate.created", &candidate),
            ("verification.created", &json!({ "report_id": "r1" })),
            ("report.completed", &strange),
        ] {
            assert_eq!(event(kind, object, ABROAD), Ok(None), "{kind}");
        }
    }

    #[test]
    fn an_event_without_type_or_object_is_refused_by_the_fields_name() {
        assert!(read(b"{}", US).is_err_and(|why| why.to_string().contains("type")));
        assert!(read(br#"{"type":"report.completed"}"#, US).is_err_and(|why| why.to_string().contains("data.object")));
        assert!(read(b"[]", US).is_err());
    }
}
