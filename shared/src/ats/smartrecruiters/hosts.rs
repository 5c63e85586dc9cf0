//! Which addresses are SmartRecruiters' own: results and browsers are sent nowhere else.

use url::Url;

use crate::outbound::{Outbound, is_loopback};

/// Host of the production API.
const API_HOST: &str = "api.smartrecruiters.com";

/// The domain that SmartRecruiters' pages live under.
const DOMAIN: &str = "smartrecruiters.com";

/// An address that takes an order's results: on the production API, or where the connection's own base URL points.
pub(super) fn result_url(text: &str, base: &Url) -> Option<Url> {
    let url = plain(text)?;
    let production = url.scheme() == "https" && url.host_str() == Some(API_HOST) && url.port().is_none();
    let own = is_safe(&url) && url.host() == base.host() && port(&url) == port(base) && url.scheme() == base.scheme();
    (production || own).then_some(url)
}

/// An address that an applicant's browser may go on to: a page of SmartRecruiters', or of the connection's own host.
pub(super) fn continue_url(text: &str, base: &Url) -> Option<Url> {
    let url = plain(text)?;
    (is_theirs(&url) || url.host() == base.host()).then_some(url)
}

/// An address that an admin's browser may go back to; loopback where we may call it too (emulators and tests).
pub(super) fn redirect_url(text: &str, outbound: &Outbound) -> Option<Url> {
    let url = plain(text)?;
    let theirs = url.scheme() == "https" && is_theirs(&url);
    (theirs || (is_loopback(&url) && outbound.allow(&url).is_ok())).then_some(url)
}

/// An http or https address with a host and without a user name: a user name would only disguise the host.
fn plain(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    (web && url.username().is_empty() && url.password().is_none()).then_some(url)
}

fn is_safe(url: &Url) -> bool {
    url.scheme() == "https" || is_loopback(url)
}

fn is_theirs(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    host == DOMAIN || host.strip_suffix(DOMAIN).is_some_and(|front| front.ends_with('.'))
}

fn port(url: &Url) -> Option<u16> {
    url.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn results_go_to_the_api_or_to_the_connections_own_host_and_port() {
        let production = url("https://api.smartrecruiters.com");
        for good in [
            "https://api.smartrecruiters.com/assessment-api/v202010/orders/1/results",
            "https://API.smartrecruiters.com:443/x",
        ] {
            assert!(result_url(good, &production).is_some(), "{good}");
        }
        for wrong in [
            "http://api.smartrecruiters.com/x",
            "https://api.smartrecruiters.com:8443/x",
            "https://api.smartrecruiters.com.evil.example/x",
            "https://api.smartrecruiters.com@evil.example/x",
            "https://user@api.smartrecruiters.com/x",
            "https://www.smartrecruiters.com/x",
            "https://evilsmartrecruiters.com/x",
            "ftp://api.smartrecruiters.com/x",
            "/orders/1/results",
            "",
        ] {
            assert!(result_url(wrong, &production).is_none(), "{wrong}");
        }
        let sandbox = url("http://127.0.0.1:9100/");
        assert!(result_url("http://127.0.0.1:9100/orders/1/results", &sandbox).is_some());
        assert!(result_url("http://127.0.0.1:9101/orders/1/results", &sandbox).is_none());
        assert!(result_url("http://sandbox.example/x", &url("http://sandbox.example")).is_none());
    }

    #[test]
    fn browsers_go_to_smartrecruiters_only() {
        let (outside, inside) = (Outbound::new(false), Outbound::new(true));
        let base = url("https://api.smartrecruiters.com");
        for good in [
            "https://jobs.smartrecruiters.com/a?b=c",
            "https://smartrecruiters.com/",
            "http://jobs.smartrecruiters.com/",
        ] {
            assert!(continue_url(good, &base).is_some(), "{good}");
        }
        for wrong in ["https://notsmartrecruiters.com/", "javascript:alert(1)", "https://a@jobs.smartrecruiters.com/"] {
            assert!(continue_url(wrong, &base).is_none(), "{wrong}");
            assert!(redirect_url(wrong, &inside).is_none(), "{wrong}");
        }
        assert!(continue_url("http://127.0.0.1:1/x", &url("http://127.0.0.1:2")).is_some());
        assert!(redirect_url("https://www.smartrecruiters.com/settings", &outside).is_some());
        assert!(redirect_url("http://www.smartrecruiters.com/settings", &outside).is_none());
        assert!(redirect_url("http://127.0.0.1:1/x", &outside).is_none());
        assert!(redirect_url("http://127.0.0.1:1/x", &inside).is_some());
    }
}
