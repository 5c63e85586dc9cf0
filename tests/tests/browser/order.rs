//! The page of an order, which a recruiter opens from the ATS.

use shared::ats::AtsKind;
use shared::vendor::VendorKind;
use sim::pair::{Pair, Person};
use tests::world::Result;

use crate::audit::{POPUP, looked_at};
use crate::driver::{Browser, Wanted};

#[tokio::test(flavor = "multi_thread")]
async fn a_recruiter_reads_where_the_check_stands() -> Result {
    let portal = [("portal_url", "https://portal.example/checks/{candidate_id}")];
    let pair = Pair::start_with(AtsKind::Ashby, VendorKind::SpringVerify, &portal).await?;
    let asha = Person { first: "Asha", last: "Rao", email: "asha@example.com", phone: Some("+91 98765 43210") };
    let (card, _) = pair.ats.orders(asha).await?;
    let order = pair.until_card(&card, |o| o.placement.vendor_ref().is_some() && o.told == o.version).await?;
    let link = pair.ats.card(&card).and_then(|card| card.link).ok_or("no link")?;
    let browser = Browser::start(Wanted::default(), POPUP).await?;
    browser.open(&link).await?;
    assert_eq!(browser.title().await?, "Background check");
    let words = browser.text("main").await?;
    assert!(words.contains("Waiting for the candidate") && words.contains(&order.package.name), "{words}");
    assert_eq!(browser.announced("main a").await?, ("link".to_owned(), "Open in SpringVerify".to_owned()));
    looked_at(&browser, "order-waiting").await?;
    browser.open(&link.replace("signature=", "signature=0")).await?;
    browser.until_text("main", "This link is not valid").await?;
    looked_at(&browser, "order-not-valid").await?;
    Ok(())
}
