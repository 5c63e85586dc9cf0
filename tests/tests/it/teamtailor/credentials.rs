//! Who may order: bearers in every shape, signatures, companies, and what an admin reads of a wrong token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use shared::ats::AtsKind;
use shared::connection::TokenHash;
use shared::signature::sha256_hex;
use shared::store::Alias;
use shared::vendor::VendorKind;
use sim::SimTeamtailor;
use sim::pair::{Pair, Tenant};
use sim::teamtailor::{Bearer, Context};
use sim::test_stack::TestStack;
use tests::world::Result;

use super::{Play, assert_refused};

/// A provider key that Teamtailor made, and the form that holds it as JWEs under the secret below, made with another
/// library: with the first half of the secret's digest as its key, and with the whole digest.
const PROVIDER_KEY: &str = "7d4e3a52-1c0b-4f6a-9d2e-5b8c6f0a1e37";
const WEBHOOK_SECRET: &str = "test-webhook-secret";
const JWES: [&str; 2] = [
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAECAwQFBgcICQoL.DCi4u3orQDrSfi-62APS6lDqLtvRLsdtjZ8r3QxJ8lIZXnBRwirZPj\
     RUsAQbBqEuFndKsDbv6ck5xtFVYJgM._2zqT553andTHr6yOHpIxA",
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAECAwQFBgcICQoL.M6Euii4crTrr_GbT2XLww3HYfWcnlMEo_hkpfFinVxOjYk1aORScdJ\
     Zg4bRdLJJGR1dlF0MwF-206VHxhJUA.DITLudOo8pGvBlhtCtSk_g",
];

