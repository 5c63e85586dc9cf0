//! What one Ashby organisation remembers, and the rules an update must keep to change it.

use super::card::Shown;
use super::completed;
use super::new_id;
use super::people::People;
use super::refusal::{ErrorShape, Refused};
use super::update::{self, Update};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// One assessment that was started.
#[derive(Clone, Debug)]
struct Assessment {
    last_timestamp: Option<i64>,
    shown: Shown,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) api_key: String,
    pub(super) scopes: Vec<String>,
    pub(super) error_shape: ErrorShape,
    /// Whether an update after the end is refused: no public source says what Ashby does.
    pub(super) closed_means_closed: bool,
    pub(super) people: People,
    pub(super) picker: Vec<Value>,
    pub(super) custom_fields: Vec<Value>,
    pub(super) violations: Vec<String>,
    assessments: BTreeMap<String, Assessment>,
    /// The type each identifier had first: one identifier must keep one meaning.
    meanings: HashMap<String, String>,
}

impl State {
    pub(super) fn new() -> Self {
        let scopes = ["candidates:read", "candidates:write", "apiKeys:read"];
        Self {
            api_key: new_id(),
            scopes: scopes.map(str::to_owned).to_vec(),
            error_shape: ErrorShape::default(),
            closed_means_closed: false,
            people: People::default(),
            picker: Vec::new(),
            custom_fields: Vec::new(),
            violations: Vec::new(),
            assessments: BTreeMap::new(),
            meanings: HashMap::new(),
        }
    }

    pub(super) fn violation(&mut self, operation: &str, problem: impl std::fmt::Display) {
        self.violations.push(format!("{operation}: {problem}"));
    }

    pub(super) fn shown(&self, assessment_id: &str) -> Option<Shown> {
        self.assessments.get(assessment_id).map(|one| one.shown.clone())
    }

    pub(super) fn assessment_ids(&self) -> Vec<String> {
        self.assessments.keys().cloned().collect()
    }

    /// Remembers a started assessment; a repeated start with the same id is the same assessment.
    pub(super) fn started(&mut self, assessment_id: &str) {
        let new = Assessment { last_timestamp: None, shown: Shown::default() };
        self.assessments.entry(assessment_id.into()).or_insert(new);
    }

    /// An `assessment.update` call.
    pub(super) fn update(&mut self, raw: &Value) -> Result<(), Refused> {
        let operation = "assessment.update";
        let update = self.read(operation, raw)?;
        self.is_later(&update).inspect_err(|refused| {
            if refused.code == STALE {
                self.violations.push(format!("{operation}: {}", refused.message));
            }
        })?;
        self.apply(operation, &update, raw);
        Ok(())
    }

    /// An `assessment.addCompletedToCandidate` call: the check is shown as if Ashby had started it, and is completed.
    /// Whether a second one with the same id is taken is not public; here it is refused.
    pub(super) fn add_completed(&mut self, raw: &Value) -> Result<Value, Refused> {
        let operation = "assessment.addCompletedToCandidate";
        let (added, problems) = completed::read(raw);
        if !problems.is_empty() {
            let message = problems.join("; ");
            for problem in problems {
                self.violation(operation, problem);
            }
            return Err(Refused::because("invalid_input", message));
        }
        if self.people.candidate_info(&added.candidate_id).is_none() {
            return Err(Refused::because("candidate_not_found", "Not found"));
        }
        let id = added.update.assessment_id.clone();
        if self.assessments.contains_key(&id) {
            return Err(Refused::because("assessment_exists", "This assessment is there already"));
        }
        self.started(&id);
        self.apply(operation, &added.update, raw);
        Ok(json!({ "assessmentId": id, "candidateId": added.candidate_id, "metadata": [] }))
    }

    /// An `update_request` inside the answer to `operation`. The answer to a repeated call is the
    /// same answer, so an old one is no violation there: it only changes nothing.
    pub(super) fn update_request(&mut self, operation: &str, assessment_id: &str, raw: &Value) {
        let Ok(update) = self.read(operation, raw) else {
            return;
        };
        if update.assessment_id != assessment_id {
            let other = &update.assessment_id;
            self.violation(operation, format!("update_request is about {other:?}, not {assessment_id:?}"));
        } else if self.is_later(&update).is_ok() {
            self.apply(operation, &update, raw);
        }
    }

