//! The part of Ashby's API that a partner calls.

use super::super::call::Call;
use super::super::caller::read_basic;
use super::super::lock;
use super::super::reply::Reply;
use super::super::server::Serves;
use super::refusal::{Refused, cloudflare_1010, success};
use super::state::State;
use serde_json::{Value, json};
use std::sync::Mutex;

/// The one version that is active; a header that names another is refused.
const API_VERSION: &str = "2026-01-01";

pub(super) struct Api(pub(super) std::sync::Arc<Mutex<State>>);

impl Serves for Api {
    fn operation(&self, call: &Call) -> String {
        call.path.rsplit('/').next().unwrap_or_default().to_owned()
    }

    fn answer(&self, call: &Call) -> Reply {
        if call.header("user-agent").trim().is_empty() {
            return cloudflare_1010();
        }
        let mut state = lock(&self.0);
        let operation = self.operation(call);
        let reply = match respond(&mut state, &operation, call) {
            Ok(results) => success(&results),
            Err(refused) => refused.reply(state.error_shape),
        };
        reply
            .with_header("x-ashby-request-id", &super::new_id())
            .with_header("ashby-version", API_VERSION)
            .with_header("ashby-version-status", "active")
    }
}

fn respond(state: &mut State, operation: &str, call: &Call) -> Result<Value, Refused> {
    authenticate(state, call)?;
    if call.method != "POST" || call.path != format!("/{operation}") {
        return Err(no_such_endpoint());
    }
    let body = read_body(state, operation, call)?;
    let named = |key| body.get(key).and_then(Value::as_str).unwrap_or_default();
    permit(state, scope_of(operation)?)?;
    match operation {
        "assessment.update" => {
            state.update(&body)?;
            Ok(json!({"assessment_id": named("assessment_id")}))
        }
        "assessment.addCompletedToCandidate" => state.add_completed(&body),
        "candidate.info" => found("candidate_not_found", state.people.candidate_info(named("id"))),
        "application.info" => {
            let info = state.people.application_info(named("applicationId"));
            found("application_not_found", info)
        }
        _ => Ok(json!({"title": "Background checks", "createdAt": "2026-01-05T09:00:00.000Z",
            "scopes": state.scopes})),
    }
}

fn scope_of(operation: &str) -> Result<&'static str, Refused> {
    match operation {
        "assessment.update" | "assessment.addCompletedToCandidate" => Ok("candidates:write"),
        "candidate.info" | "application.info" => Ok("candidates:read"),
        "apiKey.info" => Ok("apiKeys:read"),
        _ => Err(no_such_endpoint()),
    }
}

fn no_such_endpoint() -> Refused {
    Refused { status: 404, code: "not_found", message: "No such endpoint".into() }
}

/// A missing key is 401, a wrong or deactivated one 403; the key is the user name.
fn authenticate(state: &State, call: &Call) -> Result<(), Refused> {
    let Some((user, _)) = read_basic(call.header("authorization")).filter(|(user, _)| !user.is_empty()) else {
        return Err(Refused { status: 401, code: "unauthorized", message: "Missing API key".into() });
    };
    if user != state.api_key {
        return Err(Refused { status: 403, code: "forbidden", message: "Invalid API key".into() });
    }
    Ok(())
}

fn permit(state: &State, scope: &str) -> Result<(), Refused> {
    if state.scopes.iter().any(|granted| granted == scope) {
        return Ok(());
    }
    let message = format!("This API key lacks {scope}");
    Err(Refused { status: 403, code: "missing_endpoint_permission", message })
}

fn read_body(state: &mut State, operation: &str, call: &Call) -> Result<Value, Refused> {
    let version = call.header("ashby-version");
    if !version.is_empty() && version != API_VERSION {
        let message = format!("API version {version:?} does not exist");
        return Err(Refused { status: 400, code: "invalid_api_version", message });
    }
    if !call.header("content-type").starts_with("application/json") {
        state.violation(operation, "content-type is not application/json");
        return Err(Refused::because("invalid_input", "Content-Type must be application/json"));
    }
    call.json().ok_or_else(|| {
        state.violation(operation, "the body is not JSON");
        Refused::because("invalid_input", "The body is not JSON")
    })
}

fn found(code: &'static str, info: Option<Value>) -> Result<Value, Refused> {
    info.ok_or_else(|| Refused::because(code, "Not found"))
}

#[cfg(test)]
mod tests {
    use super::super::super::caller::{bare_client, basic};
    use super::super::{ErrorShape, SimAshby};
    use serde_json::{Value, json};

    async fn call(ashby: &SimAshby, name: &str, user: Option<&str>, agent: &str, body: &Value) -> (u16, String) {
        let url = format!("{}/{name}", ashby.base_url());
        let client = bare_client();
        let mut request = client.post(url).header("content-type", "application/json");
        if !agent.is_empty() {
            request = request.header("user-agent", agent);
        }
        if let Some(user) = user {
            request = request.header("authorization", basic(user, ""));
        }
        let response = request.body(body.to_string()).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    #[tokio::test]
    async fn the_key_is_asked_for_and_a_caller_without_a_name_never_gets_that_far() {
        let ashby = SimAshby::start().await.unwrap();
        let key = ashby.api_key();
        let (status, page) = call(&ashby, "apiKey.info", Some(&key), "", &json!({})).await;
        assert_eq!((status, page.contains("1010")), (403, true));
        assert_eq!(call(&ashby, "apiKey.info", None, "test", &json!({})).await.0, 401);
        assert_eq!(call(&ashby, "apiKey.info", Some("old"), "test", &json!({})).await.0, 403);
        assert_eq!(call(&ashby, "apiKey.info", Some(&key), "test", &json!({})).await.0, 200);
    }

    #[tokio::test]
    async fn a_missing_permission_is_named_in_whatever_shape_is_set() {
        let ashby = SimAshby::start().await.unwrap();
        ashby.set_scopes(&["candidates:read"]);
        for shape in [ErrorShape::Codes, ErrorShape::Messages, ErrorShape::Info] {
            ashby.set_error_shape(shape);
            let key = ashby.api_key();
            let (status, text) = call(&ashby, "assessment.update", Some(&key), "test", &json!({})).await;
            assert_eq!(status, 403);
            assert!(text.contains("missing_endpoint_permission"), "{text}");
        }
    }

    #[tokio::test]
    async fn a_candidate_is_read_and_an_unknown_one_is_a_200_without_success() {
        let ashby = SimAshby::start().await.unwrap();
        let asha = ashby.add_candidate("Asha", "Rao", "asha@example.com", Some("9876543210"));
        let key = ashby.api_key();
        let body = json!({"id": asha.candidate_id});
        let (status, text) = call(&ashby, "candidate.info", Some(&key), "test", &body).await;
        assert_eq!((status, text.contains("9876543210")), (200, true));
        let (status, text) = call(&ashby, "candidate.info", Some(&key), "test", &json!({"id": "x"})).await;
        assert_eq!((status, text.contains("\"success\":false")), (200, true));
        let body = json!({"applicationId": asha.application_id});
        let (_, text) = call(&ashby, "application.info", Some(&key), "test", &body).await;
        assert!(text.contains("Asha Rao"));
    }
}
