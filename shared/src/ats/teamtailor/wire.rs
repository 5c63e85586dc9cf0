//! Teamtailor's own field names: what a partner event brings, and what a partner result takes.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value, json};

use super::forms::{CRITERION, REOPENED};
use crate::inbound::{BadBody, read_json};
use crate::order::{Order, Outcome, Score, State, headed, job_title};

/// Longest name, address or id taken, in bytes.
const FIELD_LIMIT: usize = 320;

/// Longest label taken by Teamtailor, in characters; it refuses a longer one.
const LABEL_LIMIT: usize = 255;

/// Body of every POST. Only the event's id is required by its shape: the rest is asked for where it is needed.
#[derive(Deserialize)]
struct Body {
    #[serde(rename = "partner-event", alias = "partner_event")]
    event: Event,
    /// Where the company stands differs from document to document: inside the event, or here.
    #[serde(default)]
    company: Option<Company>,
}

/// What happened in Teamtailor.
#[derive(Deserialize)]
pub(super) struct Event {
    #[serde(deserialize_with = "text")]
    id: Option<String>,
    #[serde(default, rename = "webhook-data", alias = "webhook_data")]
    picked: Option<Value>,
    #[serde(default, rename = "partner-result", alias = "partner_result")]
    pub(super) result: Option<PartnerResult>,
    #[serde(default)]
    pub(super) candidate: Option<Candidate>,
    #[serde(default)]
    company: Option<Company>,
}

/// The card on the candidate's page that waits for our updates.
#[derive(Default, Deserialize)]
pub(super) struct PartnerResult {
    #[serde(default, deserialize_with = "text")]
    pub(super) id: Option<String>,
    #[serde(default, rename = "update-url", alias = "update_url", deserialize_with = "text")]
    pub(super) update_url: Option<String>,
}

/// The person. Bulk sends have no job.
#[derive(Default, Deserialize)]
pub(super) struct Candidate {
    #[serde(default, deserialize_with = "text")]
    pub(super) id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) uuid: Option<String>,
    #[serde(default, rename = "first-name", alias = "first_name", deserialize_with = "text")]
    pub(super) first_name: Option<String>,
    #[serde(default, rename = "last-name", alias = "last_name", deserialize_with = "text")]
    pub(super) last_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) email: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) phone: Option<String>,
    #[serde(default)]
    job: Option<Value>,
}

#[derive(Deserialize)]
struct Company {
    #[serde(default, deserialize_with = "text")]
    uuid: Option<String>,
}

/// A text, or a number where one may stand. Empty ones count as absent, longer ones than we take are refused.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Text {
        Text(String),
        Number(Number),
    }
    let found = Option::<Text>::deserialize(from)?.map(|found| match found {
        Text::Text(text) => text.trim().to_owned(),
        Text::Number(number) => number.to_string(),
    });
    match found.filter(|text| !text.is_empty()) {
        Some(text) if text.len() > FIELD_LIMIT => Err(serde::de::Error::custom("too long")),
        found => Ok(found),
    }
}

/// Reads an event.
///
/// # Errors
/// Names the field that is missing, of the wrong type or longer than 320 bytes.
pub(super) fn event(body: &[u8]) -> Result<Event, BadBody> {
    let body: Body = read_json(body)?;
    let sibling = body.company.and_then(|company| company.uuid);
    let mut event = body.event;
    let nested = event.company.take().and_then(|company| company.uuid);
    event.company = Some(Company { uuid: nested.or(sibling) });
    if event.id.is_none() {
        return Err(BadBody::Field("the field `partner-event.id` is empty".to_owned()));
    }
    Ok(event)
}

impl Event {
    /// The event's id, as it was signed.
    pub(super) fn id(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }

    /// The company whose recruiter sent it, where the body says so.
    pub(super) fn company(&self) -> Option<&str> {
        self.company.as_ref()?.uuid.as_deref()
    }

    /// The package that was picked. How Teamtailor writes the choice "None" is unknown, so each way counts as none.
    pub(super) fn package(&self) -> Option<String> {
        let picked = self.picked.as_ref().and_then(|data| data.get("package")).and_then(plain)?;
        (picked.len() <= FIELD_LIMIT && !picked.eq_ignore_ascii_case("none")).then_some(picked)
    }
}

impl Candidate {
    /// The title of the job, which bulk sends lack.
    pub(super) fn job_title(&self) -> Option<String> {
        job_title(self.job.as_ref()?.get("title")?.as_str()?)
    }

    /// The id of the job, which bulk sends lack.
    pub(super) fn job_id(&self) -> Option<String> {
        self.job.as_ref().and_then(|job| plain(job.get("id")?)).filter(|id| id.len() <= FIELD_LIMIT)
    }
}

