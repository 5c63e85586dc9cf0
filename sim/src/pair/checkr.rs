//! Checkr's part in a play.

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::json;
use shared::connection::Connection;
use shared::secrets::StoredKeys;
use shared::vendor::{StatusRow, VendorKind};

use super::letter::{Answers, Letter, Needed, Strange, WritesLetters};
use super::vendor::{Milestone, PlaysVendor, no_check, wrong};
use crate::Delivery;
use crate::Logged;
use crate::checkr::Ordered;
use crate::sign::mac_hex;
use crate::{Fault, Faults, Reply, SimCheckr};
use crosscheck::deployment::CliError;

pub(super) struct Checkr {
    sim: SimCheckr,
}

impl Checkr {
    pub(super) async fn start() -> Result<Self, CliError> {
        Ok(Self { sim: SimCheckr::start().await? })
    }

    fn order(&self, candidate_id: &str) -> Result<Ordered, CliError> {
        self.sim.orders().into_iter().find(|o| o.candidate_id == candidate_id).ok_or_else(|| no_check(candidate_id))
    }

    /// The report of a check whose candidate has handed in the form, which they do now if they have not.
    async fn report(&self, order: &Ordered) -> Result<String, CliError> {
        match &order.report_id {
            Some(report) => Ok(report.clone()),
            None => self.sim.candidate_completes_form(&order.invitation_id).await.map_err(wrong),
        }
    }
}

#[async_trait]
impl PlaysVendor for Checkr {
    fn kind(&self) -> VendorKind {
        VendorKind::Checkr
    }

    fn base_url(&self) -> String {
        self.sim.base_url()
    }

    fn key(&self) -> String {
        self.sim.api_key()
    }

    async fn connect(&self, connection: &Connection, _keys: &StoredKeys) -> Result<(), CliError> {
        self.sim.configure_webhook(&connection.callback_url());
        self.sim.set_include_object(true);
        Ok(())
    }

    async fn reaches(&self, vendor_ref: &str, milestone: Milestone) -> Result<Vec<u16>, CliError> {
        let order = self.order(vendor_ref)?;
        if milestone == Milestone::Cancelled && order.report_id.is_none() {
            return self.sim.dashboard_cancels(&order.invitation_id).await.map_err(wrong);
        }
        let report = self.report(&order).await?;
        match milestone {
            Milestone::InProgress => self.sim.report_becomes(&report, "pending", None).await,
            Milestone::Clear => self.sim.report_becomes(&report, "complete", Some("clear")).await,
            Milestone::Review => self.sim.report_becomes(&report, "complete", Some("consider")).await,
            Milestone::Reopened => self.sim.reopen(&report).await,
            Milestone::Cancelled => self.sim.report_becomes(&report, "canceled", None).await,
        }
        .map_err(wrong)
    }

    /// The words are an object and its status, and for a report a result: `Report complete: clear`.
    async fn says(&self, vendor_ref: &str, row: &StatusRow) -> Result<Vec<u16>, CliError> {
        let order = self.order(vendor_ref)?;
        match row.word.split_once(' ') {
            Some(("Report", status)) => {
                let report = self.report(&order).await?;
                let (status, result) = status.split_once(": ").map_or((status, None), |(s, r)| (s, Some(r)));
                self.sim.report_becomes(&report, status, result).await.map_err(wrong)
            }
            Some(("Invitation", "pending")) => Ok(self.sim.deliver_waiting().await),
            Some(("Invitation", "expired")) => self.sim.expire_invitation(&order.invitation_id).await.map_err(wrong),
            Some(("Invitation", "deleted")) => self.sim.dashboard_cancels(&order.invitation_id).await.map_err(wrong),
            _ => Err(wrong(format!("Checkr is never at {}", row.word))),
        }
    }

    /// Events about the report, which is what they are about for most of a check's life.
    async fn replays(&self, vendor_ref: &str, nth: usize) -> Result<Vec<u16>, CliError> {
        let order = self.order(vendor_ref)?;
        self.sim.replay(&order.report_id.unwrap_or(order.invitation_id), nth).await.map_err(wrong)
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
        self.sim.orders().pop().map(|order| order.candidate_id)
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
        "invitations.create"
    }

    /// 409 to an invitation says that the same request is still at work.
    fn refuses_duplicates(&self) -> bool {
        false
    }

    /// A report is at some word only after the candidate has handed in the form.
    fn begins_with_words(&self) -> bool {
        true
    }

    /// Events about a report begin with the one that made it.
    fn callback_of_result(&self) -> usize {
        1
    }

    fn only_listed(&self, vendor_ref: &str, row: &StatusRow) -> Option<(&'static str, Fault)> {
        let status =
            row.word.strip_prefix("Invitation ").filter(|status| matches!(*status, "completed" | "canceled"))?;
        let listed = json!({ "id": "ae4a2b1c9d3e4f5061728394", "object": "invitation", "status": status,
            "candidate_id": vendor_ref, "deleted_at": null, "created_at": "2026-11-21T09:00:00Z" });
        let list = Reply::json(200, &json!({ "data": [listed], "next_href": null }));
        Some(("invitations.list", Fault::Answer(list)))
    }

    fn checkr(&self) -> Option<&SimCheckr> {
        Some(&self.sim)
    }
}

impl WritesLetters for Checkr {
    fn at_work(&self, _order: &str, check: &str, _now: Timestamp) -> Letter {
        let object = json!({ "id": "e44aa283528e6fde7d542194", "object": "report", "status": "pending",
            "result": null, "candidate_id": check });
        let body = json!({ "id": "507f1f77bcf86cd799439011", "object": "event", "type": "report.updated",
            "created_at": "2026-11-21T09:00:00Z", "data": { "object": object } });
        Letter::post("", body)
    }

    fn says_word(&self, _row: &StatusRow, _word: &str) -> Option<Letter> {
        None
    }

    fn secret(&self, _callback_secret: &str) -> String {
        self.sim.api_key()
    }

    fn proof(&self, secret: &str, body: &str) -> (&'static str, String) {
        ("x-checkr-signature", mac_hex(secret, body))
    }

    /// Anything but a 2xx would be sent again 34 times.
    fn answers(&self) -> Answers {
        Answers { unknown_order: 200, unknown_call: 200, ..Answers::PLAIN }
    }

    fn needed(&self) -> Needed {
        &[(&["/data"], "`data.object`"), (&["/data/object"], "`data.object`")]
    }

    fn strange(&self) -> Strange {
        Strange {
            words: ["Report quantum flux", "Report clear pending review", "Report complete: sparkling", "Report pass"],
            quotes: [
                "Report waiting for Asha RAO, asha1@example.com",
                "Report call +91 98765 00001 today",
                "Report rao/asha (9876500001)",
            ],
        }
    }
}
