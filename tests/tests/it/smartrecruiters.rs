//! SmartRecruiters' whole flows: what recruiters and applicants order, and what their cards show.

mod connecting;
mod credentials;
mod inline;
mod missing;
mod results;

use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use shared::ats::AtsKind;
use shared::connection::{Connection, ConnectionState};
use shared::order::{Order, Placement, State};
use shared::vendor::VendorKind;
use sim::SimSmartRecruiters;
use sim::pair::{Milestone, Pair};
use sim::smartrecruiters::{IdInUrl, RequesterHeader, Shown};
use tests::world::{PHONE, Result};

/// A connected company, with what the tests below say about it.
struct Play {
    pair: Pair,
    sim: SimSmartRecruiters,
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
        let pair = Pair::start(AtsKind::SmartRecruiters, VendorKind::SpringVerify).await?;
        let sim = pair.ats.smartrecruiters().ok_or("another ATS")?.clone();
        let company = pair.ats.account();
        let listed = sim.packages(&company).await?;
        let package = listed.str_at("/0/id").ok_or("no package")?.to_owned();
        Ok(Self { pair, sim, company, package, people: AtomicU32::new(0) })
    }

    /// A candidate whom nobody else shares an address or a number with.
    fn candidate(&self) -> String {
        let n = self.people.fetch_add(1, Ordering::SeqCst);
        self.sim.add_candidate("Asha", "Rao", &format!("asha{n}@example.com"), Some(&format!("98765{n:05}")))
    }

    /// A recruiter orders for this candidate and is answered 202, as always; the card.
    async fn orders_for(&self, candidate: &str) -> Result<String> {
        let (card, answer) = self.sim.recruiter_orders(&self.company, candidate, &self.package, true).await?;
        assert_eq!((answer.http_status, &answer.body), (202, &json!({})), "{}", answer.text);
        Ok(card)
    }

    /// A recruiter orders for a new candidate, and the vendor has it; the card and the vendor's id.
    async fn placed_order(&self) -> Result<(String, String)> {
        let card = self.orders_for(&self.candidate()).await?;
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

    /// Waits until the card's summary holds these words.
    async fn until_summary(&self, card: &str, words: &str) -> Result<Shown> {
        let says_so = |shown: &Shown| shown.summary.as_ref().is_some_and(|summary| summary.contains(words));
        let seen = self.until_seen(words, || self.sim.shows(card).filter(says_so)).await;
        Ok(seen.map_err(|e| format!("{e}; on the card: {:?}", self.sim.shows(card)))?)
    }

    /// An hour passes: the sync has run, and SmartRecruiters' token for our doors is over.
    async fn an_hour_passes(&self) -> Result<usize> {
        let queued = self.pair.an_hour_passes().await?;
        self.sim.forget_token(&self.company);
        Ok(queued)
    }

    async fn stored(&self) -> Result<Vec<Order>> {
        Ok(self.deployment.services.store.recent().await?)
    }

    async fn connection(&self) -> Result<Connection> {
        Ok(self.deployment.services.store.connection(&self.made.connection.id).await?.ok_or("no connection")?)
    }

    /// One of the addresses that were published.
    fn published(&self, name: &str) -> Result<String> {
        let configuration = self.sim.configuration().ok_or("nothing is published")?;
        Ok(configuration[name].as_str().ok_or("no such address")?.to_owned())
    }

    /// Waits until the vendor has been given so many orders.
    async fn until_bought(&self, checks: usize) -> Result {
        Ok(self.until_seen("a check", || (self.vendor.creates() >= checks).then_some(())).await?)
    }

    fn ends_with_bought(&self, checks: usize) -> Result {
        Ok(self.pair.ends_with_bought(checks)?)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_with_a_results_address_that_was_seen_before_is_the_same_order_for_good() -> Result {
    let play = Play::new().await?;
    let card = play.orders_for(&play.candidate()).await?;
    for state in [None, Some(State::InProgress), Some(State::Completed)] {
        let vendor_ref = play.placed(&card).await?;
        if let Some(state) = state {
            let to = if state == State::Completed { Milestone::Clear } else { Milestone::InProgress };
            play.reaches(&(card.clone(), vendor_ref), to, state).await?;
        }
        let before = play.order_of(&card).await?;
        let again = play.sim.repeat_order(&card).await?;
        assert_eq!((again.http_status, &again.body), (202, &json!({})), "{}", again.text);
        play.idle().await;
        assert_eq!(play.order_of(&card).await?, before, "the repeated call changes nothing");
    }
    assert_eq!(play.stored().await?.len(), 1);
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_order_that_arrives_many_times_at_once_is_bought_once() -> Result {
    let play = Play::new().await?;
    // SmartRecruiters goes on using a token that is over, so the order exists there and not here.
    play.time_passes(Duration::from_secs(3601));
    let (card, refused) = play.sim.recruiter_orders(&play.company, &play.candidate(), &play.package, true).await?;
    assert_eq!((refused.http_status, play.stored().await?.len()), (401, 0), "{}", refused.text);
    play.sim.forget_token(&play.company);
    play.sim.packages(&play.company).await?;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (sim, card) = (play.sim.clone(), card.clone());
        calls.spawn(async move { sim.repeat_order(&card).await });
    }
    for answer in calls.join_all().await {
        assert_eq!(answer?.http_status, 202);
    }
    play.placed(&card).await?;
    play.idle().await;
    assert_eq!(play.stored().await?.len(), 1);
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_order_for_the_same_candidate_and_package_is_rejected_on_its_own_card() -> Result {
    let play = Play::new().await?;
    let candidate = play.candidate();
    let first = play.orders_for(&candidate).await?;
    play.placed(&first).await?;
    let second = play.orders_for(&candidate).await?;
    let shown = play.until_summary(&second, "Not ordered again").await?;
    assert_eq!(shown.status.as_deref(), Some("REJECTED"));
    assert!(shown.summary.is_some_and(|words| words.contains("already being checked with this package")));
    assert_eq!((shown.score_label.as_deref(), shown.attachments.len()), (Some("Not ordered"), 1));
    assert_eq!(play.shown(&first)?.status.as_deref(), Some("PENDING"), "the first card is left alone");
    assert_eq!(play.sim.repeat_order(&second).await?.http_status, 202);
    play.idle().await;
    assert_eq!(play.shown(&second)?.updates, 1, "the repeated call is told nothing new");
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_orders_for_one_candidate_at_the_same_instant_buy_one_check() -> Result {
    let play = Play::new().await?;
    let candidate = play.candidate();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (sim, company, candidate) = (play.sim.clone(), play.company.clone(), candidate.clone());
        let package = play.package.clone();
        calls.spawn(async move { sim.recruiter_orders(&company, &candidate, &package, true).await });
    }
    let mut cards = Vec::new();
    for ordered in calls.join_all().await {
        let (card, answer) = ordered?;
        assert_eq!(answer.http_status, 202, "{}", answer.text);
        cards.push(play.until_summary(&card, "").await?.status.unwrap_or_default());
    }
    cards.sort();
    assert_eq!(cards, ["PENDING", "REJECTED", "REJECTED", "REJECTED", "REJECTED", "REJECTED"]);
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_orders_by_itself_is_served_however_the_requester_is_written() -> Result {
    let play = Play::new().await?;
    let list = play.published("assessmentPackageListUrl")?;
    let one = format!("{list}/{}", play.package);
    let bearer = play.sim.bearer(&play.company).await?.ok_or("no token")?;
    for requester in ["email,joe@customer.example", r#"{"email":"joe@customer.example"}"#, "{", "", "\u{e9}"] {
        for (url, pointer) in [(&list, "/0/id"), (&one, "/id")] {
            let request = reqwest_client().get(url).bearer_auth(&bearer).header("requester", requester.as_bytes());
            let answer = request.send().await?;
            assert_eq!(answer.status(), 200, "{url} by {requester:?}");
            let body: Value = serde_json::from_str(&answer.text().await?)?;
            assert_eq!(body.pointer(pointer), Some(&json!(play.package)), "{url} by {requester:?}");
        }
    }
    for style in [RequesterHeader::Simple, RequesterHeader::Json, RequesterHeader::Absent] {
        play.sim.set_requester_header(style);
        assert_eq!(play.sim.packages(&play.company).await?.http_status, 200, "{style:?}");
    }
    let ordered = play.sim.recruiter_orders(&play.company, &play.candidate(), &play.package, false).await?;
    assert_eq!(ordered.1.http_status, 202, "without a requester");
    play.placed(&ordered.0).await?;
    play.ends_with_bought(1)
}

#[expect(clippy::disallowed_methods, reason = "a stranger's client, not ours")]
fn reqwest_client() -> reqwest::Client {
    reqwest::Client::new()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_that_nobody_offers_is_not_found_however_its_id_gets_into_the_address() -> Result {
    let play = Play::new().await?;
    for form in [IdInUrl::Appended, IdInUrl::Replaced] {
        play.sim.set_id_in_url(form);
        assert_eq!(play.sim.package(&play.company, &play.package).await?.http_status, 200, "{form:?}");
        for unknown in ["nothing", "4238%20", "..%2Fpackages"] {
            let refused = play.sim.package(&play.company, unknown).await?;
            let said = (refused.http_status, refused.str_at("/errors/0/code"));
            assert_eq!(said, (404, Some("PACKAGE_NOT_FOUND")), "{unknown}");
        }
    }
    let (_, refused) = play.sim.recruiter_orders(&play.company, &play.candidate(), "nothing", true).await?;
    assert_eq!((refused.http_status, refused.str_at("/errors/0/code")), (404, Some("PACKAGE_NOT_FOUND")));
    assert_eq!(play.stored().await?.len(), 0);
    play.ends_with_bought(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_phone_number_is_asked_for_on_the_card_and_the_next_sync_places_the_order() -> Result {
    let play = Play::new().await?;
    let candidate = play.sim.add_candidate("Asha", "Rao", "asha@example.com", None);
    let card = play.orders_for(&candidate).await?;
    let shown = play.until_summary(&card, "Add a phone number to the candidate in SmartRecruiters").await?;
    assert_eq!(shown.status.as_deref(), Some("PENDING"), "nothing is rejected for want of a number");
    play.an_hour_passes().await?;
    assert_eq!(play.order_of(&card).await?.placement, Placement::Incomplete, "still no number");
    play.sim.set_phone(&candidate, Some("12"))?;
    play.an_hour_passes().await?;
    play.until_summary(&card, "ten-digit Indian mobile number").await?;
    play.sim.set_phone(&candidate, Some(PHONE))?;
    play.an_hour_passes().await?;
    play.placed(&card).await?;
    assert!(play.shown(&card)?.summary.is_some_and(|words| words.starts_with("Awaiting")), "{:?}", play.shown(&card));
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_connection_says_so_on_the_card_and_still_follows_its_orders() -> Result {
    let play = Play::new().await?;
    let open = play.placed_order().await?;
    let services = &play.deployment.services;
    services.change_connection(&play.made.connection.id, |c| c.state = ConnectionState::Paused).await?;
    let card = play.orders_for(&play.candidate()).await?;
    let shown = play.until_summary(&card, "this connection is paused").await?;
    assert_eq!(shown.status.as_deref(), Some("REJECTED"));
    play.reaches(&open, Milestone::Clear, State::Completed).await?;
    assert_eq!(play.shown(&open.0)?.status.as_deref(), Some("COMPLETED"));
    play.ends_with_bought(1)
}
