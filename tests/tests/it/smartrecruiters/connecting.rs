//! How a company is connected, disconnected and connected again: by the consent page, in words that an admin can act on.

use std::time::Duration;

use shared::ats::AtsKind;
use shared::connection::{Connection, ConnectionState};
use shared::order::State;
use shared::secrets::PartnerKeys;
use shared::vendor::VendorKind;
use sim::pair::{ADMIN, Milestone, Tenant, hidden_fields};
use sim::smartrecruiters::refusal;
use sim::test_stack::TestStack;
use sim::{Answer, Fault, Gate, SimSmartRecruiters};
use tests::world::Result;
use url::Url;

use super::Play;

/// A company whose admin has pressed Connect in SmartRecruiters, and sees the consent page.
struct Admin {
    test_stack: TestStack,
    tenant: Tenant,
    sim: SimSmartRecruiters,
    company: String,
    url: String,
}

impl Admin {
    async fn new() -> Result<Self> {
        let test_stack = TestStack::start().await?;
        let tenant =
            Tenant::prepared(&test_stack.deployment, AtsKind::SmartRecruiters, VendorKind::SpringVerify, |_| ())
                .await?;
        let sim = tenant.ats.smartrecruiters().ok_or("another ATS")?.clone();
        let company = tenant.ats.account();
        sim.consent(&company);
        let url = sim.consent_page_url(&company)?;
        Ok(Self { test_stack, tenant, sim, company, url })
    }

    async fn hidden(&self) -> Vec<(String, String)> {
        hidden_fields(&self.sim.get_raw(&self.url, None).await.text)
    }

    /// Sends the form with these hidden fields.
    async fn sends(&self, hidden: &[(String, String)], token: &str, email: &str) -> Answer {
        send(&self.sim, &self.url, hidden, token, email).await
    }

    /// Fills the page in as it stands there.
    async fn fills_in(&self) -> Answer {
        self.sends(&self.hidden().await, &self.tenant.made.trigger_token, ADMIN).await
    }

    async fn connection(&self) -> Result<Connection> {
        let found = self.test_stack.deployment.services.store.connection(&self.tenant.made.connection.id).await?;
        Ok(found.ok_or("no connection")?)
    }
}

async fn send(sim: &SimSmartRecruiters, url: &str, hidden: &[(String, String)], token: &str, email: &str) -> Answer {
    let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend([("token", token), ("email", email)]);
    sim.post_form(url, &fields).await
}

fn assert_says(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.http_status, status, "{words}: {}", answer.text);
    assert!(answer.text.contains(words), "{words}: {}", answer.text);
    assert!(!answer.text.contains("xck_") || !answer.text.contains("value=\"xck_"), "the token never comes back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_forged_stale_or_wrong_connects_nothing_and_says_why() -> Result {
    let admin = Admin::new().await?;
    let token = admin.tenant.made.trigger_token.clone();
    let ashby = Tenant::start(&admin.test_stack.deployment, AtsKind::Ashby, VendorKind::SpringVerify).await?;
    let hidden = admin.hidden().await;
    let of = |name: &str, value: &str| {
        let mut changed = hidden.clone();
        changed.iter_mut().filter(|(known, _)| known == name).for_each(|(_, old)| value.clone_into(old));
        changed
    };
    let elsewhere = "opened by SmartRecruiters";
    let company = ("companyId".to_owned(), admin.company.clone());
    assert_says(&admin.sends(&[], &token, ADMIN).await, 403, elsewhere);
    assert_says(&admin.sends(&[company], &token, ADMIN).await, 403, elsewhere);
    for (name, value) in [("companyId", "OtherInc"), ("issued", "1"), ("signature", "x")] {
        assert_says(&admin.sends(&of(name, value), &token, ADMIN).await, 403, elsewhere);
    }
    let led_away = of("redirect", &admin.sim.base_url());
    assert_says(&admin.sends(&led_away, &token, ADMIN).await, 403, elsewhere);
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&hidden)
        .extend_pairs([("token", token.as_str()), ("email", ADMIN)])
        .finish();
    let cross = super::reqwest_client().post(&admin.url).header("origin", "https://evil.example").body(body);
    assert_eq!(cross.send().await?.status(), 403, "a form of somebody else's page");
    let apart = "do not belong together";
    assert_says(&admin.sends(&hidden, &token, "mallory@example.com").await, 403, apart);
    assert_says(&admin.sends(&hidden, &token.to_lowercase(), ADMIN).await, 403, apart);
    assert_says(&admin.sends(&hidden, &ashby.made.trigger_token, ADMIN).await, 403, apart);
    assert_says(&admin.sends(&hidden, "", ADMIN).await, 422, "Give the External Trigger Token.");
    assert_says(&admin.sends(&hidden, &token, " ").await, 422, "Give the e-mail address.");
    admin.test_stack.time_passes(Duration::from_mins(31));
    let stale = admin.sends(&hidden, &token, ADMIN).await;
    assert_says(&stale, 422, "open for more than half an hour");
    assert_eq!((admin.sim.calls("integration/company"), admin.sim.is_connected(&admin.company)), (0, false));
    let untouched = admin.connection().await?;
    assert_eq!((untouched.state, untouched.account), (ConnectionState::Waiting, None));
    let again = admin.sends(&hidden_fields(&stale.text), &token, " Admin@Example.com ").await;
    assert_says(&again, 200, "SmartRecruiters is connected to SpringVerify");
    assert_eq!(admin.connection().await?.account.as_ref(), Some(&admin.company));
    Ok(())
}

