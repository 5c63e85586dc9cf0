//! The part of a vendor behind `StackOne`.

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use shared::connection::Connection;
use shared::order::{Order, OrderId, Outcome};
use shared::secrets::StoredKeys;
use shared::vendor::{StatusRow, VendorKind};

use super::letter::{Answers, Letter, WritesLetters};
use super::vendor::{Milestone, PlaysVendor, wrong};
use crate::Delivery;
use crate::Logged;
use crate::{Faults, SimStackOneVendor};
use crosscheck::deployment::CliError;

pub(super) struct StackOneVendor {
    sim: SimStackOneVendor,
}

impl StackOneVendor {
    pub(super) async fn start() -> Result<Self, CliError> {
        Ok(Self { sim: SimStackOneVendor::start().await? })
    }
}

#[async_trait]
impl PlaysVendor for StackOneVendor {
    fn kind(&self) -> VendorKind {
        VendorKind::StackOne
    }

    fn base_url(&self) -> String {
        self.sim.base_url()
    }

    fn key(&self) -> String {
        self.sim.key()
    }

    /// The vendor switches over by its base URL and key, then puts its packages on our list.
    async fn connect(&self, connection: &Connection, keys: &StoredKeys) -> Result<(), CliError> {
        let (url, id) = (connection.callback_url(), connection.id.to_string());
        self.sim.configure(&url, &keys.callback_secret, &id, &keys.signing_secret);
        let answers = self.sim.pushes_packages(&[("Standard", "Identity and address")]).await.map_err(wrong)?;
        match answers.iter().find(|answer| !answer.is_ok()) {
            Some(refused) => Err(wrong(&refused.text)),
            None => Ok(()),
        }
    }

    async fn reaches(&self, vendor_ref: &str, milestone: Milestone) -> Result<Vec<u16>, CliError> {
        let (value, source_value) = match milestone {
            Milestone::InProgress | Milestone::Reopened => ("in_progress", "In progress"),
            Milestone::Clear => ("passed", "Passed"),
            Milestone::Review => ("failed", "Failed"),
            Milestone::Cancelled => ("cancelled", "Cancelled"),
        };
        let extras = match milestone {
            Milestone::Clear | Milestone::Review => {
                json!({ "result_url": format!("https://reports.example.com/{vendor_ref}") })
            }
            _ => json!({}),
        };
        self.sim.vendor_moves(vendor_ref, value, Some(source_value), &extras).await.map_err(wrong)
    }

    async fn says(&self, vendor_ref: &str, row: &StatusRow) -> Result<Vec<u16>, CliError> {
        self.sim.vendor_moves(vendor_ref, row.word, Some(row.word), &json!({})).await.map_err(wrong)
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
        self.sim.orders().pop().map(|order| order.order_id)
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
        "webhook"
    }

    /// The protocol has no word between passed and failed.
    fn finding(&self) -> Outcome {
        Outcome::Adverse
    }

    /// An acknowledgement is all that the protocol promises.
    fn takes_any_success(&self) -> bool {
        true
    }
}

fn call(method: Method, path: &str, body: Value) -> Letter {
    Letter { method, path: format!("/unified/ats/{path}"), body }
}

fn result(order: &str, value: &str, source_value: &str) -> Letter {
    let body = json!({ "result": { "value": value, "source_value": source_value } });
    call(Method::PATCH, &format!("background_checks/orders/{order}/result"), body)
}

impl WritesLetters for StackOneVendor {
    fn at_work(&self, order: &str, _check: &str, _now: Timestamp) -> Letter {
        result(order, "in_progress", "In progress")
    }

    fn says_word(&self, _row: &StatusRow, word: &str) -> Option<Letter> {
        let mut said = result(&OrderId::generate().to_string(), word, "");
        said.body = json!({ "result": { "value": word } });
        Some(said)
    }

    fn answers(&self) -> Answers {
        Answers { code: "/errorCode", ..Answers::PLAIN }
    }

    fn free_words(&self) -> &'static [&'static str] {
        &["/result/source_value", "/result/value", "/summary"]
    }

    fn calls_below(&self, order: &Order) -> Vec<Letter> {
        let (id, package) = (order.id.to_string(), &order.package.id);
        let named = json!({ "name": "Mallory's" });
        let mut calls = Vec::new();
        for kind in ["background_checks", "assessments"] {
            let (packages, one) = (format!("{kind}/packages"), format!("{kind}/packages/{package}"));
            let passed = json!({ "result": { "value": "passed", "source_value": "Passed" } });
            calls.extend([
                call(Method::GET, &packages, Value::Null),
                call(Method::POST, &packages, named.clone()),
                call(Method::PATCH, &one, named.clone()),
                call(Method::DELETE, &one, Value::Null),
                call(Method::GET, &format!("{kind}/orders/{id}"), Value::Null),
                call(Method::PATCH, &format!("{kind}/orders/{id}/result"), passed),
            ]);
        }
        calls
            .extend(["candidates", "applications"].map(|kind| call(Method::GET, &format!("{kind}/{id}"), Value::Null)));
        calls
    }
}
