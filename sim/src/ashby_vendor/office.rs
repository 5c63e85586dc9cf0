//! What the vendor knows: what can be ordered, what was ordered, and what it has reported.

use super::super::{SimError, new_id};
use super::start::Start;
use super::updates::Updates;
use serde_json::{Value, json};

/// One type of check as `assessment.list` gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// A UUID.
    pub assessment_type_id: String,
    /// What the picker shows.
    pub name: String,
    /// What it explains.
    pub description: String,
}

/// What a second start for the same application and type does while the first is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnRepeat {
    /// The same id again: the vendor is idempotent.
    #[default]
    SameOrder,
    /// 409, the answer Ashby documents for a candidate who is already being assessed.
    Conflict,
    /// Another order, and another charge.
    NewOrder,
}

/// An order as the vendor's staff sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ordered {
    /// The id the vendor gave.
    pub assessment_id: String,
    /// The number on the vendor's own pages.
    pub order_number: u32,
    /// What was ordered.
    pub assessment_type_id: String,
    /// Ashby's id of the candidate.
    pub candidate_id: String,
    /// First and last name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// Ashby's id of the application.
    pub application_id: String,
    /// What the order carried besides; `Null` if nothing.
    pub additional_fields: Value,
    /// The vendor's status word.
    pub status: String,
    /// The vendor's result word.
    pub result: Option<String>,
    /// Whether it was cancelled, by either side.
    pub cancelled: bool,
}

impl Ordered {
    pub(super) fn is_open(&self) -> bool {
        self.result.is_none() && !self.cancelled
    }
}

#[derive(Debug)]
pub(super) struct Office {
    /// With the path the customer pastes, and a slash at its end.
    pub(super) base_url: String,
    pub(super) token: String,
    pub(super) packages: Vec<Package>,
    pub(super) orders: Vec<Ordered>,
    pub(super) on_repeat: OnRepeat,
    /// Whether answers to start and cancel carry the first and the last update.
    pub(super) update_in_answer: bool,
    /// The reason every start is refused for, if it is.
    pub(super) refuses: Option<String>,
    pub(super) creates: usize,
    pub(super) violations: Vec<String>,
    pub(super) updates: Updates,
    last_number: u32,
}

impl Office {
    pub(super) fn new() -> Self {
        let package = |name: &str, description: &str| Package {
            assessment_type_id: uuid::Uuid::now_v7().to_string(),
            name: name.into(),
            description: description.into(),
        };
        Self {
            base_url: String::new(),
            token: new_id(),
            packages: vec![package("Standard", "Criminal record and identity"), package("Employment", "")],
            orders: Vec::new(),
            on_repeat: OnRepeat::default(),
            update_in_answer: false,
            refuses: None,
            creates: 0,
            violations: Vec::new(),
            updates: Updates::default(),
            last_number: 2_077_774,
        }
    }

    pub(super) fn violation(&mut self, operation: &str, problem: impl std::fmt::Display) {
        self.violations.push(format!("{operation}: {problem}"));
    }

    /// The open order for the same application and type.
    pub(super) fn open_double(&self, start: &Start) -> Option<&Ordered> {
        self.orders.iter().find(|one| {
            one.is_open()
                && one.application_id == start.application_id
                && one.assessment_type_id == start.assessment_type_id
        })
    }

    /// A new order, paid for.
    pub(super) fn add(&mut self, start: Start) -> String {
        self.creates += 1;
        self.last_number += 1;
        let assessment_id = new_id();
        self.orders.push(Ordered {
            assessment_id: assessment_id.clone(),
            order_number: self.last_number,
            assessment_type_id: start.assessment_type_id,
            candidate_id: start.candidate_id,
            name: start.name,
            email: start.email,
            application_id: start.application_id,
            additional_fields: start.additional_fields,
            status: super::STATUSES[0].into(),
            result: None,
            cancelled: false,
        });
        assessment_id
    }

    pub(super) fn order(&self, id: &str) -> Option<&Ordered> {
        self.orders.iter().find(|one| one.assessment_id == id)
    }

    pub(super) fn order_mut(&mut self, id: &str) -> Result<&mut Ordered, SimError> {
        let found = self.orders.iter_mut().find(|one| one.assessment_id == id);
        found.ok_or_else(|| SimError::unknown("assessment", id))
    }

    /// Sets words and returns the update that tells of them. A result without a link gets the
    /// vendor's own, since Ashby asks for one.
    pub(super) fn moves(
        &mut self,
        id: &str,
        status: &str,
        result: Option<&str>,
        link: Option<&str>,
    ) -> Result<Value, SimError> {
        let base_url = self.base_url.clone();
        let order = self.order_mut(id)?;
        status.clone_into(&mut order.status);
        order.result = result.map(str::to_owned).or(order.result.take());
        let own = format!("{base_url}results/{}", order.order_number);
        let link = link.map(str::to_owned).or_else(|| result.map(|_| own));
        let mut update = self.updates.stamped(id);
        set(&mut update, "assessment_status", value("status", "Status", "string", status));
        if let Some(link) = link {
            set(&mut update, "assessment_profile_url", value("result_url", "Result", "url", &link));
        }
        if let Some(result) = result {
            set(&mut update, "assessment_result", value("result", "Result", "string", result));
        }
        Ok(update)
    }

    /// Returns an update with the status word as it is, and with what else the vendor has to say.
    pub(super) fn adds(&mut self, id: &str, rows: Value, result: Option<Value>) -> Result<Value, SimError> {
        let status = self.order_mut(id)?.status.clone();
        let mut update = self.moves(id, &status, None, None)?;
        set(&mut update, "metadata", rows);
        if let Some(result) = result {
            set(&mut update, "assessment_result", result);
        }
        Ok(update)
    }

    /// Cancels and returns the update that tells of it.
    pub(super) fn cancels(&mut self, id: &str, reason: &str) -> Result<Value, SimError> {
        self.order_mut(id)?.cancelled = true;
        let mut update = self.updates.stamped(id);
        set(&mut update, "cancelled_reason", value("cancelled_reason", "Cancelled", "string", reason));
        Ok(update)
    }
}

fn value(identifier: &str, label: &str, kind: &str, value: &str) -> Value {
    json!({"identifier": identifier, "label": label, "type": kind, "value": value})
}

fn set(update: &mut Value, key: &str, value: Value) {
    if let Some(update) = update.as_object_mut() {
        update.insert(key.into(), value);
    }
}
