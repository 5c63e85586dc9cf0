//! The vendor against a bridge that the test itself plays, once right and once wrong; and the bridge's own connector
//! against the vendor.

use super::super::call::Call;
use super::super::caller::bare_client;
use super::super::reply::Reply;
use super::super::server::{Server, Serves};
use super::super::{Fault, NO_ANSWER};
use super::signing::tests::{now, sign};
use super::*;
use crate::Delivery;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// The side that plays StackOne: it answers what it is told to, to whoever shows key and account.
struct Door(Mutex<Reply>);

impl Serves for Door {
    fn operation(&self, call: &Call) -> String {
        format!("{} {}", call.method, call.path)
    }

    fn answer(&self, call: &Call) -> Reply {
        let known = call.header("authorization") == basic("our key", "") && call.header("x-account-id") == "account";
        if known { lock(&self.0).clone() } else { Reply::empty(401) }
    }
}

fn updated() -> Reply {
    let at = "2026-01-01T00:00:00.000Z";
    Reply::json(200, &json!({"statusCode": 200, "message": "Record updated successfully.", "timestamp": at}))
}

async fn vendor_and_door() -> (SimStackOneVendor, Server, Arc<Door>) {
    let vendor = SimStackOneVendor::start().await.unwrap();
    let door = Arc::new(Door(Mutex::new(updated())));
    let server = Server::start(ANY_PORT, door.clone()).await.unwrap();
    vendor.configure(&format!("{}/c/", server.base_url()), "our key", "account", SECRET);
    (vendor, server, door)
}

fn event(vendor: &SimStackOneVendor, order_id: &str) -> Value {
    let back = lock(&vendor.office).result_url(order_id);
    json!({
        "project_id": "p", "account_id": "account", "event": "background_check_order.created",
        "event_date": "2026-01-01T00:00:00.000Z", "record_type": "background_check_order", "record_id": order_id,
        "sent_at": "2026-01-01T00:00:01.000Z",
        "event_data": {
            "id": order_id, "package": {"id": vendor.packages()[0].id}, "results_update_url": back,
            "candidate": {"id": "c", "first_name": "Asha", "emails": [{"type": "personal", "value": "a@example.com"}]},
        },
    })
}

