//! The card of one result on the candidate's page: what a recruiter sees.

use super::attributes::seconds;
use serde_json::{Map, Value, json};

/// As much of the summary as the card has room for.
const CARD_SUMMARY_CHARS: usize = 150;

/// What a recruiter sees of one result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// One of `sending`, `sent`, `pending`, `completed` and `failed`.
    pub status: String,
    /// The summary in full.
    pub summary: Option<String>,
    /// The first 150 characters of it, as they stand on the card.
    pub card_summary: Option<String>,
    /// The score out of 100.
    pub score: Option<u64>,
    /// The grade.
    pub grade: Option<String>,
    /// The duration in seconds.
    pub duration_s: Option<u64>,
    /// Where "See results" leads.
    pub url: Option<String>,
    /// What the activity log calls it.
    pub label: Option<String>,
    /// What "View details" shows: an object, `{}` at first.
    pub details: Value,
    /// The file chips.
    pub attachments: Vec<Attachment>,
    /// The buttons.
    pub actions: Vec<Action>,
    /// What moves stages: an object, `{}` at first. It is not shown to anybody.
    pub criteria: Value,
    /// The scores by criterion, as they were given.
    pub assessment_criteria: Value,
    /// The text the partner gave in place of taking the event; empty if it gave none.
    pub error: Option<String>,
    /// How many updates were applied, those inside answers included.
    pub updates: usize,
    /// The attributes of the applied updates, in order.
    pub history: Vec<Value>,
    /// The stage the candidate is in; `None` without a job.
    pub stage: Option<String>,
}

/// A file chip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// What the recruiter's browser opens.
    pub url: String,
    /// What the chip says.
    pub description: String,
}

/// A button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What the button says.
    pub text: String,
    /// The path below the base URL that a click calls.
    pub endpoint: String,
}

/// One result, as it is stored.
#[derive(Clone, Debug)]
pub(super) struct PartnerResult {
    pub(super) id: String,
    pub(super) company: String,
    pub(super) candidate: i64,
    pub(super) event: String,
    /// The stage whose rules apply; none without a job.
    pub(super) sent_in: Option<String>,
    pub(super) attributes: Map<String, Value>,
    pub(super) error: Option<String>,
    pub(super) history: Vec<Value>,
}

impl PartnerResult {
    pub(super) fn status(&self) -> &str {
        self.attributes.get("status").and_then(Value::as_str).unwrap_or("sending")
    }

    /// What an update leaves out stays as it was; what it names is replaced as a whole.
    pub(super) fn apply(&mut self, attributes: &Map<String, Value>) {
        self.history.push(Value::Object(attributes.clone()));
        self.attributes.extend(attributes.clone());
        if let Some(duration) = self.attributes.get_mut("assessment").and_then(|whole| whole.get_mut("duration")) {
            *duration = seconds(duration).into();
        }
    }

    fn text(&self, key: &str) -> Option<String> {
        self.attributes.get(key).and_then(Value::as_str).map(str::to_owned)
    }

    fn assessment(&self, key: &str) -> &Value {
        self.attributes.get("assessment").and_then(|whole| whole.get(key)).unwrap_or(&Value::Null)
    }

    fn given(&self, key: &str, otherwise: Value) -> Value {
        self.attributes.get(key).cloned().unwrap_or(otherwise)
    }

    fn pairs(&self, key: &str, first: &str, second: &str) -> Vec<(String, String)> {
        let text = |one: &Value, key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let list = self.attributes.get(key).and_then(Value::as_array);
        list.into_iter().flatten().map(|one| (text(one, first), text(one, second))).collect()
    }

    pub(super) fn actions(&self) -> Vec<Action> {
        let pairs = self.pairs("actions", "buttonText", "endpoint").into_iter();
        pairs.map(|(text, endpoint)| Action { text, endpoint }).collect()
    }

    pub(super) fn shown(&self, stage: Option<String>) -> Shown {
        let summary = self.text("summary");
        let attachments = self.pairs("attachments", "url", "description").into_iter();
        Shown {
            status: self.status().into(),
            card_summary: summary.as_ref().map(|text| text.chars().take(CARD_SUMMARY_CHARS).collect()),
            summary,
            score: self.assessment("score").as_u64(),
            grade: self.assessment("grade").as_str().map(str::to_owned),
            duration_s: self.assessment("duration").as_u64(),
            url: self.text("url"),
            label: self.text("label"),
            details: self.given("details", json!({})),
            attachments: attachments.map(|(url, description)| Attachment { url, description }).collect(),
            actions: self.actions(),
            criteria: self.given("criteria", json!({})),
            assessment_criteria: self.given("assessment-criteria", json!([])),
            error: self.error.clone(),
            updates: self.history.len(),
            history: self.history.clone(),
            stage,
        }
    }

    /// The JSON:API resource.
    pub(super) fn resource(&self, base_url: &str) -> Value {
        let part = |key| self.assessment(key);
        json!({
            "id": self.id, "type": "partner-results",
            "links": {"self": format!("{base_url}/partner/v1/partner-results/{}", self.id)},
            "attributes": {
                "status": self.status(), "candidate-id": self.candidate,
                "job-id": self.attributes.get("job-id"), "label": self.attributes.get("label"),
                "summary": self.attributes.get("summary"), "url": self.attributes.get("url"),
                "assessment": {"score": part("score"), "grade": part("grade"), "duration": part("duration")},
                "details": self.given("details", json!({})),
                "attachments": self.attributes.get("attachments"), "actions": self.given("actions", json!([])),
                "assessment-criteria": self.given("assessment-criteria", json!([])),
                "criteria": self.given("criteria", json!({})),
            },
        })
    }
}
