//! Our token endpoint: SmartRecruiters presents the client id and secret that we made for a company, and gets an access
//! token (RFC 6749, section 4.4).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::json;
use url::form_urlencoded::parse;

use crate::ats::AtsKind;
use crate::connection::{Connection, ConnectionState};
use crate::error::Fault;
use crate::flow::Services;
use crate::inbound::{self, Answer, MAX_BODY, Request};
use crate::order::ConnectionId;
use crate::secrets::StoredKeys;
use crate::signature::{AccessToken, Verified, by_access_token, by_bearer};

/// How long our access tokens are good for.
const LIFETIME: Duration = Duration::from_hours(1);

const CLIENT_PREFIX: &str = "xcc_";

/// The client id that SmartRecruiters is given for a connection.
pub(super) fn client_id(connection: &ConnectionId) -> String {
    format!("{CLIENT_PREFIX}{connection}")
}

/// Why no token is given, in the words of RFC 6749, section 5.2.
#[derive(Debug)]
enum Refused {
    Request(&'static str),
    GrantType,
    Client { basic: bool },
    Unavailable(Fault),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Unavailable(fault)
    }
}

impl Refused {
    fn answer(&self) -> Answer {
        let (status, error, description) = match self {
            Self::Request(words) => (StatusCode::BAD_REQUEST, "invalid_request", *words),
            Self::GrantType => {
                (StatusCode::BAD_REQUEST, "unsupported_grant_type", "Only client_credentials is given tokens.")
            }
            Self::Client { .. } => {
                (StatusCode::BAD_REQUEST, "invalid_client", "The client is unknown, or its secret is not this one.")
            }
            Self::Unavailable(fault) => {
                tracing::error!(fault = %fault, "door cannot answer");
                (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", "Try again in a minute.")
            }
        };
        let mut answer = inbound::json(status, &json!({ "error": error, "error_description": description }));
        if let Self::Client { basic: true } = self {
            // RFC 6749, section 5.2: a client that used the Authorization header gets `WWW-Authenticate`.
            *answer.status_mut() = StatusCode::UNAUTHORIZED;
            let challenge = header::HeaderValue::from_static("Basic realm=\"Crosscheck\"");
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        answer
    }
}

/// Answers a token request.
pub(super) async fn handle(services: &Services, request: &Request) -> Answer {
    if request.method() != Method::POST {
        let body = json!({ "error": "invalid_request", "error_description": "The token endpoint takes POST." });
        return inbound::json(StatusCode::METHOD_NOT_ALLOWED, &body);
    }
    match grant(services, request).await {
        Ok(token) => {
            let body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": LIFETIME.as_secs() });
            inbound::json(StatusCode::OK, &body)
        }
        Err(refused) => refused.answer(),
    }
}

async fn grant(services: &Services, request: &Request) -> Result<String, Refused> {
    let client = read_client(request.headers(), request.body())?;
    let refused = || Refused::Client { basic: client.basic };
    let id: ConnectionId = client.id.strip_prefix(CLIENT_PREFIX).and_then(|id| id.parse().ok()).ok_or_else(refused)?;
    let connection = open(services, &id).await?.ok_or_else(refused)?;
    let known = |keys: &StoredKeys| {
        let secret = keys.client_secret.as_str();
        let same = by_bearer(&connection, &client.secret, [secret], request.body()).is_ok();
        (same && !secret.is_empty()).then(|| secret.to_owned())
    };
    let Some(secret) = services.with_keys(&connection, known).await? else {
        tracing::warn!(connection_id = %connection.id, "client refused");
        return Err(refused());
    };
    let lifetime = i64::try_from(LIFETIME.as_secs()).unwrap_or_default();
    tracing::info!(connection_id = %connection.id, "access token given");
    Ok(AccessToken::mint(&connection.id, &secret, services.clock.now().as_second().saturating_add(lifetime)))
}

/// The connection, if SmartRecruiters may use it. After a disconnection it may not until an admin has connected it anew,
/// or is doing so: then it may try the new pair at once. The cached connection may be older than that.
async fn open(services: &Services, id: &ConnectionId) -> Result<Option<Connection>, Fault> {
    let now = services.clock.now();
    let is_open = |connection: &Connection| {
        let is_connecting = connection.connecting_until.is_some_and(|end| end >= now);
        is_in_force(connection) && (is_connecting || !connection.is_disconnected())
    };
    let Some(known) = services.connection(id).await?.filter(is_in_force) else { return Ok(None) };
    if is_open(&known) {
        return Ok(Some(known));
    }
    let fresh = services.store.connection(id).await?;
    if let Some(connection) = &fresh {
        services.remember(connection.clone());
    }
    Ok(fresh.filter(is_open))
}

fn is_in_force(connection: &Connection) -> bool {
    connection.ats == AtsKind::SmartRecruiters && connection.state != ConnectionState::Revoked
}

/// Who calls, by the access token of the request. `None` when there is none in force.
pub(super) async fn caller(services: &Services, request: &Request) -> Result<Option<Verified>, Fault> {
    let Some(caller) = signer(services, request).await? else { return Ok(None) };
    let is_open = open(services, &caller.connection().id).await?.is_some();
    Ok(is_open.then_some(caller))
}

/// Whose access token the request carries, be the company disconnected or not: a disconnection may come twice.
pub(super) async fn signer(services: &Services, request: &Request) -> Result<Option<Verified>, Fault> {
    let credential = inbound::credential(request.headers()).filter(|c| c.scheme == "bearer");
    let Some(token) = credential.map(|c| c.secret) else { return Ok(None) };
    let Some(id) = AccessToken::claimed_connection(&token) else { return Ok(None) };
    let Some(connection) = services.connection(&id).await?.filter(is_in_force) else { return Ok(None) };
    let now = services.clock.now();
    let verified =
        |keys: &StoredKeys| by_access_token(&connection, &token, &keys.client_secret, request.body(), now).ok();
    services.with_keys(&connection, verified).await
}

/// The caller's connection, if it is this company's. The cached connection may be older than the company's consent, so
/// it is read again before a call is refused.
pub(super) async fn of_company(
    services: &Services,
    caller: &Verified,
    company: &str,
) -> Result<Option<Connection>, Fault> {
    let theirs = |connection: &Connection| connection.account.as_deref() == Some(company);
    let known = caller.connection();
    if theirs(known) && known.state == ConnectionState::Active {
        return Ok(Some(known.clone()));
    }
    let fresh = services.store.connection(&known.id).await?;
    if let Some(connection) = &fresh {
        services.remember(connection.clone());
    }
    Ok(fresh.filter(theirs))
}

/// What a token request presents.
#[derive(Debug, PartialEq, Eq)]
struct Client {
    id: String,
    secret: String,
    /// Whether it came as Basic credentials rather than in the form.
    basic: bool,
}

fn read_client(headers: &HeaderMap, body: &[u8]) -> Result<Client, Refused> {
    if body.len() > MAX_BODY {
        return Err(Refused::Request("The body is too large."));
    }
    let form: Vec<(String, String)> = parse(body).into_owned().collect();
    let value = |name: &str| {
        let mut values = form.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        match (values.next().filter(|value| !value.is_empty()), values.next()) {
            (found, None) => Ok(found),
            (_, Some(_)) => Err(Refused::Request("A parameter is there twice.")),
        }
    };
    match value("grant_type")? {
        Some("client_credentials") => {}
        Some(_) => return Err(Refused::GrantType),
        None => return Err(Refused::Request("The parameter grant_type is missing.")),
    }
    match (value("client_id")?, value("client_secret")?, basic(headers)) {
        (Some(id), Some(secret), _) => Ok(Client { id: id.to_owned(), secret: secret.to_owned(), basic: false }),
        (_, None, Some((id, secret))) => Ok(Client { id, secret, basic: true }),
        (None, ..) => Err(Refused::Request("The parameter client_id is missing.")),
        (_, None, None) => Err(Refused::Request("The parameter client_secret is missing.")),
    }
}

/// Basic credentials; RFC 6749 wants both halves form-encoded.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    let decoded = STANDARD.decode(rest.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let plain = |text: &str| parse(text.as_bytes()).next().map(|(name, _)| name.into_owned());
    Some((plain(id)?, plain(secret)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str, authorization: Option<String>) -> Result<Client, &'static str> {
        let mut headers = HeaderMap::new();
        headers.extend(authorization.map(|value| (header::AUTHORIZATION, value.parse().expect("a header"))));
        read_client(&headers, body.as_bytes()).map_err(|refused| {
            let answer: serde_json::Value = serde_json::from_slice(refused.answer().body()).expect("JSON");
            match answer["error"].as_str() {
                Some("invalid_request") => "invalid_request",
                Some("unsupported_grant_type") => "unsupported_grant_type",
                _ => "another error",
            }
        })
    }

    fn client(secret: &str, basic: bool) -> Client {
        Client { id: "xcc_1".to_owned(), secret: secret.to_owned(), basic }
    }

    #[test]
    fn a_client_is_read_from_the_form_or_from_basic() {
        let form = "grant_type=client_credentials&client_id=xcc_1&client_secret=a%2Bb&scope=x";
        assert_eq!(read(form, None), Ok(client("a+b", false)));
        let header = || Some(format!("basic {}", STANDARD.encode("xcc_1:a%2Bb")));
        assert_eq!(read("grant_type=client_credentials", header()), Ok(client("a+b", true)));
        assert_eq!(read(form, header()), Ok(client("a+b", false)));
    }

    #[test]
    fn what_is_missing_twice_or_too_much_is_an_invalid_request() {
        for body in [
            "",
            "{\"grant_type\":\"client_credentials\"}",
            "client_id=a&client_secret=b",
            "grant_type=&client_id=a&client_secret=b",
            "grant_type=client_credentials",
            "grant_type=client_credentials&client_id=a",
            "grant_type=client_credentials&client_secret=b",
            "grant_type=client_credentials&client_id=a&client_id=b&client_secret=b",
            "grant_type=client_credentials&grant_type=client_credentials&client_id=a&client_secret=b",
        ] {
            assert_eq!(read(body, None), Err("invalid_request"), "{body}");
        }
        assert_eq!(read(&"a".repeat(MAX_BODY + 1), None), Err("invalid_request"));
        let wrong = "grant_type=authorization_code&client_id=a&client_secret=b";
        assert_eq!(read(wrong, None), Err("unsupported_grant_type"));
        for header in ["Bearer x", "Basic ???", "Basic"] {
            assert_eq!(read("grant_type=client_credentials", Some(header.to_owned())), Err("invalid_request"));
        }
    }

    #[test]
    fn refusals_are_400_json_that_no_cache_keeps() {
        for (refused, status) in [
            (Refused::Request("x"), 400),
            (Refused::GrantType, 400),
            (Refused::Client { basic: false }, 400),
            (Refused::Client { basic: true }, 401),
            (Refused::Unavailable(Fault::new(crate::error::FaultKind::Platform, "x", "y")), 503),
        ] {
            let answer = refused.answer();
            assert_eq!(answer.status().as_u16(), status);
            assert_eq!(answer.headers()["cache-control"], "no-store");
            assert_eq!(answer.headers()["content-type"], "application/json");
            assert_eq!(answer.headers().contains_key("www-authenticate"), status == 401);
        }
    }
}
