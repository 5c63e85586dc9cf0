//! Calls to our doors that Teamtailor itself would never make. Their answers change nothing here.

use super::super::caller::Outgoing;
use super::super::{Answer, lock};
use super::{SimTeamtailor, token};
use serde_json::Value;

impl SimTeamtailor {
    /// Any body to any path below the base URL. `Bearer` is put in front of `bearer`; `signature` is
    /// the whole value of `Teamtailor-Signature`.
    pub async fn somebody_posts(
        &self,
        path: &str,
        bearer: Option<&str>,
        signature: Option<&str>,
        body: &str,
    ) -> Answer {
        let mut headers = vec![("content-type", "application/json".to_owned())];
        headers.extend(bearer.map(|bearer| ("authorization", format!("Bearer {bearer}"))));
        headers.extend(signature.map(|signature| ("teamtailor-signature", signature.to_owned())));
        self.handle.caller.send(Outgoing::with(http::Method::POST, &self.url(path), &headers, body.to_owned())).await
    }

    /// A read of any path below the base URL, with or without a bearer.
    pub async fn somebody_gets(&self, path: &str, bearer: Option<&str>) -> Answer {
        let headers: Vec<_> = bearer.map(|bearer| ("authorization", format!("Bearer {bearer}"))).into_iter().collect();
        self.handle.caller.send(Outgoing::with(http::Method::GET, &self.url(path), &headers, String::new())).await
    }

    /// The value of `Teamtailor-Signature` for a time in Unix seconds and an event's id.
    #[must_use]
    pub fn sign(&self, t: i64, event_id: &str) -> String {
        token::signature(&lock(&self.state).webhook_secret, t, event_id)
    }

    /// A JWT over any claims, under the partner's API key.
    #[must_use]
    pub fn jwt(&self, claims: &Value) -> String {
        token::jwt(&lock(&self.state).api_key, claims)
    }

    /// The body of an event as it was sent, to be altered and sent by somebody.
    #[must_use]
    pub fn event(&self, event_id: &str) -> Option<Value> {
        lock(&self.state).events.get(event_id).map(|event| event.body.clone())
    }
}
