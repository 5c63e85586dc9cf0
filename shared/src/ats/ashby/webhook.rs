//! The door for Ashby's calls: `assessment.list`, `.start`, `.cancel` and the custom fields.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Ashby, stage, wire};
use crate::connection::Connection;
use crate::error::{Fault, FaultKind};
use crate::flow::{
    Caller, Manner, NewOrder, OrderRefused, PackageNamed, Services, Stranger, TakenOrder, packages, take_order,
};
use crate::inbound::{self, Answer, BadBody, Request, read_json};
use crate::order::{
    AtsReference, Candidate, ConnectionId, NotOrdered, Order, OrderId, Package, State, clean, job_title, page_url,
};

/// Longest name or e-mail address taken, in bytes.
const FIELD_LIMIT: usize = 320;

/// Answers one request of Ashby's.
pub async fn handle(services: &Services, request: Request) -> Answer {
    let request_id = Uuid::now_v7();
    match route(services, &request, request_id).await {
        Ok(body) => inbound::json(StatusCode::OK, &body),
        Err(no) => no.answer(request_id),
    }
}

/// A refusal, in Ashby's error envelope and with the `message` that a recruiter is shown.
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    fn answer(self, request_id: Uuid) -> Answer {
        let body = json!({
            "success": false,
            "errors": [self.code],
            "errorInfo": { "code": self.code, "message": self.message, "requestId": request_id.to_string() },
            "message": self.message,
        });
        inbound::json(self.status, &body)
    }
}

impl From<BadBody> for Refusal {
    fn from(bad: BadBody) -> Self {
        Self::new(bad.status(), bad.code(), format!("Crosscheck cannot read this request: {bad}."))
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        tracing::error!(fault = %fault, "door cannot answer");
        let message = "Crosscheck cannot reach its own storage at the moment. Try again in a minute.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", message)
    }
}

async fn route(services: &Services, request: &Request, request_id: Uuid) -> Result<Value, Refusal> {
    let parts = inbound::segments(request.uri().path());
    if let [.., stage::PATH, connection] = parts.as_slice()
        && request.method() == Method::POST
    {
        return Box::pin(stage::entered(services, request, connection)).await;
    }
    let name = inbound::last_segment(request.uri().path());
    let endpoint = match name {
        "assessment.list" => Endpoint::List,
        "assessment.start" => Endpoint::Start,
        "assessment.cancel" => Endpoint::Cancel,
        // The path of this call is in no public document; these four are the plausible ones.
        "customFields.fetch" | "customField.list" | "assessment.customField.list" | "assessment.customFields.fetch" => {
            Endpoint::CustomFields
        }
        _ => return Err(Refusal::new(StatusCode::NOT_FOUND, "unknown_endpoint", "Crosscheck has no such endpoint.")),
    };
    if request.method() != Method::POST {
        return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Ashby's endpoints take POST."));
    }
    let caller = identify(services, request).await?;
    let connection_id = &caller.connection().id;
    tracing::info!(connection_id = %connection_id, request_id = %request_id, endpoint = name, "ashby calls");
    match endpoint {
        Endpoint::List => list(services, caller.connection()).await,
        Endpoint::Start => start(services, &caller).await,
        Endpoint::Cancel => cancel(services, &caller).await,
        Endpoint::CustomFields => Ok(json!({ "success": true, "fields": [] })),
    }
}

enum Endpoint {
    List,
    Start,
    Cancel,
    CustomFields,
}

async fn identify(services: &Services, request: &Request) -> Result<Caller, Refusal> {
    let refused = || {
        let message = "The API key of this integration is not valid. Paste the External API Token that `crosscheck \
                       connect` or `crosscheck connections rotate` printed.";
        Refusal::new(StatusCode::UNAUTHORIZED, "invalid_api_key", message)
    };
    let credential = inbound::credential(request.headers()).ok_or_else(refused)?;
    match services.identify(&credential.secret, request.body().clone()).await {
        Ok(caller) => {
            tracing::debug!(scheme = credential.scheme, "caller identified");
            Ok(caller)
        }
        Err(Stranger::Refused) => {
            tracing::warn!(scheme = credential.scheme, "caller refused");
            Err(refused())
        }
        Err(Stranger::Unavailable(fault)) => Err(fault.into()),
    }
}

