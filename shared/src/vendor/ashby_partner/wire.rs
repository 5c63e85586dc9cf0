//! Ashby's field names, as Ashby itself would send and answer them, and as a vendor sends its updates.

use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::words;
use crate::connection::Catalogue;
use crate::order::{Beside, Candidate, Detail, Order, Package, Reading, Report, Score, State};
use crate::vendor::StatusRow;

/// Longest word or sentence of a vendor's that becomes part of a label, in characters.
const LABEL_LIMIT: usize = 200;

/// Most further rows of an update that become part of the label.
const MOST_ROWS: usize = 5;

/// Most further rows of an update that are passed on. Ashby gives no limit; an order is one item of the table.
const MOST_DETAILS: usize = 20;

/// The type of a value that is a score.
const NUMBER: &str = "numeric_score";

/// The field of an update that holds the result.
pub(super) const RESULT: &str = "assessment_result";

/// Longest id of a vendor's, in bytes. Ashby's are UUIDs.
const ID_LIMIT: usize = 128;

/// Body of `assessment.start`, with every field that Ashby's schema requires. The candidate's id is our order's, so that
/// `candidate.info` leads back; application and job are the order's own too, so that a vendor that takes a second start
/// for the same application as a repetition never mixes up two orders. The title is the real one where the ATS told it.
/// Where the ATS has named no page, the links are in a domain that never exists.
pub(super) fn start(order: &Order, candidate: &Candidate) -> Value {
    let job = derived(order, "job");
    json!({
        "assessment_type_id": order.package.id,
        "candidate": {
            "ashby_id": order.id.to_string(),
            "first_name": candidate.first_name,
            "last_name": candidate.last_name,
            "email": candidate.email,
            "ashby_profile_url": profile_url(order),
        },
        "application": { "ashby_id": derived(order, "application"), "status": "Active" },
        "job": {
            "ashby_id": job,
            "name": order.reference.job_title.as_deref().unwrap_or("Not stated"),
            "ashby_job_url": order.reference.job_url.clone().unwrap_or_else(|| format!("https://crosscheck.invalid/jobs/{job}")),
        },
    })
}

/// A UUID that belongs to this order alone and is the same each time.
fn derived(order: &Order, what: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("crosscheck:{}/{what}", order.id).as_bytes())
}

/// The candidate's page in the ATS, which Ashby names and the protocol asks for. The others name none.
fn profile_url(order: &Order) -> String {
    let known = order.reference.candidate_url.clone();
    known.unwrap_or_else(|| format!("https://crosscheck.invalid/candidates/{}", order.id))
}

/// `results` of `candidate.info`: what the order knows, and nothing else. `None` once the candidate's data was removed.
pub(super) fn candidate(order: &Order) -> Option<Value> {
    let candidate = order.candidate.as_ref()?;
    let contact = |value: &str| json!({ "value": value, "type": "Other", "isPrimary": true });
    let (email, phone) = (contact(&candidate.email), candidate.phone.as_deref().map(contact));
    let mut results = json!({
        "id": order.id.to_string(),
        "name": format!("{} {}", candidate.first_name, candidate.last_name).trim(),
        "primaryEmailAddress": email,
        "emailAddresses": [email],
        "phoneNumbers": phone.iter().collect::<Vec<_>>(),
        "socialLinks": [],
        "tags": [],
        "applicationIds": [derived(order, "application")],
        "fileHandles": [],
        "customFields": [],
        "profileUrl": profile_url(order),
    });
    if let (Some(phone), Some(map)) = (phone, results.as_object_mut()) {
        map.insert("primaryPhoneNumber".to_owned(), phone);
    }
    Some(results)
}

/// `results` of `assessment.list`. An entry without an id cannot be ordered.
pub(super) fn catalogue(results: &Value) -> Option<Catalogue> {
    let packages = results.as_array()?.iter().filter_map(package).collect();
    Some(Catalogue { packages, credit: None, needs_phone: false, needs_email: true })
}

fn package(entry: &Value) -> Option<Package> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    let (id, name) = (id(entry.get("assessment_type_id")?)?, text("name"));
    let name = if name.is_empty() { format!("Package {id}") } else { name };
    Some(Package { name, description: text("description"), id })
}

