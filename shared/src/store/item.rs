//! What an item of the table looks like. Domain types are not serializable; these are.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::connection::{Catalogue, Connection, TokenHash};
use crate::order::{AtsReference, Candidate, Entry, Order, OrderId, Package, Placement, Status};

/// An item as the SDK has it.
pub(super) type Item = HashMap<String, AttributeValue>;

#[derive(Serialize, Deserialize)]
struct StoredCandidate {
    first_name: String,
    last_name: String,
    email: String,
    phone: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredPackage {
    id: String,
    name: String,
    #[serde(default)]
    description: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
enum StoredPlacement {
    NotPlaced,
    Placing { since: String, lease_until: String },
    Unknown { since: String },
    Placed { vendor_ref: String },
}

#[derive(Serialize, Deserialize)]
struct StoredEntry {
    at: String,
    text: String,
}

#[derive(Serialize, Deserialize)]
struct StoredOrder {
    order_id: String,
    connection_id: String,
    ats_candidate_id: String,
    ats_application_id: Option<String>,
    ats_job_id: Option<String>,
    package: StoredPackage,
    candidate: Option<StoredCandidate>,
    needs_phone: bool,
    state: String,
    outcome: String,
    label: String,
    placement: StoredPlacement,
    profile_url: Option<String>,
    #[serde(default)]
    reopened: bool,
    cancel_asked: bool,
    ask: bool,
    version: u64,
    told: u64,
    told_at: Option<String>,
    telling_until: Option<String>,
    revision: u64,
    history: Vec<StoredEntry>,
    created_at: String,
    closed_at: Option<String>,
}

/// The attributes of an order, without key and index attributes.
pub(super) fn from_order(order: &Order) -> Option<Item> {
    serde_dynamo::to_item(stored(order)).ok()
}

fn stored(order: &Order) -> StoredOrder {
    StoredOrder {
        order_id: order.id.to_string(),
        connection_id: order.connection.to_string(),
        ats_candidate_id: order.reference.candidate_id.clone(),
        ats_application_id: order.reference.application_id.clone(),
        ats_job_id: order.reference.job_id.clone(),
        package: from_package(&order.package),
        candidate: order.candidate.as_ref().map(|c| StoredCandidate {
            first_name: c.first_name.clone(),
            last_name: c.last_name.clone(),
            email: c.email.clone(),
            phone: c.phone.clone(),
        }),
        needs_phone: order.needs_phone,
        state: order.status.state.name().to_owned(),
        outcome: order.status.outcome.name().to_owned(),
        label: order.status.label.clone(),
        placement: from_placement(&order.placement),
        profile_url: order.profile_url.clone(),
        reopened: order.reopened,
        cancel_asked: order.cancel_asked,
        ask: order.ask,
        version: order.version,
        told: order.told,
        told_at: order.told_at.map(|t| t.to_string()),
        telling_until: order.telling_until.map(|t| t.to_string()),
        revision: order.revision,
        history: order.history.iter().map(from_entry).collect(),
        created_at: order.created_at.to_string(),
        closed_at: order.closed_at.map(|t| t.to_string()),
    }
}

fn from_entry(entry: &Entry) -> StoredEntry {
    StoredEntry { at: entry.at.to_string(), text: entry.text.clone() }
}

fn from_package(package: &Package) -> StoredPackage {
    StoredPackage { id: package.id.clone(), name: package.name.clone(), description: package.description.clone() }
}

fn from_placement(placement: &Placement) -> StoredPlacement {
    match placement {
        Placement::NotPlaced => StoredPlacement::NotPlaced,
        Placement::Placing { since, lease_until } => {
            StoredPlacement::Placing { since: since.to_string(), lease_until: lease_until.to_string() }
        }
        Placement::Unknown { since } => StoredPlacement::Unknown { since: since.to_string() },
        Placement::Placed { vendor_ref } => StoredPlacement::Placed { vendor_ref: vendor_ref.clone() },
    }
}

/// The order in an item; `None` when the item is not one that this version can read.
pub(super) fn to_order(item: Item) -> Option<Order> {
    let s: StoredOrder = serde_dynamo::from_item(item).ok()?;
    Some(Order {
        id: s.order_id.parse::<OrderId>().ok()?,
        connection: s.connection_id.parse().ok()?,
        reference: AtsReference {
            candidate_id: s.ats_candidate_id,
            application_id: s.ats_application_id,
            job_id: s.ats_job_id,
        },
        package: to_package(s.package),
        candidate: s.candidate.map(|c| Candidate {
            first_name: c.first_name,
            last_name: c.last_name,
            email: c.email,
            phone: c.phone,
        }),
        needs_phone: s.needs_phone,
        status: Status { state: s.state.parse().ok()?, outcome: s.outcome.parse().ok()?, label: s.label },
        placement: to_placement(s.placement)?,
        profile_url: s.profile_url,
        reopened: s.reopened,
        cancel_asked: s.cancel_asked,
        ask: s.ask,
        version: s.version,
        told: s.told,
        told_at: maybe_time(s.told_at)?,
        telling_until: maybe_time(s.telling_until)?,
        revision: s.revision,
        history: s.history.into_iter().map(to_entry).collect::<Option<_>>()?,
        created_at: s.created_at.parse().ok()?,
        closed_at: maybe_time(s.closed_at)?,
    })
}

fn to_entry(entry: StoredEntry) -> Option<Entry> {
    Some(Entry { at: entry.at.parse().ok()?, text: entry.text })
}

fn to_package(package: StoredPackage) -> Package {
    Package { id: package.id, name: package.name, description: package.description }
}

fn to_placement(placement: StoredPlacement) -> Option<Placement> {
    Some(match placement {
        StoredPlacement::NotPlaced => Placement::NotPlaced,
        StoredPlacement::Placing { since, lease_until } => {
            Placement::Placing { since: since.parse().ok()?, lease_until: lease_until.parse().ok()? }
        }
        StoredPlacement::Unknown { since } => Placement::Unknown { since: since.parse().ok()? },
        StoredPlacement::Placed { vendor_ref } => Placement::Placed { vendor_ref },
    })
}

/// The outer `None` means unreadable.
#[expect(clippy::option_option, reason = "absent and unreadable are different answers")]
fn maybe_time(text: Option<String>) -> Option<Option<Timestamp>> {
    text.map(|t| t.parse().ok()).map_or(Some(None), |parsed: Option<Timestamp>| parsed.map(Some))
}

#[derive(Serialize, Deserialize)]
struct StoredToken {
    sha256: String,
    expires_at: Option<String>,
}

/// What a vendor offered, as one attribute of the connection.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredCatalogue {
    packages: Vec<StoredPackage>,
    credit: Option<i64>,
    needs_phone: bool,
    needs_email: bool,
}

#[derive(Serialize, Deserialize)]
struct StoredConnection {
    connection_id: String,
    ats: String,
    vendor: String,
    ats_url: String,
    vendor_url: String,
    state: String,
    tokens: Vec<StoredToken>,
    catalogue: Option<StoredCatalogue>,
    trouble: Option<String>,
    created_at: String,
}

/// The catalogue as it is stored.
pub(super) fn from_catalogue(catalogue: &Catalogue) -> StoredCatalogue {
    StoredCatalogue {
        packages: catalogue.packages.iter().map(from_package).collect(),
        credit: catalogue.credit,
        needs_phone: catalogue.needs_phone,
        needs_email: catalogue.needs_email,
    }
}

/// The attributes of a connection, without key and index attributes.
pub(super) fn from_connection(connection: &Connection) -> Option<Item> {
    let tokens = connection
        .tokens
        .iter()
        .map(|t| StoredToken { sha256: t.sha256.clone(), expires_at: t.expires_at.map(|t| t.to_string()) });
    let stored = StoredConnection {
        connection_id: connection.id.to_string(),
        ats: connection.ats.name().to_owned(),
        vendor: connection.vendor.name().to_owned(),
        ats_url: connection.ats_url.to_string(),
        vendor_url: connection.vendor_url.to_string(),
        state: connection.state.name().to_owned(),
        tokens: tokens.collect(),
        catalogue: connection.catalogue.as_ref().map(from_catalogue),
        trouble: connection.trouble.clone(),
        created_at: connection.created_at.to_string(),
    };
    serde_dynamo::to_item(stored).ok()
}

/// The connection in an item; `None` when the item is not one that this version can read.
pub(super) fn to_connection(item: Item) -> Option<Connection> {
    let s: StoredConnection = serde_dynamo::from_item(item).ok()?;
    let tokens =
        s.tokens.into_iter().map(|t| Some(TokenHash { sha256: t.sha256, expires_at: maybe_time(t.expires_at)? }));
    Some(Connection {
        id: s.connection_id.parse().ok()?,
        ats: s.ats.parse().ok()?,
        vendor: s.vendor.parse().ok()?,
        ats_url: Url::parse(&s.ats_url).ok()?,
        vendor_url: Url::parse(&s.vendor_url).ok()?,
        state: s.state.parse().ok()?,
        tokens: tokens.collect::<Option<_>>()?,
        catalogue: s.catalogue.map(|c| Catalogue {
            packages: c.packages.into_iter().map(to_package).collect(),
            credit: c.credit,
            needs_phone: c.needs_phone,
            needs_email: c.needs_email,
        }),
        trouble: s.trouble,
        created_at: s.created_at.parse().ok()?,
    })
}
