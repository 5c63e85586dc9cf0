//! SmartRecruiters' events, and those of the browsers that it sends.

use serde_json::{Value, json};
use shared::ats::AtsKind;
use shared::connection::{Connection, ConnectionState};
use shared::order::{Order, State};
use shared::vendor::VendorKind;
use sim::Fault;
use sim::pair::Pair;
use tests::ministack::client;
use tests::page::{form, hidden_fields};
use tests::world::Result;

use super::{ASHA, CONNECTION, ORDER, TOKEN, body, holds, page, same};

const API: &str = "https://api.smartrecruiters.com";
const JOBS: &str = "https://jobs.smartrecruiters.com";
const REDIRECT: &str = "https://www.smartrecruiters.com/made-up-connected-page";
const COMPANY: &str = "made-up-company";
const CLIENT_SECRET: &str = "made-up-client-secret";
const ACCESS_TOKEN: &str = "made-up-access-token";
const ISSUED: &str = "1795251600";
const FORM_SIGNATURE: &str = "made-up-form-signature";
const PAGE_SIGNATURE: &str = "made-up-page-signature";
const CANDIDATE: &str = "01900000-0000-7000-8000-000000000002";
const RESULTS: &str = "01900000-0000-7000-8000-000000000006";
const PACKAGE: &str = "4238";

/// A connected company with a candidate whom the vendor does not know yet, and an applicant who has not begun.
pub(crate) struct Life {
    pub(crate) pair: Pair,
    pub(crate) instead: Vec<(String, String)>,
    package: String,
    applicants_order: String,
}

impl Life {
    pub(crate) async fn new() -> Result<Self> {
        let pair = Pair::start(AtsKind::SmartRecruiters, VendorKind::SpringVerify).await?;
        let refused = refused_order(&pair).await?;
        let connection = connection(&pair).await?;
        let company = connection.account.clone().ok_or("the connection has no company")?;
        let package = connection.catalogue.iter().flat_map(|c| &c.packages).next().ok_or("no package")?.id.clone();
        let secret = pair.deployment.services.secrets.latest_keys(&connection.id).await?.client_secret;
        let door = format!("{}/smartrecruiters", pair.stack.base_url);
        let ats = connection.ats_url.as_str().trim_end_matches('/').to_owned();

        let fields = consent_form(&door, &company).await?;
        let token = access_token(&door, &connection, &secret).await?;
        let order = json!({
            "resultCallbackURL": format!("{ats}/assessment-api/v202010/orders/of-an-applicant/results"),
            "completedAssessmentCallbackUrl": format!("{ats}/inline-assessments/of-an-applicant/completed"),
            "companyId": company,
            "assessmentPackageId": package,
            "candidate": { "email": "applicant@example.com", "firstName": "Nila", "lastName": "Bose" },
        });
        let page = applicants_page(&door, &token, &order).await?;
        let (applicants_order, page_signature) = page.split_once("?signature=").ok_or("the page is not signed")?;
        let applicants_order = applicants_order.rsplit('/').next().unwrap_or_default().to_owned();
        let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let instead = [
            (TOKEN.into(), pair.made.trigger_token.clone()),
            (CONNECTION.into(), connection.id.to_string()),
            (CLIENT_SECRET.into(), secret),
            (ACCESS_TOKEN.into(), token),
            (COMPANY.into(), company),
            (PACKAGE.into(), package.clone()),
            (CANDIDATE.into(), refused.reference.candidate_id),
            (ISSUED.into(), field("issued").ok_or("the form does not say when it was issued")?),
            (FORM_SIGNATURE.into(), field("signature").ok_or("the form is not signed")?),
            (ORDER.into(), applicants_order.clone()),
            (PAGE_SIGNATURE.into(), page_signature.to_owned()),
            (API.into(), ats.clone()),
            (JOBS.into(), ats),
        ];
        Ok(Self { instead: instead.into(), package, applicants_order, pair })
    }

    pub(crate) async fn expect(&self, event: &str, answer: &Value) -> Result {
        let event = event.trim_start_matches("smartrecruiters-webhook-");
        match event {
            "packages" => {
                let listed = body(answer, 200)?.as_array().map_or(0, Vec::len);
                same(listed, self.pair.ats.packages().await?.len())
            }
            "package" => same(body(answer, 200)?["id"].as_str(), Some(self.package.as_str())),
            "token" => {
                let token = body(answer, 200)?;
                same((&token["token_type"], &token["expires_in"]), (&json!("Bearer"), &json!(3600)))?;
                holds(token["access_token"].as_str().unwrap_or_default(), &self.pair.made.connection.id.to_string())
            }
            "order" | "order-without-requester" => {
                same(body(answer, 202)?, json!({}))?;
                // The simulated SmartRecruiters did not make this call and knows nothing of it, but the vendor does.
                self.pair.until_card(RESULTS, |order| order.placement.vendor_ref().is_some()).await?;
                same(self.pair.vendor.creates(), 1)
            }
            "inline-order" => {
                let taken = body(answer, 200)?;
                let order = self.pair.order_of(RESULTS).await?;
                let page = format!("{}/smartrecruiters/inline/{}?", self.pair.stack.base_url, order.id);
                holds(taken["url"].as_str().unwrap_or_default(), &page)?;
                same(&taken["assessmentPackageURL"], &taken["url"])?;
                same(self.pair.vendor.creates(), 0)
            }
            _ => self.expect_of_a_browser(event, answer).await,
        }
    }

