//! Ashby's webhooks: a candidate changes stage, and who subscribed is told.

use super::super::SimError;
use super::super::caller::{Answer, Outgoing};
use super::super::lock;
use super::super::sign::mac_hex;
use super::{SimAshby, new_id};
use serde_json::{Value, json};

/// What an admin entered for one webhook.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The request URL.
    pub url: String,
    /// The secret token; Ashby sends no signature without one.
    pub secret: String,
}

impl SimAshby {
    /// A candidate's application enters a stage: `candidateStageChange`. Returns what was answered, and the body, for
    /// sending it again.
    ///
    /// # Errors
    /// If nobody made such an application.
    pub async fn enters_stage(
        &self,
        webhook: &Webhook,
        application_id: &str,
        stage: &str,
    ) -> Result<(Answer, String), SimError> {
        let application = lock(&self.state).people.application_info(application_id);
        let mut application = application.ok_or_else(|| SimError::unknown("application", application_id))?;
        if let Some(application) = application.as_object_mut() {
            let entered = json!({ "id": new_id(), "title": stage, "type": "Offer" });
            application.insert("currentInterviewStage".into(), entered);
        }
        let body = event("candidateStageChange", &json!({ "application": application }));
        Ok((self.tells(webhook, &body).await, body))
    }

    /// An admin saves the webhook: Ashby pings it, and switches it off if nothing good is answered.
    pub async fn pings(&self, webhook: &Webhook) -> Answer {
        let body = json!({ "action": "ping", "data": { "webhookActionType": "ping" } });
        self.tells(webhook, &body.to_string()).await
    }

    /// Any body, signed with the secret of the webhook.
    pub async fn tells(&self, webhook: &Webhook, body: &str) -> Answer {
        let call = Outgoing::post(&webhook.url, "application/json", body.to_owned());
        let signature = format!("sha256={}", mac_hex(&webhook.secret, body));
        let call = if webhook.secret.is_empty() { call } else { call.header("ashby-signature", &signature) };
        self.handle.caller.send(call).await
    }
}

fn event(action: &str, data: &Value) -> String {
    json!({ "webhookActionId": new_id(), "action": action, "data": data }).to_string()
}
