//! Checkr's own field names and words.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::STATUS_MAP;
use super::location::Location;
use super::person::Person;
use crate::order::{Beside, Order, Outcome, Package, Reading, State, Status};

/// Longest vendor word that becomes part of a label, in characters.
const LONGEST_WORD: usize = 60;

/// Longest id of Checkr's, in bytes; those shown have 24 characters.
const LONGEST_ID: usize = 64;

/// Body of `POST /candidates`. `custom_id` is our order's id. `no_middle_name` is not sent, because nobody
/// told us: the hosted form asks the candidate. `work_locations` go with the invitation only, so that the candidate
/// stays on lists.
pub(super) fn candidate(order: &Order, person: &Person, place: Option<&Location>) -> Value {
    let mut body = Map::from_iter([
        ("custom_id".to_owned(), json!(order.id.to_string())),
        ("email".to_owned(), json!(person.email)),
    ]);
    for (key, given) in [("first_name", &person.first_name), ("last_name", &person.last_name)] {
        body.extend((!given.is_empty()).then(|| (key.to_owned(), json!(given))));
    }
    body.extend(person.phone.as_ref().map(|phone| ("phone".to_owned(), json!(phone))));
    // Checkr wants it here too for whoever works outside the US.
    let abroad = place.filter(|place| place.is_abroad());
    body.extend(abroad.map(|place| ("work_locations".to_owned(), json!([place.to_json()]))));
    Value::Object(body)
}

/// Body of `POST /invitations`.
pub(super) fn invitation(order: &Order, candidate_id: &str, place: Option<&Location>, node: Option<&str>) -> Value {
    let mut body = Map::from_iter([
        ("candidate_id".to_owned(), json!(candidate_id)),
        ("package".to_owned(), json!(order.package.id)),
    ]);
    body.extend(place.map(|place| ("work_locations".to_owned(), json!([place.to_json()]))));
    body.extend(node.map(|node| ("node".to_owned(), json!(node))));
    Value::Object(body)
}

/// The text under a key, if there is one.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// An id. It goes into URLs, so only plain characters count as one.
pub(super) fn id(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| is_id(text)).map(str::to_owned)
}

/// Whether a text is as plain and as short as an id.
pub(super) fn is_id(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    plain && !text.is_empty() && text.len() <= LONGEST_ID
}

/// The ids in a list.
pub(super) fn ids(value: &Value, key: &str) -> Vec<String> {
    value.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(id).collect()
}

fn made(object: &Value) -> Option<Timestamp> {
    text(object, "created_at").and_then(|at| at.parse().ok())
}

/// The object that was made last.
pub(super) fn newest(objects: Vec<Value>) -> Option<Value> {
    objects.into_iter().max_by_key(made)
}

/// The ids under a key of the objects that have it, of the one that was made first before the others.
pub(super) fn oldest_first(objects: &[Value], key: &str) -> Vec<String> {
    let with_id = objects.iter().filter_map(|one| Some((made(one), one.get(key).and_then(id)?)));
    let mut found: Vec<_> = with_id.collect();
    found.sort_by_key(|(made, _)| *made);
    found.into_iter().map(|(_, id)| id).collect()
}

/// One orderable package, unless it is deleted. What an order names is the slug.
pub(super) fn package(entry: &Value) -> Option<Package> {
    if entry.get("deleted_at").is_some_and(|at| !at.is_null()) {
        return None;
    }
    let slug = text(entry, "slug")?.to_owned();
    let kinds = entry.get("screenings").and_then(Value::as_array).into_iter().flatten();
    let kinds: Vec<String> = kinds.filter_map(|one| text(one, "type")).map(|kind| kind.replace('_', " ")).collect();
    let name = text(entry, "name").unwrap_or(&slug).to_owned();
    Some(Package { id: slug, name, description: kinds.join(", ") })
}

/// What an invitation says. Deleting one leaves its status as it was.
pub(super) fn invitation_reading(object: &Value) -> Option<Reading> {
    let deleted = object.get("deleted_at").is_some_and(|at| !at.is_null());
    let status = if deleted { "deleted".to_owned() } else { word(object, "status")? };
    Some(reading(&format!("invitation {status}"), &[]))
}