async fn post(vendor: &SimStackOneVendor, headers: &[(&'static str, String)], body: &str) -> Answer {
    let call = Outgoing::with(Method::POST, &vendor.base_url(), headers, body.to_owned());
    vendor.handle.caller.send(call).await
}

async fn order(vendor: &SimStackOneVendor, order_id: &str) -> Answer {
    let body = event(vendor, order_id).to_string();
    post(vendor, &sign(SECRET, order_id, now(), &body), &body).await
}

#[tokio::test]
async fn an_order_that_comes_twice_is_one_order_and_the_answer_is_no_json() {
    let (vendor, _server, _) = vendor_and_door().await;
    let first = order(&vendor, "o-1").await;
    assert_eq!((first.http_status, first.text.as_str()), (200, "ok"));
    vendor.faults().once("webhook", Fault::DoThenCut);
    assert_eq!(order(&vendor, "o-1").await.http_status, NO_ANSWER);
    vendor.set_test_urls(true);
    assert_eq!(order(&vendor, "o-1").await.str_at("/test_url"), Some("https://vendor.example/tests/o-1"));
    assert_eq!((vendor.creates(), vendor.orders()[0].events, vendor.calls("webhook")), (1, 3, 3));
    assert_eq!(vendor.violations(), [""; 0]);
}

#[tokio::test]
async fn each_scheme_is_verified_and_an_old_event_is_refused() {
    let (vendor, _server, _) = vendor_and_door().await;
    let body = event(&vendor, "o").to_string();
    let good = sign(SECRET, "o", now(), &body);
    let without = |name: &str| good.iter().filter(|(known, _)| *known != name).cloned().collect::<Vec<_>>();
    let padded = vec![good[0].clone(), (good[1].0, format!("{}=", good[1].1))];
    for (signing, wrong) in [
        (Signing::StackOne, without("x-stackone-signature")),
        (Signing::StackOne, padded),
        (Signing::StackOne, sign("another", "o", now(), &body)),
        (Signing::StandardWebhooks, without("webhook-signature")),
        (Signing::StandardWebhooks, sign(SECRET, "o", now() - 301, &body)),
        (Signing::StandardWebhooks, sign(SECRET, "o", now() + 310, &body)),
        (Signing::StandardWebhooks, sign(SECRET, "o.1", now(), &body)),
        (Signing::Both, without("x-stackone-signature")),
        (Signing::Both, sign("whsec_b2xk", "o", now(), &body)),
    ] {
        vendor.set_signing(signing);
        let before = vendor.violations().len();
        assert_eq!(post(&vendor, &wrong, &body).await.http_status, 401, "{signing:?} {wrong:?}");
        assert_eq!(vendor.violations().len(), before + 1);
    }
    vendor.add_signing_secret("whsec_b2xk");
    assert_eq!(post(&vendor, &sign("whsec_b2xk", "o", now(), &body), &body).await.http_status, 200);
    assert_eq!(vendor.creates(), 1);
}

#[tokio::test]
async fn an_event_that_stackone_would_not_send_is_a_violation() {
    let (vendor, _server, _) = vendor_and_door().await;
    for (pointer, wrong, problem) in [
        ("/event", json!("order.created"), "event is none of"),
        ("/account_id", json!("another"), "not the linked account"),
        ("/sent_at", json!("now"), "/sent_at is no time"),
        ("/event_data/id", json!("another"), "record_id is not the order's id"),
        ("/event_data/results_update_url", json!("https://x.example"), "not the path that results go to"),
        ("/event_data/candidate/emails", json!([]), "lacks a name or an e-mail"),
        ("/event_data/candidate/first_name", json!(null), "lacks a name or an e-mail"),
    ] {
        let mut body = event(&vendor, "o");
        *body.pointer_mut(pointer).unwrap() = wrong;
        let problems = envelope::order_event(&body, &lock(&vendor.office));
        assert!(problems.iter().any(|found| found.contains(problem)), "{pointer}: {problems:?}");
    }
    let mut body = event(&vendor, "o");
    body["event_data"]["candidate"]["phone"] = json!("1");
    assert_eq!(envelope::order_event(&body, &lock(&vendor.office)), ["event_data.candidate.phone is unknown"]);
    let same_id = sign(SECRET, "w-1", now(), &event(&vendor, "o-1").to_string());
    post(&vendor, &same_id, &event(&vendor, "o-1").to_string()).await;
    let second = event(&vendor, "o-2").to_string();
    post(&vendor, &sign(SECRET, "w-1", now(), &second), &second).await;
    assert_eq!(vendor.violations(), ["webhook: one webhook-id for two orders"]);
}

#[tokio::test]
async fn a_refused_order_and_a_package_that_is_gone_are_422() {
    let (vendor, _server, _) = vendor_and_door().await;
    vendor.refuse_orders(Some("No contract"));
    let refused = order(&vendor, "o").await;
    assert_eq!((refused.http_status, refused.str_at("/message")), (422, Some("No contract")));
    vendor.refuse_orders(None);
    let body = event(&vendor, "o").to_string();
    vendor.set_packages(Vec::new());
    assert_eq!(post(&vendor, &sign(SECRET, "o", now(), &body), &body).await.http_status, 422);
    assert_eq!(vendor.creates(), 0);
}

#[tokio::test]
async fn the_list_asks_for_key_and_signature_and_comes_in_pages() {
    let (vendor, _server, _) = vendor_and_door().await;
    vendor.set_page_size(1);
    let body = json!({"job_id": null, "account_id": "account", "provider": "ashby"}).to_string();
    let ask = async |key: &str, query: &str, secret: &str| {
        let mut headers = sign(secret, "x", now(), &body);
        headers.push(("authorization", basic(key, "")));
        let url = format!("{}{query}", vendor.packages_url());
        vendor.handle.caller.send(Outgoing::with(Method::POST, &url, &headers, body.clone())).await
    };
    let first = ask(&vendor.key(), "", SECRET).await;
    assert_eq!((first.str_at("/data/0/name"), first.str_at("/next")), (Some("Standard"), Some("1")));
    let second = ask(&vendor.key(), "?next=1", SECRET).await;
    assert_eq!((second.str_at("/data/0/name"), second.str_at("/next")), (Some("Employment"), None));
    assert_eq!(vendor.violations(), [""; 0]);
    assert_eq!(ask("wrong", "", SECRET).await.http_status, 401);
    assert_eq!(ask(&vendor.key(), "", "wrong").await.http_status, 401);
    assert_eq!(vendor.violations().len(), 1);
    let get = bare_client().get(vendor.packages_url()).send().await.unwrap();
    assert_eq!(get.status(), 405);
}

#[tokio::test]
async fn results_are_lost_held_repeated_and_tried_again() {
    let (vendor, server, door) = vendor_and_door().await;
    order(&vendor, "o").await;
    let moves =
        async |value: &str| vendor.vendor_moves("o", value, Some("Own"), &json!({"summary": "s"})).await.unwrap();
    vendor.set_delivery(Delivery::Lose);
    assert!(moves("initiated").await.is_empty());
    vendor.set_delivery(Delivery::Hold);
    assert!(moves("in_progress").await.is_empty() && moves("completed").await.is_empty());
    assert_eq!(vendor.release_held_backwards().await, [200, 200]);
    vendor.set_delivery(Delivery::Twice);
    assert_eq!(moves("passed").await, [200, 200]);
    vendor.set_delivery(Delivery::Once);
    *lock(&door.0) = Reply::json(503, &json!({"statusCode": 503, "message": "m", "timestamp": "2026-01-01T00:00:00Z"}));
    assert_eq!(moves("failed").await, [503]);
    *lock(&door.0) = updated();
    assert_eq!((vendor.redeliver().await, vendor.redeliver().await), (vec![200], vec![]));
    assert_eq!(vendor.replay("o", 0).await.unwrap(), [200]);
    assert_eq!(vendor.vendor_adds("o", json!({"result_url": "https://v.example"})).await.unwrap(), [200]);
    assert_eq!(
        vendor.results()[0].body,
        json!({"result": {"value": "completed", "source_value": "Own"}, "summary": "s"})
    );
    assert!(server.log().iter().all(|line| line.path == "/c/unified/ats/background_checks/orders/o/result"));
    assert_eq!((vendor.order("o").unwrap().value.as_deref(), vendor.violations().len()), (Some("failed"), 0));
    assert!(vendor.vendor_moves("another", "passed", None, &Value::Null).await.is_err());
}

#[tokio::test]
async fn answers_that_are_not_stackones_are_violations() {
    let (vendor, _server, door) = vendor_and_door().await;
    order(&vendor, "o").await;
    *lock(&door.0) = Reply::json(200, &json!({"success": true}));
    vendor.vendor_moves("o", "passed", None, &Value::Null).await.unwrap();
    assert_eq!(vendor.violations().len(), 3, "{:?}", vendor.violations());
    *lock(&door.0) = updated();
    vendor.pushes_packages(&[("Gold", "All")]).await.unwrap();
    assert_eq!(vendor.violations().len(), 5, "{:?}", vendor.violations());
    let right = json!({"statusCode": 201, "message": "m", "timestamp": "2026-01-01T00:00:00Z", "data": {"id": "g"}});
    *lock(&door.0) = Reply::json(201, &right);
    vendor.pushes_packages(&[("Gold", "All")]).await.unwrap();
    assert_eq!((vendor.pushed()[0].id.as_str(), vendor.violations().len()), ("g", 5));
    let path = "/unified/ats/background_checks/packages";
    assert_eq!(vendor.somebody_calls(Method::GET, path, &[], "").await.unwrap().http_status, 401);
    assert_eq!(vendor.calls_packages(Method::GET, "", &Value::Null).await.unwrap().http_status, 201);
    assert_eq!(vendor.reads_order("o").await.unwrap().http_status, 201);
}
