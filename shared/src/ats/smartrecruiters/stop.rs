//! Why a company is not connected, in words that its admin can act on.

use http::StatusCode;

use crate::error::{Fault, FaultKind};
use crate::outbound::Reply;

/// Why a company is not connected, in words that its admin can act on.
pub(super) struct Stop {
    pub(super) status: StatusCode,
    pub(super) words: String,
    /// Whether sending the form again may help.
    pub(super) again: bool,
    /// Whether something that the admin entered is wrong.
    pub(super) wrong: bool,
}

impl Stop {
    pub(super) fn new(status: StatusCode, words: impl Into<String>) -> Self {
        Self { status, words: words.into(), again: false, wrong: false }
    }

    pub(super) fn passing(status: StatusCode, words: &str) -> Self {
        Self { again: true, ..Self::new(status, words) }
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        tracing::error!(fault = %fault, "door cannot answer");
        let words = "Crosscheck cannot reach its own storage at the moment. Try again in a minute.";
        Self::passing(StatusCode::SERVICE_UNAVAILABLE, words)
    }
}

/// The words for an answer that connects nothing.
pub(super) fn refusal(reply: &Reply) -> Stop {
    let (status, words) = match reply.status.as_u16() {
        403 => (
            StatusCode::CONFLICT,
            "SmartRecruiters says that this company has not allowed the connection. Close this window, press Connect \
             in SmartRecruiters again, and allow it. If you did allow it, your Crosscheck administrator has to ask \
             SmartRecruiters for the scopes partner_configuration_manage and client_credentials_write.",
        ),
        404 => (
            StatusCode::CONFLICT,
            "SmartRecruiters does not know this partner's addresses yet. Ask your Crosscheck administrator to run \
             `crosscheck ats setup smartrecruiters`, then press Connect again.",
        ),
        409 => (
            StatusCode::CONFLICT,
            "SmartRecruiters has this company connected already, with credentials that Crosscheck does not have. \
             Disconnect the partner in SmartRecruiters, then press Connect again.",
        ),
        401 => return Stop::new(StatusCode::BAD_GATEWAY, MASTER_REFUSED),
        429 | 500..=599 => return no_answer(&Fault::new(FaultKind::Down, super::integrate::OPERATION, "said so")),
        _ => (
            StatusCode::BAD_GATEWAY,
            "SmartRecruiters did not accept the connection. Ask your Crosscheck administrator to look at the log.",
        ),
    };
    Stop::new(status, words)
}

const MASTER_REFUSED: &str = "SmartRecruiters refused the partner's own key. Ask your Crosscheck administrator to run \
                              `crosscheck ats setup smartrecruiters` with a new one.";

pub(super) fn no_master_token(fault: &Fault) -> Stop {
    if fault.kind == FaultKind::KeyRefused {
        tracing::error!(fault = %fault, "SmartRecruiters refused the partner's key");
        return Stop::new(StatusCode::BAD_GATEWAY, MASTER_REFUSED);
    }
    no_answer(fault)
}

pub(super) fn no_answer(fault: &Fault) -> Stop {
    tracing::warn!(fault = %fault, "SmartRecruiters does not answer");
    let words = "SmartRecruiters does not answer at the moment. Try again in a few minutes.";
    Stop::passing(StatusCode::BAD_GATEWAY, words)
}

/// SmartRecruiters shows its credentials once. After a failure behind that point the admin has to start over.
pub(super) fn anew(status: StatusCode, what: &str) -> Stop {
    let remedy = "Disconnect the partner in SmartRecruiters, then press Connect again.";
    Stop::new(status, format!("{what} {remedy}"))
}
