//! Bad input at every door: a clear error, nothing stored, nothing bought.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use shared::inbound::{MAX_BODY, MAX_DEPTH};
use shared::order::State;
use sim::Delivery;
use sim::ashby::{CUSTOM_FIELD_NAMES, Partner};
use tests::World;
use tests::world::{Result, code, id_of};

async fn post(url: &str, authorization: &str, body: impl Into<reqwest::Body>) -> Result<(u16, Value)> {
    let request = client().post(url).header("authorization", authorization).body(body);
    let answer = request.send().await?;
    let status = answer.status().as_u16();
    Ok((status, serde_json::from_str(&answer.text().await?)?))
}

#[expect(clippy::disallowed_methods, reason = "a stranger's client, not ours")]
fn client() -> reqwest::Client {
    reqwest::Client::new()
}

fn start_url(world: &World) -> String {
    format!("{}/ashby/assessment.start", world.pair.stack.base_url)
}

fn basic(world: &World) -> String {
    format!("Basic {}", STANDARD.encode(format!("{}:", world.pair.made.trigger_token)))
}

fn start_body(world: &World) -> Value {
    let person = world.candidate();
    json!({
        "assessment_type_id": world.package,
        "candidate": { "ashby_id": person.candidate_id, "first_name": "Asha", "last_name": "Rao",
            "email": "canary@example.com", "ashby_profile_url": "https://app.ashbyhq.com/x" },
        "application": { "ashby_id": person.application_id, "status": "IN_REVIEW" },
        "job": { "ashby_id": "j", "name": "Engineer", "ashby_job_url": "https://app.ashbyhq.com/j" },
        "additional_fields": { "unknown": [1, { "deep": true }] },
        "something_new": 1,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn ashby_reaches_us_with_every_plausible_url_and_credential() -> Result {
    let world = World::new().await?;
    let World { pair, ashby, .. } = &world;
    let partner = || Partner::new(&format!("{}/ashby/", pair.stack.base_url), &pair.made.trigger_token);
    for partner in [partner(), partner().with_double_slash(), partner().with_token_as_password()] {
        assert_eq!(ashby.refresh(&partner).await.http_status, 200);
    }
    for name in CUSTOM_FIELD_NAMES {
        assert!(ashby.sync_custom_fields(&partner(), name).await.is_ok(), "{name}");
    }
    assert_eq!(ashby.post(&partner(), "assessment.list", "").await.http_status, 200, "an empty body");
    world.ends_with_bought(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_missing_and_malformed_tokens_are_refused_with_ashbys_envelope() -> Result {
    let world = World::new().await?;
    let body = start_body(&world).to_string();
    let token = &world.pair.made.trigger_token;
    let (last, rest) = (token.len() - 1, &token[..token.len() - 1]);
    let changed = format!("{rest}{}", if token.as_bytes()[last] == b'A' { 'B' } else { 'A' });
    let other = format!("xck_{}_{}", "0".repeat(16), &token[21..]);
    for wrong in [&changed, &other, "", "xck", "xck__", "x", &token.to_uppercase(), &"a".repeat(5000)] {
        let (status, answer) = post(&start_url(&world), &format!("Bearer {wrong}"), body.clone()).await?;
        assert_eq!((status, &answer["success"]), (401, &json!(false)), "{wrong}");
        assert_eq!(answer["errors"], json!(["invalid_api_key"]));
        assert!(answer["errorInfo"]["requestId"].is_string());
    }
    for wrong in ["Basic ???", "Basic", "Digest x", "Bearer ", "\u{7f}"] {
        if let Ok((status, _)) = post(&start_url(&world), wrong, body.clone()).await {
            assert_eq!(status, 401, "{wrong}");
        }
    }
    world.ends_with_bought(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_cannot_be_read_name_the_fault_and_store_nothing() -> Result {
    let world = World::new().await?;
    let without = |path: &str| {
        let mut body = start_body(&world);
        let (parent, key) = path.rsplit_once('/').unwrap_or_default();
        body.pointer_mut(parent).and_then(Value::as_object_mut).map(|o| o.remove(key));
        body.to_string().into_bytes()
    };
    let with = |path: &str, value: Value| {
        let mut body = start_body(&world);
        if let Some(deployment) = body.pointer_mut(path) {
            *deployment = value;
        }
        body.to_string().into_bytes()
    };
    let deep = format!("{}1{}", "[".repeat(MAX_DEPTH + 1), "]".repeat(MAX_DEPTH + 1));
    let no_email = "Not ordered: add an e-mail address to the candidate in Ashby and start the assessment again.";
    let cases: [(Vec<u8>, u16, &str); 16] = [
        (b"not json".to_vec(), 400, "not JSON"),
        (Vec::new(), 400, "not JSON"),
        (vec![0xff, 0xfe, b'{'], 400, "not UTF-8"),
        (vec![b' '; MAX_BODY + 1], 413, "more than"),
        (deep.into_bytes(), 400, "deeper than"),
        (b"[]".to_vec(), 422, "not a JSON object"),
        (without("/assessment_type_id"), 422, "`assessment_type_id` is missing"),
        (without("/candidate/email"), 422, no_email),
        (with("/candidate/email", Value::Null), 422, no_email),
        (with("/candidate/email", json!("\u{200b} \t")), 422, no_email),
        (without("/candidate/ashby_id"), 422, "`candidate.ashby_id` is missing"),
        (without("/application"), 422, "`application` is missing"),
        (with("/candidate/email", json!(7)), 422, "`candidate.email` has the wrong type"),
        (with("/candidate/email", json!("  ")), 422, no_email),
        (with("/candidate/first_name", json!("x".repeat(400))), 422, "`candidate.first_name` has more than"),
        (with("/assessment_type_id", json!("4238")), 422, "(The field is assessment_type_id.)"),
    ];
    for (body, status, words) in cases {
        let (got, answer) = post(&start_url(&world), &basic(&world), body).await?;
        let message = answer["message"].as_str().unwrap_or_default();
        assert_eq!(got, status, "{words}: {answer}");
        assert!(message.contains(words), "{message} should say {words}");
        assert!(!answer.to_string().contains("canary"), "{answer}");
    }
    world.idle().await;
    assert_eq!(world.an_hour_passes().await?, 0, "nothing was stored");
    world.ends_with_bought(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_fields_are_ignored_and_samples_that_differ_from_the_schema_are_taken() -> Result {
    let world = World::new().await?;
    let (status, answer) = post(&start_url(&world), &basic(&world), start_body(&world).to_string()).await?;
    assert_eq!(status, 200, "{answer}");
    let id = answer["results"]["assessment_id"].as_str().ok_or("no id")?;
    assert_eq!(answer["results"]["update_request"]["assessment_id"], id);
    assert_eq!(answer["results"]["update_request"]["assessment_status"]["value"], "Ordered");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn other_paths_and_methods_are_refused() -> Result {
    let world = World::new().await?;
    let base = &world.pair.stack.base_url;
    let (status, _) = post(&format!("{base}/ashby/assessment.update"), &basic(&world), "{}").await?;
    assert_eq!(status, 404);
    for (path, status) in [("ashby/assessment.list", 405), ("reports/x", 404), ("callbacks/springverify/x", 404)] {
        assert_eq!(client().get(format!("{base}/{path}")).send().await?.status(), status, "{path}");
    }
    Ok(())
}

/// An admin pasted a base URL that is not quite one, or the vendor has the callback URL without its end.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_address_is_answered_in_words_whatever_is_called_there_and_how() -> Result {
    let world = World::new().await?;
    let base = &world.pair.stack.base_url;
    for path in ["", "x", "v1", "Ashby/assessment.list", "callback/springverify/x", "assessment.list"] {
        for method in [http::Method::GET, http::Method::POST, http::Method::PUT] {
            let call = client().request(method, format!("{base}/{path}")).basic_auth("xck_not_yours", Some(""));
            let answer = call.send().await?;
            let (status, text) = (answer.status(), answer.text().await?);
            assert_eq!(status, 404, "{path}: {text}");
            assert!(
                text.contains("Crosscheck has nothing at this address. Enter the base URL again"),
                "{path}: {text}"
            );
            assert!(!text.contains("xck_not_yours"), "the key is not echoed");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_connection_tells_the_recruiter_and_still_follows_its_orders() -> Result {
    use shared::connection::ConnectionState;
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    let services = &world.pair.deployment.services;
    services.change_connection(&world.pair.made.connection.id, |c| c.state = ConnectionState::Paused).await?;
    let refused = world.recruiter_starts(&world.candidate().application_id).await?;
    assert_eq!(refused.http_status, 422);
    assert!(refused.text.contains("paused"), "{}", refused.text);
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_and_broken_callbacks_change_nothing() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    let vendor = &world.springverify;
    let genuine = json!({ "event": "completed", "candidate_id": check, "overall_status_code": 1,
        "overall_status": "Completed", "meta_data": { "order_id": id } });
    let with = |key: &str, value: Value| {
        let mut body = genuine.clone();
        body[key] = value;
        body.to_string()
    };
    let secret = format!("Bearer {}", world.pair.made.callback_secret);
    for forged in
        [None, Some("Bearer wrong"), Some("Basic eDo="), Some(&*secret.to_lowercase().replace("bearer ", "Bearer x"))]
    {
        assert_eq!(vendor.somebody_posts(forged, &genuine.to_string()).await?.http_status, 401);
    }
    for (body, status) in [
        ("x".to_owned(), 400),
        ("{}".to_owned(), 422),
        (json!({ "event": "completed", "overall_status_code": 1, "overall_status": "Completed" }).to_string(), 422),
        (with("meta_data", json!({ "order_id": "01900000-0000-7000-8000-000000000000" })), 404),
        (with("candidate_id", json!(check + 1)), 404),
        (json!({ "candidate_id": 999_999, "overall_status_code": 1 }).to_string(), 404),
        ("[".repeat(MAX_DEPTH + 1), 400),
        (" ".repeat(MAX_BODY + 1), 413),
    ] {
        let answer = vendor.somebody_posts(Some(&secret), &body).await?;
        assert_eq!(answer.http_status, status, "{body:.80}");
    }
    world.idle().await;
    assert_eq!(world.order(&id).await?.status.state, State::AwaitingCandidate);
    vendor.set_delivery(Delivery::Lose);
    for (code, state, found_by) in [
        (code::IN_PROGRESS, State::InProgress, json!({ "candidate_id": check.to_string() })),
        (code::COMPLETED, State::Completed, json!({ "meta_data": { "order_id": id } })),
    ] {
        world.vendor_reports(check, code).await?;
        let answer = vendor.somebody_posts(Some(&secret), &found_by.to_string()).await?;
        assert_eq!(answer.http_status, 200, "{found_by}: {}", answer.text);
        world.until(&id, state).await?;
    }
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_before_the_purchase_has_returned_is_not_lost() -> Result {
    use sim::{Fault, Gate};
    let (world, gate) = (World::new().await?, Gate::new());
    world.springverify.faults().once("candidate/add", Fault::HoldAnswer(gate.clone()));
    let id = id_of(&world.recruiter_starts(&world.candidate().application_id).await?)?;
    gate.arrived().await;
    let check = world.springverify.orders().first().ok_or("the vendor has no order")?.candidate_id;
    assert_eq!(world.vendor_reports(check, code::COMPLETED).await?, [200]);
    world.until(&id, State::Completed).await?;
    gate.open();
    world.idle().await;
    assert_eq!(world.order(&id).await?.placement.vendor_ref(), Some(check.to_string().as_str()));
    world.until(&id, State::Completed).await?;
    world.ends_with_bought(1)
}

/// A domain's mapping may have a base path that is called like a door, and senders put marks before their JSON.
#[tokio::test(flavor = "multi_thread")]
async fn every_door_is_found_under_every_mapping_and_reads_json_behind_a_byte_order_mark() -> Result {
    let world = World::new().await?;
    let base = &world.pair.stack.base_url;
    let (id, check) = world.placed_order().await?;
    let callback = format!("callbacks/springverify/{}", world.pair.made.connection.id);
    let secret = format!("Bearer {}", world.pair.made.callback_secret);
    let report = json!({ "event": "status_update", "candidate_id": check, "overall_status_code": code::IN_PROGRESS });
    for mapping in ["", "v1/", "callbacks/", "callbacks/v1/", "reports/", "reports//", "/"] {
        let marked = format!("\u{feff}{report}");
        assert_eq!(post(&format!("{base}/{mapping}{callback}"), &secret, marked).await?.0, 200, "{mapping}");
        let start = format!("{base}/{mapping}ashby/assessment.list");
        assert_eq!(post(&start, &basic(&world), "\u{feff}{}").await?.0, 200, "{mapping}");
    }
    for (door, status) in [("teamtailor/activation", 200), ("smartrecruiters/connect", 503)] {
        let own = door.split('/').next().unwrap_or_default();
        for mapping in ["", "v1/", &format!("{own}/"), &format!("{own}/v1//"), "reports/"] {
            let answer = client().get(format!("{base}/{mapping}{door}")).send().await?;
            assert_eq!(answer.status(), status, "{mapping}{door}");
        }
    }
    world.until(&id, State::AwaitingCandidate).await?;
    Ok(())
}
