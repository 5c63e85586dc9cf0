//! What a partner declares: the activation form and the pop-up's config, held against their rules.

use super::attributes::is_one_of;
use super::fields::{self, is_filled};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashSet};

const MAPPED_TYPES: [&str; 8] = ["text", "number", "date", "checkbox", "select", "multiselect", "url", "phone"];

/// Everything that is wrong with an activation form.
pub(super) fn activation_problems(form: &Value) -> Vec<String> {
    let Some(config) = form.get("config").and_then(Value::as_object) else {
        return vec!["the form has no object config".into()];
    };
    let mut problems = unknown_keys(config, &["fields", "customFieldMapping", "validateEndpoint"]);
    problems.extend(form.as_object().into_iter().flat_map(|form| unknown_keys(form, &["config", "validateEndpoint"])));
    problems.extend(fields::problems(config.get("fields")));
    let (inside, beside) = (config.get("validateEndpoint"), form.get("validateEndpoint"));
    if inside.is_some_and(|endpoint| !is_endpoint(endpoint)) {
        problems.push("validateEndpoint is not a path below the base URL".into());
    }
    if beside.is_some() && beside != inside {
        problems.push("validateEndpoint stands beside config and not the same inside it".into());
    }
    problems.extend(config.get("customFieldMapping").into_iter().flat_map(mapping_problems));
    problems
}

fn unknown_keys(object: &Map<String, Value>, known: &[&str]) -> Vec<String> {
    let unknown = object.keys().filter(|key| !known.contains(&key.as_str()));
    unknown.map(|key| format!("unknown key {key:?}")).collect()
}

fn is_endpoint(value: &Value) -> bool {
    value.as_str().is_some_and(|path| !path.is_empty() && !path.starts_with('/') && !path.contains("://"))
}

fn mapping_problems(mapping: &Value) -> Vec<String> {
    let Some(mapping) = mapping.as_array() else {
        return vec!["customFieldMapping is not an array".into()];
    };
    let right = |one: &&Value| {
        let kind = one.get("type").unwrap_or(&Value::Null);
        let needs_options = is_one_of(kind, &["select", "multiselect"]);
        let named = is_filled(one, "name") && is_filled(one, "apiName") && is_one_of(kind, &MAPPED_TYPES);
        named && (!needs_options || one.get("options").is_some_and(Value::is_array))
    };
    let wrong = mapping.iter().filter(|one| !right(one));
    wrong.map(|one| format!("customFieldMapping has an entry Teamtailor skips: {one}")).collect()
}

/// Everything that is wrong with the answer to `GET /config`, or with a config stored on the
/// partner, where the moving criteria go by another name.
pub(super) fn config_problems(body: &Value, stored: bool) -> Vec<String> {
    let Some(config) = config_of(body, stored).and_then(Value::as_object) else {
        return vec!["the answer has no object config".into()];
    };
    let moving = moving_key(stored);
    let mut problems = unknown_keys(config, &["fields", "assessment-criteria", moving]);
    problems.extend(fields::problems(config.get("fields")));
    problems
        .extend(list_problems(config, "assessment-criteria", |one| is_filled(one, "id") && is_filled(one, "label")));
    problems.extend(list_problems(config, moving, is_moving_criterion));
    problems
}

/// No source shows whether a stored config is wrapped once more, as the answer to `/config` is.
pub(super) fn config_of(body: &Value, stored: bool) -> Option<&Value> {
    body.get("config").or(stored.then_some(body))
}

fn moving_key(stored: bool) -> &'static str {
    if stored { "movingCriteria" } else { "moving_criteria" }
}

fn list_problems(config: &Map<String, Value>, key: &str, right: impl Fn(&Value) -> bool) -> Vec<String> {
    let Some(list) = config.get(key) else {
        return Vec::new();
    };
    let Some(list) = list.as_array() else {
        return vec![format!("{key} is not an array")];
    };
    let mut seen = HashSet::new();
    let wrong = list.iter().filter(|one| !right(one) || !seen.insert(fields::id(one)));
    wrong.map(|one| format!("{key} has a wrong entry: {one}")).collect()
}

fn is_moving_criterion(one: &Value) -> bool {
    let outcomes = one.get("outcomes").and_then(Value::as_array);
    let named = is_filled(one, "id") && is_filled(one, "name");
    let right = match one.get("kind").and_then(Value::as_str) {
        Some("outcome") => outcomes.is_some_and(|all| !all.is_empty() && all.iter().all(is_outcome)),
        Some("score") => one.get("range").is_none_or(is_range),
        _ => false,
    };
    named && right
}

fn is_outcome(one: &Value) -> bool {
    is_filled(one, "id") && is_filled(one, "label") && one.get("hint").is_none_or(Value::is_string)
}

