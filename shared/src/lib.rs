//! What every Crosscheck function shares: the order, what happens to it, and who asks and checks.
//!
//! ```text
//! ATS ──▶ door (inbound, ats) ──▶ flow::take_order ──▶ store ──stream──▶ flow::advance ──▶ vendor
//!                                                        ▲                    │
//! vendor ──▶ door (inbound, vendor) ──▶ flow::take_report ┘                   └──▶ ats (tell)
//! every hour ──▶ flow::sync ──▶ queue ──▶ flow::advance
//! ```

pub mod account;
pub mod ats;
pub mod aws;
pub mod clock;
pub mod config;
pub mod connection;
pub mod door;
pub mod error;
pub mod flow;
pub mod inbound;
pub mod lambda;
pub mod order;
pub mod outbound;
mod page;
pub mod queue;
pub mod rate_limit;
pub mod rule;
pub mod secrets;
pub mod signature;
pub mod store;
pub mod telemetry;
mod variants;
pub mod vendor;
