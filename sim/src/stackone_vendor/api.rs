//! The two endpoints that StackOne calls at a vendor.

use super::super::call::Call;
use super::super::caller::read_basic;
use super::super::lock;
use super::super::reply::Reply;
use super::super::server::Serves;
use super::office::Office;
use super::{envelope, signing};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

pub(super) const WEBHOOK: &str = "/hooks/stackone";
pub(super) const PACKAGES: &str = "/hooks/packages";

pub(super) struct Api(pub(super) Arc<Mutex<Office>>);

impl Serves for Api {
    fn operation(&self, call: &Call) -> String {
        match call.path.as_str() {
            WEBHOOK => "webhook",
            PACKAGES => "packages",
            _ => "unknown",
        }
        .to_owned()
    }

    fn answer(&self, call: &Call) -> Reply {
        let mut office = lock(&self.0);
        let operation = self.operation(call);
        if operation == "unknown" {
            return refusal(404, "No such page");
        }
        if call.method != "POST" {
            office.violation(&operation, format!("a {} instead of a POST", call.method));
            return refusal(405, "Only POST is allowed");
        }
        if call.media_type() != "application/json" {
            office.violation(&operation, "the body is not announced as application/json");
        }
        if operation == "packages" { packages(&mut office, call) } else { webhook(&mut office, call) }
    }
}

fn refusal(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({ "message": message }))
}

/// The list, for whoever shows the key and signs the request.
fn packages(office: &mut Office, call: &Call) -> Reply {
    let user = read_basic(call.header("authorization"));
    if user.is_none_or(|(user, password)| user != office.key || !password.is_empty()) {
        return refusal(401, "Invalid API key");
    }
    if let Err(problem) = signing::stackone(office, call) {
        office.violation("packages", problem);
        return refusal(401, "Unauthorized");
    }
    for problem in envelope::packages_request(&call.json().unwrap_or_default(), office.account_id()) {
        office.violation("packages", problem);
    }
    let from: usize = call.query("next").and_then(|next| next.parse().ok()).unwrap_or_default();
    let to = from.saturating_add(office.page_size);
    let listed = office.packages.iter().skip(from).take(office.page_size);
    let data: Vec<Value> = listed
        .map(|one| json!({"id": one.id, "remote_id": one.id, "name": one.name, "description": one.description}))
        .collect();
    let next = (to < office.packages.len()).then(|| to.to_string());
    Reply::json(200, &json!({"data": data, "next": next}))
}

/// One event. Whoever cannot be verified gets the sample's 401; a repeated order its first answer.
fn webhook(office: &mut Office, call: &Call) -> Reply {
    if let Err(problem) = signing::verify(office, call) {
        office.violation("webhook", problem);
        return Reply::text(401, "text/plain", "Unauthorized");
    }
    let body = call.json().unwrap_or_default();
    for problem in envelope::order_event(&body, office) {
        office.violation("webhook", problem);
    }
    if let Some(reason) = &office.refuses {
        return refusal(422, reason);
    }
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (record_id, package) = (text("/record_id"), text("/event_data/package/id"));
    if !office.offers(package) {
        return refusal(422, "This package is no longer offered");
    }
    let order = office.take(record_id, call.header("webhook-id"), &body);
    if office.gives_test_urls {
        return Reply::json(200, &json!({"id": order, "test_url": format!("https://vendor.example/tests/{order}")}));
    }
    Reply::text(200, "text/plain", "ok")
}
