//! A bridge reads candidates and jobs and patches results, within the limits.

use super::*;

#[tokio::test]
async fn an_inline_order_may_be_unknown_until_the_applicant_is_back() {
    let address = "https://b.example/i";
    let answer = json!({"url": address, "assessmentPackageURL": address});
    let (sim, bridge, token) = connected(vec![("POST /inline", 200, answer)]).await;
    sim.hide_inline_orders_until_finished(true);
    let (order, _) = sim.applicant_orders_inline(ACME, "p", &person()).await.unwrap();
    let sent = last_body(&bridge);
    assert_eq!((sent["candidate"].get("id"), sent.get("requester")), (None, None));
    let done = json!({"status": "COMPLETED"});
    assert_eq!(send(&sim, "PATCH", &results(&order), &token, &done).await.0, 404);
    let back = sent["completedAssessmentCallbackUrl"].as_str().unwrap();
    assert_eq!(sim.get_raw(back, None).await.http_status, 200);
    assert_eq!(send(&sim, "PATCH", &results(&order), &token, &done).await.0, 200);
    assert!(sim.violations().is_empty());
    let (order, _) = sim.applicant_orders_inline(ACME, "p", &person()).await.unwrap();
    sim.applicant_returns(&order).unwrap();
    assert_eq!(send(&sim, "PATCH", &results(&order), &token, &done).await.0, 200);
    assert!(sim.applicant_returns("none").is_err());
    assert_eq!(sim.get_raw(&back.replace("inline-assessments/", "inline-assessments/0"), None).await.http_status, 404);
}

#[tokio::test]
async fn results_are_merged_shown_and_remembered() {
    let (sim, _bridge, token, order) = ordered().await;
    let sent = json!({"status": "PENDING", "summary": "Invited", "assessmentPackageDate": "2026-01-05T09:00:00Z"});
    assert_eq!(send(&sim, "PATCH", &results(&order), &token, &sent).await.1, sent);
    let done = json!({"status": "COMPLETED", "summary": null, "score": {"raw": 1, "min": 0, "max": 1},
        "scoreLabel": "Clear", "submissionDate": "2026-01-06T09:00:00Z",
        "attachments": [{"type": "OTHER_URL", "url": "https://r.example/1"}],
        "assessmentResults": [{"assessmentId": "part", "status": "COMPLETED"}]});
    let (status, full, _) = send(&sim, "PATCH", &results(&order), &token, &done).await;
    assert_eq!(
        (status, full.get("summary"), &full["assessmentPackageDate"]),
        (200, None, &sent["assessmentPackageDate"])
    );
    let shown = sim.shows(&order).unwrap();
    assert_eq!((shown.status.as_deref(), shown.summary, shown.updates), (Some("COMPLETED"), None, 2));
    assert_eq!((shown.score.unwrap().percent(), shown.score_label.as_deref()), (100, Some("Clear")));
    assert_eq!(shown.attachments[0].url, "https://r.example/1");
    assert_eq!(shown.dates.package_sent.as_deref(), Some("2026-01-05T09:00:00Z"));
    let fewer = json!({"attachments": [], "score": {"max": 2}});
    send(&sim, "PATCH", &results(&order), &token, &fewer).await;
    let shown = sim.shows(&order).unwrap();
    assert_eq!((shown.attachments.len(), shown.results.len(), shown.score.unwrap().max), (0, 1, 2));
    assert_eq!(sim.history(&order), [sent, done, fewer]);
    assert!(sim.violations().is_empty(), "{:?}", sim.violations());
}

#[tokio::test]
async fn a_wrong_result_changes_nothing_and_is_a_violation() {
    let (sim, _bridge, token, order) = ordered().await;
    sim.package(ACME, "p").await.unwrap();
    for wrong in [
        json!({"status": "CLEAR"}),
        json!({"score": {"raw": 5}}),
        json!({"score": {"raw": 5, "min": 0, "max": 4}}),
        json!({"attachments": [{"url": "https://r.example"}]}),
        json!({"assessmentResults": [{"assessmentId": "of another package"}]}),
        json!({"passed": true}),
        json!({"passed": null}),
        json!([]),
    ] {
        let before = sim.violations().len();
        let (status, answer, _) = send(&sim, "PATCH", &results(&order), &token, &wrong).await;
        assert_eq!((status, answer["errors"].is_array()), (400, true), "{wrong}");
        assert!(sim.violations().len() > before, "{wrong}");
    }
    assert_eq!(sim.shows(&order).unwrap(), Shown::default());
    let before = sim.violations().len();
    assert_eq!(send(&sim, "PATCH", &results("none"), &token, &json!({})).await.0, 404);
    assert_eq!(sim.violations().len(), before);
}

