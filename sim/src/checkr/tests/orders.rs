//! Candidates, invitations and packages: what is ordered, found, refused and cancelled.

use super::*;

#[tokio::test]
async fn an_order_is_a_candidate_then_an_invitation_then_a_report() {
    let checkr = SimCheckr::start().await.unwrap();
    let bridge = Bridge::right(&checkr);
    let report_id = bridge.report().await;
    let (status, report) = bridge.get(&format!("reports/{report_id}")).await;
    assert_eq!((status, &report["status"], &report["result"]), (200, &json!("pending"), &Value::Null));
    let order = checkr.orders().remove(0);
    assert_eq!((order.custom_id.as_str(), order.invitation_status.as_str()), ("o-1", "completed"));
    let (_, invitation) = bridge.get(&format!("invitations/{}", order.invitation_id)).await;
    assert_eq!((&invitation["report_id"], &invitation["object"]), (&json!(report_id), &json!("invitation")));
    assert!(invitation["invitation_url"].as_str().unwrap().starts_with("https://apply.checkr.com/invite/"));
    assert_eq!((checkr.creates(), checkr.charged(), checkr.violations().len()), (1, 1, 0));
}

#[tokio::test]
async fn the_key_is_the_user_name_and_a_rotated_one_is_wrong() {
    let checkr = SimCheckr::start().await.unwrap();
    let (old, url) = (checkr.api_key(), format!("{}/packages", checkr.base_url()));
    let status =
        async |auth: String| bare_client().get(&url).header("authorization", auth).send().await.unwrap().status();
    assert_eq!(status(basic(&old, "")).await, 200);
    assert_eq!(status(basic("", &old)).await, 401);
    assert_eq!(status(format!("Bearer {old}")).await, 401);
    let new = checkr.rotate_api_key();
    assert_eq!(
        (status(basic(&old, "")).await, status(basic(&new, "")).await),
        (401.try_into().unwrap(), 200.try_into().unwrap())
    );
}

#[tokio::test]
async fn a_key_for_idempotency_makes_a_retry_cost_nothing_for_a_day() {
    let checkr = SimCheckr::start().await.unwrap();
    let candidate_id = Bridge::right(&checkr).candidate().await;
    let bridge = Bridge { key: Some("k-1"), ..Bridge::right(&checkr) };
    let body = json!({"candidate_id": candidate_id, "package": "tasker_standard"});
    checkr.faults().once("invitations.create", Fault::DoThenCut);
    assert_eq!(bridge.post("invitations", &body).await.0, NO_ANSWER);
    let (status, again) = bridge.post("invitations", &body).await;
    assert_eq!(
        (status, again["id"].as_str().unwrap(), checkr.creates()),
        (201, checkr.orders()[0].invitation_id.as_str(), 1)
    );
    let (_, other) = bridge.post("invitations", &json!({"candidate_id": candidate_id, "package": "driver_pro"})).await;
    assert_eq!((&other["id"], checkr.creates()), (&again["id"], 1));
    assert_eq!(checkr.violations(), ["invitations.create: the Idempotency-Key of another request"]);
    checkr.expire_idempotency_keys();
    bridge.post("invitations", &body).await;
    assert_eq!(checkr.creates(), 2);
}

#[tokio::test]
async fn without_a_key_a_retry_is_a_second_order_and_a_refusal_is_never_kept() {
    let checkr = SimCheckr::start().await.unwrap();
    let candidate_id = Bridge::right(&checkr).candidate().await;
    let body = json!({"candidate_id": candidate_id, "package": "tasker_standard"});
    for _ in 0..2 {
        Bridge::right(&checkr).post("invitations", &body).await;
    }
    assert_eq!(checkr.creates(), 2);
    let bridge = Bridge { key: Some("k"), ..Bridge::right(&checkr) };
    assert_eq!(bridge.post("candidates", &json!({"email": "nobody"})).await.0, 400);
    assert_eq!(bridge.post("candidates", &json!({"email": "b@example.com"})).await.0, 201);
}

