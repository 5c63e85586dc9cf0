//! The calls SmartRecruiters makes to its partner, and the steps an admin, a recruiter and an applicant take.

use super::super::caller::{Answer, Outgoing};
use super::super::{SimError, lock, new_id};
use super::answers::{hear_disconnect, hear_inline_order, hear_list, hear_order, hear_package, hear_token};
use super::state::{Order, State};
use super::{IdInUrl, RequesterHeader, SimSmartRecruiters};
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};
use url::Url;

/// Who orders and looks at packages when a person does.
const RECRUITER_EMAIL: &str = "recruiter@customer.example";

/// Somebody who is applying at this moment: there is no candidate id yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// The e-mail address.
    pub email: String,
}

/// What became of a call that needs a token first.
enum Heard {
    Answer(Answer),
    NoToken(Answer),
}

impl SimSmartRecruiters {
    /// The address that an admin's browser opens after "Authorize and continue".
    ///
    /// # Errors
    /// If there is no configuration.
    pub fn consent_page_url(&self, company: &str) -> Result<String, SimError> {
        let state = lock(&self.state);
        let (url, mode) = (configured(&state, "consentUrl")?, configured(&state, "consentDisplayMode")?);
        let mut url = Url::parse(&url).map_err(|_| SimError::unknown("address", url))?;
        url.query_pairs_mut().append_pair("companyId", company);
        if mode == "REDIRECT" {
            let back = format!("{}/app-integrations/connected", state.base_url);
            url.query_pairs_mut().append_pair("redirect", &back);
        }
        Ok(url.into())
    }

    /// A recruiter opens the package picker for the job that was added last.
    ///
    /// # Errors
    /// If the company is not connected.
    pub async fn packages(&self, company: &str) -> Result<Answer, SimError> {
        let call = {
            let state = lock(&self.state);
            let list = configured(&state, "assessmentPackageListUrl")?;
            let mut url = Url::parse(&list).map_err(|_| SimError::unknown("address", list))?;
            url.query_pairs_mut().extend_pairs(state.people.last_job().1.query()).extend_pairs(state.mapped_fields());
            with_requester(Outgoing::get(url.as_str()), state.ways.requester_header)
        };
        let heard = self.call(company, call).await?;
        Ok(self.note(heard, |state, answer| hear_list(state, company, answer)))
    }

    /// SmartRecruiters looks at one package.
    ///
    /// # Errors
    /// If the company is not connected.
    pub async fn package(&self, company: &str, package_id: &str) -> Result<Answer, SimError> {
        let url = self.url_with("singleAssessmentPackageUrl", "assessmentPackageId", package_id)?;
        let heard = self.call(company, Outgoing::get(&url)).await?;
        Ok(self.note(heard, |state, answer| hear_package(state, company, package_id, answer)))
    }

    /// A package is ordered for a candidate: by a recruiter, or without a requester by a hiring step.
    /// Returns the id in the order's callback address and the answer.
    ///
    /// # Errors
    /// If the company is not connected, the candidate is unknown or the configuration takes no orders.
    pub async fn recruiter_orders(
        &self,
        company: &str,
        candidate_id: &str,
        package_id: &str,
        requester: bool,
    ) -> Result<(String, Answer), SimError> {
        let order_id = {
            let mut state = lock(&self.state);
            connected(&state, company)?;
            let url = configured(&state, "packageOrderUrl")?;
            let (mut candidate, job_id) = state.people.order_for(candidate_id, company)?;
            if let Some(candidate) = candidate.as_object_mut().filter(|_| state.ways.orders_are_short) {
                candidate.retain(|name, _| ["id", "firstName"].contains(&name.as_str()));
            }
            let mut body = json!({"candidate": candidate});
            if requester {
                put(&mut body, "requester", json!({"userId": "5f0a3c9be4b0a1b2c3d4e5f6", "email": RECRUITER_EMAIL}));
            }
            add_order(&mut state, (company, package_id, &job_id), url, body, None)
        };
        let answer = self.repeat_order(&order_id).await?;
        Ok((order_id, answer))
    }

