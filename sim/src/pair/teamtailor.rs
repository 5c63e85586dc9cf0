//! Teamtailor's part in a play.

use async_trait::async_trait;
use reqwest::Method;
use serde_json::{Value, json};
use shared::ats::AtsKind;
use shared::door::{Door, TeamtailorWebhook};
use shared::secrets::PartnerKeys;

use super::ats::{Card, Cards, Person, PlaysAts, set_up, text, wrong};
use crate::Logged;
use crate::teamtailor::Context;
use crate::{Answer, SimTeamtailor};
use crosscheck::connect::Made;
use crosscheck::deployment::{CliError, Deployment};

pub(super) struct Teamtailor {
    sim: SimTeamtailor,
    company: String,
    made: Cards,
}

impl Teamtailor {
    pub(super) async fn start() -> Result<Self, CliError> {
        let sim = SimTeamtailor::start().await?;
        let company = sim.add_company("Acme");
        Ok(Self { sim, company, made: Cards::default() })
    }
}

#[async_trait]
impl PlaysAts for Teamtailor {
    fn kind(&self) -> AtsKind {
        AtsKind::Teamtailor
    }

    fn door(&self) -> &'static dyn Door {
        &TeamtailorWebhook
    }

    fn asks(&self) -> (Method, &'static str) {
        (Method::POST, "actions/refresh")
    }

    fn posts(&self) -> &'static [&'static str] {
        &["webhook", "actions/cancel"]
    }

    async fn authorization(&self, _made: &Made) -> Result<String, CliError> {
        Ok(format!("Bearer {}", self.sim.bearer(&self.company).map_err(wrong)?))
    }

    fn base_url(&self) -> String {
        self.sim.base_url()
    }

    fn api_key(&self) -> String {
        String::new()
    }

    async fn set_up(&self, deployment: &Deployment) -> Result<(), CliError> {
        let id = self.sim.integration_id().to_string();
        let keys =
            PartnerKeys { id, key: self.sim.api_key(), webhook_secret: self.sim.webhook_secret(), ats_url: None };
        set_up(self, deployment, keys).await
    }

    async fn connect(&self, _place: &Deployment, made: &Made) -> Result<(), CliError> {
        let values = json!({ "externalTriggerToken": made.trigger_token });
        let activated = self.sim.admin_activates(&self.company, &values).await.map_err(wrong)?;
        if activated.saved {
            return Ok(());
        }
        Err(CliError::Input(format!("Teamtailor's form was not saved: {:?}", activated.errors)))
    }

    async fn packages(&self) -> Result<Vec<String>, CliError> {
        let answer = self.sim.config(&self.company, Context::default()).await.map_err(wrong)?;
        Ok(options(&answer).iter().map(|o| text(o, "label")).collect())
    }

    async fn orders(&self, person: Person<'_>) -> Result<(String, Answer), CliError> {
        let popup = self.sim.config(&self.company, Context::default()).await.map_err(wrong)?;
        let package = options(&popup).first().map(|o| text(o, "id")).unwrap_or_default();
        let candidate = self.sim.add_candidate(person.first, person.last, person.email, person.phone);
        let values = json!({ "package": package });
        let sent = self.sim.recruiter_sends(&self.company, candidate, &values, true).await.map_err(wrong)?;
        self.made.keep(&sent.result_id, sent.event_id);
        Ok((sent.result_id, sent.answer))
    }

    async fn repeats(&self, card: &str) -> Result<Answer, CliError> {
        self.sim.repeat(&self.made.made_by(card)?).await.map_err(wrong)
    }

    fn card(&self, card: &str) -> Option<Card> {
        let shown = self.sim.shows(card)?;
        Some(Card {
            status: shown.status,
            result: shown.error.or(shown.card_summary).unwrap_or_default(),
            link: shown.url,
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
        let company = self.sim.add_company("Another company");
        Ok(Box::new(Self { sim: self.sim.clone(), company, made: Cards::default() }))
    }

    fn account(&self) -> String {
        self.company.clone()
    }

    fn teamtailor(&self) -> Option<&SimTeamtailor> {
        Some(&self.sim)
    }
}

fn options(config: &Answer) -> Vec<Value> {
    let fields = config.body.pointer("/config/fields").and_then(Value::as_array);
    let listed = fields.into_iter().flatten().find_map(|field| field.get("options")?.as_array());
    listed.cloned().unwrap_or_default()
}
