//! Calls to Ashby's API.

use serde_json::Value;
use uuid::Uuid;

use super::envelope;
use crate::error::{Fault, FaultKind};
use crate::flow::Link;

/// Calls one Ashby endpoint and returns its `results`. `success` is checked even on HTTP 200.
pub(super) async fn call(link: &Link<'_>, operation: &'static str, body: Value) -> Result<Value, Fault> {
    let reply = envelope::post(link, operation, body, "application/json; version=1").await?;
    envelope::read(operation, &reply)
}

/// Reads a candidate that does not exist: a good key is told so, a bad one is refused. `apiKey.info` would need a
/// scope that the connection does not otherwise want.
pub(super) async fn check_key(link: &Link<'_>) -> Result<(), Fault> {
    let nobody = serde_json::json!({ "id": Uuid::now_v7() });
    match call(link, "candidate.info", nobody).await {
        Ok(_) => Ok(()),
        Err(fault) if matches!(fault.kind, FaultKind::NotFound | FaultKind::DataRefused) => Ok(()),
        Err(fault) => Err(fault),
    }
}
