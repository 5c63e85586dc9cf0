//! SpringVerify's webhook: a bearer secret that we chose, and the same status codes as the poll.

use serde_json::Value;

use super::{Callback, wire};
use crate::connection::Connection;
use crate::inbound::{BadBody, Request, credential, read_json};
use crate::order::{Report, Source};
use crate::secrets::StoredKeys;
use crate::signature::{NotVerified, Verified, by_bearer};

/// Verifies the bearer against each of the keys that may be in force.
pub(super) fn verify(request: &Request, connection: &Connection, keys: &[StoredKeys]) -> Result<Verified, NotVerified> {
    let presented = credential(request.headers()).filter(|c| c.scheme == "bearer").ok_or(NotVerified)?;
    let secrets = keys.iter().map(|k| k.callback_secret.as_str());
    by_bearer(connection, &presented.secret, secrets, request.body())
}

/// Reads `status_update` and `completed` alike. `report_url` is signed and expires, so it is not kept: our own link
/// fetches the report afresh. Name and e-mail address are not read at all.
pub(super) fn read(body: &[u8]) -> Result<Callback, BadBody> {
    let value: Value = read_json(body)?;
    let missing = |field: &str| BadBody::Field(format!("the field `{field}` is missing"));
    let vendor_ref = value.get("candidate_id").and_then(wire::id).ok_or_else(|| missing("candidate_id"))?;
    let reading = wire::reading(&value).ok_or_else(|| missing("overall_status_code"))?;
    let report = Report {
        source: Source::Pushed,
        reading,
        vendor_ref: Some(vendor_ref),
        profile_url: None,
        report_url: None,
        score: None,
        said_at: None,
    };
    Ok(Callback { order: wire::our_order(&value), report })
}
