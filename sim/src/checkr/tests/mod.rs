//! Checkr against a bridge that the test itself plays, once right and once wrong.

use super::super::call::Call;
use super::super::caller::{bare_client, basic};
use super::super::reply::Reply;
use super::super::server::{Server, Serves};
use super::super::{Fault, NO_ANSWER};
use super::*;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU16, Ordering};

mod orders;
mod reports;

/// A door that answers what it is told to, and keeps what it was sent in the log.
struct Door(AtomicU16);

impl Serves for Door {
    fn operation(&self, _: &Call) -> String {
        "webhook".into()
    }

    fn answer(&self, _: &Call) -> Reply {
        Reply::empty(self.0.load(Ordering::SeqCst))
    }
}

async fn checkr_and_door() -> (SimCheckr, Server, Arc<Door>) {
    let checkr = SimCheckr::start().await.unwrap();
    let door = Arc::new(Door(AtomicU16::new(200)));
    let server = Server::start(ANY_PORT, door.clone()).await.unwrap();
    checkr.configure_webhook(&format!("{}/callbacks/checkr/c", server.base_url()));
    (checkr, server, door)
}

struct Bridge<'a> {
    checkr: &'a SimCheckr,
    key: Option<&'a str>,
    content_type: &'a str,
}

impl<'a> Bridge<'a> {
    fn right(checkr: &'a SimCheckr) -> Self {
        Self { checkr, key: None, content_type: "application/json" }
    }

    async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let url = format!("{}/{path}", self.checkr.base_url());
        let mut request = bare_client().request(method.parse().unwrap(), url);
        request = request.header("authorization", basic(&self.checkr.api_key(), ""));
        if let Some(key) = self.key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.header("content-type", self.content_type).body(body.to_string());
        }
        let Ok(response) = request.send().await else {
            return (NO_ANSWER, Value::Null);
        };
        let status = response.status().as_u16();
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.call("POST", path, Some(body)).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.call("GET", path, None).await
    }

    async fn candidate(&self) -> String {
        let body = json!({"email": "asha@example.com", "first_name": "Asha", "custom_id": "o-1"});
        self.post("candidates", &body).await.1["id"].as_str().unwrap().to_owned()
    }

    async fn invitation(&self) -> String {
        self.order_for(&self.candidate().await).await
    }

    async fn order_for(&self, candidate_id: &str) -> String {
        let body = json!({"candidate_id": candidate_id, "package": "tasker_standard"});
        self.post("invitations", &body).await.1["id"].as_str().unwrap().to_owned()
    }

    async fn report(&self) -> String {
        self.checkr.candidate_completes_form(&self.invitation().await).await.unwrap()
    }
}

fn kinds(checkr: &SimCheckr) -> Vec<String> {
    checkr.webhooks().into_iter().map(|webhook| webhook.kind).collect()
}
