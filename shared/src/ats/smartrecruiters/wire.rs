//! SmartRecruiters' own field names: what orders bring, what packages and results look like, its error shape.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::hosts;
use crate::ats::Contact;
use crate::inbound::BadBody;
use crate::order::{Order, Package, State, headed};

/// Longest name, id or e-mail address taken, in bytes.
const FIELD_LIMIT: usize = 320;

/// Longest address taken, in bytes.
const URL_LIMIT: usize = 2048;

/// The type of every package. See `notes.md` for why there is no second one.
pub(super) const ASSESSMENT_TYPE: &str = "BACKGROUND_CHECK";

/// The type that, by the specification's enumeration, orders from inside an application form need.
pub(super) const INLINE_TYPE: &str = "INLINE_ASSESSMENT";

/// Body of an order, from a recruiter or from inside an application form. Only what cannot be done without is
/// required; of the two spellings of `url`, either is taken for either field.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewOrder {
    /// Where results go; the only thing that tells one order from another.
    #[serde(rename = "resultCallbackURL", alias = "resultCallbackUrl")]
    pub(super) result_url: String,
    /// Where the applicant's browser goes afterwards; only inside an application form.
    #[serde(default, rename = "completedAssessmentCallbackUrl", alias = "completedAssessmentCallbackURL")]
    pub(super) continue_url: Option<String>,
    pub(super) company_id: String,
    pub(super) assessment_package_id: String,
    pub(super) candidate: OrderCandidate,
    #[serde(default)]
    job: Option<OrderJob>,
    #[serde(default)]
    job_id: Option<String>,
}

/// The candidate of an order. There is no phone in it, and no id inside an application form.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderCandidate {
    #[serde(default)]
    pub(super) id: Option<String>,
    /// Required by the specification, and empty for some people all the same.
    #[serde(default)]
    pub(super) first_name: Option<String>,
    #[serde(default)]
    pub(super) last_name: Option<String>,
    #[serde(default)]
    pub(super) email: Option<String>,
}

#[derive(Deserialize)]
struct OrderJob {
    #[serde(default)]
    id: Option<String>,
}

impl NewOrder {
    /// The job's id, from its own object or from the deprecated field.
    pub(super) fn job_id(&self) -> Option<String> {
        self.job.as_ref().and_then(|job| job.id.clone()).or_else(|| self.job_id.clone()).filter(|id| !id.is_empty())
    }

    /// What the types alone cannot say: texts that are empty or too long, addresses that are not SmartRecruiters'.
    pub(super) fn check(&self, inline: bool, base: &url::Url) -> Result<(), BadBody> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let (id, email, next) = (text(&self.candidate.id), text(&self.candidate.email), text(&self.continue_url));
        let fields = [
            ("resultCallbackURL", self.result_url.as_str(), true, URL_LIMIT),
            ("completedAssessmentCallbackUrl", next.as_str(), inline, URL_LIMIT),
            ("companyId", self.company_id.as_str(), true, FIELD_LIMIT),
            ("assessmentPackageId", self.assessment_package_id.as_str(), true, FIELD_LIMIT),
            ("candidate.id", id.as_str(), !inline, FIELD_LIMIT),
            ("candidate.firstName", self.candidate.first_name.as_deref().unwrap_or_default(), false, FIELD_LIMIT),
            ("candidate.lastName", self.candidate.last_name.as_deref().unwrap_or_default(), false, FIELD_LIMIT),
            ("candidate.email", email.as_str(), inline, FIELD_LIMIT),
            ("job.id", &self.job_id().unwrap_or_default(), false, FIELD_LIMIT),
        ];
        for (name, value, needed, limit) in fields {
            if needed && value.trim().is_empty() {
                return Err(BadBody::Field(format!("the field `{name}` is missing or empty")));
            }
            if value.len() > limit {
                return Err(BadBody::Field(format!("the field `{name}` has more than {limit} bytes")));
            }
        }
        if hosts::result_url(&self.result_url, base).is_none() {
            return Err(foreign("resultCallbackURL"));
        }
        if inline && hosts::continue_url(&next, base).is_none() {
            return Err(foreign("completedAssessmentCallbackUrl"));
        }
        Ok(())
    }
}

