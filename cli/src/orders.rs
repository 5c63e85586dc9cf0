//! `crosscheck orders` and `crosscheck sync`: what the operator sees of orders.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::flow::report_link;
use shared::order::{Order, State};
use shared::queue::Message;

use crate::args::{OneOrder, Orders, Target};
use crate::output;
use crate::place::{CliError, Place};

/// Runs `crosscheck orders`.
///
/// # Errors
/// See [`CliError`].
pub async fn run(command: &Orders) -> Result<(), CliError> {
    match command {
        Orders::List(target) => list(target).await,
        Orders::Show(one) => show(one).await,
    }
}

async fn list(target: &Target) -> Result<(), CliError> {
    let place = Place::open(target).await?;
    let orders = place.desk.store.recent().await?;
    if target.json.json {
        let mut all = Vec::new();
        for order in &orders {
            all.push(output::order(order, report_url(&place, order).await?.as_deref()));
        }
        return Ok(output::document(&json!({ "orders": all }))?);
    }
    if orders.is_empty() {
        return Ok(output::line("No orders. Older closed ones are shown by id: `crosscheck orders show ID`.")?);
    }
    let rows = orders.iter().map(|o| {
        let told = if o.told >= o.version { "yes" } else { "not yet" };
        let cells = [&o.id.to_string(), o.status.state.name(), o.status.outcome.name(), &o.status.label, told];
        cells.map(str::to_owned).to_vec()
    });
    Ok(output::table(&["ORDER", "STATE", "OUTCOME", "LABEL", "ATS TOLD"], rows.collect())?)
}

async fn show(one: &OneOrder) -> Result<(), CliError> {
    let place = Place::open(&one.target).await?;
    let found = place.desk.store.order(one.order).await?;
    let order = found.ok_or_else(|| {
        CliError::Input(format!("no order {}; it is the assessment id that the ATS shows", one.order))
    })?;
    let view = output::order(&order, report_url(&place, &order).await?.as_deref());
    if one.target.json.json {
        return Ok(output::document(&view)?);
    }
    for key in ["order_id", "connection_id", "state", "outcome", "label", "vendor_ref", "profile_url", "report_url"] {
        let value = view.get(key).and_then(Value::as_str).unwrap_or("-");
        output::line(format!("{key:<14} {value}"))?;
    }
    output::line(format!("{:<14} {}", "package", order.package.name))?;
    timeline(&order)
}

/// Prints an order's story.
///
/// # Errors
/// When standard output is closed.
pub fn timeline(order: &Order) -> Result<(), CliError> {
    output::line("\nhistory")?;
    for entry in &order.history {
        output::line(format!("  {:.0}  {}", entry.at, entry.text))?;
    }
    Ok(())
}

async fn report_url(place: &Place, order: &Order) -> Result<Option<String>, CliError> {
    if order.status.state != State::Completed || order.placement.vendor_ref().is_none() {
        return Ok(None);
    }
    Ok(Some(report_link(&place.desk.secrets, order, &place.base_url, place.report_link_days).await?))
}

/// Runs `crosscheck sync`.
///
/// # Errors
/// See [`CliError`].
pub async fn sync(target: &Target) -> Result<(), CliError> {
    let place = Place::open(target).await?;
    // Removing old candidate data is the schedule's work, with the stack's own retention; this asks about open orders.
    let long_ago = place.desk.clock.now().checked_sub(SignedDuration::from_hours(24 * 365 * 50));
    let open = place.desk.store.outstanding(long_ago.unwrap_or(jiff::Timestamp::MIN)).await?;
    for order in &open {
        place.queue.send(&Message::sync(*order), std::time::Duration::ZERO).await?;
    }
    if target.json.json {
        return Ok(output::document(&json!({ "queued": open.len() }))?);
    }
    Ok(output::line(format!(
        "Queued {} open order(s); the worker asks their vendors now. `crosscheck orders list` shows the result.",
        open.len()
    ))?)
}
