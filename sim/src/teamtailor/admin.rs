//! What an admin and the pop-up ask of a partner: activation, its validation, and the config.

use super::super::{Answer, SimError, lock};
use super::company::Activation;
use super::state::State;
use super::{SimTeamtailor, fields, forms};
use serde_json::{Map, Value};

/// What an admin sees after saving the activation form.
#[derive(Clone, Debug, PartialEq)]
pub struct Activated {
    /// Whether the form was saved.
    pub saved: bool,
    /// What was shown in place of that.
    pub errors: Vec<String>,
    /// What the partner's `validateEndpoint` answered, if there is one and it was called.
    pub answer: Option<Answer>,
}

/// What the pop-up tells `/config`: nothing in bulk mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The job's id.
    pub job_id: Option<u64>,
    /// The stage's id.
    pub stage_id: Option<u64>,
    /// The recruiter's id.
    pub user_id: Option<u64>,
}

impl Context {
    fn query(self) -> String {
        let all = [("job_id", self.job_id), ("stage_id", self.stage_id), ("user_id", self.user_id)];
        let given = all.iter().filter_map(|(name, id)| id.map(|id| format!("{name}={id}")));
        let query = given.collect::<Vec<_>>().join("&");
        if query.is_empty() { query } else { format!("?{query}") }
    }
}

impl SimTeamtailor {
    /// The partner's owner pastes the activation form into the hub. A form that breaks a rule is a
    /// violation; it is kept all the same, as the hub keeps it.
    pub fn set_activation(&self, form_json: &str) {
        let mut state = lock(&self.state);
        match serde_json::from_str(form_json) {
            Ok(form) => {
                let problems = forms::activation_problems(&form);
                state.all_violations("activation form", &problems);
                state.hub.form = form;
            }
            Err(_) => state.violation("activation form", "it is not JSON"),
        }
    }

    /// The partner's owner stores a config in the hub, or takes it away: while there is one, nobody asks for `/config`.
    pub fn store_config(&self, config: Option<Value>) {
        lock(&self.state).hub.stored_config = config;
    }

    /// An admin of a company fills in the form and saves it. `values` is an object of field ids.
    ///
    /// # Errors
    /// If the company or a field is unknown.
    pub async fn admin_activates(&self, company: &str, values: &Value) -> Result<Activated, SimError> {
        let (filled, endpoint) = {
            let mut state = lock(&self.state);
            state.company(company)?;
            (fill_in(&state.hub.form, values)?, validate_endpoint(&state.hub.form))
        };
        let filled = match filled {
            Ok(filled) => filled,
            Err(errors) => return Ok(Activated { saved: false, errors, answer: None }),
        };
        let activation = Activation::new(filled);
        let Some(endpoint) = endpoint else {
            lock(&self.state).company(company)?.activation = Some(activation);
            return Ok(Activated { saved: true, errors: Vec::new(), answer: None });
        };
        let bearer = {
            let mut state = lock(&self.state);
            let api_key = state.api_key.clone();
            state.company(company)?.bearer(&activation, &api_key)
        };
        let answer = self.get(&endpoint, company, &bearer).await;
        let mut state = lock(&self.state);
        let errors = hear_validation(&mut state, &answer);
        let saved = answer.is_ok();
        if saved {
            state.company(company)?.activation = Some(activation);
        }
        Ok(Activated { saved, errors, answer: Some(answer) })
    }

    /// An admin deactivates the partner. Nobody is told.
    ///
    /// # Errors
    /// If the company is unknown.
    pub fn deactivate(&self, company: &str) -> Result<(), SimError> {
        lock(&self.state).company(company)?.activation = None;
        Ok(())
    }

    /// The pop-up opens, or a trigger is set up: `GET /config`, unless a config is stored on the
    /// partner; then that is the answer.
    ///
    /// # Errors
    /// If the company is unknown or did not activate the partner.
    pub async fn config(&self, company: &str, context: Context) -> Result<Answer, SimError> {
        let bearer = lock(&self.state).bearer(company)?;
        let stored = lock(&self.state).hub.stored_config.clone();
        let is_stored = stored.is_some();
        let answer = match stored {
            Some(body) => Answer::local(body),
            None => self.get(&format!("config{}", context.query()), company, &bearer).await,
        };
        hear_config(&mut lock(&self.state), company, &answer, is_stored)?;
        Ok(answer)
    }

