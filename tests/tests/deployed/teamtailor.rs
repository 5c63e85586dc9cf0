//! Teamtailor at the deployed stack: the partner page, an activation that is checked, one event and its card.

use serde_json::json;
use shared::secrets::PartnerKeys;
use sim::teamtailor::{Context, Shown};
use sim::{SimSpringVerify, SimTeamtailor};
use tests::world::{Result, code};

use crate::opens_as_pdf;
use crate::street::{NAME, Street};

const API_KEY: &str = "canary-of-the-partner-key-71f0";
const WEBHOOK_SECRET: &str = "canary-of-the-webhook-secret-93bd";

pub(crate) async fn one_order(street: &mut Street) -> Result {
    let (ats, vendor) = (SimTeamtailor::start().await?, SimSpringVerify::start().await?);
    ats.set_keys(API_KEY, WEBHOOK_SECRET);
    let company = ats.add_company("Acme");
    activate(street, &ats, &company, &vendor).await?;

    let package = package_list(&ats, &company).await?;
    let (email, phone) = street.reachable_at();
    let candidate = ats.add_candidate(NAME.0, NAME.1, &email, Some(&phone));
    let sent = ats.recruiter_sends(&company, candidate, &json!({ "package": package }), true).await?;
    assert_eq!(sent.answer.http_status, 200, "{}", sent.answer.text);
    strangers_stay_outside(&ats, &company, &sent.event_id).await?;
    let check = street.placed_at(&vendor).await?;
    street.step("Teamtailor: a signed event is an order, and the vendor has it; a wrong signature is answered 401")?;

    assert_eq!(vendor.vendor_moves(check, code::COMPLETED).await?, [200]);
    let is_completed = |shown: &Shown| shown.status.eq_ignore_ascii_case("completed");
    let look = || ats.shows(&sent.result_id).filter(is_completed);
    let shown = street.until("Teamtailor's card shows the result", 60, look).await?;
    let report = shown.url.ok_or("no report link on the card")?;
    assert!(report.starts_with(&street.api()), "{report}");
    opens_as_pdf(&report).await?;
    assert_eq!((vendor.creates(), ats.violations()), (1, Vec::new()));
    let summary = shown.card_summary.unwrap_or_default();
    street.step(&format!("Teamtailor's card shows the result, {summary}, with a report link that opens"))
}

/// The owner publishes where the doors are; a company's admin pastes the token, and it is checked while they look on.
async fn activate(street: &mut Street, ats: &SimTeamtailor, company: &str, vendor: &SimSpringVerify) -> Result {
    let (id, key) = (ats.integration_id().to_string(), API_KEY.to_owned());
    let keys = PartnerKeys { id, key, webhook_secret: WEBHOOK_SECRET.to_owned(), ats_url: None };
    let printed = street.set_up("teamtailor", &ats.base_url(), keys).await?;
    assert_eq!(printed["base_url"], format!("{}/teamtailor/", street.api()));
    let made = street.connect_to("teamtailor", &ats.base_url(), vendor, &[]).await?;
    let guess = ats.admin_activates(company, &json!({ "externalTriggerToken": "xck_guess" })).await?;
    assert!(!guess.saved && !guess.errors.is_empty(), "a guess was saved: {guess:?}");
    let activated = ats.admin_activates(company, &json!({ "externalTriggerToken": made.trigger_token })).await?;
    assert!(activated.saved, "{:?}", activated.errors);
    assert_eq!(activated.answer.map(|answer| answer.http_status), Some(200), "the form was saved without a check");
    street.secrets.push(ats.bearer(company)?);
    street.step("Teamtailor: crosscheck ats setup published the form; it takes the token and refuses a guess")
}

async fn package_list(ats: &SimTeamtailor, company: &str) -> Result<String> {
    let popup = ats.config(company, Context::default()).await?;
    let first = popup.str_at("/config/fields/0/options/0/id");
    Ok(first.ok_or_else(|| format!("the pop-up shows {}: {}", popup.http_status, popup.text))?.to_owned())
}

async fn strangers_stay_outside(ats: &SimTeamtailor, company: &str, event: &str) -> Result {
    let body = ats.event(event).ok_or("no such event")?.to_string();
    let (bearer, signed) = (ats.bearer(company)?, ats.sign(ats.now(), event));
    let elsewhere = ats.sign(ats.now(), "another event");
    for (bearer, signature) in [(Some("guess"), &signed), (None, &signed), (Some(bearer.as_str()), &elsewhere)] {
        let answer = ats.somebody_posts("webhook", bearer, Some(signature), &body).await;
        assert_eq!(answer.http_status, 401, "{}", answer.text);
    }
    Ok(())
}
