//! The deployed routes on a loopback address: API Gateway's part, in front of the same doors.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use shared::door::Door;
use shared::flow::Services;
use tokio::net::TcpListener;

use super::activity::Activity;
use super::pump::Pump;

/// API Gateway takes 10 MB; the doors refuse far less, and this only bounds what they are shown.
const MAX_BODY: usize = 10 * 1024 * 1024;

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
    let Some(door) = Door::of_path(request.uri().path()) else {
        // API Gateway's own answer for a route that the template does not have.
        return (StatusCode::FORBIDDEN, "{\"message\":\"Missing Authentication Token\"}").into_response();
    };
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "{\"message\":\"Request Too Long\"}").into_response();
    };
    door.answer(services, axum::http::Request::from_parts(parts, body)).await.map(Body::from)
}
