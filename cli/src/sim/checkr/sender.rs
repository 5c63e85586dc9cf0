//! How Checkr calls the bridge: a POST with its signature in a header of its own.

use super::super::caller::{Answer, NO_ANSWER};
use serde_json::Value;
use std::io;
use std::time::Duration;

/// Longer than any answer a door may take, short enough that a hanging test ends.
const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
pub(super) struct Sender(reqwest::Client);

impl Sender {
    /// No proxy from the environment, no redirects, no reused connections.
    #[expect(clippy::disallowed_methods, reason = "the other side must not call with the bridge's own client")]
    pub(super) fn new() -> io::Result<Self> {
        let builder = reqwest::Client::builder().user_agent("Checkr-Webhook/1.0").timeout(TIMEOUT).no_proxy();
        let builder = builder.redirect(reqwest::redirect::Policy::none()).pool_max_idle_per_host(0);
        builder.build().map(Self).map_err(io::Error::other)
    }

    pub(super) async fn post(&self, url: &str, signature: Option<&str>, body: &str) -> Answer {
        let mut request = self.0.post(url).header("content-type", "application/json").body(body.to_owned());
        if let Some(signature) = signature {
            request = request.header("x-checkr-signature", signature);
        }
        let none = || Answer { http_status: NO_ANSWER, body: Value::Null, text: String::new() };
        let Ok(response) = request.send().await else {
            return none();
        };
        let http_status = response.status().as_u16();
        let Ok(text) = response.text().await else {
            return none();
        };
        Answer { http_status, body: serde_json::from_str(&text).unwrap_or_default(), text }
    }
}