    /// The fields of the pop-up, or the text shown in their place.
    ///
    /// # Errors
    /// If the company is unknown. The inner error is the text.
    pub fn popup(&self, company: &str) -> Result<Result<Vec<Value>, String>, SimError> {
        let config = lock(&self.state).company(company)?.config.clone();
        let fields = |config: Value| config.get("fields").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(config.map(fields))
    }
}

fn fields_of(form: &Value) -> impl Iterator<Item = &Value> {
    let fields = form.pointer("/config/fields").and_then(Value::as_array);
    fields.into_iter().flatten().filter(|field| fields::is_input(field))
}

/// The form with a value for each field that has one, or what is missing.
fn fill_in(form: &Value, values: &Value) -> Result<Result<Map<String, Value>, Vec<String>>, SimError> {
    let mut filled = values.as_object().cloned().unwrap_or_default();
    if let Some(unknown) = filled.keys().find(|id| !fields_of(form).any(|field| fields::id(field) == *id)) {
        return Err(SimError::unknown("field of the activation form", unknown));
    }
    for field in fields_of(form).filter(|field| fields::id(field) == "default_key") {
        filled.entry(fields::id(field)).or_insert_with(|| super::new_id().into());
    }
    let empty = |id: &str| filled.get(id).is_none_or(|value| value.is_null() || value == "");
    let missing = fields_of(form).filter(|field| fields::is_required(field) && empty(fields::id(field)));
    let missing: Vec<_> = missing.map(|field| format!("{} is required", fields::id(field))).collect();
    Ok(if missing.is_empty() { Ok(filled) } else { Err(missing) })
}

/// Inside `config` is where the docs moved it; beside it is where an older example has it.
fn validate_endpoint(form: &Value) -> Option<String> {
    let endpoint = form.pointer("/config/validateEndpoint").or_else(|| form.get("validateEndpoint"));
    endpoint.and_then(Value::as_str).filter(|path| !path.is_empty()).map(str::to_owned)
}

fn hear_validation(state: &mut State, answer: &Answer) -> Vec<String> {
    let operation = "validation";
    if answer.http_status == 200 {
        return Vec::new();
    }
    if answer.http_status < 400 {
        if answer.http_status != super::super::NO_ANSWER {
            state.violation(operation, format!("{} is neither 200 nor an error", answer.http_status));
        }
        return Vec::new();
    }
    let errors = answer.body.get("errors").and_then(Value::as_array);
    let texts: Option<Vec<_>> = errors.map(|all| all.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    let texts = texts.filter(|texts| !texts.is_empty() && Some(texts.len()) == errors.map(Vec::len));
    if texts.is_none() {
        state.violation(operation, "an error without a list of texts under errors");
    }
    texts.unwrap_or_default()
}

/// A config that cannot be read is shown as such; only a 200 promises to be one.
fn hear_config(state: &mut State, company: &str, answer: &Answer, stored: bool) -> Result<(), SimError> {
    let operation = "config";
    let problems = if answer.http_status == 200 {
        forms::config_problems(&answer.body, stored)
    } else {
        vec![format!("answered {}", answer.http_status)]
    };
    let known = state.company(company)?;
    if !problems.is_empty() {
        known.config = Err("Failed to fetch config from partner: Unable to fetch the partner config".into());
        if answer.http_status == 200 {
            state.all_violations(operation, &problems);
        }
        return Ok(());
    }
    let config = forms::config_of(&answer.body, stored).cloned().unwrap_or_default();
    let promises = forms::promises(&config);
    let broken: Vec<_> = known.promises.difference(&promises).cloned().collect();
    known.promises.extend(promises.iter().cloned());
    known.config = Ok(config);
    // A config for a wrong token declares nothing at all; that takes nothing back.
    if !promises.is_empty() {
        for promise in broken {
            state.violation(operation, format!("{promise} is gone, and customers' rules may name it"));
        }
    }
    Ok(())
}
