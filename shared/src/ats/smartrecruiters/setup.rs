//! The partner's configuration at SmartRecruiters, published once for all companies by whoever runs Crosscheck.

use std::fmt;
use std::str::FromStr;

use http::Method;
use serde_json::{Value, json};

use super::client::{self, Wanted};
use super::wire::ASSESSMENT_TYPE;
use crate::error::{Fault, FaultKind};
use crate::flow::Link;
use crate::secrets::PartnerKeys;

const OPERATION: &str = "partner/configuration";

/// How SmartRecruiters shows the consent page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DisplayMode {
    /// In a window of its own, over SmartRecruiters.
    #[default]
    Popup,
    /// In place of SmartRecruiters; the page leads back.
    Redirect,
}

impl DisplayMode {
    /// SmartRecruiters' word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Popup => "POPUP",
            Self::Redirect => "REDIRECT",
        }
    }
}

impl fmt::Display for DisplayMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that is no display mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a display mode; use popup or redirect")]
pub struct UnknownMode;

impl FromStr for DisplayMode {
    type Err = UnknownMode;
    fn from_str(text: &str) -> Result<Self, UnknownMode> {
        let found = [Self::Popup, Self::Redirect].into_iter().find(|mode| mode.name().eq_ignore_ascii_case(text));
        found.ok_or(UnknownMode)
    }
}

/// The configuration with every address of this deployment. `base_url` is the deployment's, or that of its
/// `smartrecruiters` door.
///
/// Addresses with an id in them are given without it: whether SmartRecruiters appends the id or fills in a template is
/// not public. Appended, both lead to the right place; a template would have to be filled in, or fail.
pub fn configuration(base_url: &str, mode: DisplayMode) -> Value {
    let base = base_url.trim_end_matches('/');
    let base = base.strip_suffix("/smartrecruiters").unwrap_or(base);
    let at = |path: &str| format!("{base}/smartrecruiters/{path}");
    json!({
        "consentUrl": at("connect"),
        "consentDisplayMode": mode.name(),
        "oauthTokenUrl": at("oauth/token"),
        "assessmentPackageListUrl": at("packages"),
        "singleAssessmentPackageUrl": at("packages"),
        "packageOrderUrl": at("packages/orders"),
        "inlineAssessmentPackageOrderUrl": at("packages/inline/orders"),
        "integrationDisableUrl": at("integrations/companies"),
        "supportedAssessmentTypes": [ASSESSMENT_TYPE],
    })
}

/// Publishes the configuration in place of the one before; what SmartRecruiters then has. The link's own key is not
/// used.
///
/// # Errors
/// `KeyRefused` when SmartRecruiters refuses the partner's key or it lacks `partner_configuration_manage`,
/// `DataRefused` when it will not have the configuration.
pub async fn publish(link: &Link<'_>, keys: &PartnerKeys, configuration: &Value) -> Result<Value, Fault> {
    call(link, keys, Method::PUT, Some(configuration)).await
}

/// The configuration that SmartRecruiters has; `None` before the first one.
///
/// # Errors
/// As [`publish`].
pub async fn published(link: &Link<'_>, keys: &PartnerKeys) -> Result<Option<Value>, Fault> {
    match call(link, keys, Method::GET, None).await {
        Ok(found) => Ok(Some(found)),
        Err(fault) if fault.kind == FaultKind::NotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

async fn call(link: &Link<'_>, keys: &PartnerKeys, method: Method, body: Option<&Value>) -> Result<Value, Fault> {
    let master = client::pair(&keys.id, &keys.key);
    let link = Link { key: &master, ..*link };
    let url = client::below(link.base_url, &["assessment-api", "v202010", "partner", "configuration"])?;
    let wanted = Wanted { operation: OPERATION, method, url, body: body.map(|body| ("application/json", body)) };
    client::within(&link, OPERATION, async { client::understood(OPERATION, &client::ask(&link, &wanted).await?) }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_below_the_door_whichever_base_is_given() {
        for base in [
            "https://x.example/v1",
            "https://x.example/v1/",
            "https://x.example/v1/smartrecruiters",
            "https://x.example/v1/smartrecruiters/",
        ] {
            let body = configuration(base, DisplayMode::default());
            let urls = body.as_object().expect("an object").iter().filter(|(name, _)| name.ends_with("Url"));
            let urls: Vec<_> = urls.filter_map(|(_, url)| url.as_str()).collect();
            assert_eq!(urls.len(), 7);
            for url in urls {
                let path = url.strip_prefix("https://x.example/v1/smartrecruiters/").expect("below the door");
                assert!(!path.contains("//") && !path.ends_with('/') && !path.contains('{'), "{url}");
            }
            assert_eq!(body["consentDisplayMode"], "POPUP");
        }
    }

    #[test]
    fn modes_read_back_in_either_case() {
        for mode in [DisplayMode::Popup, DisplayMode::Redirect] {
            assert_eq!(mode.to_string().parse(), Ok(mode));
            assert_eq!(mode.name().to_lowercase().parse(), Ok(mode));
        }
        assert_eq!("frame".parse::<DisplayMode>(), Err(UnknownMode));
    }
}
