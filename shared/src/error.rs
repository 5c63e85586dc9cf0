//! One error for every call to a vendor, an ATS or AWS: what went wrong, whether it was carried out, and whether a retry may help.

use std::fmt;
use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// What went wrong in a call to a vendor, an ATS or AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum FaultKind {
    /// The other side refused our key: HTTP 401, its words, or a neutral call is refused too. Somebody has to replace it.
    KeyRefused,
    /// The other side takes our key but says that it lacks a right: a scope, a permission, the account's approval.
    RightMissing,
    /// HTTP 403 without telling words: the key, a right or this one candidate. A neutral call tells.
    NotAllowed,
    /// What we asked for is not there (404, or the protocol's own "not found").
    NotFound,
    /// The other side says that this exists already (409).
    Duplicate,
    /// The other side refused the data itself (other 4xx, or `success: false`).
    DataRefused,
    /// Too many requests (429).
    RateLimited,
    /// The other side is down or failing (5xx, connection refused).
    Down,
    /// No answer in time, or the connection broke after we had begun to send.
    NoAnswer,
    /// An answer that its protocol does not allow (a 200 without the promised field).
    #[strum(serialize = "unexpected_answer")]
    Unexpected,
    /// The address may not be called (wrong host, private address, plain http).
    #[strum(serialize = "address_forbidden")]
    Forbidden,
    /// AWS (table, queue or secrets) failed.
    Platform,
}

impl FaultKind {
    /// The word for logs and metrics.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether trying again soon, with nothing changed by a person, may succeed.
    pub const fn is_passing(self) -> bool {
        match self {
            Self::RateLimited | Self::Down | Self::NoAnswer | Self::Unexpected | Self::Platform => true,
            Self::KeyRefused
            | Self::RightMissing
            | Self::NotAllowed
            | Self::NotFound
            | Self::Duplicate
            | Self::DataRefused
            | Self::Forbidden => false,
        }
    }

    /// Whether the other side refused the caller and not what it asked for.
    pub const fn is_refusal(self) -> bool {
        matches!(self, Self::KeyRefused | Self::RightMissing | Self::NotAllowed)
    }
}

/// What a 403 is about by its code or words; `None` where they do not tell. Only words about the account or the key
/// count: "you have no permission to see this candidate" is about one candidate.
fn told(code_or_words: &str) -> Option<FaultKind> {
    let text = code_or_words.to_ascii_lowercase();
    let says = |any: &[&str]| any.iter().any(|part| text.contains(part));
    if says(&["endpoint_permission", "scope", "not approved", "not authorized for production", "module permission"]) {
        return Some(FaultKind::RightMissing);
    }
    let key = says(&["api key", "api_key", "apikey", "access token", "credential"]);
    let bad = says(&["invalid", "wrong", "revoked", "expired", "disabled", "deactivated", "unknown", "missing"]);
    (key && bad).then_some(FaultKind::KeyRefused)
}

/// A failed call. `Display` is safe to log: it never holds a body, a key or a person's data.
#[derive(Debug, Clone)]
pub struct Fault {
    /// What went wrong.
    pub kind: FaultKind,
    /// The operation, in the other side's words: `candidate/add`, `assessment.update`.
    pub operation: &'static str,
    /// Machine-made detail without personal data: a status code, an error code, a field name.
    pub detail: String,
    /// What the other side said, for the recruiter. May name the candidate's data, so it is never logged.
    pub said: Option<String>,
    /// How long the other side asks us to wait.
    pub retry_after: Option<Duration>,
    /// False only when it is certain that the other side did not carry the request out.
    pub maybe_done: bool,
    /// Whether a secret is missing or unreadable: then there is something to set up before anything can work.
    pub secret_missing: bool,
}

impl Fault {
    /// A fault of this kind. `maybe_done` starts as the kind suggests and may be overridden.
    pub fn new(kind: FaultKind, operation: &'static str, detail: impl Into<String>) -> Self {
        let maybe_done = matches!(kind, FaultKind::Down | FaultKind::NoAnswer | FaultKind::Unexpected);
        let secret_missing = false;
        Self { kind, operation, detail: detail.into(), said: None, retry_after: None, maybe_done, secret_missing }
    }

    /// The fault for a secret that is missing, or that holds something else than this version writes.
    pub fn secret_missing(which: &'static str) -> Self {
        let fault = Self::new(FaultKind::Platform, which, "missing or unreadable");
        Self { secret_missing: true, ..fault }
    }

    /// The same fault with what the other side said. Words may tell what a 403 is about.
    #[must_use]
    pub fn said(mut self, words: Option<String>) -> Self {
        if self.kind == FaultKind::NotAllowed {
            let by_words = words.as_deref().and_then(told);
            self.kind = told(&self.detail).or(by_words).unwrap_or(FaultKind::NotAllowed);
        }
        self.said = words;
        self
    }

    /// The same fault of a call that concerns no candidate: where it is not allowed, no other call would be.
    #[must_use]
    pub fn of_neutral_call(mut self) -> Self {
        if self.kind == FaultKind::NotAllowed {
            self.kind = FaultKind::KeyRefused;
        }
        self
    }

    /// The same fault, certain not to have been carried out.
    #[must_use]
    pub const fn not_sent(mut self) -> Self {
        self.maybe_done = false;
        self
    }

    /// What the other side said, or else what we know ourselves; for a recruiter, not for a log.
    pub fn words(&self) -> &str {
        self.said.as_deref().unwrap_or(&self.detail)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: {} ({})", self.operation, self.kind.name(), self.detail)
    }
}

impl std::error::Error for Fault {}

/// The error code of an AWS answer, or the kind of failure when there was none.
pub fn aws_code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    match error {
        SdkError::ServiceError(service) => service.err().code().unwrap_or("service error").to_owned(),
        SdkError::TimeoutError(_) => "timeout".to_owned(),
        SdkError::DispatchFailure(_) => "not reachable".to_owned(),
        _ => "no usable answer".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_about_the_account_tell_what_a_403_is_about_and_words_about_a_candidate_do_not() {
        for (detail, words, kind) in [
            ("HTTP 403", Some("The account is not approved for production"), FaultKind::RightMissing),
            ("HTTP 403, missing_endpoint_permission", None, FaultKind::RightMissing),
            ("HTTP 403", Some("insufficient_scope: assessments:write"), FaultKind::RightMissing),
            ("HTTP 403", Some("Invalid API key provided"), FaultKind::KeyRefused),
            ("HTTP 403", Some("This access token was revoked"), FaultKind::KeyRefused),
            ("HTTP 403", Some("You have no permission to see this candidate"), FaultKind::NotAllowed),
            ("HTTP 403", Some("Candidate has requested that their PII be removed"), FaultKind::NotAllowed),
            ("HTTP 403", Some("Forbidden"), FaultKind::NotAllowed),
            ("HTTP 403", None, FaultKind::NotAllowed),
        ] {
            let fault = Fault::new(FaultKind::NotAllowed, "x", detail).said(words.map(str::to_owned));
            assert_eq!(fault.kind, kind, "{detail} {words:?}");
        }
        // Another status tells by itself.
        let refused = Fault::new(FaultKind::DataRefused, "x", "HTTP 422").said(Some("scope is missing".to_owned()));
        assert_eq!(refused.kind, FaultKind::DataRefused);
    }
}
