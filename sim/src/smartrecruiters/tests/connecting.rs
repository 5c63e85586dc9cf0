//! A bridge connects: tokens, the configuration, customers, and the end of a connection.

use super::*;

#[tokio::test]
async fn a_token_is_given_for_the_right_pair_in_a_form_without_scope() {
    let sim = SimSmartRecruiters::start().await.unwrap();
    sim.set_token_lifetime(7);
    let (id, secret) = sim.master_pair();
    assert_eq!(ask_token(&sim, &id, &secret).await.body["expires_in"], 7);
    assert_eq!(ask_token(&sim, &id, "wrong").await.str_at("/error"), Some("invalid_client"));
    assert!(sim.violations().is_empty());
    let url = format!("{}/identity/oauth/token", sim.base_url());
    let pair = [("client_id", id.as_str()), ("client_secret", secret.as_str())];
    let password = [("grant_type", "password"), pair[0], pair[1]];
    assert_eq!(sim.post_form(&url, &password).await.str_at("/error"), Some("unsupported_grant_type"));
    assert_eq!(sim.post_form(&url, &pair).await.http_status, 400);
    let scoped = [("grant_type", "client_credentials"), pair[0], pair[1], ("scope", "all")];
    assert_eq!(sim.post_form(&url, &scoped).await.http_status, 200);
    assert_eq!(sim.post_raw(&url, None, "application/json", "{}").await.http_status, 400);
    assert_eq!(sim.violations().len(), 4, "{:?}", sim.violations());
}

#[tokio::test]
async fn tokens_expire_on_request_and_after_their_uses() {
    let sim = SimSmartRecruiters::start().await.unwrap();
    sim.set_token_uses(Some(2));
    let token = master(&sim).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(send(&sim, "GET", CONFIGURATION, &token, &Value::Null).await.0);
    }
    assert_eq!(seen, [404, 404, 401]);
    sim.set_token_uses(None);
    let token = master(&sim).await;
    sim.expire_tokens();
    assert_eq!(send(&sim, "GET", CONFIGURATION, &token, &Value::Null).await.0, 401);
    assert!(sim.violations().is_empty());
}

#[tokio::test]
async fn a_configuration_is_kept_if_it_is_complete_and_in_known_words() {
    let sim = SimSmartRecruiters::start().await.unwrap();
    let (token, good) = (master(&sim).await, configuration("https://b.example"));
    assert_eq!(send(&sim, "GET", CONFIGURATION, &token, &Value::Null).await.0, 404);
    let wrong = |key: &str, value: Value| {
        let mut body = good.clone();
        body[key] = value;
        body
    };
    let field = good["fields"][0].clone();
    for body in [
        wrong("consentDisplayMode", json!("FRAME")),
        wrong("supportedAssessmentTypes", json!([])),
        wrong("supportedAssessmentTypes", json!(["SKILLS_TEST"])),
        wrong("oauthTokenUrl", json!("/token")),
        wrong("fields", json!([field, field, field, field, field, field])),
        wrong("fields", json!([{"id": "dept", "name": "Department"}])),
        wrong("webhookUrl", json!("https://b.example")),
        json!([]),
    ] {
        let before = sim.violations().len();
        let (status, answer, _) = send(&sim, "PUT", CONFIGURATION, &token, &body).await;
        assert_eq!((status, answer["errors"][0]["code"].is_string()), (400, true), "{body}");
        assert_eq!(sim.violations().len(), before + 1, "{body}");
    }
    assert_eq!(sim.configuration(), None);
    assert_eq!(send(&sim, "PUT", CONFIGURATION, &token, &good).await.1, good);
    assert_eq!(send(&sim, "GET", CONFIGURATION, &token, &Value::Null).await.1, good);
}

#[tokio::test]
async fn a_company_is_connected_once_after_consent_and_configuration() {
    let sim = SimSmartRecruiters::start().await.unwrap();
    let (token, body) = (master(&sim).await, json!({"clientId": "c", "clientSecret": "s"}));
    let post = async |body: &Value| send(&sim, "POST", &integration(ACME), &token, body).await;
    assert_eq!(post(&body).await.0, 403);
    sim.consent(ACME);
    assert_eq!(post(&body).await.0, 404);
    send(&sim, "PUT", CONFIGURATION, &token, &configuration("https://b.example")).await;
    sim.unconsent(ACME);
    assert_eq!(post(&body).await.0, 403);
    sim.consent(ACME);
    assert!(sim.violations().is_empty());
    assert_eq!(post(&json!({"clientId": "c"})).await.0, 400);
    assert_eq!(sim.violations().len(), 1);
    let (status, pair, _) = post(&body).await;
    assert_eq!((status, sim.is_connected(ACME)), (200, true));
    assert_eq!(sim.partner_pair(ACME), Some(("c".into(), "s".into())));
    assert_eq!(ask_token(&sim, pair["clientId"].as_str().unwrap(), "s").await.http_status, 401);
    let (status, again, _) = post(&body).await;
    assert_eq!((status, again.get("clientSecret")), (409, None));
    assert!(sim.requests().iter().all(|line| line.body["clientSecret"] != "s"));
}