    fn read(&mut self, operation: &str, raw: &Value) -> Result<Update, Refused> {
        update::read(raw).map_err(|problems| {
            let message = problems.join("; ");
            for problem in problems {
                self.violation(operation, problem);
            }
            Refused::because("invalid_input", message)
        })
    }

    fn is_later(&self, update: &Update) -> Result<(), Refused> {
        let Some(assessment) = self.assessments.get(&update.assessment_id) else {
            return Err(Refused::because("assessment_not_found", "Assessment not found"));
        };
        if let Some(last) = assessment.last_timestamp.filter(|last| update.timestamp <= *last) {
            let message = format!("timestamp {} is not after {last}", update.timestamp);
            return Err(Refused::because(STALE, message));
        }
        let closed = assessment.shown.completed || assessment.shown.cancelled;
        if closed && self.closed_means_closed {
            return Err(Refused::because("assessment_closed", "The assessment has ended"));
        }
        Ok(())
    }

    fn apply(&mut self, operation: &str, update: &Update, raw: &Value) {
        for row in update.rows() {
            let first = self.meanings.entry(row.identifier.clone()).or_insert_with(|| row.kind.clone());
            if *first != row.kind {
                let (id, kind) = (&row.identifier, &row.kind);
                self.violations.push(format!("{operation}: {id:?} was {first}, now it is {kind}"));
            }
        }
        if let Some(assessment) = self.assessments.get_mut(&update.assessment_id) {
            assessment.last_timestamp = Some(update.timestamp);
            assessment.shown.apply(update, raw);
        }
    }
}

/// The code of an update that is not newer than the last; Ashby's own word is not public.
const STALE: &str = "stale_timestamp";

#[cfg(test)]
mod tests {
    use super::*;

    fn status(timestamp: i64, kind: &str, value: &Value) -> Value {
        json!({"assessment_id": "a", "timestamp": timestamp, "assessment_status":
            {"identifier": "status", "label": "Status", "type": kind, "value": value}})
    }

    fn code(state: &mut State, raw: &Value) -> &'static str {
        state.update(raw).map_or_else(|refused| refused.code, |()| "ok")
    }

    #[test]
    fn time_moves_forward_only_and_standing_still_is_a_violation() {
        let mut state = State::new();
        state.started("a");
        assert_eq!(code(&mut state, &status(5, "string", &json!("Invited"))), "ok");
        assert_eq!(code(&mut state, &status(5, "string", &json!("Started"))), STALE);
        assert_eq!(state.violations, ["assessment.update: timestamp 5 is not after 5"]);
        assert_eq!(state.shown("a").unwrap().status.as_deref(), Some("Invited"));
    }

    #[test]
    fn an_unknown_assessment_is_refused_but_no_violation() {
        let mut state = State::new();
        let raw = status(5, "string", &json!("Invited"));
        assert_eq!(code(&mut state, &raw), "assessment_not_found");
        assert!(state.violations.is_empty());
    }

    #[test]
    fn an_identifier_that_changes_its_type_is_a_violation() {
        let mut state = State::new();
        state.started("a");
        assert_eq!(code(&mut state, &status(1, "string", &json!("1"))), "ok");
        assert_eq!(code(&mut state, &status(2, "numeric_score", &json!(1))), "ok");
        assert_eq!(state.violations.len(), 1);
    }

    #[test]
    fn an_ended_assessment_takes_amendments_unless_told_otherwise() {
        let mut state = State::new();
        state.started("a");
        let ended = json!({"assessment_id": "a", "timestamp": 1, "cancelled_reason":
            {"identifier": "reason", "label": "Reason", "type": "string", "value": "Withdrew"}});
        assert_eq!(code(&mut state, &ended), "ok");
        assert_eq!(code(&mut state, &status(2, "string", &json!("Late"))), "ok");
        state.closed_means_closed = true;
        assert_eq!(code(&mut state, &status(3, "string", &json!("Later"))), "assessment_closed");
    }
}
