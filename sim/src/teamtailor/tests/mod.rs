//! Teamtailor against a partner that the test itself plays.

mod doors;
mod results;

use super::super::call::Call;
use super::super::caller::bare_client;
use super::super::reply::Reply;
use super::super::server::{Server, Serves};
use super::super::{Answer, Fault, NO_ANSWER};
use super::*;
use http::Method;
use serde_json::{Value, json};

/// A partner that answers each path with what the test put there, and notes who called.
#[derive(Default)]
struct ScriptedPartner {
    script: Mutex<Vec<(&'static str, Reply)>>,
    bearers: Mutex<Vec<String>>,
}

impl Serves for ScriptedPartner {
    fn operation(&self, call: &Call) -> String {
        call.path.trim_start_matches("/x/").to_owned()
    }

    fn answer(&self, call: &Call) -> Reply {
        lock(&self.bearers).push(call.header("authorization").to_owned());
        let script = lock(&self.script);
        let line = script.iter().find(|line| call.path == format!("/x/{}", line.0));
        line.map_or_else(|| Reply::empty(404), |line| line.1.clone())
    }
}

/// A Teamtailor with one company and one candidate, and the partner it calls.
struct Play {
    teamtailor: SimTeamtailor,
    partner: Arc<ScriptedPartner>,
    server: Server,
    company: String,
    asha: i64,
}

const TOKEN_FORM: &str = r#"{"config": {"fields": [{"id": "externalTriggerToken", "type": "password",
    "label": "External Trigger Token", "required": true}], "validateEndpoint": "activation/validate"}}"#;

impl Play {
    /// The company has saved a form without input, so it presents a UUID.
    async fn new() -> Self {
        let partner = Arc::new(ScriptedPartner::default());
        let server = Server::start(ANY_PORT, partner.clone()).await.unwrap();
        let teamtailor = SimTeamtailor::start().await.unwrap();
        teamtailor.set_base(&format!("{}/x/", server.base_url()));
        let company = teamtailor.add_company("Employer");
        let asha = teamtailor.add_candidate("Asha", "Rao", "asha@example.com", Some("+919876543210"));
        assert!(teamtailor.admin_activates(&company, &Value::Null).await.unwrap().saved);
        Self { teamtailor, partner, server, company, asha }
    }

    fn answers(&self, path: &'static str, reply: Reply) {
        let mut script = lock(&self.partner.script);
        script.retain(|line| line.0 != path);
        script.push((path, reply));
    }

    fn last_bearer(&self) -> String {
        lock(&self.partner.bearers).last().cloned().unwrap_or_default()
    }

    /// Sends the candidate to a partner that answers so.
    async fn sent(&self, reply: Reply) -> Sent {
        self.answers("webhook", reply);
        let values = json!({"package_id": 1});
        self.teamtailor.recruiter_sends(&self.company, self.asha, &values, true).await.unwrap()
    }

    async fn config(&self, body: &Value) -> Vec<String> {
        self.answers("config", Reply::json(200, body));
        let before = self.teamtailor.violations().len();
        self.teamtailor.config(&self.company, Context::default()).await.unwrap();
        self.teamtailor.violations().split_off(before)
    }

    /// A right call of the API.
    async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        let key = format!("Bearer {}", self.teamtailor.api_key());
        let headers = [
            ("authorization", key),
            ("x-api-version", "20180828".into()),
            ("content-type", "application/vnd.api+json".into()),
        ];
        self.raw(method, path, &headers, body.to_string()).await
    }

    async fn raw(&self, method: Method, path: &str, headers: &[(&str, String)], body: String) -> Answer {
        let url = format!("{}/partner/v1/{path}", self.teamtailor.base_url());
        self.teamtailor.caller.send(Outgoing::with(method, &url, headers, body)).await
    }

    async fn update(&self, result: &str, attributes: &Value) -> u16 {
        let body = json!({"data": {"type": "partner-results", "id": result, "attributes": attributes}});
        self.call(Method::PUT, &format!("partner-results/{result}"), &body).await.http_status
    }

    fn shown(&self, sent: &Sent) -> Shown {
        self.teamtailor.shows(&sent.result_id).unwrap()
    }
}
