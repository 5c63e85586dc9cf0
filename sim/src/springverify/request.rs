//! The body of `candidate/add`, held against the vendor's rules for it.

use serde_json::{Value, json};

/// What the account asks of every candidate.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    /// `EMAIL`, `PHONE`, `EMPLOYEE_ID`.
    pub(super) required_fields: Vec<String>,
    pub(super) email_optional: bool,
    pub(super) subtype_ids: Vec<i64>,
}

/// A candidate who may be added.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NewCandidate {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) employee_id: String,
    pub(super) subtype_id: i64,
    pub(super) meta_data: Value,
}

/// Reads a body, or lists its errors as the vendor does: `{path, msg}`.
pub(super) fn read(body: &Value, rules: &Rules) -> Result<NewCandidate, Vec<Value>> {
    let mut errors = Vec::new();
    let mut text = |key| text(body, key, &mut errors);
    let new = NewCandidate {
        name: text("name"),
        email: text("email"),
        phone: text("phone"),
        employee_id: text("employee_id"),
        subtype_id: subtype_id(body, rules, &mut errors),
        meta_data: body.pointer("/candidate/meta_data").cloned().unwrap_or_default(),
    };
    check(&new, rules, &mut errors);
    if errors.is_empty() { Ok(new) } else { Err(errors) }
}

fn text(body: &Value, key: &str, errors: &mut Vec<Value>) -> String {
    match body.pointer(&format!("/candidate/{key}")) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(_) => {
            errors.push(error(key, "must be a string"));
            String::new()
        }
    }
}

fn subtype_id(body: &Value, rules: &Rules, errors: &mut Vec<Value>) -> i64 {
    let id = body.pointer("/package/subtype_id").and_then(Value::as_i64);
    id.filter(|id| rules.subtype_ids.contains(id)).unwrap_or_else(|| {
        errors.push(json!({"path": "package.subtype_id", "msg": "Invalid subtype"}));
        0
    })
}

fn check(new: &NewCandidate, rules: &Rules, errors: &mut Vec<Value>) {
    let keys = [("email", &new.email), ("phone", &new.phone), ("employee_id", &new.employee_id)];
    let missing = keys.into_iter().filter(|(key, text)| text.is_empty() && rules.require(key));
    errors.extend(missing.map(|(key, _)| error(key, "is required")));
    if !is_name(&new.name) {
        errors.push(error("name", "must be letters, spaces, dots and hyphens, at least 2"));
    }
    if !new.email.is_empty() && !is_email(&new.email) {
        errors.push(error("email", "must be a valid email"));
    }
    if !new.phone.is_empty() && !is_indian_mobile(&new.phone) {
        errors.push(error("phone", "must be a 10-digit mobile number"));
    }
}

impl Rules {
    fn require(&self, key: &str) -> bool {
        let listed = self.required_fields.iter().any(|field| field.eq_ignore_ascii_case(key));
        listed && !(key == "email" && self.email_optional)
    }
}

fn error(key: &str, msg: &str) -> Value {
    json!({"path": format!("candidate.{key}"), "msg": format!("{key} {msg}")})
}

/// "Letters" is read as ASCII: the stricter reading.
fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphabetic() || " .-".contains(c);
    name.trim().len() >= 2 && name.chars().all(allowed)
}

fn is_email(email: &str) -> bool {
    let host = |host: &str| host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    let parts = email.split_once('@');
    parts.is_some_and(|(user, at)| !user.is_empty() && !at.contains('@') && host(at))
        && !email.contains(char::is_whitespace)
}

/// Ten digits, without `91`, `0` or `+91`; Indian mobile numbers start with 6 to 9.
fn is_indian_mobile(phone: &str) -> bool {
    let digits = phone.len() == 10 && phone.bytes().all(|byte| byte.is_ascii_digit());
    digits && phone.starts_with(['6', '7', '8', '9'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        let required_fields = vec!["EMAIL".into(), "PHONE".into()];
        Rules { required_fields, email_optional: false, subtype_ids: vec![4238] }
    }

    fn paths(candidate: &Value, subtype: i64) -> Vec<String> {
        let body = json!({"candidate": candidate, "package": {"subtype_id": subtype}});
        let errors = read(&body, &rules()).err().unwrap_or_default();
        errors.iter().map(|error| error["path"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_phone_is_ten_digits_without_any_prefix() {
        for phone in ["+919876543210", "919876543210", "09876543210", "1234567890", "98765 4321"] {
            let candidate = json!({"name": "Asha Rao", "email": "a@b.in", "phone": phone});
            assert_eq!(paths(&candidate, 4238), ["candidate.phone"], "{phone}");
        }
    }

    #[test]
    fn every_fault_of_a_body_is_listed() {
        let candidate = json!({"name": "R2-D2!", "email": "nobody"});
        let all = ["package.subtype_id", "candidate.phone", "candidate.name", "candidate.email"];
        assert_eq!(paths(&candidate, 1), all);
    }

    #[test]
    fn an_account_may_do_without_email_or_ask_for_more() {
        let body = json!({"candidate": {"name": "Asha", "phone": "9876543210"},
            "package": {"subtype_id": 4238}});
        let optional = Rules { email_optional: true, ..rules() };
        assert!(read(&body, &optional).is_ok());
        let more = Rules { required_fields: vec!["EMPLOYEE_ID".into()], ..rules() };
        assert_eq!(read(&body, &more).unwrap_err()[0]["path"], "candidate.employee_id");
    }
}
