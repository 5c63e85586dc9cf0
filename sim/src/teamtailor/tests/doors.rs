//! Calls to the partner's doors: what is sent, and what becomes of right and wrong answers.

use super::*;

#[tokio::test]
async fn a_form_with_input_is_validated_and_presents_a_jwt_from_then_on() {
    let play = Play::new().await;
    play.teamtailor.set_activation(TOKEN_FORM);
    let values = json!({"externalTriggerToken": "tok_123"});
    let activate = || play.teamtailor.admin_activates(&play.company, &values);
    let old = play.teamtailor.bearer(&play.company).unwrap();
    play.answers("activation/validate", Reply::json(422, &json!({"errors": ["No such token"]})));
    let refused = activate().await.unwrap();
    assert_eq!((refused.saved, refused.errors), (false, vec!["No such token".to_owned()]));
    assert_eq!(play.teamtailor.bearer(&play.company).unwrap(), old);
    play.answers("activation/validate", Reply::json(200, &json!({})));
    assert!(activate().await.unwrap().saved);
    let jwt = play.teamtailor.jwt(&values);
    assert_eq!(play.last_bearer(), format!("Bearer {jwt}"));
    assert_eq!(play.teamtailor.bearer(&play.company).unwrap(), jwt);
    assert!(play.teamtailor.violations().is_empty());
    let nothing = play.teamtailor.admin_activates(&play.company, &Value::Null).await.unwrap();
    assert_eq!((nothing.saved, nothing.answer), (false, None));
    assert!(play.teamtailor.admin_activates(&play.company, &json!({"other": "x"})).await.is_err());
}

#[tokio::test]
async fn a_refused_validation_says_why_in_a_list_of_texts() {
    let play = Play::new().await;
    play.teamtailor.set_activation(TOKEN_FORM);
    for (status, body) in [(401, json!({"error": "x"})), (401, json!({"errors": [{"title": "x"}]})), (302, json!({}))] {
        play.answers("activation/validate", Reply::json(status, &body));
        let values = json!({"externalTriggerToken": "x"});
        assert!(!play.teamtailor.admin_activates(&play.company, &values).await.unwrap().saved);
    }
    assert_eq!(play.teamtailor.violations().len(), 3, "{:?}", play.teamtailor.violations());
}

