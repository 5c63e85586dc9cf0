//! The body of `assessment.start`, held against Ashby's schema for it.

use serde_json::{Map, Value};
use uuid::Uuid;

/// Ashby's complete list of application statuses.
const APPLICATION_STATUSES: [&str; 4] = ["Hired", "Archived", "Active", "Lead"];

const KEYS: [&str; 5] = ["assessment_type_id", "candidate", "application", "job", "additional_fields"];

/// An order as the vendor understands it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Start {
    pub(super) assessment_type_id: String,
    pub(super) candidate_id: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) application_id: String,
    pub(super) additional_fields: Value,
}

/// Reads a body; the list holds everything that is not as Ashby sends it.
pub(super) fn read(body: &Value) -> (Start, Vec<String>) {
    let mut problems = Vec::new();
    let empty = Map::new();
    let body = body.as_object().unwrap_or_else(|| {
        problems.push("the body is no JSON object".into());
        &empty
    });
    unknown(body, "", &KEYS, &mut problems);
    let type_id = text(body, "", "assessment_type_id", &mut problems);
    if !type_id.is_empty() && Uuid::parse_str(&type_id).is_err() {
        problems.push("assessment_type_id is no UUID".into());
    }
    let candidate = object(body, "candidate", &mut problems);
    let application = object(body, "application", &mut problems);
    check_job(body, &mut problems);
    let additional_fields = body.get("additional_fields").cloned().unwrap_or_default();
    if !additional_fields.is_null() && !additional_fields.is_object() {
        problems.push("additional_fields is no object".into());
    }
    let mut of_candidate = |key| text(candidate, "candidate.", key, &mut problems);
    let (candidate_id, email) = (of_candidate("ashby_id"), of_candidate("email"));
    let name = format!("{} {}", of_candidate("first_name"), of_candidate("last_name"));
    of_candidate("ashby_profile_url");
    unknown(
        candidate,
        "candidate.",
        &["ashby_id", "first_name", "last_name", "email", "ashby_profile_url"],
        &mut problems,
    );
    let application_id = check_application(application, &mut problems);
    let start = Start { assessment_type_id: type_id, candidate_id, name, email, application_id, additional_fields };
    (start, problems)
}

fn check_application(application: &Map<String, Value>, problems: &mut Vec<String>) -> String {
    let prefix = "application.";
    let id = text(application, prefix, "ashby_id", problems);
    let status = text(application, prefix, "status", problems);
    if !status.is_empty() && !APPLICATION_STATUSES.contains(&status.as_str()) {
        problems.push(format!("application.status is none of {}", APPLICATION_STATUSES.join(", ")));
    }
    unknown(application, prefix, &["ashby_id", "status"], problems);
    id
}

fn check_job(body: &Map<String, Value>, problems: &mut Vec<String>) {
    let job = object(body, "job", problems);
    for key in ["ashby_id", "name", "ashby_job_url"] {
        text(job, "job.", key, problems);
    }
    if job.get("req_id").is_some_and(|id| !id.is_string() && !id.is_null()) {
        problems.push("job.req_id is no string".into());
    }
    unknown(job, "job.", &["ashby_id", "name", "req_id", "ashby_job_url", "hiringTeam"], problems);
    let Some(team) = job.get("hiringTeam").filter(|team| !team.is_null()) else {
        return;
    };
    let Some(team) = team.as_array() else {
        problems.push("job.hiringTeam is no array".into());
        return;
    };
    // Unlike the rest, camelCase inside.
    let keys = ["userId", "firstName", "lastName", "email", "role"];
    for member in team {
        let Some(member) = member.as_object() else {
            problems.push("job.hiringTeam[] is no object".into());
            continue;
        };
        for key in keys {
            text(member, "job.hiringTeam[].", key, problems);
        }
        unknown(member, "job.hiringTeam[].", &keys, problems);
    }
}

