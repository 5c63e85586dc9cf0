//! The bodies a partner sends or answers with, as the Assessment API describes them.

use super::shape::{Field, Kind, optional, problems, required};
use serde_json::Value;

const ASSESSMENT_TYPE: Kind = Kind::OneOf(&[
    "VIDEO_INTERVIEW",
    "BEHAVIORAL_ASSESSMENT",
    "BACKGROUND_CHECK",
    "REFERENCE_CHECK",
    "SKILL_TEST",
    "INLINE_ASSESSMENT",
]);

const STATUS: Kind = Kind::OneOf(&["IN_PROGRESS", "PENDING", "COMPLETED", "REJECTED", "EXPIRED"]);

const ANY_LENGTH: usize = usize::MAX;

static PARTNER_CONFIGURATION: Kind = Kind::Object(&[
    required("consentUrl", Kind::Link),
    required("consentDisplayMode", Kind::OneOf(&["REDIRECT", "POPUP"])),
    required("assessmentPackageListUrl", Kind::Link),
    required("singleAssessmentPackageUrl", Kind::Link),
    required("oauthTokenUrl", Kind::Link),
    required("supportedAssessmentTypes", Kind::List(&ASSESSMENT_TYPE, 1, 6)),
    optional("packageOrderUrl", Kind::Link),
    optional("inlineAssessmentPackageOrderUrl", Kind::Link),
    optional("integrationDisableUrl", Kind::Link),
    optional("fields", Kind::List(&PARTNER_FIELD, 0, 5)),
]);

const PARTNER_FIELD: Kind =
    Kind::Object(&[required("id", Kind::Name), required("name", Kind::Name), required("description", Kind::Text)]);

static CLIENT_CREDENTIALS: Kind =
    Kind::Object(&[required("clientId", Kind::Name), required("clientSecret", Kind::Name)]);

const PACKAGE: Kind = Kind::Object(&[
    required("id", Kind::Name),
    required("name", Kind::Name),
    required("description", Kind::Text),
    required("type", ASSESSMENT_TYPE),
    required("assessments", Kind::List(&ASSESSMENT, 0, ANY_LENGTH)),
]);

const ASSESSMENT: Kind = Kind::Object(&[
    required("id", Kind::Name),
    required("type", ASSESSMENT_TYPE),
    required("description", Kind::Text),
    optional("name", Kind::Text),
]);

static INLINE_ANSWER: Kind = Kind::Object(&[required("assessmentPackageURL", Kind::Link), required("url", Kind::Link)]);

static ERROR_RESPONSE: Kind =
    Kind::Object(&[required("errors", Kind::List(&ERROR, 0, ANY_LENGTH)), optional("message", Kind::Text)]);

const ERROR: Kind = Kind::Object(&[required("code", Kind::Text), optional("message", Kind::Text)]);

const SCORE: Kind =
    Kind::Object(&[required("raw", Kind::Whole), required("min", Kind::Whole), required("max", Kind::Whole)]);

/// Whether `type` may be left out is not public; a partner that always sends both is safe.
const ATTACHMENT: Kind =
    Kind::Object(&[required("type", Kind::OneOf(&["VIDEO_URL", "PDF_URL", "OTHER_URL"])), required("url", Kind::Link)]);

const ASSESSMENT_RESULT_FIELDS: &[Field] = &[
    required("assessmentId", Kind::Name),
    optional("name", Kind::Text),
    optional("status", STATUS),
    optional("summary", Kind::Text),
    optional("assessmentDate", Kind::Date),
    optional("submissionDate", Kind::Date),
    optional("score", SCORE),
    optional("scoreLabel", Kind::Text),
    optional("attachments", Kind::List(&ATTACHMENT, 0, ANY_LENGTH)),
];

static PACKAGE_RESULT: Kind = Kind::Object(&[
    optional("status", STATUS),
    optional("summary", Kind::Text),
    optional("description", Kind::Text),
    optional("assessmentPackageDate", Kind::Date),
    optional("submissionDate", Kind::Date),
    optional("name", Kind::Text),
    optional("score", SCORE),
    optional("scoreLabel", Kind::Text),
    optional("attachments", Kind::List(&ATTACHMENT, 0, ANY_LENGTH)),
    optional("assessmentResults", Kind::List(&Kind::Object(ASSESSMENT_RESULT_FIELDS), 0, ANY_LENGTH)),
]);

pub(super) fn configuration_problems(body: &Value) -> Vec<String> {
    problems("configuration", body, &PARTNER_CONFIGURATION)
}

pub(super) fn credentials_problems(body: &Value) -> Vec<String> {
    problems("credentials", body, &CLIENT_CREDENTIALS)
}

pub(super) fn package_problems(body: &Value) -> Vec<String> {
    problems("package", body, &PACKAGE)
}

/// The specification requires one name and describes another, so a partner has to answer with both.
pub(super) fn inline_answer_problems(body: &Value) -> Vec<String> {
    let mut found = problems("answer", body, &INLINE_ANSWER);
    if found.is_empty() && body.get("url") != body.get("assessmentPackageURL") {
        found.push("answer.url and answer.assessmentPackageURL differ".into());
    }
    found
}

