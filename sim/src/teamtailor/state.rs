//! What Teamtailor remembers, and what an update does to it.

use super::super::{SimError, new_id};
use super::attributes::{self, Place};
use super::card::{PartnerResult, Shown};
use super::company::Company;
use super::event::{self, Candidate, Cause};
use super::stages::MoveRule;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The stages of every job, in order.
const STAGES: [&str; 4] = ["Inbox", "Background check", "Offer", "Hired"];
/// The stage of a new candidate.
const FIRST_STAGE: &str = "Background check";

/// One event that was sent, so that it can be sent again.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) company: String,
    pub(super) result: String,
    pub(super) body: Value,
}

/// The partner's record in the hub.
#[derive(Clone, Debug, Default)]
pub(super) struct Hub {
    /// The Partner Base URL.
    pub(super) base: String,
    /// The activation form.
    pub(super) form: Value,
    /// A config stored on the partner; while there is one, `/config` is not asked.
    pub(super) stored_config: Option<Value>,
    pub(super) dynamic_form: bool,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) api_key: String,
    pub(super) webhook_secret: String,
    pub(super) integration_id: u64,
    pub(super) own_url: String,
    /// What `update-url` starts with.
    pub(super) update_urls: String,
    pub(super) company_beside_event: bool,
    pub(super) hub: Hub,
    pub(super) companies: BTreeMap<String, Company>,
    pub(super) candidates: BTreeMap<i64, Candidate>,
    pub(super) results: BTreeMap<String, PartnerResult>,
    pub(super) events: BTreeMap<String, Event>,
    pub(super) rules: Vec<MoveRule>,
    pub(super) violations: Vec<String>,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            api_key: new_id(),
            webhook_secret: new_id(),
            integration_id: 1002,
            own_url: String::new(),
            update_urls: String::new(),
            company_beside_event: false,
            hub: Hub { form: json!({"config": {"fields": []}}), ..Hub::default() },
            companies: BTreeMap::new(),
            candidates: BTreeMap::new(),
            results: BTreeMap::new(),
            events: BTreeMap::new(),
            rules: Vec::new(),
            violations: Vec::new(),
        }
    }

    pub(super) fn violation(&mut self, operation: &str, problem: impl std::fmt::Display) {
        self.violations.push(format!("{operation}: {problem}"));
    }

    pub(super) fn all_violations(&mut self, operation: &str, problems: &[String]) {
        for problem in problems {
            self.violation(operation, problem);
        }
    }

    pub(super) fn company(&mut self, uuid: &str) -> Result<&mut Company, SimError> {
        self.companies.get_mut(uuid).ok_or_else(|| SimError::unknown("company", uuid))
    }

    pub(super) fn candidate(&mut self, id: i64) -> Result<&mut Candidate, SimError> {
        self.candidates.get_mut(&id).ok_or_else(|| SimError::unknown("candidate", id))
    }

    pub(super) fn add_candidate(&mut self, name: (&str, &str), email: &str, phone: Option<&str>) -> i64 {
        let id = 54_321 + i64::try_from(self.candidates.len()).unwrap_or_default();
        let candidate = Candidate {
            id,
            uuid: new_id(),
            first_name: name.0.into(),
            last_name: name.1.into(),
            email: email.into(),
            phone: phone.map(str::to_owned),
            stage: FIRST_STAGE.into(),
            rejected: false,
        };
        self.candidates.insert(id, candidate);
        id
    }

    /// The bearer of a company that activated the partner.
    pub(super) fn bearer(&self, company: &str) -> Result<String, SimError> {
        let known = self.companies.get(company).ok_or_else(|| SimError::unknown("company", company))?;
        let activation =
            known.activation.as_ref().ok_or_else(|| SimError::unknown("activation of company", company))?;
        Ok(known.bearer(activation, &self.api_key))
    }

    /// Makes a result and the event that asks for it; returns the event's id.
    pub(super) fn make_event(
        &mut self,
        company: &str,
        candidate: i64,
        values: &Value,
        cause: Cause,
    ) -> Result<String, SimError> {
        let told = self.company(company)?.in_event();
        let person = self.candidate(candidate)?.clone();
        let (id, result) = (new_id(), new_id());
        let update_url = format!("{}/partner/v1/partner-results/{result}", self.update_urls);
        let stage_id = STAGES.iter().position(|stage| *stage == person.stage).unwrap_or_default() + 300;
        let mut event = Map::new();
        event.insert("id".into(), id.clone().into());
        event.insert("webhook-data".into(), event::webhook_data(values).into());
        event.insert("partner-result".into(), json!({"id": result, "status": "sending", "update-url": update_url}));
        event.insert("candidate".into(), event::candidate(&person, stage_id, cause));
        let body = event::body(event, told, self.company_beside_event);
        let sent_in = (cause != Cause::Bulk).then_some(person.stage);
        let made = Event { company: company.into(), result: result.clone(), body };
        self.events.insert(id.clone(), made);
        let new = PartnerResult {
            id: result.clone(),
            company: company.into(),
            candidate,
            event: id.clone(),
            sent_in,
            attributes: Map::new(),
            error: None,
            history: Vec::new(),
        };
        self.results.insert(result, new);
        Ok(id)
    }

    /// Applies attributes if they keep every rule; says what is wrong otherwise.
    pub(super) fn update(&mut self, result: &str, attributes: &Value, place: Place) -> Result<(), Vec<String>> {
        let mut problems = attributes::problems(attributes, place);
        problems.extend(self.undeclared_criteria(result, attributes));
        let (Some(given), Some(stored), true) =
            (attributes.as_object(), self.results.get_mut(result), problems.is_empty())
        else {
            return Err(problems);
        };
        stored.apply(given);
        self.move_stage(result);
        Ok(())
    }

    /// `assessment-criteria` may only name what `/config` declared.
    fn undeclared_criteria(&self, result: &str, attributes: &Value) -> Vec<String> {
        let company = self.results.get(result).and_then(|stored| self.companies.get(&stored.company));
        let Some(known) = company.and_then(Company::criterion_ids) else {
            return Vec::new();
        };
        let given = attributes.get("assessment-criteria").and_then(Value::as_array);
        let ids = given.into_iter().flatten().map(super::fields::id).filter(|id| !known.contains(id));
        ids.map(|id| format!("assessment-criteria {id:?} was never declared")).collect()
    }

    /// After a plain 2xx the card says "Sent", unless it has said more by then.
    pub(super) fn mark_sent(&mut self, result: &str) {
        if let Some(stored) = self.results.get_mut(result).filter(|stored| stored.status() == "sending") {
            stored.attributes.insert("status".into(), "sent".into());
            self.move_stage(result);
        }
    }

    /// The first rule that matches wins, also when its stage is gone: then nobody moves.
    fn move_stage(&mut self, result: &str) {
        let Some(stored) = self.results.get(result) else {
            return;
        };
        let rule = self.rules.iter().find(|rule| rule.matches(&stored.attributes));
        let rule = rule.filter(|rule| STAGES.contains(&rule.to.as_str()));
        let candidate = self.candidates.get_mut(&stored.candidate).filter(|one| !one.rejected);
        if let (Some(rule), Some(candidate)) = (rule, candidate)
            && stored.sent_in.as_ref() == Some(&candidate.stage)
        {
            candidate.stage.clone_from(&rule.to);
        }
    }

    pub(super) fn shown(&self, result: &str) -> Option<Shown> {
        let stored = self.results.get(result)?;
        let candidate = self.candidates.get(&stored.candidate).filter(|_| stored.sent_in.is_some());
        Some(stored.shown(candidate.map(|one| one.stage.clone())))
    }
}
