//! How the vendor knows that an event is ours: StackOne's header, Standard Webhooks' three, or both.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

use super::SIGNING;
use crate::account::Account;
use crate::error::{Fault, FaultKind};
use crate::signature::{sign, sign_base64};

/// The prefix of a Standard Webhooks secret.
const PREFIX: &str = "whsec_";

/// Which headers are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    StackOne,
    StandardWebhooks,
    Both,
}

/// What the operator chose.
pub(super) fn scheme(account: &Account<'_>, operation: &'static str) -> Result<Scheme, Fault> {
    let known = account.option(SIGNING).map_or(Some(Scheme::StackOne), named);
    known.ok_or_else(|| Fault::new(FaultKind::Forbidden, operation, UNKNOWN_SCHEME).not_sent())
}

fn named(option: &str) -> Option<Scheme> {
    match option {
        "stackone" => Some(Scheme::StackOne),
        "standard-webhooks" => Some(Scheme::StandardWebhooks),
        "both" => Some(Scheme::Both),
        _ => None,
    }
}

const UNKNOWN_SCHEME: &str = "the option signing is none of stackone, standard-webhooks, both";

/// What is wrong with the option as the operator wrote it.
pub(super) fn check(option: &str) -> Result<(), String> {
    named(option).map(drop).ok_or_else(|| UNKNOWN_SCHEME.to_owned())
}

/// The headers that sign a body. `id` stays the same however often the event is sent; `at` is this attempt.
pub(super) fn headers(
    account: &Account<'_>,
    operation: &'static str,
    scheme: Scheme,
    (id, at): (&str, Timestamp),
    body: &str,
) -> Result<HeaderMap, Fault> {
    if account.signing_secret.is_empty() {
        let why = "the connection has no signing secret; connect it anew";
        return Err(Fault::new(FaultKind::Forbidden, operation, why).not_sent());
    }
    let mut headers = HeaderMap::new();
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    if scheme != Scheme::StandardWebhooks {
        // One header has room for one signature, so the secret in force signs alone.
        put("x-stackone-signature", &sign(account.signing_secret.as_bytes(), body));
    }
    if scheme != Scheme::StackOne {
        let at = at.as_second();
        let signed = format!("{id}.{at}.{body}");
        let secrets = [account.signing_secret, account.previous_signing_secret];
        let signatures: Vec<String> = secrets
            .iter()
            .filter(|secret| !secret.is_empty())
            .map(|secret| Ok(format!("v1,{}", sign_base64(&decoded(secret, operation)?, &signed))))
            .collect::<Result<_, Fault>>()?;
        put("webhook-id", id);
        put("webhook-timestamp", &at.to_string());
        put("webhook-signature", &signatures.join(" "));
    }
    Ok(headers)
}

fn decoded(secret: &str, operation: &'static str) -> Result<Vec<u8>, Fault> {
    let unreadable = |_| Fault::new(FaultKind::Forbidden, operation, "the signing secret is not base64").not_sent();
    STANDARD.decode(secret.strip_prefix(PREFIX).unwrap_or(secret)).map_err(unreadable)
}
