//! The vendor against a bridge that the test itself plays, once right and once wrong.

use super::super::call::Call;
use super::super::caller::bare_client;
use super::super::reply::Reply;
use super::super::server::{Server, Serves};
use super::super::{Fault, NO_ANSWER};
use super::start::tests::body;
use super::*;
use crate::Delivery;

/// The side that plays Ashby: it answers what it is told to, to whoever shows the key.
struct Door(Mutex<Reply>);

impl Serves for Door {
    fn operation(&self, call: &Call) -> String {
        call.path.trim_start_matches('/').to_owned()
    }

    fn answer(&self, call: &Call) -> Reply {
        let known = call.header("authorization") == basic("ashby key", "");
        if known { lock(&self.0).clone() } else { Reply::empty(403) }
    }
}

fn success(results: &Value) -> Reply {
    Reply::json(200, &json!({"success": true, "results": results}))
}

async fn vendor_and_door() -> (SimAshbyVendor, Server, Arc<Door>) {
    let vendor = SimAshbyVendor::start().await.unwrap();
    let door = Arc::new(Door(Mutex::new(success(&json!({})))));
    let server = Server::start(ANY_PORT, door.clone()).await.unwrap();
    vendor.configure_callback(&server.base_url(), "ashby key");
    (vendor, server, door)
}

async fn post(vendor: &SimAshbyVendor, name: &str, body: &Value) -> Answer {
    let url = format!("{}{name}", vendor.base_url());
    vendor.handle.caller.post(&url, Some(basic(&vendor.token(), "")), body.to_string()).await
}

fn order(vendor: &SimAshbyVendor, application_id: &str) -> Value {
    body(&vendor.packages()[0].assessment_type_id, application_id)
}

async fn begin(vendor: &SimAshbyVendor, application_id: &str) -> String {
    let answer = post(vendor, "assessment.start", &order(vendor, application_id)).await;
    answer.str_at("/results/assessment_id").unwrap().to_owned()
}

#[tokio::test]
async fn the_list_has_uuids_and_asks_for_nothing_but_the_token() {
    let vendor = SimAshbyVendor::start().await.unwrap();
    let answer = post(&vendor, "assessment.list", &json!({})).await;
    assert_eq!((answer.http_status, &answer.body["success"]), (200, &json!(true)));
    let first = &answer.body["results"][0];
    assert!(uuid::Uuid::parse_str(first["assessment_type_id"].as_str().unwrap()).is_ok());
    assert!(first["name"].is_string() && answer.body["results"][1]["description"].is_string());
    let url = format!("{}assessment.list", vendor.base_url());
    let bare = bare_client().post(&url).header("authorization", basic(&vendor.token(), ""));
    assert_eq!(bare.send().await.unwrap().status(), 200);
    assert!(vendor.violations().is_empty());
    post(&vendor, "assessment.list", &json!({"page": 1})).await;
    assert_eq!(vendor.violations(), ["assessment.list: the body is not the empty object"]);
}

#[tokio::test]
async fn a_wrong_token_a_second_slash_and_a_get_are_refused_with_an_envelope() {
    let vendor = SimAshbyVendor::start().await.unwrap();
    let url = format!("{}assessment.list", vendor.base_url());
    for wrong in
        [None, Some(basic("", &vendor.token())), Some(basic("old", "")), Some(format!("Bearer {}", vendor.token()))]
    {
        let answer = vendor.handle.caller.post(&url, wrong, "{}".into()).await;
        assert_eq!((answer.http_status, answer.str_at("/errorInfo/code")), (401, Some("unauthorized")));
        assert!(answer.body["errors"].is_array());
    }
    assert_eq!(post(&vendor, "/assessment.list", &json!({})).await.http_status, 404);
    assert_eq!(post(&vendor, "assessment.info", &json!({})).await.http_status, 404);
    let get = bare_client().get(&url).header("authorization", basic(&vendor.token(), "")).send().await.unwrap();
    assert_eq!((get.status().as_u16(), vendor.violations().len()), (405, 1));
    let old = vendor.token();
    assert_ne!(vendor.rotate_token(), old);
}

#[tokio::test]
async fn a_start_as_ashby_sends_it_is_an_order_and_one_that_lacks_a_field_is_a_violation() {
    let vendor = SimAshbyVendor::start().await.unwrap();
    let id = begin(&vendor, "a-1").await;
    assert!(uuid::Uuid::parse_str(&id).is_ok() && vendor.violations().is_empty());
    let made = vendor.order(&id).unwrap();
    assert_eq!(
        (made.email.as_str(), made.candidate_id.as_str(), made.status.as_str()),
        ("asha@example.com", "c-1", STATUSES[0])
    );
    let mut wrong = order(&vendor, "a-2");
    wrong["candidate"].as_object_mut().unwrap().remove("ashby_profile_url");
    let answer = post(&vendor, "assessment.start", &wrong).await;
    assert_eq!((answer.http_status, answer.str_at("/message").is_some()), (422, true));
    assert_eq!(vendor.violations(), ["assessment.start: candidate.ashby_profile_url is missing or no string"]);
    assert_eq!((vendor.creates(), vendor.calls("assessment.start")), (1, 2));
}

