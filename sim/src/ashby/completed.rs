//! The body of `assessment.addCompletedToCandidate`, read as its schema has it: camelCase, unlike an update.

use super::data_value;
use super::update::Update;
use serde_json::{Map, Value};
use uuid::Uuid;

/// A completed check that Ashby did not start.
pub(super) struct Added {
    pub(super) candidate_id: String,
    /// The same as the update that would have completed it.
    pub(super) update: Update,
}

/// What the body says, and what is wrong with it.
pub(super) fn read(body: &Value) -> (Added, Vec<String>) {
    let mut problems = Vec::new();
    let empty = Map::new();
    let body = body.as_object().unwrap_or(&empty);
    known(body, "", &["candidateId", "partnerId", "timestamp", "assessment"], &mut problems);
    let candidate_id = id(body, "candidateId", &mut problems);
    id(body, "partnerId", &mut problems);
    let timestamp = body.get("timestamp").and_then(Value::as_i64);
    if timestamp.is_none() {
        problems.push("timestamp is missing or not an integer".into());
    }
    let assessment = body.get("assessment").and_then(Value::as_object).unwrap_or(&empty);
    let fields = ["assessmentTypeId", "assessmentId", "assessmentName", "result", "metadata"];
    known(assessment, "assessment.", &fields, &mut problems);
    id(assessment, "assessmentTypeId", &mut problems);
    let assessment_id = id(assessment, "assessmentId", &mut problems);
    if assessment.get("assessmentName").and_then(Value::as_str).is_none_or(str::is_empty) {
        problems.push("assessment.assessmentName is missing".into());
    }
    let result = assessment.get("result").cloned().unwrap_or_default();
    let result = data_value::read("assessment.result", &result, &mut problems);
    let rows = assessment.get("metadata").and_then(Value::as_array);
    if rows.is_none() {
        problems.push("assessment.metadata is missing or no array".into());
    }
    let mut row = |value| data_value::read("assessment.metadata[]", value, &mut problems);
    let metadata = rows.into_iter().flatten().filter_map(&mut row).collect();
    let timestamp = timestamp.unwrap_or_default();
    let (status, profile_url, cancelled_reason) = (None, None, None);
    let update = Update { assessment_id, timestamp, status, profile_url, result, cancelled_reason, metadata };
    (Added { candidate_id, update }, problems)
}

fn known(object: &Map<String, Value>, at: &str, keys: &[&str], problems: &mut Vec<String>) {
    for key in object.keys().filter(|key| !keys.contains(&key.as_str())) {
        problems.push(format!("unknown key {at}{key}"));
    }
}

fn id(object: &Map<String, Value>, key: &str, problems: &mut Vec<String>) -> String {
    let given = object.get(key).and_then(Value::as_str).unwrap_or_default();
    if Uuid::parse_str(given).is_err() {
        problems.push(format!("{key} is missing or no UUID"));
    }
    given.to_owned()
}