/// An id, sent as a text (mostly a UUID) or as a number.
pub(super) fn id(value: &Value) -> Option<String> {
    let id = match value {
        Value::Number(n) => n.to_string(),
        Value::String(s) => s.trim().to_owned(),
        _ => return None,
    };
    let plain = id.bytes().all(|b| b.is_ascii_graphic()) && id.len() <= ID_LIMIT;
    (plain && !id.is_empty()).then_some(id)
}

/// What an update says about the check; `None` when it holds neither status nor result nor reason.
pub(super) fn reading(table: &[StatusRow], update: &Value) -> Option<Reading> {
    let [status, result, reason] = ["assessment_status", RESULT, "cancelled_reason"].map(|field| said(update, field));
    match words::reading(table, status, result, reason)? {
        Reading::Known(status) if status.state == State::Completed => {
            Some(Reading::Known(status.with(&beside(table, update))))
        }
        reading => Some(reading),
    }
}

/// The further rows of an update that say that something is amiss.
fn beside(table: &[StatusRow], update: &Value) -> Vec<Beside> {
    let rows = update.get("metadata").and_then(Value::as_array).into_iter().flatten();
    let text = |row: &Value, key: &str| said(row, key).unwrap_or_default();
    let found = rows.filter_map(|row| {
        let [kind, label, identifier, value] = ["type", "label", "identifier", "value"].map(|key| text(row, key));
        let name = if label.is_empty() { &identifier } else { &label };
        words::beside(table, &kind, [name, &identifier], &value)
    });
    found.take(MOST_ROWS).collect()
}

/// An update as a report on the check that the vendor knows by this id; `None` when it says nothing of it.
pub(super) fn report(table: &[StatusRow], update: &Value, vendor_ref: String) -> Option<Report> {
    Some(Report {
        vendor_ref: Some(vendor_ref),
        profile_url: link(update),
        score: score(update),
        details: details(update),
        said_at: said_at(update),
        ..Report::saying(reading(table, update)?)
    })
}

/// The further rows of an update, for the recruiter. The numbers of a score are told as the score.
fn details(update: &Value) -> Vec<Detail> {
    let rows = update.get("metadata").and_then(Value::as_array).into_iter().flatten();
    let has_score = score(update).is_some();
    let is_told = |row: &&Value| !has_score || said(row, "type").is_none_or(|kind| kind != NUMBER);
    let detail = |row: &Value| {
        let name = |key: &str| said(row, key).filter(|name| !name.is_empty());
        let (label, value) = (name("label").or_else(|| name("identifier"))?, name("value")?);
        Some(Detail { label, value })
    };
    rows.filter(is_told).filter_map(detail).take(MOST_DETAILS).collect()
}

/// The score of an update: its result where that is a number, else the row that is named so, within the ends that other
/// rows give. Ashby shows scores in such rows. Without its upper end a number is no score, and only a whole one is read;
/// the result's words keep any other.
fn score(update: &Value) -> Option<Score> {
    let rows = update.get("metadata").and_then(Value::as_array).into_iter().flatten();
    let rows = rows.filter(|row| said(row, "type").is_some_and(|kind| kind == NUMBER));
    let named = rows.filter_map(|row| {
        let name = ["label", "identifier"].map(|key| words::folded(&said(row, key).unwrap_or_default())).join(" ");
        Some((name, said(row, "value")?.parse::<i64>().ok()?))
    });
    let named: Vec<(String, i64)> = named.collect();
    let is_end = |name: &str, ends: [&str; 2]| ends.iter().any(|end| name.contains(end));
    let (upper, lower) = (["max", "highest"], ["min", "lowest"]);
    let find = |fits: &dyn Fn(&str) -> bool| named.iter().find(|(name, _)| fits(name)).map(|(_, number)| *number);
    let result = update.get(RESULT).filter(|result| said(result, "type").is_some_and(|kind| kind == NUMBER));
    let raw = match result {
        Some(_) => said(update, RESULT)?.parse().ok(),
        None => find(&|name| name.contains("score") && !is_end(name, upper) && !is_end(name, lower)),
    };
    let score = Score {
        raw: raw?,
        min: find(&|name| is_end(name, lower)).unwrap_or(0),
        max: find(&|name| is_end(name, upper))?,
    };
    score.percent().map(|_| score)
}

/// The link of an update, if it is one that a recruiter's browser may be given.
pub(super) fn link(update: &Value) -> Option<String> {
    let url = Url::parse(value(update, "assessment_profile_url")?.as_str()?.trim()).ok()?;
    (url.scheme() == "https").then(|| url.to_string())
}

