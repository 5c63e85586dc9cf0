//! SmartRecruiters at the deployed stack: the partner's configuration, a consent, one order and its result.

use serde_json::Value;
use shared::secrets::PartnerKeys;
use sim::smartrecruiters::Shown;
use sim::{SimSmartRecruiters, SimSpringVerify};
use tests::ministack::client;
use tests::page::{form, hidden_fields};
use tests::world::{Result, code};

use crate::opens_as_pdf;
use crate::street::{NAME, Street};

const MASTER: (&str, &str) = ("crosscheck-partner", "canary-of-the-master-secret-c4a1");
const COMPANY: &str = "AcmeInc";
const ADMIN: &str = "zq-canary-admin@example.com";

pub(crate) async fn one_order(street: &mut Street) -> Result {
    let (ats, vendor) = (SimSmartRecruiters::start().await?, SimSpringVerify::start().await?);
    ats.set_master_pair(MASTER.0, MASTER.1);
    become_partner(street, &ats).await?;
    consent(street, &ats, &vendor).await?;

    let package = package_list(street, &ats).await?;
    let (email, phone) = street.reachable_at();
    let candidate = ats.add_candidate(NAME.0, NAME.1, &email, Some(&phone));
    let (order, answer) = ats.recruiter_orders(COMPANY, &candidate, &package, true).await?;
    assert_eq!(answer.http_status, 202, "{}", answer.text);
    let check = street.placed_at(&vendor).await?;
    shows(street, &ats, &order, "PENDING").await?;
    street.step("SmartRecruiters: an order is taken, placed, and shown as pending")?;

    assert_eq!(vendor.vendor_moves(check, code::COMPLETED).await?, [200]);
    let shown = shows(street, &ats, &order, "COMPLETED").await?;
    let report = shown.attachments.first().ok_or("no report link")?;
    assert!(report.url.starts_with(&street.api()), "{}", report.url);
    opens_as_pdf(&report.url).await?;
    assert_eq!((vendor.creates(), ats.violations()), (1, Vec::new()));
    street.step(&format!(
        "SmartRecruiters shows the result, {}, with a report link that opens",
        shown.score_label.unwrap_or_default()
    ))
}

async fn become_partner(street: &mut Street, ats: &SimSmartRecruiters) -> Result {
    let keys = PartnerKeys { id: MASTER.0.into(), key: MASTER.1.into(), webhook_secret: String::new(), ats_url: None };
    let printed = street.set_up("smartrecruiters", &ats.base_url(), keys).await?;
    assert_eq!(printed["base_url"], format!("{}/smartrecruiters/", street.api()));
    assert!(ats.configuration().is_some(), "nothing was published: {printed}");
    street.step("SmartRecruiters: crosscheck ats setup published where the doors are")
}

/// The admin presses Connect, allows, and fills in the page that opens.
async fn consent(street: &mut Street, ats: &SimSmartRecruiters, vendor: &SimSpringVerify) -> Result {
    let made = street.connect_to("smartrecruiters", &ats.base_url(), vendor, &["--admin-email", ADMIN]).await?;
    ats.consent(COMPANY);
    let url = ats.consent_page_url(COMPANY)?;
    let fields = hidden_fields(&client()?.get(&url).send().await?.text().await?);
    let fields = || fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let (status, words) = sends(&url, form(fields().chain([("token", "xck_guess"), ("email", ADMIN)]))).await?;
    assert_eq!(status, 403, "{words}");
    assert!(!ats.is_connected(COMPANY), "connected with a guess");
    let given = [("token", made.trigger_token.as_str()), ("email", ADMIN)];
    let (status, words) = sends(&url, form(fields().chain(given))).await?;
    assert_eq!(status, 200, "{words}");
    assert!(words.contains("is connected to SpringVerify") && ats.is_connected(COMPANY), "{words}");
    let (id, secret) = ats.partner_pair(COMPANY).ok_or("the company has no credentials for our doors")?;
    assert_eq!(id, format!("xcc_{}", made.connection));
    street.secrets.extend([secret, ADMIN.to_owned()]);
    street.step("SmartRecruiters: the consent page takes the token and its address, and nothing else")
}

/// A form, as a browser sends it from a page that may not say where it is from.
async fn sends(url: &str, form: String) -> Result<(u16, String)> {
    let post = client()?.post(url).header("origin", "null").header("sec-fetch-site", "same-origin");
    let answer = post.header("content-type", "application/x-www-form-urlencoded").body(form).send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

async fn package_list(street: &mut Street, ats: &SimSmartRecruiters) -> Result<String> {
    let listed = ats.packages(COMPANY).await?;
    let package = listed.body[0]["id"].as_str().ok_or_else(|| format!("{}: {}", listed.http_status, listed.text))?;
    let token = ats.bearer(COMPANY).await?.ok_or("no access token")?;
    let stranger = format!("{}A", token.trim_end_matches(char::is_alphanumeric));
    let door = format!("{}/smartrecruiters/packages", street.api());
    assert_eq!(ats.get_raw(&door, Some(&stranger)).await.http_status, 401);
    assert_eq!(ats.get_raw(&door, None).await.body["errors"][0]["code"], Value::from("UNAUTHORIZED"));
    street.secrets.push(token);
    street.step("SmartRecruiters: the token endpoint's token opens the package list, a wrong one does not")?;
    Ok(package.to_owned())
}

async fn shows(street: &Street, ats: &SimSmartRecruiters, order: &str, status: &str) -> Result<Shown> {
    let is = |shown: &Shown| shown.status.as_deref() == Some(status);
    street.until(&format!("SmartRecruiters shows {status}"), 60, || ats.shows(order).filter(is)).await
}