#[tokio::test]
async fn a_body_that_is_not_announced_as_json_is_a_violation() {
    let vendor = SimAshbyVendor::start().await.unwrap();
    let url = format!("{}assessment.start", vendor.base_url());
    let call = bare_client().post(url).header("authorization", basic(&vendor.token(), ""));
    call.body(order(&vendor, "a").to_string()).send().await.unwrap();
    assert_eq!(vendor.violations(), ["assessment.start: the body is not announced as application/json"]);
}

#[tokio::test]
async fn a_repeated_start_is_the_same_order_a_conflict_or_another_charge() {
    let vendor = SimAshbyVendor::start().await.unwrap();
    vendor.faults().once("assessment.start", Fault::DoThenCut);
    assert_eq!(post(&vendor, "assessment.start", &order(&vendor, "a")).await.http_status, NO_ANSWER);
    let first = vendor.orders()[0].assessment_id.clone();
    assert_eq!((begin(&vendor, "a").await, vendor.creates()), (first.clone(), 1));
    vendor.set_on_repeat(OnRepeat::Conflict);
    let conflict = post(&vendor, "assessment.start", &order(&vendor, "a")).await;
    assert_eq!((conflict.http_status, conflict.text.as_str()), (409, ""));
    vendor.set_on_repeat(OnRepeat::NewOrder);
    assert_ne!(begin(&vendor, "a").await, first);
    assert_eq!(vendor.creates(), 2);
}

#[tokio::test]
async fn after_its_end_an_order_no_longer_stands_in_the_way_of_a_new_one() {
    let vendor = SimAshbyVendor::start().await.unwrap();
    vendor.set_on_repeat(OnRepeat::Conflict);
    let first = begin(&vendor, "a").await;
    vendor.vendor_moves(&first, "complete", Some("Clear"), None).await.unwrap();
    let second = begin(&vendor, "a").await;
    post(&vendor, "assessment.cancel", &json!({"assessment_id": second})).await;
    begin(&vendor, "a").await;
    assert_eq!(vendor.creates(), 3);
}

#[tokio::test]
async fn a_check_that_is_not_offered_or_not_wanted_is_a_422_for_the_recruiter() {
    let vendor = SimAshbyVendor::start().await.unwrap();
    let unknown = body("e9ed20fd-d45f-4aad-8a00-a19bfba0083e", "a");
    assert_eq!(post(&vendor, "assessment.start", &unknown).await.http_status, 422);
    vendor.refuse_starts(Some("The account has no credit"));
    let refused = post(&vendor, "assessment.start", &order(&vendor, "a")).await;
    assert_eq!(refused.str_at("/message"), Some("The account has no credit"));
    vendor.refuse_starts(None);
    begin(&vendor, "a").await;
    assert!(vendor.violations().is_empty());
}

#[tokio::test]
async fn an_open_order_is_cancelled_twice_and_a_completed_or_unknown_one_never() {
    let vendor = SimAshbyVendor::start().await.unwrap();
    let id = begin(&vendor, "a").await;
    for _ in 0..2 {
        let answer = post(&vendor, "assessment.cancel", &json!({"assessment_id": id})).await;
        assert_eq!(answer.str_at("/results/assessment_id"), Some(id.as_str()));
    }
    assert!(vendor.cancelled(&id).unwrap());
    let done = begin(&vendor, "a").await;
    vendor.vendor_moves(&done, "complete", Some("Review"), None).await.unwrap();
    let late = post(&vendor, "assessment.cancel", &json!({"assessment_id": done})).await;
    assert_eq!((late.http_status, late.str_at("/errorInfo/code")), (200, Some("assessment_completed")));
    assert!(!vendor.cancelled(&done).unwrap() && vendor.violations().is_empty());
    let unknown = post(&vendor, "assessment.cancel", &json!({"assessment_id": "1"})).await;
    assert_eq!(unknown.str_at("/errorInfo/code"), Some("assessment_not_found"));
    assert_eq!(vendor.violations(), ["assessment.cancel: assessment_id is missing or no UUID"]);
    assert!(vendor.cancelled("1").is_err());
}

#[tokio::test]
async fn answers_carry_the_first_and_the_last_update_if_asked() {
    let vendor = SimAshbyVendor::start().await.unwrap();
    vendor.set_update_in_answer(true);
    let answer = post(&vendor, "assessment.start", &order(&vendor, "a")).await;
    assert_eq!(answer.str_at("/results/update_request/assessment_status/value"), Some(STATUSES[0]));
    let id = answer.str_at("/results/assessment_id").unwrap();
    assert_eq!(answer.str_at("/results/update_request/assessment_id"), Some(id));
    let answer = post(&vendor, "assessment.cancel", &json!({"assessment_id": id})).await;
    assert!(answer.str_at("/results/update_request/cancelled_reason/value").is_some());
}

