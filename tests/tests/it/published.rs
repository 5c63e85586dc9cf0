//! What we send, held against what each ATS and vendor publishes. The simulators have their own reading
//! of the same pages; these schemas were written apart from it, and a library checks them.

use serde_json::{Map, Value, json};
use shared::ats::AtsKind;
use shared::vendor::VENDORS;
use sim::Logged;
use sim::pair::Pair;
use tests::world::Result;

const ORDER: &str = "2b1c7f0e-1b3c-4c53-9d3a-0f6a3d1c9e11";
const CHECK: &str = "9d0f5bd6-7f0b-4d0a-93b1-0f3ad1c0b0aa";

/// By the simulator's name of an operation, the body that it takes.
const PUBLISHED: [(&str, &str); 18] = [
    ("assessment.update", include_str!("../../published/assessment.update.json")),
    ("assessment.addCompletedToCandidate", include_str!("../../published/assessment.addCompletedToCandidate.json")),
    ("assessment.start", include_str!("../../published/assessment.start.json")),
    ("assessment.cancel", include_str!("../../published/assessment.cancel.json")),
    ("assessment.list", include_str!("../../published/assessment.list.json")),
    ("candidate.info", include_str!("../../published/candidate.info.json")),
    ("application.info", include_str!("../../published/application.info.json")),
    ("orders/results", include_str!("../../published/orders.results.json")),
    ("partner/configuration", include_str!("../../published/configuration.json")),
    ("integration/company", include_str!("../../published/integration.json")),
    ("partner-results.update", include_str!("../../published/partner-results.update.json")),
    ("partners.update", include_str!("../../published/partners.update.json")),
    ("webhook", include_str!("../../published/stackone.webhook.json")),
    ("packages", include_str!("../../published/stackone.packages.json")),
    ("result", include_str!("../../published/stackone.result.json")),
    ("candidates.create", include_str!("../../published/candidates.create.json")),
    ("invitations.create", include_str!("../../published/invitations.create.json")),
    ("candidate/add", include_str!("../../published/candidate.add.json")),
];

/// By an event in `events/`, the body that its sender would send. `tests/events` plays each at our doors.
const RECEIVED: [(&str, &str); 9] = [
    ("ashby-webhook-start", include_str!("../../published/assessment.start.json")),
    ("ashby-webhook-cancel", include_str!("../../published/assessment.cancel.json")),
    ("smartrecruiters-webhook-order", include_str!("../../published/received.smartrecruiters.order.json")),
    (
        "smartrecruiters-webhook-order-without-requester",
        include_str!("../../published/received.smartrecruiters.order.json"),
    ),
    (
        "smartrecruiters-webhook-inline-order",
        include_str!("../../published/received.smartrecruiters.inline-order.json"),
    ),
    ("teamtailor-webhook-webhook", include_str!("../../published/received.teamtailor.webhook.json")),
    ("teamtailor-webhook-webhook-bulk", include_str!("../../published/received.teamtailor.webhook.json")),
    ("vendor-callback-justifacts", include_str!("../../published/assessment.update.json")),
    ("vendor-callback-stackone-result", include_str!("../../published/stackone.result.json")),
];

fn schema(operation: &str) -> Result<Option<Value>> {
    let found = PUBLISHED.iter().find(|(name, _)| *name == operation);
    Ok(found.map(|(_, text)| serde_json::from_str(text)).transpose()?)
}

fn departures(schema: &Value, body: &Value) -> Result<Vec<String>> {
    let validator = jsonschema::options().should_validate_formats(true).build(schema)?;
    Ok(validator.iter_errors(body).map(|error| error.to_string()).collect())
}

/// Whether everything that ATS and vendor were sent is as they publish it.
pub(super) fn holds(pair: &Pair) {
    let sent = [pair.ats.requests(), pair.vendor.requests()].concat();
    assert_eq!(problems(&sent), Vec::<String>::new());
}

