//! SmartRecruiters calls a bridge's doors: its token, its packages and its orders.

use super::*;

#[tokio::test]
async fn packages_are_fetched_with_the_job_the_fields_and_a_requester_in_either_form() {
    let script = vec![("GET /packages", 200, json!([package("p")])), ("GET /packages/p", 200, package("p"))];
    let (sim, bridge, _) = connected(script).await;
    sim.set_field_value("dept", "eng");
    sim.set_field_value("unmapped", "x");
    assert_eq!(sim.packages(ACME).await.unwrap().body[0]["id"], "p");
    let line = bridge.log().pop().unwrap();
    assert_eq!((line.query["country-code"].as_str(), line.query["remote"].as_str()), ("in", "false"));
    assert_eq!((line.query["dept"].as_str(), line.query.get("unmapped")), ("eng", None));
    assert_eq!(line.headers["requester"], "email,recruiter@customer.example");
    sim.set_requester_header(RequesterHeader::Json);
    sim.packages(ACME).await.unwrap();
    assert_eq!(bridge.log().pop().unwrap().headers["requester"], r#"{"email":"recruiter@customer.example"}"#);
    sim.set_requester_header(RequesterHeader::Absent);
    sim.packages(ACME).await.unwrap();
    assert!(!bridge.log().pop().unwrap().headers.contains_key("requester"));
    assert_eq!(sim.package(ACME, "p").await.unwrap().http_status, 200);
    assert_eq!(sim.package(ACME, "none").await.unwrap().http_status, 404);
    assert!(sim.violations().is_empty(), "{:?}", sim.violations());
    assert!(sim.packages("Nobody").await.is_err());
}

#[tokio::test]
async fn an_id_is_appended_if_that_is_the_way() {
    let (sim, bridge, _) = connected(Vec::new()).await;
    let mut body = configuration(&bridge.base_url());
    body["singleAssessmentPackageUrl"] = json!(format!("{}/one/", bridge.base_url()));
    send(&sim, "PUT", CONFIGURATION, &master(&sim).await, &body).await;
    sim.package(ACME, "p").await.unwrap();
    assert_eq!(bridge.log().pop().unwrap().path, "/one/p");
    sim.set_id_in_url(IdInUrl::Appended);
    sim.package(ACME, "p").await.unwrap();
    assert_eq!(bridge.log().pop().unwrap().path, "/one/p");
    sim.disconnect(ACME, true).await.unwrap();
    assert!(bridge.log().pop().unwrap().path.ends_with("/AcmeInc"));
}

#[tokio::test]
async fn answers_against_the_schema_are_violations() {
    let (mut double, mut foreign) = (package("p"), package("q"));
    double["price"] = json!(1);
    foreign["type"] = json!("VIDEO_INTERVIEW");
    let script = vec![
        ("GET /packages", 200, json!([double, package("p"), foreign])),
        ("GET /packages/p", 200, package("q")),
        ("GET /packages/r", 418, json!({})),
        ("GET /packages/s", 403, json!({"error": "no"})),
        ("GET /packages/t", 503, json!({})),
        ("POST /orders", 200, json!({})),
        ("POST /inline", 200, json!({"url": "https://b.example/i"})),
        ("DELETE /companies/AcmeInc", 200, json!({})),
    ];
    let (sim, _bridge, _) = connected(script).await;
    sim.packages(ACME).await.unwrap();
    assert_eq!(sim.violations().len(), 3, "{:?}", sim.violations());
    for id in ["p", "r", "s", "t"] {
        sim.package(ACME, id).await.unwrap();
    }
    // The error body of the 403 has both an unknown key and no list of errors.
    assert_eq!(sim.violations().len(), 7, "{:?}", sim.violations());
    let asha = sim.add_candidate("Asha", "Rao", "a@b.in", None);
    sim.recruiter_orders(ACME, &asha, "p", false).await.unwrap();
    sim.applicant_orders_inline(ACME, "p", &person()).await.unwrap();
    sim.disconnect(ACME, true).await.unwrap();
    assert_eq!(sim.violations().len(), 10, "{:?}", sim.violations());
}

#[tokio::test]
async fn an_order_is_accepted_with_an_object_and_refused_with_documented_words() {
    for (status, body, breaches) in [
        (202, json!({}), 0),
        (202, Value::Null, 1),
        (404, json!({"errors": [{"code": "PACKAGE_NOT_FOUND"}]}), 0),
        (404, json!({"errors": [{"message": "no such package"}]}), 1),
        (400, json!({"errors": []}), 1),
        (429, json!({}), 0),
    ] {
        let (sim, _bridge, _) = connected(vec![("POST /orders", status, body.clone())]).await;
        let asha = sim.add_candidate("Asha", "Rao", "a@b.in", None);
        sim.recruiter_orders(ACME, &asha, "p", true).await.unwrap();
        assert_eq!(sim.violations().len(), breaches, "{status} {body}");
    }
}

#[tokio::test]
async fn a_list_is_a_bare_array_or_nothing() {
    let (sim, _bridge, _) = connected(vec![("GET /packages", 204, Value::Null)]).await;
    assert_eq!(sim.packages(ACME).await.unwrap().http_status, 204);
    assert!(sim.violations().is_empty());
    let (sim, _bridge, _) = connected(vec![("GET /packages", 200, json!({"packages": []}))]).await;
    sim.packages(ACME).await.unwrap();
    assert_eq!(sim.violations().len(), 1);
}

#[tokio::test]
async fn a_token_is_asked_for_in_a_form_and_kept_until_it_expires_or_is_forgotten() {
    let (sim, bridge, _) = connected(vec![("GET /packages", 200, json!([]))]).await;
    let asked = || bridge.log().iter().filter(|line| line.path == "/token").count();
    sim.packages(ACME).await.unwrap();
    sim.packages(ACME).await.unwrap();
    assert_eq!(asked(), 1);
    let line = bridge.log().into_iter().find(|line| line.path == "/token").unwrap();
    assert_eq!(line.headers["content-type"], "application/x-www-form-urlencoded");
    sim.forget_token(ACME);
    assert_eq!(sim.bearer(ACME).await.unwrap().as_deref(), Some("ours"));
    assert_eq!(asked(), 2);
}

#[tokio::test]
async fn a_token_door_that_breaks_the_rules_is_noted_and_nothing_else_is_called() {
    for (status, body) in [
        (200, json!({"access_token": "ours"})),
        (200, json!({"access_token": "ours", "expires_in": "600"})),
        (400, json!({"message": "no"})),
        (404, json!({})),
    ] {
        let (sim, bridge, _) = connected(vec![("POST /token", status, body)]).await;
        assert_eq!(sim.packages(ACME).await.unwrap().http_status, status);
        assert_eq!((bridge.log().len(), sim.violations().len()), (1, 1), "{:?}", sim.violations());
    }
    let refused = json!({"error": "invalid_client"});
    let (sim, _bridge, _) = connected(vec![("POST /token", 400, refused)]).await;
    assert_eq!(sim.bearer(ACME).await.unwrap(), None);
    assert!(sim.violations().is_empty());
}

#[tokio::test]
async fn an_order_carries_what_is_documented_and_is_repeated_byte_for_byte() {
    let (sim, bridge, _token, order) = ordered().await;
    let sent = last_body(&bridge);
    assert_eq!(sent["resultCallbackURL"], format!("{}{}", sim.base_url(), results(&order)));
    assert_eq!((&sent["companyId"], &sent["assessmentPackageId"]), (&json!(ACME), &json!("p")));
    assert_eq!(
        (&sent["job"]["id"], &sent["requester"]["email"]),
        (&sent["jobId"], &json!("recruiter@customer.example"))
    );
    assert_eq!(sent["candidate"]["applicationLanguage"], "en");
    assert!(sent["candidate"].get("phoneNumber").is_none() && sent.get("fields").is_none());
    sim.repeat_order(&order).await.unwrap();
    assert_eq!((last_body(&bridge), sim.orders()), (sent.clone(), vec![order]));
    let asha = sent["candidate"]["id"].as_str().unwrap();
    sim.set_field_value("dept", "eng");
    sim.recruiter_orders(ACME, asha, "p", false).await.unwrap();
    let auto = last_body(&bridge);
    assert_eq!((auto.get("requester"), &auto["fields"]["dept"]), (None, &json!("eng")));
    assert!(sim.violations().is_empty());
    assert!(sim.recruiter_orders(ACME, "nobody", "p", true).await.is_err());
}