#[tokio::test]
async fn a_third_candidate_of_one_email_is_refused_but_found_by_either_key() {
    let checkr = SimCheckr::start().await.unwrap();
    let bridge = Bridge::right(&checkr);
    let ids = [bridge.candidate().await, bridge.candidate().await];
    let (status, error) = bridge.post("candidates", &json!({"email": "ASHA@example.com"})).await;
    assert_eq!((status, error["error"].as_str().unwrap().starts_with("Duplicate candidate")), (409, true));
    for query in ["email=asha%40example.com", "custom_id=o-1"] {
        let (_, list) = bridge.get(&format!("candidates?{query}&per_page=1")).await;
        assert_eq!((&list["count"], &list["data"][0]["id"]), (&json!(2), &json!(ids[0])), "{query}");
        let next = list["next_href"].as_str().unwrap().strip_prefix(&checkr.base_url()).unwrap().to_owned();
        let (_, list) = bridge.get(next.trim_start_matches('/')).await;
        assert_eq!((&list["data"][0]["id"], &list["next_href"]), (&json!(ids[1]), &Value::Null));
        assert!(list["previous_href"].is_string());
    }
    assert_eq!(bridge.get("candidates?custom_id=o-2").await.1["count"], 0);
    assert_eq!(bridge.get("candidates?per_page=101").await.0, 400);
    assert_eq!(bridge.get("candidates?page=0").await.0, 400);
}

#[tokio::test]
async fn who_works_abroad_is_read_by_id_and_missing_from_lists() {
    let checkr = SimCheckr::start().await.unwrap();
    let bridge = Bridge::right(&checkr);
    let abroad = json!([{"country": "IN"}]);
    let (_, candidate) = bridge.post("candidates", &json!({"email": "a@example.com", "work_locations": abroad})).await;
    let id = candidate["id"].as_str().unwrap();
    assert_eq!(bridge.get("candidates?email=a%40example.com").await.1["count"], 0);
    assert_eq!(bridge.get(&format!("candidates/{id}")).await.0, 200);
    let order = json!({"candidate_id": id, "package": "tasker_standard", "work_locations": abroad});
    assert_eq!(bridge.post("invitations", &order).await.0, 201);
    assert_eq!(bridge.get(&format!("invitations?candidate_id={id}")).await.1["count"], 0);
    assert_eq!(bridge.get("invitations?status=canceled").await.0, 400);
}

#[tokio::test]
async fn a_wrong_body_is_refused_or_held_against_the_caller() {
    let checkr = SimCheckr::start().await.unwrap();
    let bridge = Bridge::right(&checkr);
    let id = bridge.candidate().await;
    for wrong in [
        json!({"candidate_id": id}),
        json!({"candidate_id": "x", "package": "driver_pro"}),
        json!({"candidate_id": id, "package": "x"}),
    ] {
        assert_eq!(bridge.post("invitations", &wrong).await.0, 400, "{wrong}");
    }
    assert!(checkr.violations().is_empty());
    bridge.post("invitations", &json!({"candidate_id": id, "package": "driver_pro", "candidate": {}})).await;
    assert_eq!(checkr.violations(), ["invitations.create: there is no field \"candidate\""]);
    let form = Bridge { content_type: "application/x-www-form-urlencoded", ..Bridge::right(&checkr) };
    assert_eq!(form.post("candidates", &json!({"email": "b@example.com"})).await.0, 400);
    assert_eq!(checkr.violations().len(), 2);
    checkr.set_error_shape(ErrorShape::Errors);
    assert!(bridge.post("candidates", &json!({})).await.1["errors"].is_array());
}

#[tokio::test]
async fn an_account_with_nodes_refuses_an_order_without_one() {
    let checkr = SimCheckr::start().await.unwrap();
    let bridge = Bridge::right(&checkr);
    checkr.set_nodes(&["HQ"]);
    let mut order = json!({"candidate_id": bridge.candidate().await, "package": "driver_pro"});
    assert_eq!(bridge.post("invitations", &order).await.0, 400);
    order["node"] = json!("HQ");
    order["work_locations"] = json!([{"state": "CA"}]);
    assert_eq!(bridge.post("invitations", &order).await.0, 201);
}