#[tokio::test]
async fn a_merge_patch_is_demanded_or_not_taken() {
    let (sim, _bridge, token, order) = ordered().await;
    let patch = async |media: &str| {
        send_as(&sim, "PATCH", &results(&order), &token, (media, r#"{"status":"PENDING"}"#.into())).await.0
    };
    let (plain, merge) = ("application/json; charset=utf-8", "application/merge-patch+json");
    assert_eq!((patch(plain).await, patch(merge).await), (200, 415));
    sim.demand_merge_patch(true);
    assert_eq!((patch(plain).await, patch(merge).await), (415, 200));
    assert!(sim.violations().is_empty());
    assert_eq!((patch("text/plain").await, sim.violations().len()), (415, 1));
}

#[tokio::test]
async fn another_companys_order_and_candidate_are_out_of_reach() {
    let (sim, bridge, token, order) = ordered().await;
    let asha = last_body(&bridge)["candidate"]["id"].as_str().unwrap().to_owned();
    let other = connect(&sim, "Other").await;
    let candidate = format!("/candidates/{asha}");
    assert_eq!(send(&sim, "GET", &candidate, &token, &Value::Null).await.1["email"], "a@b.in");
    assert_eq!(send(&sim, "GET", "/candidates/none", &token, &Value::Null).await.0, 404);
    assert!(sim.violations().is_empty());
    assert_eq!(send(&sim, "GET", &candidate, &other, &Value::Null).await.0, 404);
    assert_eq!(send(&sim, "PATCH", &results(&order), &other, &json!({"status": "COMPLETED"})).await.0, 403);
    assert_eq!((sim.violations().len(), sim.history(&order).len()), (2, 0));
}

#[tokio::test]
async fn a_job_is_read_with_its_title_and_place() {
    let (sim, _bridge, token) = connected(Vec::new()).await;
    let job = sim.add_job(Job::titled("Driver"));
    let (status, body, _) = send(&sim, "GET", &format!("/jobs/{job}"), &token, &Value::Null).await;
    assert_eq!((status, &body["title"], &body["location"]["city"]), (200, &json!("Driver"), &json!("Bengaluru")));
}

#[tokio::test]
async fn a_full_window_and_a_ninth_call_at_once_are_429_with_the_limits() {
    let (sim, _bridge, token) = connected(Vec::new()).await;
    let job = format!("/jobs/{}", sim.add_job(Job::titled("Driver")));
    let (_, _, headers) = send(&sim, "GET", &job, &token, &Value::Null).await;
    assert_eq!(
        (headers["x-ratelimit-limit"].as_bytes(), headers["x-ratelimit-concurrent-limit"].as_bytes()),
        (&b"10"[..], &b"8"[..])
    );
    sim.next_window();
    sim.enforce_limits(Some(2));
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(send(&sim, "GET", &job, &token, &Value::Null).await);
    }
    let statuses: Vec<_> = seen.iter().map(|(status, ..)| *status).collect();
    assert_eq!((statuses, seen[2].2["x-ratelimit-remaining"].as_bytes()), (vec![200, 200, 429], &b"0"[..]));
    assert!(seen[2].1["errors"].is_array() && seen[2].2.get("retry-after").is_none());
    sim.enforce_limits(Some(100));
    sim.next_window();
    sim.faults().times(9, "jobs", &Fault::Delay(Duration::from_millis(400)));
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..9 {
        let (sim, job, token) = (sim.clone(), job.clone(), token.clone());
        calls.spawn(async move { send(&sim, "GET", &job, &token, &Value::Null).await.0 });
    }
    let mut statuses = calls.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 200, 429]);
    assert_eq!(sim.load(), Load { highest_concurrency: 9, breaches: 2 });
    assert_eq!(send(&sim, "GET", &job, &token, &Value::Null).await.0, 200);
}

#[tokio::test]
async fn a_lost_answer_to_a_result_leaves_the_result_in_place() {
    let (sim, _bridge, token, order) = ordered().await;
    sim.faults().once("orders/results", Fault::DoThenCut);
    let url = format!("{}{}", sim.base_url(), results(&order));
    let patch = bare_client().patch(url).bearer_auth(token).header("content-type", "application/json");
    assert!(patch.body(r#"{"status":"PENDING"}"#).send().await.is_err());
    assert_eq!(sim.shows(&order).unwrap().status.as_deref(), Some("PENDING"));
    assert_eq!(sim.calls("orders/results"), 1);
}
