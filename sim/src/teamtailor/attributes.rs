//! The attributes of a partner result, held against Teamtailor's rules for them.

use serde_json::{Map, Value};

/// Where attributes came from: an update takes them all, the answer to a webhook only some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Update,
    Answer,
}

/// Not in the table of what an answer may carry: `summary`, `url`, `label` and the rest.
const IN_ANSWERS: [&str; 5] = ["status", "assessment", "details", "attachments", "criteria"];
const STATUSES: [&str; 5] = ["sending", "sent", "pending", "completed", "failed"];
const GRADES: [&str; 4] = ["top_fit", "might_be_fit", "might_not_be_fit", "unknown"];
const LABEL_CHARS: usize = 255;
const DETAILS_DEPTH: usize = 2;

/// Everything that is wrong with the attributes of an update or an answer.
pub(super) fn problems(attributes: &Value, place: Place) -> Vec<String> {
    let Some(attributes) = attributes.as_object() else {
        return vec!["the attributes are not an object".into()];
    };
    attributes.iter().flat_map(|(key, value)| one(key, value, place)).collect()
}

fn one(key: &str, value: &Value, place: Place) -> Vec<String> {
    if place == Place::Answer && !IN_ANSWERS.contains(&key) {
        return vec![format!("{key} is not taken from an answer")];
    }
    match key {
        "status" => say(is_one_of(value, &STATUSES), "status is none of the five"),
        "candidate-id" => vec!["candidate-id cannot be changed".into()],
        "job-id" => say(value.as_u64().is_some_and(|id| id > 0), "job-id is not numeric"),
        "summary" => say(value.is_string(), "summary is not a string"),
        "url" => say(is_web_url(value), "url is not an http(s) URL"),
        "label" => say(is_label(value), "label is not a string of at most 255 characters"),
        "assessment" => assessment(value, place),
        "details" => {
            say(value.is_object() && depth(value) <= DETAILS_DEPTH, "details is no object of at most 2 levels")
        }
        "attachments" => each(key, value, attachment),
        "actions" => each(key, value, action),
        "assessment-criteria" => each(key, value, assessment_criterion),
        "criteria" => criteria(value),
        _ => vec![format!("unknown attribute {key:?}")],
    }
}

fn say(right: bool, problem: &str) -> Vec<String> {
    if right { Vec::new() } else { vec![problem.into()] }
}

pub(super) fn is_one_of(value: &Value, all: &[&str]) -> bool {
    value.as_str().is_some_and(|text| all.contains(&text))
}

/// An absolute `http` or `https` URL with a host.
pub(super) fn is_web_url(value: &Value) -> bool {
    let url = value.as_str().and_then(|text| url::Url::parse(text).ok());
    url.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn is_label(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.chars().count() <= LABEL_CHARS)
}

/// Whether decimals are taken as a score is not public, so they are not.
fn is_score(value: &Value) -> bool {
    value.as_u64().is_some_and(|score| score <= 100)
}

fn assessment(value: &Value, place: Place) -> Vec<String> {
    let Some(parts) = value.as_object() else {
        return vec!["assessment is not an object".into()];
    };
    let part = |(key, value): (&String, &Value)| match key.as_str() {
        "score" => say(is_score(value), "assessment.score is not a whole number from 0 to 100"),
        _ if place == Place::Answer => vec![format!("assessment.{key} is not taken from an answer")],
        "grade" => say(value.is_null() || is_one_of(value, &GRADES), "assessment.grade is none of the four"),
        "duration" => say(seconds(value).is_some(), "assessment.duration is neither seconds nor HH:MM:SS"),
        _ => vec![format!("unknown attribute assessment.{key}")],
    };
    parts.iter().flat_map(part).collect()
}