/// A required string that is not empty.
fn text(of: &Map<String, Value>, prefix: &str, key: &str, problems: &mut Vec<String>) -> String {
    let found = of.get(key).and_then(Value::as_str).unwrap_or_default();
    if found.is_empty() {
        problems.push(format!("{prefix}{key} is missing or no string"));
    }
    found.to_owned()
}

/// A required object; an empty one in its place names every field that is missing with it.
fn object<'a>(body: &'a Map<String, Value>, key: &str, problems: &mut Vec<String>) -> &'a Map<String, Value> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    body.get(key).and_then(Value::as_object).unwrap_or_else(|| {
        problems.push(format!("{key} is missing or no object"));
        &EMPTY
    })
}

fn unknown(of: &Map<String, Value>, prefix: &str, known: &[&str], problems: &mut Vec<String>) {
    let unknown = of.keys().filter(|key| !known.contains(&key.as_str()));
    problems.extend(unknown.map(|key| format!("{prefix}{key} is unknown")));
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use serde_json::json;

    /// A body as Ashby sends it.
    pub(in super::super) fn body(type_id: &str, application_id: &str) -> Value {
        json!({
            "assessment_type_id": type_id,
            "candidate": {"ashby_id": "c-1", "first_name": "Asha", "last_name": "Rao",
                "email": "asha@example.com", "ashby_profile_url": "https://app.ashbyhq.com/c-1"},
            "application": {"ashby_id": application_id, "status": "Active"},
            "job": {"ashby_id": "j-1", "name": "Engineer", "ashby_job_url": "https://app.ashbyhq.com/j-1",
                "hiringTeam": [{"userId": "u", "firstName": "R", "lastName": "I", "email": "r@i.in", "role": "Recruiter"}]},
        })
    }

    const TYPE: &str = "e9ed20fd-d45f-4aad-8a00-a19bfba0083e";

    fn problems(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut body = body(TYPE, "a-1");
        change(&mut body);
        read(&body).1
    }

    #[test]
    fn what_ashby_sends_has_no_problem_with_or_without_what_is_optional() {
        assert!(problems(|_| ()).is_empty());
        assert!(problems(|body| body["additional_fields"] = json!({"billing": "x"})).is_empty());
        assert!(problems(|body| drop(body["job"].as_object_mut().unwrap().remove("hiringTeam"))).is_empty());
        let (start, _) = read(&body(TYPE, "a-1"));
        assert_eq!((start.name.as_str(), start.application_id.as_str()), ("Asha Rao", "a-1"));
    }

    #[test]
    fn every_required_field_is_missed() {
        for pointer in [
            "/assessment_type_id",
            "/candidate/ashby_id",
            "/candidate/first_name",
            "/candidate/last_name",
            "/candidate/email",
            "/candidate/ashby_profile_url",
            "/application/ashby_id",
            "/application/status",
            "/job/ashby_id",
            "/job/name",
            "/job/ashby_job_url",
            "/job/hiringTeam/0/role",
        ] {
            let found = problems(|body| *body.pointer_mut(pointer).unwrap() = json!(7));
            assert_eq!(found.len(), 1, "{pointer}: {found:?}");
        }
        assert_eq!(problems(|body| drop(body.as_object_mut().unwrap().remove("application"))).len(), 3);
    }

    #[test]
    fn a_wrong_type_a_wrong_word_and_an_invented_field_are_named() {
        for (pointer, wrong) in [
            ("/assessment_type_id", json!("1")),
            ("/application/status", json!("IN_REVIEW")),
            ("/job/hiringTeam", json!({})),
        ] {
            assert_eq!(problems(|body| *body.pointer_mut(pointer).unwrap() = wrong).len(), 1, "{pointer}");
        }
        assert_eq!(problems(|body| body["candidate"]["phone"] = json!("1")), ["candidate.phone is unknown"]);
        assert_eq!(problems(|body| body["additional_fields"] = json!([])), ["additional_fields is no object"]);
        assert_eq!(problems(|body| body["job"]["req_id"] = json!(1)), ["job.req_id is no string"]);
    }
}