async fn list(services: &Services, connection: &Connection) -> Result<Value, Refusal> {
    let catalogue = packages(services, connection).await.map_err(|fault| match fault.kind {
        FaultKind::Platform => Refusal::from(fault),
        kind if kind.is_refusal() => {
            let message = format!("{} refused the key of this connection.", connection.vendor.title());
            Refusal::new(StatusCode::BAD_GATEWAY, "vendor_refused_key", message)
        }
        _ => {
            let message = format!("{} did not give its package list. Try again.", connection.vendor.title());
            Refusal::new(StatusCode::BAD_GATEWAY, "vendor_unavailable", message)
        }
    })?;
    let results: Vec<Value> = catalogue
        .packages
        .iter()
        .map(|p| {
            json!({
                "assessment_type_id": wire::assessment_type_id(&connection.id, &p.id).to_string(),
                "name": p.name,
                "description": p.description,
            })
        })
        .collect();
    Ok(json!({ "success": true, "results": results }))
}

/// A package by the UUID that Ashby knows it by.
#[derive(Debug)]
struct ByTypeId<'a> {
    connection: &'a ConnectionId,
    type_id: &'a str,
}

impl PackageNamed for ByTypeId<'_> {
    fn is(&self, package: &Package) -> bool {
        let ours = wire::assessment_type_id(self.connection, &package.id);
        Uuid::parse_str(self.type_id).is_ok_and(|asked| asked == ours)
    }
}

async fn start(services: &Services, caller: &Caller) -> Result<Value, Refusal> {
    let connection = caller.connection();
    let asked: wire::Start = read_json(caller.body())?;
    check(&asked)?;
    let email = asked.candidate.email.as_deref().map(clean::plain).filter(|email| !email.is_empty());
    let email = email.ok_or_else(|| {
        let why = NotOrdered::from("add an e-mail address to the candidate in Ashby and start the assessment again.");
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "assessment_not_started", why.to_string())
    })?;
    let package = ByTypeId { connection: &connection.id, type_id: &asked.assessment_type_id };
    let new = NewOrder {
        reference: reference(&asked),
        candidate: Candidate {
            first_name: asked.candidate.first_name.unwrap_or_default(),
            last_name: asked.candidate.last_name.unwrap_or_default(),
            email,
            phone: None,
        },
        package: &package,
        ats: &Ashby,
        manner: Manner::InTheAnswer,
    };
    match take_order(services, connection, new).await {
        Ok(TakenOrder::New(order) | TakenOrder::Known(order)) => Ok(started(&order)),
        Ok(TakenOrder::Elsewhere) => {
            let message = "This candidate is already being assessed with this package, by way of another application.";
            Err(Refusal::new(StatusCode::CONFLICT, "candidate_already_being_assessed", message))
        }
        Err(OrderRefused::Said(why)) => {
            Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "assessment_not_started", why.to_string()))
        }
        Err(OrderRefused::NoPackage(why)) => {
            let message = format!("{why} (The field is assessment_type_id.)");
            Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_assessment_type", message))
        }
        Err(OrderRefused::Unavailable(fault)) => Err(fault.into()),
    }
}

fn check(asked: &wire::Start) -> Result<(), BadBody> {
    let candidate = &asked.candidate;
    let needed = [
        ("assessment_type_id", &asked.assessment_type_id),
        ("candidate.ashby_id", &candidate.ashby_id),
        ("application.ashby_id", &asked.application.ashby_id),
    ];
    if let Some((name, _)) = needed.iter().find(|(_, value)| value.trim().is_empty()) {
        return Err(BadBody::Field(format!("the field `{name}` is empty")));
    }
    let optional = [
        ("candidate.first_name", &candidate.first_name),
        ("candidate.last_name", &candidate.last_name),
        ("candidate.email", &candidate.email),
    ];
    let optional = optional.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    match needed.into_iter().chain(optional).find(|(_, value)| value.len() > FIELD_LIMIT) {
        Some((name, _)) => Err(BadBody::Field(format!("the field `{name}` has more than {FIELD_LIMIT} bytes"))),
        None => Ok(()),
    }
}

