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
mod outage;
mod pairs;
mod pushes;
mod smartrecruiters;
mod tables;
mod teamtailor;
mod tenants;
mod tidy;
mod trouble;
mod vendors;
