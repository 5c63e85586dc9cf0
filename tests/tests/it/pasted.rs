//! Text that people paste: marks that nobody sees reach no vendor, and keep no token from being known.

use shared::ats::ATSS;
use shared::vendor::VendorKind;
use sim::ashby::Partner;
use sim::pair::{Pair, Person};
use tests::World;
use tests::world::Result;

/// As a recruiter pastes it out of a chat that is written from the right to the left.
const PASTED: Person<'_> = Person {
    first: "\u{202b}As\u{200b}ha\u{202c}",
    last: "Rao\u{ad}\u{feff}",
    email: "asha@example.com\u{200b}",
    phone: Some("\u{2066}\u{ff0b}91\u{a0}98765\t43210\u{2069}"),
};

#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_reaches_the_vendor_without_the_marks_that_nobody_sees() -> Result {
    for ats in ATSS {
        let pair = Pair::start(ats, VendorKind::SpringVerify).await?;
        let (card, answer) = pair.ats.orders(PASTED).await?;
        assert!(answer.is_ok(), "{ats}: {}", answer.text);
        pair.until_card(&card, |o| o.placement.vendor_ref().is_some()).await?;
        let sent = pair.vendor.springverify().and_then(|sim| sim.orders().pop()).ok_or("nothing was ordered")?;
        assert_eq!((&*sent.name, &*sent.email, &*sent.phone), ("Asha Rao", "asha@example.com", "9876543210"), "{ats}");
        pair.ends_with_bought(1)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_known_with_marks_around_it() -> Result {
    let world = World::new().await?;
    let base = format!("{}/ashby/", world.pair.stack.base_url);
    let token = &world.pair.made.trigger_token;
    for pasted in [format!("\u{feff}{token}"), format!(" {token}\u{200b}"), format!("\u{202a}{token}\u{202c}\n")] {
        let answer = world.ashby.refresh(&Partner::new(&base, &pasted)).await;
        assert_eq!(answer.http_status, 200, "{pasted:?}: {}", answer.text);
    }
    let other = world.ashby.refresh(&Partner::new(&base, &format!("{token}x"))).await;
    assert_eq!(other.http_status, 401);
    Ok(())
}