    /// An applicant reaches the assessment of a job's form. Returns the order's id and the answer.
    ///
    /// # Errors
    /// If the company is not connected or the configuration takes no inline orders.
    pub async fn applicant_orders_inline(
        &self,
        company: &str,
        package_id: &str,
        person: &Person,
    ) -> Result<(String, Answer), SimError> {
        let order_id = {
            let mut state = lock(&self.state);
            connected(&state, company)?;
            let url = configured(&state, "inlineAssessmentPackageOrderUrl")?;
            let candidate = json!({"email": person.email, "firstName": person.first_name,
                "lastName": person.last_name, "applicationLanguage": "en"});
            let job_id = state.people.last_job().0;
            let body = json!({"candidate": candidate});
            add_order(&mut state, (company, package_id, &job_id), url, body, Some(false))
        };
        let answer = self.repeat_order(&order_id).await?;
        Ok((order_id, answer))
    }

    /// Sends an order again, byte for byte: what a retry looks like.
    ///
    /// # Errors
    /// If there is no such order, or its company is no longer connected.
    pub async fn repeat_order(&self, order_id: &str) -> Result<Answer, SimError> {
        let (company, call, inline) = {
            let state = lock(&self.state);
            let order = state.orders.get(order_id).ok_or_else(|| SimError::unknown("order", order_id))?;
            let call = Outgoing::post(&order.url, "application/json", order.body.to_string());
            (order.company.clone(), call, order.finished.is_some())
        };
        let heard = self.call(&company, call).await?;
        Ok(self.note(heard, if inline { hear_inline_order } else { hear_order }))
    }

    /// An admin disconnects the partner: a DELETE with or without a token. Whatever is answered, both
    /// pairs are void afterwards and consent has to be given anew.
    ///
    /// # Errors
    /// If the company is not connected, or the configuration has no address for it.
    pub async fn disconnect(&self, company: &str, with_bearer: bool) -> Result<Answer, SimError> {
        connected(&lock(&self.state), company)?;
        let url = self.url_with("integrationDisableUrl", "companyId", company)?;
        let heard = if with_bearer {
            self.call(company, Outgoing::delete(&url)).await?
        } else {
            Heard::Answer(self.handle.caller.send(Outgoing::delete(&url)).await)
        };
        let answer = self.note(heard, hear_disconnect);
        lock(&self.state).disconnect(company);
        Ok(answer)
    }

    /// The token for the partner's doors, cached or new; `None` if the partner gave none.
    ///
    /// # Errors
    /// If the company is not connected.
    pub async fn bearer(&self, company: &str) -> Result<Option<String>, SimError> {
        Ok(self.token(company).await?.ok())
    }

    /// A GET of any address with any token, for what SmartRecruiters would never send.
    pub async fn get_raw(&self, url: &str, bearer: Option<&str>) -> Answer {
        self.handle.caller.send(Outgoing::get(url).bearer(bearer)).await
    }

    /// A POST of any bytes to any address with any token.
    pub async fn post_raw(&self, url: &str, bearer: Option<&str>, content_type: &str, body: &str) -> Answer {
        self.handle.caller.send(Outgoing::post(url, content_type, body.to_owned()).bearer(bearer)).await
    }

    /// A POST of a form, such as the one on the partner's consent page.
    pub async fn post_form(&self, url: &str, pairs: &[(&str, &str)]) -> Answer {
        self.handle.caller.send(Outgoing::form(url, pairs)).await
    }

    /// A DELETE of any address with any token.
    pub async fn delete_raw(&self, url: &str, bearer: Option<&str>) -> Answer {
        self.handle.caller.send(Outgoing::delete(url).bearer(bearer)).await
    }

    fn url_with(&self, name: &'static str, placeholder: &str, id: &str) -> Result<String, SimError> {
        let state = lock(&self.state);
        Ok(with_id(&configured(&state, name)?, placeholder, id, state.ways.id_in_url))
    }

    async fn call(&self, company: &str, call: Outgoing) -> Result<Heard, SimError> {
        Ok(match self.token(company).await? {
            Ok(token) => Heard::Answer(self.handle.caller.send(call.bearer(Some(&token))).await),
            Err(answer) => Heard::NoToken(answer),
        })
    }

