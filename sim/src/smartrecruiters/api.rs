//! The part of SmartRecruiters' API that an assessment partner calls, and two pages for browsers.

use super::super::call::Call;
use super::super::lock;
use super::super::reply::Reply;
use super::super::server::Serves;
use super::people::Found;
use super::refusal::{Refused, too_many_requests, with_limits};
use super::state::{CONFIGURATION, INTEGRATION, RESULTS, State};
use super::tokens::Owner;
use super::traffic::{CALLS_PER_SECOND, CONCURRENT_CALLS, Slot};
use serde_json::Value;
use std::sync::{Arc, Mutex};

/// The media type of RFC 7396, for which results can be made to ask.
const MERGE_PATCH: &str = "application/merge-patch+json";

pub(super) struct Api(pub(super) Arc<Mutex<State>>);

#[derive(Clone, Copy)]
enum Endpoint<'a> {
    Token,
    Configuration,
    Integration(&'a str),
    Results(&'a str),
    Attachment,
    Candidate(&'a str),
    Job(&'a str),
    Completed(&'a str),
    Connected,
    Unknown,
}

impl<'a> Endpoint<'a> {
    fn of(path: &'a str) -> Self {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match parts.as_slice() {
            ["identity", "oauth", "token"] => Self::Token,
            ["assessment-api", "v202010", rest @ ..] => match rest {
                ["partner", "configuration"] => Self::Configuration,
                ["integration", "company", company] => Self::Integration(company),
                ["orders", order, "results"] => Self::Results(order),
                ["orders", _, "results", "attachment"] => Self::Attachment,
                _ => Self::Unknown,
            },
            ["candidates", id] => Self::Candidate(id),
            ["jobs", id] => Self::Job(id),
            ["inline-assessments", order, "completed"] => Self::Completed(order),
            ["app-integrations", "connected"] => Self::Connected,
            _ => Self::Unknown,
        }
    }

    fn operation(self) -> &'static str {
        match self {
            Self::Token => "oauth/token",
            Self::Configuration => CONFIGURATION,
            Self::Integration(_) => INTEGRATION,
            Self::Results(_) => RESULTS,
            Self::Attachment => "orders/results/attachment",
            Self::Candidate(_) => "candidates",
            Self::Job(_) => "jobs",
            Self::Completed(_) => "inline/completed",
            Self::Connected => "connected",
            Self::Unknown => "unknown",
        }
    }
}

impl Serves for Api {
    /// Asked once per call before anything can go wrong with it, so here the call takes its slot.
    fn operation(&self, call: &Call) -> String {
        if let Some(slot) = Slot::enter(&self.0, call.bearer()) {
            call.keep(slot);
        }
        Endpoint::of(&call.path).operation().to_owned()
    }

    fn answer(&self, call: &Call) -> Reply {
        let verdict = call.kept::<Slot>().map(|slot| slot.verdict);
        let reply = if verdict.is_some_and(|verdict| verdict.refused) {
            too_many_requests()
        } else {
            let mut state = lock(&self.0);
            respond(&mut state, call).unwrap_or_else(|refused| refused.reply())
        };
        match verdict {
            Some(verdict) => with_limits(reply, verdict.limit, verdict.left, verdict.concurrent_left),
            None => with_limits(reply, CALLS_PER_SECOND, CALLS_PER_SECOND, CONCURRENT_CALLS),
        }
    }
}

fn respond(state: &mut State, call: &Call) -> Result<Reply, Refused> {
    let endpoint = Endpoint::of(&call.path);
    match (call.method.as_str(), endpoint) {
        ("POST", Endpoint::Token) => Ok(token(state, call)),
        ("PUT", Endpoint::Configuration) => {
            master(state, call, CONFIGURATION)?;
            let body = json_body(state, call, CONFIGURATION)?;
            state.configure(body).map(|body| Reply::json(200, &body))
        }
        ("GET", Endpoint::Configuration) => {
            master(state, call, CONFIGURATION)?;
            let missing = || Refused::new(404, "CONFIGURATION_NOT_FOUND", "There is no configuration yet");
            state.configuration.as_ref().map(|body| Reply::json(200, body)).ok_or_else(missing)
        }
        ("POST", Endpoint::Integration(company)) => {
            master(state, call, INTEGRATION)?;
            let body = json_body(state, call, INTEGRATION)?;
            state.integrate(company, &body).map(|pair| Reply::json(200, &pair))
        }
        ("PATCH", Endpoint::Results(order_id)) => patch(state, call, order_id),
        ("GET", Endpoint::Candidate(id)) => {
            let company = customer(state, call, endpoint.operation())?;
            let found = state.people.candidate(id, &company);
            read(state, endpoint, found)
        }
        ("GET", Endpoint::Job(id)) => {
            customer(state, call, endpoint.operation())?;
            let found = state.people.job(id);
            read(state, endpoint, found)
        }
        ("GET", Endpoint::Completed(order_id)) => Ok(completed(state, order_id)),
        ("GET", Endpoint::Connected) => Ok(page("Connected. You can close this page.")),
        // An upload exists on the wire; links are enough for this bridge, so it is not played.
        (_, Endpoint::Attachment) => Err(Refused::new(404, "NOT_FOUND", "Not found")),
        _ => {
            state.violation("unknown", format!("{} {} is no endpoint", call.method, call.path));
            Err(Refused::new(404, "NOT_FOUND", "Not found"))
        }
    }
}

fn token(state: &mut State, call: &Call) -> Reply {
    let (reply, problems) = state.tokens.grant(call);
    state.violations("oauth/token", problems);
    reply
}

fn authenticated(state: &mut State, call: &Call) -> Result<Owner, Refused> {
    let refused = || Refused::new(401, "UNAUTHORIZED", "The access token is missing, unknown or expired");
    state.tokens.spend(call.bearer()).ok_or_else(refused)
}

/// Only the partner-level token may.
fn master(state: &mut State, call: &Call, operation: &str) -> Result<(), Refused> {
    if authenticated(state, call)? == Owner::Master {
        return Ok(());
    }
    state.violation(operation, "a customer's token was used, the partner's is needed");
    Err(Refused::new(403, "FORBIDDEN", "The token lacks partner_configuration_manage"))
}

/// The company whose token it is; the partner-level token may not.
fn customer(state: &mut State, call: &Call, operation: &str) -> Result<String, Refused> {
    if let Owner::Company(company) = authenticated(state, call)? {
        return Ok(company);
    }
    state.violation(operation, "the partner's token was used, the customer's is needed");
    Err(Refused::new(403, "FORBIDDEN", "The token lacks the scope of a customer"))
}

fn json_body(state: &mut State, call: &Call, operation: &str) -> Result<Value, Refused> {
    if call.media_type() != "application/json" {
        state.violation(operation, "content-type is not application/json");
        return Err(Refused::new(400, "INVALID_REQUEST", "Content-Type must be application/json"));
    }
    call.json().ok_or_else(|| {
        state.violation(operation, "the body is not JSON");
        Refused::new(400, "INVALID_REQUEST", "The body is not JSON")
    })
}

fn patch(state: &mut State, call: &Call, order_id: &str) -> Result<Reply, Refused> {
    let company = customer(state, call, RESULTS)?;
    let media_type = call.media_type();
    let wanted = if state.ways.merge_patch_only { MERGE_PATCH } else { "application/json" };
    if media_type != wanted {
        if ![MERGE_PATCH, "application/json"].contains(&media_type.as_str()) {
            state.violation(RESULTS, format!("content-type {media_type:?}"));
        }
        return Err(Refused::new(415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported payload"));
    }
    let Some(body) = call.json() else {
        state.violation(RESULTS, "the body is not JSON");
        return Err(Refused::new(400, "INVALID_REQUEST", "The body is not JSON"));
    };
    state.patch(&company, order_id, &body).map(|result| Reply::json(200, &result))
}

fn read(state: &mut State, endpoint: Endpoint<'_>, found: Found) -> Result<Reply, Refused> {
    match found {
        Found::Here(body) => return Ok(Reply::json(200, &body)),
        Found::Nobody => {}
        Found::Elsewhere => state.violation(endpoint.operation(), "what was read is another company's"),
    }
    Err(Refused::new(404, "NOT_FOUND", "Not found"))
}

/// Where the applicant's browser comes back to.
fn completed(state: &mut State, order_id: &str) -> Reply {
    match state.orders.get_mut(order_id).and_then(|order| order.finished.as_mut()) {
        Some(finished) => {
            *finished = true;
            page("Thank you. Your application continues.")
        }
        None => Reply::text(404, "text/html; charset=utf-8", "<p>No such application.</p>"),
    }
}

/// A page that keeps browsers from asking for an icon, which is no part of the protocol.
fn page(text: &str) -> Reply {
    let html = format!("<!DOCTYPE html><link rel=\"icon\" href=\"data:,\"><p>{text}</p>");
    Reply::text(200, "text/html; charset=utf-8", &html)
}