/// An admin connects while the operator replaces a leaked callback secret: the form writes its own keys and no others.
#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_while_the_form_is_under_way_stays() -> Result {
    for connects in [true, false] {
        let admin = Admin::new().await?;
        let (secrets, id) = (&admin.test_stack.deployment.services.secrets, &admin.tenant.made.connection.id);
        secrets.change_keys(id, |keys| keys.client_secret = "from before".to_owned()).await?;
        let gate = Gate::new();
        let operation = "integration/company";
        let fault = if connects { Fault::HoldAnswer(gate.clone()) } else { Fault::HoldWork(gate.clone()) };
        admin.sim.faults().once(operation, fault);
        if !connects {
            admin.sim.unconsent(&admin.company);
        }
        let (answer, rotated) = tokio::join!(admin.fills_in(), async {
            gate.arrived().await;
            let rotated = secrets.change_keys(id, |keys| keys.callback_secret = "rotated".to_owned()).await;
            gate.open();
            rotated
        });
        rotated?;
        assert_eq!(answer.http_status == 200, connects, "{}", answer.text);
        let stored = secrets.latest_keys(id).await?;
        assert_eq!((stored.callback_secret.as_str(), stored.ats_key.is_empty()), ("rotated", !connects));
        assert_eq!(stored.client_secret == "from before", !connects, "what was refused is taken back");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_smartrecruiters_answers_the_admin_reads_what_to_do_and_may_try_again() -> Result {
    let admin = Admin::new().await?;
    // A pair that was never used: there is no token of it yet.
    admin.sim.set_master_pair("another-id", "another-secret");
    let (id, key) = admin.sim.master_pair();
    let keys = PartnerKeys { id, key, webhook_secret: String::new(), ats_url: None };
    crosscheck::ats::keep(&admin.test_stack.deployment, AtsKind::SmartRecruiters, &keys).await?;
    let (integration, token) = ("integration/company", "oauth/token");
    let no = |status| Fault::Answer(refusal(status, "CODE", "asha@example.com"));
    let away = "does not answer at the moment";
    for (operation, faults, status, words) in [
        (token, vec![no(500)], 502, away),
        (token, vec![Fault::Delay(Duration::from_secs(4))], 502, away),
        (token, vec![no(401)], 502, "refused the partner&#39;s own key"),
        (integration, vec![no(403)], 409, "has not allowed the connection"),
        (integration, vec![no(404)], 409, "does not know this partner&#39;s addresses"),
        (integration, vec![no(409)], 409, "Disconnect the partner in SmartRecruiters"),
        (integration, vec![no(401), no(401)], 502, "refused the partner&#39;s own key"),
        (integration, vec![no(429)], 502, away),
        (integration, vec![no(503)], 502, away),
        (integration, vec![no(422)], 502, "did not accept the connection"),
        (integration, vec![Fault::CutBefore], 502, "did not answer in time"),
    ] {
        for fault in faults {
            admin.sim.faults().once(operation, fault);
        }
        let answer = admin.fills_in().await;
        assert_says(&answer, status, words);
        assert!(answer.text.contains("role=\"alert\"") && !answer.text.contains("asha@"), "{}", answer.text);
        assert_eq!(admin.sim.faults().unused(), 0, "{words}");
        assert!(!admin.sim.is_connected(&admin.company));
        assert_eq!(admin.connection().await?.state, ConnectionState::Waiting);
    }
    // The pair is void while a token of it is still in hand.
    admin.sim.expire_tokens();
    admin.sim.faults().once(token, no(401));
    assert_says(&admin.fills_in().await, 502, "refused the partner&#39;s own key");
    admin.sim.unconsent(&admin.company);
    assert_says(&admin.fills_in().await, 409, "has not allowed the connection");
    admin.sim.consent(&admin.company);
    assert_says(&admin.fills_in().await, 200, "is connected to");
    assert_eq!(admin.connection().await?.state, ConnectionState::Active);
    assert_eq!(admin.sim.packages(&admin.company).await?.http_status, 200);
    assert_eq!(admin.tenant.ats.violations(), Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_whose_answer_was_lost_is_made_anew_by_disconnecting() -> Result {
    let admin = Admin::new().await?;
    admin.sim.faults().once("integration/company", Fault::DoThenCut);
    assert_says(&admin.fills_in().await, 502, "disconnect it there and press Connect again");
    assert!(admin.sim.is_connected(&admin.company), "SmartRecruiters believes that it worked");
    assert_says(&admin.fills_in().await, 409, "connected already, with credentials that Crosscheck does not have");
    admin.sim.disconnect(&admin.company, true).await?;
    admin.sim.consent(&admin.company);
    assert_says(&admin.fills_in().await, 200, "is connected to");
    let (pair, exchanges) = (admin.sim.partner_pair(&admin.company), admin.sim.calls("integration/company"));
    assert_says(&admin.fills_in().await, 200, "is connected to");
    assert_eq!(admin.sim.partner_pair(&admin.company), pair, "what works is not connected anew");
    assert_eq!(admin.sim.calls("integration/company"), exchanges);
    assert_eq!(admin.tenant.ats.violations(), Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_connects_one_company_and_a_company_has_one_token() -> Result {
    let test_stack = TestStack::start().await?;
    let first = Tenant::start(&test_stack.deployment, AtsKind::SmartRecruiters, VendorKind::SpringVerify).await?;
    let second = first.beside(&test_stack.deployment, VendorKind::SpringVerify).await?;
    let sim = first.ats.smartrecruiters().ok_or("another ATS")?;
    let pairs = || [&first, &second].map(|tenant| sim.partner_pair(&tenant.ats.account()));
    let before = pairs();
    sim.consent("ThirdInc");
    for (company, words) in
        [("ThirdInc", "This token belongs to another company"), (&first.ats.account(), "another company")]
    {
        let url = sim.consent_page_url(company)?;
        let hidden = hidden_fields(&sim.get_raw(&url, None).await.text);
        let answer = send(sim, &url, &hidden, &second.made.trigger_token, ADMIN).await;
        assert_says(&answer, 409, words);
    }
    assert_eq!(pairs(), before);
    let third = first.beside(&test_stack.deployment, VendorKind::SpringVerify).await;
    assert!(third.is_err(), "the same company again, by way of another connection");
    let said = third.err().map(|e| e.to_string()).unwrap_or_default();
    assert!(said.contains("connected already with another token"), "{said}");
    assert_eq!(pairs(), before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disconnected_company_keeps_its_orders_and_goes_on_when_it_is_connected_again() -> Result {
    let play = Play::new().await?;
    let check = play.placed_order().await?;
    let answer = play.sim.disconnect(&play.company, true).await?;
    assert_eq!((answer.http_status, answer.text.as_str()), (204, ""));
    let waiting = play.connection().await?;
    assert_eq!(waiting.state, ConnectionState::Waiting);
    assert!(waiting.trouble_words().is_some_and(|words| words.contains("disconnected in SmartRecruiters")));
    play.vendor.reaches(&check.1, Milestone::Clear).await?;
    let order = play.until_card(&check.0, |o| o.status.state == State::Completed).await?;
    play.idle().await;
    assert!(order.told < order.version, "there is nobody to tell");
    play.sim.consent(&play.company);
    play.ats.connect(&play.deployment, &play.made).await?;
    let resumed = play.connection().await?;
    assert_eq!((resumed.state, resumed.trouble_words()), (ConnectionState::Active, None));
    play.an_hour_passes().await?;
    play.until_card(&check.0, |o| o.told == o.version).await?;
    assert_eq!(play.shown(&check.0)?.score_label.as_deref(), Some("Clear"));
    play.placed_order().await?;
    play.ends_with_bought(2)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_paused_stays_paused_whatever_the_admin_does() -> Result {
    let play = Play::new().await?;
    let (store, id) = (&play.deployment.services.store, &play.made.connection.id);
    store.change_connection(id, |c| c.state = ConnectionState::Paused).await?;
    play.sim.disconnect(&play.company, true).await?;
    let disconnected = play.connection().await?;
    assert_eq!(disconnected.state, ConnectionState::Paused);
    assert_eq!(AtsKind::SmartRecruiters.setup().resumed(&disconnected), ConnectionState::Waiting);
    assert!(disconnected.trouble_words().is_some_and(|words| words.contains("disconnected in SmartRecruiters")));
    play.sim.consent(&play.company);
    play.ats.connect(&play.deployment, &play.made).await?;
    let again = play.connection().await?;
    assert_eq!((again.state, again.trouble_words()), (ConnectionState::Paused, None));
    store.change_connection(id, |c| c.state = ConnectionState::Active).await?;
    play.time_passes(Duration::from_secs(21));
    play.placed_order().await?;
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disconnection_without_a_good_token_is_believed_when_smartrecruiters_has_voided_the_pair() -> Result {
    let play = Play::new().await?;
    let url = format!("{}/{}", play.published("integrationDisableUrl")?, play.company);
    let unknown = format!("{}/Nobody", play.published("integrationDisableUrl")?);
    for bearer in [None, Some("x"), Some(play.made.trigger_token.as_str())] {
        let status = if bearer.is_some() { 401 } else { 204 };
        assert_eq!(play.sim.delete_raw(&url, bearer).await.http_status, status);
        assert_eq!(play.connection().await?.state, ConnectionState::Active, "the pair is still good");
        assert_eq!(play.sim.delete_raw(&unknown, bearer).await.http_status, status, "nobody learns who is a customer");
    }
    play.sim.faults().once("oauth/token", Fault::status(503));
    assert_eq!(play.sim.delete_raw(&url, None).await.http_status, 204);
    assert_eq!(play.connection().await?.state, ConnectionState::Active, "no answer proves nothing");
    assert_eq!(play.sim.disconnect(&play.company, false).await?.http_status, 204);
    assert_eq!(play.connection().await?.state, ConnectionState::Active, "at that moment the pair was good");
    assert_eq!(play.sim.delete_raw(&url, Some("x")).await.http_status, 204);
    assert_eq!(play.connection().await?.state, ConnectionState::Waiting);
    play.sim.consent(&play.company);
    play.ats.connect(&play.deployment, &play.made).await?;
    play.placed_order().await?;
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn setting_up_publishes_every_address_and_shows_what_stands_there() -> Result {
    let admin = Admin::new().await?;
    let (id, key) = admin.sim.master_pair();
    let keys = PartnerKeys { id, key, webhook_secret: String::new(), ats_url: None };
    let (deployment, url) = (&admin.test_stack.deployment, Url::parse(&admin.sim.base_url())?);
    let shown = crosscheck::ats::announce(deployment, AtsKind::SmartRecruiters, &url, &keys, true).await?;
    assert_eq!(shown, admin.sim.configuration());
    assert_eq!(crate::published::problems(&admin.sim.requests()), Vec::<String>::new());
    let shown = shown.ok_or("nothing is published")?;
    let addresses = shown.as_object().ok_or("no object")?.iter().filter(|(name, _)| name.ends_with("Url"));
    let addresses: Vec<&str> = addresses.filter_map(|(_, address)| address.as_str()).collect();
    let door = format!("{}/smartrecruiters/", admin.test_stack.stack.base_url);
    assert!(addresses.len() == 7 && addresses.iter().all(|address| address.starts_with(&door)), "{addresses:?}");
    assert_eq!(shown["consentDisplayMode"], "REDIRECT");
    // Under REDIRECT the page leads back to SmartRecruiters.
    let back = Admin { url: admin.sim.consent_page_url(&admin.company)?, ..admin };
    let connected = back.fills_in().await;
    assert_says(&connected, 200, "Back to SmartRecruiters");
    assert!(connected.text.contains("/app-integrations/connected"), "{}", connected.text);
    let wrong = PartnerKeys { key: "wrong".to_owned(), ..keys };
    let refused =
        crosscheck::ats::announce(&back.test_stack.deployment, AtsKind::SmartRecruiters, &url, &wrong, false).await;
    assert!(refused.is_err());
    assert_eq!(back.sim.configuration(), Some(shown), "a refused key publishes nothing");
    Ok(())
}
