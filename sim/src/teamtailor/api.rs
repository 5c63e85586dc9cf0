//! The part of Teamtailor's API that a partner calls.

use super::super::call::Call;
use super::super::lock;
use super::super::reply::Reply;
use super::super::server::Serves;
use super::attributes::{Place, is_web_url};
use super::company::Company;
use super::forms;
use super::refusal::{JSON_API, Refused, success};
use super::state::State;
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex};

const API_VERSION: &str = "20180828";
const DEFAULT_PAGE_SIZE: usize = 10;

pub(super) struct Api(pub(super) Arc<Mutex<State>>);

impl Serves for Api {
    fn operation(&self, call: &Call) -> String {
        let (kind, id) = target(call);
        let verb = match (call.method.as_str(), id) {
            ("PUT", Some(_)) => "update",
            ("GET", Some(_)) => "get",
            ("GET", None) => "list",
            (method, _) => return format!("{method} {kind}"),
        };
        format!("{kind}.{verb}")
    }

    fn answer(&self, call: &Call) -> Reply {
        let operation = self.operation(call);
        let answer = respond(&mut lock(&self.0), &operation, call);
        let reply = answer.map_or_else(|refused| refused.reply(), |body| success(&body));
        reply.with_header("x-api-version", API_VERSION)
    }
}

/// The kind of resource, and its id if the path has one.
fn target(call: &Call) -> (&str, Option<&str>) {
    let path = call.path.strip_prefix("/partner/v1/").unwrap_or_default();
    path.split_once('/').map_or((path, None), |(kind, id)| (kind, Some(id)))
}

fn respond(state: &mut State, operation: &str, call: &Call) -> Result<Value, Refused> {
    if key_of(call.header("authorization")) != Some(&state.api_key) {
        return Err(Refused::because(401, "Wrong or missing API key"));
    }
    if call.header("x-api-version") != API_VERSION {
        state.violation(operation, "X-Api-Version is not 20180828");
        return Err(Refused::because(406, "X-Api-Version is missing or unknown"));
    }
    let id = target(call).1.unwrap_or_default();
    match operation {
        "partner-results.list" => {
            page(state, call, state.results.values().map(|one| one.resource(&state.own_url)).collect())
        }
        "partner-results.get" => result(state, id),
        "partner-results.update" => update_result(state, operation, id, call),
        "partner-activations.list" => page(state, call, activations(state).collect()),
        "partner-activations.get" => {
            let found = activations(state).find(|one| one.get("id").and_then(Value::as_str) == Some(id));
            found.map(|found| json!({"data": found})).ok_or_else(not_found)
        }
        "partners.get" if is_partner(state, id) => Ok(partner(state)),
        "partners.update" if is_partner(state, id) => update_partner(state, operation, id, call),
        "partners.get" | "partners.update" => Err(not_found()),
        _ => {
            state.violation(operation, format!("no such call is played here: {} {}", call.method, call.path));
            Err(not_found())
        }
    }
}

/// `Bearer <key>`, `Token <key>` and `Token token=<key>`: all three are in use.
fn key_of(header: &str) -> Option<&str> {
    let (scheme, key) = header.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
    let key = key.trim();
    known.then(|| key.strip_prefix("token=").unwrap_or(key).trim_matches('"'))
}

fn not_found() -> Refused {
    Refused::because(404, "The record could not be found")
}

fn activations(state: &State) -> impl Iterator<Item = Value> + '_ {
    state.companies.values().filter_map(Company::resource)
}

fn result(state: &State, id: &str) -> Result<Value, Refused> {
    let found = state.results.get(id).ok_or_else(not_found)?;
    Ok(json!({"data": found.resource(&state.own_url)}))
}

fn update_result(state: &mut State, operation: &str, id: &str, call: &Call) -> Result<Value, Refused> {
    let attributes = attributes_of(state, operation, "partner-results", id, call)?;
    if !state.results.contains_key(id) {
        return Err(not_found());
    }
    state.update(id, &Value::Object(attributes), Place::Update).map_err(|problems| {
        state.all_violations(operation, &problems);
        Refused::unprocessable(problems)
    })?;
    result(state, id)
}