#[tokio::test]
async fn a_pending_invitation_is_cancelled_once_and_a_completed_one_never() {
    let (checkr, _server, _door) = checkr_and_door().await;
    let bridge = Bridge::right(&checkr);
    let id = bridge.invitation().await;
    let path = format!("invitations/{id}");
    let (status, cancelled) = bridge.call("DELETE", &path, None).await;
    assert_eq!((status, cancelled["deleted_at"].is_string()), (200, true));
    assert_eq!(bridge.call("DELETE", &path, None).await.0, 404);
    assert_eq!((bridge.get(&path).await.0, bridge.get(&format!("{path}?include_deleted=true")).await.0), (404, 200));
    assert!(checkr.candidate_completes_form(&id).await.is_err());
    let completed = bridge.invitation().await;
    checkr.candidate_completes_form(&completed).await.unwrap();
    assert_eq!(bridge.call("DELETE", &format!("invitations/{completed}"), None).await.0, 400);
    assert!(kinds(&checkr).contains(&"invitation.deleted".to_owned()));
    assert_eq!((checkr.creates(), checkr.charged()), (2, 1));
    assert!(checkr.dashboard_cancels(&completed).await.is_err());
    let third = Bridge::right(&checkr).order_for(&checkr.order(&completed).unwrap().candidate_id).await;
    assert_eq!(checkr.dashboard_cancels(&third).await.unwrap(), [200, 200]);
    assert!(checkr.order(&third).unwrap().cancelled);
}

#[tokio::test]
async fn an_invitation_expires_and_costs_nothing() {
    let (checkr, _server, _door) = checkr_and_door().await;
    let id = Bridge::right(&checkr).invitation().await;
    assert_eq!(checkr.expire_invitation(&id).await.unwrap(), [200, 200, 200]);
    assert_eq!(kinds(&checkr), ["candidate.created", "invitation.created", "invitation.expired"]);
    assert!(checkr.expire_invitation(&id).await.is_err());
    assert_eq!((checkr.order(&id).unwrap().invitation_status.as_str(), checkr.charged()), ("expired", 0));
}

#[tokio::test]
async fn a_candidate_whose_invitation_ended_is_invited_anew_in_the_dashboard() {
    let (checkr, _server, _door) = checkr_and_door().await;
    let first = Bridge::right(&checkr).invitation().await;
    let candidate = checkr.order(&first).unwrap().candidate_id;
    checkr.expire_invitation(&first).await.unwrap();
    let second = checkr.dashboard_invites(&candidate).await.unwrap();
    let listed = Bridge::right(&checkr).get(&format!("invitations?candidate_id={candidate}")).await.1;
    assert_eq!((&listed["data"][0]["id"], &listed["data"][1]["id"]), (&json!(first), &json!(second)));
    assert_eq!((kinds(&checkr).pop().unwrap().as_str(), checkr.creates()), ("invitation.created", 1));
    assert_eq!(checkr.replay(&first, 1).await.unwrap(), [200]);
    assert_eq!(kinds(&checkr).pop().unwrap(), "invitation.expired");
    assert!(checkr.dashboard_invites("nobody").await.is_err());
}

#[tokio::test]
async fn packages_come_in_pages_and_every_answer_tells_the_limit() {
    let checkr = SimCheckr::start().await.unwrap();
    let bridge = Bridge::right(&checkr);
    let (_, list) = bridge.get("packages?page=2&per_page=1").await;
    assert_eq!((&list["count"], &list["data"][0]["slug"]), (&json!(2), &json!("driver_pro")));
    checkr.faults().once("packages.list", Fault::Answer(rate_limited(1)));
    checkr.faults().once("packages.list", Fault::Answer(still_processing()));
    assert_eq!((bridge.get("packages").await.0, bridge.get("packages").await.0), (429, 409));
    let url = format!("{}/packages", checkr.base_url());
    let answer = bare_client().get(url).header("authorization", basic(&checkr.api_key(), "")).send().await.unwrap();
    assert_eq!(answer.headers()["x-ratelimit-limit"], "1200");
    assert_eq!((checkr.calls("packages.list"), bridge.get("nothing/here/at/all").await.0), (4, 404));
}