    /// The outer error is the test's mistake, the inner one the answer that held no token.
    async fn token(&self, company: &str) -> Result<Result<String, Answer>, SimError> {
        let call = {
            let state = lock(&self.state);
            connected(&state, company)?;
            let url = configured(&state, "oauthTokenUrl")?;
            let integration = state.companies.get(company).and_then(|one| one.integration.as_ref());
            let integration = integration.ok_or_else(|| SimError::unknown("connected company", company))?;
            if let Some((token, _)) = integration.token.as_ref().filter(|(_, until)| Instant::now() < *until) {
                return Ok(Ok(token.clone()));
            }
            let (id, secret) = (integration.pair.id.as_str(), integration.pair.secret.as_str());
            let grant = ("grant_type", "client_credentials");
            Outgoing::form(&url, &[grant, ("client_id", id), ("client_secret", secret)])
        };
        let answer = self.handle.caller.send(call).await;
        let mut state = lock(&self.state);
        let Some((token, seconds)) = hear_token(&mut state, &answer) else { return Ok(Err(answer)) };
        let until = Instant::now().checked_add(Duration::from_secs(seconds));
        let integration = state.companies.get_mut(company).and_then(|one| one.integration.as_mut());
        if let (Some(integration), Some(until)) = (integration, until) {
            integration.token = Some((token.clone(), until));
        }
        Ok(Ok(token))
    }

    /// A refused token request says nothing about the door that was not reached.
    fn note(&self, heard: Heard, hear: impl FnOnce(&mut State, &Answer)) -> Answer {
        match heard {
            Heard::Answer(answer) => {
                hear(&mut lock(&self.state), &answer);
                answer
            }
            Heard::NoToken(answer) => answer,
        }
    }
}

fn configured(state: &State, name: &'static str) -> Result<String, SimError> {
    state.configured(name).ok_or_else(|| SimError::unknown("configured value", name))
}

fn connected(state: &State, company: &str) -> Result<(), SimError> {
    let connected = state.companies.get(company).is_some_and(|one| one.integration.is_some());
    if connected { Ok(()) } else { Err(SimError::unknown("connected company", company)) }
}

/// How the header is written is not public: OpenAPI's default style gives the first form.
fn with_requester(call: Outgoing, style: RequesterHeader) -> Outgoing {
    match style {
        RequesterHeader::Simple => call.header("requester", &format!("email,{RECRUITER_EMAIL}")),
        RequesterHeader::Json => call.header("requester", &json!({"email": RECRUITER_EMAIL}).to_string()),
        RequesterHeader::Absent => call,
    }
}

/// Whether the address is a template is not public either; one without a placeholder is appended to.
fn with_id(url: &str, placeholder: &str, id: &str, form: IdInUrl) -> String {
    let template = format!("{{{placeholder}}}");
    if form == IdInUrl::Replaced && url.contains(&template) {
        return url.replace(&template, id);
    }
    format!("{}/{id}", url.trim_end_matches('/'))
}

fn put(body: &mut Value, name: &str, value: Value) {
    if let Some(body) = body.as_object_mut() {
        body.insert(name.into(), value);
    }
}

/// Completes the body with what both kinds of order carry and remembers the order before it is sent.
fn add_order(
    state: &mut State,
    (company, package_id, job_id): (&str, &str, &str),
    url: String,
    mut body: Value,
    finished: Option<bool>,
) -> String {
    let (order_id, base) = (new_id(), &state.base_url);
    let results = format!("{base}/assessment-api/v202010/orders/{order_id}/results");
    put(&mut body, "resultCallbackURL", results.into());
    if finished.is_some() {
        let back = format!("{base}/inline-assessments/{order_id}/completed");
        put(&mut body, "completedAssessmentCallbackUrl", back.into());
    }
    put(&mut body, "companyId", company.into());
    put(&mut body, "assessmentPackageId", package_id.into());
    put(&mut body, "job", json!({"id": job_id}));
    put(&mut body, "jobId", job_id.into());
    let fields: Map<String, Value> = state.mapped_fields().into_iter().map(|(id, value)| (id, value.into())).collect();
    if !fields.is_empty() {
        put(&mut body, "fields", Value::Object(fields));
    }
    let (company, package_id) = (company.to_owned(), package_id.to_owned());
    let order = Order { company, package_id, url, body, finished, result: json!({}), history: Vec::new() };
    state.orders.insert(order_id.clone(), order);
    order_id
}
