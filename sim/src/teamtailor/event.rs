//! The event a partner is told: everything the docs list, as full as they allow.

use super::fields::plain;
use serde_json::{Map, Value, json};

/// The job that every candidate applied for.
pub(super) const JOB_ID: u64 = 7001;
const TRIGGER_ID: u64 = 88;

/// One candidate.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) id: i64,
    pub(super) uuid: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) email: String,
    pub(super) phone: Option<String>,
    pub(super) stage: String,
    pub(super) rejected: bool,
}

/// What made Teamtailor send an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// A recruiter on the candidate's page.
    Recruiter,
    /// A recruiter on a list of candidates: the event has no job.
    Bulk,
    /// A trigger of the stage.
    Trigger,
}

/// The candidate with the job, as `partner-event.candidate`.
pub(super) fn candidate(of: &Candidate, stage_id: usize, cause: Cause) -> Value {
    let mut candidate = json!({
        "id": of.id, "uuid": of.uuid, "first-name": of.first_name, "last-name": of.last_name,
        "email": of.email, "phone": of.phone, "picture-url": null, "tags": ["referred"],
        "department": "Finance", "role": null,
        "recruiter": {"name": "Ravi Recruiter", "email": "ravi@employer.example", "phone": "+46700000000"},
        "locations": [{"name": "Stockholm", "address": "Storgatan 1"}],
        "questions": [
            {"question": "Do you have a driving licence?", "answer": "yes"},
            {"question": "Languages", "answer": ["Swedish", "English"]},
        ],
        "custom-fields": [
            {"nationality": {"value": ["SE"], "type": "select", "mapped-from": "country"}},
            {"birthday": {"value": "1990-02-03", "type": "date"}},
        ],
        "referrals": [],
    });
    if cause != Cause::Bulk
        && let Some(candidate) = candidate.as_object_mut()
    {
        candidate.insert("job".into(), job(of, stage_id, cause));
    }
    candidate
}

fn job(of: &Candidate, stage_id: usize, cause: Cause) -> Value {
    let mut job = json!({
        "id": JOB_ID, "title": "Accountant", "stage": of.stage, "tags": [], "custom-fields": [],
        "status": {"rejected": of.rejected},
    });
    if cause == Cause::Trigger
        && let Some(job) = job.as_object_mut()
    {
        job.insert("stage-id".into(), stage_id.into());
        job.insert("trigger-id".into(), TRIGGER_ID.into());
        job.insert(
            "triggered-by".into(),
            json!({"id": 31, "email": "ravi@employer.example", "name": "Ravi Recruiter"}),
        );
    }
    job
}

/// The picked options as `webhook-data`: keys lose their underscores, numbers become text.
pub(super) fn webhook_data(values: &Value) -> Map<String, Value> {
    let values = values.as_object().into_iter().flatten();
    values.map(|(id, value)| (id.replace('_', "-"), plain(value))).collect()
}

/// The whole body. Teamtailor's docs put the company inside the event or beside it.
pub(super) fn body(mut event: Map<String, Value>, company: Value, beside: bool) -> Value {
    let mut body = Map::new();
    if beside {
        body.insert("company".into(), company);
    } else {
        event.insert("company".into(), company);
    }
    body.insert("partner-event".into(), event.into());
    body.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asha() -> Candidate {
        let text = str::to_owned;
        let (first_name, last_name, email) = (text("Asha"), text("Rao"), text("asha@example.com"));
        let (uuid, stage) = (text("u"), text("Offer"));
        Candidate { id: 5, uuid, first_name, last_name, email, phone: None, stage, rejected: false }
    }

    #[test]
    fn only_a_trigger_names_its_stage_and_only_bulk_lacks_the_job() {
        assert!(candidate(&asha(), 2, Cause::Bulk).get("job").is_none());
        let job = |cause| candidate(&asha(), 2, cause)["job"].clone();
        assert_eq!(job(Cause::Recruiter)["stage"], "Offer");
        assert!(job(Cause::Recruiter).get("triggered-by").is_none());
        assert_eq!(job(Cause::Trigger)["stage-id"], 2);
        assert_eq!(job(Cause::Trigger)["triggered-by"]["id"], 31);
    }

    #[test]
    fn options_come_back_as_text_under_dashes() {
        let data = webhook_data(&json!({"package_id": 1, "all": ["a"], "none": null}));
        assert_eq!(Value::Object(data), json!({"package-id": "1", "all": ["a"], "none": null}));
        assert!(webhook_data(&Value::Null).is_empty());
    }

    #[test]
    fn the_company_stands_inside_or_beside() {
        assert_eq!(body(Map::new(), json!(1), false), json!({"partner-event": {"company": 1}}));
        assert_eq!(body(Map::new(), json!(1), true), json!({"partner-event": {}, "company": 1}));
    }
}
