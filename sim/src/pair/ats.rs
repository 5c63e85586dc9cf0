//! The ATSs' parts: an admin who connects, a recruiter who orders, a card that shows what came back.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use reqwest::Method;
use serde_json::Value;
use shared::ats::AtsKind;
use shared::door::Door;
use shared::secrets::PartnerKeys;
use url::Url;

use crate::Logged;
use crate::ashby::Partner;
use crate::{Answer, SimAshby, SimSmartRecruiters, SimTeamtailor};
use crosscheck::ats::{announce, keep};
use crosscheck::connect::Made;
use crosscheck::deployment::{CliError, Deployment};

/// What a recruiter sees of one check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    /// The status, in the ATS's word.
    pub status: String,
    /// The result and what stands beside it.
    pub result: String,
    /// Where the card's link leads.
    pub link: Option<String>,
    /// How many updates the ATS applied.
    pub updates: usize,
}

/// Somebody to be checked.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// Given name.
    pub first: &'a str,
    /// Family name.
    pub last: &'a str,
    /// E-mail address.
    pub email: &'a str,
    /// Phone number, if the ATS knows one.
    pub phone: Option<&'a str>,
}

/// An ATS in a play.
#[async_trait]
pub trait PlaysAts: Send + Sync {
    /// Which.
    fn kind(&self) -> AtsKind;
    /// Base URL of its API.
    fn base_url(&self) -> String;
    /// The key that the operator is given; empty where none is.
    fn api_key(&self) -> String;
    /// The deployment becomes its partner, where it has partners.
    async fn set_up(&self, deployment: &Deployment) -> Result<(), CliError>;
    /// Its admin connects with what `crosscheck connect` printed.
    async fn connect(&self, deployment: &Deployment, made: &Made) -> Result<(), CliError>;
    /// The names in the recruiter's picker.
    async fn packages(&self) -> Result<Vec<String>, CliError>;
    /// A recruiter orders the first package for a new candidate: the card's id, and what the ATS was answered.
    async fn orders(&self, person: Person<'_>) -> Result<(String, Answer), CliError>;
    /// The ATS makes the same call once more.
    async fn repeats(&self, card: &str) -> Result<Answer, CliError>;
    /// What the recruiter sees.
    fn card(&self, card: &str) -> Option<Card>;
    /// Every call to its API, in order.
    fn requests(&self) -> Vec<Logged>;
    /// Every breach of its protocol by our side.
    fn violations(&self) -> Vec<String>;
    /// Another customer of this ATS; where one account is all that a simulator plays, another simulator.
    async fn another(&self) -> Result<Box<dyn PlaysAts>, CliError>;
    /// The door that it calls.
    fn door(&self) -> &'static dyn Door;
    /// A call of its door that asks for something.
    fn asks(&self) -> (Method, &'static str);
    /// The paths of its door that take an order or a wish about one.
    fn posts(&self) -> &'static [&'static str];
    /// What its calls prove the customer with, as the value of `authorization`.
    async fn authorization(&self, made: &Made) -> Result<String, CliError>;
    /// What the ATS calls the customer; empty where it has no name for one.
    fn account(&self) -> String {
        String::new()
    }
    /// The simulator behind it and how it reaches us, if it is a connected Ashby.
    fn ashby(&self) -> Option<(&SimAshby, &Partner)> {
        None
    }
    /// The simulator behind it, if it is a `SmartRecruiters`.
    fn smartrecruiters(&self) -> Option<&SimSmartRecruiters> {
        None
    }
    /// The simulator behind it, if it is a Teamtailor.
    fn teamtailor(&self) -> Option<&SimTeamtailor> {
        None
    }
}

/// By what an ATS made the call behind a card.
#[derive(Default)]
pub(super) struct Cards(Mutex<HashMap<String, String>>);

impl Cards {
    pub(super) fn keep(&self, card: &str, by: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(card.to_owned(), by);
    }

    pub(super) fn made_by(&self, card: &str) -> Result<String, CliError> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(card).cloned();
        found.ok_or_else(|| CliError::Input(format!("nothing was ordered as {card}")))
    }
}

/// Makes the deployment the ATS's partner, as `crosscheck ats setup` does.
pub(super) async fn set_up(ats: &dyn PlaysAts, deployment: &Deployment, keys: PartnerKeys) -> Result<(), CliError> {
    let url = Url::parse(&ats.base_url()).map_err(wrong)?;
    keep(deployment, ats.kind(), &keys).await?;
    announce(deployment, ats.kind(), &url, &keys, false).await.map(drop)
}

pub(super) fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

pub(super) fn wrong(problem: impl std::fmt::Display) -> CliError {
    CliError::Input(problem.to_string())
}
