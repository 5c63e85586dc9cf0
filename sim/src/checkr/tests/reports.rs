//! Reports and webhooks: what moves, what is told of it, and what is told twice or never.

use super::*;
use crate::Delivery;
use crate::sign::mac_hex;

#[tokio::test]
async fn every_move_of_a_report_is_told_of_under_its_own_name() {
    let (checkr, _server, _door) = checkr_and_door().await;
    let id = Bridge::right(&checkr).report().await;
    let before = checkr.webhooks().len();
    for status in ["suspended", "pending", "paused"] {
        checkr.report_becomes(&id, status, None).await.unwrap();
    }
    checkr.report_becomes(&id, "complete", Some("consider")).await.unwrap();
    checkr.dispute(&id).await.unwrap();
    checkr.report_becomes(&id, "complete", Some("clear")).await.unwrap();
    checkr.dashboard_adjudicates(&id, "engaged").await.unwrap();
    checkr.reopen(&id).await.unwrap();
    checkr.report_becomes(&id, "canceled", None).await.unwrap();
    let told =
        ["suspended", "resumed", "updated", "completed", "disputed", "completed", "engaged", "upgraded", "canceled"];
    let told: Vec<_> = told.iter().map(|word| format!("report.{word}")).collect();
    assert_eq!(kinds(&checkr)[before..], told);
    let (first, second) = (&checkr.webhooks()[before + 3], &checkr.webhooks()[before + 5]);
    assert_eq!(
        (&first.body["data"]["object"]["result"], &first.body["data"]["object"]["revised_at"]),
        (&json!("consider"), &Value::Null)
    );
    assert!(second.body["data"]["object"]["revised_at"].is_string());
    assert!(checkr.dispute("nobody").await.is_err());
}

#[tokio::test]
async fn complete_now_cancels_a_report_of_which_nothing_was_screened() {
    let checkr = SimCheckr::start().await.unwrap();
    let bridge = Bridge::right(&checkr);
    for (screened, status) in [(false, "canceled"), (true, "complete")] {
        let id = bridge.report().await;
        if screened {
            checkr.screening_completes(&id).await.unwrap();
        }
        let path = format!("reports/{id}/complete");
        assert_eq!(bridge.post(&path, &json!({})).await.1["status"], status);
        assert_eq!(bridge.post(&path, &json!({})).await.0, 400);
    }
}

#[tokio::test]
async fn a_webhook_is_signed_over_its_bytes_with_the_key_of_the_moment() {
    let (checkr, server, _door) = checkr_and_door().await;
    let id = Bridge::right(&checkr).report().await;
    let replayed = checkr.webhooks()[0].about.clone();
    checkr.report_becomes(&id, "complete", Some("clear")).await.unwrap();
    let line = server.log().pop().unwrap();
    assert!(line.headers["user-agent"].starts_with("Checkr-Webhook/"));
    // A body of serde_json's own making is read back to the same bytes.
    assert_eq!(line.headers["x-checkr-signature"], checkr.sign(&line.body.to_string()));
    checkr.set_signing_key(Some("client secret"));
    checkr.replay(&replayed, 0).await.unwrap();
    let line = server.log().pop().unwrap();
    assert_eq!(line.headers["x-checkr-signature"], mac_hex("client secret", &line.body.to_string()));
    checkr.somebody_posts(None, "{}").await.unwrap();
    assert!(!server.log().pop().unwrap().headers.contains_key("x-checkr-signature"));
    checkr.somebody_posts(Some("guess"), "{}").await.unwrap();
    assert_eq!(server.log().pop().unwrap().headers["x-checkr-signature"], "guess");
}

#[tokio::test]
async fn webhooks_are_lost_doubled_held_and_repeated_until_a_2xx() {
    let (checkr, server, door) = checkr_and_door().await;
    let id = Bridge::right(&checkr).report().await;
    checkr.set_delivery(Delivery::Lose);
    assert!(checkr.report_becomes(&id, "suspended", None).await.unwrap().is_empty());
    checkr.set_delivery(Delivery::Twice);
    assert_eq!(checkr.report_becomes(&id, "pending", None).await.unwrap(), [200, 200]);
    checkr.set_delivery(Delivery::Hold);
    checkr.screening_completes(&id).await.unwrap();
    checkr.report_becomes(&id, "complete", Some("clear")).await.unwrap();
    door.0.store(503, Ordering::SeqCst);
    assert_eq!(checkr.release_held_backwards().await, [503, 503]);
    door.0.store(204, Ordering::SeqCst);
    assert_eq!((checkr.redeliver().await, checkr.redeliver().await), (vec![204, 204], vec![]));
    let types: Vec<_> = server.log().iter().rev().take(4).map(|line| line.body["type"].clone()).collect();
    assert_eq!(types, ["report.updated", "report.completed", "report.updated", "report.completed"]);
}

#[tokio::test]
async fn what_an_api_call_causes_is_told_when_the_test_says_so_and_thin_if_asked() {
    let (checkr, server, _door) = checkr_and_door().await;
    checkr.set_include_object(false);
    checkr.configure_second_webhook(&format!("{}/second", server.base_url()));
    let id = Bridge::right(&checkr).invitation().await;
    assert!(server.log().is_empty());
    assert_eq!(checkr.deliver_waiting().await.len(), 4);
    let last = checkr.webhooks().pop().unwrap();
    let thin = json!({"id": id, "object": "invitation", "uri": format!("/v1/invitations/{id}")});
    assert_eq!((&last.body["data"]["object"], last.url.ends_with("/second")), (&thin, true));
}

#[tokio::test]
async fn a_report_has_a_pdf_once_complete_and_its_link_expires() {
    let checkr = SimCheckr::start().await.unwrap();
    let bridge = Bridge::right(&checkr);
    let id = bridge.report().await;
    let path = format!("reports/{id}?include=candidate,documents");
    assert_eq!(bridge.get(&path).await.1["documents"], json!([]));
    checkr.report_becomes(&id, "complete", Some("clear")).await.unwrap();
    let (_, report) = bridge.get(&path).await;
    assert_eq!(report["candidate"]["email"], "asha@example.com");
    let document_id = report["document_ids"][0].as_str().unwrap();
    let (_, document) = bridge.get(&format!("documents/{document_id}")).await;
    assert_eq!((&document["type"], &document["id"]), (&json!("pdf_report"), &report["documents"][0]["id"]));
    let link = document["download_uri"].as_str().unwrap();
    let pdf = bare_client().get(link).send().await.unwrap().text().await.unwrap();
    assert!(pdf.starts_with("%PDF-") && pdf.contains(&id));
    checkr.expire_document_links();
    assert_eq!(bare_client().get(link).send().await.unwrap().status(), 403);
}
