//! One customer of the partner: its activation, and what it presents as its bearer.

use super::super::new_id;
use super::token;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What a company's calls carry as their bearer. Public sources know three shapes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Bearer {
    /// A JWT of the form's values, or the company's UUID if the form has no input.
    #[default]
    AsActivated,
    /// A JWT whose claims are named in kebab-case: no source says that ids stay as declared.
    KebabClaims,
    /// A JWT whose claims are named in `snake_case`.
    SnakeClaims,
    /// The raw UUID of an old partner.
    Uuid,
    /// Exactly this text: a ready JWE, say.
    Given(String),
}

/// What an admin saved.
#[derive(Clone, Debug)]
pub(super) struct Activation {
    id: String,
    /// The UUID that Teamtailor makes itself.
    key: String,
    values: Map<String, Value>,
}

impl Activation {
    pub(super) fn new(values: Map<String, Value>) -> Self {
        Self { id: new_id(), key: new_id(), values }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Company {
    pub(super) uuid: String,
    pub(super) name: String,
    pub(super) activation: Option<Activation>,
    pub(super) presents: Bearer,
    /// The company's public API key, if Teamtailor was asked to send it.
    pub(super) api_token: Option<String>,
    /// The last good config, or the text shown in its place.
    pub(super) config: Result<Value, String>,
    /// Every criterion and outcome that was ever declared to this company.
    pub(super) promises: BTreeSet<String>,
}

impl Company {
    pub(super) fn new(name: &str) -> Self {
        Self {
            uuid: new_id(),
            name: name.into(),
            activation: None,
            presents: Bearer::default(),
            api_token: None,
            config: Err("the config was not fetched yet".into()),
            promises: BTreeSet::new(),
        }
    }

    /// The bearer of an activation, saved or only tried.
    pub(super) fn bearer(&self, activation: &Activation, api_key: &str) -> String {
        let jwt = |separator: Option<char>| {
            let name = |id: &String| separator.map_or_else(|| id.clone(), |separator| words(id, separator));
            let claims: Map<_, _> = activation.values.iter().map(|(id, value)| (name(id), value.clone())).collect();
            token::jwt(api_key, &Value::Object(claims))
        };
        match &self.presents {
            Bearer::AsActivated if activation.values.is_empty() => activation.key.clone(),
            Bearer::AsActivated => jwt(None),
            Bearer::KebabClaims => jwt(Some('-')),
            Bearer::SnakeClaims => jwt(Some('_')),
            Bearer::Uuid => activation.key.clone(),
            Bearer::Given(text) => text.clone(),
        }
    }

    /// The ids of assessment criteria that results may name; `None` before the first config.
    pub(super) fn criterion_ids(&self) -> Option<Vec<&str>> {
        let config = self.config.as_ref().ok()?;
        let criteria = config.get("assessment-criteria").and_then(Value::as_array);
        Some(criteria.into_iter().flatten().map(super::fields::id).collect())
    }

    /// The resource of its activation. A provider key is a JWE; only one that was given is known.
    pub(super) fn resource(&self) -> Option<Value> {
        let key = match &self.presents {
            Bearer::Given(text) if text.split('.').count() == 5 => Some(text),
            _ => None,
        };
        Some(json!({
            "id": self.activation.as_ref()?.id, "type": "partner-activations",
            "attributes": {"provider-key": key, "company-name": self.name, "company-uuid": self.uuid},
        }))
    }

    /// As it stands in an event.
    pub(super) fn in_event(&self) -> Value {
        json!({"uuid": self.uuid, "name": self.name, "url": "https://career.employer.example",
            "logotype": "https://career.employer.example/logo.png"})
    }
}

/// `externalTriggerToken` as `external-trigger-token`.
fn words(id: &str, separator: char) -> String {
    let mut text = String::new();
    for letter in id.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push(separator);
        }
        text.extend(if matches!(letter, '-' | '_') { separator } else { letter }.to_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_can_go_by_three_names() {
        assert_eq!(words("externalTriggerToken", '-'), "external-trigger-token");
        assert_eq!(words("external-trigger-token", '_'), "external_trigger_token");
    }

    #[test]
    fn a_form_without_input_presents_the_uuid_and_one_with_input_a_jwt() {
        let mut company = Company::new("Employer");
        let none = Activation::new(Map::new());
        assert_eq!(company.bearer(&none, "key"), none.key);
        let values = json!({"externalTriggerToken": "tok_123"});
        let some = Activation::new(values.as_object().unwrap().clone());
        assert_eq!(company.bearer(&some, "key"), token::jwt("key", &values));
        company.presents = Bearer::SnakeClaims;
        let snake = json!({"external_trigger_token": "tok_123"});
        assert_eq!(company.bearer(&some, "key"), token::jwt("key", &snake));
        company.presents = Bearer::Uuid;
        assert_eq!(company.bearer(&some, "key"), some.key);
    }
}
