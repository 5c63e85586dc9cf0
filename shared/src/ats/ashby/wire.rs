//! Ashby's own field names: what `assessment.start` brings and what `assessment.update` takes.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::order::{ConnectionId, Order, Outcome, State, Status, headed};

/// Body of `assessment.start`. Only fields that an order needs are required: Ashby's samples differ from its schema.
#[derive(Deserialize)]
pub(super) struct Start {
    pub(super) assessment_type_id: String,
    pub(super) candidate: StartCandidate,
    pub(super) application: StartApplication,
    #[serde(default)]
    pub(super) job: Option<StartJob>,
}

/// The candidate in `assessment.start`. There is no phone in it.
#[derive(Deserialize)]
pub(super) struct StartCandidate {
    pub(super) ashby_id: String,
    #[serde(default)]
    pub(super) first_name: Option<String>,
    #[serde(default)]
    pub(super) last_name: Option<String>,
    #[serde(default)]
    pub(super) email: Option<String>,
    #[serde(default)]
    pub(super) ashby_profile_url: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct StartApplication {
    pub(super) ashby_id: String,
}

#[derive(Default, Deserialize)]
pub(super) struct StartJob {
    #[serde(default)]
    pub(super) ashby_id: Option<String>,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) ashby_job_url: Option<String>,
}

/// Body of `assessment.cancel`.
#[derive(Deserialize)]
pub(super) struct Cancel {
    pub(super) assessment_id: String,
}

/// The UUID by which Ashby knows a vendor's package: always the same for one connection and package, so nothing
/// has to be stored for it. Ashby's specification wants UUIDs where SpringVerify has numbers.
pub(super) fn assessment_type_id(connection: &ConnectionId, package_id: &str) -> Uuid {
    let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("crosscheck:{connection}").as_bytes());
    Uuid::new_v5(&namespace, package_id.as_bytes())
}

/// Body of `assessment.update`, and the `update_request` of a start: everything that the order knows, in one piece.
/// A cancelled reason stands alone, every other update carries a status, a result never goes without a URL.
pub(super) fn update(order: &Order, at: Timestamp, link: Option<&str>) -> Value {
    let mut body = json!({ "assessment_id": order.id.to_string(), "timestamp": at.as_millisecond() });
    let label = &order.status.label;
    let mut put = |field: &str, value: Value| {
        if let Some(map) = body.as_object_mut() {
            map.insert(field.to_owned(), value);
        }
    };
    if let Some(reason) = stop_reason(order) {
        put("cancelled_reason", row("cancelled_reason", "Cancelled", "string", &reason));
    } else {
        put("assessment_status", row("status", "Status", "string", &status_text(order.status.state, label)));
    }
    if let Some(link) = link {
        let title = if order.has_report() { "Report" } else { "Where the check stands" };
        put("assessment_profile_url", row("profile_url", title, "url", link));
    }
    let result = match order.status.state {
        State::Completed => Some(result_text(&order.status)),
        State::Cancelled | State::Expired | State::Failed => None,
        // Whether `null` takes a result back is unknown, so it is replaced: nobody should read "Clear" while the
        // vendor looks again.
        State::Ordered | State::AwaitingCandidate | State::InProgress | State::ActionRequired => {
            order.reopened.then(|| "Reopened, not final".to_owned())
        }
    };
    if let (Some(result), Some(_)) = (result, link) {
        put("assessment_result", row("result", "Result", "string", &result));
    }
    put("metadata", Value::Array(metadata(order)));
    body
}

/// The further rows of an order: the vendor's word, the package, the score, and what else the vendor says.
fn metadata(order: &Order) -> Vec<Value> {
    let mut rows = vec![
        row("vendor_status", "Vendor status", "string", &order.status.label),
        row("package", "Package", "string", &order.package.name),
    ];
    rows.extend(score(order));
    // Their identifiers have to differ, and a vendor's own may be ours.
    let more = order.details.iter().zip(1..);
    rows.extend(more.map(|(more, n)| {
        // One identifier has one type.
        let (kind, name) = if more.is_link() { ("url", "link") } else { ("string", "detail") };
        row(&format!("vendor_{name}_{n}"), &more.label, kind, &more.value)
    }));
    rows
}

/// Body of `assessment.addCompletedToCandidate`: a completed check that Ashby did not start, with the order's link among
/// its rows. `partner` is the id that Ashby gave the partner.
pub(super) fn completed(order: &Order, at: Timestamp, link: &str, partner: &str) -> Value {
    let mut rows = metadata(order);
    rows.push(row("profile_url", "Report", "url", link));
    json!({
        "candidateId": order.reference.candidate_id,
        "partnerId": partner,
        "timestamp": at.as_millisecond(),
        "assessment": {
            "assessmentTypeId": assessment_type_id(&order.connection, &order.package.id),
            "assessmentId": order.id.to_string(),
            "assessmentName": order.package.name,
            "result": row("result", "Result", "string", &result_text(&order.status)),
            "metadata": rows,
        },
    })
}

/// The smallest valid `assessment.update`, for trying a key on an assessment that does not exist. The time is taken
/// from Ashby's own example.
pub(super) fn least_update(assessment: Uuid) -> Value {
    json!({
        "assessment_id": assessment,
        "timestamp": 1_665_680_638_489_i64,
        "assessment_status": row("status", "Status", "string", "Ordered"),
    })
}

