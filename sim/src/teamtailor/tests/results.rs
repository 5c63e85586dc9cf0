//! The partner API: what a right partner may do, and what a wrong one is told.

use super::*;

#[tokio::test]
async fn a_result_is_updated_and_shown_as_a_card() {
    let play = Play::new().await;
    let sent = play.sent(Reply::empty(202)).await;
    let long = "x".repeat(200);
    let full = json!({"status": "completed", "summary": long, "url": "https://r.example/1", "label": "Basic",
        "assessment": {"score": 100, "grade": "top_fit", "duration": "00:01:00"}, "details": {"Court": "Clear"},
        "attachments": [{"url": "https://r.example/1.pdf", "description": "Report"}],
        "actions": [{"buttonText": "Cancel", "endpoint": "actions/cancel"}], "criteria": {"decision": "clear"}});
    assert_eq!(play.update(&sent.result_id, &full).await, 200);
    let shown = play.shown(&sent);
    assert_eq!((shown.status.as_str(), shown.updates), ("completed", 1));
    assert_eq!((shown.score, shown.grade.as_deref(), shown.duration_s), (Some(100), Some("top_fit"), Some(60)));
    assert_eq!((shown.summary.unwrap().len(), shown.card_summary.unwrap().len()), (200, 150));
    assert_eq!((shown.url.as_deref(), shown.label.as_deref()), (Some("https://r.example/1"), Some("Basic")));
    assert_eq!(shown.details, json!({"Court": "Clear"}));
    assert_eq!(shown.attachments.first().unwrap().description, "Report");
    assert_eq!(shown.actions.first().unwrap().endpoint, "actions/cancel");
    assert_eq!(shown.criteria, json!({"decision": "clear"}));
    assert_eq!(play.update(&sent.result_id, &json!({"assessment": {"score": 5}})).await, 200);
    let shown = play.shown(&sent);
    assert_eq!((shown.score, shown.grade, shown.updates), (Some(5), None, 2));
    assert_eq!((shown.status.as_str(), shown.label.as_deref()), ("completed", Some("Basic")));
    assert!(play.teamtailor.violations().is_empty(), "{:?}", play.teamtailor.violations());
}

#[tokio::test]
async fn one_wrong_attribute_refuses_the_whole_update() {
    let play = Play::new().await;
    let sent = play.sent(Reply::empty(200)).await;
    let attributes = json!({"status": "completed", "details": {"a": {"b": {"c": 1}}}, "colour": "red"});
    let body = json!({"data": {"type": "partner-results", "id": sent.result_id, "attributes": attributes}});
    let answer = play.call(Method::PUT, &format!("partner-results/{}", sent.result_id), &body).await;
    assert_eq!((answer.http_status, answer.body["errors"].as_array().unwrap().len()), (422, 2));
    assert_eq!(answer.str_at("/errors/0/title"), Some("Unprocessable entity"));
    assert_eq!((play.shown(&sent).status.as_str(), play.shown(&sent).updates), ("sent", 0));
    assert_eq!(play.teamtailor.violations().len(), 2);
}

#[tokio::test]
async fn key_version_and_media_type_are_asked_for_in_this_order() {
    let play = Play::new().await;
    let sent = play.sent(Reply::empty(200)).await;
    let path = format!("partner-results/{}", sent.result_id);
    let key = play.teamtailor.api_key();
    let body = json!({"data": {"type": "partner-results", "id": sent.result_id, "attributes": {"status": "pending"}}});
    let put = |auth: String, version: &str, kind: &str| {
        let headers =
            [("authorization", auth), ("x-api-version", version.to_owned()), ("content-type", kind.to_owned())];
        let (play, path, body) = (&play, &path, body.to_string());
        async move { play.raw(Method::PUT, path, &headers, body).await.http_status }
    };
    let (version, kind) = ("20180828", "application/vnd.api+json");
    for wrong in [String::new(), "Bearer old".into(), format!("Basic {key}"), key.clone()] {
        assert_eq!(put(wrong, "1", "text/plain").await, 401);
    }
    assert!(play.teamtailor.violations().is_empty());
    assert_eq!(put(format!("Bearer {key}"), "20240404", "text/plain").await, 406);
    assert_eq!(put(format!("Bearer {key}"), version, "application/json").await, 415);
    assert_eq!(play.teamtailor.violations().len(), 2);
    for right in [format!("Bearer {key}"), format!("Token {key}"), format!("Token token=\"{key}\"")] {
        assert_eq!(put(right, version, kind).await, 200);
    }
    assert_eq!(play.shown(&sent).updates, 3);
    assert_eq!(play.teamtailor.violations().len(), 2);
}

