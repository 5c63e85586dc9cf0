//! The door for Teamtailor's calls: the pop-up's form, events, the buttons on cards, and the activation form.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::caller::identify;
use super::refusal::Refusal;
use super::{actions, event, forms, trigger};
use crate::connection::{Catalogue, Connection, ConnectionState};
use crate::error::{Fault, FaultKind};
use crate::flow::{Services, Stranger, packages};
use crate::inbound::{self, Answer, Request};

/// What an admin or a recruiter is told of a token that no connection has.
const UNKNOWN_TOKEN: &str = "Crosscheck does not know this External Trigger Token. Paste the token that Crosscheck \
                             gave, whole and without spaces.";

/// Answers one request of Teamtailor's.
pub async fn handle(services: &Services, request: Request) -> Answer {
    let parts = inbound::segments(request.uri().path());
    let begins = |part: &str| matches!(part, "config" | "webhook" | "activation" | "actions");
    let below = inbound::below(&parts, "teamtailor", begins).unwrap_or_default();
    let Some(endpoint) = Endpoint::of(below) else {
        return Refusal::new(StatusCode::NOT_FOUND, inbound::NO_SUCH_ADDRESS).answer();
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
        kind if kind.is_refusal() => Nothing::Said(format!(
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
}
