//! The connector without a wire: what it reads, what it sends, what it answers.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

mod shapes;

use super::signing::{Scheme, headers, scheme};
use super::*;
use crate::ats::AtsKind;
use crate::connection::NewConnection;
use crate::order::{AtsReference, ConnectionId, Detail, OrderId, Package, Reading, Status};
use crate::outbound::Outbound;
use crate::vendor::{Page, VendorKind};

/// The key of the Standard Webhooks specification's own example.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn connection(options: &[(&str, &str)]) -> Connection {
    Connection {
        options: options.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<BTreeMap<_, _>>(),
        ..Connection::new(NewConnection {
            id: ConnectionId::from_random([7; 8]),
            ats: AtsKind::Ashby,
            vendor: VendorKind::StackOne,
            ats_url: Url::parse("https://ats.example").expect("a URL"),
            vendor_url: Url::parse("https://vendor.example/hook").expect("a URL"),
            public_url: "https://crosscheck.example/v1".to_owned(),
            created_at: Timestamp::UNIX_EPOCH,
        })
    }
}

fn order() -> Order {
    let reference = AtsReference {
        candidate_id: "c-1".to_owned(),
        application_id: Some("a-1".to_owned()),
        ..AtsReference::default()
    };
    let package = Package { id: "p-1".to_owned(), name: "Standard".to_owned(), description: "Identity".to_owned() };
    Order {
        candidate: Some(Candidate {
            first_name: "Asha".to_owned(),
            last_name: "Rao".to_owned(),
            email: "asha@example.com".to_owned(),
            phone: Some("+91 98765 43210".to_owned()),
        }),
        ..Order::new(ConnectionId::from_random([7; 8]), reference, package, Timestamp::UNIX_EPOCH)
    }
}

fn read(method: &Method, path: &[&str], body: &Value) -> Result<Option<VendorRequest>, BadBody> {
    let body = body.to_string();
    StackOne.read_call(VendorCall { method, path, query: None, body: body.as_bytes() })
}

#[tokio::test]
async fn there_is_a_report_once_the_vendor_has_sent_its_address() {
    let (outbound, base) = (Outbound::new(false), Url::parse("https://v.example/webhook").expect("a URL"));
    let account = Account::bare(&outbound, &base, "key", Duration::from_secs(1));
    let mut order = order();
    order.profile_url = Some("https://v.example/test".to_owned());
    let none = StackOne.report(&account, &order).await.expect_err("the candidate's page is no report");
    assert_eq!(none.kind, FaultKind::NotFound);
    order.report_url = Some("https://v.example/result".to_owned());
    let page = ReportFile::Page(Url::parse("https://v.example/result").expect("a URL"));
    assert_eq!(StackOne.report(&account, &order).await.expect("a page"), page);
}

#[test]
fn an_update_keeps_what_it_does_not_name() {
    let mut order = order();
    let update = |body: Value| result::read(order.id, &body).expect("readable");
    let partial = update(json!({ "score": { "label": "percentage", "value": "9" } }));
    let named = update(json!({ "result": { "value": "passed", "source_value": "Passed" } }));
    assert_eq!(
        named.report_on(&order).reading,
        Reading::Known(Status { state: State::Completed, outcome: Outcome::Clear, label: "Passed".to_owned() })
    );
    order.take_push(named.report_on(&order), Timestamp::UNIX_EPOCH);
    let id = order.id.to_string();
    assert_eq!(order.placement.vendor_ref(), Some(id.as_str()), "a result proves that the vendor has the order");
    let before = order.status.clone();
    order.take_push(partial.report_on(&order), Timestamp::UNIX_EPOCH);
    assert_eq!((order.status, order.score.map(|s| s.raw)), (before, Some(9)));
}

#[test]
fn a_packages_tests_are_named_where_its_description_does_not_name_them() {
    let tests = json!([{ "name": "ID" }, { "name": "Court" }, { "name": null }]);
    for (described, description) in [
        (json!(null), Some("ID, Court")),
        (json!("Two checks."), Some("Two checks. Tests: ID, Court")),
        (json!("Court and more."), Some("Court and more. Tests: ID")),
        (json!("Court and ID"), Some("Court and ID")),
    ] {
        let package = json!({ "name": "Gold", "description": described, "tests": tests });
        assert_eq!(wire::description(&package).as_deref(), description);
    }
    assert_eq!(wire::description(&json!({ "name": "Gold", "tests": [] })), None);
}

