//! Help texts that name ATSs and vendors, made of what is known of them.

use shared::ats::{ATSS, AtsFacts, AtsKind, KeySource};
use shared::vendor::{VENDORS, VendorKind};

/// The ATSs of which this holds.
fn of(holds: impl Fn(&AtsFacts) -> bool) -> impl Iterator<Item = AtsKind> {
    ATSS.into_iter().filter(move |ats| holds(ats.facts()))
}

fn titles(holds: impl Fn(&AtsFacts) -> bool) -> String {
    of(holds).map(AtsKind::title).collect::<Vec<_>>().join(", ")
}

fn has_consent(facts: &AtsFacts) -> bool {
    facts.key_source == KeySource::Consent
}

/// The words for the ATSs of which this holds.
pub(crate) fn ats_help(holds: impl Fn(&AtsFacts) -> bool) -> String {
    let names: Vec<&str> = of(holds).map(AtsKind::name).collect();
    format!("The applicant tracking system: {}", names.join(", "))
}

/// The words for the vendors, and which of them have no base URL of their own.
pub(crate) fn vendor_help() -> String {
    let vendors = VENDORS.map(|vendor| match vendor.facts().stands_for {
        Some(whom) => format!("{vendor} ({whom})"),
        None => vendor.to_string(),
    });
    let without_url = VENDORS.into_iter().filter(|vendor| vendor.facts().base_url.is_none());
    let without_url: Vec<&str> = without_url.map(VendorKind::name).collect();
    format!("The vendor: {}; --vendor-url is needed for {}", vendors.join(", "), without_url.join(", "))
}

/// The ATSs whose admin consents on our page, as conditions on `--ats`.
pub(crate) fn with_consent() -> Vec<(&'static str, &'static str)> {
    of(has_consent).map(|ats| ("ats", ats.name())).collect()
}

pub(crate) fn admin_email_help() -> String {
    let ats = titles(has_consent);
    format!("E-mail address that the ATS admin gives with the token on the consent page ({ats}); kept as a hash")
}

pub(crate) fn company_help() -> String {
    format!(
        "The only company that may connect with the token, by the id that the ATS gives it ({})",
        titles(has_consent)
    )
}

pub(crate) fn provider_key_help() -> String {
    let ats = titles(|facts| facts.makes_up_keys);
    format!("The UUID that the ATS made up for this account, if it uses one in place of the token ({ats})")
}

pub(crate) fn display_mode_help() -> String {
    format!("How the ATS opens the consent page ({})", titles(has_consent))
}

pub(crate) fn partners_help() -> String {
    let ats = titles(|facts| facts.partner_keys.is_some());
    format!("Set this deployment up as a partner of an ATS that wants that: {ats}")
}
