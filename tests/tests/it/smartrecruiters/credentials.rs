//! The token endpoint, what a token of one company opens, and where results may go.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use shared::ats::AtsKind;
use shared::vendor::VendorKind;
use sim::SimSmartRecruiters;
use sim::pair::{Pair, Tenant};
use sim::test_stack::TestStack;
use tests::world::Result;

use super::Play;

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

#[tokio::test(flavor = "multi_thread")]
async fn the_token_endpoint_gives_tokens_to_the_pair_it_minted_and_to_nobody_else() -> Result {
    let play = Play::new().await?;
    let ashby = Tenant::start(&play.pair.test_stack.deployment, AtsKind::Ashby, VendorKind::SpringVerify).await?;
    let url = play.published("oauthTokenUrl")?;
    let (id, secret) = play.sim.partner_pair(&play.company).ok_or("no pair")?;
    let (id, secret) = (id.as_str(), secret.as_str());
    let foreign = format!("xcc_{}", ashby.made.connection.id);
    let nobody = format!("xcc_{}", "0".repeat(16));
    let wrong = secret.replace(|c: char| c.is_ascii_digit(), "a");
    let (client, key) = ("client_id", "client_secret");
    for (form, status, error) in [
        (vec![GRANT, (client, id), (key, secret)], 200, None),
        (vec![GRANT, (client, id), (key, &wrong)], 400, Some("invalid_client")),
        (vec![GRANT, (client, id), (key, &play.made.trigger_token)], 400, Some("invalid_client")),
        (vec![GRANT, (client, id), (key, &play.made.callback_secret)], 400, Some("invalid_client")),
        (vec![GRANT, (client, &foreign), (key, secret)], 400, Some("invalid_client")),
        (vec![GRANT, (client, &foreign), (key, &ashby.made.callback_secret)], 400, Some("invalid_client")),
        (vec![GRANT, (client, &nobody), (key, secret)], 400, Some("invalid_client")),
        (vec![GRANT, (client, "x"), (key, secret)], 400, Some("invalid_client")),
        (vec![GRANT, (client, id)], 400, Some("invalid_request")),
        (vec![GRANT, (key, secret)], 400, Some("invalid_request")),
        (vec![GRANT, (client, id), (key, "")], 400, Some("invalid_request")),
        (vec![(client, id), (key, secret)], 400, Some("invalid_request")),
        (vec![("grant_type", "password"), (client, id), (key, secret)], 400, Some("unsupported_grant_type")),
    ] {
        let answer = play.sim.post_form(&url, &form).await;
        assert_eq!((answer.http_status, answer.str_at("/error")), (status, error), "{error:?}: {}", answer.text);
        assert_eq!(answer.str_at("/access_token").is_some(), status == 200);
    }
    for (secret, status) in [(secret, 200), (&*wrong, 401)] {
        let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let request = super::reqwest_client().post(&url).header("authorization", basic);
        let answer = request.body("grant_type=client_credentials").send().await?;
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers().contains_key("www-authenticate"), status == 401);
    }
    assert_eq!(play.sim.get_raw(&url, None).await.http_status, 405);
    play.ends_with_bought(0)
}

