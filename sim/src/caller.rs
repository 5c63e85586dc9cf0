//! How a simulator calls the bridge: sends one request and keeps the answer as it came.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::Value;
use std::io;
use std::time::Duration;

/// The status of a call that nobody answered: refused, cut or timed out.
pub const NO_ANSWER: u16 = 0;

/// Longer than any answer a door may take, short enough that a hanging test ends.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// What the bridge answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The HTTP status, or [`NO_ANSWER`].
    pub http_status: u16,
    /// The body as JSON; `Null` if it is empty or no JSON.
    pub body: Value,
    /// The body as text.
    pub text: String,
    /// Where a redirect leads: the `Location` header.
    pub location: Option<String>,
}

impl Answer {
    /// The text found at a JSON pointer such as `/results/assessment_id`.
    #[must_use]
    pub fn str_at(&self, pointer: &str) -> Option<&str> {
        self.body.pointer(pointer).and_then(Value::as_str)
    }

    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.http_status)
    }

    /// An answer that is made without a call.
    pub(super) fn local(body: Value) -> Self {
        Self { http_status: 200, text: body.to_string(), body, location: None }
    }

    fn none() -> Self {
        Self { http_status: NO_ANSWER, body: Value::Null, text: String::new(), location: None }
    }
}

/// One request that is still to be sent.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Outgoing {
    fn new(method: Method, url: &str, body: String) -> Self {
        Self { method, url: url.to_owned(), headers: Vec::new(), body }
    }

    pub(super) fn get(url: &str) -> Self {
        Self::new(Method::GET, url, String::new())
    }

    pub(super) fn delete(url: &str) -> Self {
        Self::new(Method::DELETE, url, String::new())
    }

    pub(super) fn post(url: &str, content_type: &str, body: String) -> Self {
        Self::new(Method::POST, url, body).header("content-type", content_type)
    }

    /// A POST of an HTML form.
    pub(super) fn form(url: &str, pairs: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        Self::post(url, "application/x-www-form-urlencoded", body)
    }

    /// Any method with exactly these headers; no content type and no credentials of its own.
    pub(super) fn with(method: Method, url: &str, headers: &[(&str, String)], body: String) -> Self {
        headers.iter().fold(Self::new(method, url, body), |call, (name, value)| call.header(name, value))
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With `Authorization: Bearer`, if there is a token.
    pub(super) fn bearer(self, token: Option<&str>) -> Self {
        match token {
            Some(token) => self.header("authorization", &format!("Bearer {token}")),
            None => self,
        }
    }
}

/// An HTTP client that is deliberately not the bridge's own.
#[derive(Clone, Debug)]
pub(super) struct Caller(reqwest::Client);

impl Caller {
    /// No proxy from the environment, no redirects, no reused connections: a partner that was
    /// restarted between two calls must not look like a partner that failed. It calls loopback
    /// addresses only, so it need not read the machine's TLS roots.
    #[expect(clippy::disallowed_methods, reason = "the other side must not call with the bridge's own client")]
    pub(super) fn new(user_agent: &str) -> io::Result<Self> {
        reqwest::Client::builder()
            .user_agent(user_agent)
            .timeout(CALL_TIMEOUT)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .tls_certs_only([])
            .build()
            .map(Self)
            .map_err(io::Error::other)
    }

    /// A POST of JSON with an `Authorization` value, if there is one.
    pub(super) async fn post(&self, url: &str, auth: Option<String>, body: String) -> Answer {
        let call = Outgoing::post(url, "application/json", body);
        self.send(match auth {
            Some(auth) => call.header("authorization", &auth),
            None => call,
        })
        .await
    }

    /// Sends a request of any kind.
    pub(super) async fn send(&self, call: Outgoing) -> Answer {
        let mut request = self.0.request(call.method, call.url).body(call.body);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        let Ok(response) = request.send().await else {
            return Answer::none();
        };
        let http_status = response.status().as_u16();
        let location = response.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let Ok(text) = response.text().await else {
            return Answer::none();
        };
        Answer { http_status, body: serde_json::from_str(&text).unwrap_or_default(), text, location }
    }
}

/// A client for tests that play the bridge: no name of its own.
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test plays the bridge with a client of its own")]
pub(super) fn bare_client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// `Authorization: Basic` for a user name and a password.
pub(super) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// User name and password from an `Authorization: Basic` value.
pub(super) fn read_basic(header: &str) -> Option<(String, String)> {
    let (scheme, coded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let plain = String::from_utf8(STANDARD.decode(coded.trim()).ok()?).ok()?;
    let (user, password) = plain.split_once(':')?;
    Some((user.into(), password.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_survive_the_round_trip() {
        assert_eq!(read_basic(&basic("key", "")), Some(("key".into(), String::new())));
        assert_eq!(read_basic("Bearer key"), None);
        assert_eq!(read_basic("Basic %%%"), None);
    }

    #[tokio::test]
    async fn a_call_that_nobody_answers_has_no_status() {
        let caller = Caller::new("test").unwrap();
        let answer = caller.post("http://127.0.0.1:1/", None, "{}".into()).await;
        assert_eq!(answer.http_status, NO_ANSWER);
    }
}