#[tokio::test]
async fn a_check_goes_through_four_statuses_and_ends_with_a_result_and_its_link() {
    let (vendor, server, _door) = vendor_and_door().await;
    let id = begin(&vendor, "a").await;
    for status in STATUSES.iter().take(3) {
        assert_eq!(vendor.vendor_moves(&id, status, None, None).await.unwrap(), [200]);
    }
    vendor.vendor_moves(&id, STATUSES[3], Some(RESULTS[2]), None).await.unwrap();
    let log = server.log();
    let times: Vec<_> = log.iter().map(|line| line.body["timestamp"].as_i64().unwrap()).collect();
    assert!(times.is_sorted_by(|before, after| before < after));
    assert_eq!((log[0].path.as_str(), log[0].headers["user-agent"].as_str()), ("/assessment.update", "Justifacts/1.0"));
    assert!(log[2].body.get("assessment_result").is_none());
    let last = &log[3].body;
    assert_eq!(
        (&last["assessment_status"]["value"], &last["assessment_result"]["value"]),
        (&json!("complete"), &json!("Adverse"))
    );
    let link = last["assessment_profile_url"]["value"].as_str().unwrap();
    assert_eq!((&last["assessment_profile_url"]["type"], link.ends_with("results/2077775")), (&json!("url"), true));
    vendor.vendor_moves(&id, "complete", Some("Clear"), Some("https://example.com/r")).await.unwrap();
    assert_eq!(server.log()[4].body["assessment_profile_url"]["value"], "https://example.com/r");
    vendor.vendor_cancels(&id, "Applicant withdrew").await.unwrap();
    assert_eq!(server.log()[5].body["cancelled_reason"]["value"], "Applicant withdrew");
    assert!(vendor.vendor_moves("nobody", "complete", None, None).await.is_err());
    assert!(vendor.violations().is_empty());
}

#[tokio::test]
async fn updates_are_lost_doubled_held_stale_and_tried_again() {
    let (vendor, server, door) = vendor_and_door().await;
    let id = begin(&vendor, "a").await;
    vendor.set_delivery(Delivery::Lose);
    assert!(vendor.vendor_moves(&id, "one", None, None).await.unwrap().is_empty());
    vendor.set_delivery(Delivery::Twice);
    assert_eq!(vendor.vendor_moves(&id, "two", None, None).await.unwrap(), [200, 200]);
    vendor.set_delivery(Delivery::Hold);
    vendor.vendor_moves(&id, "three", None, None).await.unwrap();
    vendor.vendor_moves(&id, "four", None, None).await.unwrap();
    *lock(&door.0) = Reply::empty(503);
    assert_eq!(vendor.release_held_backwards().await, [503, 503]);
    *lock(&door.0) = success(&json!({}));
    assert_eq!((vendor.redeliver().await, vendor.redeliver().await), (vec![200, 200], vec![]));
    vendor.send_stale(&id).await.unwrap();
    vendor.replay(&id, 1).await.unwrap();
    let words: Vec<_> = server.log().iter().map(|line| line.body["assessment_status"]["value"].clone()).collect();
    assert_eq!(words, ["two", "two", "four", "three", "four", "three", "one", "two"]);
    let time = |nth: usize| server.log()[nth].body["timestamp"].as_i64();
    assert!(time(6) < time(0) && time(7) == time(0));
    assert_eq!(vendor.updates().len(), 8);
}

#[tokio::test]
async fn an_answer_that_is_no_envelope_is_a_violation() {
    let (vendor, _server, door) = vendor_and_door().await;
    let id = begin(&vendor, "a").await;
    let no = json!({"success": false, "errors": ["stale"], "errorInfo": {"code": "stale"}});
    for (right, reply) in [
        (true, Reply::json(200, &no)),
        (false, Reply::empty(200)),
        (false, Reply::json(200, &json!({"success": false}))),
    ] {
        let before = vendor.violations().len();
        *lock(&door.0) = reply;
        vendor.vendor_moves(&id, "x", None, None).await.unwrap();
        assert_eq!(vendor.violations().len() == before, right);
    }
}

#[tokio::test]
async fn the_vendor_reads_the_candidate_with_the_key_it_was_given() {
    let (vendor, server, door) = vendor_and_door().await;
    let info = json!({"id": "c-1", "name": "Asha Rao", "primaryPhoneNumber": {"value": "9876543210"}});
    *lock(&door.0) = success(&info);
    let answer = vendor.asks_candidate_info("c-1").await.unwrap();
    assert_eq!(answer.str_at("/results/primaryPhoneNumber/value"), Some("9876543210"));
    assert_eq!((server.log()[0].operation.as_str(), &server.log()[0].body), ("candidate.info", &json!({"id": "c-1"})));
    assert!(vendor.violations().is_empty());
    *lock(&door.0) = success(&json!({"id": "c-2"}));
    vendor.asks_candidate_info("c-1").await.unwrap();
    assert_eq!(vendor.violations().len(), 2);
    vendor.configure_callback(&server.base_url(), "old key");
    assert_eq!(vendor.asks_candidate_info("c-1").await.unwrap().http_status, 403);
    let stranger = vendor.somebody_posts("assessment.update", None, "{}").await.unwrap();
    assert_eq!(stranger.http_status, 403);
    assert!(SimAshbyVendor::start().await.unwrap().asks_candidate_info("c-1").await.is_err());
}
