//! The endpoints of Ashby's partner protocol that the vendor hosts.

use super::super::call::Call;
use super::super::caller::read_basic;
use super::super::reply::Reply;
use super::super::server::Serves;
use super::super::{lock, new_id};
use super::office::{Office, OnRepeat};
use super::{PATH, STATUSES, start};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

pub(super) struct Api(pub(super) Arc<Mutex<Office>>);

impl Serves for Api {
    fn operation(&self, call: &Call) -> String {
        call.path.rsplit('/').next().unwrap_or_default().to_owned()
    }

    fn answer(&self, call: &Call) -> Reply {
        let mut office = lock(&self.0);
        let operation = self.operation(call);
        if call.path != format!("{PATH}{operation}") {
            return refusal(404, "not_found", "No such page");
        }
        let user = read_basic(call.header("authorization")).map(|(user, _)| user);
        if user.is_none_or(|user| user != office.token) {
            return refusal(401, "unauthorized", "Invalid API key");
        }
        if call.method != "POST" {
            office.violation(&operation, format!("a {} instead of a POST", call.method));
            return refusal(405, "method_not_allowed", "Only POST is allowed");
        }
        match operation.as_str() {
            "assessment.list" => list(&mut office, call),
            "assessment.start" => begin(&mut office, call),
            "assessment.cancel" => cancel(&mut office, call),
            _ => refusal(404, "not_found", "No such endpoint"),
        }
    }
}

/// Ashby's error envelope, with everything its schema requires.
fn refusal(status: u16, code: &str, message: &str) -> Reply {
    let info = json!({"code": code, "message": message, "requestId": new_id()});
    Reply::json(status, &json!({"success": false, "errors": [code], "errorInfo": info}))
}

/// 422: the one refusal of a start whose text a recruiter reads.
fn unprocessable(message: &str) -> Reply {
    Reply::json(422, &json!({ "message": message }))
}

fn started(assessment_id: &str, update: Option<Value>) -> Reply {
    let mut results = json!({"assessment_id": assessment_id});
    if let (Some(update), Some(results)) = (update, results.as_object_mut()) {
        results.insert("update_request".into(), update);
    }
    Reply::json(200, &json!({"success": true, "results": results}))
}

fn read_body(office: &mut Office, operation: &str, call: &Call) -> Value {
    if !call.header("content-type").starts_with("application/json") {
        office.violation(operation, "the body is not announced as application/json");
    }
    call.json().unwrap_or_default()
}

/// Ashby sends `{}`; the schema names no field, and nothing says that a body is there at all.
fn list(office: &mut Office, call: &Call) -> Reply {
    let empty = matches!(call.header("content-length"), "" | "0");
    if !empty && read_body(office, "assessment.list", call) != json!({}) {
        office.violation("assessment.list", "the body is not the empty object");
    }
    let results: Vec<_> = office
        .packages
        .iter()
        .map(|one| {
            json!({"assessment_type_id": one.assessment_type_id, "name": one.name, "description": one.description})
        })
        .collect();
    Reply::json(200, &json!({"success": true, "results": results}))
}

fn begin(office: &mut Office, call: &Call) -> Reply {
    let operation = "assessment.start";
    let (start, problems) = start::read(&read_body(office, operation, call));
    if let Some(problem) = problems.first() {
        let message = format!("The order is incomplete: {problem}");
        for problem in &problems {
            office.violation(operation, problem);
        }
        return unprocessable(&message);
    }
    if let Some(reason) = &office.refuses {
        return unprocessable(reason);
    }
    if !office.packages.iter().any(|one| one.assessment_type_id == start.assessment_type_id) {
        return unprocessable("This check is no longer offered");
    }
    let double = office.open_double(&start).map(|one| one.assessment_id.clone());
    match (office.on_repeat, double) {
        (OnRepeat::SameOrder, Some(id)) => return started(&id, None),
        (OnRepeat::Conflict, Some(_)) => return Reply::empty(409),
        (_, None) | (OnRepeat::NewOrder, _) => {}
    }
    let id = office.add(start);
    let update = office.update_in_answer.then(|| office.moves(&id, STATUSES[0], None, None).ok());
    started(&id, update.flatten())
}

/// A cancelled order is cancelled again without complaint; a completed one is past stopping.
fn cancel(office: &mut Office, call: &Call) -> Reply {
    let operation = "assessment.cancel";
    let body = read_body(office, operation, call);
    let id = body.get("assessment_id").and_then(Value::as_str).unwrap_or_default();
    if Uuid::parse_str(id).is_err() {
        office.violation(operation, "assessment_id is missing or no UUID");
    }
    let Some(order) = office.order(id) else {
        return refusal(200, "assessment_not_found", "There is no such assessment");
    };
    if order.cancelled {
        return started(id, None);
    }
    if !order.is_open() {
        return refusal(200, "assessment_completed", "The check is complete and can no longer be stopped");
    }
    let update = office.cancels(id, "Cancelled by the employer").ok();
    started(id, update.filter(|_| office.update_in_answer))
}
