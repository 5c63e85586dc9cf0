//! SpringVerify against a bridge that the test itself plays.

use super::super::reply::Reply;
use super::super::{Fault, NO_ANSWER};
use super::*;
use crate::Delivery;
use crate::call::Call;
use crate::caller::bare_client;
use crate::server::{Server, Serves};
use base64::Engine;
use serde_json::json;

/// A callback door that accepts one secret and remembers nothing.
struct CallbackDoor;

impl Serves for CallbackDoor {
    fn operation(&self, _: &Call) -> String {
        "callback".into()
    }

    fn answer(&self, call: &Call) -> Reply {
        let verified = call.header("authorization") == "Bearer secret";
        Reply::empty(if verified { 200 } else { 401 })
    }
}

async fn vendor_and_door() -> (SimSpringVerify, Server) {
    let vendor = SimSpringVerify::start().await.unwrap();
    let door = Server::start(ANY_PORT, Arc::new(CallbackDoor)).await.unwrap();
    vendor.configure_callback(&format!("{}/callbacks/springverify/c", door.base_url()), "secret");
    (vendor, door)
}

fn body(email: &str, phone: &str) -> Value {
    json!({"candidate": {"name": "Asha Rao", "email": email, "phone": phone, "invite": true,
        "meta_data": {"order_id": "o-1"}}, "package": {"subtype_id": 4238}, "send_invite_email": true})
}

async fn add(vendor: &SimSpringVerify, body: &Value) -> Answer {
    let url = format!("{}/external/v1/candidate/add", vendor.base_url());
    vendor.handle.caller.post(&url, Some(format!("Bearer {}", vendor.token())), body.to_string()).await
}

async fn asha(vendor: &SimSpringVerify) -> i64 {
    let answer = add(vendor, &body("a@b.in", "9876543210")).await;
    answer.body["data"]["candidate_id"].as_i64().unwrap()
}

async fn get(vendor: &SimSpringVerify, path: &str) -> (u16, Value) {
    let client = bare_client();
    let url = format!("{}/external/v1/{path}", vendor.base_url());
    let request = client.get(url).header("authorization", format!("Bearer {}", vendor.token()));
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
}

#[tokio::test]
async fn an_order_is_paid_once_and_its_double_is_refused() {
    let vendor = SimSpringVerify::start().await.unwrap();
    let answer = add(&vendor, &body("a@b.in", "9876543210")).await;
    assert_eq!(answer.http_status, 200);
    assert_eq!(answer.body["data"]["meta_data"], json!({"order_id": "o-1"}));
    assert!(answer.str_at("/data/bgv_url").unwrap().contains("/candidate/bgv?token="));
    assert_eq!(add(&vendor, &body("a@b.in", "6000000000")).await.http_status, 409);
    assert_eq!(add(&vendor, &body("c@b.in", "9876543210")).await.http_status, 409);
    assert_eq!(add(&vendor, &body("c@b.in", "+919876543210")).await.http_status, 422);
    assert_eq!((vendor.creates(), vendor.credit_balance(), vendor.calls("candidate/add")), (1, 99, 4));
}

#[tokio::test]
async fn a_lost_answer_still_costs_and_the_candidate_is_found_by_either_list() {
    let vendor = SimSpringVerify::start().await.unwrap();
    vendor.faults().once("candidate/add", Fault::DoThenCut);
    assert_eq!(add(&vendor, &body("a@b.in", "9876543210")).await.http_status, NO_ANSWER);
    assert_eq!(vendor.creates(), 1);
    for path in ["candidate/details?limit=5&offset=0", "candidate?limit=5&offset=0"] {
        let (status, list) = get(&vendor, path).await;
        assert_eq!((status, &list["data"][0]["email"]), (200, &json!("a@b.in")), "{path}");
        assert!(list["data"][0].get("meta_data").is_none());
    }
    vendor.set_meta_data_in_reads(true);
    let (_, list) = get(&vendor, "candidate?limit=5&offset=0").await;
    assert_eq!(list["data"][0]["meta_data"]["order_id"], "o-1");
    let (_, past) = get(&vendor, "candidate?limit=5&offset=1").await;
    assert_eq!(past["data"], json!([]));
}

#[tokio::test]
async fn a_call_cut_before_the_work_costs_nothing() {
    let vendor = SimSpringVerify::start().await.unwrap();
    vendor.faults().once("candidate/add", Fault::CutBefore);
    assert_eq!(add(&vendor, &body("a@b.in", "9876543210")).await.http_status, NO_ANSWER);
    assert_eq!((vendor.creates(), vendor.credit_balance()), (0, 100));
}