#[tokio::test]
async fn one_pair_for_two_companies_is_a_violation() {
    let (sim, _bridge, _) = connected(Vec::new()).await;
    sim.consent("Other");
    let body = json!({"clientId": format!("for {ACME}"), "clientSecret": "s"});
    send(&sim, "POST", &integration("Other"), &master(&sim).await, &body).await;
    assert_eq!(sim.violations().len(), 1);
}

#[tokio::test]
async fn each_token_opens_its_own_doors_only() {
    let (sim, _bridge, token, order) = ordered().await;
    let master = master(&sim).await;
    assert_eq!(send(&sim, "GET", CONFIGURATION, &token, &Value::Null).await.0, 403);
    assert_eq!(send(&sim, "POST", &integration("B"), &token, &Value::Null).await.0, 403);
    assert_eq!(send(&sim, "PATCH", &results(&order), &master, &json!({})).await.0, 403);
    assert_eq!(send(&sim, "GET", "/jobs/x", &master, &Value::Null).await.0, 403);
    assert_eq!(sim.violations().len(), 4);
    assert_eq!(send(&sim, "PATCH", &results(&order), "guess", &json!({})).await.0, 401);
    assert_eq!(send(&sim, "GET", "/v1/assessments", &token, &Value::Null).await.0, 404);
    assert_eq!(sim.violations().len(), 5);
    let upload = format!("{}/attachment", results(&order));
    assert_eq!(send(&sim, "POST", &upload, &token, &Value::Null).await.0, 404);
    assert_eq!(sim.violations().len(), 5);
}

#[tokio::test]
async fn bodies_that_are_not_json_are_refused() {
    let (sim, _bridge, token, order) = ordered().await;
    let (master, half) = (master(&sim).await, || ("application/json", "{".to_owned()));
    let text = ("text/plain", configuration("https://b.example").to_string());
    assert_eq!(send_as(&sim, "PUT", CONFIGURATION, &master, text).await.0, 400);
    assert_eq!(send_as(&sim, "PUT", CONFIGURATION, &master, half()).await.0, 400);
    assert_eq!(send_as(&sim, "PATCH", &results(&order), &token, half()).await.0, 400);
    assert_eq!(sim.violations().len(), 3);
}

#[tokio::test]
async fn disconnecting_voids_the_pairs_with_or_without_a_bearer() {
    let (sim, bridge, token, order) = ordered().await;
    sim.disconnect(ACME, false).await.unwrap();
    assert_eq!(bridge.log().pop().unwrap().status, Some(401));
    assert!(!sim.is_connected(ACME));
    assert_eq!(send(&sim, "PATCH", &results(&order), &token, &json!({})).await.0, 401);
    assert!(sim.repeat_order(&order).await.is_err());
    let body = json!({"clientId": "c", "clientSecret": "s"});
    assert_eq!(send(&sim, "POST", &integration(ACME), &master(&sim).await, &body).await.0, 403);
    let token = connect(&sim, ACME).await;
    assert_eq!(send(&sim, "PATCH", &results(&order), &token, &json!({})).await.0, 200);
    let (sim, _bridge, _) = connected(vec![("DELETE /companies/AcmeInc", 204, Value::Null)]).await;
    assert_eq!(sim.disconnect(ACME, true).await.unwrap().http_status, 204);
    assert!(sim.violations().is_empty());
}

#[tokio::test]
async fn the_consent_page_learns_the_company_and_where_to_go_back_to() {
    let (sim, bridge, _) = connected(Vec::new()).await;
    let url = url::Url::parse(&sim.consent_page_url("Acme & Co").unwrap()).unwrap();
    let pairs: Vec<_> = url.query_pairs().into_owned().collect();
    let back = format!("{}/app-integrations/connected", sim.base_url());
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(pairs, [pair("v", "1"), pair("companyId", "Acme & Co"), pair("redirect", &back)]);
    assert_eq!(sim.get_raw(&back, None).await.http_status, 200);
    let mut popup = configuration(&bridge.base_url());
    popup["consentDisplayMode"] = json!("POPUP");
    send(&sim, "PUT", CONFIGURATION, &master(&sim).await, &popup).await;
    assert!(!sim.consent_page_url(ACME).unwrap().contains("redirect"));
    assert!(SimSmartRecruiters::start().await.unwrap().consent_page_url(ACME).is_err());
}
