//! What one SmartRecruiters remembers of its partner and its customers, and the rules it holds both to.

use super::people::People;
use super::refusal::Refused;
use super::tokens::{Pair, Tokens};
use super::traffic::Traffic;
use super::wire;
use super::{IdInUrl, RequesterHeader};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

pub(super) const CONFIGURATION: &str = "partner/configuration";
pub(super) const INTEGRATION: &str = "integration/company";
pub(super) const RESULTS: &str = "orders/results";

/// One customer.
#[derive(Default)]
pub(super) struct Company {
    pub(super) consented: bool,
    pub(super) integration: Option<Integration>,
    /// Of each package the partner ever showed this customer, its assessments.
    pub(super) packages: BTreeMap<String, BTreeSet<String>>,
}

/// The partner's half of a connection.
pub(super) struct Integration {
    pub(super) pair: Pair,
    /// The token obtained with the pair, until it expires.
    pub(super) token: Option<(String, Instant)>,
}

/// One order, known from before the call that places it.
pub(super) struct Order {
    pub(super) company: String,
    pub(super) package_id: String,
    pub(super) url: String,
    pub(super) body: Value,
    /// For inline orders, whether the applicant has come back; `None` for the others.
    pub(super) finished: Option<bool>,
    pub(super) result: Value,
    pub(super) history: Vec<Value>,
}

/// What is not public, and is played one way or the other.
#[derive(Default)]
pub(super) struct Ways {
    pub(super) merge_patch_only: bool,
    pub(super) orders_are_short: bool,
    pub(super) hide_unfinished_inline: bool,
    pub(super) id_in_url: IdInUrl,
    pub(super) requester_header: RequesterHeader,
}