/// The attributes of a JSON:API document that is about what its path says.
fn attributes_of(
    state: &mut State,
    operation: &str,
    kind: &str,
    id: &str,
    call: &Call,
) -> Result<Map<String, Value>, Refused> {
    let read = document(kind, id, call);
    if let Err((_, problem)) = &read {
        state.violation(operation, problem);
    }
    read.map_err(|(status, problem)| Refused::because(status, problem))
}

fn document(kind: &str, id: &str, call: &Call) -> Result<Map<String, Value>, (u16, &'static str)> {
    if call.header("content-type") != JSON_API {
        return Err((415, "Content-Type is not application/vnd.api+json"));
    }
    let body = call.json().ok_or((400, "the body is not JSON"))?;
    let text = |key| body.pointer(key).and_then(Value::as_str);
    if text("/data/type") != Some(kind) {
        return Err((400, "data.type is not the type of the path"));
    }
    if text("/data/id") != Some(id) {
        return Err((400, "data.id is not the id of the path"));
    }
    let attributes = body.pointer("/data/attributes").and_then(Value::as_object);
    attributes.filter(|all| !all.is_empty()).cloned().ok_or((400, "data.attributes is missing or empty"))
}

fn page(state: &State, call: &Call, all: Vec<Value>) -> Result<Value, Refused> {
    let number = |name: &str, otherwise: usize| {
        let given = call.query(name).map_or(Ok(otherwise), str::parse);
        given.ok().filter(|number| *number > 0).ok_or_else(|| Refused::because(400, "Invalid page"))
    };
    let (number, size) = (number("page[number]", 1)?, number("page[size]", DEFAULT_PAGE_SIZE)?);
    let (count, pages) = (all.len(), all.len().div_ceil(size).max(1));
    let link =
        |number: usize| format!("{}{}?page%5Bnumber%5D={number}&page%5Bsize%5D={size}", state.own_url, call.path);
    let mut links = json!({"first": link(1), "last": link(pages)});
    if let Some(links) = links.as_object_mut().filter(|_| number < pages) {
        links.insert("next".into(), link(number + 1).into());
    }
    let data: Vec<_> = all.into_iter().skip((number - 1).saturating_mul(size)).take(size).collect();
    Ok(json!({"data": data, "links": links, "meta": {"record-count": count, "page-count": pages}}))
}

fn is_partner(state: &State, id: &str) -> bool {
    id == state.integration_id.to_string()
}

fn partner(state: &State) -> Value {
    let hub = &state.hub;
    json!({"data": {"id": state.integration_id.to_string(), "type": "partners", "attributes": {
        "name": "Background checks", "base-url": hub.base, "webhook-config": hub.stored_config,
        "webhook-activation-config": hub.form, "dynamic-activation-config": hub.dynamic_form,
    }}})
}

fn update_partner(state: &mut State, operation: &str, id: &str, call: &Call) -> Result<Value, Refused> {
    let attributes = attributes_of(state, operation, "partners", id, call)?;
    let problems: Vec<_> = attributes.iter().flat_map(|(key, value)| partner_problems(key, value)).collect();
    if !problems.is_empty() {
        state.all_violations(operation, &problems);
        return Err(Refused::unprocessable(problems));
    }
    for (key, value) in attributes {
        match key.as_str() {
            "base-url" => state.hub.base = value.as_str().unwrap_or_default().into(),
            "webhook-config" => state.hub.stored_config = Some(value).filter(Value::is_object),
            "webhook-activation-config" => state.hub.form = value,
            _ => state.hub.dynamic_form = value == true,
        }
    }
    Ok(partner(state))
}

fn partner_problems(key: &str, value: &Value) -> Vec<String> {
    let empty = value.as_object().is_some_and(Map::is_empty);
    match key {
        "name" => vec!["name cannot be changed".into()],
        "base-url" if !is_web_url(value) => vec!["base-url is not an http(s) URL".into()],
        "webhook-config" if !value.is_null() => forms::config_problems(value, true),
        "webhook-activation-config" if !empty => forms::activation_problems(value),
        "dynamic-activation-config" if !value.is_boolean() => vec![format!("{key} is not true or false")],
        "base-url" | "webhook-config" | "webhook-activation-config" | "dynamic-activation-config" => Vec::new(),
        _ => vec![format!("unknown attribute {key:?}")],
    }
}