#[tokio::test]
async fn packages_details_and_report_are_read_with_the_token_only() {
    let vendor = SimSpringVerify::start().await.unwrap();
    let id = asha(&vendor).await;
    let (_, packages) = get(&vendor, "candidate/packages").await;
    assert_eq!(packages["data"]["packages"][0]["subtype_id"], 4238);
    let path = format!("candidate/details?candidate_id={id}");
    assert_eq!(get(&vendor, &path).await.1["data"]["overall_status"], "Awaiting Input");
    let pdf = format!("candidate/report/pdf?candidate_id={id}&report_type=base_64");
    assert_eq!(get(&vendor, &pdf).await.0, 404);
    vendor.vendor_moves(id, 6).await.unwrap();
    let (_, report) = get(&vendor, &pdf).await;
    let report = report["report"].as_str().unwrap().to_owned();
    let report = base64::engine::general_purpose::STANDARD.decode(report).unwrap();
    assert!(report.starts_with(b"%PDF-"));
    let old = vendor.token();
    vendor.set_token("other");
    let auth = Some(format!("Bearer {old}"));
    let url = format!("{}/external/v1/candidate/add", vendor.base_url());
    assert_eq!(vendor.handle.caller.post(&url, auth, "{}".into()).await.http_status, 401);
}

#[tokio::test]
async fn finished_outcomes_are_pushed_and_interim_ones_only_when_enabled() {
    let (vendor, door) = vendor_and_door().await;
    let id = asha(&vendor).await;
    assert!(vendor.vendor_moves(id, 0).await.unwrap().is_empty());
    vendor.set_interim_pushes(true);
    assert_eq!(vendor.vendor_moves(id, 9).await.unwrap(), [200]);
    assert_eq!(vendor.vendor_moves(id, 1).await.unwrap(), [200]);
    let bodies: Vec<_> = door.log().into_iter().map(|line| line.body).collect();
    assert_eq!((&bodies[0]["event"], &bodies[1]["event"]), (&json!("status_update"), &json!("completed")));
    assert_eq!(bodies[1]["meta_data"]["order_id"], "o-1");
    assert!(bodies[0]["report_url"].is_null() && bodies[1]["report_url"].is_string());
}

#[tokio::test]
async fn callbacks_are_lost_doubled_held_and_replayed_on_request() {
    let (vendor, door) = vendor_and_door().await;
    vendor.set_interim_pushes(true);
    let id = asha(&vendor).await;
    vendor.set_delivery(Delivery::Lose);
    assert!(vendor.vendor_moves(id, 4).await.unwrap().is_empty());
    vendor.set_delivery(Delivery::Twice);
    assert_eq!(vendor.vendor_moves(id, 0).await.unwrap(), [200, 200]);
    vendor.set_delivery(Delivery::Hold);
    vendor.vendor_moves(id, 9).await.unwrap();
    vendor.vendor_moves(id, 1).await.unwrap();
    assert_eq!(vendor.release_held_backwards().await, [200, 200]);
    assert_eq!(vendor.replay(id, 0).await.unwrap(), [200]);
    let codes: Vec<_> = door.log().iter().map(|line| line.body["overall_status_code"].as_i64()).collect();
    assert_eq!(codes, [Some(0), Some(0), Some(1), Some(9), Some(4)]);
    assert_eq!(vendor.order(id).unwrap().word, "Completed");
}

#[tokio::test]
async fn an_endpoint_that_answers_401_is_called_no_more() {
    let (vendor, door) = vendor_and_door().await;
    let id = asha(&vendor).await;
    let url = format!("{}/callbacks", door.base_url());
    vendor.configure_callback(&url, "wrong");
    vendor.set_delivery(Delivery::Twice);
    assert_eq!(vendor.vendor_moves(id, 1).await.unwrap(), [401]);
    assert!(vendor.callback_is_disabled());
    assert!(vendor.vendor_moves(id, 8).await.unwrap().is_empty());
    vendor.configure_callback(&url, "secret");
    assert_eq!(vendor.vendor_moves(id, 8).await.unwrap(), [200, 200]);
    assert_eq!(vendor.somebody_posts(Some("Bearer guess"), "{}").await.unwrap().http_status, 401);
}

#[tokio::test]
async fn a_report_link_works_until_it_expires() {
    let (vendor, _door) = vendor_and_door().await;
    let id = asha(&vendor).await;
    vendor.vendor_moves(id, 1).await.unwrap();
    let callback = vendor.callbacks().pop().unwrap();
    let link = callback.body["report_url"].as_str().unwrap().to_owned();
    let client = bare_client();
    assert_eq!(client.get(&link).send().await.unwrap().status(), 200);
    vendor.expire_report_links();
    assert_eq!(client.get(&link).send().await.unwrap().status(), 403);
}