/// Every departure of the bodies in a simulator's log. A body without a schema is one too.
pub(super) fn problems(sent: &[Logged]) -> Vec<String> {
    let bodies = sent.iter().filter(|call| !call.body.is_null());
    let of = |call: &Logged| match schema(&call.operation) {
        Ok(Some(schema)) => departures(&schema, &call.body).unwrap_or_else(|error| vec![error.to_string()]),
        Ok(None) => vec!["no schema in tests/published".into()],
        Err(error) => vec![error.to_string()],
    };
    bodies.flat_map(|call| of(call).into_iter().map(|what| format!("{}: {what}", call.operation))).collect()
}

/// The simulators' own bodies: a callback that no vendor would send proves nothing about how we read it.
#[tokio::test(flavor = "multi_thread")]
async fn a_simulated_vendor_calls_back_as_its_protocol_has_it() -> Result {
    let mut seen = 0;
    for vendor in VENDORS {
        let pair = Pair::start(AtsKind::Ashby, vendor).await?;
        let letter = pair.vendor.at_work(ORDER, CHECK, "2026-11-05T09:00:00Z".parse()?);
        let operation = letter.path.rsplit('/').next().unwrap_or_default();
        if let Some(schema) = schema(operation)? {
            assert_eq!(departures(&schema, &letter.body)?, Vec::<String>::new(), "{vendor}");
            seen += 1;
        }
    }
    assert_eq!(seen, 3, "both speakers of Ashby's protocol and the one of StackOne's");
    Ok(())
}

/// The required fields of an object in `body`, each by the place of the object and its name.
fn required(schema: &Value, body: &Value, at: &str) -> Vec<(String, String)> {
    let (Some(fields), Some(object)) = (schema["properties"].as_object(), body.as_object()) else {
        return Vec::new();
    };
    let here = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut found: Vec<_> = here.map(|name| (at.to_owned(), name.to_owned())).collect();
    for (name, field) in fields {
        if let Some(part) = object.get(name) {
            found.extend(required(field, part, &format!("{at}/{name}")));
        }
    }
    found
}

fn object_at<'a>(body: &'a mut Value, at: &str) -> Result<&'a mut Map<String, Value>> {
    Ok(body.pointer_mut(at).and_then(Value::as_object_mut).ok_or(format!("{at} is no object"))?)
}

/// That a schema takes a sample, and refuses it with a field missing or invented: without this, one that lets everything
/// pass would go unnoticed.
fn bites(name: &str, schema: &Value, sample: &Value) -> Result {
    assert_eq!(departures(schema, sample)?, Vec::<String>::new(), "{name}");
    for (at, field) in required(schema, sample, "") {
        let mut short = sample.clone();
        object_at(&mut short, &at)?.remove(&field);
        assert_ne!(departures(schema, &short)?.len(), 0, "{name} without {at}/{field}");
    }
    let mut invented = sample.clone();
    object_at(&mut invented, "")?.insert("invented".into(), json!(1));
    assert_ne!(departures(schema, &invented)?.len(), 0, "{name}");
    Ok(())
}

#[test]
fn each_schema_takes_the_published_sample_and_refuses_it_with_a_field_missing_or_invented() -> Result {
    for (operation, text) in PUBLISHED {
        let schema: Value = serde_json::from_str(text)?;
        let samples = schema["examples"].as_array().ok_or(format!("{operation} has no sample"))?;
        for sample in samples {
            bites(operation, &schema, sample)?;
        }
    }
    Ok(())
}

#[test]
fn each_event_has_a_body_as_its_sender_publishes_it() -> Result {
    for (name, text) in RECEIVED {
        let path = format!("{}/../events/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let event: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
        let body = event["body"].as_str().ok_or(format!("{name} has no body"))?;
        bites(name, &serde_json::from_str(text)?, &serde_json::from_str(body)?)?;
    }
    Ok(())
}
