//! The calls Ashby makes to a partner, and what it makes of the answers.

use super::super::SimError;
use super::super::caller::{Answer, basic};
use super::super::lock;
use super::SimAshby;
use super::state::State;
use serde_json::{Value, json};
use uuid::Uuid;

/// Every name the custom-field endpoint goes by in public sources.
pub const CUSTOM_FIELD_NAMES: [&str; 4] =
    ["customFields.fetch", "customField.list", "assessment.customField.list", "assessment.customFields.fetch"];

/// What an admin typed into Ashby's screen for one partner, and how Ashby uses it.
#[derive(Clone)]
pub struct Partner {
    base_url: String,
    token: String,
    double_slash: bool,
    presents: Presents,
}

#[derive(Clone, Copy)]
enum Presents {
    Username,
    Password,
    Nothing,
}

impl Partner {
    /// A base URL, with or without a slash at its end, and the token the partner issued.
    #[must_use]
    pub fn new(base_url: &str, token: &str) -> Self {
        let (base_url, token) = (base_url.to_owned(), token.to_owned());
        Self { base_url, token, double_slash: false, presents: Presents::Username }
    }

    /// Joins base and name with two slashes, as happens when both sides bring one.
    #[must_use]
    pub fn with_double_slash(mut self) -> Self {
        self.double_slash = true;
        self
    }

    /// Presents the token as the password.
    #[must_use]
    pub fn with_token_as_password(mut self) -> Self {
        self.presents = Presents::Password;
        self
    }

    /// Presents no credentials at all.
    #[must_use]
    pub fn without_token(mut self) -> Self {
        self.presents = Presents::Nothing;
        self
    }

    fn url(&self, name: &str) -> String {
        let slash = if self.double_slash { "//" } else { "/" };
        format!("{}{slash}{name}", self.base_url.trim_end_matches('/'))
    }

    fn auth(&self) -> Option<String> {
        match self.presents {
            Presents::Username => Some(basic(&self.token, "")),
            Presents::Password => Some(basic("", &self.token)),
            Presents::Nothing => None,
        }
    }
}

impl SimAshby {
    /// An admin presses Refresh: `assessment.list` fills the picker.
    pub async fn refresh(&self, partner: &Partner) -> Answer {
        let answer = self.post(partner, "assessment.list", "{}").await;
        let mut state = lock(&self.state);
        if let Some(list) = list_of(&mut state, "assessment.list", &answer, "results") {
            for one in &list {
                check_type(&mut state, one);
            }
            state.picker = list;
        }
        answer
    }

    /// A recruiter adds the activity: `assessment.start` with the whole body. `additional_fields`
    /// is sent if it is an object.
    ///
    /// # Errors
    /// If nobody made such an application.
    pub async fn recruiter_starts(
        &self,
        partner: &Partner,
        application_id: &str,
        assessment_type_id: &str,
        additional_fields: Value,
    ) -> Result<Answer, SimError> {
        let body = lock(&self.state).people.start_body(application_id);
        let mut body = body.ok_or_else(|| SimError::unknown("application", application_id))?;
        if let Some(body) = body.as_object_mut() {
            body.insert("assessment_type_id".into(), assessment_type_id.into());
            if additional_fields.is_object() {
                body.insert("additional_fields".into(), additional_fields);
            }
        }
        let answer = self.post(partner, "assessment.start", &body.to_string()).await;
        hear_start(&mut lock(&self.state), &answer);
        Ok(answer)
    }

    /// A recruiter cancels: `assessment.cancel`.
    ///
    /// # Errors
    /// If no such assessment was started.
    pub async fn recruiter_cancels(&self, partner: &Partner, assessment_id: &str) -> Result<Answer, SimError> {
        self.shows(assessment_id).ok_or_else(|| SimError::unknown("assessment", assessment_id))?;
        let body = json!({"assessment_id": assessment_id}).to_string();
        let answer = self.post(partner, "assessment.cancel", &body).await;
        hear_cancel(&mut lock(&self.state), assessment_id, &answer);
        Ok(answer)
    }

    /// An admin presses Sync Custom Fields; `name` is one of [`CUSTOM_FIELD_NAMES`].
    pub async fn sync_custom_fields(&self, partner: &Partner, name: &str) -> Answer {
        let answer = self.post(partner, name, "{}").await;
        let mut state = lock(&self.state);
        if let Some(fields) = list_of(&mut state, name, &answer, "fields") {
            for field in &fields {
                check_custom_field(&mut state, name, field);
            }
            state.custom_fields = fields;
        }
        answer
    }

