//! SmartRecruiters against a bridge that the test itself plays, rightly and wrongly.

mod calling;
mod connecting;
mod results;

use super::super::Fault;
use super::super::caller::{Answer, bare_client};
use super::super::reply::Reply;
use super::*;
use crate::call::Call;
use crate::server::{Server, Serves};
use serde_json::json;
use std::time::Duration;

const ACME: &str = "AcmeInc";

/// A bridge that answers each `METHOD path` with what the test put there; its token is `ours`.
struct Bridge(Vec<(&'static str, u16, Value)>);

impl Serves for Bridge {
    fn operation(&self, call: &Call) -> String {
        format!("{} {}", call.method, call.path)
    }

    fn answer(&self, call: &Call) -> Reply {
        let name = self.operation(call);
        let line = self.0.iter().find(|line| line.0 == name);
        if name != "POST /token" && call.bearer() != "ours" {
            return refusal(401, "UNAUTHORIZED", "No token");
        }
        match line {
            Some((_, 204, _)) => Reply::empty(204),
            Some((_, status, body)) => Reply::json(*status, body),
            None => refusal(404, "NOT_FOUND", "Not found"),
        }
    }
}

fn granted() -> (&'static str, u16, Value) {
    ("POST /token", 200, json!({"access_token": "ours", "expires_in": 600}))
}

fn package(id: &str) -> Value {
    json!({"id": id, "name": "Identity", "description": "", "type": "BACKGROUND_CHECK",
        "assessments": [{"id": "part", "type": "BACKGROUND_CHECK", "description": ""}]})
}

/// The doors of a bridge at `base`, with templates where there is an id.
fn configuration(base: &str) -> Value {
    json!({"consentUrl": format!("{base}/consent?v=1"), "consentDisplayMode": "REDIRECT",
        "assessmentPackageListUrl": format!("{base}/packages"),
        "singleAssessmentPackageUrl": format!("{base}/packages/{{assessmentPackageId}}"),
        "oauthTokenUrl": format!("{base}/token"), "supportedAssessmentTypes": ["BACKGROUND_CHECK"],
        "packageOrderUrl": format!("{base}/orders"), "inlineAssessmentPackageOrderUrl": format!("{base}/inline"),
        "integrationDisableUrl": format!("{base}/companies/{{companyId}}"),
        "fields": [{"id": "dept", "name": "Department", "description": "Who pays"}]})
}

/// One call of the bridge that the test plays: the status, the body and the headers.
async fn send(
    sim: &SimSmartRecruiters,
    verb: &str,
    path: &str,
    token: &str,
    body: &Value,
) -> (u16, Value, reqwest::header::HeaderMap) {
    send_as(sim, verb, path, token, ("application/json", body.to_string())).await
}

async fn send_as(
    sim: &SimSmartRecruiters,
    verb: &str,
    path: &str,
    token: &str,
    (content_type, body): (&str, String),
) -> (u16, Value, reqwest::header::HeaderMap) {
    let url = format!("{}{path}", sim.base_url());
    let request = bare_client().request(verb.parse().unwrap(), url).header("content-type", content_type);
    let response = request.bearer_auth(token).body(body).send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default(), headers)
}

async fn ask_token(sim: &SimSmartRecruiters, id: &str, secret: &str) -> Answer {
    let url = format!("{}/identity/oauth/token", sim.base_url());
    let grant = ("grant_type", "client_credentials");
    sim.post_form(&url, &[grant, ("client_id", id), ("client_secret", secret)]).await
}

async fn token(sim: &SimSmartRecruiters, id: &str, secret: &str) -> String {
    ask_token(sim, id, secret).await.str_at("/access_token").unwrap().to_owned()
}

async fn master(sim: &SimSmartRecruiters) -> String {
    let (id, secret) = sim.master_pair();
    token(sim, &id, &secret).await
}

const CONFIGURATION: &str = "/assessment-api/v202010/partner/configuration";

fn integration(company: &str) -> String {
    format!("/assessment-api/v202010/integration/company/{company}")
}

fn results(order: &str) -> String {
    format!("/assessment-api/v202010/orders/{order}/results")
}

/// Connects a company and returns a token of its pair.
async fn connect(sim: &SimSmartRecruiters, company: &str) -> String {
    sim.consent(company);
    let body = json!({"clientId": format!("for {company}"), "clientSecret": "s"});
    let (status, pair, _) = send(sim, "POST", &integration(company), &master(sim).await, &body).await;
    assert_eq!(status, 200);
    token(sim, pair["clientId"].as_str().unwrap(), pair["clientSecret"].as_str().unwrap()).await
}

/// A simulator, a bridge behind a configuration, and a token for the connected company.
async fn connected(mut script: Vec<(&'static str, u16, Value)>) -> (SimSmartRecruiters, Server, String) {
    script.push(granted());
    let bridge = Server::start(ANY_PORT, Arc::new(Bridge(script))).await.unwrap();
    let sim = SimSmartRecruiters::start().await.unwrap();
    let body = configuration(&bridge.base_url());
    assert_eq!(send(&sim, "PUT", CONFIGURATION, &master(&sim).await, &body).await.0, 200);
    let token = connect(&sim, ACME).await;
    (sim, bridge, token)
}

async fn ordered() -> (SimSmartRecruiters, Server, String, String) {
    let script = vec![("POST /orders", 202, json!({})), ("GET /packages/p", 200, package("p"))];
    let (sim, bridge, token) = connected(script).await;
    let asha = sim.add_candidate("Asha", "Rao", "a@b.in", None);
    let (order, answer) = sim.recruiter_orders(ACME, &asha, "p", true).await.unwrap();
    assert_eq!(answer.http_status, 202);
    (sim, bridge, token, order)
}

fn last_body(bridge: &Server) -> Value {
    bridge.log().pop().unwrap().body
}

fn person() -> Person {
    Person { first_name: "Ravi".into(), last_name: "Iyer".into(), email: "r@b.in".into() }
}
