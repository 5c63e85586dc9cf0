//! `SmartRecruiters`' part in a play.

use async_trait::async_trait;
use reqwest::Method;
use shared::ats::AtsKind;
use shared::door::{Door, SmartRecruitersWebhook};
use shared::secrets::PartnerKeys;

use super::ADMIN;
use super::ats::{Card, Person, PlaysAts, set_up, text, wrong};
use crate::Logged;
use crate::{Answer, SimSmartRecruiters};
use crosscheck::connect::Made;
use crosscheck::deployment::{CliError, Deployment};

/// `SmartRecruiters` with one company that is to be connected.
pub struct SmartRecruiters {
    /// The simulator.
    pub sim: SimSmartRecruiters,
    company: String,
}

impl SmartRecruiters {
    /// Starts it.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> Result<Self, CliError> {
        Ok(Self { sim: SimSmartRecruiters::start().await?, company: COMPANY.to_owned() })
    }
}

/// The company's id.
pub const COMPANY: &str = "AcmeInc";

#[async_trait]
impl PlaysAts for SmartRecruiters {
    fn kind(&self) -> AtsKind {
        AtsKind::SmartRecruiters
    }

    fn door(&self) -> &'static dyn Door {
        &SmartRecruitersWebhook
    }

    fn asks(&self) -> (Method, &'static str) {
        (Method::GET, "packages")
    }

    fn posts(&self) -> &'static [&'static str] {
        &["packages/orders", "packages/inline/orders"]
    }

    async fn authorization(&self, _made: &Made) -> Result<String, CliError> {
        let bearer = self.sim.bearer(&self.company).await.map_err(wrong)?.ok_or_else(|| wrong("no bearer"))?;
        Ok(format!("Bearer {bearer}"))
    }

    fn base_url(&self) -> String {
        self.sim.base_url()
    }

    fn api_key(&self) -> String {
        String::new()
    }

    async fn set_up(&self, deployment: &Deployment) -> Result<(), CliError> {
        let (id, key) = self.sim.master_pair();
        set_up(self, deployment, PartnerKeys { id, key, webhook_secret: String::new(), ats_url: None }).await
    }

    /// The admin presses Connect, allows, and fills in the consent page, as its form stands there.
    async fn connect(&self, _place: &Deployment, made: &Made) -> Result<(), CliError> {
        self.sim.consent(&self.company);
        let url = self.sim.consent_page_url(&self.company).map_err(wrong)?;
        let page = self.sim.get_raw(&url, None).await;
        let mut fields = hidden_fields(&page.text);
        fields.push(("token".to_owned(), made.trigger_token.clone()));
        fields.push(("email".to_owned(), ADMIN.to_owned()));
        let pairs: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let answer = self.sim.post_form(&url, &pairs).await;
        if answer.is_ok() && self.sim.is_connected(&self.company) {
            return Ok(());
        }
        Err(CliError::Input(format!("the consent page answered {}: {}", answer.http_status, answer.text)))
    }

    async fn packages(&self) -> Result<Vec<String>, CliError> {
        let answer = self.sim.packages(&self.company).await.map_err(wrong)?;
        Ok(answer.body.as_array().into_iter().flatten().map(|p| text(p, "name")).collect())
    }

    async fn orders(&self, person: Person<'_>) -> Result<(String, Answer), CliError> {
        let list = self.sim.packages(&self.company).await.map_err(wrong)?;
        let package = list.str_at("/0/id").unwrap_or_default().to_owned();
        let candidate = self.sim.add_candidate(person.first, person.last, person.email, person.phone);
        self.sim.recruiter_orders(&self.company, &candidate, &package, true).await.map_err(wrong)
    }

    async fn repeats(&self, card: &str) -> Result<Answer, CliError> {
        self.sim.repeat_order(card).await.map_err(wrong)
    }

    fn card(&self, card: &str) -> Option<Card> {
        let shown = self.sim.shows(card)?;
        let (label, summary) = (shown.score_label.unwrap_or_default(), shown.summary.unwrap_or_default());
        Some(Card {
            status: shown.status.unwrap_or_default(),
            result: if summary.starts_with(&label) { summary } else { format!("{label}, {summary}") },
            link: shown.attachments.first().map(|a| a.url.clone()),
            updates: shown.updates,
        })
    }

    fn requests(&self) -> Vec<Logged> {
        self.sim.requests()
    }

    fn violations(&self) -> Vec<String> {
        self.sim.violations()
    }

    async fn another(&self) -> Result<Box<dyn PlaysAts>, CliError> {
        Ok(Box::new(Self { sim: self.sim.clone(), company: format!("{}-2", self.company) }))
    }

    fn account(&self) -> String {
        self.company.clone()
    }

    fn smartrecruiters(&self) -> Option<&SimSmartRecruiters> {
        Some(&self.sim)
    }
}

/// The hidden fields of the first form on a page.
pub fn hidden_fields(page: &str) -> Vec<(String, String)> {
    let attribute = |input: &str, name: &str| {
        let value = input.split(&format!("{name}=\"")).nth(1)?.split('"').next()?;
        Some(value.replace("&amp;", "&").replace("&quot;", "\"").replace("&#39;", "'"))
    };
    let inputs = page.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
    let hidden = inputs.filter(|input| input.contains("type=\"hidden\""));
    hidden.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?))).collect()
}
