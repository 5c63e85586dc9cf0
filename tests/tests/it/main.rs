//! Every test of whole flows, in one program: one link, one harness.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops where something is not as it should be"
)]

mod ashby_partner;
mod claims;
mod contract;
mod counting;
mod doors;
mod flows;
mod interleavings;
mod keys;
mod local;
mod lost_answers;
mod operator;
mod outage;
mod pairs;
mod pasted;
mod published;
mod pushes;
mod sentences;
mod smartrecruiters;
mod stages;
mod tables;
mod teamtailor;
mod tenants;
mod tidy;
mod trouble;
mod vendors;

use shared::vendor::{VENDORS, VendorKind};
use tests::world::Result;

/// Plays a case with every vendor, all at the same time.
async fn with_every_vendor<F>(case: impl Fn(VendorKind) -> F) -> Result
where
    F: Future<Output = Result> + Send + 'static,
{
    for (vendor, play) in VENDORS.map(|vendor| (vendor, tokio::spawn(case(vendor)))) {
        play.await.map_err(|e| format!("{vendor}: {e}"))?.map_err(|e| format!("{vendor}: {e}"))?;
    }
    Ok(())
}
