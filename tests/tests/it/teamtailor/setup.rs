//! What `crosscheck ats setup` reads back of the partner's record, and what it warns of.

use crosscheck::ats::announce;
use serde_json::{Value, json};
use shared::ats::AtsKind;
use sim::teamtailor::Context;
use tests::world::Result;
use url::Url;

use super::Play;

/// What `crosscheck ats setup` prints: the record, and what is wrong with it.
async fn published(play: &Play) -> Result<(Value, Vec<String>)> {
    let (ats, url) = (AtsKind::Teamtailor, Url::parse(&play.sim.base_url())?);
    let keys = play.deployment.services.secrets.partner(ats).await?;
    let record = announce(&play.deployment, ats, &url, &keys, false).await?.ok_or("nothing is published")?;
    let warnings = ats.setup().warnings(&record);
    Ok((record, warnings))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_stored_on_the_partner_is_shown_and_warned_of_because_nobody_asks_for_packages_then() -> Result {
    let play = Play::new().await?;
    let (record, warnings) = published(&play).await?;
    assert_eq!((&record["webhook-config"], &record["dynamic-activation-config"]), (&Value::Null, &json!(false)));
    assert!(warnings.is_empty(), "{warnings:?}");

    let stored = json!({ "fields": [{ "id": "package", "type": "text", "label": "Package" }] });
    play.sim.store_config(Some(stored.clone()));
    let popup = play.sim.config(&play.company, Context::default()).await?;
    assert_eq!(popup.body, stored, "what is stored takes the place of the packages");
    let (record, warnings) = published(&play).await?;
    assert_eq!(record["webhook-config"], stored, "it is left alone");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("`webhook-config`") && warnings[0].contains("never asks"), "{warnings:?}");
    play.ends_with_bought(0)
}
