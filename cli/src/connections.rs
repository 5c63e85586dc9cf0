//! `crosscheck connections`: list, show, rotate, pause, resume, revoke, rules, readdress.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::ats::KeySource;
use shared::connection::{Connection, ConnectionState};
use shared::order::{ConnectionId, Order};
use shared::secrets::StoredKeys;
use shared::signature::{TriggerToken, random};

use crate::args::{Connections, Rotate, Target};
use crate::connect::{fresh_keys, fresh_secret, no_randomness};
use crate::deployment::{CliError, Deployment};
use crate::keys;
use crate::output;
use crate::readdress;
use crate::rules;

/// Runs the command.
///
/// # Errors
/// See [`CliError`].
pub async fn run(command: &Connections) -> Result<(), CliError> {
    match command {
        Connections::List(target) => list(target).await,
        Connections::Show(one) => show(&Deployment::open(&one.target).await?, &one.connection, &one.target).await,
        Connections::Rotate(args) => rotate(args).await,
        Connections::Pause(one) => set(&one.connection, &one.target, ConnectionState::Paused).await,
        Connections::Resume(one) => set(&one.connection, &one.target, ConnectionState::Active).await,
        Connections::Revoke(one) => set(&one.connection, &one.target, ConnectionState::Revoked).await,
        Connections::Rules(args) => rules::run(args).await,
        Connections::Readdress(target) => readdress::run(target).await,
    }
}

async fn list(target: &Target) -> Result<(), CliError> {
    let deployment = Deployment::open(target).await?;
    let found = deployment.services.store.connections().await?;
    if target.json.json {
        let all: Vec<Value> = found.iter().map(|c| output::connection(c, &deployment.base_url)).collect();
        return Ok(output::document(&json!({ "connections": all }))?);
    }
    if found.is_empty() {
        return Ok(output::line("No connections yet. `crosscheck connect --help` says how to make one.")?);
    }
    let rows = found.iter().map(|c| {
        let trouble = c.trouble_words();
        let trouble = trouble.as_deref().unwrap_or("-");
        let cells = [c.id.as_str(), c.ats.name(), c.vendor.name(), c.state.name(), trouble];
        cells.map(str::to_owned).to_vec()
    });
    Ok(output::table(&["CONNECTION", "ATS", "VENDOR", "STATE", "TROUBLE"], rows.collect())?)
}

pub(crate) async fn load(deployment: &Deployment, id: &ConnectionId) -> Result<Connection, CliError> {
    deployment.services.store.connection(id).await?.ok_or_else(|| no_connection(id))
}

fn no_connection(id: &ConnectionId) -> CliError {
    CliError::Input(format!("no connection {id}; `crosscheck connections list` shows them"))
}

/// Changes the connection of this id, unless `apply` finds that it must not be; the connection as it stands then.
pub(crate) async fn change(
    deployment: &Deployment,
    id: &ConnectionId,
    apply: impl Fn(&mut Connection) -> Result<(), String>,
) -> Result<Connection, CliError> {
    let changed = deployment.services.store.change_connection(id, apply).await?;
    let (connection, allowed) = changed.ok_or_else(|| no_connection(id))?;
    allowed.map_err(CliError::Input)?;
    Ok(connection)
}

async fn show(deployment: &Deployment, id: &ConnectionId, target: &Target) -> Result<(), CliError> {
    let connection = load(deployment, id).await?;
    let view = output::connection(&connection, &deployment.base_url);
    if target.json.json {
        return Ok(output::document(&view)?);
    }
    let plain = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    for (key, value) in view.as_object().into_iter().flatten() {
        match value {
            Value::Array(items) if key == "packages" => {
                output::line("packages:")?;
                items.iter().try_for_each(|p| output::line(format!("  {}  {}", plain(&p["id"]), plain(&p["name"]))))?;
            }
            Value::Array(items) => output::line(format!("{key}: {} valid", items.len()))?,
            Value::Null => output::line(format!("{key}: -"))?,
            other => output::line(format!("{key}: {}", plain(other)))?,
        }
    }
    Ok(())
}

async fn set(id: &ConnectionId, target: &Target, state: ConnectionState) -> Result<(), CliError> {
    let deployment = Deployment::open(target).await?;
    let connection = change(&deployment, id, |connection| {
        connection.state = next(connection, state)?;
        Ok(())
    })
    .await?;
    let state = connection.state;
    let still_checked = match state {
        ConnectionState::Revoked => still_checked(&deployment, id).await?,
        _ => Vec::new(),
    };
    if target.json.json {
        let mut shown = output::connection(&connection, &deployment.base_url);
        if let Some(shown) = shown.as_object_mut().filter(|_| state == ConnectionState::Revoked) {
            shown.insert("still_checked".to_owned(), json!(still_checked));
        }
        return Ok(output::document(&shown)?);
    }
    output::line(format!("Connection {id} is now {state}. Doors notice within 20 seconds."))?;
    if !still_checked.is_empty() {
        let vendor = connection.vendor.title();
        output::line(format!(
            "These orders are still being checked. Stop them in {vendor}'s portal if they should stop:"
        ))?;
    }
    Ok(still_checked.iter().try_for_each(|order| output::line(format!("  {order}")))?)
}

/// The open orders of a connection that its vendor has, which go on there whatever becomes of the connection.
async fn still_checked(deployment: &Deployment, id: &ConnectionId) -> Result<Vec<String>, CliError> {
    let orders = deployment.services.store.recent().await?;
    let goes_on = |o: &Order| o.connection == *id && !o.status.state.is_closed() && o.placement.vendor_ref().is_some();
    Ok(orders.iter().filter(|order| goes_on(order)).map(|order| order.id.to_string()).collect())
}

