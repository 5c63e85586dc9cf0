//! The body of `assessment.update`, held against Ashby's rules for it.

use super::data_value::{self, Row};
use serde_json::{Map, Value};
use std::collections::HashSet;

const KEYS: [&str; 7] = [
    "assessment_id",
    "timestamp",
    "assessment_status",
    "assessment_profile_url",
    "assessment_result",
    "cancelled_reason",
    "metadata",
];

/// An update that keeps every rule that can be checked without knowing the assessment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Update {
    pub(super) assessment_id: String,
    pub(super) timestamp: i64,
    pub(super) status: Option<Row>,
    pub(super) profile_url: Option<Row>,
    pub(super) result: Option<Row>,
    pub(super) cancelled_reason: Option<Row>,
    pub(super) metadata: Vec<Row>,
}

impl Update {
    /// Every value in it.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Row> {
        let single = [&self.status, &self.profile_url, &self.result, &self.cancelled_reason];
        single.into_iter().flatten().chain(&self.metadata)
    }
}

/// Reads an update, or says everything that is wrong with it.
pub(super) fn read(body: &Value) -> Result<Update, Vec<String>> {
    let Some(body) = body.as_object() else {
        return Err(vec!["the body is not a JSON object".into()]);
    };
    let mut problems = Vec::new();
    let unknown = body.keys().filter(|key| !KEYS.contains(&key.as_str()));
    problems.extend(unknown.map(|key| format!("unknown key {key:?}")));
    let update = read_fields(body, &mut problems);
    check_presence(body, &mut problems);
    check_metadata(&update.metadata, &mut problems);
    if problems.is_empty() { Ok(update) } else { Err(problems) }
}

fn read_fields(body: &Map<String, Value>, problems: &mut Vec<String>) -> Update {
    let id = body.get("assessment_id").and_then(Value::as_str).unwrap_or_default();
    if id.is_empty() {
        problems.push("assessment_id is missing or not a string".into());
    }
    let timestamp = body.get("timestamp").and_then(Value::as_i64);
    if timestamp.is_none() {
        problems.push("timestamp is missing or not an integer".into());
    }
    let mut row = |key| given(body, key).and_then(|value| data_value::read(key, value, problems));
    let status = row("assessment_status");
    let profile_url = row("assessment_profile_url");
    let (result, cancelled_reason) = (row("assessment_result"), row("cancelled_reason"));
    if profile_url.as_ref().is_some_and(|url| url.kind != "url") {
        problems.push("assessment_profile_url is not of type url".into());
    }
    Update {
        assessment_id: id.to_owned(),
        timestamp: timestamp.unwrap_or_default(),
        status,
        profile_url,
        result,
        cancelled_reason,
        metadata: read_metadata(body, problems),
    }
}

/// The newer reference allows `null` for what is left out.
fn given<'a>(body: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    body.get(key).filter(|value| !value.is_null())
}

fn read_metadata(body: &Map<String, Value>, problems: &mut Vec<String>) -> Vec<Row> {
    let Some(metadata) = given(body, "metadata") else {
        return Vec::new();
    };
    let Some(rows) = metadata.as_array() else {
        problems.push("metadata is not an array".into());
        return Vec::new();
    };
    rows.iter().filter_map(|row| data_value::read("metadata[]", row, problems)).collect()
}

fn check_presence(body: &Map<String, Value>, problems: &mut Vec<String>) {
    let has = |key| given(body, key).is_some();
    if !has("assessment_status") && !has("cancelled_reason") {
        problems.push("assessment_status is required unless cancelled_reason is given".into());
    }
    if has("assessment_result") && !has("assessment_profile_url") {
        problems.push("assessment_profile_url is required with assessment_result".into());
    }
}

fn check_metadata(rows: &[Row], problems: &mut Vec<String>) {
    let mut seen = HashSet::new();
    for row in rows.iter().filter(|row| !seen.insert(row.identifier.as_str())) {
        problems.push(format!("metadata has two rows called {:?}", row.identifier));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(value: &str) -> Value {
        json!({"identifier": value, "label": "L", "type": "string", "value": value})
    }

    #[test]
    fn a_status_or_a_reason_for_the_end_is_required() {
        assert!(read(&json!({"assessment_id": "a", "timestamp": 1})).is_err());
        let null = json!({"assessment_id": "a", "timestamp": 1, "assessment_status": null});
        assert!(read(&null).is_err());
        let status = json!({"assessment_id": "a", "timestamp": 1, "assessment_status": text("s")});
        assert!(read(&status).is_ok());
        let ended = json!({"assessment_id": "a", "timestamp": 1, "cancelled_reason": text("s")});
        assert!(read(&ended).is_ok());
    }

    #[test]
    fn a_result_needs_a_link_and_the_link_must_be_one() {
        let mut body = json!({"assessment_id": "a", "timestamp": 1,
            "assessment_status": text("s"), "assessment_result": text("Clear")});
        assert!(read(&body).is_err());
        body["assessment_profile_url"] = text("https://a.example");
        assert_eq!(read(&body).unwrap_err(), ["assessment_profile_url is not of type url"]);
        body["assessment_profile_url"]["type"] = json!("url");
        assert!(read(&body).is_ok());
    }

    #[test]
    fn a_time_is_a_whole_number_and_nothing_is_misspelt_or_doubled() {
        for wrong in [
            json!({"assessment_id": "a", "timestamp": "1", "assessment_status": text("s")}),
            json!({"assessment_id": "a", "timestamp": 1.5, "assessment_status": text("s")}),
            json!({"assessment_id": "a", "timestamp": 1, "status": 1, "assessment_status": text("s")}),
            json!({"assessment_id": "a", "timestamp": 1, "assessment_status": text("s"),
                "metadata": [text("m"), text("m")]}),
        ] {
            assert_eq!(read(&wrong).unwrap_err().len(), 1, "{wrong}");
        }
    }
}
