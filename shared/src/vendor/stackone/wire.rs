//! StackOne's own field names: packages, orders, candidates, applications and the envelope of its webhooks.

use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use crate::connection::Connection;
use crate::order::{Candidate, Order, Package};

/// Longest link that is kept, in bytes.
const MAX_LINK: usize = 2048;

/// What StackOne posts to a vendor's package list endpoint. The list is the same for every job.
pub(super) fn packages_request(connection: &Connection) -> Value {
    json!({ "job_id": null, "account_id": connection.id.to_string(), "provider": connection.ats.name() })
}

/// The packages of a page, and what leads to the next page.
pub(super) fn package_list(body: &Value) -> Option<(Vec<Package>, Option<String>)> {
    let listed = body.get("data").unwrap_or(body).as_array()?;
    let next = body.get("next").and_then(Value::as_str).filter(|next| !next.is_empty());
    Some((listed.iter().filter_map(listed_package).collect(), next.map(str::to_owned)))
}

fn listed_package(entry: &Value) -> Option<Package> {
    let id = id(entry.get("id")).or_else(|| id(entry.get("remote_id")))?;
    let name = text(entry.get("name")).unwrap_or_else(|| format!("Package {id}"));
    Some(Package { name, description: description(entry).unwrap_or_default(), id })
}

/// The description, and the names of the tests that it does not name: recruiters pick by them.
pub(super) fn description(package: &Value) -> Option<String> {
    let described = text(package.get("description"));
    let tests = package.get("tests").and_then(Value::as_array).into_iter().flatten();
    let names = tests.filter_map(|test| text(test.get("name")));
    let is_new = |name: &String| described.as_ref().is_none_or(|known| !known.contains(name.as_str()));
    let names = names.filter(is_new).collect::<Vec<_>>().join(", ");
    match described {
        Some(described) if !names.is_empty() => Some(format!("{described} Tests: {names}")),
        None if !names.is_empty() => Some(names),
        described => described,
    }
}

/// A text with something in it.
pub(super) fn text(value: Option<&Value>) -> Option<String> {
    value?.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn id(value: Option<&Value>) -> Option<String> {
    text(value).or_else(|| value?.as_i64().map(|number| number.to_string()))
}

/// A link that a recruiter's browser may be sent to: https only.
pub(super) fn link(value: Option<&Value>) -> Option<String> {
    let url = Url::parse(value?.as_str()?.trim()).ok()?;
    (url.scheme() == "https" && url.as_str().len() <= MAX_LINK).then(|| url.to_string())
}

/// What the vendor says of an order that it refused.
pub(super) fn words(answer: &Value) -> Option<String> {
    let said = ["message", "error"].iter().find_map(|key| text(answer.get(key)))?;
    Some(said.chars().take(300).collect())
}

/// A package as StackOne gives it.
pub(super) fn package(package: &Package) -> Value {
    json!({
        "id": package.id,
        "remote_id": package.id,
        "name": package.name,
        "description": package.description,
        "tests": [],
    })
}

/// An order as StackOne gives it. What the ATS did not tell is null; a candidate that was forgotten has no name. The
/// candidate and the application have the order's id, by which they can be read; the ATS's own are their remote ids.
pub(super) fn order(order: &Order, callback_url: &str) -> Value {
    let (id, reference) = (order.id.to_string(), &order.reference);
    let job = reference
        .job_id
        .as_ref()
        .map(|id| json!({ "id": id, "remote_id": id, "title": reference.job_title, "hiring_team": [] }));
    json!({
        "id": id,
        "remote_id": null,
        "application_id": id,
        "candidate_id": id,
        "application": { "id": id, "remote_id": reference.application_id },
        "job": job,
        "candidate": candidate(order),
        "requester": null,
        "results_update_url": results_update_url(order, callback_url),
        "package": package(&order.package),
        "passthrough": {},
    })
}

/// The candidate inside an order, which has no field for a phone number.
fn candidate(order: &Order) -> Value {
    let person = order.candidate.as_ref();
    json!({
        "id": order.id.to_string(),
        "remote_id": order.reference.candidate_id,
        "first_name": person.map(|p| &p.first_name),
        "last_name": person.map(|p| &p.last_name),
        "emails": person.map(emails).unwrap_or_default(),
        "profile_url": order.reference.candidate_url,
    })
}

/// The candidate that is read by its id: what the order knows, and nothing else. `None` once its data was removed.
pub(super) fn full_candidate(order: &Order) -> Option<Value> {
    let person = order.candidate.as_ref()?;
    let (id, reference) = (order.id.to_string(), &order.reference);
    let remote_application_ids: Vec<&String> = reference.application_id.iter().collect();
    Some(json!({
        "id": id,
        "remote_id": reference.candidate_id,
        "name": name(person),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": email(person),
        "emails": emails(person),
        "phone": person.phone,
        "phone_numbers": phone_numbers(person),
        "application_ids": [id],
        "remote_application_ids": remote_application_ids,
    }))
}

/// The application that is read by its id, as [`full_candidate`].
pub(super) fn full_application(order: &Order) -> Option<Value> {
    let person = order.candidate.as_ref()?;
    let (id, reference) = (order.id.to_string(), &order.reference);
    Some(json!({
        "id": id,
        "remote_id": reference.application_id,
        "candidate_id": id,
        "remote_candidate_id": reference.candidate_id,
        "job_id": reference.job_id,
        "remote_job_id": reference.job_id,
        "candidate": {
            "name": name(person),
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email": email(person),
            "emails": emails(person),
            "phone_numbers": phone_numbers(person),
        },
    }))
}

fn name(person: &Candidate) -> String {
    format!("{} {}", person.first_name, person.last_name).trim().to_owned()
}

fn email(person: &Candidate) -> Option<&str> {
    Some(person.email.as_str()).filter(|email| !email.is_empty())
}

fn emails(person: &Candidate) -> Vec<Value> {
    email(person).map(|email| json!({ "type": "personal", "value": email })).into_iter().collect()
}

fn phone_numbers(person: &Candidate) -> Vec<Value> {
    person.phone.iter().map(|phone| json!({ "type": "personal", "phone": phone })).collect()
}

/// Where the vendor sends the result.
pub(super) fn results_update_url(order: &Order, callback_url: &str) -> String {
    format!("{callback_url}/unified/ats/background_checks/orders/{}/result", order.id)
}

/// The envelope of StackOne's unified events. `record_type` is the event's name without its last part, as in its
/// published example of a native event.
pub(super) fn event(name: &str, connection: &Connection, of: &Order, now: Timestamp) -> Value {
    let record_type = name.rsplit_once('.').map_or(name, |(resource, _)| resource);
    json!({
        "project_id": "crosscheck",
        "account_id": connection.id.to_string(),
        "event": name,
        "event_date": time(of.created_at),
        "record_type": record_type,
        "record_id": of.id.to_string(),
        "sent_at": time(now),
        "event_data": order(of, &connection.callback_url()),
    })
}

/// A time with milliseconds, as StackOne writes it.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