/// The state that the operator's wish leads to.
fn next(connection: &Connection, wish: ConnectionState) -> Result<ConnectionState, String> {
    match (connection.state, wish) {
        (_, ConnectionState::Revoked) => Ok(ConnectionState::Revoked),
        (ConnectionState::Revoked, _) => {
            Err("a revoked connection stays revoked; make a new one with `crosscheck connect`".to_owned())
        }
        (ConnectionState::Waiting, _) => Err(format!(
            "it takes no orders until the {} admin connects (or connects again); then it becomes active",
            connection.ats.title()
        )),
        (_, ConnectionState::Active) => Ok(connection.ats.setup().resumed(connection)),
        (_, other) => Ok(other),
    }
}

async fn rotate(args: &Rotate) -> Result<(), CliError> {
    let deployment = Deployment::open(&args.target).await?;
    let connection = load(&deployment, &args.connection).await?;
    not_revoked(&connection).map_err(CliError::Input)?;
    let shown = if args.keys {
        rotate_keys(&deployment, &connection).await?
    } else if args.callback_secret {
        rotate_callback_secret(&deployment, &connection).await?
    } else if args.signing_secret {
        rotate_signing_secret(&deployment, &connection).await?
    } else {
        rotate_token(&deployment, &connection, args.keep_hours).await?
    };
    if args.target.json.json {
        return Ok(output::document(&shown)?);
    }
    for (key, value) in shown.as_object().into_iter().flatten() {
        output::line(format!("{key}: {}", value.as_str().unwrap_or_default()))?;
    }
    Ok(())
}

fn not_revoked(connection: &Connection) -> Result<(), String> {
    match connection.state {
        ConnectionState::Revoked => Err("a revoked connection has no token to rotate".to_owned()),
        _ => Ok(()),
    }
}

async fn rotate_token(deployment: &Deployment, connection: &Connection, keep_hours: i64) -> Result<Value, CliError> {
    let now = deployment.services.clock.now();
    let end = now.checked_add(SignedDuration::from_hours(keep_hours)).unwrap_or(now);
    let token = TriggerToken::mint(&connection.id, random().map_err(no_randomness)?);
    let changed = change(deployment, &connection.id, |connection| {
        not_revoked(connection)?;
        connection.tokens.retain(|t| t.expires_at.is_none_or(|at| at > now));
        for old in connection.tokens.iter_mut().filter(|t| !t.of_the_ats) {
            old.expires_at = Some(old.expires_at.map_or(end, |at| at.min(end)));
        }
        connection.tokens.push(token.hash.clone());
        Ok(())
    });
    changed.await?;
    Ok(json!({
        "connection_id": connection.id.to_string(),
        "trigger_token": token.text,
        "old_token_valid_until": end.to_string(),
        "next": format!("paste the new token in {}", connection.ats.title()),
    }))
}

async fn rotate_callback_secret(deployment: &Deployment, connection: &Connection) -> Result<Value, CliError> {
    let fresh = fresh_secret()?;
    let keys = deployment.services.secrets.change_keys(&connection.id, |keys| keys.callback_secret = fresh).await?;
    let next = format!(
        "give the new secret to {}; the old one stays valid until a key or secret of this connection is next replaced, \
         by a rotation, the consent of an ATS admin or the first rule",
        connection.vendor.title()
    );
    Ok(json!({
        "connection_id": connection.id.to_string(),
        "callback_url": output::callback_url(connection, &deployment.base_url),
        "callback_secret": keys.callback_secret,
        "next": next,
    }))
}

async fn rotate_signing_secret(deployment: &Deployment, connection: &Connection) -> Result<Value, CliError> {
    let fresh = fresh_keys()?.signing_secret;
    let next_secret = |keys: &mut StoredKeys| {
        keys.previous_signing_secret = std::mem::replace(&mut keys.signing_secret, fresh);
    };
    let keys = deployment.services.secrets.change_keys(&connection.id, next_secret).await?;
    let vendor = connection.vendor.title();
    let next = if connection.vendor.setup().signing_guide(&keys.signing_secret).is_empty() {
        format!("nothing has to be handed over, because {vendor} does not verify what we send")
    } else {
        format!(
            "give the new secret to {vendor}, which must accept both for a while: functions sign with the new one \
             within 15 minutes, and only under Standard Webhooks with the old one too"
        )
    };
    Ok(json!({
        "connection_id": connection.id.to_string(),
        "signing_secret": keys.signing_secret,
        "next": next,
    }))
}

async fn rotate_keys(deployment: &Deployment, connection: &Connection) -> Result<Value, CliError> {
    let old = deployment.services.secrets.keys(&connection.id).await?;
    let given = keys::prompt(connection, old)?;
    keys::check(deployment, connection, &given).await?;
    // The ATS's admin may have connected while the operator typed, so only the keys that were entered are replaced.
    let replace = |keys: &mut StoredKeys| {
        keys.vendor_key = given.vendor_key;
        if connection.ats.facts().key_source == KeySource::Operator {
            keys.ats_key = given.ats_key;
        }
    };
    deployment.services.secrets.change_keys(&connection.id, replace).await?;
    change(deployment, &connection.id, |connection| {
        connection.keys_replaced();
        Ok(())
    })
    .await?;
    let id = connection.id.to_string();
    Ok(
        json!({ "connection_id": id, "next": "both keys work; functions use them within 15 minutes, or at the next refusal" }),
    )
}