pub(super) fn error_response_problems(body: &Value) -> Vec<String> {
    problems("error", body, &ERROR_RESPONSE)
}

/// A whole result, after a patch was merged into it.
pub(super) fn result_problems(body: &Value) -> Vec<String> {
    let mut found = problems("result", body, &PACKAGE_RESULT);
    let parts = body.get("assessmentResults").and_then(Value::as_array);
    for part in parts.into_iter().flatten().chain([body]) {
        if part.get("score").is_some_and(out_of_range) {
            found.push("score.raw is not within min and max".into());
        }
    }
    found
}

fn out_of_range(score: &Value) -> bool {
    let part = |name| score.get(name).and_then(Value::as_i64);
    match (part("min"), part("raw"), part("max")) {
        (Some(min), Some(raw), Some(max)) => !(min..=max).contains(&raw),
        _ => false,
    }
}

/// Merges a patch by RFC 7396: what is left out stays, null deletes, lists are replaced whole.
pub(super) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Some(target) = target.as_object_mut() else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn merged(mut target: Value, patch: &Value) -> Value {
        merge(&mut target, patch);
        target
    }

    #[test]
    fn a_patch_merges_as_rfc_7396_has_it() {
        assert_eq!(merged(json!({"a": "b", "c": 1}), &json!({"a": null, "d": 2})), json!({"c": 1, "d": 2}));
        assert_eq!(merged(json!({"a": {"b": 1, "c": 2}}), &json!({"a": {"b": 3}})), json!({"a": {"b": 3, "c": 2}}));
        assert_eq!(merged(json!({"a": [1, 2]}), &json!({"a": [3]})), json!({"a": [3]}));
        assert_eq!(merged(json!({"a": "b"}), &json!({"a": {"b": {"c": null}}})), json!({"a": {"b": {}}}));
        assert_eq!(merged(json!({"a": 1}), &json!(["c"])), json!(["c"]));
    }

    #[test]
    fn a_result_takes_every_documented_field() {
        let attachment = json!({"type": "OTHER_URL", "url": "https://r.example"});
        let part = json!({"assessmentId": "a", "name": "A", "status": "COMPLETED", "summary": "s",
            "assessmentDate": "2026-01-05T09:00:00Z", "submissionDate": "2026-01-05T09:00:00Z",
            "score": {"raw": 1, "min": 0, "max": 1}, "scoreLabel": "Clear", "attachments": [attachment]});
        let result = json!({"status": "EXPIRED", "summary": "s", "description": "", "name": "N",
            "assessmentPackageDate": "2026-01-05T09:00:00Z", "submissionDate": "2026-01-05T09:00:00Z",
            "score": {"raw": 28, "min": 20, "max": 80}, "scoreLabel": "l", "attachments": [attachment],
            "assessmentResults": [part]});
        assert_eq!(result_problems(&result), Vec::<String>::new());
    }

    #[test]
    fn each_breach_of_a_result_is_one_problem() {
        for wrong in [
            json!({"status": "DONE"}),
            json!({"status": "Completed"}),
            json!({"score": {"raw": 1, "max": 2}}),
            json!({"score": {"raw": 81, "min": 20, "max": 80}}),
            json!({"score": {"raw": 28.5, "min": 20, "max": 80}}),
            json!({"attachments": [{"url": "https://r.example"}]}),
            json!({"attachments": [{"type": "OTHER_URL", "url": "report.pdf"}]}),
            json!({"attachments": [{"type": "OTHER_URL", "url": "https://r.example", "name": "r"}]}),
            json!({"assessmentResults": [{"name": "no id"}]}),
            json!({"assessmentResults": [{"assessmentId": "a", "score": {"raw": 3, "min": 0, "max": 1}}]}),
            json!({"assessmentResults": [{"assessmentId": "a", "summary": null}]}),
            json!({"submissionDate": "yesterday"}),
            json!({"passed": true}),
        ] {
            assert_eq!(result_problems(&wrong).len(), 1, "{wrong}");
        }
    }

    #[test]
    fn a_package_needs_its_five_fields_and_known_types() {
        let mut package = json!({"id": "p", "name": "P", "description": "", "type": "BACKGROUND_CHECK",
            "assessments": [{"id": "a", "type": "BACKGROUND_CHECK", "description": ""}]});
        assert_eq!(package_problems(&package), Vec::<String>::new());
        package["type"] = json!("SKILLS_TEST");
        package["assessments"][0]["price"] = json!(1);
        assert_eq!(package_problems(&package).len(), 2);
        assert_eq!(package_problems(&json!({})).len(), 5);
    }

    #[test]
    fn an_inline_answer_says_the_same_address_under_both_names() {
        let answer = |one: &str, other: &str| json!({"url": one, "assessmentPackageURL": other});
        assert!(inline_answer_problems(&answer("https://a.example", "https://a.example")).is_empty());
        assert_eq!(inline_answer_problems(&answer("https://a.example", "https://b.example")).len(), 1);
        assert_eq!(inline_answer_problems(&json!({"url": "https://a.example"})).len(), 1);
    }
}