/// A company whose partner has the secret above, and whose connection is known by the provider key too.
async fn known_by_provider_key() -> Result<Play> {
    let test_stack = TestStack::start().await?;
    let with_secret = |ats: &dyn sim::pair::PlaysAts| {
        if let Some(sim) = ats.teamtailor() {
            sim.set_keys("abc123abc123", WEBHOOK_SECRET);
        }
    };
    let Tenant { ats, vendor, made } =
        Tenant::prepared(&test_stack.deployment, AtsKind::Teamtailor, VendorKind::SpringVerify, with_secret).await?;
    let id = &made.connection.id;
    let token = TokenHash { sha256: sha256_hex(PROVIDER_KEY.as_bytes()), expires_at: None, of_the_ats: true };
    let store = &test_stack.deployment.services.store;
    store.change_connection(id, |connection| connection.tokens.push(token.clone())).await?;
    assert!(store.name_connection(&Alias::new(AtsKind::Teamtailor, PROVIDER_KEY), id).await?);
    ats.connect(&test_stack.deployment, &made).await?;
    Play::of(Pair { test_stack, ats, vendor, made }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bearer_orders_in_every_shape_that_teamtailor_may_send() -> Result {
    let play = known_by_provider_key().await?;
    let token = play.made.trigger_token.clone();
    let deeper = play.sim.jwt(&json!({ "iat": 1, "activation": { "external-trigger-token": token } }));
    let wrapped = play.sim.jwt(&json!({ "externalTriggerToken": PROVIDER_KEY }));
    let shapes = [Bearer::AsActivated, Bearer::KebabClaims, Bearer::SnakeClaims];
    let texts = [token, deeper, wrapped, PROVIDER_KEY.to_owned(), PROVIDER_KEY.to_uppercase()];
    let texts = texts.into_iter().chain(JWES.map(str::to_owned)).map(Bearer::Given);
    let mut orders = 0;
    for bearer in shapes.into_iter().chain(texts) {
        play.sim.set_bearer(&play.company, bearer.clone())?;
        let config = play.sim.config(&play.company, Context::default()).await?;
        assert_eq!(config.str_at("/config/fields/0/options/0/id"), Some(&*play.package), "{bearer:?}: {}", config.text);
        play.sends(play.candidate()).await.map_err(|e| format!("{bearer:?}: {e}"))?;
        orders += 1;
    }
    for order in play.stored().await? {
        play.until(&order.id.to_string(), |o| o.placement.vendor_ref().is_some()).await?;
    }
    play.ends_with_bought(orders)
}

/// Bearers that are nobody's.
fn strangers(play: &Play, other: &SimTeamtailor) -> Vec<String> {
    let token = &play.made.trigger_token;
    let claims = json!({ "externalTriggerToken": token });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = |alg: &str| format!("{}.{}.", part(&json!({ "alg": alg, "typ": "JWT" })), part(&claims));
    let genuine = play.sim.jwt(&claims);
    let signature = genuine.rsplit('.').next().unwrap_or_default();
    let sealed = part(&json!({ "alg": "dir", "enc": "A128GCM" }));
    let (last, rest) = (token.len() - 1, &token[..token.len() - 1]);
    vec![
        "x".to_owned(),
        token.to_lowercase(),
        format!("{rest}{}", if token.as_bytes()[last] == b'A' { 'B' } else { 'A' }),
        unsigned("none"),
        format!("{}{signature}", unsigned("none")),
        format!(
            "{}{signature}",
            unsigned("HS256").replacen(&part(&claims), &part(&json!({ "externalTriggerToken": "x" })), 1)
        ),
        unsigned("HS256"),
        other.jwt(&claims),
        play.sim.jwt(&json!({ "externalTriggerToken": "" })),
        play.sim.jwt(&json!({ "externalTriggerToken": token, "exp": 1 })),
        play.sim.jwt(&json!({ "externalTriggerToken": play.made.callback_secret })),
        "00000000-0000-7000-8000-000000000000".to_owned(),
        format!("{sealed}..AAECAwQFBgcICQoL.AAAA.AAAAAAAAAAAAAAAAAAAAAA"),
        JWES[0].to_owned(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bearer_that_is_nobodys_is_told_so_wherever_it_is_presented() -> Result {
    let play = Play::new().await?;
    let other = SimTeamtailor::start().await?;
    let words = "does not know";
    for bearer in strangers(&play, &other) {
        assert_refused(&play.posts("webhook", Some(&bearer), &play.event("e")).await, 401, words);
        assert_refused(&play.posts("actions/refresh", Some(&bearer), &play.event("e")).await, 401, words);
        play.sim.set_bearer(&play.company, Bearer::Given(bearer.clone()))?;
        let config = play.sim.config(&play.company, Context::default()).await?;
        let field = (config.http_status, config.str_at("/config/fields/0/type"));
        assert_eq!(field, (200, Some("error")), "{bearer}: {}", config.text);
        assert!(config.str_at("/config/fields/0/message").is_some_and(|text| text.contains(words)));
        assert_eq!(
            config.str_at("/config/moving_criteria/0/id"),
            Some("report_decision"),
            "rules keep their criterion"
        );
        let refused = play.sim.somebody_gets("activation/validate", Some(&bearer)).await;
        assert_eq!(refused.http_status, 422);
        assert!(refused.str_at("/errors/0").is_some_and(|text| text.contains(words)), "{}", refused.text);
    }
    assert_refused(&play.posts("webhook", None, &play.event("e")).await, 401, words);
    assert_eq!(play.sim.somebody_gets("config", None).await.str_at("/config/fields/0/type"), Some("error"));
    assert_eq!(play.stored().await?.len(), 0);
    play.ends_with_bought(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_activation_form_is_saved_with_a_good_token_and_says_what_is_wrong_with_another() -> Result {
    let play = Play::new().await?;
    let company = play.sim.add_company("Another company");
    let values = |token: &str| json!({ "externalTriggerToken": token });
    for (token, words) in [("xck_wrong", "does not know this External Trigger Token"), ("", "is required")] {
        let tried = play.sim.admin_activates(&company, &values(token)).await?;
        assert!(!tried.saved && tried.errors.iter().any(|text| text.contains(words)), "{tried:?}");
    }
    let vendor = play.vendor.springverify().ok_or("another vendor")?;
    let key = vendor.token();
    vendor.set_token("another");
    let tried = play.sim.admin_activates(&company, &values(&play.made.trigger_token)).await?;
    assert!(!tried.saved && tried.errors[0].contains("SpringVerify refused the key"), "{tried:?}");
    vendor.set_token(&key);
    let packages = vendor.packages();
    vendor.set_packages(Vec::new());
    let tried = play.sim.admin_activates(&company, &values(&play.made.trigger_token)).await?;
    assert!(!tried.saved && tried.errors[0].contains("offers no packages"), "{tried:?}");
    vendor.set_packages(packages);
    assert!(play.sim.admin_activates(&company, &values(&play.made.trigger_token)).await?.saved);
    play.ends_with_bought(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_taken_below_a_fresh_signature_over_its_own_id_only() -> Result {
    let play = Play::new().await?;
    let bearer = play.sim.bearer(&play.company)?;
    let (event, now) = (play.event("e-1").to_string(), play.sim.now());
    let good = play.sim.sign(now, "e-1");
    let (v1, v0) = good.rsplit_once(",v0=").ok_or("no decoy")?;
    let time = format!("t={now}");
    let signed = |signature: Option<String>| {
        let (sim, bearer, event) = (&play.sim, &bearer, &event);
        async move { sim.somebody_posts("webhook", Some(bearer), signature.as_deref(), event).await }
    };
    for (signature, words) in [
        (None, "this one is not"),
        (Some(String::new()), "this one is not"),
        (Some(time.clone()), "this one is not"),
        (Some(format!("{time},v0={v0}")), "this one is not"),
        (Some(format!("{time},v1={v0}")), "signature is wrong"),
        (Some(play.sim.sign(now, "e-2")), "signature is wrong"),
        (Some(good.replace(&time, &format!("t={}", now - 1))), "signature is wrong"),
        (Some(SimTeamtailor::start().await?.sign(now, "e-1")), "signature is wrong"),
        (Some(play.sim.sign(now - 310, "e-1")), "too long ago"),
        (Some(play.sim.sign(now + 310, "e-1")), "ahead of time"),
        (Some(good.replace("t=", "t=x")), "too long ago"),
    ] {
        assert_refused(&signed(signature.clone()).await, 401, words);
    }
    assert_eq!(play.stored().await?.len(), 0);
    let spaced = v1.replace(',', " , ");
    assert!(signed(Some(format!("v0={v0} , {spaced}"))).await.is_ok(), "parts come in any order");
    assert!(signed(Some(play.sim.sign(now - 280, "e-1"))).await.is_ok());
    assert_eq!(play.stored().await?.len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_signature_under_another_body_changes_nothing_of_the_first_order() -> Result {
    let play = Play::new().await?;
    let sent = play.sends(play.candidate()).await?;
    play.placed(&sent.result_id).await?;
    let before = play.order_of(&sent.result_id).await?;
    let bearer = play.sim.bearer(&play.company)?;
    let genuine = play.sim.event(&sent.event_id).ok_or("no event")?;
    for (path, value) in [
        ("/partner-event/candidate/email", json!("mallory@example.com")),
        ("/partner-event/candidate/id", json!(99)),
        ("/partner-event/webhook-data/package", json!("4239")),
        ("/partner-event/webhook-data/package", json!("1")),
        ("/partner-event/candidate/phone", json!("9000000000")),
        ("/partner-event/candidate/phone", Value::Null),
        ("/partner-event/partner-result/id", json!("r-2")),
    ] {
        let mut altered = genuine.clone();
        *altered.pointer_mut(path).ok_or("no such place")? = value;
        if path.ends_with("partner-result/id") {
            let url = format!("{}/partner/v1/partner-results/r-2", play.sim.base_url());
            altered["partner-event"]["partner-result"]["update-url"] = json!(url);
        }
        let answer = play.posts("webhook", Some(&bearer), &altered).await;
        assert!(answer.is_ok(), "{path}: {}", answer.text);
        assert_eq!(answer.str_at("/partner_result_attributes/status"), Some("sent"), "{path}");
    }
    play.idle().await;
    assert_eq!((play.order_of(&sent.result_id).await?, play.stored().await?.len()), (before, 1));
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_one_companys_wherever_the_event_names_it() -> Result {
    let play = Play::new().await?;
    let stranger = play.sim.add_company("Another company");
    let values = json!({ "externalTriggerToken": play.made.trigger_token });
    assert!(play.sim.admin_activates(&stranger, &values).await?.saved, "nothing names the company at this point");
    assert_eq!(play.connection().await?.account, None);
    play.sends(play.candidate()).await?;
    assert_eq!(play.connection().await?.account.as_ref(), Some(&play.company), "the first company that sends");
    for beside in [false, true] {
        play.sim.put_company_beside_event(beside);
        let sent = play.sim.recruiter_sends(&stranger, play.candidate(), &play.picked(), true).await?;
        assert_refused(&sent.answer, 403, "belongs to another Teamtailor company");
        assert!(play.shown(&sent.result_id)?.error.is_some_and(|words| words.contains("another Teamtailor company")));
        play.sends(play.candidate()).await?;
    }
    for order in play.stored().await? {
        play.until(&order.id.to_string(), |o| o.placement.vendor_ref().is_some() && o.told == o.version).await?;
    }
    assert_eq!(play.stored().await?.len(), 3);
    play.ends_with_bought(3)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_one_connection_took_is_no_other_ones_whoever_hands_it_on() -> Result {
    let Pair { test_stack, ats, vendor, made } = Pair::start(AtsKind::Teamtailor, VendorKind::SpringVerify).await?;
    let owner = Tenant { ats, vendor, made };
    let other = owner.beside(&test_stack.deployment, VendorKind::SpringVerify).await?;
    let sim = owner.ats.teamtailor().ok_or("another ATS")?;
    let package = json!({ "package": test_stack.deployment.services.store.connection(&owner.made.connection.id).await?
        .and_then(|c| c.catalogue?.packages.first().map(|p| p.id.clone())) });
    let candidate = sim.add_candidate("Asha", "Rao", "asha@example.com", Some("9876543210"));
    let sent = sim.recruiter_sends(&owner.ats.account(), candidate, &package, true).await?;
    assert!(sent.answer.is_ok(), "{}", sent.answer.text);

    let mut captured = sim.event(&sent.event_id).ok_or("no event")?;
    captured["partner-event"]["company"]["uuid"] = json!(other.ats.account());
    let bearer = sim.bearer(&other.ats.account())?;
    let signature = sim.sign(sim.now(), &sent.event_id);
    let answer = sim.somebody_posts("webhook", Some(&bearer), Some(&signature), &captured.to_string()).await;
    assert_refused(&answer, 422, "belongs to another connection");
    let orders = test_stack.deployment.services.store.recent().await?;
    assert!(orders.iter().all(|o| o.connection == owner.made.connection.id), "nothing was ordered by the other one");
    assert_eq!(other.vendor.creates(), 0);
    Ok(())
}