/// The score of a completed check and the ends of its range, as Ashby's help shows scores: each a row of its own.
fn score(order: &Order) -> Vec<Value> {
    let completed = order.status.state == State::Completed;
    let Some(score) = order.score.filter(|score| completed && score.percent().is_some()) else { return Vec::new() };
    let number = |identifier: &str, label: &str, value: i64| json!({ "identifier": identifier, "label": label, "type": "numeric_score", "value": value });
    let mut rows = vec![number("score", "Score", score.raw), number("score_max", "Highest score", score.max)];
    if score.min != 0 {
        rows.push(number("score_min", "Lowest score", score.min));
    }
    rows
}

/// One value in Ashby's single shape for values.
fn row(identifier: &str, label: &str, kind: &str, value: &str) -> Value {
    json!({ "identifier": identifier, "label": label, "type": kind, "value": value })
}

/// Exactly `Started` makes Ashby store the started time; every other text is free.
fn status_text(state: State, label: &str) -> String {
    match state {
        // As long as the vendor does not have it, the words say what is in the way.
        State::Ordered => headed("Ordered", label),
        State::AwaitingCandidate => "Awaiting candidate".to_owned(),
        State::InProgress => "Started".to_owned(),
        State::ActionRequired => headed("Action required", label),
        State::Completed => "Completed".to_owned(),
        State::Cancelled | State::Expired | State::Failed => label.to_owned(),
    }
}

fn stop_reason(order: &Order) -> Option<String> {
    let label = &order.status.label;
    match order.status.state {
        State::Cancelled => Some(label.to_owned()),
        State::Expired => Some(headed("Expired", label)),
        State::Failed if order.refused => Some(label.to_owned()),
        State::Failed => Some(headed("Not carried out", label)),
        State::Ordered | State::AwaitingCandidate | State::InProgress | State::ActionRequired | State::Completed => {
            None
        }
    }
}

/// The result of a completed check. Where its meaning is not known, the vendor's word is all that can be said.
fn result_text(status: &Status) -> String {
    let shown = status.outcome.shown();
    match status.outcome {
        Outcome::None | Outcome::Inconclusive => headed(shown, &status.label),
        Outcome::Clear | Outcome::Review | Outcome::Adverse => shown.to_owned(),
    }
}

/// The phone in `candidate.info`: the primary one, else the first. Each is a text or an object with `value`.
pub(super) fn phone(results: &Value) -> Option<String> {
    let text = |value: &Value| {
        let text = value.as_str().or_else(|| value.get("value")?.as_str())?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let listed = results.get("phoneNumbers").and_then(Value::as_array);
    results.get("primaryPhoneNumber").and_then(text).or_else(|| listed.into_iter().flatten().find_map(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{AtsReference, Package, Score};

    #[test]
    fn a_phone_is_read_from_every_plausible_shape() {
        for body in [
            json!({ "primaryPhoneNumber": { "value": "1", "isPrimary": true } }),
            json!({ "primaryPhoneNumber": "1" }),
            json!({ "primaryPhoneNumber": null, "phoneNumbers": [{ "value": "" }, { "value": "1" }] }),
            json!({ "phoneNumbers": ["1"] }),
        ] {
            assert_eq!(phone(&body).as_deref(), Some("1"), "{body}");
        }
        assert_eq!(phone(&json!({ "primaryPhoneNumber": null, "phoneNumbers": [] })), None);
    }

    #[test]
    fn a_score_is_told_once_the_check_is_completed_and_only_within_its_range() {
        let package = Package { id: "p".into(), name: "Standard".into(), description: String::new() };
        let reference = AtsReference::default();
        let mut order = Order::new(ConnectionId::from_random([1; 8]), reference, package, Timestamp::UNIX_EPOCH);
        let told = |order: &Order| {
            let body = update(order, Timestamp::UNIX_EPOCH, Some("https://x.example"));
            let rows = body["metadata"].as_array().cloned().unwrap_or_default();
            let numbers = rows.iter().filter(|row| row["type"] == "numeric_score");
            numbers.map(|row| (row["identifier"].to_string(), row["value"].as_i64())).collect::<Vec<_>>()
        };
        order.score = Some(Score { raw: 7, min: 0, max: 10 });
        assert_eq!(told(&order), []);
        order.status.state = State::Completed;
        assert_eq!(told(&order), [("\"score\"".to_owned(), Some(7)), ("\"score_max\"".to_owned(), Some(10))]);
        order.score = Some(Score { raw: 7, min: 1, max: 10 });
        assert_eq!(told(&order).last(), Some(&("\"score_min\"".to_owned(), Some(1))));
        order.score = Some(Score { raw: 11, min: 0, max: 10 });
        assert_eq!(told(&order), []);
    }

    #[test]
    fn a_package_keeps_its_uuid_and_two_connections_never_share_one() {
        let one = ConnectionId::from_random([1; 8]);
        let two = ConnectionId::from_random([2; 8]);
        assert_eq!(assessment_type_id(&one, "4238"), assessment_type_id(&one, "4238"));
        assert_ne!(assessment_type_id(&one, "4238"), assessment_type_id(&two, "4238"));
    }
}
