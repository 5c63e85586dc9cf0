//! The door that Teamtailor knocks at.

use http::StatusCode;
use serde_json::json;

use crate::flow::Desk;
use crate::inbound::{self, Answer, Request};

/// Answers one request of Teamtailor's.
pub async fn handle(_desk: &Desk, _request: Request) -> Answer {
    inbound::json(StatusCode::NOT_FOUND, &json!({ "message": "Crosscheck has no such path." }))
}
