//! What the vendor knows: what can be ordered, what was ordered, and where each order stands.

use super::super::{SimError, new_id};
use super::results::{Patch, Results};
use super::{API, Signing};
use serde_json::{Map, Value, json};

/// One package of the vendor's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The vendor's id on its own list, StackOne's id of a package that was pushed.
    pub id: String,
    /// What recruiters pick.
    pub name: String,
    /// What they read below it.
    pub description: String,
}

/// An order as the vendor's staff sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ordered {
    /// The order's id at StackOne: the event's `record_id`.
    pub order_id: String,
    /// The event's `webhook-id`; empty without Standard Webhooks.
    pub webhook_id: String,
    /// The order itself: `event_data` of the first event.
    pub order: Value,
    /// The name of the event.
    pub event: String,
    /// How often the event came.
    pub events: usize,
    /// The last `result.value`, once there was one.
    pub value: Option<String>,
}

#[derive(Debug)]
pub(super) struct Office {
    pub(super) key: String,
    pub(super) secrets: Vec<String>,
    pub(super) signing: Signing,
    pub(super) packages: Vec<Package>,
    pub(super) page_size: usize,
    /// Packages on StackOne's list, by the ids that StackOne gave.
    pub(super) pushed: Vec<Package>,
    pub(super) orders: Vec<Ordered>,
    pub(super) refuses: Option<String>,
    pub(super) gives_test_urls: bool,
    pub(super) violations: Vec<String>,
    pub(super) results: Results,
}

/// Where the result of an order goes, below the base URL.
pub(super) fn result_path(order_id: &str) -> String {
    format!("{API}/orders/{order_id}/result")
}

impl Office {
    pub(super) fn new() -> Self {
        let package = |name: &str, description: &str| Package {
            id: new_id(),
            name: name.into(),
            description: description.into(),
        };
        Self {
            key: new_id(),
            secrets: Vec::new(),
            signing: Signing::default(),
            packages: vec![package("Standard", "Criminal record and identity"), package("Employment", "")],
            page_size: 25,
            pushed: Vec::new(),
            orders: Vec::new(),
            refuses: None,
            gives_test_urls: false,
            violations: Vec::new(),
            results: Results::default(),
        }
    }

    pub(super) fn violation(&mut self, operation: &str, problem: impl std::fmt::Display) {
        self.violations.push(format!("{operation}: {problem}"));
    }

    pub(super) fn account_id(&self) -> Option<&str> {
        self.results.target.as_ref().map(|target| target.account_id.as_str())
    }

    /// Where the result of an order goes, once somebody plays StackOne.
    pub(super) fn result_url(&self, order_id: &str) -> Option<String> {
        let target = self.results.target.as_ref()?;
        Some(format!("{}{}", target.base_url, result_path(order_id)))
    }

    pub(super) fn keep(&mut self, id: &str, name: &str, description: &str) {
        self.pushed.retain(|one| one.id != id);
        self.pushed.push(Package { id: id.into(), name: name.into(), description: description.into() });
    }

    pub(super) fn offers(&self, package_id: &str) -> bool {
        self.packages.iter().chain(&self.pushed).any(|one| one.id == package_id)
    }

    /// Takes an order: new, or one more event for one that is there already.
    pub(super) fn take(&mut self, order_id: &str, webhook_id: &str, event: &Value) -> String {
        let twin = self.orders.iter().any(|one| one.webhook_id == webhook_id && one.order_id != order_id);
        if twin && !webhook_id.is_empty() {
            self.violation("webhook", "one webhook-id for two orders");
        }
        let at = self.orders.iter().position(|one| one.order_id == order_id);
        if let Some(known) = at.and_then(|at| self.orders.get_mut(at)) {
            known.events += 1;
            let same = known.webhook_id == webhook_id && event.get("event_data") == Some(&known.order);
            if !same {
                self.violation("webhook", "an order came again with another webhook-id or other data");
            }
            return order_id.to_owned();
        }
        self.orders.push(Ordered {
            order_id: order_id.to_owned(),
            webhook_id: webhook_id.to_owned(),
            order: event.get("event_data").cloned().unwrap_or_default(),
            event: event.get("event").and_then(Value::as_str).unwrap_or_default().to_owned(),
            events: 1,
            value: None,
        });
        order_id.to_owned()
    }

    /// Sets a result and returns the patches that are to be sent now.
    pub(super) fn moves(
        &mut self,
        order_id: &str,
        value: &str,
        source_value: Option<&str>,
        extras: &Value,
    ) -> Result<Vec<Patch>, SimError> {
        let found = self.orders.iter_mut().find(|one| one.order_id == order_id);
        found.ok_or_else(|| SimError::unknown("order", order_id))?.value = Some(value.to_owned());
        let mut fields: Map<String, Value> = extras.as_object().cloned().unwrap_or_default();
        fields.insert("result".into(), json!({"value": value, "source_value": source_value}));
        self.adds(order_id, fields.into())
    }

    /// A patch of these fields alone.
    pub(super) fn adds(&mut self, order_id: &str, body: Value) -> Result<Vec<Patch>, SimError> {
        if !self.orders.iter().any(|one| one.order_id == order_id) {
            return Err(SimError::unknown("order", order_id));
        }
        Ok(self.results.make(Patch { order_id: order_id.to_owned(), body }))
    }
}
