//! Calls to Ashby's API.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{envelope, wire};
use crate::account::Account;
use crate::error::{Fault, FaultKind};

/// Calls one Ashby endpoint and returns its `results`. `success` is checked even on HTTP 200.
pub(super) async fn call(account: &Account<'_>, operation: &'static str, body: Value) -> Result<Value, Fault> {
    let reply = envelope::post(account, operation, body, "application/json; version=1").await?;
    envelope::read(operation, &reply)
}

/// Tries the key for both scopes that the connection needs, with ids that do not exist. Ashby answers "not found" to a
/// key that has the scope and refuses one that lacks it. `apiKey.info` would need a third scope.
pub(super) async fn check_key(account: &Account<'_>) -> Result<(), Fault> {
    may_read(account).await?;
    may_write(account).await
}

async fn may_read(account: &Account<'_>) -> Result<(), Fault> {
    let nobody = json!({ "id": Uuid::now_v7() });
    match call(account, "candidate.info", nobody).await {
        Ok(_) => Ok(()),
        Err(fault) if matches!(fault.kind, FaultKind::NotFound | FaultKind::DataRefused) => Ok(()),
        // A wrong key is refused with the same status; only the code tells the two apart.
        Err(fault) if fault.kind.is_refusal() && fault.detail.contains("permission") => {
            Err(lacks(fault, "candidatesRead, which Ashby shows as Candidates: Read"))
        }
        Err(fault) => Err(fault.of_neutral_call()),
    }
}

/// The key could read a moment ago, so a refusal now is about the scope for writing. What Ashby answers to an unknown
/// assessment is not public; any answer but a refusal shows that the key may write.
async fn may_write(account: &Account<'_>) -> Result<(), Fault> {
    let Err(fault) = call(account, "assessment.update", wire::least_update(Uuid::now_v7())).await else {
        return Ok(());
    };
    match fault.kind {
        FaultKind::KeyRefused | FaultKind::RightMissing | FaultKind::NotAllowed => {
            Err(lacks(fault, "candidatesWrite, which Ashby shows as Candidates: Write"))
        }
        FaultKind::NotFound
        | FaultKind::Duplicate
        | FaultKind::DataRefused
        | FaultKind::Down
        | FaultKind::Unexpected => Ok(()),
        FaultKind::RateLimited | FaultKind::NoAnswer | FaultKind::Forbidden | FaultKind::Platform => Err(fault),
    }
}

/// The refusal, with the missing scope in the words for the operator.
fn lacks(mut fault: Fault, scope: &str) -> Fault {
    fault.kind = FaultKind::RightMissing;
    fault.detail = format!("{}; the key lacks the scope {scope}", fault.detail);
    fault
}
