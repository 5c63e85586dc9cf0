//! Calls to the vendor: the package list it keeps for StackOne, and the event that carries an order.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, Method, header};
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use super::signing::{self, Scheme};
use super::{EVENT, PACKAGES_URL, Receipt, wire};
use crate::account::Account;
use crate::clock::Clock;
use crate::connection::{Catalogue, Connection};
use crate::error::{Fault, FaultKind};
use crate::order::{Order, Package, State, Status};
use crate::outbound::{Call, Content, Reply, fault_of_status};

/// The operation that posts an order, in errors and logs.
const ORDER: &str = "order event";

/// The operation that lists packages.
const LIST: &str = "package list";

/// The event's name where the operator sets none; the one that StackOne's guide has for background checks.
const DEFAULT_EVENT: &str = "background_check_order.created";

/// Pages of the package list read at most.
const PAGES: usize = 10;

/// The vendor's package list; `None` where it puts its packages on ours. Also the check of the connection's settings.
pub(super) async fn catalogue(account: &Account<'_>) -> Result<Option<Catalogue>, Fault> {
    signing::scheme(account, LIST)?;
    let (Some(connection), Some(url)) = (account.connection, account.option(PACKAGES_URL)) else { return Ok(None) };
    let url = Url::parse(url).map_err(|_| forbidden(LIST, "the option packages_url is no URL"))?;
    let mut packages: Vec<Package> = Vec::new();
    let mut at = url.clone();
    for _ in 0..PAGES {
        let (found, next) = page(account, connection, at).await?;
        let known: HashSet<&String> = packages.iter().map(|p| &p.id).collect();
        let new: Vec<Package> = found.into_iter().filter(|p| !known.contains(&p.id)).collect();
        // A page without anything new: the endpoint ignores `next` and keeps sending the first page.
        let ended = new.is_empty();
        packages.extend(new);
        let Some(next) = next.filter(|_| !ended) else { break };
        at = url.clone();
        at.query_pairs_mut().append_pair("next", &next);
    }
    Ok(Some(Catalogue { packages, ..Catalogue::default() }))
}

async fn page(
    account: &Account<'_>,
    connection: &Connection,
    url: Url,
) -> Result<(Vec<Package>, Option<String>), Fault> {
    let body = wire::packages_request(connection);
    let mut headers =
        signing::headers(account, LIST, Scheme::StackOne, ("", Timestamp::UNIX_EPOCH), &body.to_string())?;
    if let Ok(mut basic) = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(format!("{}:", account.key)))) {
        basic.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, basic);
    }
    let reply = post(account, LIST, url, headers, body).await?;
    let answer = reply.json();
    let list = answer.as_ref().and_then(wire::package_list);
    list.ok_or_else(|| Fault::new(FaultKind::Unexpected, LIST, "no list of packages"))
}

/// Posts the order's event. Sending it again is safe: `record_id` and `webhook-id` are our order id each time. The
/// vendor speaks of the order by that id alone, so it is the vendor's reference too, whatever else the answer names.
pub(super) async fn place(account: &Account<'_>, order: &Order) -> Result<Receipt, Fault> {
    let scheme = signing::scheme(account, ORDER)?;
    let connection = account.connection.ok_or_else(|| forbidden(ORDER, "no connection to order for"))?;
    // The vendor compares the time of the attempt with its own clock, so it is read here.
    let now = Clock::system().now();
    let body = wire::event(account.option(EVENT).unwrap_or(DEFAULT_EVENT), connection, order, now);
    let id = order.id.to_string();
    let headers = signing::headers(account, ORDER, scheme, (&id, now), &body.to_string())?;
    post(account, ORDER, account.base_url.clone(), headers, body).await?;
    Ok(Receipt {
        vendor_ref: id,
        invitation: None,
        profile_url: None,
        status: Status::plain(State::Ordered, "Sent to the vendor"),
    })
}

async fn post(
    account: &Account<'_>,
    operation: &'static str,
    url: Url,
    mut headers: HeaderMap,
    body: Value,
) -> Result<Reply, Fault> {
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let (method, body, timeout) = (Method::POST, Some(Content::Json(body)), account.timeout);
    let reply = account.outbound.send(Call { operation, method, url, headers, body, timeout }).await?;
    match fault_of_status(operation, &reply) {
        Some(fault) => {
            let answer = reply.json();
            Err(fault.said(answer.as_ref().and_then(wire::words)))
        }
        None => Ok(reply),
    }
}

fn forbidden(operation: &'static str, why: &'static str) -> Fault {
    Fault::new(FaultKind::Forbidden, operation, why).not_sent()
}