#[tokio::test]
async fn a_wrong_activation_form_is_a_violation() {
    let teamtailor = SimTeamtailor::start().await.unwrap();
    teamtailor.set_activation(TOKEN_FORM);
    assert!(teamtailor.violations().is_empty());
    teamtailor.set_activation("{");
    teamtailor.set_activation(r#"{"fields": []}"#);
    assert_eq!(teamtailor.violations().len(), 2);
}

#[tokio::test]
async fn a_config_fills_the_popup_and_a_wrong_one_is_shown_as_failed() {
    let play = Play::new().await;
    let field =
        json!({"id": "package", "type": "select", "label": "Package", "options": [{"id": "1", "label": "Basic"}]});
    assert!(play.config(&json!({"config": {"fields": [field]}})).await.is_empty());
    assert_eq!(play.teamtailor.popup(&play.company).unwrap(), Ok(vec![field]));
    let context = Context { job_id: Some(1), stage_id: Some(2), user_id: Some(3) };
    play.teamtailor.config(&play.company, context).await.unwrap();
    let asked = play.server.log().pop().unwrap();
    let ids = ["job_id", "stage_id", "user_id"].map(|name| asked.query[name].as_str());
    assert_eq!(ids, ["1", "2", "3"]);
    assert_eq!(play.config(&json!({"fields": []})).await.len(), 1);
    assert!(play.teamtailor.popup(&play.company).unwrap().unwrap_err().starts_with("Failed to fetch"));
    play.answers("config", Reply::empty(500));
    play.teamtailor.config(&play.company, Context::default()).await.unwrap();
    assert!(play.teamtailor.popup(&play.company).unwrap().is_err());
    assert_eq!(play.teamtailor.violations().len(), 1);
}

#[tokio::test]
async fn criteria_that_were_declared_stay_and_scores_name_declared_ones_only() {
    let play = Play::new().await;
    let config = |outcomes: Value| {
        let moving = json!([{"id": "decision", "name": "Decision", "kind": "outcome", "outcomes": outcomes}]);
        let criteria = json!([{"id": "overall", "label": "Overall"}]);
        json!({"config": {"fields": [], "assessment-criteria": criteria, "moving_criteria": moving}})
    };
    let (clear, review) = (json!({"id": "clear", "label": "Clear"}), json!({"id": "review", "label": "Review"}));
    assert!(play.config(&config(json!([clear]))).await.is_empty());
    assert!(play.config(&config(json!([clear, review]))).await.is_empty());
    let sent = play.sent(Reply::empty(200)).await;
    let scores = |id: &str| json!({"assessment-criteria": [{"id": id, "score": 5}]});
    assert_eq!(play.update(&sent.result_id, &scores("overall")).await, 200);
    assert_eq!(play.update(&sent.result_id, &scores("other")).await, 422);
    assert_eq!(play.teamtailor.violations().len(), 1);
    assert_eq!(play.config(&config(json!([review]))).await.len(), 1);
    let error = json!({"config": {"fields": [{"type": "error", "message": "No such token"}]}});
    assert!(play.config(&error).await.is_empty());
}

#[tokio::test]
async fn a_webhook_is_signed_over_its_id_and_carries_the_whole_event() {
    let play = Play::new().await;
    play.teamtailor.set_api_token(&play.company, "public").unwrap();
    let sent = play.sent(Reply::empty(204)).await;
    let seen = play.server.log().pop().unwrap();
    let event = &seen.body["partner-event"];
    assert_eq!((event["id"].as_str(), seen.path.as_str()), (Some(sent.event_id.as_str()), "/x/webhook"));
    assert_eq!(event["webhook-data"], json!({"package-id": "1"}));
    assert_eq!(event["candidate"]["first-name"], "Asha");
    assert_eq!(event["candidate"]["job"]["id"], 7001);
    assert_eq!(event["company"]["uuid"], play.company.as_str());
    let update_url = format!("{}/partner/v1/partner-results/{}", play.teamtailor.base_url(), sent.result_id);
    assert_eq!(event["partner-result"], json!({"id": sent.result_id, "status": "sending", "update-url": update_url}));
    let signature = &seen.headers["teamtailor-signature"];
    let t: i64 = signature.strip_prefix("t=").unwrap().split_once(',').unwrap().0.parse().unwrap();
    assert_eq!(*signature, play.teamtailor.sign(t, &sent.event_id));
    assert!((play.teamtailor.now() - t).abs() < 60);
    assert_eq!(seen.headers["teamtailor-api-token"], "public");
    assert_eq!(play.last_bearer(), format!("Bearer {}", play.teamtailor.bearer(&play.company).unwrap()));
    play.teamtailor.time_passes(Duration::from_hours(1));
    play.teamtailor.repeat(&sent.event_id).await.unwrap();
    let again = play.server.log().pop().unwrap();
    assert_eq!(again.body, seen.body);
    assert_ne!(again.headers["teamtailor-signature"], *signature);
}

#[tokio::test]
async fn an_event_has_the_shape_that_was_asked_for() {
    let play = Play::new().await;
    play.teamtailor.put_company_beside_event(true);
    play.teamtailor.set_update_urls("https://attacker.example");
    play.teamtailor.set_phone(play.asha, None).unwrap();
    play.answers("webhook", Reply::empty(200));
    let fired = play.teamtailor.trigger_fires(&play.company, play.asha, &Value::Null).await.unwrap();
    let body = play.teamtailor.event(&fired.event_id).unwrap();
    assert_eq!(body["company"]["name"], "Employer");
    assert!(body["partner-event"].get("company").is_none());
    let candidate = &body["partner-event"]["candidate"];
    assert_eq!((&candidate["phone"], &candidate["job"]["stage-id"]), (&Value::Null, &json!(301)));
    let url = body["partner-event"]["partner-result"]["update-url"].as_str().unwrap();
    assert!(url.starts_with("https://attacker.example/partner/v1/partner-results/"));
    let bulk = play.teamtailor.recruiter_sends(&play.company, play.asha, &Value::Null, false).await.unwrap();
    assert!(play.teamtailor.event(&bulk.event_id).unwrap()["partner-event"]["candidate"].get("job").is_none());
}

#[tokio::test]
async fn a_plain_2xx_is_sent_and_one_with_attributes_is_an_update() {
    let play = Play::new().await;
    assert_eq!(play.shown(&play.sent(Reply::empty(202)).await).status, "sent");
    let attributes = json!({"partner_result_attributes": {"status": "pending", "criteria": {"decision": "open"}}});
    let sent = play.sent(Reply::json(200, &attributes)).await;
    let shown = play.shown(&sent);
    assert_eq!((shown.status.as_str(), shown.updates, shown.error), ("pending", 1, None));
    assert_eq!(shown.criteria, json!({"decision": "open"}));
    play.answers("webhook", Reply::empty(200));
    play.teamtailor.repeat(&sent.event_id).await.unwrap();
    assert_eq!(play.shown(&sent).status, "pending");
    assert!(play.teamtailor.violations().is_empty());
    for wrong in [
        json!({"partner_result_attributes": {"status": "pending", "summary": "x"}}),
        json!({"partner_result_attributes": {"status": "invited"}}),
        json!({"partner-result-attributes": {"status": "pending"}}),
    ] {
        let sent = play.sent(Reply::json(200, &wrong)).await;
        assert_eq!((play.shown(&sent).status.as_str(), play.shown(&sent).updates), ("sent", 0));
    }
    assert_eq!(play.teamtailor.violations().len(), 3);
}

#[tokio::test]
async fn an_error_is_shown_if_it_is_a_text_and_an_object_is_a_violation() {
    let play = Play::new().await;
    for reply in [Reply::text(422, "text/plain", "No such package"), Reply::json(422, &json!("No such package"))] {
        let shown = play.shown(&play.sent(reply).await);
        assert_eq!((shown.status.as_str(), shown.error.as_deref()), ("sending", Some("No such package")));
    }
    assert!(play.teamtailor.violations().is_empty());
    let sent = play.sent(Reply::json(422, &json!({"error": "x"}))).await;
    assert_eq!(play.shown(&sent).error.as_deref(), Some(""));
    assert_eq!(play.teamtailor.violations().len(), 1);
    play.answers("webhook", Reply::empty(200));
    play.teamtailor.repeat(&sent.event_id).await.unwrap();
    assert_eq!((play.shown(&sent).status.as_str(), play.shown(&sent).error), ("sent", None));
}

#[tokio::test]
async fn a_click_sends_the_same_event_to_the_buttons_endpoint() {
    let play = Play::new().await;
    let sent = play.sent(Reply::empty(200)).await;
    assert!(play.teamtailor.click_action(&sent.result_id, "actions/cancel").await.is_err());
    let actions = json!({"actions": [{"buttonText": "Cancel", "endpoint": "actions/cancel"}]});
    assert_eq!(play.update(&sent.result_id, &actions).await, 200);
    play.answers("actions/cancel", Reply::json(200, &json!({"partner_result_attributes": {"status": "failed"}})));
    assert!(play.teamtailor.click_action(&sent.result_id, "actions/cancel").await.unwrap().is_ok());
    let seen = play.server.log().pop().unwrap();
    assert_eq!(seen.path, "/x/actions/cancel");
    assert_eq!(Some(seen.body), play.teamtailor.event(&sent.event_id));
    assert_eq!(play.shown(&sent).status, "failed");
}

#[tokio::test]
async fn given_keys_and_bearers_are_used_as_they_are() {
    let play = Play::new().await;
    play.teamtailor.set_keys("abc123abc123", "test-webhook-secret");
    assert_eq!(play.teamtailor.webhook_secret(), "test-webhook-secret");
    let signature = play.teamtailor.sign(1_539_756_759, "f3d7e8e2-da33-4c10-ae5f-0e7f4d46f6d7");
    assert!(signature.contains(",v1=9414ea3c0123ebff024db04e73f583be29eb12bc302018744ac549b505319a11,"));
    let jwt = play.teamtailor.jwt(&json!({"externalTriggerToken": "tok_123"}));
    assert!(jwt.ends_with(".3qPh9jEF9wex37N0XUvB7UdlMuLrAMNkD6f8dc96mIQ"));
    play.teamtailor.set_bearer(&play.company, Bearer::Given("a..b.c.d".into())).unwrap();
    play.sent(Reply::empty(200)).await;
    assert_eq!(play.last_bearer(), "Bearer a..b.c.d");
    play.teamtailor.set_bearer(&play.company, Bearer::Uuid).unwrap();
    play.sent(Reply::empty(200)).await;
    assert_eq!(play.last_bearer().len(), "Bearer ".len() + 36);
}

#[tokio::test]
async fn a_company_that_deactivated_sends_nothing() {
    let play = Play::new().await;
    let sent = play.sent(Reply::empty(200)).await;
    play.teamtailor.deactivate(&play.company).unwrap();
    let calls = play.server.log().len();
    assert!(play.teamtailor.recruiter_sends(&play.company, play.asha, &Value::Null, true).await.is_err());
    assert!(play.teamtailor.repeat(&sent.event_id).await.is_err());
    assert!(play.teamtailor.config(&play.company, Context::default()).await.is_err());
    assert_eq!(play.server.log().len(), calls);
}

#[tokio::test]
async fn somebody_sends_what_teamtailor_would_not() {
    let play = Play::new().await;
    play.answers("webhook", Reply::empty(401));
    play.answers("config", Reply::empty(200));
    assert_eq!(play.teamtailor.somebody_posts("webhook", None, None, "{").await.http_status, 401);
    assert_eq!(play.last_bearer(), "");
    let signature = play.teamtailor.sign(1, "id");
    play.teamtailor.somebody_posts("webhook", Some("a.b.c"), Some(&signature), "{}").await;
    assert_eq!(play.last_bearer(), "Bearer a.b.c");
    assert_eq!(play.server.log().pop().unwrap().headers["teamtailor-signature"], signature);
    assert_eq!(play.teamtailor.somebody_gets("config", Some("x")).await.http_status, 200);
    assert_eq!(play.last_bearer(), "Bearer x");
    assert!(play.teamtailor.violations().is_empty());
}
