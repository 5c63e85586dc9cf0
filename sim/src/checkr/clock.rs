//! Checkr's clock: ISO 8601 in UTC, to the second.

use jiff::{SignedDuration, Timestamp};

pub(super) fn now() -> String {
    after_s(0)
}

#[expect(clippy::disallowed_methods, reason = "the vendor's clock is not the bridge's")]
pub(super) fn after_s(seconds: i64) -> String {
    let now = Timestamp::now();
    let then = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
    then.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
