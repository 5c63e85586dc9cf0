//! Checks the URL that results go to. It comes in a payload, so only Teamtailor's own hosts are called.

use url::Url;

use crate::outbound::{is_loopback, join};

/// Teamtailor's API by region: Europe, North America, Asia-Pacific.
const HOSTS: [&str; 3] = ["api.teamtailor.com", "api.na.teamtailor.com", "api.au.teamtailor.com"];

/// Below this, each result has its own address.
const PATH: &str = "/partner/v1/partner-results/";

/// The address of a result, from what the event says of it; `None` when it says nothing usable, or names another host
/// or path. An event is signed over its id alone, so this URL is whatever the sender wrote.
pub(super) fn of(id: Option<&str>, update_url: Option<&str>, own: &Url) -> Option<Url> {
    let Some(update_url) = update_url else {
        let id = id.filter(|id| is_plain(id))?;
        return join(own, &format!("{}{id}", PATH.trim_start_matches('/'))).ok();
    };
    let url = Url::parse(update_url).ok()?;
    let named = checked(&url, own)?;
    id.is_none_or(|id| id == named).then(|| url.clone())
}

/// The id of the result at an address that is Teamtailor's; `None` where it is not.
pub(super) fn checked<'a>(url: &'a Url, own: &Url) -> Option<&'a str> {
    let secure = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url));
    let bare =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    let known = url.port().is_none() && url.host_str().is_some_and(|host| HOSTS.contains(&host));
    let theirs = (known && url.scheme() == "https") || url.origin() == own.origin();
    let id = url.path().strip_prefix(PATH).filter(|id| is_plain(id))?;
    (secure && bare && theirs).then_some(id)
}

/// Whether this can stand in a path as it is.
pub(super) fn is_plain(id: &str) -> bool {
    (1..=100).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_id(update_url: &str, own: &str) -> Option<String> {
        of(Some("r-1"), Some(update_url), &Url::parse(own).expect("a URL")).map(String::from)
    }

    #[test]
    fn the_three_regions_and_the_connection_own_host_are_called() {
        for host in HOSTS {
            let url = format!("https://{host}/partner/v1/partner-results/r-1");
            assert_eq!(of_id(&url, "https://api.teamtailor.com").as_ref(), Some(&url));
        }
        let own = "http://127.0.0.1:9100/partner/v1/partner-results/r-1";
        assert!(of_id(own, "http://127.0.0.1:9100/").is_some());
        let elsewhere = "https://tt.example:8443/partner/v1/partner-results/r-1";
        assert!(of_id(elsewhere, "https://tt.example:8443").is_some());
    }

    #[test]
    fn nothing_else_is_called() {
        for url in [
            "http://api.teamtailor.com/partner/v1/partner-results/r-1",
            "https://api.teamtailor.com:8443/partner/v1/partner-results/r-1",
            "https://api.teamtailor.com.evil.example/partner/v1/partner-results/r-1",
            "https://evil.example/partner/v1/partner-results/r-1",
            "https://api.teamtailor.com@evil.example/partner/v1/partner-results/r-1",
            "https://me:secret@api.teamtailor.com/partner/v1/partner-results/r-1",
            "https://api.teamtailor.com/partner/v1/partner-results/r-2",
            "https://api.teamtailor.com/partner/v1/partner-results/r-1/",
            "https://api.teamtailor.com/partner/v1/partner-results/x/../../partners/r-1",
            "https://api.teamtailor.com/partner/v1/partner-results/r-1?x=1",
            "https://api.teamtailor.com/partner/v1/partner-results/r-1#x",
            "https://api.teamtailor.com/partner/v1/partners/r-1",
            "https://api.teamtailor.com/partner/v1/partner-results/",
            "http://127.0.0.1:9100/partner/v1/partner-results/r-1",
            "http://169.254.169.254/partner/v1/partner-results/r-1",
            "not a URL",
        ] {
            assert_eq!(of_id(url, "https://api.teamtailor.com"), None, "{url}");
        }
        let plain = "http://tt.example/partner/v1/partner-results/r-1";
        assert_eq!(of_id(plain, "http://tt.example"), None, "plain http is for loopback alone");
    }

    #[test]
    fn either_of_the_two_is_enough() {
        let own = Url::parse("https://api.na.teamtailor.com/").expect("a URL");
        let url = "https://api.na.teamtailor.com/partner/v1/partner-results/r-1";
        assert_eq!(of(Some("r-1"), None, &own).map(String::from).as_deref(), Some(url));
        assert_eq!(of(None, Some(url), &own).map(String::from).as_deref(), Some(url));
        assert_eq!(of(None, None, &own), None);
        assert_eq!(of(Some("../partners/1"), None, &own), None);
    }
}
