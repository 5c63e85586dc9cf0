//! JSON held against a description of it: required and optional fields, their types, and nothing else.

use serde_json::{Map, Value};
use url::Url;

/// What a value may be.
pub(super) enum Kind {
    Text,
    /// A text that is not empty.
    Name,
    /// An absolute http or https address.
    Link,
    /// An RFC 3339 date and time.
    Date,
    /// An int64, never with a fraction.
    Whole,
    OneOf(&'static [&'static str]),
    Object(&'static [Field]),
    /// A list with the fewest and the most elements it may have.
    List(&'static Kind, usize, usize),
}

/// One field of an object.
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    required: bool,
}

pub(super) const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

pub(super) const fn optional(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

/// Everything that is wrong with `value`, which goes by the name `at`. Values are not repeated,
/// because they may be about a person.
pub(super) fn problems(at: &str, value: &Value, kind: &Kind) -> Vec<String> {
    let mut found = Vec::new();
    check(at, value, kind, &mut found);
    found
}

fn check(at: &str, value: &Value, kind: &Kind, found: &mut Vec<String>) {
    let text = value.as_str();
    let good = match kind {
        Kind::Text => text.is_some(),
        Kind::Name => text.is_some_and(|text| !text.is_empty()),
        Kind::Link => text.is_some_and(is_link),
        Kind::Date => text.is_some_and(is_date),
        Kind::Whole => value.as_i64().is_some(),
        Kind::OneOf(words) => text.is_some_and(|text| words.contains(&text)),
        Kind::Object(fields) => {
            return match value.as_object() {
                Some(object) => check_fields(at, object, fields, found),
                None => found.push(format!("{at} is not an object")),
            };
        }
        Kind::List(element, least, most) => {
            let elements = value.as_array().map(Vec::as_slice);
            for one in elements.unwrap_or_default() {
                check(&format!("{at}[]"), one, element, found);
            }
            elements.is_some_and(|all| (*least..=*most).contains(&all.len()))
        }
    };
    if !good {
        found.push(format!("{at} is not {}", name_of(kind)));
    }
}

fn check_fields(at: &str, object: &Map<String, Value>, fields: &[Field], found: &mut Vec<String>) {
    for field in fields {
        match object.get(field.name) {
            Some(value) => check(&format!("{at}.{}", field.name), value, &field.kind, found),
            None if field.required => found.push(format!("{at}.{} is missing", field.name)),
            None => {}
        }
    }
    let unknown = object.keys().filter(|key| !fields.iter().any(|field| field.name == key.as_str()));
    found.extend(unknown.map(|key| format!("{at}.{key} is no field of it")));
}

fn name_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text => "a string",
        Kind::Name => "a string with something in it",
        Kind::Link => "an absolute http or https address",
        Kind::Date => "an RFC 3339 date and time",
        Kind::Whole => "a whole number of 64 bits",
        Kind::OneOf(_) => "one of the words allowed",
        Kind::Object(_) => "an object",
        Kind::List(..) => "a list of the right length",
    }
}

fn is_link(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| ["http", "https"].contains(&url.scheme()))
}

/// The parser alone would also take a space between date and time, and a time without seconds.
fn is_date(text: &str) -> bool {
    let long = text.len() >= "2026-01-05T09:00:00Z".len() && text.as_bytes().get(10) == Some(&b'T');
    long && text.parse::<jiff::Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_date_is_rfc_3339_and_a_link_is_absolute() {
        for good in ["2026-01-05T09:00:00Z", "2026-01-05T09:00:00.123+05:30"] {
            assert!(is_date(good), "{good}");
        }
        for wrong in ["2026-01-05", "2026-01-05 09:00:00Z", "2026-01-05T09:00:00", "2026-01-05T09:00Z", "soon"] {
            assert!(!is_date(wrong), "{wrong}");
        }
        assert!(is_link("https://a.example/packages/{id}"));
        assert!(!is_link("/packages") && !is_link("ftp://a.example"));
    }

    #[test]
    fn whole_numbers_have_no_fraction_and_lists_have_their_length() {
        let wrong = |value: Value, kind: &Kind| problems("x", &value, kind).len();
        assert_eq!(wrong(json!(7), &Kind::Whole), 0);
        assert_eq!(wrong(json!(7.5), &Kind::Whole), 1);
        assert_eq!(wrong(json!("7"), &Kind::Whole), 1);
        assert_eq!(wrong(json!([]), &Kind::List(&Kind::Text, 1, 2)), 1);
        assert_eq!(wrong(json!(["a", 1]), &Kind::List(&Kind::Text, 1, 2)), 1);
    }

    #[test]
    fn a_missing_field_an_unknown_one_and_a_null_are_three_problems() {
        const KIND: Kind = Kind::Object(&[required("a", Kind::Text), optional("b", Kind::Text)]);
        assert_eq!(problems("x", &json!({"a": ""}), &KIND), Vec::<String>::new());
        let found = problems("x", &json!({"b": null, "c": 1}), &KIND);
        assert_eq!(found, ["x.a is missing", "x.b is not a string", "x.c is no field of it"]);
    }
}
