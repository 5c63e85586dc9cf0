//! The page that an applicant opens in the middle of an application form.

use shared::order::Placement;
use sim::pair::{COMPANY, PlaysAts as _, PlaysVendor as _};
use sim::smartrecruiters::Person;
use tests::world::{PHONE, Result};

use crate::audit::{POPUP, focus, looked_at};
use crate::driver::{Browser, Wanted};
use crate::street::Street;

/// An order that waits for its applicant.
struct Waiting {
    page: String,
    /// Our id of the order, and SmartRecruiters'.
    order: String,
    card: String,
    package: String,
}

/// The company is connected, and somebody reaches the check in its application form.
async fn applies(street: &Street) -> Result<Waiting> {
    street.ats.connect(&street.test_stack.deployment, &street.made).await?;
    let packages = street.ats.sim.packages(COMPANY).await?;
    let (id, package) = packages.str_at("/0/id").zip(packages.str_at("/0/name")).ok_or("no package")?;
    let person = Person { first_name: "Asha".into(), last_name: "Rao".into(), email: "asha@example.com".into() };
    let (card, answer) = street.ats.sim.applicant_orders_inline(COMPANY, id, &person).await?;
    let page = answer.str_at("/url").ok_or_else(|| format!("{}: {}", answer.http_status, answer.text))?;
    let order = page.split("/inline/").nth(1).and_then(|rest| rest.split('?').next()).ok_or("no order")?;
    Ok(Waiting { page: page.to_owned(), order: order.to_owned(), card, package: package.to_owned() })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applicant_begins_the_check_and_goes_on() -> Result {
    let street = Street::open().await?;
    let Waiting { page, order, card, package } = applies(&street).await?;
    let browser = Browser::start(Wanted::default(), POPUP).await?;
    browser.open(&page).await?;
    assert_eq!(browser.title().await?, "Background check");
    let words = browser.text("main").await?;
    assert!(words.contains(&package) && words.contains("SpringVerify carries it out"), "{words}");
    assert_eq!(browser.announced("#phone").await?, ("textbox".to_owned(), "Phone number".to_owned()));
    assert_eq!(browser.announced("button").await?, ("button".to_owned(), "Begin".to_owned()));
    looked_at(&browser, "applicant").await?;

    // The browser itself keeps the form back while the number is missing.
    browser.click("button").await?;
    assert_eq!(browser.script("return document.querySelector('#phone:invalid') !== null").await?, true);
    browser.fill("#phone", "12").await?;
    browser.click("button").await?;
    browser.until_text("[role=alert]", "phone").await?;
    assert_eq!((focus(&browser).await?, browser.value("#phone").await?), ("phone".to_owned(), "12".to_owned()));
    looked_at(&browser, "applicant-error").await?;
    let complaints = browser.complaints().await?;
    assert!(complaints.len() == 1 && complaints[0].contains("status of 422"), "{complaints:?}");
    street.test_stack.idle().await;
    assert_eq!((street.test_stack.order(&order).await?.placement, street.vendor.creates()), (Placement::Held, 0));

    browser.script("document.querySelector('#phone').select()").await?;
    browser.keys(PHONE).await?;
    browser.click("button").await?;
    browser.until_text("[role=status]", "The check has begun. SpringVerify will write to you").await?;
    looked_at(&browser, "applicant-begun").await?;
    street.bought_once(&order).await?;
    assert_eq!(browser.announced("main a").await?, ("link".to_owned(), "Continue your application".to_owned()));
    browser.click("main a").await?;
    browser.until_text("body", "Your application continues.").await?;
    let there = format!("{}/inline-assessments/{card}/completed", street.ats.sim.base_url());
    assert_eq!(browser.address().await?, there);
    assert_eq!(street.ats.sim.calls("inline/completed"), 1);

    // The address is opened once more: there is still a way on, and nothing is bought again.
    browser.open(&page).await?;
    browser.until_text("[role=status]", "nothing left to do").await?;
    assert_eq!(browser.script("return document.querySelector('main a').href").await?, there.as_str());
    assert_eq!(browser.script("return document.forms.length").await?, 0);
    street.bought_once(&order).await?;
    browser.close().await
}
