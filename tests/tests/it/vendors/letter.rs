//! Callbacks written by hand, in each vendor's form, with or without what proves the sender.

use crosscheck::connect::Made;
use reqwest::Method;
use serde_json::Value;
use shared::order::Order;
use sim::pair::Pair;
use tests::ministack::client;
use tests::world::Result;

pub(super) use sim::pair::Letter;

/// A callback that says of this order, as this check of the vendor's, that it is at work.
pub(super) fn at_work(pair: &Pair, order: &str, check: &str) -> Letter {
    pair.vendor.at_work(order, check, pair.deployment.services.clock.now())
}

/// What proves that a body is the vendor's, on this connection.
pub(super) fn own(pair: &Pair, body: &str) -> (&'static str, String) {
    pair.vendor.proof(&pair.vendor.secret(&pair.made.callback_secret), body)
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
        let body = letter.body.to_string();
        let proof = own(pair, &body);
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