fn foreign(name: &str) -> BadBody {
    BadBody::Field(format!("the field `{name}` is not an address of SmartRecruiters"))
}

/// A package with its one assessment, which has the package's own id.
pub(super) fn package(package: &Package) -> Value {
    let description = if package.description.is_empty() { &package.name } else { &package.description };
    json!({
        "id": package.id,
        "name": package.name,
        "description": description,
        "type": ASSESSMENT_TYPE,
        "assessments": [{
            "id": package.id,
            "type": ASSESSMENT_TYPE,
            "name": package.name,
            "description": description,
        }],
    })
}

/// Everything that the order knows, as one merge patch: `null` deletes what an earlier patch said, lists are whole.
pub(super) fn results(order: &Order, link: &str) -> Value {
    let status = status(order);
    let summary = summary(order);
    let completed = order.status.state == State::Completed;
    let score = order.score.filter(|score| completed && score.percent().is_some());
    let score = score.map(|score| json!({ "raw": score.raw, "min": score.min, "max": score.max }));
    let placed = order.placed_at.map(date);
    let submitted = order.submitted_at.filter(|_| completed).map(date);
    let attachments = attachments(link);
    // Entries of a list are not merged but replaced, so unknown fields are left out there instead of sent as `null`.
    let mut part = Map::new();
    let mut body = Map::new();
    for (name, value) in [("status", json!(status)), ("summary", json!(summary)), ("name", json!(order.package.name))] {
        part.insert(name.to_owned(), value.clone());
        body.insert(name.to_owned(), value);
    }
    part.insert("assessmentId".to_owned(), json!(order.package.id));
    for (name, value) in [("assessmentDate", placed.clone()), ("submissionDate", submitted.clone())] {
        part.extend(value.map(|value| (name.to_owned(), json!(value))));
    }
    body.extend(placed.map(|value| ("assessmentPackageDate".to_owned(), json!(value))));
    body.insert("submissionDate".to_owned(), submitted.map_or(Value::Null, |value| json!(value)));
    for (name, value) in [("scoreLabel", Some(json!(head(order)))), ("score", score)] {
        part.extend(value.clone().map(|value| (name.to_owned(), value)));
        body.insert(name.to_owned(), value.unwrap_or(Value::Null));
    }
    part.insert("attachments".to_owned(), attachments.clone());
    body.insert("attachments".to_owned(), attachments);
    body.insert("assessmentResults".to_owned(), json!([part]));
    Value::Object(body)
}

fn date(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// A finding never rejects: `REJECTED` means that there was no check.
fn status(order: &Order) -> &'static str {
    match order.status.state {
        State::Completed => "COMPLETED",
        State::Cancelled | State::Failed => "REJECTED",
        State::Expired => "EXPIRED",
        State::InProgress => "IN_PROGRESS",
        _ if order.reopened => "IN_PROGRESS",
        // A hold in the middle of a check is no step back, and whether SmartRecruiters takes one is unknown.
        State::ActionRequired if order.submitted_at.is_some() => "IN_PROGRESS",
        State::Ordered | State::AwaitingCandidate | State::ActionRequired => "PENDING",
    }
}

const REOPENED: &str = "Reopened, not final";

/// A few fixed words for every state. They go into `scoreLabel` from the start, because some of SmartRecruiters' screens
/// show no summary.
fn head(order: &Order) -> &'static str {
    match order.status.state {
        State::Completed => order.status.outcome.shown(),
        state if order.reopened && !state.is_closed() => REOPENED,
        State::Ordered => "Ordered",
        State::AwaitingCandidate => "Awaiting candidate",
        State::InProgress => "In progress",
        State::ActionRequired => "Action required",
        State::Cancelled => "Cancelled",
        State::Expired => "Expired",
        State::Failed if order.refused => "Not ordered",
        State::Failed => "Not carried out",
    }
}

