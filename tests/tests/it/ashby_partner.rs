//! A vendor behind Ashby's partner endpoints: Crosscheck plays Ashby towards it, in whole flows.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crosscheck::output::{ats_base_url, callback_url};
use serde_json::{Value, json};
use shared::account::Account;
use shared::connection::Connection;
use shared::order::{Cancellation, ConnectionId, Order, Outcome, Placement, State};
use shared::outbound::Outbound;
use shared::secrets::StoredKeys;
use shared::vendor::{Found, VendorKind};
use sim::ashby::Partner;
use sim::ashby_vendor::OnRepeat;
use sim::{Fault, Gate, Reply, SimAshbyVendor};
use tests::World;
use tests::world::{Result, id_of};
use url::Url;

const SECRET: &str = "the Ashby API key that the vendor was given";

/// A world whose recruiters order from Justifacts.
struct Joined {
    world: World,
    vendor: SimAshbyVendor,
    partner: Partner,
    package: String,
}

impl Joined {
    async fn new() -> Result<Self> {
        let (world, vendor) = (World::new().await?, SimAshbyVendor::start().await?);
        let World { pair, ashby, .. } = &world;
        let draft = Connection {
            id: ConnectionId::from_random([7; 8]),
            vendor: VendorKind::Justifacts,
            vendor_url: Url::parse(&vendor.base_url())?,
            tokens: Vec::new(),
            catalogue: None,
            ..pair.made.connection.clone()
        };
        let keys = StoredKeys {
            ats_key: ashby.api_key(),
            vendor_key: vendor.token(),
            callback_secret: SECRET.to_owned(),
            ..StoredKeys::default()
        };
        let made = crosscheck::connect::store(&pair.deployment, draft, &keys, false).await?;
        vendor.configure_callback(&callback_url(&made.connection, &pair.stack.base_url), SECRET);
        let partner = Partner::new(&ats_base_url(&made.connection, &pair.stack.base_url), &made.trigger_token);
        assert!(ashby.refresh(&partner).await.is_ok());
        let picker = ashby.picker();
        let first = picker.first().and_then(|p| p.get("assessment_type_id")).and_then(Value::as_str);
        let package = first.ok_or("the picker is empty")?.to_owned();
        Ok(Self { world, vendor, partner, package })
    }

    /// A recruiter orders a check for a new candidate.
    async fn ordered(&self) -> Result<String> {
        let application = self.world.candidate().application_id;
        let ashby = &self.world.ashby;
        id_of(&ashby.recruiter_starts(&self.partner, &application, &self.package, Value::Null).await?)
    }

    /// The same, and the vendor has it; the order's id and the vendor's.
    async fn placed(&self) -> Result<(String, String)> {
        let id = self.ordered().await?;
        let order = self.world.pair.until(&id, |o| o.placement.vendor_ref().is_some() && o.told == o.version).await?;
        let vendor_ref = order.placement.vendor_ref().unwrap_or_default().to_owned();
        Ok((id, vendor_ref))
    }

    async fn order(&self, id: &str) -> Result<Order> {
        self.world.idle().await;
        Ok(self.world.order(id).await?)
    }

