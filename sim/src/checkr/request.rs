//! The bodies of Checkr's two creating calls, held against its rules for them.

use super::refusal::Refused;
use serde_json::{Map, Value};

const CANDIDATE_KEYS: [&str; 20] = [
    "first_name",
    "middle_name",
    "no_middle_name",
    "last_name",
    "mother_maiden_name",
    "email",
    "phone",
    "zipcode",
    "dob",
    "ssn",
    "driver_license_number",
    "driver_license_state",
    "previous_driver_license_number",
    "previous_driver_license_state",
    "copy_requested",
    "custom_id",
    "geo_ids",
    "metadata",
    "postal_address",
    "work_locations",
];

const INVITATION_KEYS: [&str; 5] = ["package", "candidate_id", "node", "work_locations", "tags"];

/// Longest e-mail, in bytes.
const EMAIL_LIMIT: usize = 255;

const NAME_RULE: &str = "must only contain letters, numbers, spaces, hyphens, apostrophes, periods, and commas";

/// Keys that the call does not have: Checkr would ignore them, and so would nobody notice.
pub(super) fn unknown_keys<'a>(operation: &str, body: &'a Map<String, Value>) -> Vec<&'a str> {
    let known: &[&str] = if operation == "candidates.create" { &CANDIDATE_KEYS } else { &INVITATION_KEYS };
    body.keys().map(String::as_str).filter(|key| !known.contains(key)).collect()
}

/// The text under a key; empty if it is missing, `null` or no text.
pub(super) fn text<'a>(body: &'a Map<String, Value>, key: &str) -> &'a str {
    body.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Checks a new candidate. With the hosted form, only the e-mail is required.
pub(super) fn check_candidate(body: &Map<String, Value>) -> Result<(), Refused> {
    let mut messages = Vec::new();
    if !is_email(text(body, "email")) {
        messages.push("Email is not a valid email address".to_owned());
    }
    for (key, label) in [("first_name", "First name"), ("middle_name", "Middle name"), ("last_name", "Last name")] {
        if !text(body, key).chars().all(is_name_character) {
            messages.push(format!("{label} {NAME_RULE}"));
        }
    }
    let zipcode = text(body, "zipcode");
    let five_digits = zipcode.len() == 5 && zipcode.bytes().all(|byte| byte.is_ascii_digit());
    if !zipcode.is_empty() && !five_digits {
        messages.push("Zipcode is invalid".into());
    }
    messages.extend(location_problems(body));
    refuse_if_any(messages)
}

/// Checks a new invitation, except for what only the account knows.
pub(super) fn check_invitation(body: &Map<String, Value>, nodes: &[String]) -> Result<(), Refused> {
    let mut messages: Vec<String> = ["candidate_id", "package"]
        .iter()
        .filter(|key| text(body, key).is_empty())
        .map(|key| format!("{key} can't be blank"))
        .collect();
    messages.extend(location_problems(body));
    if !nodes.is_empty() {
        if !nodes.iter().any(|node| node == text(body, "node")) {
            messages.push("node is required".into());
        }
        if locations(body).is_empty() {
            messages.push("work_locations is required".into());
        }
    }
    refuse_if_any(messages)
}

fn refuse_if_any(messages: Vec<String>) -> Result<(), Refused> {
    if messages.is_empty() { Ok(()) } else { Err(Refused { status: 400, messages }) }
}

fn locations(body: &Map<String, Value>) -> &[Value] {
    body.get("work_locations").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn country(location: &Value) -> &str {
    location.get("country").and_then(Value::as_str).unwrap_or("US")
}

fn location_problems(body: &Map<String, Value>) -> Vec<String> {
    let wrong_type = body.get("work_locations").is_some_and(|value| !value.is_null() && !value.is_array());
    let stateless = |location: &&Value| {
        country(location) == "US" && location.get("state").and_then(Value::as_str).is_none_or(str::is_empty)
    };
    let code = |location: &&Value| country(location).len() != 2;
    let mut problems = Vec::new();
    if wrong_type {
        problems.push("work_locations must be an array".to_owned());
    }
    if locations(body).iter().any(|location| code(&location)) {
        problems.push("country is not a valid country code".into());
    }
    if locations(body).iter().any(|location| stateless(&location)) {
        problems.push("state is required".into());
    }
    problems
}

/// Whether a work location lies outside the US: such a thing is missing from every list.
pub(super) fn is_abroad(body: &Map<String, Value>) -> bool {
    locations(body).iter().any(|location| country(location) != "US")
}

/// Checkr's published range: Latin letters with accents, digits and four marks.
fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "ªµº-'., ".contains(c) || (('À'..='ÿ').contains(&c) && c != '×' && c != '÷')
}

fn is_email(email: &str) -> bool {
    let host = |host: &str| host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    let parts = email.split_once('@');
    parts.is_some_and(|(user, at)| !user.is_empty() && !at.contains('@') && host(at))
        && !email.contains(char::is_whitespace)
        && email.len() <= EMAIL_LIMIT
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn candidate(body: &Value) -> Vec<String> {
        check_candidate(body.as_object().unwrap()).err().map_or(Vec::new(), |refused| refused.messages)
    }

    #[test]
    fn an_email_is_all_a_candidate_needs() {
        assert!(candidate(&json!({"email": "a@b.in"})).is_empty());
        for wrong in [json!({}), json!({"email": "nobody"}), json!({"email": format!("{}@b.in", "a".repeat(251))})] {
            assert_eq!(candidate(&wrong), ["Email is not a valid email address"]);
        }
    }

    #[test]
    fn a_name_is_written_in_latin_letters() {
        assert!(candidate(&json!({"email": "a@b.in", "first_name": "Zoë-Ann", "last_name": "O'Neil, Jr."})).is_empty());
        for wrong in ["आशा", "R×2", "Asha!"] {
            let problems = candidate(&json!({"email": "a@b.in", "first_name": wrong}));
            assert!(problems[0].starts_with("First name must only contain"), "{wrong}");
        }
    }

    #[test]
    fn a_work_location_names_its_state_inside_the_us_only() {
        let with = |location: &Value| candidate(&json!({"email": "a@b.in", "work_locations": [location]}));
        assert_eq!(with(&json!({"city": "Boston"})), ["state is required"]);
        assert_eq!(with(&json!({"country": "India"})), ["country is not a valid country code"]);
        assert!(with(&json!({"country": "IN"})).is_empty() && with(&json!({"state": "MA"})).is_empty());
    }

    #[test]
    fn an_account_with_nodes_asks_for_node_and_location() {
        let nodes = ["HQ".to_owned()];
        let body = |body: Value| check_invitation(body.as_object().unwrap(), &nodes);
        let bare = json!({"candidate_id": "c", "package": "p"});
        assert_eq!(body(bare.clone()).unwrap_err().messages, ["node is required", "work_locations is required"]);
        assert!(check_invitation(bare.as_object().unwrap(), &[]).is_ok());
        let full = json!({"candidate_id": "c", "package": "p", "node": "HQ", "work_locations": [{"state": "CA"}]});
        assert!(body(full).is_ok());
    }
}