#[tokio::test]
async fn a_document_is_about_what_its_path_says() {
    let play = Play::new().await;
    let sent = play.sent(Reply::empty(200)).await;
    let path = format!("partner-results/{}", sent.result_id);
    let good = json!({"type": "partner-results", "id": sent.result_id, "attributes": {"status": "pending"}});
    for (key, wrong) in [("type", json!("results")), ("id", json!("other")), ("attributes", json!({}))] {
        let mut data = good.clone();
        data[key] = wrong;
        assert_eq!(play.call(Method::PUT, &path, &json!({"data": data})).await.http_status, 400);
    }
    assert_eq!(play.teamtailor.violations().len(), 3);
    assert_eq!(play.call(Method::PATCH, &path, &json!({"data": good})).await.http_status, 404);
    assert_eq!(play.teamtailor.violations().len(), 4);
    play.teamtailor.remove_result(&sent.result_id).unwrap();
    assert_eq!(play.update(&sent.result_id, &json!({"status": "pending"})).await, 404);
    assert_eq!(play.teamtailor.violations().len(), 4);
    assert!(play.teamtailor.shows(&sent.result_id).is_none());
}

#[tokio::test]
async fn results_are_read_one_by_one_and_in_pages() {
    let play = Play::new().await;
    let mut ids = Vec::new();
    for _ in 0..11 {
        ids.push(play.sent(Reply::empty(200)).await.result_id);
    }
    let one = play.call(Method::GET, &format!("partner-results/{}", ids[0]), &Value::Null).await;
    assert_eq!(one.str_at("/data/attributes/status"), Some("sent"));
    assert_eq!(one.body["data"]["attributes"]["assessment"], json!({"score": null, "grade": null, "duration": null}));
    let first = play.call(Method::GET, "partner-results", &Value::Null).await;
    assert_eq!(first.body["data"].as_array().unwrap().len(), 10);
    assert_eq!(first.body["meta"], json!({"record-count": 11, "page-count": 2}));
    let next = first.str_at("/links/next").unwrap().split_once("/v1/").unwrap().1.to_owned();
    let last = play.call(Method::GET, &next, &Value::Null).await;
    assert_eq!(last.str_at("/data/0/id"), Some(ids[10].as_str()));
    assert!(last.str_at("/links/next").is_none());
    assert_eq!(play.call(Method::GET, "partner-results?page[size]=0", &Value::Null).await.http_status, 400);
}

#[tokio::test]
async fn the_partner_reads_and_changes_its_own_record() {
    let play = Play::new().await;
    let path = format!("partners/{}", play.teamtailor.integration_id());
    let put = |attributes: Value| {
        let id = play.teamtailor.integration_id().to_string();
        let (play, path) = (&play, &path);
        let body = json!({"data": {"type": "partners", "id": id, "attributes": attributes}});
        async move { play.call(Method::PUT, path, &body).await.http_status }
    };
    let form: Value = serde_json::from_str(TOKEN_FORM).unwrap();
    let right = json!({"base-url": "https://bridge.example/tt", "webhook-activation-config": form,
        "webhook-config": {"fields": []}, "dynamic-activation-config": false});
    assert_eq!(put(right).await, 200);
    let read = play.call(Method::GET, &path, &Value::Null).await;
    assert_eq!(read.str_at("/data/attributes/base-url"), Some("https://bridge.example/tt"));
    assert_eq!(read.body["data"]["attributes"]["webhook-activation-config"], form);
    let stored = play.teamtailor.config(&play.company, Context::default()).await.unwrap();
    assert_eq!(stored.body, json!({"fields": []}));
    assert_eq!(play.teamtailor.popup(&play.company).unwrap(), Ok(Vec::new()));
    assert!(play.teamtailor.violations().is_empty(), "{:?}", play.teamtailor.violations());
    for wrong in [
        json!({"name": "Other"}),
        json!({"base-url": "bridge"}),
        json!({"webhook-config": {}}),
        json!({"webhook-activation-config": {"fields": []}}),
        json!({"dynamic-activation-config": 1}),
        json!({"category": "x"}),
    ] {
        assert_eq!(put(wrong).await, 422);
    }
    assert_eq!(play.teamtailor.violations().len(), 6);
    assert_eq!(play.call(Method::GET, "partners/1", &Value::Null).await.http_status, 404);
}