    fn ends_with_bought(&self, checks: usize) -> Result {
        super::published::holds(&self.world.pair);
        assert_eq!((self.vendor.creates(), self.vendor.violations()), (checks, Vec::new()));
        self.world.ends_with_bought(0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_goes_from_click_to_result_and_the_candidate_is_shown_until_forgotten() -> Result {
    let joined = Joined::new().await?;
    let (id, check) = joined.placed().await?;
    let ordered = joined.vendor.order(&check).ok_or("an order")?;
    assert_eq!((ordered.candidate_id.as_str(), ordered.name.as_str()), (id.as_str(), "Asha Rao"));
    // Ashby's order has no phone number. Its record has one, which is fetched when the vendor asks, if Ashby answers.
    joined.world.ashby.faults().once("candidate.info", Fault::status(502));
    for phone in [None, Some("9876500000")] {
        let seen = joined.vendor.asks_candidate_info(&id).await?;
        assert_eq!(seen.str_at("/results/primaryEmailAddress/value"), Some(ordered.email.as_str()));
        assert_eq!(seen.str_at("/results/primaryPhoneNumber/value"), phone);
        let page = seen.str_at("/results/profileUrl").unwrap_or_default();
        assert!(page.starts_with("https://app.ashbyhq.com/candidates/"), "Ashby's own page, not {page}");
    }
    joined.world.ashby.faults().always("candidate.info", Fault::status(502));
    let kept = joined.vendor.asks_candidate_info(&id).await?;
    assert_eq!(kept.str_at("/results/phoneNumbers/0/value"), Some("9876500000"), "it is kept");
    joined.world.ashby.faults().clear_all();
    for (word, state) in [
        ("justifacts received", State::Ordered),
        ("applicant started", State::AwaitingCandidate),
        ("In Process: Justifacts", State::InProgress),
    ] {
        assert_eq!(joined.vendor.vendor_moves(&check, word, None, None).await?, [200]);
        joined.world.until(&id, state).await?;
    }
    joined.vendor.vendor_moves(&check, "complete", Some("Clear"), Some("https://vendor.example/1")).await?;
    let order = joined.world.until(&id, State::Completed).await?;
    assert_eq!((order.status.outcome, order.status.label.as_str()), (Outcome::Clear, "complete: Clear"));
    assert_eq!(order.profile_url.as_deref(), Some("https://vendor.example/1"));
    let shown = joined.world.ats_shows(&id)?;
    assert_eq!(shown.result.as_deref(), Some("Clear"));
    let account = shown.profile_url.ok_or("a link")?;
    let browser = Joined::browser()?;
    let opened = browser.get(account).send().await?;
    assert_eq!((opened.status().as_u16(), opened.headers()["location"].to_str()?), (302, "https://vendor.example/1"));
    joined.world.pair.time_passes(Duration::from_hours(24 * 31));
    joined.world.an_hour_passes().await?;
    joined.world.pair.until(&id, |o| o.candidate.is_none()).await?;
    let forgotten = joined.vendor.asks_candidate_info(&id).await?;
    assert_eq!((forgotten.http_status, forgotten.str_at("/errorInfo/code")), (404, Some("candidate_not_found")));
    joined.ends_with_bought(1)
}

impl Joined {
    #[expect(clippy::disallowed_methods, reason = "a browser, which shows where a redirect leads")]
    fn browser() -> Result<reqwest::Client> {
        Ok(reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_nobody_has_defined_is_completed_with_the_vendors_word_and_its_rows_are_passed_on() -> Result {
    let value =
        |kind: &str, value: Value| json!({ "identifier": "r", "label": "Result", "type": kind, "value": value });
    for (kind, given, word) in [
        ("boolean_success", json!(true), "true"),
        ("numeric_score", json!(85), "85"),
        ("string", json!("Grade B"), "Grade B"),
    ] {
        let joined = Joined::new().await?;
        let (id, check) = joined.placed().await?;
        let rows = json!([
            { "identifier": "status", "label": "Identity of Asha Rao", "type": "string", "value": "Confirmed" },
            { "identifier": "eta", "label": "", "type": "string", "value": "Monday" },
            { "identifier": "empty", "label": "Empty", "type": "string", "value": null },
        ]);
        let sent = joined.vendor.vendor_adds(&check, rows, Some(value(kind, given))).await?;
        assert_eq!(sent, [200]);
        let order = joined.world.until(&id, State::Completed).await?;
        assert_eq!(order.status.outcome, Outcome::Inconclusive, "{kind}");
        let shown = joined.world.ats_shows(&id)?;
        let result = shown.result.ok_or("a result")?;
        assert!(result.starts_with("Completed: ") && result.ends_with(word), "{result}");
        let rows = shown.metadata.iter().filter(|row| row.identifier.starts_with("vendor_detail_"));
        let rows: Vec<_> = rows.map(|row| (row.label.as_str(), row.text())).collect();
        assert_eq!(rows, [("Identity of … …", "Confirmed".to_owned()), ("eta", "Monday".to_owned())]);
        joined.ends_with_bought(1)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn old_news_is_ignored_and_a_reopened_check_is_believed() -> Result {
    let joined = Joined::new().await?;
    let (id, check) = joined.placed().await?;
    joined.vendor.vendor_moves(&check, "applicant started", None, None).await?;
    joined.vendor.vendor_moves(&check, "complete", Some("Clear"), None).await?;
    joined.world.until(&id, State::Completed).await?;
    assert_eq!(joined.vendor.send_stale(&check).await?, [200]);
    assert_eq!(joined.vendor.replay(&check, 0).await?, [200]);
    assert_eq!(joined.order(&id).await?.status.state, State::Completed);
    joined.vendor.vendor_moves(&check, "in process justifacts", None, None).await?;
    joined.world.until(&id, State::InProgress).await?;
    assert_eq!(joined.world.ats_shows(&id)?.result.as_deref(), Some("Reopened, not final"));
    joined.vendor.replay(&check, 1).await?;
    assert_eq!(joined.order(&id).await?.status.state, State::InProgress, "the first result comes again");
    joined.vendor.vendor_moves(&check, "complete", Some("To be seen with Asha Rao"), None).await?;
    let order = joined.world.until(&id, State::Completed).await?;
    assert_eq!(order.status.outcome, Outcome::Inconclusive);
    assert_eq!(order.status.label, "complete: To be seen with … …");
    joined.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_that_is_accepted_ends_the_order_and_a_refused_one_does_not() -> Result {
    let joined = Joined::new().await?;
    let (id, check) = joined.placed().await?;
    joined.world.ashby.recruiter_cancels(&joined.partner, &id).await?;
    joined.world.until(&id, State::Cancelled).await?;
    assert!(joined.vendor.cancelled(&check)?);
    assert_eq!(joined.vendor.vendor_cancels(&check, "Asked for by the employer").await?, [200]);
    assert_eq!(joined.order(&id).await?.status.label, "Asked for by the employer");
    let (id, check) = joined.placed().await?;
    joined.vendor.set_delivery(sim::Delivery::Hold);
    joined.vendor.vendor_moves(&check, "complete", Some("Review"), None).await?;
    joined.world.ashby.recruiter_cancels(&joined.partner, &id).await?;
    assert!(!joined.order(&id).await?.status.state.is_closed());
    joined.vendor.release_held().await;
    assert_eq!(joined.world.until(&id, State::Completed).await?.status.outcome, Outcome::Review);
    joined.ends_with_bought(2)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_whose_answer_is_lost_and_whose_repetition_is_refused_waits_for_a_person() -> Result {
    let joined = Joined::new().await?;
    let (id, check) = joined.placed().await?;
    let refused = json!({ "success": false, "errors": ["assessment_not_found"] });
    joined.vendor.faults().once("assessment.cancel", Fault::DoThenAnswer(Reply::empty(502)));
    joined.vendor.faults().once("assessment.cancel", Fault::Answer(Reply::json(200, &refused)));
    let answer = joined.world.ashby.recruiter_cancels(&joined.partner, &id).await?;
    assert_eq!(answer.str_at("/results/assessment_id"), Some(id.as_str()), "it may be stopped: {}", answer.text);
    joined.world.until(&id, State::Ordered).await?;
    joined.world.an_hour_passes().await?;
    let mut order = joined.world.until(&id, State::ActionRequired).await?;
    assert!(order.status.label.contains("look in its portal"), "{}", order.status.label);
    assert_eq!(joined.vendor.faults().unused(), 0);
    let services = &joined.world.pair.deployment.services;
    order.close(services.clock.now());
    services.store.save(&mut order, true).await?;
    joined.world.until(&id, State::Cancelled).await?;
    joined.vendor.vendor_moves(&check, "complete", Some("Review"), None).await?;
    let order = joined.world.until(&id, State::Completed).await?;
    assert_eq!(order.status.outcome, Outcome::Review, "a result is taken all the same");
    joined.ends_with_bought(1)
}

/// The worker may die while it waits for the answer. What it asked is written by then, so that the next one knows.
#[tokio::test(flavor = "multi_thread")]
async fn that_a_vendor_is_asked_to_stop_is_written_before_the_call() -> Result {
    let joined = Joined::new().await?;
    let (id, check) = joined.placed().await?;
    let gate = Gate::new();
    joined.vendor.faults().once("assessment.cancel", Fault::HoldAnswer(gate.clone()));
    joined.world.ashby.recruiter_cancels(&joined.partner, &id).await?;
    gate.arrived().await;
    assert!(joined.vendor.cancelled(&check)?, "the vendor has stopped it");
    assert_eq!(joined.order(&id).await?.cancellation, Cancellation::Unclear, "and nobody has heard of that");
    gate.open();
    joined.world.until(&id, State::Cancelled).await?;
    let (id, _) = joined.placed().await?;
    joined.vendor.faults().once("assessment.cancel", Fault::rate_limited(1));
    joined.world.ashby.recruiter_cancels(&joined.partner, &id).await?;
    let order = joined.world.until(&id, State::Cancelled).await?;
    assert_eq!(order.cancellation, Cancellation::None, "what was refused for the moment is asked again");
    joined.ends_with_bought(2)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_the_answer_to_a_cancellation_brings_is_kept() -> Result {
    let joined = Joined::new().await?;
    let (id, check) = joined.placed().await?;
    let update = json!({
        "assessment_id": check,
        "timestamp": joined.world.pair.deployment.services.clock.now().as_millisecond() + 1_000,
        "assessment_status": { "value": "complete" },
        "assessment_result": { "value": "Review" },
    });
    let done = json!({ "success": true, "results": { "assessment_id": check, "update_request": update } });
    joined.vendor.faults().once("assessment.cancel", Fault::Answer(Reply::json(200, &done)));
    joined.world.ashby.recruiter_cancels(&joined.partner, &id).await?;
    let order = joined.world.until(&id, State::Completed).await?;
    assert_eq!(order.status.outcome, Outcome::Review);
    joined.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_vendor_refuses_buys_nothing() -> Result {
    let joined = Joined::new().await?;
    joined.vendor.refuse_starts(Some("The account has no credit"));
    let id = joined.ordered().await?;
    let order = joined.world.until(&id, State::Failed).await?;
    assert!(order.status.label.contains("The account has no credit"), "{}", order.status.label);
    joined.vendor.refuse_starts(None);
    joined.vendor.set_on_repeat(OnRepeat::Conflict);
    let (id, _) = joined.placed().await?;
    let order = joined.order(&id).await?;
    let candidate = order.candidate.clone().ok_or("a candidate")?;
    let (outbound, url, token) =
        (Outbound::new(true), Url::parse(joined.vendor.base_url().trim_end_matches('/'))?, joined.vendor.token());
    let account = Account::bare(&outbound, &url, &token, Duration::from_secs(5));
    let connector = VendorKind::Justifacts.connector();
    let twice = connector.place(&account, &order, &candidate).await.expect_err("a duplicate");
    assert_eq!((twice.kind, twice.maybe_done), (shared::error::FaultKind::Duplicate, false));
    assert_eq!(connector.find(&account, &order, &candidate).await?, Found::Unknowable);
    let mut unknown = order.clone();
    unknown.placement = Placement::Placed { vendor_ref: "01910000-0000-7000-8000-000000000000".to_owned() };
    let nothing = connector.cancel(&account, &unknown).await?;
    assert_eq!(nothing, shared::vendor::Stopped::Refused, "nothing to stop");
    joined.ends_with_bought(1)
}

fn basic(key: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{key}:")))
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_refused_and_an_early_update_is_asked_for_again() -> Result {
    let joined = Joined::new().await?;
    let (_, check) = joined.placed().await?;
    let update = |id: &str| {
        let status = json!({ "identifier": "s", "label": "S", "type": "string", "value": "complete" });
        json!({ "assessment_id": id, "timestamp": 1, "assessment_status": status }).to_string()
    };
    let (wrong, right) = (basic("wrong"), basic(SECRET));
    for key in [None, Some(wrong.as_str()), Some("Bearer wrong")] {
        let refused = joined.vendor.somebody_posts("assessment.update", key, &update(&check)).await?;
        assert_eq!((refused.http_status, refused.str_at("/errors/0")), (401, Some("invalid_api_key")));
    }
    let early = joined.vendor.somebody_posts("assessment.update", Some(&right), &update("not-known-yet")).await?;
    assert_eq!((early.http_status, early.str_at("/errors/0")), (503, Some("assessment_not_found")));
    let stranger = joined.world.recruiter_orders().await?;
    let theirs = joined.vendor.asks_candidate_info(&stranger).await?;
    assert_eq!(theirs.http_status, 404, "an order of another connection");
    let nothing = joined.vendor.somebody_posts("job.info", Some(&right), "{}").await?;
    assert_eq!((nothing.http_status, nothing.str_at("/errors/0")), (404, Some("unknown_endpoint")));
    assert_eq!(joined.vendor.violations(), Vec::<String>::new());
    Ok(())
}
