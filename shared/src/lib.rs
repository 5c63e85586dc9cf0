//! What every Crosscheck function shares: the order, what happens to it, and who asks and checks.
//!
//! ```text
//! ATS ──▶ door (inbound, ats) ──▶ flow::take_order ──▶ store ──stream──▶ flow::advance ──▶ vendor
//!                                                        ▲                    │
//! vendor ──▶ door (inbound, vendor) ──▶ flow::take_report ┘                   └──▶ ats (tell)
//! every hour ──▶ flow::sync ──▶ queue ──▶ flow::advance
//! ```

pub mod order;
pub mod connection;
pub mod flow;
pub mod ats;
pub mod vendor;
pub mod store;
pub mod door;
pub mod inbound;
pub mod signature;
pub mod outbound;
pub mod secrets;
pub mod queue;
pub mod aws;
pub mod config;
pub mod lambda;
pub mod error;
pub mod telemetry;
