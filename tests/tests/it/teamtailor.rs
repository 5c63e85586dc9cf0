//! Teamtailor's whole flows: what recruiters and stages send, what is refused, and how a refusal reads.

mod cards;
mod credentials;
mod setup;

use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use shared::ats::AtsKind;
use shared::connection::{Connection, ConnectionState};
use shared::order::{Order, State};
use shared::vendor::VendorKind;
use sim::pair::{Milestone, Pair};
use sim::teamtailor::{Context, Sent, Shown};
use sim::{Answer, SimTeamtailor};
use tests::world::{PHONE, Result};

/// A company that activated the partner, with what the tests below say about it.
struct Play {
    pair: Pair,
    sim: SimTeamtailor,
    company: String,
    package: String,
    people: AtomicU32,
}

impl Deref for Play {
    type Target = Pair;

    fn deref(&self) -> &Pair {
        &self.pair
    }
}

impl Play {
    async fn new() -> Result<Self> {
        Self::of(Pair::start(AtsKind::Teamtailor, VendorKind::SpringVerify).await?).await
    }

    async fn of(pair: Pair) -> Result<Self> {
        let sim = pair.ats.teamtailor().ok_or("another ATS")?.clone();
        let company = pair.ats.account();
        let config = sim.config(&company, Context::default()).await?;
        let package = config.str_at("/config/fields/0/options/0/id").ok_or("no package")?.to_owned();
        Ok(Self { pair, sim, company, package, people: AtomicU32::new(0) })
    }

    /// A candidate whom nobody else shares an address or a number with.
    fn candidate(&self) -> i64 {
        let n = self.people.fetch_add(1, Ordering::SeqCst);
        self.sim.add_candidate("Asha", "Rao", &format!("asha{n}@example.com"), Some(&format!("98765{n:05}")))
    }

    fn picked(&self) -> Value {
        json!({ "package": self.package })
    }

    /// A recruiter sends this candidate, and it is taken.
    async fn sends(&self, candidate: i64) -> Result<Sent> {
        let sent = self.sim.recruiter_sends(&self.company, candidate, &self.picked(), true).await?;
        assert!(sent.answer.is_ok(), "{} {}", sent.answer.http_status, sent.answer.text);
        Ok(sent)
    }

    /// A recruiter sends a new candidate, and the vendor has the order; the card and the vendor's id.
    async fn placed_order(&self) -> Result<(String, String)> {
        let card = self.sends(self.candidate()).await?.result_id;
        let vendor_ref = self.placed(&card).await?;
        Ok((card, vendor_ref))
    }

    /// Waits until the vendor has the order and the card says so; the vendor's id.
    async fn placed(&self, card: &str) -> Result<String> {
        let order = self.until_card(card, |o| o.placement.vendor_ref().is_some() && o.told == o.version).await?;
        Ok(order.placement.vendor_ref().unwrap_or_default().to_owned())
    }

    /// The check gets there, and the card shows it.
    async fn reaches(&self, (card, vendor_ref): &(String, String), to: Milestone, state: State) -> Result<Order> {
        self.vendor.reaches(vendor_ref, to).await?;
        Ok(self.until_card(card, |o| o.status.state == state && o.told == o.version).await?)
    }

    fn shown(&self, card: &str) -> Result<Shown> {
        Ok(self.sim.shows(card).ok_or("no such card")?)
    }

    /// Time passes, at Teamtailor too.
    fn time_passes(&self, by: Duration) {
        self.pair.time_passes(by);
        self.sim.time_passes(by);
    }

    async fn an_hour_passes(&self) -> Result<usize> {
        let queued = self.pair.an_hour_passes().await?;
        self.sim.time_passes(Duration::from_hours(1));
        Ok(queued)
    }

    async fn stored(&self) -> Result<Vec<Order>> {
        Ok(self.deployment.services.store.recent().await?)
    }

    async fn connection(&self) -> Result<Connection> {
        Ok(self.deployment.services.store.connection(&self.made.connection.id).await?.ok_or("no connection")?)
    }

    /// An event that Teamtailor did not make: its result is on no card.
    fn event(&self, id: &str) -> Value {
        let update_url = format!("{}/partner/v1/partner-results/r-{id}", self.sim.base_url());
        json!({ "partner-event": {
            "id": id, "webhook-data": { "package": self.package },
            "partner-result": { "id": format!("r-{id}"), "status": "sending", "update-url": update_url },
            "candidate": { "id": id.len(), "first-name": "Asha", "last-name": "Rao", "email": format!("{id}@example.com"),
                "phone": PHONE, "job": { "id": 7 } },
            "company": { "uuid": self.company },
        } })
    }

    /// Posts an event below a good signature.
    async fn posts(&self, path: &str, bearer: Option<&str>, event: &Value) -> Answer {
        let id = event["partner-event"]["id"].as_str().unwrap_or_default();
        let signature = self.sim.sign(self.sim.now(), id);
        self.sim.somebody_posts(path, bearer, Some(&signature), &event.to_string()).await
    }

    fn ends_with_bought(&self, checks: usize) -> Result {
        Ok(self.pair.ends_with_bought(checks)?)
    }
}

