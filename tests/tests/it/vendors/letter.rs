//! Callbacks written by hand, in each vendor's form, with or without what proves the sender.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use crosscheck::connect::Made;
use reqwest::Method;
use serde_json::{Value, json};
use shared::order::Order;
use shared::vendor::VendorKind;
use sim::pair::{Pair, PlaysVendor};
use tests::ministack::client;
use tests::world::Result;

/// One callback.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    pub(super) method: Method,
    /// Below the callback URL.
    pub(super) path: String,
    pub(super) body: Value,
}

/// A callback that says of this order, as this check of the vendor's, that it is at work.
pub(super) fn at_work(pair: &Pair, order: &str, check: &str) -> Letter {
    let post = |path: &str, body: Value| Letter { method: Method::POST, path: path.to_owned(), body };
    match pair.vendor.kind() {
        VendorKind::SpringVerify => {
            let body = json!({
                "event": "status_update",
                "candidate_id": check.parse::<i64>().unwrap_or_default(),
                "overall_status_code": 0,
                "overall_status": "In progress",
                "completed_date": null,
                "report_url": null,
                "meta_data": { "order_id": order },
                "name": "Asha Rao",
                "email": "asha@example.com",
            });
            post("", body)
        }
        VendorKind::AshbyPartner => post("/assessment.update", update(pair, check, "In progress")),
        VendorKind::Justifacts => post("/assessment.update", update(pair, check, "in process justifacts")),
        VendorKind::StackOne => {
            let path = format!("/unified/ats/background_checks/orders/{order}/result");
            let body = json!({ "result": { "value": "in_progress", "source_value": "In progress" } });
            Letter { method: Method::PATCH, path, body }
        }
        VendorKind::Checkr => {
            let object = json!({ "id": "e44aa283528e6fde7d542194", "object": "report", "status": "pending",
                "result": null, "candidate_id": check });
            let body = json!({ "id": "507f1f77bcf86cd799439011", "object": "event", "type": "report.updated",
                "created_at": "2026-11-21T09:00:00Z", "data": { "object": object } });
            post("", body)
        }
    }
}

fn update(pair: &Pair, check: &str, word: &str) -> Value {
    let status = json!({ "identifier": "status", "label": "Status", "type": "string", "value": word });
    let now = pair.deployment.services.clock.now().as_millisecond();
    json!({ "assessment_id": check, "timestamp": now, "assessment_status": status })
}

/// What proves the sender of this body: the connection's secret, or what was made with it.
pub(super) fn proof(vendor: VendorKind, secret: &str, body: &str) -> (&'static str, String) {
    match vendor {
        VendorKind::SpringVerify => ("authorization", format!("Bearer {secret}")),
        VendorKind::AshbyPartner | VendorKind::Justifacts | VendorKind::StackOne => {
            ("authorization", format!("Basic {}", STANDARD.encode(format!("{secret}:"))))
        }
        VendorKind::Checkr => {
            let mac = shared::signature::sign(secret.as_bytes(), body);
            let mac = URL_SAFE_NO_PAD.decode(mac).unwrap_or_default();
            ("x-checkr-signature", mac.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat())
        }
    }
}

/// What this vendor proves itself with on this connection.
pub(super) fn secret(vendor: &dyn PlaysVendor, made: &Made) -> String {
    if vendor.kind() == VendorKind::Checkr { vendor.key() } else { made.callback_secret.clone() }
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) text: String,
}

/// Who writes callbacks. A client is dear to build, so that each case has one.
pub(super) struct Pen(reqwest::Client);

impl Pen {
    pub(super) fn new() -> Result<Self> {
        Ok(Self(client()?))
    }

    /// Calls any address below `/callbacks/`.
    pub(super) async fn call(
        &self,
        pair: &Pair,
        method: Method,
        path: &str,
        proof: Option<(&str, String)>,
        body: String,
    ) -> Result<Answered> {
        let url = format!("{}/callbacks/{path}", pair.stack.base_url);
        let call = self.0.request(method, url).header("content-type", "application/json").body(body);
        let call = proof.into_iter().fold(call, |call, (name, value)| call.header(name, value));
        let answer = call.send().await?;
        Ok(Answered { status: answer.status().as_u16(), text: answer.text().await? })
    }

    /// Sends a callback as the vendor would.
    pub(super) async fn send(&self, pair: &Pair, letter: &Letter) -> Result<Answered> {
        let (body, vendor) = (letter.body.to_string(), &*pair.vendor);
        let proof = proof(vendor.kind(), &secret(vendor, &pair.made), &body);
        let path = format!("{}{}", address(&pair.made), letter.path);
        self.call(pair, letter.method.clone(), &path, Some(proof), body).await
    }
}

/// Where the vendor of this connection calls.
pub(super) fn address(made: &Made) -> String {
    format!("{}/{}", made.connection.vendor, made.connection.id)
}

/// The fields of a body, by their JSON pointers, deepest last.
pub(super) fn pointers(body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(body, "", &mut found);
    found
}

fn collect(value: &Value, at: &str, found: &mut Vec<String>) {
    for (key, inner) in value.as_object().into_iter().flatten() {
        let pointer = format!("{at}/{key}");
        collect(inner, &pointer, found);
        found.push(pointer);
    }
}

/// The same letter with another value in one place; without the field where there is none.
pub(super) fn with(letter: &Letter, pointer: &str, value: Option<Value>) -> Letter {
    let mut changed = letter.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
    if let Some(parent) = changed.body.pointer_mut(parent).and_then(Value::as_object_mut) {
        match value {
            Some(value) => drop(parent.insert(key.to_owned(), value)),
            None => drop(parent.remove(key)),
        }
    }
    changed
}

/// The order as it is, to be compared with how it is afterwards.
pub(super) fn unchanged(what: &str, before: &Order, after: &Order) -> Result {
    if before == after {
        return Ok(());
    }
    Err(format!("{what}: the order changed from {} to {}", before.status.sentence(), after.status.sentence()).into())
}
