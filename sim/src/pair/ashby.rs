//! Ashby's part in a play.

use std::sync::OnceLock;

use async_trait::async_trait;
use reqwest::Method;
use serde_json::Value;
use shared::ats::AtsKind;
use shared::door::{AshbyWebhook, Door};

use super::ats::{Card, Cards, Person, PlaysAts, text, wrong};
use super::letter::basic;
use crate::Logged;
use crate::ashby::Partner;
use crate::{Answer, SimAshby};
use crosscheck::connect::Made;
use crosscheck::deployment::{CliError, Deployment};
use crosscheck::output;

pub(super) struct Ashby {
    sim: SimAshby,
    partner: OnceLock<Partner>,
    made: Cards,
}

impl Ashby {
    pub(super) async fn start() -> Result<Self, CliError> {
        Ok(Self { sim: SimAshby::start().await?, partner: OnceLock::new(), made: Cards::default() })
    }

    fn partner(&self) -> Result<&Partner, CliError> {
        self.partner.get().ok_or_else(|| CliError::Input("Ashby is not connected".to_owned()))
    }

    async fn starts(&self, application: &str) -> Result<Answer, CliError> {
        let picker = self.sim.picker();
        let package = picker.first().map(|p| text(p, "assessment_type_id")).unwrap_or_default();
        let started = self.sim.recruiter_starts(self.partner()?, application, &package, Value::Null);
        started.await.map_err(wrong)
    }
}

#[async_trait]
impl PlaysAts for Ashby {
    fn kind(&self) -> AtsKind {
        AtsKind::Ashby
    }

    fn door(&self) -> &'static dyn Door {
        &AshbyWebhook
    }

    fn asks(&self) -> (Method, &'static str) {
        (Method::POST, "assessment.list")
    }

    fn posts(&self) -> &'static [&'static str] {
        &["assessment.start"]
    }

    async fn authorization(&self, made: &Made) -> Result<String, CliError> {
        Ok(basic(&made.trigger_token).1)
    }

    fn base_url(&self) -> String {
        self.sim.base_url()
    }

    fn api_key(&self) -> String {
        self.sim.api_key()
    }

    async fn set_up(&self, _place: &Deployment) -> Result<(), CliError> {
        Ok(())
    }

    async fn connect(&self, deployment: &Deployment, made: &Made) -> Result<(), CliError> {
        let partner = Partner::new(&output::ats_base_url(&made.connection, &deployment.base_url), &made.trigger_token);
        self.sim.refresh(self.partner.get_or_init(|| partner)).await;
        Ok(())
    }

    async fn packages(&self) -> Result<Vec<String>, CliError> {
        self.sim.refresh(self.partner()?).await;
        Ok(self.sim.picker().iter().map(|p| text(p, "name")).collect())
    }

    async fn orders(&self, person: Person<'_>) -> Result<(String, Answer), CliError> {
        let someone = self.sim.add_candidate(person.first, person.last, person.email, person.phone);
        let answer = self.starts(&someone.application_id).await?;
        let card = answer.str_at("/results/assessment_id").unwrap_or_default().to_owned();
        self.made.keep(&card, someone.application_id);
        Ok((card, answer))
    }

    async fn repeats(&self, card: &str) -> Result<Answer, CliError> {
        self.starts(&self.made.made_by(card)?).await
    }

    fn card(&self, card: &str) -> Option<Card> {
        let shown = self.sim.shows(card)?;
        let status = shown.cancelled_reason.or(shown.status).unwrap_or_default();
        Some(Card { status, result: shown.result.unwrap_or_default(), link: shown.profile_url, updates: shown.updates })
    }

    fn requests(&self) -> Vec<Logged> {
        self.sim.requests()
    }

    fn violations(&self) -> Vec<String> {
        self.sim.violations()
    }

    fn ashby(&self) -> Option<(&SimAshby, &Partner)> {
        Some((&self.sim, self.partner.get()?))
    }

    async fn another(&self) -> Result<Box<dyn PlaysAts>, CliError> {
        Ok(Box::new(Self::start().await?))
    }
}