fn reference(asked: &wire::Start) -> AtsReference {
    let job = asked.job.as_ref();
    AtsReference {
        candidate_id: asked.candidate.ashby_id.clone(),
        application_id: Some(asked.application.ashby_id.clone()),
        job_id: job.and_then(|job| job.ashby_id.clone()),
        job_title: job.and_then(|job| job_title(job.name.as_deref()?)),
        candidate_url: asked.candidate.ashby_profile_url.as_deref().and_then(page_url),
        job_url: job.and_then(|job| page_url(job.ashby_job_url.as_deref()?)),
        ..AtsReference::default()
    }
}

/// The answer to a start, with the status in the same round trip. Its time is the order's own, also when the start is
/// repeated: a later one could be that of an update which is on its way, and Ashby takes only one of two at the same time.
fn started(order: &Order) -> Value {
    let at = order.created_at;
    json!({
        "success": true,
        "results": {
            "assessment_id": order.id.to_string(),
            "update_request": wire::update(order, at, None),
        },
    })
}

/// The answer to a cancellation. The worker tells the result later.
fn accepted(order: &Order) -> Value {
    json!({ "success": true, "results": { "assessment_id": order.id.to_string() } })
}

async fn cancel(services: &Services, caller: &Caller) -> Result<Value, Refusal> {
    let asked: wire::Cancel = read_json(caller.body())?;
    let unknown = || {
        Refusal::new(StatusCode::OK, "assessment_not_found", "Crosscheck has no such assessment on this connection.")
    };
    let id: OrderId = asked.assessment_id.parse().map_err(|_| unknown())?;
    let connection = caller.connection();
    let now = services.clock.now();
    let changed = services.store.change(id, true, |order| {
        if order.connection != connection.id {
            return Err(unknown());
        }
        if order.status.state.is_closed() {
            return closed(order);
        }
        let may_stop = connection.vendor.facts().may_stop(connection, order.status.state);
        let stays = order.placement.vendor_ref().is_some() && !may_stop;
        order.ask_to_cancel("the ATS", now);
        if stays { Err(running(connection.vendor.title())) } else { Ok(accepted(order)) }
    });
    let (_, answer) = changed.await?.ok_or_else(unknown)?;
    tracing::info!(order_id = %id, "cancellation asked for");
    answer
}

/// The check runs at a vendor that Crosscheck cannot make stop it. The cancellation is recorded, and the recruiter
/// reads that.
fn running(vendor: &str) -> Refusal {
    let message = format!(
        "The check is already with {vendor}. Crosscheck has noted the cancellation and shows it here once {vendor} has \
         stopped; if nothing happens, stop it in the {vendor} portal."
    );
    Refusal::new(StatusCode::OK, "already_with_vendor", message)
}

fn closed(order: &Order) -> Result<Value, Refusal> {
    match order.status.state {
        State::Cancelled | State::Expired | State::Failed => Ok(accepted(order)),
        _ => Err(Refusal::new(StatusCode::OK, "already_completed", "The check is completed and cannot be cancelled.")),
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    #[test]
    fn a_repeated_answer_never_has_the_time_of_an_update_that_is_on_its_way() {
        let package = Package { id: "p".into(), name: "Standard".into(), description: String::new() };
        let (id, now) = (ConnectionId::from_random([1; 8]), Timestamp::UNIX_EPOCH);
        let mut order = Order::new(id, AtsReference::default(), package, now);
        let first = started(&order);
        let update = order.begin_to_tell(now, now + SignedDuration::from_secs(25));
        let time = |answer: &Value| answer["results"]["update_request"]["timestamp"].as_i64();
        assert_eq!(time(&started(&order)), time(&first));
        assert!(time(&first) < Some(update.as_millisecond()));
    }
}
