//! The partner's own record at Teamtailor: our base URL, and the form that admins fill in. The operator's command uses
//! it.

use http::Method;
use serde_json::{Value, json};

use super::{client, forms, result_url};
use crate::account::Account;
use crate::error::{Fault, FaultKind};

/// The fields of the record that the operator sees. Crosscheck does not set the last two, but they decide whether
/// Teamtailor calls `/config` and `/activation`.
const SHOWN: [&str; 5] =
    ["name", "base-url", "webhook-activation-config", "webhook-config", "dynamic-activation-config"];

/// The warning for a record with a stored pop-up form.
const STORED: &str = "A form for the pop-up is stored on the partner, as `webhook-config`. While it is there, \
                      Teamtailor shows that form and never asks Crosscheck for the packages, so nobody can pick one. \
                      Take it out of the partner's settings in the Integrations Hub, or ask Teamtailor to.";

/// The attributes that [`publish`] sets on the partner. `base_url` is that of our doors for Teamtailor.
fn partner_update(base_url: &str) -> Value {
    json!({
        "base-url": base_url.trim_end_matches('/'),
        "webhook-activation-config": forms::activation(),
    })
}

/// Writes base URL and activation form onto the partner's record. Writing them twice changes nothing.
///
/// # Errors
/// `KeyRefused` and `NotFound` when this key does not have this partner, `DataRefused` with Teamtailor's words.
pub(super) async fn publish(account: &Account<'_>, integration_id: &str, base_url: &str) -> Result<(), Fault> {
    let operation = "partners.update";
    let url = client::below(account, operation, &path(operation, integration_id)?)?;
    let attributes = partner_update(base_url);
    let body = json!({ "data": { "type": "partners", "id": integration_id, "attributes": attributes } });
    client::call(account, operation, Method::PUT, url, Some(body)).await.map(drop)
}

/// Reads the partner's record.
///
/// # Errors
/// As [`publish`]; `Unexpected` for an answer without attributes.
pub(super) async fn published(account: &Account<'_>, integration_id: &str) -> Result<Value, Fault> {
    let operation = "partners.read";
    let url = client::below(account, operation, &path(operation, integration_id)?)?;
    let body = client::call(account, operation, Method::GET, url, None).await?;
    read(&body).ok_or_else(|| Fault::new(FaultKind::Unexpected, operation, "HTTP 200 without `attributes`"))
}

fn read(body: &Value) -> Option<Value> {
    let attributes = body.get("data")?.get("attributes")?.as_object()?;
    Some(SHOWN.into_iter().filter_map(|name| Some((name.to_owned(), attributes.get(name)?.clone()))).collect())
}

/// What keeps orders from coming, as far as the record shows it.
pub(super) fn warnings(published: &Value) -> Vec<String> {
    let config = published.get("webhook-config").filter(|config| !config.is_null());
    let stored = config.is_some_and(|config| config.as_object().is_none_or(|fields| !fields.is_empty()));
    stored.then(|| STORED.to_owned()).into_iter().collect()
}

fn path(operation: &'static str, integration_id: &str) -> Result<String, Fault> {
    if result_url::is_plain(integration_id) {
        Ok(format!("partner/v1/partners/{integration_id}"))
    } else {
        Err(Fault::new(FaultKind::DataRefused, operation, "the integration id is not one").not_sent())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_url_and_form_are_set_and_nothing_else() {
        let attributes = partner_update("https://c.example/v1/teamtailor/");
        assert_eq!(attributes["base-url"], "https://c.example/v1/teamtailor");
        assert_eq!(attributes["webhook-activation-config"], forms::activation());
        assert_eq!(attributes.as_object().map(serde_json::Map::len), Some(2));
    }

    #[test]
    fn the_record_is_read_with_and_without_a_form() {
        let body = json!({ "data": { "id": "7", "attributes": { "name": "Acme checks", "base-url": "https://c" } } });
        let found = read(&body).expect("a record");
        assert_eq!(found, json!({ "name": "Acme checks", "base-url": "https://c" }));
        assert_eq!(read(&json!({ "data": [] })), None);
    }

    #[test]
    fn what_decides_whether_our_doors_are_asked_is_shown_and_a_stored_form_is_warned_of() {
        let record = |stored: Value| {
            let attributes = json!({ "webhook-config": stored, "dynamic-activation-config": true, "logo": "x" });
            read(&json!({ "data": { "attributes": attributes } })).expect("a record")
        };
        let form = json!({ "fields": [{ "id": "package", "type": "text" }] });
        let found = record(form.clone());
        assert_eq!(found, json!({ "webhook-config": form, "dynamic-activation-config": true }));
        assert_eq!(warnings(&found), [STORED]);
        assert_eq!(warnings(&record(json!({ "fields": [] }))), [STORED], "nothing to pick is a form too");
        for none in [Value::Null, json!({})] {
            assert_eq!(warnings(&record(none)), [""; 0]);
        }
        assert_eq!(warnings(&json!({ "name": "Acme checks" })), [""; 0]);
    }

    #[test]
    fn an_integration_id_cannot_lead_elsewhere() {
        assert!(path("x", "1002").is_ok());
        for id in ["", "../partner-results/1", "1?x=1"] {
            assert!(path("x", id).is_err(), "{id}");
        }
    }
}
