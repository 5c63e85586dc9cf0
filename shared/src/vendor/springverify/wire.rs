//! SpringVerify's own field names. Everything is read leniently: the v3.4 guide itself is not public.

use serde_json::{Value, json};

use super::STATUS_MAP;
use crate::connection::Catalogue;
use crate::order::{Beside, Order, OrderId, Outcome, Package, Reading, State, Status};

/// Longest word of SpringVerify's that becomes a label, in characters.
const LONGEST_WORD: usize = 200;

/// Longest id of SpringVerify's, in bytes; those seen have nine digits.
const LONGEST_ID: usize = 64;

/// Body of `candidate/add`. Our order id travels in `meta_data`, which comes back in every answer and webhook. An
/// address that is not there is left out: not every account asks for one, and an empty one is none.
pub(super) fn add(order: &Order, name: &str, email: &str, phone: Option<&str>) -> Value {
    let subtype: Value = order.package.id.parse::<i64>().map_or_else(|_| json!(order.package.id), |id| json!(id));
    let mut candidate = json!({
        "name": name,
        "invite": true,
        "meta_data": { "order_id": order.id.to_string() },
    });
    let given = [("email", Some(email.trim()).filter(|email| !email.is_empty())), ("phone", phone)];
    if let Some(map) = candidate.as_object_mut() {
        map.extend(given.into_iter().filter_map(|(key, value)| Some((key.to_owned(), json!(value?)))));
    }
    json!({ "candidate": candidate, "package": { "subtype_id": subtype }, "send_invite_email": true })
}

/// The package list, at the top or below `data`.
pub(super) fn catalogue(body: &Value) -> Option<Catalogue> {
    let data = body.get("data").filter(|d| d.get("packages").is_some()).unwrap_or(body);
    let listed = data.get("packages")?.as_array()?;
    let packages = listed.iter().filter_map(package).collect();
    let either = |key: &str| data.get(key).or_else(|| body.get(key));
    let required: Option<Vec<String>> = either("required_fields")
        .and_then(Value::as_array)
        .map(|fields| fields.iter().filter_map(Value::as_str).map(str::to_ascii_uppercase).collect());
    let needs = |field: &str| required.as_ref().is_none_or(|fields| fields.iter().any(|f| f.contains(field)));
    let email_optional = either("is_email_optional").is_some_and(truthy);
    Some(Catalogue {
        packages,
        credit: either("credit_balance").and_then(number),
        needs_phone: needs("PHONE"),
        needs_email: needs("EMAIL") && !email_optional,
    })
}

/// One orderable unit: a subtype, a collection of checks. An entry without `subtype_id` cannot be ordered.
fn package(entry: &Value) -> Option<Package> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    let (group, name) = (text("package_name"), text("subtype_name"));
    let title = match (group.as_str(), name.as_str()) {
        ("", name) => name.to_owned(),
        (group, "") => group.to_owned(),
        (group, name) => format!("{group}: {name}"),
    };
    let id = id(entry.get("subtype_id")?)?;
    Some(Package { name: if title.is_empty() { format!("Package {id}") } else { title }, description: name, id })
}

/// A whole number, sent as a number or as digits in a text.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// An id, sent as a number or as a text. It goes into URLs, so only plain characters count as one.
pub(super) fn id(value: &Value) -> Option<String> {
    let id = match value {
        Value::Number(n) => n.to_string(),
        Value::String(s) => s.trim().to_owned(),
        _ => return None,
    };
    let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    (plain && !id.is_empty() && id.len() <= LONGEST_ID).then_some(id)
}

fn truthy(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| number(value) == Some(1))
}

/// Our order id out of `meta_data`, an object or an object written as text.
pub(super) fn our_order(value: &Value) -> Option<OrderId> {
    let meta = value.get("meta_data")?;
    let parsed = meta.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    parsed.as_ref().unwrap_or(meta).get("order_id")?.as_str()?.parse().ok()
}

/// A status word as it is compared with the table's.
pub(super) fn folded(word: &str) -> String {
    word.trim().to_ascii_lowercase()
}

/// What `overall_status_code` and `overall_status` say. The code rules; the word is for the recruiter.
pub(super) fn reading(value: &Value) -> Option<Reading> {
    let code = value.get("overall_status_code").and_then(number);
    let word = value.get("overall_status").and_then(Value::as_str).map(str::trim).filter(|w| !w.is_empty());
    let word = word.map(|w| w.chars().take(LONGEST_WORD).collect::<String>());
    let word = word.as_deref();
    let known = STATUS_MAP.iter().find(|row| match (code, word) {
        (Some(_), _) => row.code == code,
        (None, Some(word)) => folded(row.word) == folded(word),
        (None, None) => false,
    });
    match (known, code, word) {
        (Some(row), _, word) => {
            let status = Status { state: row.state, outcome: row.outcome, label: word.unwrap_or(row.word).to_owned() };
            let other = word.filter(|word| folded(word) != folded(row.word)).map(beside);
            Some(Reading::Known(Status { label: status.label.clone(), ..status.with(other.as_slice()) }))
        }
        (None, _, Some(word)) => Some(Reading::Unknown { word: word.to_owned() }),
        (None, Some(code), None) => Some(Reading::Unknown { word: format!("status code {code}") }),
        (None, None, None) => None,
    }
}

/// A word that is not the code's own. It is shown in the place of the code's word.
fn beside(word: &str) -> Beside {
    let row = STATUS_MAP.iter().find(|row| folded(row.word) == folded(word));
    Beside { outcome: row.map(|row| row.outcome), words: word.to_owned() }
}

