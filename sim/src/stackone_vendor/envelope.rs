//! The bodies that StackOne sends, held against its specification.

use super::office::Office;
use serde_json::{Map, Value};

/// The names that StackOne's pages have for the event of a new order.
const EVENTS: [&str; 4] =
    ["background_check_order.created", "ats_assessments.created", "background_check.created", "assessment.created"];

const ENVELOPE: [&str; 10] = [
    "project_id",
    "account_id",
    "event",
    "event_date",
    "record_type",
    "record_id",
    "record_remote_id",
    "sent_at",
    "raw_event",
    "event_data",
];

const ORDER: [&str; 11] = [
    "id",
    "remote_id",
    "application_id",
    "candidate_id",
    "application",
    "job",
    "candidate",
    "requester",
    "results_update_url",
    "package",
    "passthrough",
];

const PARTS: [(&str, &[&str]); 5] = [
    ("application", &["id", "remote_id", "application_status", "passthrough"]),
    ("job", &["id", "remote_id", "title", "hiring_team", "passthrough"]),
    ("candidate", &["id", "remote_id", "first_name", "last_name", "emails", "profile_url", "passthrough"]),
    ("requester", &["user_id", "remote_user_id", "first_name", "last_name", "email", "role"]),
    ("package", &["id", "remote_id", "name", "description", "tests"]),
];

/// Everything in a request for the package list that StackOne would not send.
pub(super) fn packages_request(body: &Value, account_id: Option<&str>) -> Vec<String> {
    let mut problems = Vec::new();
    let empty = Map::new();
    let body = body.as_object().unwrap_or(&empty);
    for key in ["job_id", "account_id", "provider"] {
        if !body.contains_key(key) {
            problems.push(format!("{key} is missing"));
        }
    }
    unknown(body, "", &["job_id", "account_id", "provider"], &mut problems);
    let given = body.get("account_id").and_then(Value::as_str);
    if account_id.is_some() && given != account_id {
        problems.push("account_id is not the linked account".into());
    }
    problems
}

/// Everything in an order's event that StackOne would not send, or that the vendor cannot do without.
pub(super) fn order_event(body: &Value, office: &Office) -> Vec<String> {
    let mut problems = Vec::new();
    let empty = Map::new();
    unknown(body.as_object().unwrap_or(&empty), "", &ENVELOPE, &mut problems);
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    for pointer in ["/project_id", "/account_id", "/record_type", "/record_id", "/event_data/package/id"] {
        if text(pointer).is_empty() {
            problems.push(format!("{pointer} is missing or no string"));
        }
    }
    for pointer in ["/event_date", "/sent_at"] {
        if text(pointer).parse::<jiff::Timestamp>().is_err() {
            problems.push(format!("{pointer} is no time"));
        }
    }
    if !EVENTS.contains(&text("/event")) {
        problems.push(format!("event is none of {}", EVENTS.join(", ")));
    }
    if office.account_id().is_some_and(|account| account != text("/account_id")) {
        problems.push("account_id is not the linked account".into());
    }
    if text("/event_data/id") != text("/record_id") {
        problems.push("record_id is not the order's id".into());
    }
    order(body.get("event_data").and_then(Value::as_object).unwrap_or(&empty), office, &mut problems);
    problems
}

fn order(order: &Map<String, Value>, office: &Office, problems: &mut Vec<String>) {
    unknown(order, "event_data.", &ORDER, problems);
    for (part, keys) in PARTS {
        match order.get(part) {
            Some(Value::Object(of)) => unknown(of, &format!("event_data.{part}."), keys, problems),
            None | Some(Value::Null) => {}
            Some(_) => problems.push(format!("event_data.{part} is no object")),
        }
    }
    let candidate = order.get("candidate").unwrap_or(&Value::Null);
    let email = candidate.pointer("/emails/0/value").and_then(Value::as_str).unwrap_or_default();
    if !email.contains('@') || candidate.get("first_name").is_none_or(|name| !name.is_string()) {
        problems.push("the candidate lacks a name or an e-mail address".into());
    }
    let back = order.get("results_update_url").and_then(Value::as_str).unwrap_or_default();
    let id = order.get("id").and_then(Value::as_str).unwrap_or_default();
    if office.result_url(id).is_some_and(|expected| expected != back) {
        problems.push("results_update_url is not the path that results go to".into());
    }
}

fn unknown(of: &Map<String, Value>, prefix: &str, known: &[&str], problems: &mut Vec<String>) {
    let unknown = of.keys().filter(|key| !known.contains(&key.as_str()));
    problems.extend(unknown.map(|key| format!("{prefix}{key} is unknown")));
}
