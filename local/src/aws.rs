//! The endpoint of the stand-ins: one address that answers as Secrets Manager and as SQS, by `X-Amz-Target`.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::queue::Messages;
use super::secrets::{Refusal, Vault};

type Services = (Arc<Vault>, Arc<Messages>);

/// Serves until the task is aborted.
pub(super) async fn serve(listener: TcpListener, vault: Arc<Vault>, messages: Arc<Messages>) {
    let router = Router::new().fallback(post(answer)).with_state((vault, messages));
    if let Err(problem) = axum::serve(listener, router).await {
        tracing::error!(%problem, "the local AWS endpoint stopped");
    }
}

async fn answer(State((vault, messages)): State<Services>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let target = headers.get("x-amz-target").and_then(|t| t.to_str().ok()).unwrap_or_default();
    let input: Value = serde_json::from_slice(&body).unwrap_or_default();
    let result = match target.split_once('.') {
        Some(("secretsmanager", action)) => vault.act(action, &input),
        Some(("AmazonSQS", "SendMessage")) => Ok(messages.send(&input)),
        _ => Err(Refusal("UnknownOperationException")),
    };
    match result {
        Ok(output) => (StatusCode::OK, output.to_string()),
        Err(Refusal(code)) => (StatusCode::BAD_REQUEST, json!({ "__type": code, "message": code }).to_string()),
    }
}
