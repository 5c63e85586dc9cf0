//! SmartRecruiters' own token endpoint: who holds which client pair, and which tokens are alive.
//!
//! A token dies after a number of uses or on request, never by the clock, so that a test can say when.

use super::super::call::Call;
use super::super::new_id;
use super::super::reply::Reply;
use serde_json::json;
use std::collections::HashMap;

/// The parameters of the token endpoint: there is no `scope`, because scopes are bound to the pair.
const PARAMETERS: [&str; 3] = ["grant_type", "client_id", "client_secret"];

/// A client id and its secret.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) id: String,
    pub(super) secret: String,
}

impl Pair {
    fn mint() -> Self {
        Self { id: new_id(), secret: new_id() }
    }
}

/// What a pair is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Master,
    Company(String),
}

struct Token {
    client_id: String,
    uses_left: Option<usize>,
}

pub(super) struct Tokens {
    pub(super) master: Pair,
    pub(super) lifetime_s: u64,
    /// How many calls each new token is good for.
    pub(super) uses: Option<usize>,
    customers: HashMap<String, (String, String)>,
    live: HashMap<String, Token>,
}

impl Tokens {
    pub(super) fn new() -> Self {
        let (customers, live) = (HashMap::new(), HashMap::new());
        Self { master: Pair::mint(), lifetime_s: 1800, uses: None, customers, live }
    }

    /// Mints the pair with which the partner acts for one company; an older one is void.
    pub(super) fn register(&mut self, company: &str) -> Pair {
        self.revoke(company);
        let pair = Pair::mint();
        self.customers.insert(pair.id.clone(), (pair.secret.clone(), company.to_owned()));
        pair
    }

    pub(super) fn revoke(&mut self, company: &str) {
        self.customers.retain(|_, (_, owner)| owner != company);
        let (master, customers) = (&self.master.id, &self.customers);
        self.live.retain(|_, token| token.client_id == *master || customers.contains_key(&token.client_id));
    }

    pub(super) fn expire_all(&mut self) {
        self.live.clear();
    }

    pub(super) fn client_of(&self, token: &str) -> Option<String> {
        self.live.get(token).map(|token| token.client_id.clone())
    }

    /// Uses a token once and says whose it is; `None` if it is unknown or has expired.
    pub(super) fn spend(&mut self, token: &str) -> Option<Owner> {
        let live = self.live.get_mut(token)?;
        if live.uses_left == Some(0) {
            self.live.remove(token);
            return None;
        }
        live.uses_left = live.uses_left.map(|left| left - 1);
        if live.client_id == self.master.id {
            return Some(Owner::Master);
        }
        self.customers.get(&live.client_id).map(|(_, company)| Owner::Company(company.clone()))
    }

    /// Answers a token request and lists what was wrong with its form.
    pub(super) fn grant(&mut self, call: &Call) -> (Reply, Vec<String>) {
        let Some(form) = call.form() else {
            return (refuse(400, "invalid_request"), vec!["the body is not a form".into()]);
        };
        let unknown = form.iter().filter(|(key, _)| !PARAMETERS.contains(&key.as_str()));
        let mut problems: Vec<_> = unknown.map(|(key, _)| format!("unknown parameter {key:?}")).collect();
        let value = |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
        if PARAMETERS.iter().any(|name| value(name).is_empty()) {
            problems.push("a required parameter is missing".into());
            return (refuse(400, "invalid_request"), problems);
        }
        if value("grant_type") != "client_credentials" {
            problems.push(format!("grant_type {:?}", value("grant_type")));
            return (refuse(400, "unsupported_grant_type"), problems);
        }
        (self.answer(value("client_id"), value("client_secret")), problems)
    }

    fn answer(&mut self, client_id: &str, secret: &str) -> Reply {
        let known = if client_id == self.master.id {
            self.master.secret == secret
        } else {
            self.customers.get(client_id).is_some_and(|(own, _)| own == secret)
        };
        if !known {
            return refuse(401, "invalid_client");
        }
        let token = new_id();
        self.live.insert(token.clone(), Token { client_id: client_id.to_owned(), uses_left: self.uses });
        let body = json!({"access_token": token, "token_type": "bearer", "expires_in": self.lifetime_s});
        Reply::json(200, &body)
    }
}

fn refuse(status: u16, error: &str) -> Reply {
    Reply::json(status, &json!({"error": error, "error_description": "The token request was refused"}))
}
