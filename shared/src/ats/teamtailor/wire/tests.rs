//! What is read out of events, and what results look like.

use jiff::Timestamp;

use super::*;
use crate::order::{AtsReference, Cancellation, ConnectionId, Package, Placement, Status};

const LINK: &str = "https://c.example/reports/1";

fn read(body: &Value) -> Event {
    event(body.to_string().as_bytes()).expect("an event")
}

fn order(state: State, outcome: Outcome, label: &str) -> Order {
    let now = Timestamp::from_second(1_000).expect("a time");
    let package = Package { id: "1".to_owned(), name: "Gold".to_owned(), description: String::new() };
    Order {
        status: Status { state, outcome, label: label.to_owned() },
        placement: Placement::Placed { vendor_ref: "v".to_owned() },
        ..Order::new(ConnectionId::from_random([1; 8]), AtsReference::default(), package, now)
    }
}

#[test]
fn an_event_is_read_with_numbers_or_texts_as_ids() {
    let full = read(&json!({ "partner-event": {
        "id": "e-1",
        "webhook-data": { "package": "4238" },
        "partner-result": { "id": "r-1", "status": "sending", "update-url": "https://x" },
        "candidate": {
            "id": 54321, "uuid": "u", "first-name": " Asha ", "last-name": null, "email": "a@example.com",
            "phone": 46_700, "tags": [], "unheard-of": {}, "job": { "id": 7, "stage-id": 2, "trigger-id": 1 },
        },
    } }));
    let person = full.candidate.as_ref().expect("a candidate");
    assert_eq!((full.id(), full.package().as_deref(), full.company()), ("e-1", Some("4238"), None));
    assert_eq!((person.id.as_deref(), person.phone.as_deref()), (Some("54321"), Some("46700")));
    assert_eq!((person.first_name.as_deref(), person.last_name.as_deref()), (Some("Asha"), None));
    assert_eq!(person.job_id().as_deref(), Some("7"));
    let bare = read(&json!({ "partner-event": { "id": 5, "candidate": { "id": "5", "job": null } } }));
    assert_eq!(bare.id(), "5");
    assert_eq!(bare.candidate.and_then(|c| c.job_id()), None);
    assert!(bare.result.is_none());
}

#[test]
fn snake_case_is_read_too() {
    let snake = read(&json!({ "partner_event": {
        "id": "e", "webhook_data": { "package": 1 }, "partner_result": { "id": "r", "update_url": "u" },
        "candidate": { "first_name": "A", "last_name": "R" },
    } }));
    assert_eq!(snake.package().as_deref(), Some("1"));
    assert_eq!(snake.result.and_then(|r| r.update_url).as_deref(), Some("u"));
    assert_eq!(snake.candidate.and_then(|c| c.last_name).as_deref(), Some("R"));
}

#[test]
fn the_company_is_read_inside_or_beside_the_event_and_inside_counts_first() {
    let (inside, beside) = (json!({ "uuid": "in", "name": "Acme" }), json!({ "uuid": "by" }));
    for (body, company) in [
        (json!({ "partner-event": { "id": "e", "company": inside } }), Some("in")),
        (json!({ "partner-event": { "id": "e" }, "company": beside }), Some("by")),
        (json!({ "partner-event": { "id": "e", "company": inside }, "company": beside }), Some("in")),
        (json!({ "partner-event": { "id": "e", "company": {} }, "company": beside }), Some("by")),
        (json!({ "partner-event": { "id": "e", "company": null } }), None),
    ] {
        assert_eq!(read(&body).company(), company, "{body}");
    }
}

#[test]
fn a_picked_package_is_read_in_every_plausible_shape() {
    let picked = |data: Value| read(&json!({ "partner-event": { "id": "e", "webhook-data": data } })).package();
    for value in [json!("9"), json!(9), json!({ "id": "9" }), json!(["9"]), json!([{ "id": 9, "label": "Gold" }])] {
        assert_eq!(picked(json!({ "package": value })).as_deref(), Some("9"), "{value}");
    }
    for none in [json!(""), json!(null), json!("None"), json!([]), json!(["1", "2"]), json!(false), json!({})] {
        assert_eq!(picked(json!({ "package": none })), None, "{none}");
    }
    assert_eq!(picked(Value::Null), None);
    assert_eq!(picked(json!("text")), None);
}