/// A refusal that Teamtailor shows: one bare text with these words in it.
fn assert_refused(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.http_status, status, "{words}: {}", answer.text);
    assert!(answer.body.as_str().is_some_and(|text| text.contains(words)), "{words}: {}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_event_is_one_order_and_is_answered_in_the_same_shape() -> Result {
    let play = Play::new().await?;
    let sent = play.sends(play.candidate()).await?;
    let taken = |answer: &Answer| {
        let attributes = answer.body["partner_result_attributes"].as_object().cloned().unwrap_or_default();
        assert!(
            answer.is_ok() && attributes.contains_key("status") && attributes.contains_key("details"),
            "{answer:?}"
        );
        Value::Object(attributes)
    };
    assert_eq!(taken(&sent.answer)["status"], "sent");
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (sim, event) = (play.sim.clone(), sent.event_id.clone());
        calls.spawn(async move { sim.repeat(&event).await });
    }
    for answer in calls.join_all().await {
        assert_eq!(taken(&answer?)["status"], "sent");
    }
    let check = (sent.result_id.clone(), play.placed(&sent.result_id).await?);
    play.reaches(&check, Milestone::Clear, State::Completed).await?;
    let before = play.order_of(&check.0).await?;
    let late = taken(&play.sim.repeat(&sent.event_id).await?);
    assert_eq!((&late["status"], &late["criteria"]["report_decision"]), (&json!("completed"), &json!("clear")));
    play.idle().await;
    assert_eq!((play.order_of(&check.0).await?, play.stored().await?.len()), (before, 1));
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_event_for_the_same_candidate_and_package_is_refused_in_words_and_buys_nothing() -> Result {
    let play = Play::new().await?;
    let candidate = play.candidate();
    let first = play.sends(candidate).await?;
    for _ in 0..2 {
        let second = play.sim.recruiter_sends(&play.company, candidate, &play.picked(), true).await?;
        assert_refused(&second.answer, 409, "already being checked with this package");
        let card = play.shown(&second.result_id)?;
        assert!(card.error.is_some_and(|words| words.starts_with("Not ordered again")));
        play.placed(&first.result_id).await?;
    }
    assert_eq!(play.stored().await?.len(), 1);
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn stages_and_bulk_sends_order_like_recruiters_do() -> Result {
    let play = Play::new().await?;
    let by_stage = play.sim.trigger_fires(&play.company, play.candidate(), &play.picked()).await?;
    let in_bulk = play.sim.recruiter_sends(&play.company, play.candidate(), &play.picked(), false).await?;
    for (sent, job) in [(by_stage, Some("7001")), (in_bulk, None)] {
        assert!(sent.answer.is_ok(), "{}", sent.answer.text);
        let check = (sent.result_id.clone(), play.placed(&sent.result_id).await?);
        assert_eq!(play.order_of(&sent.result_id).await?.reference.job_id.as_deref(), job);
        play.reaches(&check, Milestone::Clear, State::Completed).await?;
        assert_eq!(play.shown(&sent.result_id)?.status, "completed");
    }
    play.ends_with_bought(2)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_said_on_the_card_and_nothing_is_stored() -> Result {
    let play = Play::new().await?;
    let candidate = play.sim.add_candidate("Asha", "Rao", "asha@example.com", None);
    let without = play.sim.recruiter_sends(&play.company, candidate, &play.picked(), true).await?;
    assert_refused(&without.answer, 422, "Add a phone number to the candidate in Teamtailor");
    assert!(play.shown(&without.result_id)?.error.is_some_and(|words| words.contains("phone number")));
    for none in [json!({}), json!({ "package": null }), json!({ "package": "" }), json!({ "package": "None" })] {
        let sent = play.sim.recruiter_sends(&play.company, candidate, &none, true).await?;
        assert_refused(&sent.answer, 422, "no package was picked");
    }
    let gone = play.sim.recruiter_sends(&play.company, candidate, &json!({ "package": "1" }), true).await?;
    assert_refused(&gone.answer, 404, "no longer offers this package");
    let paused = Connection { state: ConnectionState::Paused, ..play.connection().await? };
    play.deployment.services.remember(paused);
    play.sim.set_phone(candidate, Some(PHONE))?;
    let sent = play.sim.recruiter_sends(&play.company, candidate, &play.picked(), true).await?;
    assert_refused(&sent.answer, 422, "this connection is paused");
    play.deployment.services.remember(play.connection().await?);
    assert_eq!(play.stored().await?.len(), 0);
    let sent = play.sends(candidate).await?;
    play.placed(&sent.result_id).await?;
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_promised_to_teamtailors_own_addresses_only() -> Result {
    let play = Play::new().await?;
    let evil = SimTeamtailor::start().await?;
    let own = play.sim.base_url();
    let authority = evil.base_url().replace("http://", "");
    let bearer = play.sim.bearer(&play.company)?;
    let path = "partner/v1/partner-results/r-e";
    for foreign in [
        format!("{}/{path}", evil.base_url()),
        format!("https://evil.example/{path}"),
        format!("http://api.teamtailor.com/{path}"),
        format!("https://api.teamtailor.com:8443/{path}"),
        format!("https://api.teamtailor.com@evil.example/{path}"),
        format!("{own}@{authority}/{path}"),
        format!("{own}/{path}?x=1"),
        format!("{own}/{path}/../r-other"),
        format!("{own}/partner/v1/partner-results/r-other"),
        format!("{own}/partner/v1/partners/1002"),
        format!("{own}/partner/v1/partner-results/"),
        "nonsense".to_owned(),
    ] {
        let mut event = play.event("e");
        event["partner-event"]["partner-result"]["update-url"] = json!(foreign);
        assert_refused(&play.posts("webhook", Some(&bearer), &event).await, 422, "`update-url`");
    }
    play.sim.set_update_urls(&evil.base_url());
    let sent = play.sim.recruiter_sends(&play.company, play.candidate(), &play.picked(), true).await?;
    assert_refused(&sent.answer, 422, "`update-url`");
    play.idle().await;
    assert_eq!((evil.requests().len(), play.sim.calls("partner-results.update")), (0, 0), "nothing was called");
    assert_eq!(play.stored().await?.len(), 0);
    play.ends_with_bought(0)
}