/// A duration in seconds; it may be written as a number or as `HH:MM:SS`.
pub(super) fn seconds(duration: &Value) -> Option<u64> {
    if let Some(seconds) = duration.as_u64() {
        return Some(seconds);
    }
    let mut parts = duration.as_str()?.splitn(3, ':').map(|part| part.parse::<u64>().ok().filter(|_| part.len() == 2));
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    (minutes < 60 && seconds < 60).then_some(hours * 3600 + minutes * 60 + seconds)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(parts) => 1 + parts.values().map(depth).max().unwrap_or_default(),
        Value::Array(parts) => 1 + parts.iter().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

fn each(key: &str, value: &Value, right: impl Fn(&Map<String, Value>) -> bool) -> Vec<String> {
    let Some(list) = value.as_array() else {
        return vec![format!("{key} is not an array")];
    };
    let wrong = list.iter().filter(|one| !one.as_object().is_some_and(&right));
    wrong.map(|one| format!("{key} has a wrong entry with keys {:?}", keys(one))).collect()
}

/// Only the names: a violation is printed, and values may be about a person.
fn keys(one: &Value) -> Vec<&str> {
    one.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect()
}

fn has_exactly(one: &Map<String, Value>, keys: &[&str]) -> bool {
    one.len() == keys.len() && keys.iter().all(|key| one.get(*key).is_some_and(Value::is_string))
}

fn attachment(one: &Map<String, Value>) -> bool {
    has_exactly(one, &["url", "description"]) && one.get("url").is_some_and(is_web_url)
}

fn action(one: &Map<String, Value>) -> bool {
    let filled = one.values().all(|value| value.as_str().is_some_and(|text| !text.is_empty()));
    filled && has_exactly(one, &["buttonText", "endpoint"]) && !one.get("endpoint").is_some_and(is_web_url)
}

fn assessment_criterion(one: &Map<String, Value>) -> bool {
    let known = one.keys().all(|key| matches!(key.as_str(), "id" | "score"));
    known && one.get("id").is_some_and(Value::is_string) && one.get("score").is_none_or(is_score)
}

fn criteria(value: &Value) -> Vec<String> {
    let Some(criteria) = value.as_object() else {
        return vec!["criteria is not an object".into()];
    };
    let wrong = criteria.iter().filter(|(_, value)| !value.is_string() && !value.is_number());
    wrong.map(|(id, _)| format!("criteria.{id} is neither an outcome id nor a number")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wrong(attributes: &Value) -> usize {
        problems(attributes, Place::Update).len()
    }

    #[test]
    fn a_full_update_keeps_every_rule() {
        let full = json!({"status": "completed", "summary": "Clear", "url": "https://r.example/1", "label": "Basic",
            "job-id": 7, "assessment": {"score": 100, "grade": "top_fit", "duration": "01:00:05"},
            "details": {"Identity": {"Result": "Clear"}, "Court": "Clear"},
            "attachments": [{"url": "https://r.example/1.pdf", "description": "Report"}],
            "actions": [{"buttonText": "Cancel", "endpoint": "actions/cancel"}],
            "assessment-criteria": [{"id": "overall", "score": 5}, {"id": "other"}],
            "criteria": {"report_decision": "clear", "risk": 3.5}});
        assert_eq!(problems(&full, Place::Update), Vec::<String>::new());
    }

    #[test]
    fn each_rule_that_is_broken_is_one_problem() {
        for attributes in [
            json!({"status": "done"}),
            json!({"status": null}),
            json!({"candidate-id": 5}),
            json!({"job-id": "7"}),
            json!({"summary": null}),
            json!({"url": "ftp://r.example"}),
            json!({"url": "r.example"}),
            json!({"label": "x".repeat(256)}),
            json!({"assessment": 5}),
            json!({"assessment": {"score": 101}}),
            json!({"assessment": {"score": -1}}),
            json!({"assessment": {"score": 7.5}}),
            json!({"assessment": {"score": "7"}}),
            json!({"assessment": {"grade": "passed"}}),
            json!({"assessment": {"duration": "1:00"}}),
            json!({"assessment": {"label": "x"}}),
            json!({"details": "x"}),
            json!({"details": {"a": {"b": {"c": 1}}}}),
            json!({"details": {"a": [{"c": 1}]}}),
            json!({"attachments": {}}),
            json!({"attachments": [{"url": "https://r.example"}]}),
            json!({"attachments": [{"url": "https://r.example", "description": "d", "name": "n"}]}),
            json!({"attachments": [{"url": "/r.pdf", "description": "d"}]}),
            json!({"actions": [{"button_text": "Cancel", "endpoint": "x"}]}),
            json!({"actions": [{"buttonText": "Cancel", "endpoint": "https://x.example"}]}),
            json!({"actions": [{"buttonText": "", "endpoint": "x"}]}),
            json!({"assessment-criteria": [{"score": 5}]}),
            json!({"assessment-criteria": [{"id": "a", "score": 500}]}),
            json!({"criteria": {"a": {"b": "c"}}}),
            json!({"criteria": {"a": true}}),
            json!({"criteria": []}),
            json!({"assessment_criteria": []}),
            json!([]),
        ] {
            assert_eq!(wrong(&attributes), 1, "{attributes}");
        }
    }

    #[test]
    fn a_grade_may_be_taken_back_and_a_label_may_be_just_long_enough() {
        assert_eq!(wrong(&json!({"assessment": {"grade": null}, "label": "é".repeat(255)})), 0);
    }

    #[test]
    fn an_answer_takes_less_than_an_update() {
        let answer = |attributes: &Value| problems(attributes, Place::Answer).len();
        assert_eq!(answer(&json!({"status": "pending", "assessment": {"score": 1}, "criteria": {"a": "b"}})), 0);
        assert_eq!(answer(&json!({"summary": "Clear"})), 1);
        assert_eq!(answer(&json!({"url": "https://r.example"})), 1);
        assert_eq!(answer(&json!({"assessment": {"score": 1, "grade": "top_fit"}})), 1);
        assert_eq!(answer(&json!({"status": "invited"})), 1);
    }

    #[test]
    fn a_duration_is_read_back_in_seconds() {
        assert_eq!(seconds(&json!("01:00:05")), Some(3605));
        assert_eq!(seconds(&json!(12)), Some(12));
        assert_eq!(seconds(&json!("00:60:00")), None);
        assert_eq!(seconds(&json!("+1:00:00:00")), None);
    }
}