/// What stands at this address for the holder of this token.
async fn status(play: &Play, bearer: Option<&str>) -> Result<u16> {
    Ok(play.sim.get_raw(&play.published("assessmentPackageListUrl")?, bearer).await.http_status)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_an_hour_and_until_the_company_connects_anew() -> Result {
    let play = Play::new().await?;
    let token = play.sim.bearer(&play.company).await?;
    let token = token.as_deref();
    assert_eq!(status(&play, token).await?, 200);
    let forged = token.map(|text| text.replacen("_1", "_2", 1));
    for wrong in
        [None, Some("x"), Some(&*play.made.trigger_token), Some(&*play.made.callback_secret), forged.as_deref()]
    {
        assert_eq!(status(&play, wrong).await?, 401, "{wrong:?}");
    }
    play.time_passes(Duration::from_secs(3590));
    assert_eq!(status(&play, token).await?, 200);
    play.time_passes(Duration::from_secs(11));
    assert_eq!(status(&play, token).await?, 401, "it has expired");
    play.sim.forget_token(&play.company);
    let fresh = play.sim.bearer(&play.company).await?;
    assert_eq!(status(&play, fresh.as_deref()).await?, 200);

    let (id, secret) = play.sim.partner_pair(&play.company).ok_or("no pair")?;
    play.sim.disconnect(&play.company, true).await?;
    let form = [GRANT, ("client_id", &*id), ("client_secret", &*secret)];
    assert_eq!(status(&play, fresh.as_deref()).await?, 401, "the company is disconnected");
    let refused = play.sim.post_form(&play.published("oauthTokenUrl")?, &form).await;
    assert_eq!(refused.str_at("/error"), Some("invalid_client"), "{}", refused.text);
    let disable = format!("{}/{}", play.published("integrationDisableUrl")?, play.company);
    assert_eq!(
        play.sim.delete_raw(&disable, fresh.as_deref()).await.http_status,
        204,
        "a disconnection may come twice"
    );
    play.sim.consent(&play.company);
    play.ats.connect(&play.deployment, &play.made).await?;
    assert_eq!(status(&play, fresh.as_deref()).await?, 401, "it is a token of the pair before");
    let refused = play.sim.post_form(&play.published("oauthTokenUrl")?, &form).await;
    assert_eq!(refused.str_at("/error"), Some("invalid_client"), "{}", refused.text);
    assert_eq!(play.sim.packages(&play.company).await?.http_status, 200);
    play.ends_with_bought(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_one_company_orders_and_disconnects_nothing_of_anothers() -> Result {
    let pair = Pair::join(TestStack::start().await?, AtsKind::SmartRecruiters, VendorKind::SpringVerify).await?;
    let owner = Tenant { ats: pair.ats, vendor: pair.vendor, made: pair.made };
    let other = owner.beside(&pair.test_stack.deployment, VendorKind::SpringVerify).await?;
    let sim = owner.ats.smartrecruiters().ok_or("another ATS")?;
    let theirs = sim.bearer(&other.ats.account()).await?;
    let configuration = sim.configuration().ok_or("nothing is published")?;
    let at = |name: &str| configuration[name].as_str().unwrap_or_default().to_owned();
    let order = |company: &str| {
        json!({ "resultCallbackURL": format!("{}/assessment-api/v202010/orders/1/results", sim.base_url()),
            "companyId": company, "assessmentPackageId": "4238", "completedAssessmentCallbackUrl": sim.base_url(),
            "candidate": { "id": "c", "firstName": "Asha", "lastName": "Rao", "email": "asha@example.com" } })
    };
    let forbidden = |answer: &sim::Answer| {
        let code = answer.str_at("/errors/0/code").map(str::to_owned);
        assert_eq!((answer.http_status, code.as_deref()), (403, Some("FOREIGN_COMPANY")), "{}", answer.text);
    };
    let body: Value = order(&owner.ats.account());
    for name in ["packageOrderUrl", "inlineAssessmentPackageOrderUrl"] {
        forbidden(&sim.post_raw(&at(name), theirs.as_deref(), "application/json", &body.to_string()).await);
    }
    let disconnect = format!("{}/{}", at("integrationDisableUrl"), &owner.ats.account());
    forbidden(&sim.delete_raw(&disconnect, theirs.as_deref()).await);
    assert_eq!(sim.packages(&owner.ats.account()).await?.http_status, 200);
    assert_eq!(pair.test_stack.deployment.services.store.recent().await?.len(), 0);
    assert_eq!((owner.vendor.creates(), other.vendor.creates()), (0, 0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_promised_to_smartrecruiters_own_addresses_only() -> Result {
    let play = Play::new().await?;
    let evil = SimSmartRecruiters::start().await?;
    let orders = play.published("packageOrderUrl")?;
    let bearer = play.sim.bearer(&play.company).await?;
    let path = "assessment-api/v202010/orders/1/results";
    let own = play.sim.base_url();
    let authority = evil.base_url().replace("http://", "");
    for foreign in [
        format!("{}/{path}", evil.base_url()),
        format!("https://evil.example/{path}"),
        format!("http://api.smartrecruiters.com/{path}"),
        format!("https://api.smartrecruiters.com:8443/{path}"),
        format!("https://api.smartrecruiters.com@evil.example/{path}"),
        format!("{own}@{authority}/{path}"),
        format!("{}/{path}", own.replace("http://", "http://user@")),
        format!("{}/{path}", own.replace("http://", "https://")),
        format!("{}/{path}", own.replace("127.0.0.1", "localhost")),
        format!("{}/{path}", own.replace("127.0.0.1", "127.0.0.1.evil.example")),
        format!("//{authority}/{path}"),
        "file:///etc/passwd".to_owned(),
    ] {
        let body = json!({ "resultCallbackURL": foreign, "companyId": play.company, "job": { "id": "j" },
            "assessmentPackageId": play.package,
            "candidate": { "id": play.candidate(), "firstName": "Asha", "lastName": "Rao", "email": "a@example.com" } });
        let answer = play.sim.post_raw(&orders, bearer.as_deref(), "application/json", &body.to_string()).await;
        assert_eq!(answer.http_status, 400, "{foreign}: {}", answer.text);
        assert!(answer.str_at("/message").is_some_and(|words| words.contains("`resultCallbackURL`")), "{foreign}");
        assert!(!answer.text.contains("evil"), "the value is not repeated: {}", answer.text);
    }
    play.idle().await;
    assert_eq!((evil.requests().len(), play.sim.calls("orders/results")), (0, 0), "nothing was called");
    assert_eq!(play.stored().await?.len(), 0);
    play.ends_with_bought(0)
}
