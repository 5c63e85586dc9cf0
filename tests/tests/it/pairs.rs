//! Every ATS with every vendor: the same whole flow, seen from the recruiter's card.

use std::time::Duration;

use shared::ats::{ATSS, AtsKind};
use shared::order::{Order, Outcome, State};
use shared::vendor::{ReportKind, VendorKind};
use sim::pair::{Milestone, Pair, Person};
use tests::ministack::client_that_stays;
use tests::world::{PHONE, Result};

use super::with_every_vendor;

const ASHA: Person<'_> = Person { first: "Asha", last: "Rao", email: "asha@example.com", phone: Some(PHONE) };

fn told(order: &Order, state: State) -> bool {
    order.status.state == state && order.told == order.version
}

/// The link on the card opens what the vendor's descriptor promises.
async fn opens(link: &str, vendor: VendorKind) -> Result {
    let answer = client_that_stays()?.get(link).send().await?;
    let (status, page) = (answer.status(), answer.headers().contains_key("location"));
    let body = answer.bytes().await?;
    let as_promised = match vendor.facts().report {
        ReportKind::Pdf => status == 200 && body.starts_with(b"%PDF"),
        ReportKind::Page => status.is_redirection() && page,
    };
    assert!(as_promised, "{vendor}: the report link is answered {status}, {} bytes", body.len());
    Ok(())
}

async fn whole_flow(ats: AtsKind, vendor: VendorKind) -> Result {
    let pair = Pair::start(ats, vendor).await?;
    assert!(!pair.ats.packages().await?.is_empty(), "{ats}: the picker is empty");
    let (card, answer) = pair.ats.orders(ASHA).await?;
    assert!(answer.is_ok(), "{ats}: {} {}", answer.http_status, answer.text);
    let order = pair.until_card(&card, |o| o.placement.vendor_ref().is_some() && o.told == o.version).await?;
    let again = pair.ats.repeats(&card).await?;
    assert!(again.is_ok(), "{ats}: the repeated call is answered as the first: {}", again.text);
    let title = order.reference.job_title.as_deref();
    let takes_it = vendor.facts().takes_job_title;
    assert!(!takes_it || title.is_some_and(|title| !title.is_empty()), "{ats}: the vendor is not told what job it is");
    let vendor_ref = order.placement.vendor_ref().unwrap_or_default().to_owned();

    pair.vendor.reaches(&vendor_ref, Milestone::InProgress).await?;
    pair.until_card(&card, |o| told(o, State::InProgress)).await?;
    pair.vendor.reaches(&vendor_ref, Milestone::Review).await?;
    let order = pair.until_card(&card, |o| told(o, State::Completed)).await?;
    let found = pair.vendor.finding();
    assert_eq!(order.status.outcome, found, "{vendor}");
    let shown = pair.ats.card(&card).ok_or("no card")?;
    assert!(shown.status.to_lowercase().contains("completed"), "{ats}: {shown:?}");
    assert!(shown.result.to_lowercase().contains(found.name()), "{ats}: {shown:?}");
    let link = shown.link.filter(|link| link.contains("/reports/")).ok_or("the report link is not on the card")?;
    opens(&link, vendor).await?;

    pair.time_passes(Duration::from_hours(2));
    pair.vendor.reaches(&vendor_ref, Milestone::Reopened).await?;
    pair.until_card(&card, |o| told(o, State::InProgress) && o.reopened).await?;
    pair.vendor.reaches(&vendor_ref, Milestone::Clear).await?;
    pair.until_card(&card, |o| told(o, State::Completed) && o.status.outcome == Outcome::Clear).await?;
    pair.idle().await;
    super::published::holds(&pair);
    Ok(pair.ends_with_bought(1)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_ats_shows_what_every_vendor_finds() -> Result {
    for ats in ATSS {
        with_every_vendor(move |vendor| whole_flow(ats, vendor)).await.map_err(|e| format!("{ats} with {e}"))?;
    }
    Ok(())
}
