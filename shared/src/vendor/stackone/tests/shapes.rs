//! What answers look like.

use super::*;

#[test]
fn answers_have_stackones_shapes() {
    let shown = |done: Result<CallDone, CallbackRefused>| {
        let answer = StackOne.answer(&[], &done);
        (answer.status().as_u16(), serde_json::from_slice::<Value>(answer.body()).expect("JSON"))
    };
    let package = Package { id: "x".to_owned(), name: "Gold".to_owned(), description: String::new() };
    let (status, body) = shown(Ok(CallDone::Package(package.clone())));
    assert_eq!((status, &body["statusCode"], &body["data"]["id"]), (201, &json!(201), &json!("x")));
    assert!(body["timestamp"].as_str().is_some_and(|at| at.parse::<Timestamp>().is_ok() && at.ends_with('Z')));
    for (next, shown_next) in [(None, Value::Null), (Some(25), json!("25"))] {
        let (status, body) = shown(Ok(CallDone::Packages(vec![package.clone()], next)));
        assert_eq!((status, &body["data"][0]["name"], &body["next"]), (200, &json!("Gold"), &shown_next));
    }
    assert_eq!(shown(Ok(CallDone::PackageRead(package.clone()))).1["data"]["remote_id"], "x");
    assert_eq!(shown(Ok(CallDone::PackageChanged(package))).1["message"], "Record updated successfully.");
    let (status, body) = shown(Ok(CallDone::Order(Box::new(order()), "https://c.example".to_owned())));
    assert_eq!((status, &body["data"]["package"]["id"]), (200, &json!("p-1")));
    let (status, body) = shown(Err(CallbackRefused::NotVerified));
    assert_eq!((status, &body["statusCode"], &body["error"]), (401, &json!(401), &json!("Unauthorized")));
    assert!(body["message"].is_string() && body["errorCode"] == "not_verified");
}

/// What a vendor is shown of this order, as this kind of thing.
fn shown_as(kind: &str, order: &Order) -> (u16, Value) {
    let path = ["unified", "ats", kind, "the order's id"];
    let done = CallDone::Order(Box::new(order.clone()), "https://c.example".to_owned());
    let answer = StackOne.answer(&path, &Ok(done));
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).expect("JSON"))
}

#[test]
fn a_candidate_and_an_application_have_stackones_fields_as_far_as_the_order_knows_them() {
    let mut order = order();
    order.reference.job_id = Some("j-1".to_owned());
    let id = order.id.to_string();
    let emails = json!([{ "type": "personal", "value": "asha@example.com" }]);
    let phones = json!([{ "type": "personal", "phone": "+91 98765 43210" }]);
    let candidate = json!({
        "id": id,
        "remote_id": "c-1",
        "name": "Asha Rao",
        "first_name": "Asha",
        "last_name": "Rao",
        "email": "asha@example.com",
        "emails": emails,
        "phone": "+91 98765 43210",
        "phone_numbers": phones,
        "application_ids": [id],
        "remote_application_ids": ["a-1"],
    });
    assert_eq!(shown_as("candidates", &order), (200, json!({ "data": candidate })));
    let application = json!({
        "id": id,
        "remote_id": "a-1",
        "candidate_id": id,
        "remote_candidate_id": "c-1",
        "job_id": "j-1",
        "remote_job_id": "j-1",
        "candidate": {
            "name": "Asha Rao",
            "first_name": "Asha",
            "last_name": "Rao",
            "email": "asha@example.com",
            "emails": emails,
            "phone_numbers": phones,
        },
    });
    assert_eq!(shown_as("applications", &order), (200, json!({ "data": application })));
}

#[test]
fn what_the_ats_did_not_tell_is_null_and_what_was_forgotten_is_not_found() {
    let mut order = order();
    order.reference.application_id = None;
    if let Some(person) = &mut order.candidate {
        person.email.clear();
        person.last_name.clear();
        person.phone = None;
    }
    let (_, body) = shown_as("candidates", &order);
    let candidate = &body["data"];
    assert_eq!(candidate["name"], "Asha");
    assert_eq!((&candidate["email"], &candidate["phone"]), (&Value::Null, &Value::Null));
    for list in ["emails", "phone_numbers", "remote_application_ids"] {
        assert_eq!(candidate[list], json!([]), "{list}");
    }
    let (_, body) = shown_as("applications", &order);
    assert_eq!((&body["data"]["remote_id"], &body["data"]["job_id"]), (&Value::Null, &Value::Null));
    order.candidate = None;
    for kind in ["candidates", "applications"] {
        let (status, body) = shown_as(kind, &order);
        assert_eq!((status, &body["statusCode"]), (404, &json!(404)));
        assert_eq!(body["errorCode"], "candidate_not_found");
        assert!(body["message"].is_string() && body["timestamp"].is_string() && body.get("data").is_none(), "{body}");
    }
}
