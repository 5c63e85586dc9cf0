//! The door for Teamtailor's calls: the pop-up's form, events, the buttons on cards, and the activation form.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{actions, bearer, event, forms, trigger};
use crate::ats::AtsKind;
use crate::connection::{Catalogue, Connection, ConnectionState};
use crate::error::{Fault, FaultKind};
use crate::flow::{Caller, Services, Stranger, packages};
use crate::inbound::{self, Answer, BadBody, Request};
use crate::secrets::PartnerKeys;
use crate::signature::TriggerToken;
use crate::store::Alias;

/// What an admin or a recruiter is told of a token that no connection has.
const UNKNOWN_TOKEN: &str = "Crosscheck does not know this External Trigger Token. Paste the token that Crosscheck \
                             gave, whole and without spaces.";

/// What is answered while our own table or secrets are away.
const UNAVAILABLE: &str = "Crosscheck cannot reach its own storage at the moment. Try again in a minute.";

/// Answers one request of Teamtailor's.
pub async fn handle(services: &Services, request: Request) -> Answer {
    let parts = inbound::segments(request.uri().path());
    let below: Vec<&str> = parts.into_iter().skip_while(|part| *part != "teamtailor").skip(1).collect();
    let Some(endpoint) = Endpoint::of(&below) else {
        return Refusal::new(StatusCode::NOT_FOUND, "Crosscheck has no such path.").answer();
    };
    if request.method() != endpoint.method() {
        return Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "This path takes another method.").answer();
    }
    let request_id = Uuid::now_v7();
    tracing::info!(request_id = %request_id, endpoint = ?endpoint, "teamtailor calls");
    let answer = match endpoint {
        Endpoint::Activation => Ok(forms::activation()),
        Endpoint::Validate => return validate(services, &request).await,
        Endpoint::Config => Ok(config(services, &request).await),
        Endpoint::Webhook | Endpoint::Refresh | Endpoint::Cancel => posted(services, &request, endpoint).await,
    };
    match answer {
        Ok(body) => inbound::json(StatusCode::OK, &body),
        Err(no) => no.answer(),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endpoint {
    Config,
    Webhook,
    Activation,
    Validate,
    Refresh,
    Cancel,
}

impl Endpoint {
    fn of(below: &[&str]) -> Option<Self> {
        Some(match below {
            ["config"] => Self::Config,
            ["webhook"] => Self::Webhook,
            ["activation"] => Self::Activation,
            ["activation", "validate"] => Self::Validate,
            ["actions", "refresh"] => Self::Refresh,
            ["actions", "cancel"] => Self::Cancel,
            _ => return None,
        })
    }

    const fn method(self) -> Method {
        match self {
            Self::Config | Self::Activation | Self::Validate => Method::GET,
            Self::Webhook | Self::Refresh | Self::Cancel => Method::POST,
        }
    }
}

/// A refusal. It is sent as a JSON string, because Teamtailor shows only a bare text on the card.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    pub(super) words: String,
}

impl Refusal {
    /// A refusal with these words for the recruiter.
    pub(super) fn new(status: StatusCode, words: impl Into<String>) -> Self {
        Self { status, words: words.into() }
    }

