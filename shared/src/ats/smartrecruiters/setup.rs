//! The partner's configuration at SmartRecruiters, which the operator publishes once for all companies.

use http::Method;
use serde_json::{Value, json};

use super::client::{self, Wanted};
use super::wire::{ASSESSMENT_TYPE, INLINE_TYPE};
use crate::account::Account;
use crate::error::{Fault, FaultKind};
use crate::secrets::PartnerKeys;

const OPERATION: &str = "partner/configuration";

/// The configuration with every address of this deployment. `base_url` is the deployment's, or that of its
/// `smartrecruiters` door.
///
/// Addresses that need an id are published without one. No public document says whether SmartRecruiters appends the id
/// or fills in a template, and a template that it does not fill in would fail.
fn configuration(base_url: &str, redirect: bool) -> Value {
    let base = base_url.trim_end_matches('/');
    let base = base.strip_suffix("/smartrecruiters").unwrap_or(base);
    let at = |path: &str| format!("{base}/smartrecruiters/{path}");
    json!({
        "consentUrl": at("connect"),
        "consentDisplayMode": if redirect { "REDIRECT" } else { "POPUP" },
        "oauthTokenUrl": at("oauth/token"),
        "assessmentPackageListUrl": at("packages"),
        "singleAssessmentPackageUrl": at("packages"),
        "packageOrderUrl": at("packages/orders"),
        "inlineAssessmentPackageOrderUrl": at("packages/inline/orders"),
        "integrationDisableUrl": at("integrations/companies"),
        "supportedAssessmentTypes": [ASSESSMENT_TYPE, INLINE_TYPE],
    })
}

/// Publishes the configuration in place of the one before. The link's own key is not used.
///
/// # Errors
/// `KeyRefused` when SmartRecruiters refuses the partner's key or it lacks `partner_configuration_manage`,
/// `DataRefused` when it will not have the configuration.
pub(super) async fn publish(
    account: &Account<'_>,
    keys: &PartnerKeys,
    base_url: &str,
    redirect: bool,
) -> Result<(), Fault> {
    call(account, keys, Method::PUT, Some(&configuration(base_url, redirect))).await.map(drop)
}

/// The configuration that SmartRecruiters has; `None` before the first one.
///
/// # Errors
/// As [`publish`].
pub(super) async fn published(account: &Account<'_>, keys: &PartnerKeys) -> Result<Option<Value>, Fault> {
    match call(account, keys, Method::GET, None).await {
        Ok(found) => Ok(Some(found)),
        Err(fault) if fault.kind == FaultKind::NotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

async fn call(account: &Account<'_>, keys: &PartnerKeys, method: Method, body: Option<&Value>) -> Result<Value, Fault> {
    let master = client::pair(&keys.id, &keys.key);
    let account = Account { key: &master, ..*account };
    let url = client::below(account.base_url, &["assessment-api", "v202010", "partner", "configuration"])?;
    let wanted = Wanted { operation: OPERATION, method, url, body: body.map(|body| ("application/json", body)) };
    client::within(&account, OPERATION, async { client::understood(OPERATION, &client::ask(&account, &wanted).await?) })
        .await
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
            let body = configuration(base, false);
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
}