#[test]
fn a_field_that_cannot_be_used_is_named_without_its_value() {
    let said = |body: Value| event(body.to_string().as_bytes()).err().expect("refused").to_string();
    assert_eq!(said(json!({})), "the field `partner-event` is missing");
    assert_eq!(said(json!({ "partner-event": {} })), "the field `partner-event.id` is missing");
    assert_eq!(said(json!({ "partner-event": { "id": "" } })), "the field `partner-event.id` is empty");
    let wrong =
        |name: &str| format!("the field `partner-event.candidate.{name}` has the wrong type or an impossible value");
    let list = json!({ "partner-event": { "id": "e", "candidate": { "email": ["asha@example.com"] } } });
    assert_eq!(said(list), wrong("email"));
    let long = json!({ "partner-event": { "id": "e", "candidate": { "first-name": "A".repeat(321) } } });
    assert_eq!(said(long), wrong("first-name"));
}

#[test]
fn every_state_has_its_status_and_only_a_completed_one_a_decision() {
    for (state, word) in [
        (State::Ordered, "sent"),
        (State::AwaitingCandidate, "sent"),
        (State::InProgress, "pending"),
        (State::ActionRequired, "pending"),
        (State::Completed, "completed"),
        (State::Cancelled, "failed"),
        (State::Expired, "failed"),
        (State::Failed, "failed"),
    ] {
        let mut order = order(state, Outcome::Adverse, "Label");
        order.score = Some(Score { raw: 17, min: 0, max: 20 });
        let told = attributes(&order, LINK);
        assert_eq!(told["status"], word);
        let done = state == State::Completed;
        assert_eq!(told.get("criteria"), done.then(|| json!({ "report_decision": "adverse" })).as_ref());
        assert_eq!(told.get("assessment"), done.then(|| json!({ "score": 85 })).as_ref());
        assert_eq!(answer(&order)["partner_result_attributes"]["status"], word);
    }
}

#[test]
fn a_completed_check_is_told_whole_and_in_one_piece() {
    let mut order = order(State::Completed, Outcome::Clear, "All verified");
    order.profile_url = Some("https://vendor.example/1".to_owned());
    let told = attributes(&order, LINK);
    let expected = json!({
        "status": "completed",
        "summary": "Clear: All verified",
        "url": "https://c.example/reports/1",
        "label": "Gold",
        "details": { "Status": "Completed", "Result": "Clear", "Vendor status": "All verified", "Package": "Gold" },
        "attachments": [{ "url": "https://c.example/reports/1", "description": "Background check report" }],
        "criteria": { "report_decision": "clear" },
        "actions": [{ "buttonText": "Refresh", "endpoint": "actions/refresh" }],
    });
    assert_eq!(told, expected);
    let answered = answer(&order)["partner_result_attributes"].as_object().expect("attributes").clone();
    let mut names: Vec<&str> = answered.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["criteria", "details", "status"]);
}

#[test]
fn a_reopened_check_is_not_final_and_takes_its_decision_back() {
    let mut order = order(State::AwaitingCandidate, Outcome::Clear, "Form sent again");
    order.reopened = true;
    order.score = Some(Score { raw: 1, min: 0, max: 1 });
    let told = attributes(&order, LINK);
    assert_eq!(told["status"], "pending");
    assert_eq!(told["summary"], "Reopened, not final: Form sent again");
    assert_eq!(told["details"]["Result"], "Reopened, not final");
    assert_eq!((&told["criteria"], told.get("assessment")), (&json!({ "report_decision": "reopened" }), None));
    order.status.state = State::Cancelled;
    assert_eq!(attributes(&order, LINK).get("criteria"), None, "a check that ends without a result decides nothing");
    order.status.state = State::Completed;
    order.status.outcome = Outcome::Review;
    let told = attributes(&order, LINK);
    assert_eq!((&told["status"], &told["criteria"]["report_decision"]), (&json!("completed"), &json!("review")));
}

#[test]
fn an_open_check_can_be_cancelled_once_and_links_to_its_own_page_alone() {
    let mut order = order(State::InProgress, Outcome::None, "in progress");
    order.profile_url = Some("https://vendor.example/the-candidates-own-form".to_owned());
    let told = attributes(&order, LINK);
    assert_eq!(told["summary"], "In progress");
    assert_eq!(told["actions"][1]["endpoint"], "actions/cancel");
    assert_eq!((&told["url"], told.get("attachments")), (&json!(LINK), None));
    order.cancellation = Cancellation::Requested;
    let told = attributes(&order, LINK);
    assert_eq!(told["actions"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_label_is_cut_to_what_teamtailor_takes() {
    let mut order = order(State::Ordered, Outcome::None, "");
    order.package.name = "å".repeat(300);
    assert_eq!(attributes(&order, LINK)["label"].as_str().map(|l| l.chars().count()), Some(255));
    assert_eq!(attributes(&order, LINK)["summary"], "Ordered");
}
