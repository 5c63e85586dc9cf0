//! What an order looks like as an item of the table. Domain types are not serializable; these are.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::order::{
    AtsReference, Cancellation, Candidate, Detail, Entry, Order, OrderId, Package, Placement, RefusedUpdate, Score,
    State, Status,
};

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
pub(super) struct StoredPackage {
    id: String,
    name: String,
    #[serde(default)]
    description: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
enum StoredPlacement {
    Held,
    Incomplete,
    NotPlaced,
    Placing {
        since: Timestamp,
        lease_until: Timestamp,
    },
    /// `repeatable` is what an earlier version wrote between a look-up and the attempt that followed it.
    #[serde(alias = "repeatable")]
    Unknown {
        since: Timestamp,
    },
    Placed {
        vendor_ref: String,
    },
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredCancellation {
    #[default]
    NotAsked,
    Asked,
    Unclear,
}

#[derive(Serialize, Deserialize)]
struct StoredScore {
    raw: i64,
    min: i64,
    max: i64,
}

#[derive(Serialize, Deserialize)]
struct StoredDetail {
    label: String,
    value: String,
}

#[derive(Serialize, Deserialize)]
struct StoredEntry {
    at: Timestamp,
    text: String,
}

#[derive(Serialize, Deserialize)]
struct StoredRefusedUpdate {
    version: u64,
    detail: String,
}

/// Where an order came from; its attributes stand among the order's.
#[derive(Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names of attributes in the table")]
struct StoredReference {
    ats_candidate_id: String,
    ats_application_id: Option<String>,
    ats_job_id: Option<String>,
    ats_job_title: Option<String>,
    ats_candidate_url: Option<String>,
    ats_job_url: Option<String>,
    ats_idempotency_key: Option<String>,
    ats_result_url: Option<String>,
    ats_continue_url: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ats_no_card: bool,
}

#[derive(Serialize, Deserialize)]
struct StoredOrder {
    order_id: String,
    connection_id: String,
    #[serde(flatten)]
    reference: StoredReference,
    package: StoredPackage,
    candidate: Option<StoredCandidate>,
    needs_phone: bool,
    state: String,
    outcome: String,
    label: String,
    /// Written for orders that failed.
    refused: Option<bool>,
    placement: StoredPlacement,
    profile_url: Option<String>,
    report_url: Option<String>,
    score: Option<StoredScore>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    details: Vec<StoredDetail>,
    #[serde(default)]
    reopened: bool,
    #[serde(default)]
    cancellation: StoredCancellation,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    invitations: Vec<String>,
    /// What version 0.1.0 wrote in place of the two numbers. Still written, so that it can read the item: functions of
    /// both versions run side by side during an upgrade, and after a rollback.
    #[serde(default)]
    ask: bool,
    #[serde(default)]
    asked_for: u64,
    #[serde(default)]
    answered: u64,
    ask_again_at: Option<Timestamp>,
    refreshed_at: Option<Timestamp>,
    version: u64,
    told: u64,
    told_at: Option<Timestamp>,
    telling_until: Option<Timestamp>,
    refused_update: Option<StoredRefusedUpdate>,
    revision: u64,
    history: Vec<StoredEntry>,
    created_at: Timestamp,
    placed_at: Option<Timestamp>,
    submitted_at: Option<Timestamp>,
    reported_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
}

/// The attributes of an order, without key and index attributes. What is not known is left out: an item is paid by its
/// size.
pub(super) fn from_order(order: &Order) -> Option<Item> {
    let mut item: Item = serde_dynamo::to_item(stored(order)).ok()?;
    item.retain(|_, value| !value.is_null());
    Some(item)
}

fn stored(order: &Order) -> StoredOrder {
    StoredOrder {
        order_id: order.id.to_string(),
        connection_id: order.connection.to_string(),
        reference: from_reference(&order.reference),
        package: from_package(&order.package),
        candidate: order.candidate.as_ref().map(from_candidate),
        needs_phone: order.needs_phone,
        state: order.status.state.name().to_owned(),
        outcome: order.status.outcome.name().to_owned(),
        label: order.status.label.clone(),
        refused: (order.status.state == State::Failed).then_some(order.refused),
        placement: from_placement(&order.placement),
        profile_url: order.profile_url.clone(),
        report_url: order.report_url.clone(),
        score: order.score.map(|s| StoredScore { raw: s.raw, min: s.min, max: s.max }),
        details: order.details.iter().map(from_detail).collect(),
        reopened: order.reopened,
        cancellation: from_cancellation(order.cancellation),
        invitations: order.invitations.clone(),
        ask: order.has_question(),
        asked_for: order.asked_for,
        answered: order.answered,
        ask_again_at: order.ask_again_at,
        refreshed_at: order.refreshed_at,
        version: order.version,
        told: order.told,
        told_at: order.told_at,
        telling_until: order.telling_until,
        refused_update: order.refused_update.as_ref().map(from_refused_update),
        revision: order.revision,
        history: order.history.iter().map(from_entry).collect(),
        created_at: order.created_at,
        placed_at: order.placed_at,
        submitted_at: order.submitted_at,
        reported_at: order.reported_at,
        closed_at: order.closed_at,
    }
}

fn from_candidate(candidate: &Candidate) -> StoredCandidate {
    StoredCandidate {
        first_name: candidate.first_name.clone(),
        last_name: candidate.last_name.clone(),
        email: candidate.email.clone(),
        phone: candidate.phone.clone(),
    }
}

fn to_candidate(stored: StoredCandidate) -> Candidate {
    let StoredCandidate { first_name, last_name, email, phone } = stored;
    Candidate { first_name, last_name, email, phone }
}

fn from_refused_update(refused: &RefusedUpdate) -> StoredRefusedUpdate {
    StoredRefusedUpdate { version: refused.version, detail: refused.detail.clone() }
}

fn from_detail(detail: &Detail) -> StoredDetail {
    StoredDetail { label: detail.label.clone(), value: detail.value.clone() }
}

fn from_entry(entry: &Entry) -> StoredEntry {
    StoredEntry { at: entry.at, text: entry.text.clone() }
}

pub(super) fn from_package(package: &Package) -> StoredPackage {
    StoredPackage { id: package.id.clone(), name: package.name.clone(), description: package.description.clone() }
}

fn from_placement(placement: &Placement) -> StoredPlacement {
    match placement {
        Placement::Held => StoredPlacement::Held,
        Placement::Incomplete => StoredPlacement::Incomplete,
        Placement::NotPlaced => StoredPlacement::NotPlaced,
        Placement::Placing { since, lease_until } => {
            StoredPlacement::Placing { since: *since, lease_until: *lease_until }
        }
        Placement::Unknown { since } => StoredPlacement::Unknown { since: *since },
        Placement::Placed { vendor_ref } => StoredPlacement::Placed { vendor_ref: vendor_ref.clone() },
    }
}

const fn from_cancellation(cancellation: Cancellation) -> StoredCancellation {
    match cancellation {
        Cancellation::None => StoredCancellation::NotAsked,
        Cancellation::Requested => StoredCancellation::Asked,
        Cancellation::Unclear => StoredCancellation::Unclear,
    }
}

const fn to_cancellation(stored: &StoredCancellation) -> Cancellation {
    match stored {
        StoredCancellation::NotAsked => Cancellation::None,
        StoredCancellation::Asked => Cancellation::Requested,
        StoredCancellation::Unclear => Cancellation::Unclear,
    }
}

/// The order in an item; `None` when the item is not one that this version can read.
pub(super) fn to_order(item: Item) -> Option<Order> {
    let s: StoredOrder = serde_dynamo::from_item(item).ok()?;
    let state: State = s.state.parse().ok()?;
    Some(Order {
        id: s.order_id.parse::<OrderId>().ok()?,
        connection: s.connection_id.parse().ok()?,
        reference: to_reference(s.reference),
        package: to_package(s.package),
        candidate: s.candidate.map(to_candidate),
        needs_phone: s.needs_phone,
        refused: state == State::Failed && s.refused.unwrap_or_else(|| says_refused(&s.label)),
        status: Status { state, outcome: s.outcome.parse().ok()?, label: s.label },
        placement: to_placement(s.placement),
        profile_url: s.profile_url,
        report_url: s.report_url,
        score: s.score.map(|s| Score { raw: s.raw, min: s.min, max: s.max }),
        details: s.details.into_iter().map(|d| Detail { label: d.label, value: d.value }).collect(),
        reopened: s.reopened,
        cancellation: to_cancellation(&s.cancellation),
        invitations: s.invitations,
        asked_for: s.asked_for.max(u64::from(s.ask)),
        answered: s.answered,
        ask_again_at: s.ask_again_at,
        refreshed_at: s.refreshed_at,
        version: s.version,
        told: s.told,
        told_at: s.told_at,
        telling_until: s.telling_until,
        refused_update: s.refused_update.map(|r| RefusedUpdate { version: r.version, detail: r.detail }),
        revision: s.revision,
        history: s.history.into_iter().map(|entry| Entry { at: entry.at, text: entry.text }).collect(),
        created_at: s.created_at,
        placed_at: s.placed_at,
        submitted_at: s.submitted_at,
        reported_at: s.reported_at,
        closed_at: s.closed_at,
    })
}

fn from_reference(reference: &AtsReference) -> StoredReference {
    StoredReference {
        ats_candidate_id: reference.candidate_id.clone(),
        ats_application_id: reference.application_id.clone(),
        ats_job_id: reference.job_id.clone(),
        ats_job_title: reference.job_title.clone(),
        ats_candidate_url: reference.candidate_url.clone(),
        ats_job_url: reference.job_url.clone(),
        ats_idempotency_key: reference.idempotency_key.clone(),
        ats_result_url: reference.result_url.clone(),
        ats_continue_url: reference.continue_url.clone(),
        ats_no_card: reference.has_no_card,
    }
}

fn to_reference(s: StoredReference) -> AtsReference {
    AtsReference {
        candidate_id: s.ats_candidate_id,
        application_id: s.ats_application_id,
        job_id: s.ats_job_id,
        job_title: s.ats_job_title,
        candidate_url: s.ats_candidate_url,
        job_url: s.ats_job_url,
        idempotency_key: s.ats_idempotency_key,
        result_url: s.ats_result_url,
        continue_url: s.ats_continue_url,
        has_no_card: s.ats_no_card,
    }
}

/// Version 0.1.0 tells a refused order by the words of its label alone.
fn says_refused(label: &str) -> bool {
    label.starts_with("Not ordered")
}

pub(super) fn to_package(package: StoredPackage) -> Package {
    Package { id: package.id, name: package.name, description: package.description }
}

fn to_placement(placement: StoredPlacement) -> Placement {
    match placement {
        StoredPlacement::Held => Placement::Held,
        StoredPlacement::Incomplete => Placement::Incomplete,
        StoredPlacement::NotPlaced => Placement::NotPlaced,
        StoredPlacement::Placing { since, lease_until } => Placement::Placing { since, lease_until },
        StoredPlacement::Unknown { since } => Placement::Unknown { since },
        StoredPlacement::Placed { vendor_ref } => Placement::Placed { vendor_ref },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::ConnectionId;

    fn order() -> Order {
        let package = Package { id: "p".into(), name: "P".into(), description: String::new() };
        Order::new(ConnectionId::from_random([1; 8]), AtsReference::default(), package, Timestamp::UNIX_EPOCH)
    }

    fn item(order: &Order) -> Item {
        from_order(order).expect("an item")
    }

    #[test]
    fn questions_and_invitations_read_back_and_what_is_not_there_is_no_attribute() {
        let (mut asked, plain) = (order(), item(&order()));
        asked.asked_for = 3;
        asked.answered = 2;
        asked.ask_again_at = Some(Timestamp::UNIX_EPOCH);
        asked.invitations = vec!["i1".into(), "i2".into()];
        assert_eq!(item(&asked).get("ask"), Some(&AttributeValue::Bool(true)), "version 0.1.0 reads it");
        assert_eq!(to_order(item(&asked)), Some(asked));
        for name in ["ask_again_at", "invitations"] {
            assert!(!plain.contains_key(name), "{name}");
        }
    }

    #[test]
    fn an_older_items_question_is_one_outstanding_question() {
        for is_asked in [true, false] {
            let mut older = item(&order());
            older.remove("asked_for");
            older.remove("answered");
            older.insert("ask".into(), AttributeValue::Bool(is_asked));
            let read = to_order(older).expect("readable");
            assert_eq!((read.asked_for, read.answered, read.has_question()), (u64::from(is_asked), 0, is_asked));
        }
    }

    #[test]
    fn an_older_items_repeatable_purchase_is_one_of_unknown_fate() {
        let since = Timestamp::UNIX_EPOCH;
        let unknown = Order { placement: Placement::Unknown { since }, ..order() };
        let mut older = item(&unknown);
        let placement = older.get_mut("placement").and_then(|p| p.as_m().ok().cloned()).expect("a map");
        assert_eq!(placement["step"], AttributeValue::S("unknown".into()));
        let renamed = placement.into_iter().map(|(name, value)| match name.as_str() {
            "step" => (name, AttributeValue::S("repeatable".into())),
            _ => (name, value),
        });
        older.insert("placement".into(), AttributeValue::M(renamed.collect()));
        assert_eq!(to_order(older).map(|read| read.placement), Some(Placement::Unknown { since }));
    }
}
