//! Ashby against a partner that the test itself plays.

use super::super::reply::Reply;
use super::super::{Answer, Fault};
use super::*;
use crate::call::Call;
use crate::caller::{basic, read_basic};
use crate::server::{Server, Serves};
use serde_json::json;

const ASSESSMENT: &str = "0190a2b0-0000-7000-8000-00000000000a";

/// A partner that answers each name with what the test put there.
struct ScriptedPartner(Mutex<Vec<(&'static str, u16, Value)>>);

impl Serves for ScriptedPartner {
    fn operation(&self, call: &Call) -> String {
        call.path.rsplit('/').next().unwrap_or_default().into()
    }

    fn answer(&self, call: &Call) -> Reply {
        let (user, password) = read_basic(call.header("authorization")).unwrap_or_default();
        if user != "token" && password != "token" {
            return Reply::json(401, &json!({"success": false}));
        }
        let name = self.operation(call);
        let script = lock(&self.0);
        let line = script.iter().find(|line| line.0 == name);
        line.map_or_else(|| Reply::empty(404), |(_, status, body)| Reply::json(*status, body))
    }
}

async fn partner(script: Vec<(&'static str, u16, Value)>) -> (Server, Partner) {
    let server = Server::start(ANY_PORT, Arc::new(ScriptedPartner(Mutex::new(script)))).await.unwrap();
    let partner = Partner::new(&format!("{}/x/ashby/", server.base_url()), "token");
    (server, partner)
}

fn status(timestamp: i64, value: &str) -> Value {
    json!({"assessment_id": ASSESSMENT, "timestamp": timestamp, "assessment_status":
        {"identifier": "status", "label": "Status", "type": "string", "value": value}})
}

fn started(update: &Value) -> Value {
    json!({"success": true, "results": {"assessment_id": ASSESSMENT, "update_request": update}})
}

async fn update(ashby: &SimAshby, body: &Value) -> Answer {
    let url = format!("{}/assessment.update", ashby.base_url());
    ashby.handle.caller.post(&url, Some(basic(&ashby.api_key(), "")), body.to_string()).await
}

#[tokio::test]
async fn a_refresh_fills_the_picker_and_joins_the_url_either_way() {
    let kind = json!({"assessment_type_id": ASSESSMENT, "name": "Basic", "description": ""});
    let list = json!({"success": true, "results": [kind]});
    let (server, partner) = partner(vec![("assessment.list", 200, list)]).await;
    let ashby = SimAshby::start().await.unwrap();
    assert_eq!(ashby.refresh(&partner).await.http_status, 200);
    assert_eq!(ashby.refresh(&partner.clone().with_double_slash()).await.http_status, 200);
    assert_eq!(ashby.refresh(&partner.clone().with_token_as_password()).await.http_status, 200);
    assert_eq!(ashby.refresh(&partner.without_token()).await.http_status, 401);
    let paths: Vec<_> = server.log().into_iter().map(|line| line.path).collect();
    assert_eq!(paths.first().unwrap(), "/x/ashby/assessment.list");
    assert_eq!(paths.get(1).unwrap(), "/x/ashby//assessment.list");
    assert_eq!(ashby.picker(), [kind]);
    assert!(ashby.violations().is_empty());
}

#[tokio::test]
async fn an_assessment_is_started_reported_on_and_completed() {
    let (server, partner) = partner(vec![("assessment.start", 200, started(&status(1, "Invited")))]).await;
    let ashby = SimAshby::start().await.unwrap();
    let asha = ashby.add_candidate("Asha", "Rao", "asha@example.com", None);
    let fields = json!({"dept": "eng"});
    let answer = ashby.recruiter_starts(&partner, &asha.application_id, ASSESSMENT, fields).await.unwrap();
    assert_eq!(answer.str_at("/results/assessment_id"), Some(ASSESSMENT));
    let sent = server.log().pop().unwrap().body;
    assert_eq!(sent["candidate"]["first_name"], "Asha");
    assert_eq!(sent["additional_fields"]["dept"], "eng");
    assert_eq!(ashby.shows(ASSESSMENT).unwrap().status.as_deref(), Some("Invited"));
    assert_eq!(update(&ashby, &status(2, "Started")).await.body["success"], true);
    let mut done = status(3, "Completed");
    done["assessment_profile_url"] =
        json!({"identifier": "report_url", "label": "Report", "type": "url", "value": "https://r.example"});
    done["assessment_result"] = json!({"identifier": "result", "label": "Result", "type": "string", "value": "Clear"});
    assert_eq!(update(&ashby, &done).await.body["success"], true);
    let shown = ashby.shows(ASSESSMENT).unwrap();
    assert_eq!((shown.started, shown.completed, shown.updates), (true, true, 3));
    assert_eq!(shown.result.as_deref(), Some("Clear"));
    assert!(ashby.violations().is_empty());
}

#[tokio::test]
async fn a_repeated_start_is_the_same_assessment_and_no_violation() {
    let (_server, partner) = partner(vec![("assessment.start", 200, started(&status(1, "Invited")))]).await;
    let ashby = SimAshby::start().await.unwrap();
    let asha = ashby.add_candidate("Asha", "Rao", "asha@example.com", None);
    for _ in 0..2 {
        ashby.recruiter_starts(&partner, &asha.application_id, ASSESSMENT, Value::Null).await.unwrap();
    }
    assert_eq!(ashby.assessments(), [ASSESSMENT]);
    assert_eq!(ashby.shows(ASSESSMENT).unwrap().updates, 1);
    assert!(ashby.violations().is_empty());
}

#[tokio::test]
async fn a_cancel_shows_the_reason_that_came_with_its_answer() {
    let reason = json!({"assessment_id": ASSESSMENT, "timestamp": 2, "cancelled_reason":
        {"identifier": "reason", "label": "Cancelled", "type": "string", "value": "By recruiter"}});
    let script = vec![
        ("assessment.start", 200, json!({"success": true, "results": {"assessment_id": ASSESSMENT}})),
        ("assessment.cancel", 200, started(&reason)),
    ];
    let (_server, partner) = partner(script).await;
    let ashby = SimAshby::start().await.unwrap();
    let asha = ashby.add_candidate("Asha", "Rao", "asha@example.com", None);
    assert!(ashby.recruiter_cancels(&partner, ASSESSMENT).await.is_err());
    ashby.recruiter_starts(&partner, &asha.application_id, ASSESSMENT, Value::Null).await.unwrap();
    ashby.recruiter_cancels(&partner, ASSESSMENT).await.unwrap();
    let shown = ashby.shows(ASSESSMENT).unwrap();
    assert_eq!((shown.cancelled, shown.cancelled_reason.as_deref()), (true, Some("By recruiter")));
}

#[tokio::test]
async fn answers_against_the_schema_are_violations_and_store_nothing() {
    let script = vec![
        ("assessment.start", 200, json!({"success": true, "results": {}})),
        ("assessment.list", 200, json!({"results": []})),
        ("customFields.fetch", 200, json!({"success": true, "fields": [{"id": "d", "name": "D", "type": "Select"}]})),
    ];
    let (_server, partner) = partner(script).await;
    let ashby = SimAshby::start().await.unwrap();
    let asha = ashby.add_candidate("Asha", "Rao", "asha@example.com", None);
    ashby.recruiter_starts(&partner, &asha.application_id, ASSESSMENT, Value::Null).await.unwrap();
    ashby.refresh(&partner).await;
    ashby.sync_custom_fields(&partner, CUSTOM_FIELD_NAMES[0]).await;
    assert_eq!(ashby.violations().len(), 3, "{:?}", ashby.violations());
    assert!(ashby.assessments().is_empty());
}

#[tokio::test]
async fn a_lost_answer_to_an_update_leaves_the_update_in_place() {
    let (_server, partner) = partner(vec![("assessment.start", 200, started(&status(1, "Invited")))]).await;
    let ashby = SimAshby::start().await.unwrap();
    let asha = ashby.add_candidate("Asha", "Rao", "asha@example.com", None);
    ashby.recruiter_starts(&partner, &asha.application_id, ASSESSMENT, Value::Null).await.unwrap();
    ashby.faults().once("assessment.update", Fault::DoThenCut);
    assert_eq!(update(&ashby, &status(2, "Started")).await.http_status, super::super::NO_ANSWER);
    assert!(ashby.shows(ASSESSMENT).unwrap().started);
    ashby.faults().once("assessment.update", Fault::Answer(rate_limited(2, true)));
    assert_eq!(update(&ashby, &status(3, "On hold")).await.http_status, 429);
    assert_eq!(ashby.shows(ASSESSMENT).unwrap().status.as_deref(), Some("Started"));
    assert_eq!(ashby.calls("assessment.update"), 2);
}