/// What assessment and adjudication mean beside a result. Both are for a person to look at, so neither is ever adverse.
const BESIDE: [(&str, &str, Outcome); 6] = [
    ("assessment", "eligible", Outcome::Clear),
    ("assessment", "review", Outcome::Review),
    ("assessment", "escalated", Outcome::Review),
    ("adjudication", "engaged", Outcome::Clear),
    ("adjudication", "pre adverse action", Outcome::Review),
    ("adjudication", "post adverse action", Outcome::Review),
];

/// What the status of a screening means beside a report's result. A report embeds its screenings on request only.
const SCREENINGS: [(&str, Outcome); 7] = [
    ("clear", Outcome::Clear),
    ("complete", Outcome::Clear),
    ("consider", Outcome::Review),
    ("canceled", Outcome::Review),
    ("suspended", Outcome::Review),
    ("pending", Outcome::Review),
    ("dispute", Outcome::Review),
];

/// Objects of a report that have a status and are no screening.
const NO_SCREENINGS: [&str; 4] = ["candidate", "invitation", "package", "program"];

/// What a report says. Its result counts only once it is finished, and then with all that stands beside it: Checkr also
/// completes a report by cancelling what is unfinished, and calls that clear.
pub(super) fn report_reading(object: &Value) -> Option<Reading> {
    let status = word(object, "status")?;
    let finished = matches!(status.as_str(), "complete" | "clear" | "consider");
    let result = word(object, "result").filter(|result| finished && *result != status);
    let key = result.map_or_else(|| format!("report {status}"), |result| format!("report {status}: {result}"));
    let mut beside: Vec<Beside> = ["adjudication", "assessment"].iter().filter_map(|kind| said(object, kind)).collect();
    if finished && object.get("includes_canceled").and_then(Value::as_bool) == Some(true) {
        let words = "some screenings were canceled".to_owned();
        beside.push(Beside { outcome: Some(Outcome::Review), words });
    }
    beside.extend(screenings(object).into_iter().filter(|_| finished));
    Some(reading(&key, &beside))
}

fn said(object: &Value, kind: &str) -> Option<Beside> {
    let said = word(object, kind)?;
    let row = BESIDE.iter().find(|(of, known, _)| *of == kind && *known == said);
    Some(Beside { outcome: row.map(|(.., outcome)| *outcome), words: format!("{kind}: {said}") })
}

/// The screenings that a report embeds, alone or in lists, but for those that say no more than it does.
fn screenings(object: &Value) -> Vec<Beside> {
    let mut found = Vec::new();
    for (name, value) in object.as_object().into_iter().flatten() {
        let many = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
        for one in many.iter().filter(|_| !NO_SCREENINGS.contains(&name.as_str())) {
            let Some(status) = word(one, "status") else { continue };
            let worst = [Some(status), word(one, "result")].into_iter().flatten().map(|said| {
                let row = SCREENINGS.iter().find(|(known, _)| *known == said);
                (row.map(|(_, outcome)| *outcome), said)
            });
            let worst = worst.max_by_key(|(outcome, _)| outcome.unwrap_or(Outcome::Inconclusive).badness());
            let (outcome, said) = worst.unwrap_or((None, String::new()));
            if outcome != Some(Outcome::Clear) {
                let kind = text(one, "type").unwrap_or(name).replace('_', " ");
                found.push(Beside { outcome, words: format!("{kind}: {said}") });
            }
        }
    }
    found.dedup();
    found
}

/// The status of a known word, else `otherwise` with the word as label: an unknown word never finishes a report.
pub(super) fn status_of(reading: Reading, otherwise: State) -> Status {
    match reading {
        Reading::Known(status) => status,
        Reading::Unknown { word } => Status::plain(otherwise, word),
    }
}

fn reading(key: &str, beside: &[Beside]) -> Reading {
    match STATUS_MAP.iter().find(|row| folded(row.word) == folded(key)) {
        Some(row) => {
            let status = Status { state: row.state, outcome: row.outcome, label: row.word.to_owned() };
            Reading::Known(status.with(beside))
        }
        None => Reading::Unknown { word: Status::plain(State::Ordered, key).with(beside).label },
    }
}

