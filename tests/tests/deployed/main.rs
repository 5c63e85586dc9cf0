//! The stack of template.yaml on an emulated AWS: whole orders through its real API, stream, queue and schedule.
//!
//! `make deployed` builds and installs what this needs.

#![expect(clippy::indexing_slicing, reason = "a test stops where something is not as it should be")]

mod deployer;
mod smartrecruiters;
mod stacks;
mod street;
mod teamtailor;

use std::collections::BTreeSet;

use serde_json::Value;
use shared::telemetry::METRICS;
use sim::Delivery;
use sim::Fault;
use sim::ashby::Partner;
use sim::faults::EVERY_OPERATION;
use street::Street;
use tests::ministack::{client, metrics};
use tests::runtime_api::FUNCTIONS;
use tests::world::{Result, code, id_of};

#[tokio::test(flavor = "multi_thread")]
async fn whole_orders_through_the_deployed_stack() -> Result {
    let mut street = Street::open().await?;
    street.package = street.first_package().await?;
    street.step("the admin presses Refresh and sees the vendor's packages")?;
    strangers_stay_outside(&street).await?;
    let done = from_click_to_report(&mut street).await?;
    // The schedule runs once a minute: the order that waits for it does so beside the next steps.
    let lost = callback_is_lost(&mut street).await?;
    smartrecruiters::one_order(&mut street).await?;
    teamtailor::one_order(&mut street).await?;
    two_clicks_buy_once(&mut street).await?;
    vendor_is_down_at_first(&mut street).await?;
    schedule_repairs(&street, &lost).await?;
    operator_looks_and_acts(&mut street, &done).await?;
    logs_are_clean(&street).await?;
    assert_eq!(street.springverify.creates(), 5, "Ashby's five orders were placed, each bought once");
    assert_eq!(street.aws.dead_letters(&street.stack).await?, 0, "dead letters");
    assert_eq!(street.ashby.violations(), Vec::<String>::new(), "against Ashby's protocol");
    street.step("done")
}

async fn strangers_stay_outside(street: &Street) -> Result {
    let wrong = format!("xck_{}_{}", street.connection, "A".repeat(43));
    for stranger in [Partner::new(&street.base_url, &wrong), street.partner.clone().without_token()] {
        let answer = street.ashby.refresh(&stranger).await;
        assert_eq!(answer.http_status, 401, "{}", answer.text);
        assert_eq!(answer.body["errorInfo"]["code"], "invalid_api_key");
    }
    let answer = street.springverify.somebody_posts(Some("Bearer guess"), "{}").await?;
    assert_eq!(answer.http_status, 401, "{}", answer.text);
    street.step("a wrong token, no token and a wrong callback secret are answered 401")
}

async fn from_click_to_report(street: &mut Street) -> Result<String> {
    let order = street.recruiter_orders().await?;
    street.step("the recruiter starts a check")?;
    let check = street.placed(&order).await?;
    street.ashby_shows(&order, "awaiting the candidate", |s| s.status.as_deref() == Some("Awaiting candidate")).await?;
    street.step("the stream woke the worker: the vendor has the order, Ashby shows so")?;
    assert_eq!(street.springverify.vendor_moves(check, code::IN_PROGRESS).await?, [200]);
    street.ashby_shows(&order, "started", |shown| shown.started).await?;
    street.step("an interim callback arrived, Ashby shows so")?;
    assert_eq!(street.springverify.vendor_moves(check, code::COMPLETED).await?, [200]);
    let shown = street.ashby_shows(&order, "the result", |shown| shown.completed).await?;
    street.step(&format!("the last callback arrived, Ashby shows the result: {}", shown.result.unwrap_or_default()))?;
    let link = shown.profile_url.ok_or("Ashby shows no report link")?;
    assert!(link.starts_with(&street.api()), "{link}");
    opens_as_pdf(&link).await?;
    street.step("the report link opens as a PDF, and only as it was signed")?;
    Ok(order)
}

async fn opens_as_pdf(link: &str) -> Result {
    let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"; // a browser's
    let answer = client()?.get(link).header("accept", accept).send().await?;
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    assert!(answer.bytes().await?.starts_with(b"%PDF-"), "no PDF");
    let forged = client()?.get(link.replacen("signature=", "signature=A", 1)).send().await?;
    assert_eq!(forged.status().as_u16(), 404);
    Ok(())
}

/// The vendor completes a check and the callback never arrives.
async fn callback_is_lost(street: &mut Street) -> Result<String> {
    let order = street.recruiter_orders().await?;
    let check = street.placed(&order).await?;
    street.springverify.set_delivery(Delivery::Lose);
    assert_eq!(street.springverify.vendor_moves(check, code::COMPLETED).await?, [0_u16; 0]);
    street.springverify.set_delivery(Delivery::Once);
    street.step("a further check is completed, and its callback is lost")?;
    Ok(order)
}

async fn schedule_repairs(street: &Street, order: &str) -> Result {
    street.ashby_shows(order, "the schedule repairs what the lost callback left", |shown| shown.completed).await?;
    street.step("the schedule repaired what the lost callback left")
}

async fn two_clicks_buy_once(street: &mut Street) -> Result {
    let (before, application) = (street.springverify.creates(), street.candidate().application_id);
    let (one, other) = tokio::join!(street.recruiter_starts(&application), street.recruiter_starts(&application));
    let (one, other) = (id_of(&one?)?, id_of(&other?)?);
    assert_eq!(one, other, "both clicks are answered with one assessment");
    street.placed(&one).await?;
    street.step("two clicks at the same instant: one assessment")?;
    street.ashby_shows(&one, "awaiting the candidate", |shown| shown.updates > 0).await?;
    assert_eq!(street.springverify.creates(), before + 1, "bought twice");
    Ok(())
}

