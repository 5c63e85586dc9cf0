//! `SpringVerify`'s part in a play.

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::json;
use shared::connection::Connection;
use shared::secrets::StoredKeys;
use shared::vendor::{StatusRow, VendorKind};

use super::letter::{Letter, Needed, WritesLetters};
use super::vendor::{Milestone, PlaysVendor, no_check, wrong};
use crate::Delivery;
use crate::Logged;
use crate::{Faults, Reply, SimSpringVerify};
use crosscheck::deployment::CliError;

/// `SpringVerify` with an account that has credits.
pub struct SpringVerify {
    sim: SimSpringVerify,
}

impl SpringVerify {
    /// Starts it.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> Result<Self, CliError> {
        Ok(Self { sim: SimSpringVerify::start().await? })
    }
}

#[async_trait]
impl PlaysVendor for SpringVerify {
    fn kind(&self) -> VendorKind {
        VendorKind::SpringVerify
    }

    fn base_url(&self) -> String {
        self.sim.base_url()
    }

    fn key(&self) -> String {
        self.sim.token()
    }

    async fn connect(&self, connection: &Connection, keys: &StoredKeys) -> Result<(), CliError> {
        self.sim.configure_callback(&connection.callback_url(), &keys.callback_secret);
        self.sim.set_interim_pushes(true);
        Ok(())
    }

    async fn reaches(&self, vendor_ref: &str, milestone: Milestone) -> Result<Vec<u16>, CliError> {
        let code = match milestone {
            Milestone::InProgress | Milestone::Reopened => 0,
            Milestone::Clear => 1,
            Milestone::Review => 6,
            Milestone::Cancelled => 10,
        };
        let check = vendor_ref.parse().map_err(|_| no_check(vendor_ref))?;
        self.sim.vendor_moves(check, code).await.map_err(wrong)
    }

    /// A word without a code gets one that nobody knows.
    async fn says(&self, vendor_ref: &str, row: &StatusRow) -> Result<Vec<u16>, CliError> {
        let check = vendor_ref.parse().map_err(|_| no_check(vendor_ref))?;
        self.sim.vendor_says(check, row.code.unwrap_or(77), row.word).await.map_err(wrong)
    }

    async fn replays(&self, vendor_ref: &str, nth: usize) -> Result<Vec<u16>, CliError> {
        let check = vendor_ref.parse().map_err(|_| no_check(vendor_ref))?;
        self.sim.replay(check, nth).await.map_err(wrong)
    }

    fn set_delivery(&self, delivery: Delivery) {
        self.sim.set_delivery(delivery);
    }

    async fn releases(&self, backwards: bool) -> Vec<u16> {
        if backwards { self.sim.release_held_backwards().await } else { self.sim.release_held().await }
    }

    fn newest(&self) -> Option<String> {
        self.sim.orders().last().map(|order| order.candidate_id.to_string())
    }

    fn creates(&self) -> usize {
        self.sim.creates()
    }

    fn requests(&self) -> Vec<Logged> {
        self.sim.requests()
    }

    fn violations(&self) -> Vec<String> {
        Vec::new()
    }

    fn faults(&self) -> &Faults {
        self.sim.faults()
    }

    fn buying(&self) -> &'static str {
        "candidate/add"
    }

    fn springverify(&self) -> Option<&SimSpringVerify> {
        Some(&self.sim)
    }
}

impl WritesLetters for SpringVerify {
    fn at_work(&self, order: &str, check: &str, _now: Timestamp) -> Letter {
        let body = json!({
            "event": "status_update",
            "candidate_id": check.parse::<i64>().unwrap_or_default(),
            "overall_status_code": 0,
            "overall_status": "In progress",
            "completed_date": null,
            "report_url": null,
            "meta_data": { "order_id": order },
            "name": "Asha Rao",
            "email": "asha@example.com",
        });
        Letter::post("", body)
    }

    fn says_word(&self, _row: &StatusRow, _word: &str) -> Option<Letter> {
        None
    }

    fn answers_word(&self, word: &str) -> Option<(&'static str, Reply)> {
        Some(("candidate/details", Reply::json(200, &json!({ "data": { "overall_status": word } }))))
    }

    fn proof(&self, secret: &str, _body: &str) -> (&'static str, String) {
        ("authorization", format!("Bearer {secret}"))
    }

    fn needed(&self) -> Needed {
        // The order is found by the vendor's id or by ours.
        &[
            (&["/candidate_id", "/meta_data"], "`candidate_id`"),
            (&["/candidate_id", "/meta_data/order_id"], "`candidate_id`"),
        ]
    }
}