fn word(object: &Value, key: &str) -> Option<String> {
    Some(folded(text(object, key)?).chars().take(LONGEST_WORD).collect())
}

/// A status word as it is compared with the table's: in small letters with single spaces, and in Checkr's spelling.
pub(super) fn folded(word: &str) -> String {
    let spaced = word.to_lowercase().replace(['_', '-'], " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ").replace("cancelled", "canceled")
}

/// What Checkr says about a refusal: `error` or `errors`, a text or a list.
pub(super) fn words(body: &Value) -> Option<String> {
    let said = ["errors", "error", "message"].iter().find_map(|key| body.get(key).and_then(spoken))?;
    Some(said.chars().take(300).collect())
}

fn spoken(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(list) => Some(list.iter().filter_map(spoken).collect::<Vec<_>>().join("; ")),
        Value::Object(map) => map.get("message").and_then(spoken),
        _ => None,
    }
    .filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The object that a row of the table is about.
    fn object(word: &str) -> (Value, fn(&Value) -> Option<Reading>) {
        let (kind, rest) = word.split_once(' ').expect("object and status");
        let (status, result) = rest.split_once(": ").map_or((rest, None), |(status, result)| (status, Some(result)));
        let read = if kind == "Invitation" { invitation_reading } else { report_reading };
        (json!({ "status": status, "result": result }), read)
    }

    #[test]
    fn every_known_word_means_what_the_table_says_however_it_is_written() {
        for row in STATUS_MAP {
            let expected = Status { state: row.state, outcome: row.outcome, label: row.word.to_owned() };
            let (plain, read) = object(row.word);
            let loud = |key: &str| plain[key].as_str().map(|text| format!(" {} ", text.to_uppercase()));
            for value in [plain.clone(), json!({ "status": loud("status"), "result": loud("result") })] {
                assert_eq!(read(&value), Some(Reading::Known(expected.clone())), "{value}");
            }
        }
        let british = json!({ "status": "Cancelled" });
        assert!(matches!(report_reading(&british), Some(Reading::Known(Status { state: State::Cancelled, .. }))));
    }

    #[test]
    fn an_unknown_status_or_result_is_never_clear() {
        for (status, result) in [("complete", "escalated"), ("clear", "consider"), ("archived", "clear")] {
            let value = json!({ "status": status, "result": result });
            assert!(matches!(report_reading(&value), Some(Reading::Unknown { .. })), "{value}");
        }
        assert!(matches!(invitation_reading(&json!({ "status": "clear" })), Some(Reading::Unknown { .. })));
        assert_eq!(report_reading(&json!({ "result": "clear" })), None);
    }

    #[test]
    fn a_result_says_nothing_before_the_report_is_finished() {
        let running = json!({ "status": "dispute", "result": "clear" });
        let Some(Reading::Known(status)) = report_reading(&running) else { panic!("known") };
        assert_eq!((status.state, status.outcome), (State::InProgress, Outcome::Review));
    }

    #[test]
    fn a_deleted_invitation_is_cancelled_whatever_its_status() {
        let deleted = json!({ "status": "pending", "deleted_at": "2026-01-01T00:00:00Z" });
        assert!(matches!(invitation_reading(&deleted), Some(Reading::Known(s)) if s.state == State::Cancelled));
    }

    #[test]
    fn adjudication_is_shown_and_never_turns_a_review_into_a_rejection() {
        let value = json!({ "status": "complete", "result": "consider", "adjudication": "post_adverse_action",
            "includes_canceled": true });
        let Some(Reading::Known(status)) = report_reading(&value) else { panic!("known") };
        assert_eq!(status.outcome, Outcome::Review);
        let label = "Report complete: consider; adjudication: post adverse action; some screenings were canceled";
        assert_eq!(status.label, label);
    }

    /// The sighting: a suspended report that Checkr completed by cancelling what was unfinished. And its siblings.
    #[test]
    fn a_clear_with_something_beside_it_is_no_clear() {
        for (beside, outcome, words) in [
            (json!({ "includes_canceled": true, "assessment": "review" }), Outcome::Review, "assessment: review; some"),
            (json!({ "includes_canceled": true }), Outcome::Review, "some screenings were canceled"),
            (json!({ "assessment": "Escalated" }), Outcome::Review, "assessment: escalated"),
            (json!({ "assessment": "eligible" }), Outcome::Clear, "assessment: eligible"),
            (json!({ "assessment": "tier 3" }), Outcome::Inconclusive, "assessment: tier 3"),
            (json!({ "adjudication": "pre_adverse_action" }), Outcome::Review, "adjudication: pre adverse action"),
            (json!({ "adjudication": "engaged" }), Outcome::Clear, "adjudication: engaged"),
            (json!({ "adjudication": "on ice" }), Outcome::Inconclusive, "adjudication: on ice"),
            (
                json!({ "ssn_trace": { "status": "complete", "result": "consider" } }),
                Outcome::Review,
                "ssn trace: consider",
            ),
            (
                json!({ "county_criminal_searches": [{ "status": "clear" }, { "status": "cancelled" }] }),
                Outcome::Review,
                "county criminal searches: canceled",
            ),
            (
                json!({ "screenings": [{ "type": "motor_vehicle_report", "status": "pending" }] }),
                Outcome::Review,
                "motor vehicle report: pending",
            ),
            (json!({ "screenings": [{ "type": "x", "status": "half done" }] }), Outcome::Inconclusive, "x: half done"),
            (
                json!({ "candidate": { "status": "odd" }, "ssn_trace": { "status": "clear" } }),
                Outcome::Clear,
                "Report complete: clear",
            ),
        ] {
            let mut report = json!({ "status": "complete", "result": "clear" });
            report.as_object_mut().expect("an object").extend(beside.as_object().expect("an object").clone());
            let Some(Reading::Known(status)) = report_reading(&report) else { panic!("known") };
            assert_eq!((status.state, status.outcome), (State::Completed, outcome), "{report}");
            assert!(status.label.contains(words), "{}", status.label);
        }
    }

    #[test]
    fn an_assessment_improves_neither_a_consider_nor_a_missing_result() {
        for (result, outcome) in [(json!("consider"), Outcome::Review), (Value::Null, Outcome::Inconclusive)] {
            let report = json!({ "status": "complete", "result": result, "assessment": "eligible" });
            assert!(matches!(report_reading(&report), Some(Reading::Known(s)) if s.outcome == outcome), "{report}");
        }
    }

    #[test]
    fn a_package_is_named_by_its_slug_and_a_deleted_one_is_not_offered() {
        let entry = json!({ "slug": "driver_pro", "name": "Driver Pro", "screenings": [{ "type": "ssn_trace" }] });
        let expected = Package { id: "driver_pro".into(), name: "Driver Pro".into(), description: "ssn trace".into() };
        assert_eq!(package(&entry), Some(expected));
        assert_eq!(package(&json!({ "slug": "old", "deleted_at": "2026-01-01T00:00:00Z" })), None);
        assert_eq!(package(&json!({ "name": "no slug" })), None);
    }

    #[test]
    fn each_shape_of_refusal_is_read() {
        for body in [json!({ "error": "a; b" }), json!({ "error": ["a", "b"] }), json!({ "errors": ["a", "b"] })] {
            assert_eq!(words(&body).as_deref(), Some("a; b"), "{body}");
        }
        assert_eq!(words(&json!({ "error": { "message": "a" } })).as_deref(), Some("a"));
        assert_eq!(words(&json!({ "error": [] })), None);
    }

    #[test]
    fn the_newest_object_is_the_one_made_last() {
        let at = |at: &str| json!({ "created_at": at });
        let last = at("2026-01-02T00:00:00Z");
        assert_eq!(newest(vec![at("2026-01-01T23:00:00Z"), last.clone(), json!({})]), Some(last));
        assert_eq!(newest(Vec::new()), None);
        let led = |day: u8, report: Option<&str>| json!({ "created_at": format!("2026-01-0{day}T00:00:00Z"), "report_id": report });
        let all = [led(3, Some("r3")), led(1, None), led(2, Some("r2"))];
        assert_eq!(oldest_first(&all, "report_id"), ["r2", "r3"], "of those that led to a report");
    }
}
