//! `crosscheck connections readdress`: the base URL has changed, and connections and other people still have the old one.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::ats::AtsKind;
use shared::connection::{Connection, ConnectionState};

use crate::args::Target;
use crate::connections::change;
use crate::deployment::{CliError, Deployment};
use crate::output;

/// Writes the deployment's base URL into every connection that has another, and prints who has to enter what.
///
/// # Errors
/// See [`CliError`]. Connections that were renewed before the error stay so; running it again renews the rest.
pub(crate) async fn run(target: &Target) -> Result<(), CliError> {
    let deployment = Deployment::open(target).await?;
    let (mut renewed, mut to_publish) = (Vec::new(), BTreeSet::new());
    for old in deployment.services.store.connections().await? {
        if old.public_url == deployment.base_url {
            continue;
        }
        let new = change(&deployment, &old.id, |connection| {
            connection.public_url.clone_from(&deployment.base_url);
            Ok(())
        })
        .await?;
        to_publish.extend((publishes(new.ats) && new.state != ConnectionState::Revoked).then_some(new.ats.name()));
        renewed.push((old.public_url, new));
    }
    if target.json.json {
        let all: Vec<Value> = renewed.iter().map(|(before, connection)| view(before, connection)).collect();
        return Ok(output::document(&json!({
            "base_url": deployment.base_url,
            "renewed": all,
            "publish_anew": to_publish,
        }))?);
    }
    if renewed.is_empty() {
        return Ok(output::line(format!("Every connection has the base URL {} already.", deployment.base_url))?);
    }
    for (_, connection) in &renewed {
        output::steps(&format!("Connection {}:", connection.id), &steps(connection))?;
    }
    for ats in &to_publish {
        output::line(format!("\nRun `crosscheck ats setup {ats}`, which publishes the new base URL there."))?;
    }
    Ok(output::line("\nThe old addresses work for as long as the API does.")?)
}

/// Whether its partners publish their base URL once, for all customers.
fn publishes(ats: AtsKind) -> bool {
    ats.facts().partner_keys.is_some()
}

fn steps(connection: &Connection) -> Vec<String> {
    let (ats, vendor) = (connection.ats.title(), connection.vendor.title());
    let ats = match (connection.state, publishes(connection.ats)) {
        (ConnectionState::Revoked, _) => format!("Nothing in {ats}: the connection is revoked."),
        (_, true) => format!("Nothing for the admin of {ats}, which learns the address from you (see below)."),
        (_, false) => format!("The admin of {ats} enters the base URL {}", connection.door_url()),
    };
    vec![ats, format!("{vendor} enters the callback URL {}", connection.callback_url())]
}

fn view(before: &str, connection: &Connection) -> Value {
    json!({
        "connection_id": connection.id.to_string(),
        "state": connection.state.name(),
        "before": before,
        "base_url": connection.door_url(),
        "callback_url": connection.callback_url(),
        "steps": steps(connection),
    })
}
