//! How SmartRecruiters takes a partner's answers: it checks them against the specification and remembers
//! what it needs.
//!
//! A 429, a 5xx and silence are no breach; any other status that the operation does not document is one.

use super::super::caller::{Answer, NO_ANSWER};
use super::state::State;
use super::wire;
use serde_json::Value;
use std::collections::BTreeSet;

/// The access token and its lifetime in seconds.
pub(super) fn hear_token(state: &mut State, answer: &Answer) -> Option<(String, u64)> {
    let operation = "POST oauthTokenUrl";
    match answer.http_status {
        200 => {
            let token = answer.str_at("/access_token").filter(|token| !token.is_empty());
            let expires_in = answer.body.get("expires_in").and_then(Value::as_u64).filter(|seconds| *seconds > 0);
            let heard = token.zip(expires_in).map(|(token, seconds)| (token.to_owned(), seconds));
            if heard.is_none() {
                state.violation(operation, "access_token or expires_in is missing or of the wrong type");
            }
            heard
        }
        // RFC 6749 allows 401 for a wrong client; SmartRecruiters documents 400 alone.
        400 | 401 => {
            if answer.str_at("/error").is_none() {
                state.violation(operation, "a refusal without error");
            }
            None
        }
        status => {
            note_status(state, operation, status);
            None
        }
    }
}

pub(super) fn hear_list(state: &mut State, company: &str, answer: &Answer) {
    let operation = "GET assessmentPackageListUrl";
    if !is_success(state, operation, answer, &[200, 204], &[400, 401, 403]) {
        return;
    }
    if answer.http_status == 204 {
        return;
    }
    let Some(packages) = answer.body.as_array() else {
        state.violation(operation, "the answer is not a bare array");
        return;
    };
    let mut seen = BTreeSet::new();
    for package in packages {
        let id = package.get("id").and_then(Value::as_str).unwrap_or_default();
        if !seen.insert(id) {
            state.violation(operation, format!("two packages have the id {id:?}"));
        }
        take_package(state, operation, company, package);
    }
}

pub(super) fn hear_package(state: &mut State, company: &str, id: &str, answer: &Answer) {
    let operation = "GET singleAssessmentPackageUrl";
    if !is_success(state, operation, answer, &[200], &[401, 403, 404]) {
        return;
    }
    if answer.str_at("/id") != Some(id) {
        state.violation(operation, format!("{id:?} was asked for and another package given"));
    }
    take_package(state, operation, company, &answer.body);
}

fn take_package(state: &mut State, operation: &str, company: &str, package: &Value) {
    let problems = wire::package_problems(package);
    let sound = problems.is_empty();
    state.violations(operation, problems);
    let text = |name: &str| package.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    if sound && !is_supported(state, &text("type")) {
        state.violation(operation, format!("type {} is not among supportedAssessmentTypes", text("type")));
    }
    let assessments = package.get("assessments").and_then(Value::as_array);
    let ids = assessments.into_iter().flatten().filter_map(|one| one.get("id").and_then(Value::as_str));
    if let Some(company) = state.companies.get_mut(company) {
        company.packages.insert(text("id"), ids.map(str::to_owned).collect());
    }
}

fn is_supported(state: &State, kind: &str) -> bool {
    let types = state.configuration.as_ref().and_then(|one| one.get("supportedAssessmentTypes"));
    types.and_then(Value::as_array).is_some_and(|types| types.iter().any(|one| one == kind))
}

pub(super) fn hear_order(state: &mut State, answer: &Answer) {
    let operation = "POST packageOrderUrl";
    if is_success(state, operation, answer, &[202], &[401, 403, 404]) && !answer.body.is_object() {
        state.violation(operation, "the answer is not a JSON object");
    }
}

pub(super) fn hear_inline_order(state: &mut State, answer: &Answer) {
    let operation = "POST inlineAssessmentPackageOrderUrl";
    if is_success(state, operation, answer, &[200], &[401, 403, 404]) {
        state.violations(operation, wire::inline_answer_problems(&answer.body));
    }
}

/// Whether a bearer is sent, and so what a refusal looks like, is not public: any is taken.
pub(super) fn hear_disconnect(state: &mut State, answer: &Answer) {
    is_success(state, "DELETE integrationDisableUrl", answer, &[204], &[401, 403, 404]);
}

fn is_success(state: &mut State, operation: &str, answer: &Answer, good: &[u16], refusals: &[u16]) -> bool {
    let status = answer.http_status;
    if good.contains(&status) {
        return true;
    }
    if refusals.contains(&status) {
        state.violations(operation, wire::error_response_problems(&answer.body));
    } else {
        note_status(state, operation, status);
    }
    false
}

fn note_status(state: &mut State, operation: &str, status: u16) {
    if status != NO_ANSWER && status != 429 && status < 500 {
        state.violation(operation, format!("status {status} is not documented"));
    }
}
