//! The fields of a form: those of the activation form and those of the pop-up keep the same rules.

use super::attributes::is_one_of;
use serde_json::Value;
use std::collections::HashSet;

const TYPES: [&str; 23] = [
    "checkbox",
    "color",
    "date",
    "datetime",
    "datetime-local",
    "email",
    "file",
    "infobox",
    "error",
    "hidden",
    "month",
    "number",
    "password",
    "radio",
    "range",
    "reset",
    "search",
    "select",
    "multiselect",
    "tel",
    "text",
    "url",
    "week",
];
const ICONS: [&str; 5] = ["info", "error", "warning", "success", "default"];
const BOOLS: [&str; 3] = ["required", "disabled", "refetch"];

/// Everything that is wrong with a list of fields.
pub(super) fn problems(fields: Option<&Value>) -> Vec<String> {
    let Some(fields) = fields.and_then(Value::as_array) else {
        return vec!["fields is not an array".into()];
    };
    let mut seen = HashSet::new();
    let mut problems: Vec<String> = fields.iter().flat_map(one).collect();
    for id in fields.iter().filter(|field| is_input(field)).map(sent_as) {
        if !id.is_empty() && !seen.insert(id.clone()) {
            problems.push(format!("two fields are sent as {id:?}"));
        }
    }
    problems
}

/// Whether a person can fill it in.
pub(super) fn is_input(field: &Value) -> bool {
    !is_one_of(kind(field), &["infobox", "error"])
}

/// The id of a field.
pub(super) fn id(field: &Value) -> &str {
    field.get("id").and_then(Value::as_str).unwrap_or_default()
}

/// Whether it has to be filled in; the docs write `true` and `"true"`.
pub(super) fn is_required(field: &Value) -> bool {
    field.get("required").is_some_and(|required| required == true || required == "true")
}

fn kind(field: &Value) -> &Value {
    field.get("type").unwrap_or(&Value::Null)
}

/// The key under which its value comes back in `webhook-data`.
fn sent_as(field: &Value) -> String {
    id(field).replace('_', "-")
}

fn one(field: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let mut say = |right: bool, problem: &str| {
        if !right {
            problems.push(format!("field {:?}: {problem}", id(field)));
        }
    };
    say(is_one_of(kind(field), &TYPES), "its type is none of Teamtailor's");
    say(is_filled(field, "label") || !needs_label(field), "it has no label");
    say(!is_input(field) || is_filled(field, "id"), "it has no id");
    for key in BOOLS {
        let value = field.get(key);
        let right = value.is_none_or(|v| v.is_boolean() || is_one_of(v, &["true", "false"]));
        say(right, &format!("{key} is neither true nor false"));
    }
    match kind(field).as_str() {
        Some("infobox") => {
            say(is_filled(field, "content"), "an infobox needs content");
            say(field.get("icon").is_none_or(|icon| is_one_of(icon, &ICONS)), "its icon is none of Teamtailor's");
        }
        Some("error") => say(is_filled(field, "message"), "an error needs a message"),
        Some("select" | "multiselect") => problems.extend(choices(field)),
        _ => {}
    }
    problems
}

fn needs_label(field: &Value) -> bool {
    is_input(field) && kind(field) != "hidden"
}

/// Whether a key holds a text that is not empty.
pub(super) fn is_filled(one: &Value, key: &str) -> bool {
    one.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
}

fn choices(field: &Value) -> Vec<String> {
    let groups = field.get("optgroups").and_then(Value::as_array);
    let grouped = groups.into_iter().flatten().map(|group| group.get("options"));
    let lists = field.get("options").map(Some).into_iter().chain(grouped);
    let (mut problems, mut seen, mut any) = (Vec::new(), HashSet::new(), false);
    for list in lists {
        let Some(options) = list.and_then(Value::as_array) else {
            problems.push(format!("field {:?}: options is not an array", id(field)));
            continue;
        };
        any = true;
        for option in options {
            let key = option.get("id").filter(|key| key.is_string() || key.is_number());
            if key.is_none() || !is_filled(option, "label") {
                problems.push(format!("field {:?}: an option lacks id or label", id(field)));
            } else if !seen.insert(key.map(plain)) {
                problems.push(format!("field {:?}: two options have one id", id(field)));
            }
        }
    }
    if !any && problems.is_empty() {
        problems.push(format!("field {:?}: it has no options", id(field)));
    }
    problems
}

/// A value as it comes back: option ids are strings even where they were declared as numbers.
pub(super) fn plain(value: &Value) -> Value {
    if value.is_number() { Value::String(value.to_string()) } else { value.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_package_picker_and_the_fields_without_input_are_right() {
        let fields = json!([
            {"type": "infobox", "content": "<b>Help</b>", "icon": "info"},
            {"type": "error", "message": "No such token", "required": "true"},
            {"id": "package", "type": "select", "label": "Package", "required": true,
                "options": [{"id": "1", "label": "Basic"}, {"id": 2, "label": "Full"}]},
            {"id": "more", "type": "multiselect", "label": "More",
                "optgroups": [{"label": "Court", "options": [{"id": "c", "label": "Civil"}]}]},
            {"id": "hidden", "type": "hidden", "value": "x"},
        ]);
        assert_eq!(problems(Some(&fields)), Vec::<String>::new());
        assert!(problems(Some(&json!([]))).is_empty());
    }

    #[test]
    fn each_rule_that_is_broken_is_one_problem() {
        let select = |options: Value| json!({"id": "p", "type": "select", "label": "P", "options": options});
        for field in [
            json!({"id": "a", "type": "dropdown", "label": "A"}),
            json!({"id": "a", "label": "A"}),
            json!({"type": "text", "label": "A"}),
            json!({"id": "a", "type": "text"}),
            json!({"id": "a", "type": "text", "label": "A", "required": "yes"}),
            json!({"type": "infobox", "icon": "info"}),
            json!({"type": "infobox", "content": "x", "icon": "smile"}),
            json!({"type": "error"}),
            json!({"id": "p", "type": "select", "label": "P"}),
            select(json!({})),
            select(json!([{"id": null, "label": "x"}])),
            select(json!([{"id": "1"}])),
            select(json!([{"id": "1", "label": "x"}, {"id": 1, "label": "y"}])),
        ] {
            assert_eq!(problems(Some(&json!([field]))).len(), 1, "{field}");
        }
        assert_eq!(problems(None).len(), 1);
        let (a, b) =
            (json!({"id": "a_b", "type": "text", "label": "A"}), json!({"id": "a-b", "type": "text", "label": "B"}));
        assert_eq!(problems(Some(&json!([a, b]))), ["two fields are sent as \"a-b\""]);
    }
}
