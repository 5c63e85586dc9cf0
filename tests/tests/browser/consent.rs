//! The page that SmartRecruiters opens for its admin: in a popup, in a frame, with the keyboard, without scripts.

use crosscheck::ats::announce;
use serde_json::json;
use shared::ats::AtsKind;
use shared::secrets::PartnerKeys;
use sim::pair::{ADMIN, COMPANY};
use tests::world::Result;
use url::Url;

use crate::audit::{POPUP, fits, focus, looked_at};
use crate::driver::{Browser, Wanted, key};
use crate::street::{Site, Street};

const TITLE: &str = "Connect Crosscheck to SmartRecruiters";

async fn popup() -> Result<Browser> {
    Browser::start(Wanted::default(), POPUP).await
}

/// Fills in both fields and presses the button, by mouse.
async fn sends(browser: &Browser, token: &str) -> Result {
    browser.fill("#token", token).await?;
    browser.fill("#email", ADMIN).await?;
    browser.click("button").await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_connects_in_the_popup() -> Result {
    let (street, browser) = (Street::open().await?, popup().await?);
    browser.open(&street.consent_page()?).await?;
    assert_eq!(browser.title().await?, TITLE);
    assert_eq!(browser.announced("main").await?.0, "main");
    assert_eq!(browser.announced("h1").await?, ("heading".to_owned(), TITLE.to_owned()));
    assert_eq!(browser.announced("#token").await?.1, "External Trigger Token");
    assert_eq!(browser.announced("#email").await?, ("textbox".to_owned(), "E-mail address".to_owned()));
    assert_eq!(browser.announced("button").await?, ("button".to_owned(), "Connect".to_owned()));
    looked_at(&browser, "consent").await?;
    assert!(fits(&browser).await?, "the popup has to be scrolled");
    street.is_not_connected().await?;

    sends(&browser, &street.made.trigger_token).await?;
    browser.until_text("h1", "Connected").await?;
    assert_eq!(browser.title().await?, "Connected");
    let words = browser.text("main").await?;
    assert!(words.contains("SmartRecruiters is connected to SpringVerify. Packages can be ordered now."), "{words}");
    assert!(words.contains("You can close this window.") && !words.contains(&street.made.trigger_token), "{words}");
    assert_eq!(browser.announced("[role=status]").await?.0, "status");
    looked_at(&browser, "connected").await?;
    street.is_connected().await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_said_and_mended() -> Result {
    let (street, browser) = (Street::open().await?, popup().await?);
    browser.open(&street.consent_page()?).await?;
    sends(&browser, &format!("{}x", street.made.trigger_token)).await?;
    browser.until_text("[role=alert]", "do not belong together, or are not valid").await?;
    assert_eq!(browser.title().await?, format!("Error: {TITLE}"));
    assert_eq!(browser.text("h1").await?, TITLE);
    assert_eq!(browser.announced("[role=alert]").await?.0, "alert");
    assert_eq!(focus(&browser).await?, "token");
    assert_eq!(browser.value("#token").await?, "", "a token comes back");
    assert_eq!(browser.value("#email").await?, ADMIN);
    let described =
        "return [...document.querySelectorAll('[aria-invalid=true]')].map(e => e.ariaDescribedByElements[0].id)";
    assert_eq!(browser.script(described).await?, json!(["problem", "problem"]));
    let seen = "const box = document.getElementById('problem').getBoundingClientRect(); \
                return box.top >= 0 && box.bottom <= innerHeight";
    assert_eq!(browser.script(seen).await?, true, "the words are out of sight");
    looked_at(&browser, "consent-error").await?;
    assert!(fits(&browser).await?, "the popup has to be scrolled");
    street.is_not_connected().await?;
    complained_once(&browser, "status of 403").await?;

    // The address is still there, and the cursor waits for the token.
    browser.keys(&street.made.trigger_token).await?;
    browser.click("button").await?;
    browser.until_text("h1", "Connected").await?;
    street.is_connected().await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_alone_is_enough() -> Result {
    let (street, browser) = (Street::open().await?, popup().await?);
    browser.open(&street.consent_page()?).await?;
    assert_eq!(focus(&browser).await?, "token", "the page opens with the cursor in the first field");
    browser.keys(key::TAB).await?;
    assert_eq!(focus(&browser).await?, "email");
    browser.keys(key::TAB).await?;
    assert_eq!(focus(&browser).await?, "BUTTON");
    browser.picture("consent-focus-600").await?;

    // A click on the heading puts the next Tab at the start of the page.
    browser.click("h1").await?;
    browser.keys(key::TAB).await?;
    assert_eq!(focus(&browser).await?, "token");
    browser.keys(&format!("{}{}{ADMIN}", street.made.trigger_token, key::TAB)).await?;
    assert_eq!(focus(&browser).await?, "email");
    browser.keys(key::ENTER).await?;
    browser.until_text("h1", "Connected").await?;
    street.is_connected().await?;
    browser.close().await
}

/// SmartRecruiters may show the popup in a frame of its own page. The same page under another name may not.
#[tokio::test(flavor = "multi_thread")]
async fn only_smartrecruiters_may_frame_the_page() -> Result {
    let street = Street::open().await?;
    let consent = street.consent_page()?.replace('&', "&amp;");
    let html = format!(
        "<!doctype html><html lang=\"en\"><link rel=\"icon\" href=\"data:,\"><title>Apps</title>\
         <iframe width=\"600\" height=\"486\" src=\"{consent}\"></iframe></html>"
    );
    let site = Site::open(&html).await?;
    let names = ["app.smartrecruiters.com", "app.notsmartrecruiters.com"];
    let hosts = names.map(|name| format!("MAP {name} 127.0.0.1:{}", site.port)).join(",");
    let browser = Browser::start(Wanted { hosts, ..Wanted::default() }, (800, 600)).await?;

    browser.open("https://app.notsmartrecruiters.com/").await?;
    browser.enter_frame("iframe").await?;
    let shown = browser.script("return [location.protocol, document.forms.length]").await?;
    assert_eq!(shown, json!(["chrome-error:", 0]), "a stranger frames the page");
    complained_once(&browser, "frame-ancestors").await?;

    browser.open("https://app.smartrecruiters.com/").await?;
    browser.enter_frame("iframe").await?;
    browser.until_text("h1", TITLE).await?;
    browser.picture("consent-framed").await?;
    sends(&browser, &street.made.trigger_token).await?;
    browser.until_text("h1", "Connected").await?;
    assert_eq!(browser.address().await?, "https://app.smartrecruiters.com/", "the page left its frame");
    street.is_connected().await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_script_is_needed() -> Result {
    let street = Street::open().await?;
    let browser = Browser::start(Wanted { no_scripts: true, ..Wanted::default() }, POPUP).await?;
    browser.open("data:text/html,<title>off</title><script>document.title='on'</script>").await?;
    assert_eq!(browser.title().await?, "off", "scripts run, so this test would prove nothing");
    browser.open(&street.consent_page()?).await?;
    sends(&browser, &street.made.trigger_token).await?;
    browser.until_text("h1", "Connected").await?;
    street.is_connected().await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_who_was_sent_away_comes_back() -> Result {
    let (street, browser) = (Street::open().await?, popup().await?);
    let (id, key) = street.ats.sim.master_pair();
    let keys = PartnerKeys { id, key, webhook_secret: String::new(), ats_url: None };
    let api = Url::parse(&street.ats.sim.base_url())?;
    announce(&street.test_stack.deployment, AtsKind::SmartRecruiters, &api, &keys, true).await?;
    let page = street.consent_page()?;
    assert!(page.contains("redirect="), "{page}");
    browser.open(&page).await?;
    sends(&browser, &street.made.trigger_token).await?;
    browser.until_text("h1", "Connected").await?;
    assert_eq!(browser.announced("main a").await?, ("link".to_owned(), "Back to SmartRecruiters".to_owned()));
    let back = format!("{}/app-integrations/connected", street.ats.sim.base_url());
    assert_eq!(browser.script("return document.querySelector('main a').href").await?, back.as_str());
    looked_at(&browser, "connected-redirect").await?;
    street.is_connected().await?;

    // Nobody follows the link, and the browser goes by itself.
    assert_eq!(street.ats.sim.calls("connected"), 0);
    browser.until_text("body", "Connected. You can close this page.").await?;
    assert_eq!(browser.address().await?, back);
    assert_eq!(street.ats.sim.calls("connected"), 1);
    assert!(street.ats.sim.is_connected(COMPANY));
    browser.close().await
}

/// Takes the one complaint that the test provoked.
async fn complained_once(browser: &Browser, about: &str) -> Result {
    let complaints = browser.complaints().await?;
    assert!(complaints.len() == 1 && complaints[0].contains(about), "{complaints:?}");
    Ok(())
}