async fn vendor_is_down_at_first(street: &mut Street) -> Result {
    street.springverify.faults().always(EVERY_OPERATION, Fault::rate_limited(1));
    let (before, order) = (street.springverify.creates(), street.recruiter_orders().await?);
    let tried = street.springverify.calls("candidate/add");
    street.until("the worker tries", 60, || (street.springverify.calls("candidate/add") > tried).then_some(())).await?;
    street.springverify.faults().clear_all();
    street.step("the vendor is not to be had, and the order waits in the queue")?;
    street.placed(&order).await?;
    assert_eq!(street.springverify.creates(), before + 1);
    street.step("the queue brought it back, and it is placed")
}

async fn operator_looks_and_acts(street: &mut Street, done: &str) -> Result {
    let shown = street.crosscheck(&["orders", "show", done], &[]).await?;
    assert_eq!((&shown["state"], &shown["outcome"]), (&Value::from("completed"), &Value::from("clear")));
    assert_eq!(shown["ats_up_to_date"], true, "{shown}");
    opens_as_pdf(shown["report_url"].as_str().ok_or("no report_url")?).await?;
    let listed = street.crosscheck(&["orders", "list"], &[]).await?;
    let ids: Vec<&str> =
        listed["orders"].as_array().into_iter().flatten().filter_map(|o| o["order_id"].as_str()).collect();
    assert!(ids.contains(&done) && ids.len() == 6, "{ids:?}");
    let listed = street.crosscheck(&["connections", "list"], &[]).await?;
    let states: Vec<&Value> = listed["connections"].as_array().into_iter().flatten().map(|c| &c["state"]).collect();
    assert_eq!(states, ["active"; 3], "{listed}");
    street.step("crosscheck orders show and list agree with what happened")?;
    let environment = street.crosscheck_prints(&["env"]).await?;
    let table = environment["Parameters"]["TABLE_NAME"].as_str().unwrap_or_default();
    assert!(table.starts_with("crosscheck-OrdersTable"), "{environment}");
    let order = callback_is_lost(street).await?;
    let queued = street.crosscheck(&["sync"], &[]).await?;
    assert!(queued["queued"].as_u64() >= Some(1), "{queued}");
    street.ashby_shows(&order, "crosscheck sync repairs it", |shown| shown.completed).await?;
    street.step("crosscheck sync repaired it without waiting for the schedule")?;
    pause(street).await
}

async fn pause(street: &mut Street) -> Result {
    let connection = street.connection.clone();
    let paused = street.crosscheck(&["connections", "pause", &connection], &[]).await?;
    assert_eq!(paused["state"], "paused");
    // A door believes what it read of a connection for twenty seconds. Until then it refuses a package that nobody offers
    // in other words.
    let application = street.candidate().application_id;
    let nothing = "00000000-0000-4000-8000-000000000000";
    let mut tries = 0;
    loop {
        let answer = street.ashby.recruiter_starts(&street.partner, &application, nothing, Value::Null).await?;
        assert_eq!(answer.http_status, 422, "{}", answer.text);
        if answer.str_at("/message").is_some_and(|words| words.contains("paused")) {
            break;
        }
        tries += 1;
        assert!(tries < 60, "the door has not noticed: {}", answer.text);
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    street.step("a paused connection refuses an order with words for the recruiter")
}

/// Whoever reads a line finds its call, in Lambda's report as in X-Ray. What is logged while a function starts has none.
fn names_its_invocation(function: &str, line: &str) {
    let Ok(line) = serde_json::from_str::<Value>(line) else { return };
    assert_eq!(line["service"], function, "{line}");
    assert!(line["function_request_id"].as_str().is_some_and(|id| id.len() == 36), "{line}");
    assert!(line["cold_start"].is_boolean(), "{line}");
}

async fn logs_are_clean(street: &Street) -> Result {
    let mut secrets = street.aws.secret_values(&street.stack).await?;
    let held = street.secrets.iter().filter(|known| secrets.contains(known)).count();
    assert!(held >= 8, "{held} of what was given out or in are among the deployment's secrets");
    secrets.extend_from_slice(&street.secrets);
    let mut seen = BTreeSet::new();
    for function in FUNCTIONS {
        let lines = street.aws.log_lines(&street.stack, function).await?;
        assert!(lines.iter().any(|line| line.starts_with('{')), "{function} logged nothing of its own");
        for line in &lines {
            names_its_invocation(function, line);
            let told: Vec<&String> = secrets.iter().filter(|secret| line.contains(*secret)).collect();
            assert!(told.is_empty(), "{function} logs {told:?}: {line}");
            seen.extend(metrics(line));
        }
    }
    assert!(seen.iter().all(|name| METRICS.contains(&name.as_str())), "unknown metrics: {seen:?}");
    for expected in ["OrderTaken", "OrderRefused", "OrderCompleted", "ReportTaken", "AtsTold", "RetryQueued"] {
        assert!(seen.contains(expected), "no {expected} in {seen:?}");
    }
    assert!(seen.contains("CallbackRefused") && seen.contains("SyncCompleted"), "{seen:?}");
    street.step(&format!(
        "no log holds a person or a key; metrics seen: {}",
        seen.into_iter().collect::<Vec<_>>().join(", ")
    ))
}
