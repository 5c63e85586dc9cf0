//! A stage of Ashby's hiring process orders a check by a rule of the connection, and the result is written to the
//! candidate once it is there.

use serde_json::json;
use shared::order::{ConnectionId, Order, Outcome, State};
use shared::rule::Rule;
use shared::secrets::StoredKeys;
use sim::ashby::{Applicant, Webhook};
use tests::World;
use tests::world::{PHONE, Result, code};

use super::local::{Connected, run};

const SECRET: &str = "the secret token of the webhook";
const PARTNER: &str = "0198f2f4-5d5c-7c3e-9a53-1f0d1e8f0a11";

/// A world whose stage "Offer" orders SpringVerify's first package.
async fn with_rule(partner: Option<&str>) -> Result<(World, Webhook)> {
    let world = World::new().await?;
    let (services, id) = (&world.pair.deployment.services, &world.pair.made.connection.id);
    let connection = services.store.connection(id).await?.ok_or("no connection")?;
    let package =
        connection.catalogue.and_then(|catalogue| catalogue.packages.into_iter().next()).ok_or("no package")?;
    let rule = Rule { stage: "Offer".to_owned(), job: None, package: package.id };
    let apply = |connection: &mut shared::connection::Connection| {
        connection.rules = vec![rule.clone()];
        connection.partner_id = partner.map(str::to_owned);
    };
    services.change_connection(id, apply).await?;
    let keys = services.secrets.latest_keys(id).await?;
    services.secrets.put_keys(id, &StoredKeys { client_secret: SECRET.to_owned(), ..keys }).await?;
    let url = format!("{}/ashby/stage-change/{id}", world.pair.stack.base_url);
    Ok((world, Webhook { url, secret: SECRET.to_owned() }))
}

/// The candidate enters the stage; what Crosscheck says it made of that.
async fn enters(world: &World, webhook: &Webhook, who: &Applicant, stage: &str) -> Result<String> {
    let (answer, _) = world.ashby.enters_stage(webhook, &who.application_id, stage).await?;
    assert_eq!(answer.http_status, 200, "{}", answer.text);
    Ok(answer.str_at("/taken").unwrap_or_default().to_owned())
}

async fn orders(world: &World) -> Result<Vec<Order>> {
    world.idle().await;
    Ok(world.pair.deployment.services.store.recent().await?)
}

