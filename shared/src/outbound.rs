//! The one place that builds HTTP clients: who may be called, for how long, and what a failed call means.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde_json::Value;
use url::{Host, Url};

use crate::error::{Fault, FaultKind};
use crate::rate_limit::{Limits, RateLimit, RateLimits};

/// Sent with every request: reqwest sends none by default, and Ashby's front door refuses requests without one.
pub const USER_AGENT: &str =
    concat!("Crosscheck/", env!("CARGO_PKG_VERSION"), " (self-hosted ATS and background-check bridge)");

/// Largest answer read, in bytes. A report PDF in base64 is the largest one expected; Lambda answers carry 6 MB.
const MAX_ANSWER: usize = 8 * 1024 * 1024;

/// Idle connections are closed before a frozen Lambda environment can thaw with dead ones.
const POOL_IDLE: Duration = Duration::from_secs(10);

/// Time to connect, TLS included.
const CONNECT: Duration = Duration::from_secs(3);

/// The HTTP client for calls to ATSs and vendors. Cheap to clone; the client inside is built at its first use.
#[derive(Debug, Clone)]
pub struct Outbound {
    client: Arc<OnceLock<reqwest::Client>>,
    rate_limits: RateLimits,
    loopback: bool,
}

/// A request to a vendor or an ATS.
#[derive(Debug)]
pub struct Call {
    /// The operation in the other side's words, for errors and logs.
    pub operation: &'static str,
    /// GET or POST, mostly.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Headers, credentials among them.
    pub headers: HeaderMap,
    /// Body, if any.
    pub body: Option<Content>,
    /// Time for the whole exchange.
    pub timeout: Duration,
}

/// What is sent.
#[derive(Debug)]
pub enum Content {
    /// JSON.
    Json(serde_json::Value),
    /// JSON under a media type of its own, such as `application/vnd.api+json`.
    JsonAs(&'static str, serde_json::Value),
    /// A form, encoded.
    Form(String),
}

impl Content {
    fn into_parts(self) -> (&'static str, String) {
        match self {
            Self::Json(value) => ("application/json", value.to_string()),
            Self::JsonAs(media_type, value) => (media_type, value.to_string()),
            Self::Form(text) => ("application/x-www-form-urlencoded", text),
        }
    }
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, at most 8 MiB.
    pub body: Bytes,
}

impl Reply {
    /// The body as JSON, with or without a byte order mark before it; `None` when it is something else.
    pub fn json(&self) -> Option<Value> {
        let body = self.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.body);
        serde_json::from_slice(body).ok()
    }
}

impl Outbound {
    /// A client that calls public addresses only; with `loopback`, this machine too (emulators and tests).
    pub fn new(loopback: bool) -> Self {
        Self { client: Arc::new(OnceLock::new()), rate_limits: RateLimits::default(), loopback }
    }

    /// The rate limit of a credential, for APIs that limit each.
    pub fn rate_limit(&self, credential: &str, limits: Limits) -> Arc<RateLimit> {
        self.rate_limits.of(credential, limits)
    }

    /// Sends one request. Redirects are not followed; any HTTP status is a reply, not a fault.
    ///
    /// # Errors
    /// `Forbidden` before anything is sent, `Down` when no connection came about, `NoAnswer` afterwards.
    pub async fn send(&self, call: Call) -> Result<Reply, Fault> {
        let (operation, began) = (call.operation, Instant::now());
        let reply = self.exchange(call).await;
        let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &reply {
            Ok(reply) => tracing::info!(operation, status = reply.status.as_u16(), duration_ms, "called"),
            Err(fault) => tracing::info!(operation, fault = fault.kind.name(), duration_ms, "called in vain"),
        }
        reply
    }