/// Whether this entry's check is still fresh: the candidate was added and nothing has been found yet.
pub(super) fn is_fresh(value: &Value) -> bool {
    matches!(
        reading(value),
        Some(Reading::Known(Status { state: State::AwaitingCandidate, outcome: Outcome::None, .. }))
    )
}

/// What SpringVerify says about refused data: `errors[{path|field, msg|error}]`, else `msg` or `message`.
pub(super) fn words(body: &Value) -> Option<String> {
    let text = |value: &Value, keys: [&str; 2]| keys.iter().find_map(|key| value.get(key)?.as_str().map(str::to_owned));
    let listed: Vec<String> = body
        .get("errors")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|e| match (text(e, ["path", "field"]), text(e, ["msg", "error"])) {
            (Some(path), Some(said)) => Some(format!("{path}: {said}")),
            (None, said) => said,
            (path, None) => path,
        })
        .collect();
    let all = if listed.is_empty() { text(body, ["msg", "message"]) } else { Some(listed.join("; ")) };
    all.map(|text| text.chars().take(300).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{AtsReference, ConnectionId};
    use jiff::Timestamp;

    #[test]
    fn every_known_code_and_word_means_what_the_table_says() {
        for row in STATUS_MAP {
            let expected =
                Reading::Known(Status { state: row.state, outcome: row.outcome, label: row.word.to_owned() });
            for value in [
                json!({ "overall_status_code": row.code, "overall_status": row.word }),
                json!({ "overall_status_code": row.code.map(|c| c.to_string()) }),
                json!({ "overall_status": row.word.to_uppercase() }),
            ] {
                let mut read = reading(&value);
                if let Some(Reading::Known(status)) = &mut read {
                    row.word.clone_into(&mut status.label);
                }
                assert_eq!(read.as_ref(), Some(&expected), "{value}");
            }
        }
    }

    #[test]
    fn an_address_that_is_not_there_is_left_out_of_the_order() {
        let package = Package { id: "4238".to_owned(), name: "Gold".to_owned(), description: String::new() };
        let nobody = ConnectionId::from_random([1; 8]);
        let order = Order::new(nobody, AtsReference::default(), package, Timestamp::UNIX_EPOCH);
        for empty in ["", "  "] {
            let body = add(&order, "Asha Rao", empty, Some("9876543210"));
            assert_eq!((body["candidate"].get("email"), &body["candidate"]["phone"]), (None, &json!("9876543210")));
            assert_eq!(our_order(&body["candidate"]), Some(order.id));
        }
        let body = add(&order, "Asha Rao", "asha@example.com", None);
        assert_eq!((&body["candidate"]["email"], body["candidate"].get("phone")), (&json!("asha@example.com"), None));
    }

    /// The code says that all is well, and the word that it is not.
    #[test]
    fn a_word_that_is_worse_than_its_code_is_believed() {
        for (word, outcome) in [
            ("completed", Outcome::Clear),
            ("Completed with exception", Outcome::Review),
            ("Completed - major discrepancy", Outcome::Inconclusive),
            ("Closed", Outcome::Inconclusive),
        ] {
            let value = json!({ "overall_status_code": 1, "overall_status": word });
            let Some(Reading::Known(status)) = reading(&value) else { panic!("known") };
            assert_eq!((status.state, status.outcome, status.label.as_str()), (State::Completed, outcome, word));
        }
        let better = json!({ "overall_status_code": 6, "overall_status": "Completed" });
        assert!(matches!(reading(&better), Some(Reading::Known(s)) if s.outcome == Outcome::Review));
    }

    #[test]
    fn an_unknown_code_is_not_believed_for_its_word() {
        let odd = json!({ "overall_status_code": 7, "overall_status": "Completed" });
        assert_eq!(reading(&odd), Some(Reading::Unknown { word: "Completed".to_owned() }));
        assert_eq!(
            reading(&json!({ "overall_status_code": 2 })),
            Some(Reading::Unknown { word: "status code 2".to_owned() })
        );
        assert_eq!(reading(&json!({})), None);
    }

    #[test]
    fn packages_are_read_at_both_places_and_the_orderable_unit_is_the_subtype() {
        let entry = json!({ "package_id": 1, "package_name": "Gold", "subtype_id": 4238, "subtype_name": "ID" });
        for body in [
            json!({ "packages": [entry, { "package_id": 2 }], "credit_balance": 7, "is_email_optional": 1 }),
            json!({ "data": { "packages": [entry], "credit_balance": "7", "is_email_optional": true } }),
        ] {
            let read = catalogue(&body).expect("a catalogue");
            assert_eq!(read.packages.len(), 1);
            assert_eq!((read.packages[0].id.as_str(), read.packages[0].name.as_str()), ("4238", "Gold: ID"));
            assert_eq!((read.credit, read.needs_email, read.needs_phone), (Some(7), false, true));
        }
        assert_eq!(catalogue(&json!({ "data": [] })), None);
    }

    #[test]
    fn required_fields_decide_what_the_candidate_needs() {
        let body = json!({ "packages": [], "required_fields": ["EMAIL"] });
        let read = catalogue(&body).expect("a catalogue");
        assert_eq!((read.needs_email, read.needs_phone), (true, false));
    }

    #[test]
    fn our_order_is_found_in_both_forms_of_meta_data() {
        let id = OrderId::generate();
        assert_eq!(our_order(&json!({ "meta_data": { "order_id": id.to_string() } })), Some(id));
        assert_eq!(our_order(&json!({ "meta_data": format!("{{\"order_id\":\"{id}\"}}") })), Some(id));
        assert_eq!(our_order(&json!({ "meta_data": null })), None);
    }
}
