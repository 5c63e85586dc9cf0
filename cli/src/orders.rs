//! `crosscheck orders` and `crosscheck sync`: what the operator sees of orders.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::flow::report_link;
use shared::order::{Order, OrderId, Placement, State};
use shared::queue::Message;

use crate::args::{Cancel, OneOrder, Orders, Target};
use crate::deployment::{CliError, Deployment};
use crate::output;

/// Runs `crosscheck orders`.
///
/// # Errors
/// See [`CliError`].
pub async fn run(command: &Orders) -> Result<(), CliError> {
    match command {
        Orders::List(target) => list(target).await,
        Orders::Show(one) => show(one).await,
        Orders::Cancel(args) => cancel(args).await,
    }
}

async fn list(target: &Target) -> Result<(), CliError> {
    let deployment = Deployment::open(target).await?;
    let orders = deployment.services.store.recent().await?;
    if target.json.json {
        let mut all = Vec::new();
        for order in &orders {
            all.push(output::order(order, report_url(&deployment, order).await?.as_deref()));
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

async fn load(deployment: &Deployment, id: OrderId) -> Result<Order, CliError> {
    deployment.services.store.order(id).await?.ok_or_else(|| no_order(id))
}

fn no_order(id: OrderId) -> CliError {
    CliError::Input(format!("no order {id}; it is the assessment id that the ATS shows"))
}

async fn cancel(args: &Cancel) -> Result<(), CliError> {
    let deployment = Deployment::open(&args.one.target).await?;
    let (id, now) = (args.one.order, deployment.services.clock.now());
    let changed = deployment.services.store.change(id, true, |order| end(order, args.close, now)).await?;
    let (order, allowed) = changed.ok_or_else(|| no_order(id))?;
    allowed.map_err(CliError::Input)?;
    if args.one.target.json.json {
        return Ok(output::document(&output::order(&order, None))?);
    }
    let said = if order.status.state.is_closed() {
        format!("Order {id} is closed: {}.", order.status.label)
    } else {
        format!("Order {id} will be cancelled; `crosscheck orders show {id}` shows what the vendor says.")
    };
    Ok(output::line(said)?)
}

/// Closes the order or records the wish to cancel it, unless something speaks against it.
fn end(order: &mut Order, close: bool, now: Timestamp) -> Result<(), String> {
    if order.status.state.is_closed() {
        let is_news = close && order.give_up_telling(now);
        return if is_news { Ok(()) } else { Err(format!("the order is closed already: {}", order.status.label)) };
    }
    match order.placement {
        Placement::Placing { lease_until, .. } if close && lease_until > now => {
            return Err("the order is being placed at this moment; look at it in a minute and try again".to_owned());
        }
        _ if close => order.close(now),
        _ => order.ask_to_cancel("the Crosscheck administrator", now),
    }
    Ok(())
}

async fn show(one: &OneOrder) -> Result<(), CliError> {
    let deployment = Deployment::open(&one.target).await?;
    let order = load(&deployment, one.order).await?;
    let view = output::order(&order, report_url(&deployment, &order).await?.as_deref());
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

async fn report_url(deployment: &Deployment, order: &Order) -> Result<Option<String>, CliError> {
    if order.status.state != State::Completed || order.placement.vendor_ref().is_none() {
        return Ok(None);
    }
    Ok(Some(
        report_link(&deployment.services.secrets, order.id, &deployment.base_url, deployment.report_link_days).await?,
    ))
}

/// Runs `crosscheck sync`.
///
/// # Errors
/// See [`CliError`].
pub async fn sync(target: &Target) -> Result<(), CliError> {
    let deployment = Deployment::open(target).await?;
    // This asks about open orders only. The scheduled sync removes old candidate data, with the stack's own retention.
    let long_ago = deployment.services.clock.now().checked_sub(SignedDuration::from_hours(24 * 365 * 50));
    let open = deployment.services.store.outstanding(long_ago.unwrap_or(jiff::Timestamp::MIN)).await?;
    for order in &open {
        deployment.queue.send(&Message::sync(*order), std::time::Duration::ZERO).await?;
    }
    if target.json.json {
        return Ok(output::document(&json!({ "queued": open.len() }))?);
    }
    Ok(output::line(format!(
        "Queued {} open order(s); the worker asks their vendors now. `crosscheck orders list` shows the result.",
        open.len()
    ))?)
}