    fn answer(self) -> Answer {
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

/// Checks with the partner's keys, and once more with keys read afresh when these may have been changed since.
pub(super) async fn with_partner_keys<T>(
    services: &Services,
    check: impl Fn(&PartnerKeys) -> Option<T>,
) -> Result<Option<T>, Fault> {
    let keys = match services.secrets.partner(AtsKind::Teamtailor).await {
        Ok(keys) => keys,
        // The cache also remembers that a secret was missing. It may have been stored since.
        Err(fault) => services.secrets.refreshed_partner(AtsKind::Teamtailor).await?.ok_or(fault)?,
    };
    if let Some(found) = check(&keys) {
        return Ok(Some(found));
    }
    let fresh = services.secrets.refreshed_partner(AtsKind::Teamtailor).await?;
    Ok(fresh.filter(|fresh| *fresh != keys).and_then(|fresh| check(&fresh)))
}

/// Whose bearer this is.
pub(super) async fn identify(services: &Services, request: &Request) -> Result<Caller, Stranger> {
    let presented = inbound::credential(request.headers()).ok_or(Stranger::Refused)?;
    let now = services.clock.now();
    let token = with_partner_keys(services, |keys| bearer::token_in(&presented.secret, keys, now)).await;
    let token = token.map_err(Stranger::Unavailable)?;
    let caller = match token {
        Some(token) => belongs(services, &token, request).await,
        None => Err(Stranger::Refused),
    };
    let caller = caller.and_then(|caller| match caller.connection().ats {
        AtsKind::Teamtailor => Ok(caller),
        _ => Err(Stranger::Refused),
    });
    if matches!(caller, Err(Stranger::Refused)) {
        tracing::warn!(scheme = presented.scheme, "caller refused");
    }
    caller
}

/// A token of ours names its connection; a UUID that Teamtailor made up has to be looked up first.
async fn belongs(services: &Services, token: &str, request: &Request) -> Result<Caller, Stranger> {
    let body = request.body().clone();
    if TriggerToken::claimed_connection(token).is_some() {
        return services.identify(token, body).await;
    }
    let uuid = Uuid::parse_str(token).map_err(|_| Stranger::Refused)?.to_string();
    let alias = Alias::new(AtsKind::Teamtailor, &uuid);
    let named = services.store.connection_named(&alias).await.map_err(Stranger::Unavailable)?;
    services.identify_as(&named.ok_or(Stranger::Refused)?, &uuid, body).await
}

/// Why the pop-up has no packages.
enum Nothing {
    /// Words for the recruiter or the admin.
    Said(String),
    /// Our own table or secrets do not answer.
    Unavailable(Fault),
}

/// What can be ordered now.
async fn offered(services: &Services, connection: &Connection) -> Result<Catalogue, Nothing> {
    let vendor = connection.vendor.title();
    if connection.state != ConnectionState::Active {
        let words = "This connection is paused. Ask your Crosscheck administrator to resume it.";
        return Err(Nothing::Said(words.to_owned()));
    }
    let catalogue = packages(services, connection).await.map_err(|fault| match fault.kind {
        FaultKind::Platform => Nothing::Unavailable(fault),
        FaultKind::KeyRefused => Nothing::Said(format!(
            "{vendor} refused the key of this connection. Ask your Crosscheck administrator to replace it."
        )),
        _ => {
            tracing::warn!(connection_id = %connection.id, fault = %fault, "no package list");
            Nothing::Said(format!("{vendor} did not give its package list. Try again in a few minutes."))
        }
    })?;
    if catalogue.packages.is_empty() {
        return Err(Nothing::Said(format!("The {vendor} account offers no packages. Ask {vendor} to set one up.")));
    }
    Ok(catalogue)
}

/// The pop-up's form. Problems are shown inside it, our own too, because Teamtailor does not show a refusal here.
async fn config(services: &Services, request: &Request) -> Value {
    let connection = match identify(services, request).await {
        Ok(caller) => caller.connection().clone(),
        Err(Stranger::Refused) => return forms::unable(UNKNOWN_TOKEN),
        Err(Stranger::Unavailable(fault)) => return forms::unable(&Refusal::from(fault).words),
    };
    match offered(services, &connection).await {
        Ok(catalogue) => forms::config(&catalogue, connection.vendor.title()),
        Err(Nothing::Said(words)) => forms::unable(&words),
        Err(Nothing::Unavailable(fault)) => forms::unable(&Refusal::from(fault).words),
    }
}

/// An event: an order, or a button on its card.
async fn posted(services: &Services, request: &Request, endpoint: Endpoint) -> Result<Value, Refusal> {
    let heard = event::hear(services, request).await?;
    let done = match endpoint {
        Endpoint::Refresh => actions::refresh(services, &heard).await,
        Endpoint::Cancel => actions::cancel(services, &heard).await,
        _ => return trigger::order(services, heard).await,
    };
    // The answer says nothing about the result: it would only make Teamtailor weigh the customer's rules again.
    done.map(|()| json!({}))
}

/// Checks what an admin pasted, while they look on: the token, the connection, the vendor's key.
async fn validate(services: &Services, request: &Request) -> Answer {
    let wrong = match identify(services, request).await {
        Ok(caller) => offered(services, caller.connection()).await.err(),
        Err(Stranger::Refused) => Some(Nothing::Said(UNKNOWN_TOKEN.to_owned())),
        Err(Stranger::Unavailable(fault)) => Some(Nothing::Unavailable(fault)),
    };
    let Refusal { status, words } = match wrong {
        None => return inbound::json(StatusCode::OK, &json!({})),
        Some(Nothing::Said(words)) => Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, words),
        Some(Nothing::Unavailable(fault)) => fault.into(),
    };
    inbound::json(status, &json!({ "errors": [words] }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_their_endpoint_and_nowhere_else() {
        for (below, endpoint, method) in [
            (vec!["config"], Endpoint::Config, Method::GET),
            (vec!["webhook"], Endpoint::Webhook, Method::POST),
            (vec!["activation"], Endpoint::Activation, Method::GET),
            (vec!["activation", "validate"], Endpoint::Validate, Method::GET),
            (vec!["actions", "refresh"], Endpoint::Refresh, Method::POST),
            (vec!["actions", "cancel"], Endpoint::Cancel, Method::POST),
        ] {
            assert_eq!(Endpoint::of(&below), Some(endpoint));
            assert_eq!(endpoint.method(), method);
        }
        for below in [vec![], vec!["validate"], vec!["config", "x"], vec!["actions"], vec!["actions", "config"]] {
            assert_eq!(Endpoint::of(&below), None, "{below:?}");
        }
    }

    #[test]
    fn a_refusal_is_one_quoted_text() {
        let answer = Refusal::new(StatusCode::CONFLICT, "Not \"again\".").answer();
        assert_eq!(answer.status(), StatusCode::CONFLICT);
        assert_eq!(answer.body().as_ref(), br#""Not \"again\".""#);
    }
}
