//! How Teamtailor is told no.

use http::StatusCode;
use serde_json::Value;

use crate::error::Fault;
use crate::inbound::{self, Answer, BadBody};
use crate::secrets::PARTNER_SECRET;

/// What is answered while our own table or secrets are away.
const UNAVAILABLE: &str = "Crosscheck cannot reach its own storage at the moment. Try again in a minute.";

/// What is answered before this deployment is a partner of Teamtailor.
const NOT_SET_UP: &str = "Crosscheck has no partner keys of Teamtailor yet. Ask your Crosscheck administrator to run \
                          `crosscheck ats setup teamtailor`.";

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
        let is_not_set_up = fault.secret_missing && fault.operation == PARTNER_SECRET;
        Self::new(StatusCode::SERVICE_UNAVAILABLE, if is_not_set_up { NOT_SET_UP } else { UNAVAILABLE })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::FaultKind;

    #[test]
    fn the_words_before_the_set_up_name_the_command_and_other_faults_ask_for_patience() {
        for (fault, words) in [
            (Fault::secret_missing(PARTNER_SECRET), "`crosscheck ats setup teamtailor`"),
            (Fault::secret_missing("connection secret"), "Try again"),
            (Fault::new(FaultKind::Platform, PARTNER_SECRET, "AccessDenied"), "Try again"),
        ] {
            let refusal = Refusal::from(fault);
            assert!(refusal.words.contains(words) && refusal.status.is_server_error(), "{refusal:?}");
        }
    }

    #[test]
    fn a_refusal_is_one_quoted_text() {
        let answer = Refusal::new(StatusCode::CONFLICT, "Not \"again\".").answer();
        assert_eq!(answer.status(), StatusCode::CONFLICT);
        assert_eq!(answer.body().as_ref(), br#""Not \"again\".""#);
    }
}