fn is_range(range: &Value) -> bool {
    let bound = |key| range.get(key).and_then(Value::as_f64);
    matches!((bound("min"), bound("max")), (Some(min), Some(max)) if min < max)
}

/// The ids that a config declares. Customers store them in their rules, so none may ever disappear.
pub(super) fn promises(config: &Value) -> BTreeSet<String> {
    let criteria = ["moving_criteria", "movingCriteria"].into_iter().filter_map(|key| config.get(key));
    let mut promises = BTreeSet::new();
    for one in criteria.filter_map(Value::as_array).flatten() {
        let (id, kind) = (fields::id(one), one.get("kind").and_then(Value::as_str).unwrap_or_default());
        promises.insert(format!("{id} ({kind})"));
        let outcomes = one.get("outcomes").and_then(Value::as_array);
        promises.extend(outcomes.into_iter().flatten().map(|outcome| format!("{id}: {}", fields::id(outcome))));
    }
    promises
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_form_of_a_token_and_the_empty_form_are_right() {
        let token = json!({"id": "externalTriggerToken", "type": "password", "label": "External Trigger Token"});
        let mapping = json!([{"name": "SSN", "type": "text", "apiName": "ssn"},
            {"name": "Country", "type": "select", "apiName": "country", "options": ["IN"]}]);
        let form = json!({"config": {"fields": [token], "customFieldMapping": mapping,
            "validateEndpoint": "activation/validate"}, "validateEndpoint": "activation/validate"});
        assert_eq!(activation_problems(&form), Vec::<String>::new());
        assert!(activation_problems(&json!({"config": {"fields": []}})).is_empty());
    }

    #[test]
    fn each_rule_of_the_activation_form_that_is_broken_is_one_problem() {
        let mapped = |one: Value| json!({"config": {"fields": [], "customFieldMapping": [one]}});
        for form in [
            json!({"fields": []}),
            json!({"config": {}}),
            json!({"config": {"fields": [], "validate": "x"}}),
            json!({"config": {"fields": []}, "name": "x"}),
            json!({"config": {"fields": [], "validateEndpoint": "https://x.example"}}),
            json!({"config": {"fields": [], "validateEndpoint": ""}}),
            json!({"config": {"fields": []}, "validateEndpoint": "x"}),
            json!({"config": {"fields": [], "customFieldMapping": {}}}),
            mapped(json!({"name": "SSN", "type": "text"})),
            mapped(json!({"name": "SSN", "type": "file", "apiName": "ssn"})),
            mapped(json!({"name": "SSN", "type": "select", "apiName": "ssn"})),
        ] {
            assert_eq!(activation_problems(&form).len(), 1, "{form}");
        }
    }

    #[test]
    fn a_config_may_declare_criteria_of_both_kinds() {
        let moving = json!([{"id": "d", "name": "Decision", "kind": "outcome", "outcomes": [{"id": "clear", "label": "Clear"}]},
            {"id": "n", "name": "Number", "kind": "score", "range": {"min": 0, "max": 5}}]);
        let criteria = json!([{"id": "overall", "label": "Overall"}]);
        let answer = json!({"config": {"fields": [], "assessment-criteria": criteria, "moving_criteria": moving}});
        assert_eq!(config_problems(&answer, false), Vec::<String>::new());
        assert_eq!(config_problems(&answer, true).len(), 1);
        let stored = json!({"config": {"fields": [], "movingCriteria": moving}});
        assert!(config_problems(&stored, true).is_empty());
        assert_eq!(promises(&stored["config"]), ["d (outcome)", "d: clear", "n (score)"].map(String::from).into());
    }

    #[test]
    fn each_rule_of_the_config_that_is_broken_is_one_problem() {
        let moving = |one: Value| json!({"config": {"fields": [], "moving_criteria": [one]}});
        for answer in [
            json!({"fields": []}),
            json!({"config": {}}),
            json!({"config": {"fields": [], "assessment_criteria": []}}),
            json!({"config": {"fields": [], "movingCriteria": []}}),
            json!({"config": {"fields": [], "assessment-criteria": {}}}),
            json!({"config": {"fields": [], "assessment-criteria": [{"id": "a"}]}}),
            json!({"config": {"fields": [], "assessment-criteria": [{"id": "a", "label": "A"}, {"id": "a", "label": "B"}]}}),
            moving(json!({"id": "a", "name": "A", "kind": "text"})),
            moving(json!({"id": "a", "name": "A", "kind": "outcome", "outcomes": []})),
            moving(json!({"id": "a", "name": "A", "kind": "outcome", "outcomes": [{"id": "x"}]})),
            moving(json!({"id": "a", "name": "A", "kind": "score", "range": {"min": 5, "max": 5}})),
            moving(json!({"id": "a", "kind": "score"})),
        ] {
            assert_eq!(config_problems(&answer, false).len(), 1, "{answer}");
        }
    }
}