#[tokio::test]
async fn activations_are_listed_until_they_end() {
    let play = Play::new().await;
    let jwe = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..Th2LhEBCuLQbKWqQ.Wxjm65nqnHzn4qz7t0DR3kTZ0p67bUgTgEsCeK57ESWDUA.\
        DWGMT_PkjyOzuzIm10HmZQ";
    play.teamtailor.set_bearer(&play.company, Bearer::Given(jwe.into())).unwrap();
    let list = play.call(Method::GET, "partner-activations", &Value::Null).await;
    assert_eq!(list.str_at("/data/0/attributes/provider-key"), Some(jwe));
    assert_eq!(list.str_at("/data/0/attributes/company-uuid"), Some(play.company.as_str()));
    let path = format!("partner-activations/{}", list.str_at("/data/0/id").unwrap());
    assert_eq!(play.call(Method::GET, &path, &Value::Null).await.http_status, 200);
    play.teamtailor.deactivate(&play.company).unwrap();
    assert_eq!(play.call(Method::GET, &path, &Value::Null).await.http_status, 404);
    let list = play.call(Method::GET, "partner-activations", &Value::Null).await;
    assert_eq!(list.body["meta"]["record-count"], 0);
}

#[tokio::test]
async fn the_first_rule_that_matches_moves_the_candidate_and_only_once() {
    let play = Play::new().await;
    let rule = |when, to: &str| MoveRule { when, to: to.into() };
    play.teamtailor.set_move_rules(vec![
        rule(When::Outcome("decision".into(), "clear".into()), "Offer"),
        rule(When::Score(Bound::Above(90.0)), "Hired"),
        rule(When::Status("completed".into()), "Inbox"),
    ]);
    let at_once = play.sent(Reply::empty(200)).await;
    let full = json!({"status": "completed", "assessment": {"score": 95}, "criteria": {"decision": "clear"}});
    assert_eq!(play.update(&at_once.result_id, &full).await, 200);
    assert_eq!(play.shown(&at_once).stage.as_deref(), Some("Offer"));
    play.teamtailor.move_candidate(play.asha, "Background check").unwrap();
    let in_parts = play.sent(Reply::empty(200)).await;
    for part in [json!({"status": "completed"}), json!({"criteria": {"decision": "clear"}})] {
        assert_eq!(play.update(&in_parts.result_id, &part).await, 200);
        assert_eq!(play.shown(&in_parts).stage.as_deref(), Some("Inbox"));
    }
}

#[tokio::test]
async fn nobody_moves_who_left_was_rejected_has_no_job_or_has_nowhere_to_go() {
    let play = Play::new().await;
    let completed = json!({"status": "completed"});
    let rule = |to: &str| vec![MoveRule { when: When::Status("completed".into()), to: to.into() }];
    play.teamtailor.set_move_rules(rule("Gone"));
    let gone = play.sent(Reply::empty(200)).await;
    assert_eq!(play.update(&gone.result_id, &completed).await, 200);
    assert_eq!(play.shown(&gone).stage.as_deref(), Some("Background check"));
    play.teamtailor.set_move_rules(rule("Hired"));
    let bulk = play.teamtailor.recruiter_sends(&play.company, play.asha, &Value::Null, false).await.unwrap();
    assert_eq!(play.update(&bulk.result_id, &completed).await, 200);
    assert_eq!(play.shown(&bulk).stage, None);
    let left = play.sent(Reply::empty(200)).await;
    assert_eq!(play.shown(&left).stage.as_deref(), Some("Background check"));
    play.teamtailor.move_candidate(play.asha, "Offer").unwrap();
    assert_eq!(play.update(&left.result_id, &completed).await, 200);
    assert_eq!(play.shown(&left).stage.as_deref(), Some("Offer"));
    let rejected = play.sent(Reply::empty(200)).await;
    play.teamtailor.reject_candidate(play.asha).unwrap();
    assert_eq!(play.update(&rejected.result_id, &completed).await, 200);
    assert_eq!(play.shown(&rejected).stage.as_deref(), Some("Offer"));
}

#[tokio::test]
async fn a_limited_or_lost_update_leaves_what_it_should() {
    let play = Play::new().await;
    let sent = play.sent(Reply::empty(200)).await;
    let faults = play.teamtailor.faults();
    faults.once("partner-results.update", Fault::Answer(rate_limited(3, true)));
    let key = play.teamtailor.api_key();
    let url = format!("{}/partner/v1/partner-results/{}", play.teamtailor.base_url(), sent.result_id);
    let limited = bare_client().put(url).bearer_auth(key).send().await.unwrap();
    assert_eq!((limited.status().as_u16(), limited.headers()["retry-after"].to_str().unwrap()), (429, "3"));
    assert_eq!(play.shown(&sent).updates, 0);
    assert!(!rate_limited(3, false).headers.iter().any(|(name, _)| name == "retry-after"));
    faults.once("partner-results.update", Fault::DoThenCut);
    assert_eq!(play.update(&sent.result_id, &json!({"status": "pending"})).await, NO_ANSWER);
    assert_eq!((play.shown(&sent).status.as_str(), play.shown(&sent).updates), ("pending", 1));
    assert_eq!(play.teamtailor.calls("partner-results.update"), 2);
    assert!(play.teamtailor.violations().is_empty());
}