    async fn exchange(&self, call: Call) -> Result<Reply, Fault> {
        let operation = call.operation;
        self.allow(&call.url).map_err(|why| Fault::new(FaultKind::Forbidden, operation, why))?;
        let mut request =
            self.client(operation)?.request(call.method, call.url).headers(call.headers).timeout(call.timeout);
        if let Some((media_type, body)) = call.body.map(Content::into_parts) {
            request = request.header(header::CONTENT_TYPE, media_type).body(body);
        }
        let mut answer = request.send().await.map_err(|e| broken(operation, &e))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|e| broken(operation, &e))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(Fault::new(FaultKind::Unexpected, operation, "the answer has more than 8 MiB"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, headers, body: body.freeze() })
    }

    /// Whether this URL may be called at all.
    ///
    /// # Errors
    /// Says in words why not.
    pub fn allow(&self, url: &Url) -> Result<(), &'static str> {
        let local = match url.host() {
            Some(Host::Ipv4(ip)) => private(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => private(IpAddr::V6(ip)),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => return Err("the URL has no host"),
        };
        match (url.scheme(), local, self.loopback && is_loopback(url)) {
            (_, true, false) => Err("private and loopback addresses are not called"),
            ("https", _, _) | ("http", _, true) => Ok(()),
            _ => Err("only https is called (plain http for loopback addresses in tests)"),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that builds HTTP clients")]
    fn client(&self, operation: &'static str) -> Result<&reqwest::Client, Fault> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let built = reqwest::Client::builder()
            .user_agent(HeaderValue::from_static(USER_AGENT))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .pool_idle_timeout(POOL_IDLE)
            .no_proxy()
            .dns_resolver(Arc::new(PublicOnly { loopback: self.loopback }))
            .build()
            .map_err(|_| Fault::new(FaultKind::Platform, operation, "no TLS roots on this machine").not_sent())?;
        Ok(self.client.get_or_init(|| built))
    }
}

/// Whether the URL's host is this machine, by number or by the name `localhost`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// `base` with `path` appended below it, whatever slashes the base was pasted with.
///
/// # Errors
/// When the two make no URL.
pub fn join(base: &Url, path: &str) -> Result<Url, url::ParseError> {
    Url::parse(&format!("{}/{path}", base.as_str().trim_end_matches('/')))
}

fn broken(operation: &'static str, error: &reqwest::Error) -> Fault {
    if error.is_connect() {
        return Fault::new(FaultKind::Down, operation, "no connection").not_sent();
    }
    if error.is_builder() {
        return Fault::new(FaultKind::Forbidden, operation, "the request could not be built").not_sent();
    }
    let detail = if error.is_timeout() { "no answer in time" } else { "the connection broke" };
    Fault::new(FaultKind::NoAnswer, operation, detail)
}

/// A resolver that drops private addresses at the moment of connecting, so that DNS cannot be turned against us.
struct PublicOnly {
    loopback: bool,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let loopback = self.loopback;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let usable: Vec<SocketAddr> =
                found.filter(|a| !private(a.ip()) || (loopback && a.ip().is_loopback())).collect();
            if usable.is_empty() {
                return Err("the name has no public address".into());
            }
            let usable: Addrs = Box::new(usable.into_iter());
            Ok(usable)
        })
    }
}

/// Addresses that are never called: loopback, link-local (metadata services), private, shared and special ranges.
fn private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || v4.is_documentation()
                || a == 0
                || (a == 100 && (64..128).contains(&b))
                || (a == 198 && (18..20).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 192 && b == 88 && c == 99)
                || a >= 240
        }
        IpAddr::V6(v6) => {
            let [first, second, third, fourth, fifth, sixth, ..] = v6.segments();
            let begins_with_zeros = first == 0 && second == 0 && third == 0 && fourth == 0;
            // Addresses that hold an IPv4 address (compatible, mapped, translated, Teredo, 6to4) reach nothing that has
            // no address of its own, and might reach what is private.
            begins_with_zeros && fifth == 0 && matches!(sixth, 0 | 0xffff)
                || begins_with_zeros && fifth == 0xffff && sixth == 0
                || (first == 0x2001 && second == 0)
                || v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || (first & 0xfe00) == 0xfc00
                || (first & 0xffc0) == 0xfe80
                || (first & 0xffc0) == 0xfec0
                || (first == 0x100 && second == 0 && third == 0 && fourth == 0)
                || first == 0x2002
                || (first == 0x64 && second == 0xff9b)
        }
    }
}

