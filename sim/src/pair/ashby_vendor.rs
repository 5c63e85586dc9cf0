//! The part of a vendor that hosts Ashby's partner endpoints; Justifacts is one.

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::json;
use shared::connection::Connection;
use shared::order::{Order, Outcome};
use shared::secrets::StoredKeys;
use shared::vendor::{StatusRow, VendorKind};

use super::letter::{Answers, Letter, Needed, WritesLetters};
use super::vendor::{Milestone, PlaysVendor, wrong};
use crate::Delivery;
use crate::Logged;
use crate::{Faults, SimAshbyVendor};
use crosscheck::deployment::CliError;

pub(super) struct AshbyVendor {
    kind: VendorKind,
    sim: SimAshbyVendor,
}

impl AshbyVendor {
    pub(super) async fn start(kind: VendorKind) -> Result<Self, CliError> {
        Ok(Self { kind, sim: SimAshbyVendor::start().await? })
    }

    /// Status, result and whether there is a page to link to, in this vendor's words.
    fn words(&self, milestone: Milestone) -> (&'static str, Option<&'static str>) {
        let [in_progress, complete] = match self.kind {
            VendorKind::Justifacts => ["in process justifacts", "complete"],
            _ => ["In progress", "Completed"],
        };
        match milestone {
            Milestone::InProgress | Milestone::Reopened | Milestone::Cancelled => (in_progress, None),
            Milestone::Clear => (complete, Some("Clear")),
            Milestone::Review => (complete, Some("Review")),
        }
    }
}

#[async_trait]
impl PlaysVendor for AshbyVendor {
    fn kind(&self) -> VendorKind {
        self.kind
    }

    fn base_url(&self) -> String {
        self.sim.base_url()
    }

    fn key(&self) -> String {
        self.sim.token()
    }

    async fn connect(&self, connection: &Connection, keys: &StoredKeys) -> Result<(), CliError> {
        self.sim.configure_callback(&connection.callback_url(), &keys.callback_secret);
        Ok(())
    }

    async fn reaches(&self, vendor_ref: &str, milestone: Milestone) -> Result<Vec<u16>, CliError> {
        if milestone == Milestone::Cancelled {
            return self.sim.vendor_cancels(vendor_ref, "The candidate withdrew").await.map_err(wrong);
        }
        let (status, result) = self.words(milestone);
        let page = format!("https://reports.example.com/{vendor_ref}");
        self.sim.vendor_moves(vendor_ref, status, result, result.map(|_| page.as_str())).await.map_err(wrong)
    }

    /// A row that tells a result comes as the result of a completed check.
    async fn says(&self, vendor_ref: &str, row: &StatusRow) -> Result<Vec<u16>, CliError> {
        let is_result = matches!(row.outcome, Outcome::Clear | Outcome::Review | Outcome::Adverse);
        let (status, result) = if is_result { ("complete", Some(row.word)) } else { (row.word, None) };
        self.sim.vendor_moves(vendor_ref, status, result, None).await.map_err(wrong)
    }

    async fn replays(&self, vendor_ref: &str, nth: usize) -> Result<Vec<u16>, CliError> {
        self.sim.replay(vendor_ref, nth).await.map_err(wrong)
    }

    async fn sends_again(&self) -> Vec<u16> {
        self.sim.redeliver().await
    }

    fn set_delivery(&self, delivery: Delivery) {
        self.sim.set_delivery(delivery);
    }

    async fn releases(&self, backwards: bool) -> Vec<u16> {
        if backwards { self.sim.release_held_backwards().await } else { self.sim.release_held().await }
    }

    fn newest(&self) -> Option<String> {
        self.sim.orders().pop().map(|order| order.assessment_id)
    }

    fn creates(&self) -> usize {
        self.sim.creates()
    }

    fn requests(&self) -> Vec<Logged> {
        self.sim.requests()
    }

    fn violations(&self) -> Vec<String> {
        self.sim.violations()
    }

    fn faults(&self) -> &Faults {
        self.sim.faults()
    }

    fn buying(&self) -> &'static str {
        "assessment.start"
    }
}

fn update(check: Option<&str>, milliseconds: i64, word: &str) -> Letter {
    let status = json!({ "identifier": "status", "label": "Status", "type": "string", "value": word });
    let body = json!({ "assessment_id": check, "timestamp": milliseconds, "assessment_status": status });
    Letter::post("/assessment.update", body)
}

impl WritesLetters for AshbyVendor {
    fn at_work(&self, _order: &str, check: &str, now: Timestamp) -> Letter {
        update(Some(check), now.as_millisecond(), self.words(Milestone::InProgress).0)
    }

    fn says_word(&self, row: &StatusRow, word: &str) -> Option<Letter> {
        let field = self.kind.setup().result_field(row).unwrap_or("assessment_status");
        Some(Letter::post("/assessment.update", json!({ "assessment_id": "a", field: { "value": word } })))
    }

    /// A callback has the vendor's id alone, which may still be on its way: it has to come again.
    fn answers(&self) -> Answers {
        Answers { unknown_order: 503, overtaking: 503, code: "/errorInfo/code", ..Answers::PLAIN }
    }

    fn needed(&self) -> Needed {
        &[(&["/assessment_id"], "`assessment_id`"), (&["/assessment_status"], "`assessment_status`")]
    }

    fn free_words(&self) -> &'static [&'static str] {
        &["/assessment_status/value", "/assessment_result", "/cancelled_reason"]
    }

    fn calls_below(&self, order: &Order) -> Vec<Letter> {
        let completed = update(order.placement.vendor_ref(), 1_790_000_000_000, "complete");
        vec![Letter::post("/candidate.info", json!({ "id": order.id.to_string() })), completed]
    }
}
