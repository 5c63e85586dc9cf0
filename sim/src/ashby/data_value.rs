//! Ashby's one shape for everything a partner reports, `DataValue`, checked to the letter.

use serde_json::{Map, Value};

/// The complete list in Ashby's OpenAPI; there is no date, percentage, file or HTML.
const TYPES: [&str; 5] = ["numeric_score", "numeric_duration_minutes", "url", "string", "boolean_success"];

const KEYS: [&str; 5] = ["identifier", "label", "description", "type", "value"];

/// One labelled value on the assessment's card.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The partner's key for this field.
    pub identifier: String,
    /// What the recruiter reads beside the value.
    pub label: String,
    /// One of the five types.
    pub kind: String,
    /// The value.
    pub value: Value,
}

impl Row {
    /// The value as the recruiter reads it.
    #[must_use]
    pub fn text(&self) -> String {
        self.value.as_str().map_or_else(|| self.value.to_string(), str::to_owned)
    }
}

/// Reads one value; every fault found is added to `problems`, prefixed by the field's name.
pub(super) fn read(field: &str, value: &Value, problems: &mut Vec<String>) -> Option<Row> {
    let Some(object) = value.as_object() else {
        problems.push(format!("{field} is not an object"));
        return None;
    };
    let before = problems.len();
    for key in object.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        problems.push(format!("{field} has the unknown key {key:?}"));
    }
    if object.get("description").is_some_and(|text| !text.is_string()) {
        problems.push(format!("{field}.description is not a string"));
    }
    let mut text = |key| required_text(field, object, key, problems);
    let (identifier, label, kind) = (text("identifier"), text("label"), text("type"));
    let value = object.get("value").cloned().unwrap_or_default();
    check_pairing(field, kind.as_deref(), &value, problems);
    let (identifier, label, kind) = (identifier?, label?, kind?);
    (problems.len() == before).then_some(Row { identifier, label, kind, value })
}

fn required_text(field: &str, object: &Map<String, Value>, key: &str, problems: &mut Vec<String>) -> Option<String> {
    let text = object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    if text.is_none() {
        problems.push(format!("{field}.{key} is missing, empty or not a string"));
    }
    text.map(str::to_owned)
}

fn check_pairing(field: &str, kind: Option<&str>, value: &Value, problems: &mut Vec<String>) {
    let Some(kind) = kind else { return };
    if !TYPES.contains(&kind) {
        problems.push(format!("{field}.type {kind:?} is none of Ashby's five"));
        return;
    }
    let fits = match kind {
        "boolean_success" => value.is_boolean(),
        "string" => value.is_string(),
        "url" => value.as_str().is_some_and(is_url),
        _ => value.is_number(),
    };
    if !fits {
        problems.push(format!("{field}.value does not fit the type {kind:?}"));
    }
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problems(kind: &str, value: &Value) -> Vec<String> {
        let mut problems = Vec::new();
        let body = json!({"identifier": "i", "label": "l", "type": kind, "value": value});
        read("x", &body, &mut problems);
        problems
    }

    #[test]
    fn every_type_takes_its_own_kind_of_value_and_no_other() {
        assert!(problems("string", &json!("Clear")).is_empty());
        assert!(problems("url", &json!("https://a.example/r")).is_empty());
        assert!(problems("numeric_score", &json!(7.5)).is_empty());
        assert!(problems("boolean_success", &json!(true)).is_empty());
        for (kind, value) in [
            ("string", json!(1)),
            ("url", json!("report.pdf")),
            ("numeric_score", json!("7")),
            ("boolean_success", json!("true")),
            ("date", json!("2026-01-01")),
            ("string", Value::Null),
        ] {
            assert_eq!(problems(kind, &value).len(), 1, "{kind} {value}");
        }
    }

    #[test]
    fn a_missing_label_and_a_misspelt_key_are_both_named() {
        let mut problems = Vec::new();
        let body = json!({"identifier": "i", "lable": "l", "type": "string", "value": "v"});
        assert_eq!(read("x", &body, &mut problems), None);
        assert_eq!(problems.len(), 2);
    }
}