fn summary(order: &Order) -> String {
    headed(head(order), &order.status.label)
}

/// The order's link. It opens a page, a PDF or the vendor's page, so its type is never `PDF_URL`.
fn attachments(link: &str) -> Value {
    json!([{ "type": "OTHER_URL", "url": link }])
}

/// What a candidate's record has that an order may lack.
pub(super) fn contact(candidate: &Value) -> Contact {
    let text = |name: &str| {
        let text = candidate.get(name)?.as_str()?.trim();
        (!text.is_empty() && text.len() <= FIELD_LIMIT).then(|| text.to_owned())
    };
    Contact { phone: phone(candidate), email: text("email"), last_name: text("lastName") }
}

/// The phone of a candidate's record: a text, or the first of a list of texts or of objects with one.
fn phone(candidate: &Value) -> Option<String> {
    let text = |value: &Value| {
        let inner = value.get("value").or_else(|| value.get("number")).unwrap_or(value);
        let text = inner.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let one = ["phoneNumber", "phone"].into_iter().find_map(|name| candidate.get(name).and_then(text));
    let many = candidate.get("phoneNumbers").and_then(Value::as_array);
    one.or_else(|| many.into_iter().flatten().find_map(text))
}

/// Codes and message of an error body.
pub(super) fn errors(body: &Value) -> (Vec<&str>, Option<&str>) {
    let listed = || body.get("errors").and_then(Value::as_array).into_iter().flatten();
    let codes = listed().filter_map(|error| error.get("code")?.as_str()).collect();
    let first = || listed().find_map(|error| error.get("message")?.as_str());
    (codes, body.get("message").and_then(Value::as_str).or_else(first))
}

/// An error body of ours.
pub(super) fn error(code: &str, message: &str) -> Value {
    json!({ "message": message, "errors": [{ "code": code, "message": message }] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::read_json;
    use crate::order::{AtsReference, ConnectionId, Outcome, STATES, Score, Status};
    use url::Url;

    const LINK: &str = "https://x.example/reports/1";

    fn base() -> Url {
        Url::parse("https://api.smartrecruiters.com").expect("a URL")
    }

    fn body() -> Value {
        json!({
            "resultCallbackURL": "https://api.smartrecruiters.com/assessment-api/v202010/orders/1/results",
            "completedAssessmentCallbackUrl": "https://jobs.smartrecruiters.com/next",
            "companyId": "acme", "assessmentPackageId": "7", "jobId": "old",
            "candidate": { "id": "c", "firstName": "Asha", "lastName": "Rao", "email": "asha@example.com" },
            "job": { "id": "j" }, "fields": { "a": "b" }, "somethingNew": [1],
        })
    }

    fn without(path: &[&str]) -> Value {
        let mut body = body();
        let (last, parents) = path.split_last().expect("a path");
        let parent = parents.iter().fold(&mut body, |at, name| &mut at[*name]);
        parent.as_object_mut().expect("an object").remove(*last);
        body
    }

    fn problem(body: &Value, inline: bool) -> String {
        match read_json::<NewOrder>(body.to_string().as_bytes()) {
            Ok(order) => order.check(inline, &base()).err().map(|bad| bad.to_string()).unwrap_or_default(),
            Err(bad) => bad.to_string(),
        }
    }

    fn order(state: State, outcome: Outcome, label: &str) -> Order {
        let package = Package { id: "7".to_owned(), name: "Basic".to_owned(), description: String::new() };
        let (connection, reference) = (ConnectionId::from_random([1; 8]), AtsReference::default());
        Order {
            status: Status { state, outcome, label: label.to_owned() },
            version: 1,
            ..Order::new(connection, reference, package, Timestamp::UNIX_EPOCH)
        }
    }

    #[test]
    fn what_an_order_needs_is_named_when_it_is_not_there() {
        for inline in [false, true] {
            assert_eq!(problem(&body(), inline), "");
            for path in [&["resultCallbackURL"][..], &["companyId"], &["assessmentPackageId"], &["candidate"]] {
                let name = path.join(".");
                assert!(problem(&without(path), inline).contains(&name), "{name}");
                let mut wrong = body();
                *path.iter().fold(&mut wrong, |at, name| &mut at[*name]) = json!(7);
                assert!(problem(&wrong, inline).contains(&name), "{name} as a number");
            }
        }
        assert_eq!(problem(&without(&["candidate", "firstName"]), false), "", "the vendor says whether it needs one");
        assert!(problem(&without(&["candidate", "id"]), false).contains("candidate.id"));
        assert_eq!(problem(&without(&["candidate", "id"]), true), "");
        assert!(problem(&without(&["candidate", "email"]), true).contains("candidate.email"));
        assert!(problem(&without(&["completedAssessmentCallbackUrl"]), true).contains("completedAssessment"));
        assert_eq!(problem(&without(&["completedAssessmentCallbackUrl"]), false), "");
    }

    #[test]
    fn empty_and_overlong_fields_and_foreign_addresses_are_refused() {
        let with = |name: &str, value: Value| {
            let mut body = body();
            body[name] = value;
            body
        };
        assert!(problem(&with("companyId", json!(" ")), false).contains("companyId"));
        assert!(problem(&with("assessmentPackageId", json!("x".repeat(321))), false).contains("320 bytes"));
        assert!(problem(&with("jobId", json!("x".repeat(321))), false).is_empty(), "job.id is the one in force");
        assert!(problem(&with("resultCallbackURL", json!("https://evil.example/x")), false).contains("not an address"));
        let next = with("completedAssessmentCallbackUrl", json!("https://evil.example/x"));
        assert!(problem(&next, true).contains("completedAssessmentCallbackUrl"));
    }

    #[test]
    fn the_job_is_read_from_both_places() {
        let job = |body: Value| read_json::<NewOrder>(body.to_string().as_bytes()).expect("an order").job_id();
        assert_eq!(job(body()).as_deref(), Some("j"));
        assert_eq!(job(without(&["job"])).as_deref(), Some("old"));
        assert_eq!(job(without(&["job", "id"])).as_deref(), Some("old"));
    }

    #[test]
    fn no_finding_rejects_and_every_state_has_a_word() {
        for (state, word) in STATES.into_iter().zip([
            "PENDING",
            "PENDING",
            "IN_PROGRESS",
            "PENDING",
            "COMPLETED",
            "REJECTED",
            "EXPIRED",
            "REJECTED",
        ]) {
            let body = results(&order(state, Outcome::None, "Word"), LINK);
            assert_eq!(body["status"], word, "{state}");
            assert_eq!(body["assessmentResults"][0]["status"], word, "{state}");
        }
        for (outcome, label, summary) in [
            (Outcome::Clear, "Clear", "Clear: Word"),
            (Outcome::Review, "Review", "Review: Word"),
            (Outcome::Adverse, "Adverse", "Adverse: Word"),
            (Outcome::Inconclusive, "Completed", "Completed: Word"),
            (Outcome::None, "Completed", "Completed: Word"),
        ] {
            let body = results(&order(State::Completed, outcome, "Word"), LINK);
            assert_eq!((&body["status"], &body["scoreLabel"]), (&json!("COMPLETED"), &json!(label)));
            assert_eq!(body["summary"], summary);
        }
    }

    #[test]
    fn a_reopened_check_takes_back_label_and_score() {
        let mut order = order(State::Completed, Outcome::Clear, "Completed");
        order.score = Some(Score { raw: 28, min: 0, max: 80 });
        order.placed_at = Some(Timestamp::UNIX_EPOCH);
        order.submitted_at = Some(Timestamp::UNIX_EPOCH);
        let done = results(&order, LINK);
        assert_eq!(done["score"], json!({ "raw": 28, "min": 0, "max": 80 }));
        assert_eq!(done["submissionDate"], "1970-01-01T00:00:00.000Z");
        assert_eq!(done["attachments"], json!([{ "type": "OTHER_URL", "url": "https://x.example/reports/1" }]));
        order.reopened = true;
        order.status = Status::plain(State::ActionRequired, "On hold");
        let open = results(&order, LINK);
        assert_eq!((&open["status"], &open["scoreLabel"]), (&json!("IN_PROGRESS"), &json!(REOPENED)));
        assert_eq!(open["score"], Value::Null);
        assert_eq!(open["attachments"], done["attachments"], "one link from the order on");
        assert_eq!(open["summary"], "Reopened, not final: On hold");
        order.status = Status::plain(State::Cancelled, "Cancelled");
        let closed = results(&order, LINK);
        assert_eq!(closed["scoreLabel"], "Cancelled");
        assert_eq!((&closed["status"], &closed["summary"]), (&json!("REJECTED"), &json!("Cancelled")));
    }

    #[test]
    fn a_hold_in_the_middle_of_a_check_is_no_step_back() {
        let mut order = order(State::ActionRequired, Outcome::None, "On hold");
        assert_eq!(results(&order, LINK)["status"], "PENDING");
        order.submitted_at = Some(Timestamp::UNIX_EPOCH);
        let held = results(&order, LINK);
        assert_eq!(held["status"], "IN_PROGRESS");
        assert_eq!(held["assessmentResults"][0]["status"], "IN_PROGRESS");
        assert_eq!(held["summary"], "Action required: On hold");
        assert_eq!(held["submissionDate"], Value::Null, "nothing is final");
        order.status = Status::plain(State::AwaitingCandidate, "A form is missing");
        assert_eq!(results(&order, LINK)["status"], "PENDING", "it is the candidate's turn again");
    }

    #[test]
    fn what_was_not_ordered_says_so_once() {
        let mut refused = order(State::Ordered, Outcome::None, "Ordered");
        refused.refuse(&"no credits.".into(), Timestamp::UNIX_EPOCH);
        assert_eq!(results(&refused, LINK)["summary"], "Not ordered: no credits.");
        let failed = order(State::Failed, Outcome::None, "Gone");
        assert_eq!(results(&failed, LINK)["summary"], "Not carried out: Gone");
    }

    #[test]
    fn a_part_holds_no_null_and_the_package_id() {
        for state in STATES {
            let body = results(&order(state, Outcome::None, "Word"), LINK);
            let part = body["assessmentResults"][0].as_object().expect("one part");
            assert!(part.values().all(|value| !value.is_null()), "{state}: {part:?}");
            assert_eq!(part["assessmentId"], "7");
        }
    }

    #[test]
    fn a_score_that_its_range_does_not_hold_is_left_out() {
        let mut order = order(State::Completed, Outcome::Clear, "Completed");
        for (raw, min, max) in [(81, 0, 80), (-1, 0, 80), (0, 0, 0)] {
            order.score = Some(Score { raw, min, max });
            assert_eq!(results(&order, LINK)["score"], Value::Null, "{raw} {min} {max}");
        }
    }

    #[test]
    fn a_phone_is_read_from_every_plausible_shape() {
        for body in [
            json!({ "phoneNumber": " 1 " }),
            json!({ "phoneNumber": "", "phone": "1" }),
            json!({ "phoneNumber": { "value": "1" } }),
            json!({ "phoneNumbers": ["", { "number": "1" }] }),
        ] {
            assert_eq!(phone(&body).as_deref(), Some("1"), "{body}");
        }
        assert_eq!(phone(&json!({ "phoneNumber": null })), None);
    }

    #[test]
    fn an_error_of_ours_is_read_back() {
        let body = error("CODE", "words");
        assert_eq!(errors(&body), (vec!["CODE"], Some("words")));
        assert_eq!(errors(&json!({ "errors": [{ "code": "A" }, { "message": "m" }] })), (vec!["A"], Some("m")));
        assert_eq!(errors(&json!([])), (Vec::new(), None));
    }
}