    async fn expect_of_a_browser(&self, event: &str, answer: &Value) -> Result {
        match event {
            "applicant-page" => {
                let page = page(answer, 200)?;
                holds(&page, "<form method=\"post\">")?;
                holds(&page, "name=\"phone\"")?;
                same(self.pair.vendor.creates(), 0)
            }
            "applicant-begins" => {
                holds(&page(answer, 200)?, "role=\"status\"")?;
                self.pair.until(&self.applicants_order, |order| order.placement.vendor_ref().is_some()).await?;
                same(self.pair.vendor.creates(), 1)
            }
            "connect-page" => {
                let page = page(answer, 200)?;
                let names: Vec<String> = hidden_fields(&page).into_iter().map(|(name, _)| name).collect();
                same(names, ["companyId", "redirect", "issued", "signature"].map(str::to_owned).to_vec())?;
                ["token", "email"].into_iter().try_for_each(|name| holds(&page, &format!("name=\"{name}\"")))
            }
            "connect" => {
                let page = page(answer, 200)?;
                holds(&page, "is connected to")?;
                holds(&page, REDIRECT)?;
                same(connection(&self.pair).await?.state, ConnectionState::Active)
            }
            "disconnect" => {
                same(&answer["statusCode"], &json!(204))?;
                same(connection(&self.pair).await?.state, ConnectionState::Waiting)
            }
            _ => Err("this test does not know what to expect".into()),
        }
    }
}

/// An order that the vendor would not take: it leaves behind a candidate whom it has not seen.
async fn refused_order(pair: &Pair) -> Result<Order> {
    pair.vendor.faults().once(pair.vendor.buying(), Fault::status(422));
    let (card, answer) = pair.ats.orders(ASHA).await?;
    if !answer.is_ok() {
        return Err(format!("the order is refused with {}: {}", answer.http_status, answer.text).into());
    }
    let failed = |order: &Order| order.status.state == State::Failed && order.told == order.version;
    Ok(pair.until_card(&card, failed).await?)
}

/// The connection as it stands; its company came with the consent.
async fn connection(pair: &Pair) -> Result<Connection> {
    let found = pair.deployment.services.store.connection(&pair.made.connection.id).await?;
    Ok(found.ok_or("the connection is gone")?)
}

async fn consent_form(door: &str, company: &str) -> Result<Vec<(String, String)>> {
    let query = form([("companyId", company), ("redirect", REDIRECT)]);
    Ok(hidden_fields(&client()?.get(format!("{door}/connect?{query}")).send().await?.text().await?))
}

async fn access_token(door: &str, connection: &Connection, secret: &str) -> Result<String> {
    let id = format!("xcc_{}", connection.id);
    let asked = form([("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", secret)]);
    let post = client()?.post(format!("{door}/oauth/token"));
    let answer = post.header("content-type", "application/x-www-form-urlencoded").body(asked).send().await?;
    let given: Value = serde_json::from_slice(&answer.bytes().await?)?;
    Ok(given["access_token"].as_str().ok_or_else(|| format!("no token: {given}"))?.to_owned())
}

async fn applicants_page(door: &str, token: &str, order: &Value) -> Result<String> {
    let post = client()?.post(format!("{door}/packages/inline/orders")).bearer_auth(token);
    let answer = post.header("content-type", "application/json").body(order.to_string()).send().await?;
    let given: Value = serde_json::from_slice(&answer.bytes().await?)?;
    Ok(given["url"].as_str().ok_or_else(|| format!("no page: {given}"))?.to_owned())
}

/// What belongs to a stranger. The consent page itself is open to everybody; its form has to be one that it gave.
pub(crate) fn refuses(event: &str, answer: &Value) -> Result {
    match event.trim_start_matches("smartrecruiters-webhook-") {
        "token" => same(&body(answer, 400)?["error"], &json!("invalid_client")),
        "connect-page" => holds(&page(answer, 200)?, "name=\"token\""),
        "connect" => holds(&page(answer, 403)?, "This page is opened by SmartRecruiters"),
        "applicant-page" | "applicant-begins" => page(answer, 404).map(drop),
        _ => same(&body(answer, 401)?["errors"][0]["code"], &json!("UNAUTHORIZED")),
    }
}
