//! Ashby's webhook `candidateStageChange`: somebody enters a stage, and a rule of the connection orders their check. For
//! accounts whose interview plan starts no assessments by itself.

use http::StatusCode;
use serde_json::{Value, json};

use super::Ashby;
use super::webhook::Refusal;
use crate::connection::Connection;
use crate::flow::{ById, Manner, NewOrder, OrderRefused, Services, TakenOrder, take_order};
use crate::inbound::{Request, read_json};
use crate::order::{AtsReference, Candidate, ConnectionId, job_title, page_url};
use crate::rule::Named;
use crate::secrets::StoredKeys;
use crate::signature::{is_signed_hex, sha256_hex};

/// The part of the address before the connection's id.
pub(super) const PATH: &str = "stage-change";

/// The header with `sha256=` and the signature of the raw body.
const SIGNATURE: &str = "ashby-signature";

/// What the webhook is called in Ashby.
const ACTION: &str = "candidateStageChange";

/// Takes the order that a rule makes of the event. Ashby repeats what is not answered with 2xx, and shows nobody what
/// was answered, so only our own trouble is refused.
pub(super) async fn entered(services: &Services, request: &Request, connection: &str) -> Result<Value, Refusal> {
    let connection = verified(services, request, connection).await?;
    let event: Value = read_json(request.body())?;
    if event.get("action").and_then(Value::as_str) != Some(ACTION) {
        return Ok(done("not a change of stage"));
    }
    let application = event.pointer("/data/application").unwrap_or(&Value::Null);
    let (stage, job) = (named(application, "currentInterviewStage", "title"), named(application, "job", "title"));
    let Some(rule) = connection.rules.iter().find(|rule| rule.fits(stage, job)) else {
        return Ok(done("no rule of this connection fits"));
    };
    let Some(reference) = reference(&event, application, request.body()) else {
        return Ok(done("the event names no candidate"));
    };
    let package = ById(&rule.package);
    let candidate = person(application);
    let new = NewOrder { reference, candidate, package: &package, ats: &Ashby, manner: Manner::Unseen };
    match take_order(services, &connection, new).await {
        Ok(TakenOrder::New(order)) => {
            tracing::info!(order_id = %order.id, connection_id = %connection.id, refused = order.refused, "a rule ordered");
            Ok(done(if order.refused { "not ordered; the operator's list says why" } else { "ordered" }))
        }
        Ok(TakenOrder::Known(_) | TakenOrder::Elsewhere) => Ok(done("this candidate is being checked already")),
        Err(OrderRefused::Said(_) | OrderRefused::NoPackage(_)) => {
            tracing::warn!(connection_id = %connection.id, package = rule.package, "a rule could not order");
            Ok(done("not ordered"))
        }
        Err(OrderRefused::Unavailable(fault)) => Err(fault.into()),
    }
}

fn done(what: &str) -> Value {
    json!({ "success": true, "taken": what })
}

/// The connection of the address, if its webhook secret signed the body.
async fn verified(services: &Services, request: &Request, connection: &str) -> Result<Connection, Refusal> {
    let refused = || {
        let message = "The signature is missing or wrong. `crosscheck connections rules` prints the secret token.";
        Refusal::new(StatusCode::UNAUTHORIZED, "invalid_signature", message)
    };
    let id: ConnectionId = connection.parse().map_err(|_| refused())?;
    let given = request.headers().get(SIGNATURE).and_then(|value| value.to_str().ok()).ok_or_else(refused)?;
    let given = given.trim().strip_prefix("sha256=").ok_or_else(refused)?;
    let connection = services.connection(&id).await?.ok_or_else(refused)?;
    let signs = |keys: &StoredKeys| {
        let secret = keys.client_secret.as_bytes();
        (!secret.is_empty() && is_signed_hex(secret, request.body(), given)).then_some(())
    };
    services.with_keys(&connection, signs).await?.ok_or_else(|| {
        tracing::warn!(connection_id = %connection.id, "a webhook was refused");
        refused()
    })?;
    Ok(connection)
}

fn named<'v>(application: &'v Value, field: &str, name: &str) -> Named<'v> {
    let text = |key: &str| application.get(field).and_then(|object| object.get(key)).and_then(Value::as_str);
    Named { id: text("id"), name: text(name) }
}

/// Where the order comes from; `None` without a candidate. Ashby has no card of it. The same event is the same order:
/// Ashby's id of the event is missing in its schema, and then its bytes tell it apart.
fn reference(event: &Value, application: &Value, body: &[u8]) -> Option<AtsReference> {
    let text = |pointer: &str| application.pointer(pointer).and_then(Value::as_str);
    let event_id = event.get("webhookActionId").and_then(Value::as_str);
    let event_id = event_id.map_or_else(|| sha256_hex(body), str::to_owned);
    Some(AtsReference {
        candidate_id: text("/candidate/id").filter(|id| !id.is_empty())?.to_owned(),
        application_id: text("/id").map(str::to_owned),
        job_id: text("/job/id").map(str::to_owned),
        job_title: text("/job/title").and_then(job_title),
        candidate_url: text("/candidate/profileUrl").and_then(page_url),
        idempotency_key: Some(format!("{PATH}/{event_id}")),
        has_no_card: true,
        ..AtsReference::default()
    })
}

/// The candidate of the event. Ashby knows one name here; its last word is taken for the family name.
fn person(application: &Value) -> Candidate {
    let text = |pointer: &str| application.pointer(pointer).and_then(Value::as_str).unwrap_or_default().trim();
    let name = text("/candidate/name");
    let (first, last) = name.rsplit_once(char::is_whitespace).unwrap_or((name, ""));
    let phone = text("/candidate/primaryPhoneNumber/value");
    Candidate {
        first_name: first.trim().to_owned(),
        last_name: last.to_owned(),
        email: text("/candidate/primaryEmailAddress/value").to_owned(),
        phone: (!phone.is_empty()).then(|| phone.to_owned()),
    }
}
