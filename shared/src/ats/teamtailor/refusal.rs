//! How Teamtailor is told no.

use http::StatusCode;
use serde_json::Value;

use crate::error::Fault;
use crate::inbound::{self, Answer, BadBody};

/// What is answered while our own table or secrets are away.
const UNAVAILABLE: &str = "Crosscheck cannot reach its own storage at the moment. Try again in a minute.";

/// A refusal. It is sent as a JSON string, because Teamtailor shows only a bare text on the card.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) words: String,
}

impl Refusal {
    /// A refusal with these words for the recruiter.
    pub(super) fn new(status: StatusCode, words: impl Into<String>) -> Self {
        Self { status, words: words.into() }
    }

    /// As it is sent.
    pub(super) fn answer(self) -> Answer {
        inbound::json(self.status, &Value::String(self.words))
    }
}

impl From<BadBody> for Refusal {
    fn from(bad: BadBody) -> Self {
        Self::new(bad.status(), format!("Crosscheck cannot read this request: {bad}."))
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        tracing::error!(fault = %fault, "door cannot answer");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_one_quoted_text() {
        let answer = Refusal::new(StatusCode::CONFLICT, "Not \"again\".").answer();
        assert_eq!(answer.status(), StatusCode::CONFLICT);
        assert_eq!(answer.body().as_ref(), br#""Not \"again\".""#);
    }
}
