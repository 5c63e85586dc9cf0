//! Verifies a partner event: its bearer, its signature and its company.

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;

use super::caller::{identify, with_partner_keys};
use super::refusal::Refusal;
use super::wire;
use crate::connection::Connection;
use crate::error::Fault;
use crate::flow::{Services, Stranger};
use crate::inbound::Request;
use crate::signature::is_signed_hex;

/// The header with the time of the call and the event's signature.
const HEADER: &str = "teamtailor-signature";

/// A signature is good for this many seconds before and after the moment it names.
const WINDOW: u64 = 5 * 60;

/// What the recruiter is told of a token that no connection has.
const UNKNOWN_TOKEN: &str = "Crosscheck does not know the External Trigger Token of this integration. Ask your \
                             Teamtailor admin to open the integration's settings, paste the token that Crosscheck \
                             gave, and update.";

/// An event and whose it is.
pub(super) struct Heard {
    /// The connection that the bearer is of.
    pub(super) connection: Connection,
    /// What happened.
    pub(super) event: wire::Event,
}

/// Verifies and reads an event. The signature covers only the event's id, so the bearer says who sends it. If the event
/// names a company, it has to be the connection's.
///
/// # Errors
/// Words for the recruiter, with the status of what is wrong.
pub(super) async fn hear(services: &Services, request: &Request) -> Result<Heard, Refusal> {
    let caller = identify(services, request).await.map_err(|stranger| match stranger {
        Stranger::Refused => Refusal::new(StatusCode::UNAUTHORIZED, UNKNOWN_TOKEN),
        Stranger::Unavailable(fault) => fault.into(),
    })?;
    let event = wire::event(caller.body())?;
    let signature = Signature::of(request.headers()).ok_or_else(|| {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "Crosscheck only takes events that Teamtailor has signed; this one is not.",
        )
    })?;
    if !signature.is_fresh(services.clock.now()) {
        let words = "This event was signed too long ago, or ahead of time. Send again.";
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, words));
    }
    let signs = |secret: &str| signature.signs(event.id(), secret).then_some(());
    if with_partner_keys(services, |keys| signs(&keys.webhook_secret)).await?.is_none() {
        tracing::warn!(connection_id = %caller.connection().id, "wrong signature");
        let words = "Teamtailor's signature is wrong. Ask your Crosscheck administrator to compare the webhook \
                     signature secret with the one in Teamtailor.";
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, words));
    }
    let connection = caller.connection().clone();
    if let Some(company) = event.company()
        && !ours(services, &connection, company).await?
    {
        tracing::warn!(connection_id = %connection.id, "another company's event");
        let words = "This External Trigger Token belongs to another Teamtailor company. Ask your Crosscheck \
                     administrator for a token of your own.";
        return Err(Refusal::new(StatusCode::FORBIDDEN, words));
    }
    Ok(Heard { connection, event })
}

/// Whether the company is the connection's. The first company that sends an event becomes it.
async fn ours(services: &Services, connection: &Connection, company: &str) -> Result<bool, Fault> {
    let company = company.to_ascii_lowercase();
    if let Some(known) = &connection.account {
        return Ok(known.eq_ignore_ascii_case(&company));
    }
    let changed = services.change_connection(&connection.id, |known| {
        let account = known.account.get_or_insert_with(|| company.clone());
        account.eq_ignore_ascii_case(&company)
    });
    let tied = changed.await?.is_some_and(|(_, tied)| tied);
    if tied {
        tracing::info!(connection_id = %connection.id, "tied to its Teamtailor company");
    }
    Ok(tied)
}

/// What the header says: when, and the signatures by the only scheme there is.
struct Signature {
    at: String,
    v1: Vec<String>,
}

impl Signature {
    /// Parts come in any order, on one line or several, with or without spaces.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let (mut at, mut v1) = (None, Vec::new());
        for value in headers.get_all(HEADER) {
            for (name, value) in value.to_str().ok()?.split(',').filter_map(|part| part.split_once('=')) {
                match name.trim() {
                    "t" => at = Some(value.trim().to_owned()),
                    "v1" => v1.push(value.trim().to_owned()),
                    // `v0` is a decoy, and nothing newer than `v1` is known.
                    _ => {}
                }
            }
        }
        at.filter(|_| !v1.is_empty()).map(|at| Self { at, v1 })
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        self.at.parse::<i64>().is_ok_and(|at| at.abs_diff(now.as_second()) <= WINDOW)
    }

    fn signs(&self, event_id: &str, secret: &str) -> bool {
        let text = format!("{}.{event_id}", self.at);
        !secret.is_empty() && self.v1.iter().any(|v1| is_signed_hex(secret.as_bytes(), text.as_bytes(), v1))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const V1: &str = "9414ea3c0123ebff024db04e73f583be29eb12bc302018744ac549b505319a11";
    const ID: &str = "f3d7e8e2-da33-4c10-ae5f-0e7f4d46f6d7";
    const SECRET: &str = "test-webhook-secret";
    const SIGNED_AT: i64 = 1_539_756_759;

    fn signature(lines: &[&str]) -> Option<Signature> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HEADER, HeaderValue::from_str(line).expect("a header"));
        }
        Signature::of(&headers)
    }

    #[test]
    fn the_known_vector_is_good_however_the_header_is_written() {
        let (t, v1) = (format!("t={SIGNED_AT}"), format!("v1={V1}"));
        for lines in [
            vec![format!("{t},{v1},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39")],
            vec![format!("v0=aa, {v1}, {t}")],
            vec![t.clone(), v1.clone()],
            vec![format!("{t}, v1={},", V1.to_uppercase())],
            vec![format!("{t},v1=00,{v1}")],
        ] {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let signature = signature(&lines).expect("a signature");
            assert!(signature.signs(ID, SECRET), "{lines:?}");
            assert!(!signature.signs(ID, "another secret") && !signature.signs("another id", SECRET), "{lines:?}");
            assert!(!signature.signs(ID, ""), "no secret signs nothing");
        }
    }

    #[test]
    fn a_header_without_time_or_scheme_is_no_signature() {
        assert!(signature(&[]).is_none());
        assert!(signature(&[&format!("t={SIGNED_AT},v0={V1}")]).is_none());
        assert!(signature(&[&format!("v1={V1}")]).is_none());
        assert!(signature(&["nonsense"]).is_none());
    }

    #[test]
    fn a_signature_is_good_for_five_minutes_either_way() {
        let made = signature(&[&format!("t={SIGNED_AT},v1={V1}")]).expect("a signature");
        let fresh = |second: i64| made.is_fresh(Timestamp::from_second(second).expect("a time"));
        assert!(fresh(SIGNED_AT) && fresh(SIGNED_AT + 300) && fresh(SIGNED_AT - 300));
        assert!(!fresh(SIGNED_AT + 301) && !fresh(SIGNED_AT - 301));
        let odd = signature(&["t=soon,v1=00"]).expect("a signature");
        assert!(!odd.is_fresh(Timestamp::UNIX_EPOCH));
        let moved = signature(&[&format!("t={},v1={V1}", SIGNED_AT + 1)]).expect("a signature");
        assert!(!moved.signs(ID, SECRET), "the time is signed too");
    }
}