#[test]
fn a_list_is_given_in_parts_of_the_size_that_is_asked_for() {
    let part = |query: &str| -> Result<(Vec<u8>, Option<usize>), String> {
        let path = ["unified", "ats", "background_checks", "packages"];
        let call = VendorCall { method: &Method::GET, path: &path, query: Some(query), body: b"" };
        match callback::read(call).map_err(|bad| bad.to_string())? {
            Some(VendorRequest::Packages(PackageCall::List(page))) => Ok(page.of((0..60).collect())),
            other => panic!("{other:?}"),
        }
    };
    for (query, from, to, next) in [
        ("", 0, 60, None),
        ("raw=true&page_size=25", 0, 25, Some(25)),
        ("page_size=25&next=25", 25, 50, Some(50)),
        ("page_size=25&next=50", 50, 60, None),
        ("page_size=60&next=", 0, 60, None),
        ("page_size=0", 0, 60, None),
        ("page_size=10&next=99", 60, 60, None),
        ("page_size=18446744073709551615&next=1", 1, 60, None),
    ] {
        assert_eq!(part(query), Ok(((from..to).collect(), next)), "{query}");
    }
    for wrong in ["next=x", "page_size=-1"] {
        assert!(part(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn every_attachment_is_kept_the_report_apart_from_the_others() {
    let one = |url: &str, kind: &str| json!({ "url": url, "content_type": { "value": kind, "source_value": null } });
    let attachments =
        [one("https://v.example/a", "video"), one("https://v.example/b", "pdf"), one("http://v.example/c", "pdf")];
    let body = json!({ "attachments": attachments, "result_url": "https://v.example/page" });
    let update = result::read(OrderId::generate(), &body).expect("readable");
    assert_eq!(update.report_url.as_deref(), Some("https://v.example/b"));
    let other = Detail { label: "Document (video)".to_owned(), value: "https://v.example/a".to_owned() };
    assert_eq!(update.details, [other]);
}

#[test]
fn every_call_of_the_protocol_is_read_in_both_halves() {
    let id = OrderId::generate();
    let name = id.to_string();
    for half in ["background_checks", "assessments"] {
        let call = |method: Method, rest: &[&str], body: &Value| {
            let path: Vec<&str> = ["unified", "ats", half].iter().chain(rest).copied().collect();
            read(&method, &path, body)
        };
        let none = json!(null);
        let all = PackageCall::List(Page::default());
        assert_eq!(call(Method::GET, &["packages"], &none), Ok(Some(VendorRequest::Packages(all))));
        assert_eq!(
            call(Method::GET, &["packages", "x"], &none),
            Ok(Some(VendorRequest::Packages(PackageCall::Read("x".to_owned()))))
        );
        assert_eq!(
            call(Method::DELETE, &["packages", "x"], &none),
            Ok(Some(VendorRequest::Packages(PackageCall::Drop("x".to_owned()))))
        );
        assert_eq!(call(Method::GET, &["orders", &name], &none), Ok(Some(VendorRequest::Order(id))));
        let gold = PackageCall::Add { name: "Gold".to_owned(), description: String::new() };
        let body = json!({ "name": " Gold " });
        assert_eq!(call(Method::POST, &["packages"], &body), Ok(Some(VendorRequest::Packages(gold))));
        let renamed = PackageCall::Change { id: "x".to_owned(), name: Some("Silver".to_owned()), description: None };
        assert_eq!(
            call(Method::PATCH, &["packages", "x"], &json!({ "name": "Silver" })),
            Ok(Some(VendorRequest::Packages(renamed)))
        );
        let update = call(Method::PATCH, &["orders", &name, "result"], &json!({}));
        assert!(
            matches!(update, Ok(Some(VendorRequest::Update(update))) if update.order == id && update.vendor_ref == name)
        );
        for (method, rest) in [
            (Method::GET, &["orders"][..]),
            (Method::POST, &["orders"]),
            (Method::PUT, &["packages", "x"]),
            (Method::PATCH, &["orders", "not-ours", "result"]),
            (Method::GET, &["orders", "not-ours"]),
        ] {
            assert_eq!(call(method, rest, &json!({})), Ok(None), "{rest:?}");
        }
    }
    assert_eq!(read(&Method::GET, &["unified", "ats", "jobs"], &json!({})), Ok(None));
}

#[test]
fn a_candidate_and_an_application_are_read_by_their_orders_id() {
    let id = OrderId::generate();
    let name = id.to_string();
    for kind in ["candidates", "applications"] {
        let call = |method: Method, rest: &[&str]| {
            let path: Vec<&str> = ["unified", "ats", kind].iter().chain(rest).copied().collect();
            read(&method, &path, &json!(null))
        };
        assert_eq!(call(Method::GET, &[name.as_str()]), Ok(Some(VendorRequest::Order(id))));
        assert_eq!(call(Method::GET, &[]), Ok(None), "there are no lists");
        assert_eq!(call(Method::GET, &["c-1"]), Ok(None), "the ATS's own id is no id of ours");
        assert_eq!(call(Method::GET, &[name.as_str(), "documents"]), Ok(None));
        for method in [Method::POST, Method::PATCH, Method::DELETE] {
            assert_eq!(call(method, &[name.as_str()]), Ok(None));
        }
    }
}

#[test]
fn a_package_without_a_name_or_with_too_long_a_one_is_refused_by_the_fields_name() {
    let path = ["unified", "ats", "background_checks", "packages"];
    for body in [json!({}), json!([]), json!({ "name": "x".repeat(201) }), json!({ "name": 7 })] {
        let refused = read(&Method::POST, &path, &body).expect_err("refused");
        assert!(refused.to_string().contains("`name`"), "{refused}");
    }
}

#[test]
fn only_the_key_as_user_name_verifies_and_only_for_its_own_account() {
    let connection = connection(&[]);
    let keys = [StoredKeys { callback_secret: "secret".to_owned(), ..StoredKeys::default() }];
    let verify = |authorization: &str, account: Option<&str>| {
        let mut request = http::Request::get("/").header("authorization", authorization);
        if let Some(account) = account {
            request = request.header("x-account-id", account);
        }
        StackOne.verify(&request.body(Bytes::new()).expect("a request"), &connection, &keys).is_ok()
    };
    let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
    let own = connection.id.to_string();
    assert!(verify(&basic("secret:"), Some(&own)));
    assert!(verify(&basic("secret:"), None));
    assert!(!verify(&basic("secret:"), Some("0000000000000000")));
    assert!(!verify(&basic("secret:"), Some("")));
    for wrong in [basic(":secret"), basic("secre:"), basic(":"), "Bearer secret".to_owned(), String::new()] {
        assert!(!verify(&wrong, Some(&own)), "{wrong}");
    }
}

#[test]
fn signatures_are_those_of_node_and_of_the_standard_webhooks_library() {
    let (outbound, url) = (Outbound::new(false), Url::parse("https://v.example").expect("a URL"));
    let bare = Account::bare(&outbound, &url, "key", Duration::from_secs(1));
    let account = Account { signing_secret: SECRET, ..bare };
    // Of the published test vector: message `msg_p5jXN8AQM9LWM0D4loKWxJek`, 2021-02-25.
    let at = Timestamp::from_second(1_614_265_330).expect("a time");
    let signed =
        headers(&account, "test", Scheme::Both, ("msg_p5jXN8AQM9LWM0D4loKWxJek", at), r#"{"test": 2432232314}"#)
            .expect("signed");
    assert_eq!(signed["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert_eq!(signed["webhook-timestamp"], "1614265330");
    let stackone = signed["x-stackone-signature"].to_str().expect("text");
    assert_eq!(stackone.len(), 43, "base64url without padding");
    assert!(crate::signature::is_signed(SECRET.as_bytes(), r#"{"test": 2432232314}"#, stackone));
    let rotating = Account { previous_signing_secret: "whsec_b2xk", ..account };
    let both = headers(&rotating, "test", Scheme::StandardWebhooks, ("m", at), "{}").expect("signed");
    let listed = both["webhook-signature"].to_str().expect("text");
    assert_eq!(listed.split(' ').filter(|one| one.starts_with("v1,")).count(), 2);
    assert!(!both.contains_key("x-stackone-signature"));
    assert!(headers(&bare, "test", Scheme::Both, ("m", at), "{}").is_err_and(|fault| !fault.maybe_done));
}

#[test]
fn the_option_signing_has_three_values() {
    let (outbound, url) = (Outbound::new(false), Url::parse("https://v.example").expect("a URL"));
    let bare = Account::bare(&outbound, &url, "key", Duration::from_secs(1));
    let of = |value: &str| {
        let connection = connection(&[("signing", value)]);
        scheme(&Account { connection: Some(&connection), ..bare }, "test").ok()
    };
    assert_eq!(scheme(&bare, "test").ok(), Some(Scheme::StackOne));
    assert_eq!(of("stackone"), Some(Scheme::StackOne));
    assert_eq!(of("standard-webhooks"), Some(Scheme::StandardWebhooks));
    assert_eq!(of("both"), Some(Scheme::Both));
    assert_eq!(of("none"), None);
}

#[test]
fn an_event_carries_the_order_and_the_way_back() {
    let (connection, mut order) = (connection(&[]), order());
    let at = Timestamp::from_millisecond(1_700_000_000_123).expect("a time");
    let event = wire::event("background_check_order.created", &connection, &order, at);
    let at = |pointer: &str| event.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(at("/account_id"), "0707070707070707");
    assert_eq!(at("/record_type"), "background_check_order");
    assert_eq!(at("/record_id"), json!(order.id.to_string()));
    assert_eq!(at("/sent_at"), "2023-11-14T22:13:20.123Z");
    assert_eq!(at("/event_data/candidate/emails/0/value"), "asha@example.com");
    for pointer in ["candidate_id", "application_id", "candidate/id", "application/id"] {
        assert_eq!(at(&format!("/event_data/{pointer}")), json!(order.id.to_string()), "{pointer}: leads back here");
    }
    assert_eq!(at("/event_data/candidate/remote_id"), "c-1");
    assert_eq!(at("/event_data/application/remote_id"), "a-1");
    assert_eq!((at("/event_data/job"), at("/event_data/package/name")), (Value::Null, json!("Standard")));
    let back = format!(
        "https://crosscheck.example/v1/callbacks/stackone/0707070707070707/unified/ats/background_checks/orders/{}/result",
        order.id
    );
    assert_eq!(at("/event_data/results_update_url"), json!(back));
    assert!(!event.to_string().contains("98765"), "StackOne's order has no field for a phone number");
    (order.reference.job_id, order.reference.job_title) = (Some("j-1".to_owned()), Some("Accountant".to_owned()));
    order.candidate.iter_mut().for_each(|candidate| candidate.email.clear());
    let told = wire::order(&order, &connection.callback_url());
    assert_eq!((&told["job"]["id"], &told["job"]["title"]), (&json!("j-1"), &json!("Accountant")));
    assert_eq!(told["candidate"]["emails"], json!([]), "no address is no entry");
}

#[test]
fn package_lists_are_read_with_either_id_and_their_next_page() {
    let body = json!({ "data": [
        { "id": "1", "name": "Gold", "description": null, "tests": [{ "name": "ID" }] },
        { "remote_id": 2, "name": "" },
        { "name": "no id" },
    ], "next": "n" });
    let (packages, next) = wire::package_list(&body).expect("a list");
    let shown: Vec<_> = packages.iter().map(|p| (p.id.as_str(), p.name.as_str(), p.description.as_str())).collect();
    assert_eq!(shown, [("1", "Gold", "ID"), ("2", "Package 2", "")]);
    assert_eq!(next.as_deref(), Some("n"));
    assert!(wire::package_list(&json!({ "data": {} })).is_none());
    assert_eq!(wire::package_list(&json!({ "data": [], "next": null })), Some((Vec::new(), None)));
}