/// When the vendor dates the update: milliseconds since 1970. A text is read too; what cannot be read is no date.
pub(super) fn said_at(update: &Value) -> Option<Timestamp> {
    let value = update.get("timestamp")?;
    let text = value.as_str().map(str::trim);
    let digits = value.as_i64().or_else(|| text?.parse().ok());
    match digits {
        Some(milliseconds) => Timestamp::from_millisecond(milliseconds).ok(),
        None => text?.parse().ok(),
    }
}

/// The value in Ashby's single shape for values, or bare. `null` stands for an absent field.
fn value<'u>(update: &'u Value, field: &str) -> Option<&'u Value> {
    let found = update.get(field)?;
    let inner = if found.is_object() { found.get("value")? } else { found };
    (!inner.is_null()).then_some(inner)
}

/// A value as one line of text, empty when it is there and says nothing.
fn said(update: &Value, field: &str) -> Option<String> {
    let text = match value(update, field)? {
        Value::String(text) => text.clone(),
        scalar @ (Value::Number(_) | Value::Bool(_)) => scalar.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    };
    let line = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|part| !part.is_empty());
    Some(line.collect::<Vec<_>>().join(" ").chars().take(LABEL_LIMIT).collect())
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::STATUS_MAP;
    use super::*;
    use crate::order::{AtsReference, ConnectionId, Outcome, Status};

    /// An order as it is before it is placed.
    pub(in super::super) fn order() -> Order {
        let package = Package { id: "type-1".into(), name: "Standard".into(), description: String::new() };
        let connection = ConnectionId::from_random([1; 8]);
        Order {
            candidate: Some(Candidate {
                first_name: "Asha".into(),
                last_name: "Rao".into(),
                email: "asha@example.com".into(),
                phone: Some("+91 98765 43210".into()),
            }),
            ..Order::new(connection, AtsReference::default(), package, Timestamp::UNIX_EPOCH)
        }
    }

    #[test]
    fn a_number_with_its_upper_end_is_a_score_and_any_other_is_words() {
        let row = |identifier: &str, label: &str, value: Value| json!({ "identifier": identifier, "label": label, "type": "numeric_score", "value": value });
        let max = row("result-max", "Max Score", json!(20));
        for (result, rows, wanted) in [
            (row("r", "Result", json!(17)), vec![max.clone()], Some((17, 0, 20))),
            (
                row("r", "Result", json!("17")),
                vec![max.clone(), row("m", "Lowest score", json!(10))],
                Some((17, 10, 20)),
            ),
            (json!("Passed"), vec![row("score", "Score", json!(3)), max.clone()], Some((3, 0, 20))),
            (row("r", "Result", json!(17)), vec![], None),
            (row("r", "Result", json!(17.5)), vec![max.clone()], None),
            (row("r", "Result", json!(21)), vec![max.clone()], None),
            (json!("Passed"), vec![max.clone()], None),
        ] {
            let update = json!({ "assessment_status": "Complete", RESULT: result, "metadata": rows });
            let read = report(&STATUS_MAP, &update, "v".to_owned()).expect("a report").score;
            assert_eq!(read.map(|score| (score.raw, score.min, score.max)), wanted, "{update}");
        }
    }

    #[test]
    fn a_start_has_every_required_field_and_ids_of_this_order_alone() {
        let (one, other) = (order(), order());
        let candidate = one.candidate.clone().expect("a candidate");
        let body = start(&one, &candidate);
        for pointer in [
            "/assessment_type_id",
            "/candidate/ashby_id",
            "/candidate/first_name",
            "/candidate/last_name",
            "/candidate/email",
            "/candidate/ashby_profile_url",
            "/application/ashby_id",
            "/application/status",
            "/job/ashby_id",
            "/job/name",
            "/job/ashby_job_url",
        ] {
            let text = body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            assert!(!text.is_empty(), "{pointer}");
        }
        assert_eq!(body["job"]["name"], "Not stated");
        let titled = AtsReference { job_title: Some("Accountant".to_owned()), ..one.reference.clone() };
        assert_eq!(start(&Order { reference: titled, ..one.clone() }, &candidate)["job"]["name"], "Accountant");
        assert_eq!(body["candidate"]["ashby_id"], one.id.to_string());
        assert_eq!(body, start(&one, &candidate), "a repeated start is the same start");
        let second = start(&other, &candidate);
        for pointer in ["/application/ashby_id", "/job/ashby_id", "/candidate/ashby_id"] {
            assert_ne!(body.pointer(pointer), second.pointer(pointer), "{pointer}");
            let id = body.pointer(pointer).and_then(Value::as_str).expect("an id");
            assert!(Uuid::parse_str(id).is_ok(), "{pointer}");
        }
    }

    #[test]
    fn a_candidate_is_shown_in_ashbys_shape_until_the_data_was_removed() {
        let mut order = order();
        let shown = candidate(&order).expect("a candidate");
        assert_eq!((&shown["id"], &shown["name"]), (&json!(order.id.to_string()), &json!("Asha Rao")));
        assert_eq!(shown["primaryEmailAddress"]["value"], "asha@example.com");
        assert_eq!(shown["emailAddresses"][0], shown["primaryEmailAddress"]);
        assert_eq!(shown["primaryPhoneNumber"]["value"], "+91 98765 43210");
        if let Some(candidate) = &mut order.candidate {
            candidate.phone = None;
            candidate.last_name.clear();
        }
        let shown = candidate(&order).expect("a candidate");
        assert_eq!((shown.get("primaryPhoneNumber"), &shown["phoneNumbers"]), (None, &json!([])));
        assert_eq!(shown["name"], "Asha");
        order.candidate = None;
        assert_eq!(candidate(&order), None);
    }

    #[test]
    fn a_list_is_read_whatever_ids_it_has() {
        let results = json!([
            { "assessment_type_id": "e9ed20fd-d45f-4aad-8a00-a19bfba0083e", "name": "ID", "description": "x" },
            { "assessment_type_id": 2, "name": " " },
            { "name": "no id" },
            { "assessment_type_id": "two words" },
        ]);
        let read = catalogue(&results).expect("a catalogue");
        let seen: Vec<_> = read.packages.iter().map(|p| (p.id.as_str(), p.name.as_str())).collect();
        assert_eq!(seen, [("e9ed20fd-d45f-4aad-8a00-a19bfba0083e", "ID"), ("2", "Package 2")]);
        assert!(read.needs_email && !read.needs_phone);
        assert_eq!(catalogue(&json!({})), None);
    }

    #[test]
    fn values_are_read_in_ashbys_shape_and_bare() {
        let row = |value: Value| json!({ "identifier": "i", "label": "l", "type": "string", "value": value });
        for status in [row(json!("In\n progress")), json!("In progress")] {
            let update = json!({ "assessment_status": status, "assessment_result": null, "cancelled_reason": null });
            let expected = Status::plain(State::InProgress, "In progress");
            assert_eq!(reading(&STATUS_MAP, &update), Some(Reading::Known(expected)));
        }
        let scored = json!({ "assessment_result": row(json!(85)) });
        let Some(Reading::Known(status)) = reading(&STATUS_MAP, &scored) else { panic!("a result completes") };
        assert_eq!((status.outcome, status.label.as_str()), (Outcome::Inconclusive, "85"));
        assert_eq!(reading(&STATUS_MAP, &json!({ "assessment_status": row(Value::Null) })), None);
        let long = json!({ "assessment_status": "x".repeat(1000) });
        let Some(Reading::Unknown { word }) = reading(&STATUS_MAP, &long) else { panic!("an unknown word") };
        assert_eq!(word.len(), LABEL_LIMIT);
    }

    #[test]
    fn only_https_links_are_kept() {
        let read = |url: &str| link(&json!({ "assessment_profile_url": { "type": "url", "value": url } }));
        assert_eq!(read("https://vendor.example/r/1").as_deref(), Some("https://vendor.example/r/1"));
        for refused in ["http://vendor.example/", "javascript:alert(1)", "vendor.example/r/1", ""] {
            assert_eq!(read(refused), None, "{refused}");
        }
    }

    #[test]
    fn dates_are_milliseconds_and_what_is_none_counts_as_absent() {
        let at = Timestamp::from_millisecond(1_665_680_638_489).expect("a time");
        for timestamp in [json!(1_665_680_638_489_i64), json!("1665680638489"), json!("2022-10-13T17:03:58.489Z")] {
            assert_eq!(said_at(&json!({ "timestamp": timestamp })), Some(at), "{timestamp}");
        }
        for timestamp in [json!(null), json!("yesterday"), json!(i64::MAX), json!({})] {
            assert_eq!(said_at(&json!({ "timestamp": timestamp })), None, "{timestamp}");
        }
    }
}