/// The fault that an HTTP status of a vendor or an ATS stands for. `None` for 2xx.
pub fn fault_of_status(operation: &'static str, reply: &Reply) -> Option<Fault> {
    let kind = match reply.status.as_u16() {
        200..=299 => return None,
        401 => FaultKind::KeyRefused,
        403 => FaultKind::NotAllowed,
        404 | 410 => FaultKind::NotFound,
        409 => FaultKind::Duplicate,
        429 => FaultKind::RateLimited,
        408 | 500..=599 => FaultKind::Down,
        400..=499 => FaultKind::DataRefused,
        _ => FaultKind::Unexpected,
    };
    let mut fault = Fault::new(kind, operation, format!("HTTP {}", reply.status.as_u16()));
    fault.retry_after = retry_after(&reply.headers);
    Some(fault)
}

/// `Retry-After` in seconds. The HTTP-date form is not used by any ATS or vendor here and is ignored.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn only_public_https_is_called_in_production() {
        let road = Outbound::new(false);
        for taken in ["https://api.ashbyhq.com/x", "https://192.88.98.1/", "https://[2001:4860:4860::8888]/"] {
            assert!(road.allow(&url(taken)).is_ok(), "{taken}");
        }
        for refused in [
            "http://api.ashbyhq.com/",
            "http://127.0.0.1:9001/",
            "https://127.0.0.1/",
            "https://169.254.169.254/latest",
            "https://10.1.2.3/",
            "https://100.64.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[::ffff:93.184.216.34]/",
            "https://[::ffff:0:10.0.0.1]/",
            "https://[::10.0.0.1]/",
            "https://[2001:0:53aa:64c::1]/",
            "https://[2002:a00:1::1]/",
            "https://[64:ff9b::a00:1]/",
            "https://[fec0::1]/",
            "https://[100::1]/",
            "https://192.88.99.1/",
            "https://[fd00::1]/",
            "https://localhost/",
            "ftp://example.com/",
        ] {
            assert!(road.allow(&url(refused)).is_err(), "{refused}");
        }
    }

    #[test]
    fn tests_may_call_loopback_and_nothing_else_private() {
        let road = Outbound::new(true);
        assert!(road.allow(&url("http://127.0.0.1:9/")).is_ok());
        assert!(road.allow(&url("http://localhost:9/")).is_ok());
        assert!(road.allow(&url("http://10.0.0.1/")).is_err());
        assert!(road.allow(&url("http://example.com/")).is_err());
    }

    #[tokio::test]
    async fn a_name_that_leads_to_a_private_address_is_not_called() {
        let name = "localhost".parse::<Name>().expect("a name");
        assert!(PublicOnly { loopback: false }.resolve(name).await.is_err());
    }

    #[tokio::test]
    async fn a_refused_connection_is_known_not_to_have_been_sent() {
        let call = Call {
            operation: "test",
            method: Method::POST,
            url: url("http://127.0.0.1:1/"),
            headers: HeaderMap::new(),
            body: None,
            timeout: Duration::from_secs(2),
        };
        let fault = Outbound::new(true).send(call).await.expect_err("nothing listens on port 1");
        assert_eq!((fault.kind, fault.maybe_done), (FaultKind::Down, false));
    }

    #[tokio::test]
    async fn a_call_without_an_answer_in_time_may_have_been_carried_out() {
        // The kernel takes the connection and the request; nobody ever answers.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let call = Call {
            operation: "test",
            method: Method::POST,
            url: url(&format!("http://{address}/")),
            headers: HeaderMap::new(),
            body: None,
            timeout: Duration::from_millis(50),
        };
        let fault = Outbound::new(true).send(call).await.expect_err("nobody answers");
        assert_eq!((fault.kind, fault.maybe_done), (FaultKind::NoAnswer, true));
    }

    #[test]
    fn a_base_url_joins_the_same_with_and_without_a_slash() {
        for base in ["https://a.example/v1", "https://a.example/v1/", "https://a.example/v1//"] {
            assert_eq!(join(&url(base), "x").expect("joins").as_str(), "https://a.example/v1/x");
        }
    }
}