/// The one value of a picked option: a text, a number, an object with `id`, or a list of one of these.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(option) => plain(option.get("id")?),
        Value::Array(list) => match list.as_slice() {
            [one] => plain(one),
            _ => None,
        },
        Value::Null | Value::Bool(_) => None,
    }
}

/// The answer to a trigger, with everything in it that Teamtailor takes from an answer.
pub(super) fn answer(order: &Order) -> Value {
    json!({ "partner_result_attributes": standing(order) })
}

/// Where the order stands. Status, criteria and score go together, always: Teamtailor weighs its rules for moving
/// candidates at every update, and a status that runs ahead of its result would move somebody by half of it.
fn standing(order: &Order) -> Map<String, Value> {
    let mut attributes = Map::new();
    attributes.insert("status".to_owned(), status(order).into());
    attributes.insert("details".to_owned(), details(order));
    if let Some(decision) = decision(order) {
        attributes.insert("criteria".to_owned(), json!({ (CRITERION): decision }));
    }
    if order.status.state == State::Completed {
        // No grade, ever: "might_not_be_fit" would be a verdict on a person, and a check gives none.
        if let Some(score) = order.score.and_then(Score::percent) {
            attributes.insert("assessment".to_owned(), json!({ "score": score }));
        }
    }
    attributes
}

/// The outcome that customers' rules weigh.
fn decision(order: &Order) -> Option<&'static str> {
    match order.status.state {
        State::Completed => Some(order.status.outcome.name()).filter(|_| order.status.outcome != Outcome::None),
        state if order.reopened && !state.is_closed() => Some(REOPENED),
        _ => None,
    }
}

/// The attributes of an update: everything that the order knows, in one piece.
pub(super) fn attributes(order: &Order, link: &str) -> Value {
    let mut attributes = standing(order);
    let mut put = |name: &str, value: Value| attributes.insert(name.to_owned(), value);
    put("summary", summary(order).into());
    put("label", order.package.name.chars().take(LABEL_LIMIT).collect::<String>().into());
    put("url", link.into());
    if order.has_report() {
        put("attachments", json!([{ "url": link, "description": "Background check report" }]));
    }
    put("actions", actions(order));
    Value::Object(attributes)
}

/// One of Teamtailor's statuses. A check that found something is completed; failed, shown in red, means that there was
/// no check.
const fn status(order: &Order) -> &'static str {
    match order.status.state {
        State::Completed => "completed",
        State::Cancelled | State::Expired | State::Failed => "failed",
        State::Ordered | State::AwaitingCandidate if !order.reopened => "sent",
        State::Ordered | State::AwaitingCandidate | State::InProgress | State::ActionRequired => "pending",
    }
}

const fn state_text(state: State) -> &'static str {
    match state {
        State::Ordered => "Ordered",
        State::AwaitingCandidate => "Awaiting candidate",
        State::InProgress => "In progress",
        State::ActionRequired => "Action required",
        State::Completed => "Completed",
        State::Cancelled => "Cancelled",
        State::Expired => "Expired",
        State::Failed => "Not carried out",
    }
}

const fn result_text(order: &Order) -> Option<&'static str> {
    match order.status.state {
        State::Completed => Some(order.status.outcome.shown()),
        State::Cancelled | State::Expired | State::Failed => None,
        // A result cannot be taken back, so it is replaced: nobody should read "Clear" while the vendor looks again.
        _ if order.reopened => Some("Reopened, not final"),
        _ => None,
    }
}

/// The card shows its first 150 characters, so what matters comes first.
fn summary(order: &Order) -> String {
    let first = result_text(order).unwrap_or_else(|| state_text(order.status.state));
    match order.status.label.trim() {
        label if order.refused => label.to_owned(),
        label => headed(first, label),
    }
}

fn details(order: &Order) -> Value {
    let mut details = Map::new();
    details.insert("Status".to_owned(), state_text(order.status.state).into());
    if let Some(result) = result_text(order) {
        details.insert("Result".to_owned(), result.into());
    }
    details.insert("Vendor status".to_owned(), order.status.label.as_str().into());
    details.insert("Package".to_owned(), order.package.name.as_str().into());
    for more in &order.details {
        // What Crosscheck says itself keeps its name.
        details.entry(more.label.as_str()).or_insert_with(|| more.value.as_str().into());
    }
    Value::Object(details)
}

/// The buttons on the card.
fn actions(order: &Order) -> Value {
    let refresh = json!({ "buttonText": "Refresh", "endpoint": "actions/refresh" });
    let cancel = json!({ "buttonText": "Cancel check", "endpoint": "actions/cancel" });
    let may_cancel = !order.status.state.is_closed() && !order.is_cancelling();
    if may_cancel { json!([refresh, cancel]) } else { json!([refresh]) }
}

#[cfg(test)]
mod tests;