    /// Any bytes to any name, for what Ashby would never send. The answer changes nothing here.
    pub async fn post(&self, partner: &Partner, name: &str, body: &str) -> Answer {
        self.handle.caller.post(&partner.url(name), partner.auth(), body.to_owned()).await
    }
}

/// The list under `key` of a 200 answer; anything else about a 200 is a violation.
fn list_of(state: &mut State, operation: &str, answer: &Answer, key: &str) -> Option<Vec<Value>> {
    if !accepted(state, operation, answer) {
        return None;
    }
    let list = answer.body.get(key).and_then(Value::as_array).cloned();
    if list.is_none() {
        state.violation(operation, format!("a success without the array {key:?}"));
    }
    list
}

/// Whether the partner said yes. Says so when it said neither yes nor no as the schema has it.
fn accepted(state: &mut State, operation: &str, answer: &Answer) -> bool {
    let success = answer.body.get("success").and_then(Value::as_bool);
    match (answer.http_status, success) {
        (200, Some(true)) => return true,
        (200, Some(false)) if operation != "assessment.start" => {
            let errors = answer.body.get("errors").is_some_and(Value::is_array);
            if !errors || answer.str_at("/errorInfo/code").is_none() {
                state.violation(operation, "an error envelope needs errors[] and errorInfo.code");
            }
        }
        (200, _) => state.violation(operation, "a 200 that is no success envelope"),
        (422, _) if operation == "assessment.start" && answer.str_at("/message").is_none() => {
            state.violation(operation, "a 422 without the message a recruiter is to read");
        }
        _ => {}
    }
    false
}

fn hear_start(state: &mut State, answer: &Answer) {
    let operation = "assessment.start";
    if !accepted(state, operation, answer) {
        return;
    }
    let Some(id) = answer.str_at("/results/assessment_id") else {
        return state.violation(operation, "a success without results.assessment_id");
    };
    if Uuid::parse_str(id).is_err() {
        state.violation(operation, format!("assessment_id {id:?} is no UUID"));
    }
    state.started(id);
    hear_update_request(state, operation, id, answer);
}

fn hear_cancel(state: &mut State, assessment_id: &str, answer: &Answer) {
    let operation = "assessment.cancel";
    if !accepted(state, operation, answer) {
        return;
    }
    if answer.str_at("/results/assessment_id") != Some(assessment_id) {
        state.violation(operation, "a success that does not name the assessment");
    }
    hear_update_request(state, operation, assessment_id, answer);
}

fn hear_update_request(state: &mut State, operation: &str, assessment_id: &str, answer: &Answer) {
    let request = answer.body.pointer("/results/update_request");
    if let Some(request) = request.filter(|request| !request.is_null()) {
        state.update_request(operation, assessment_id, request);
    }
}

fn check_type(state: &mut State, one: &Value) {
    let text = |key| one.get(key).and_then(Value::as_str).unwrap_or_default();
    if Uuid::parse_str(text("assessment_type_id")).is_err() {
        state.violation("assessment.list", format!("assessment_type_id is no UUID: {one}"));
    }
    if text("name").is_empty() || !one.get("description").is_some_and(Value::is_string) {
        state.violation("assessment.list", format!("name or description is missing: {one}"));
    }
}

fn check_custom_field(state: &mut State, operation: &str, field: &Value) {
    let empty = |key: &&str| field.get(*key).and_then(Value::as_str).is_none_or(str::is_empty);
    if ["id", "name", "type"].iter().any(empty) {
        state.violation(operation, format!("id, name or type is missing: {field}"));
    }
    let kind = field.get("type").and_then(Value::as_str).unwrap_or_default();
    if !FIELD_TYPES.contains(&kind) {
        state.violation(operation, format!("{kind:?} is no type of custom field"));
    }
    let choices = field.get("possible_values").and_then(Value::as_array);
    let complete =
        |one: &Value| one.get("key").is_some_and(Value::is_string) && one.get("value").is_some_and(Value::is_string);
    if kind.ends_with("ValueSelect") && !choices.is_some_and(|all| all.iter().all(complete)) {
        state.violation(operation, format!("possible_values is missing or incomplete: {field}"));
    }
}

/// The complete list in Ashby's OpenAPI.
const FIELD_TYPES: [&str; 15] = [
    "String",
    "Date",
    "DateRange",
    "Number",
    "ValueSelect",
    "MultiValueSelect",
    "Boolean",
    "LongText",
    "Email",
    "Phone",
    "Score",
    "SocialLink",
    "Url",
    "Currency",
    "Location",
];
