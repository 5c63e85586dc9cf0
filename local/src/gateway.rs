//! The deployed routes on a loopback address: API Gateway's part, in front of the same doors.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use shared::door::{AshbyWebhook, Door, SmartRecruitersWebhook, TeamtailorWebhook, VendorCallback};
use shared::flow::Services;
use shared::inbound::segments;
use tokio::net::TcpListener;

use super::activity::Activity;
use super::pump::Pump;

/// API Gateway's limit of 10 MB. The doors themselves refuse much smaller bodies.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// The door that a path leads to, by the first of its parts that is one of these; as the template's routes have it.
const DOORS: [(&str, &dyn Door); 3] =
    [("ashby", &AshbyWebhook), ("smartrecruiters", &SmartRecruitersWebhook), ("teamtailor", &TeamtailorWebhook)];

/// Callbacks and report links, and every address that there is not.
const OTHERWISE: &dyn Door = &VendorCallback;

fn door(path: &str) -> &'static dyn Door {
    let leads_to = |part: &str| DOORS.iter().find(|(name, _)| *name == part).map(|(_, door)| *door);
    segments(path).into_iter().find_map(leads_to).unwrap_or(OTHERWISE)
}

/// Serves until the task is aborted.
pub(super) async fn serve(listener: TcpListener, services: Services, pump: Pump, activity: Activity) {
    let router = Router::new().fallback(answer).with_state((services, pump, activity));
    if let Err(problem) = axum::serve(listener, router).await {
        tracing::error!(%problem, "the local gateway stopped");
    }
}

type Behind = (Services, Pump, Activity);

/// What the request wrote is on its way to the worker before the caller has the answer.
async fn answer(State((services, pump, activity)): State<Behind>, request: axum::http::Request<Body>) -> Response {
    let under_way = activity.begin();
    let response = route(&services, request).await;
    pump.ended(under_way);
    response
}

async fn route(services: &Services, request: axum::http::Request<Body>) -> Response {
    let door = door(request.uri().path());
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "{\"message\":\"Request Too Long\"}").into_response();
    };
    door.answer(services, axum::http::Request::from_parts(parts, body)).await.map(Body::from)
}