async fn only_order(world: &World) -> Result<Order> {
    let mut found = orders(world).await?;
    assert_eq!(found.len(), 1);
    Ok(found.remove(0))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_orders_a_check_and_its_result_is_added_to_the_candidate_once_it_is_completed() -> Result {
    let (world, webhook) = with_rule(Some(PARTNER)).await?;
    assert_eq!(world.ashby.pings(&webhook).await.http_status, 200);
    assert_eq!(enters(&world, &webhook, &world.candidate(), "Offer").await?, "ordered");
    let id = only_order(&world).await?.id.to_string();
    let check = world.placed(&id).await?;
    world.vendor_reports(check, code::IN_PROGRESS).await?;
    world.until(&id, State::InProgress).await?;
    assert_eq!(world.ashby.assessments(), Vec::<String>::new(), "Ashby has nothing to update yet");
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    world.idle().await;
    let shown = world.ats_shows(&id)?;
    assert_eq!((shown.result.as_deref(), shown.updates), (Some("Clear"), 1));
    let link = shown.row("profile_url").ok_or("no link")?;
    assert_eq!(reqwest::get(&link).await?.status(), 200, "the link opens the report");
    world.vendor_reports(check, code::WITH_EXCEPTION).await?;
    let order = world.pair.until(&id, |o| o.status.outcome == Outcome::Review && o.told == o.version).await?;
    assert!(order.history.iter().any(|line| line.text == "added to Ashby as completed"), "{:?}", order.history);
    assert_eq!(world.ats_shows(&id)?.result.as_deref(), Some("Review"), "from then on it is updated like any other");
    super::published::holds(&world.pair);
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_partners_id_the_result_stays_where_the_operator_sees_it() -> Result {
    let (world, webhook) = with_rule(None).await?;
    enters(&world, &webhook, &world.candidate(), "Offer").await?;
    let id = only_order(&world).await?.id.to_string();
    let check = world.placed(&id).await?;
    world.vendor_reports(check, code::COMPLETED).await?;
    let order = world.until(&id, State::Completed).await?;
    world.idle().await;
    assert_eq!(world.ashby.assessments(), Vec::<String>::new());
    assert!(order.history.iter().all(|line| !line.text.contains("told")), "nobody was told: {:?}", order.history);
    assert_eq!(world.an_hour_passes().await?, 0, "the sync has nothing left to do");
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_event_and_one_candidate_make_one_order_and_other_stages_none() -> Result {
    let (world, webhook) = with_rule(None).await?;
    let who = world.candidate();
    assert_eq!(enters(&world, &webhook, &who, "Phone screen").await?, "no rule of this connection fits");
    let (first, body) = world.ashby.enters_stage(&webhook, &who.application_id, " offer ").await?;
    assert_eq!(first.str_at("/taken"), Some("ordered"));
    assert!(world.ashby.tells(&webhook, &body).await.is_ok(), "Ashby sends it again");
    assert_eq!(enters(&world, &webhook, &who, "Offer").await?, "this candidate is being checked already");
    let id = only_order(&world).await?.id.to_string();
    let check = world.placed(&id).await?;
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    assert!(world.ashby.tells(&webhook, &body).await.is_ok());
    assert_eq!(orders(&world).await?.len(), 1, "an event of long ago orders nothing anew");
    assert_eq!(enters(&world, &webhook, &who, "Offer").await?, "ordered", "the first one is over");
    assert_eq!(orders(&world).await?.len(), 2);
    // SpringVerify keeps one check of a person.
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_by_ashby_joins_the_order_of_the_rule() -> Result {
    let (world, webhook) = with_rule(Some(PARTNER)).await?;
    let who = world.candidate();
    enters(&world, &webhook, &who, "Offer").await?;
    let id = only_order(&world).await?.id.to_string();
    let check = world.placed(&id).await?;
    let started = world.recruiter_starts(&who.application_id).await?;
    assert_eq!(started.str_at("/results/assessment_id"), Some(id.as_str()), "{}", started.text);
    world.vendor_reports(check, code::IN_PROGRESS).await?;
    world.until(&id, State::InProgress).await?;
    assert_eq!(world.ats_shows(&id)?.status.as_deref(), Some("Started"));
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    assert_eq!(world.ats_shows(&id)?.result.as_deref(), Some("Clear"));
    assert_eq!(enters(&world, &webhook, &world.candidate(), "Offer").await?, "ordered", "others are ordered on");
    world.idle().await;
    world.ends_with_bought(2)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_orders_by_a_stage() -> Result {
    let (world, webhook) = with_rule(None).await?;
    let who = world.candidate();
    let other = ConnectionId::from_random([7; 8]).to_string();
    let elsewhere =
        Webhook { url: webhook.url.replace(world.pair.made.connection.id.as_str(), &other), ..webhook.clone() };
    for (what, webhook) in [
        ("a wrong secret", Webhook { secret: "wrong".to_owned(), ..webhook.clone() }),
        ("no signature", Webhook { secret: String::new(), ..webhook.clone() }),
        ("another connection", elsewhere),
        ("no connection", Webhook { url: format!("{}x", webhook.url), ..webhook.clone() }),
    ] {
        let (answer, _) = world.ashby.enters_stage(&webhook, &who.application_id, "Offer").await?;
        assert_eq!(answer.http_status, 401, "{what}: {}", answer.text);
    }
    assert_eq!(orders(&world).await?.len(), 0);
    let plain = World::new().await?;
    let url = format!("{}/ashby/stage-change/{}", plain.pair.stack.base_url, plain.pair.made.connection.id);
    let unused = Webhook { url, secret: String::new() };
    let (answer, _) = plain.ashby.enters_stage(&unused, &plain.candidate().application_id, "Offer").await?;
    assert_eq!(answer.http_status, 401, "a connection without rules has no secret");
    world.ends_with_bought(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_ordered_is_kept_for_the_operator_and_what_is_missing_is_read() -> Result {
    let (world, webhook) = with_rule(Some(PARTNER)).await?;
    let refused = world.ashby.add_candidate("\u{674e}", "\u{5a1c}", "li@example.com", Some(PHONE));
    assert!(enters(&world, &webhook, &refused, "Offer").await?.starts_with("not ordered"));
    let order = only_order(&world).await?;
    assert_eq!((order.status.state, order.refused), (State::Failed, true), "{}", order.status.label);
    let gone = Rule { stage: "Hired".to_owned(), job: None, package: "gone".to_owned() };
    let (services, id) = (&world.pair.deployment.services, &world.pair.made.connection.id);
    services.change_connection(id, |connection| connection.rules.push(gone.clone())).await?;
    enters(&world, &webhook, &world.candidate(), "Hired").await?;
    let of_gone = orders(&world).await?.into_iter().find(|o| o.package.id == "gone").ok_or("it is kept")?;
    assert!(of_gone.refused && of_gone.status.label.starts_with("Not ordered"), "{}", of_gone.status.label);
    let silent = world.ashby.add_candidate("Asha", "Rao", "asha@example.com", None);
    enters(&world, &webhook, &silent, "Offer").await?;
    let waits = |o: &Order| o.status.label.contains("Add a phone number");
    let found = orders(&world).await?.into_iter().find(waits).ok_or("no order waits for a phone number")?;
    world.ashby.set_phone(&silent.candidate_id, Some(PHONE))?;
    world.an_hour_passes().await?;
    world.placed(&found.id.to_string()).await?;
    assert_eq!(world.ashby.assessments(), Vec::<String>::new(), "Ashby has no place for either");
    world.ends_with_bought(1)
}

/// What the command says was wrong.
async fn refused(command: &[&str]) -> Result<String> {
    Ok(run(command, &[]).await.err().ok_or("it was taken")?.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_makes_a_rule_and_the_printed_webhook_orders_by_it() -> Result {
    let Connected { data, stack, ashby, vendor, made } = Connected::new("rules").await?;
    let folder = data.display().to_string();
    let local = ["--local", "--data", folder.as_str()];
    let id = made["connection_id"].as_str().ok_or("no id")?;
    let rules = [&["connections", "rules", id], &local[..]].concat();
    assert_eq!(run(&rules, &[]).await?["rules"], json!([]));
    let unknown = refused(&[&rules[..], &["--stage", "Offer", "--package", "nothing"]].concat()).await?;
    assert!(unknown.contains("no package nothing"), "{unknown}");
    let shown = run(&[&["connections", "show", id], &local[..]].concat(), &[]).await?;
    let package = shown["packages"][0]["id"].as_str().ok_or("no package")?;
    let added = run(&[&rules[..], &["--stage", "Offer", "--package", package]].concat(), &[]).await?;
    assert_eq!(added["rules"], json!([{ "stage": "Offer", "job": null, "package": package }]));
    let last_word = |n: usize| added["steps"][n].as_str().and_then(|step| step.rsplit(' ').next()).map(str::to_owned);
    let webhook = Webhook { url: last_word(1).ok_or("no URL")?, secret: last_word(2).ok_or("no secret")? };
    let who = ashby.add_candidate("Asha", "Rao", "asha@example.com", Some("9876543210"));
    let (answer, _) = ashby.enters_stage(&webhook, &who.application_id, "Offer").await?;
    assert_eq!(answer.str_at("/taken"), Some("ordered"), "{}", answer.text);
    stack.idle().await;
    assert_eq!(vendor.creates(), 1);
    assert_eq!(run(&[&rules[..], &["--remove", "1"]].concat(), &[]).await?["rules"], json!([]));
    let gone = refused(&[&rules[..], &["--remove", "1"]].concat()).await?;
    assert!(gone.contains("no rule 1"), "{gone}");
    drop(stack);
    std::fs::remove_dir_all(&data)?;
    Ok(())
}