pub(super) struct State {
    pub(super) base_url: String,
    pub(super) tokens: Tokens,
    pub(super) configuration: Option<Value>,
    pub(super) companies: BTreeMap<String, Company>,
    pub(super) people: People,
    pub(super) orders: BTreeMap<String, Order>,
    pub(super) field_values: BTreeMap<String, String>,
    pub(super) ways: Ways,
    pub(super) traffic: Traffic,
    pub(super) violations: Vec<String>,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            base_url: String::new(),
            tokens: Tokens::new(),
            configuration: None,
            companies: BTreeMap::new(),
            people: People::new(),
            orders: BTreeMap::new(),
            field_values: BTreeMap::new(),
            ways: Ways::default(),
            traffic: Traffic::default(),
            violations: Vec::new(),
        }
    }

    pub(super) fn violation(&mut self, operation: &str, problem: impl std::fmt::Display) {
        self.violations.push(format!("{operation}: {problem}"));
    }

    pub(super) fn violations(&mut self, operation: &str, problems: Vec<String>) {
        for problem in problems {
            self.violation(operation, problem);
        }
    }

    /// Notes every problem and refuses; nothing is wrong if there is none.
    fn refuse_if_any(&mut self, operation: &str, problems: Vec<String>) -> Result<(), Refused> {
        let message = problems.join("; ");
        let any = !problems.is_empty();
        self.violations(operation, problems);
        if any { Err(Refused::new(400, "INVALID_REQUEST", message)) } else { Ok(()) }
    }

    pub(super) fn configure(&mut self, body: Value) -> Result<Value, Refused> {
        self.refuse_if_any(CONFIGURATION, wire::configuration_problems(&body))?;
        self.configuration = Some(body.clone());
        Ok(body)
    }

    /// One address of the configuration.
    pub(super) fn configured(&self, name: &str) -> Option<String> {
        let url = self.configuration.as_ref()?.get(name)?.as_str()?;
        Some(url.to_owned())
    }

    /// The mapped custom fields that have a value, by the partner's ids for them.
    pub(super) fn mapped_fields(&self) -> Vec<(String, String)> {
        let configured = self.configuration.as_ref().and_then(|one| one.get("fields")).and_then(Value::as_array);
        let ids = configured.into_iter().flatten().filter_map(|field| field.get("id").and_then(Value::as_str));
        ids.filter_map(|id| Some((id.to_owned(), self.field_values.get(id)?.clone()))).collect()
    }

    /// Takes the partner's pair for a company and gives the one answer that holds SmartRecruiters' own.
    pub(super) fn integrate(&mut self, company: &str, body: &Value) -> Result<Value, Refused> {
        self.refuse_if_any(INTEGRATION, wire::credentials_problems(body))?;
        let text = |name| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let pair = Pair { id: text("clientId"), secret: text("clientSecret") };
        if !self.companies.get(company).is_some_and(|one| one.consented) {
            return Err(Refused::new(403, "CONSENT_MISSING", "The company did not give its consent"));
        }
        if self.configuration.is_none() {
            return Err(Refused::new(404, "CONFIGURATION_NOT_FOUND", "Partner configuration is missing"));
        }
        let integrated = |one: &Company| one.integration.is_some();
        if self.companies.get(company).is_some_and(integrated) {
            return Err(Refused::new(409, "ALREADY_INTEGRATED", "The company is already integrated"));
        }
        let mut others = self.companies.values().filter_map(|one| one.integration.as_ref());
        if others.any(|other| other.pair.id == pair.id) {
            self.violation(INTEGRATION, "the pair is another company's, and the package list names no company");
        }
        let own = self.tokens.register(company);
        self.companies.entry(company.to_owned()).or_default().integration = Some(Integration { pair, token: None });
        Ok(json!({"clientId": own.id, "clientSecret": own.secret}))
    }

    /// Ends a connection on this side: neither pair is good any more, and consent has to be given anew.
    pub(super) fn disconnect(&mut self, company: &str) {
        self.companies.remove(company);
        self.tokens.revoke(company);
    }

    /// Merges a patch into an order's result and gives the result in full.
    pub(super) fn patch(&mut self, company: &str, order_id: &str, patch: &Value) -> Result<Value, Refused> {
        let Some(order) = self.orders.get(order_id) else { return Err(no_such_order()) };
        if order.company != company {
            self.violation(RESULTS, "the order is another company's");
            return Err(Refused::new(403, "FORBIDDEN", "The order is another company's"));
        }
        if self.ways.hide_unfinished_inline && order.finished == Some(false) {
            return Err(no_such_order());
        }
        if !patch.is_object() {
            return self.refuse_if_any(RESULTS, vec!["the patch is not an object".into()]).map(|()| Value::Null);
        }
        let mut merged = order.result.clone();
        wire::merge(&mut merged, patch);
        let mut problems = wire::result_problems(&merged);
        // A null for a field that does not exist leaves no trace in what was merged.
        let mut unknown = wire::result_problems(patch);
        unknown.retain(|one| one.ends_with("is no field of it") && !problems.contains(one));
        problems.extend(unknown);
        problems.extend(self.foreign_assessments(company, &order.package_id, &merged));
        self.refuse_if_any(RESULTS, problems)?;
        if let Some(order) = self.orders.get_mut(order_id) {
            order.result = merged.clone();
            order.history.push(patch.clone());
        }
        Ok(merged)
    }

    /// Results of assessments that the package does not have, if the package was ever shown.
    fn foreign_assessments(&self, company: &str, package_id: &str, result: &Value) -> Vec<String> {
        let Some(known) = self.companies.get(company).and_then(|one| one.packages.get(package_id)) else {
            return Vec::new();
        };
        let parts = result.get("assessmentResults").and_then(Value::as_array);
        let ids = parts.into_iter().flatten().filter_map(|part| part.get("assessmentId").and_then(Value::as_str));
        let foreign = ids.filter(|id| !known.contains(*id));
        foreign.map(|id| format!("package {package_id:?} has no assessment {id:?}")).collect()
    }
}

fn no_such_order() -> Refused {
    Refused::new(404, "ORDER_NOT_FOUND", "There is no such order")
}
