//! Items as commit 228a5a6 (version 0.1.0) wrote them, each beside what it has to be read as.

use serde::Deserialize;
use strum::VariantArray;

use super::connection_item::{from_connection, to_connection};
use super::item::{Item, from_order, to_order};
use crate::connection::{Connection, Side, TroubleKind};
use crate::order::{Cancellation, Order, Placement};

/// Written by that commit's own code: orders in every placement and state, connections of every pair with the trouble
/// that either side can have.
const ITEMS: &str = include_str!("items-228a5a6.json");

#[derive(Deserialize)]
struct Row {
    reads_as: String,
    /// The sentence that `connections show` printed.
    #[serde(default)]
    trouble: Option<String>,
    item: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct Rows {
    orders: Vec<Row>,
    connections: Vec<Row>,
}

fn rows() -> Rows {
    serde_json::from_str(ITEMS).expect("rows")
}

fn item(row: &Row) -> Item {
    serde_dynamo::to_item(&row.item).expect("an item")
}

const fn placement(placement: &Placement) -> &'static str {
    match placement {
        Placement::Held => "held",
        Placement::Incomplete => "incomplete",
        Placement::NotPlaced => "not_placed",
        Placement::Placing { .. } => "placing",
        Placement::Unknown { .. } => "unknown",
        Placement::Placed { .. } => "placed",
    }
}

const fn asks(order: &Order) -> bool {
    order.has_question()
}

fn summary(order: &Order) -> String {
    let cancellation = match order.cancellation {
        Cancellation::None => "not_asked",
        Cancellation::Requested => "asked",
        Cancellation::Unclear => "unclear",
    };
    let mut words =
        vec![placement(&order.placement), order.status.state.name(), order.status.outcome.name(), cancellation];
    words.extend(asks(order).then_some("asks"));
    words.extend(order.reopened.then_some("reopened"));
    words.extend(order.refused.then_some("refused"));
    words.join(" ")
}

fn trouble(connection: &Connection) -> String {
    let noted = Side::VARIANTS.iter().find_map(|side| Some((*side, connection.trouble.of(*side)?)));
    let Some((side, trouble)) = noted else { return "none".to_owned() };
    let kind = match &trouble.kind {
        TroubleKind::KeyRefused(detail) => {
            assert_eq!(detail, "HTTP 401");
            "key_refused"
        }
        TroubleKind::RightMissing { .. } => "right_missing",
        TroubleKind::Disconnected => "disconnected",
    };
    let side = match side {
        Side::Ats => "ats",
        Side::Vendor => "vendor",
    };
    format!("{kind} {side}")
}

#[test]
fn every_earlier_order_is_read_right_and_written_for_good() {
    let rows = rows().orders;
    assert!(rows.len() > 100, "{}", rows.len());
    for row in &rows {
        let order = to_order(item(row)).unwrap_or_else(|| panic!("unreadable: {}", row.reads_as));
        assert_eq!(summary(&order), row.reads_as);
        let written = from_order(&order).expect("storable");
        assert_eq!(to_order(written).as_ref(), Some(&order), "{}", row.reads_as);
    }
}

/// A revision or a time that is written in another way would be a conflict, or another order in the listing.
#[test]
fn what_an_earlier_order_held_is_written_as_it_was() {
    for row in rows().orders {
        let before = item(&row);
        let after = from_order(&to_order(item(&row)).expect("readable")).expect("storable");
        // Keys and index attributes are added by the write itself, and `repeatable` is no placement any more.
        let skipped = ["pk", "listing", "listing_at", "vendor_key", "wake", "placement", "ask"];
        for (name, value) in before.iter().filter(|(name, _)| !skipped.contains(&name.as_str())) {
            assert_eq!(after.get(name), Some(value), "{name} of {}", row.reads_as);
        }
    }
}

#[test]
fn every_earlier_connection_is_read_right_and_its_trouble_says_the_same() {
    let rows = rows().connections;
    assert!(rows.len() > 35, "{}", rows.len());
    for row in &rows {
        let connection = to_connection(item(row)).unwrap_or_else(|| panic!("unreadable: {}", row.reads_as));
        assert_eq!(format!("{} {}", connection.state, trouble(&connection)), row.reads_as);
        assert_eq!(connection.trouble_words(), row.trouble, "{}", row.reads_as);
        assert_eq!(connection.revision, 0, "{}", row.reads_as);
        let leased = row.item.contains_key("connecting_until");
        assert_eq!(connection.connecting_until.is_some(), leased, "{}", row.reads_as);
        let written = from_connection(&connection).expect("storable");
        for name in ["created_at", "tokens", "catalogue", "connecting_until", "options"] {
            let before = row.item.get(name).filter(|value| !value.is_null());
            assert_eq!(written.contains_key(name), before.is_some(), "{name} of {}", row.reads_as);
            assert!(before.is_none() || written.get(name) == item(row).get(name), "{name} of {}", row.reads_as);
        }
        assert_eq!(to_connection(written), Some(connection), "{}", row.reads_as);
    }
}

#[test]
fn trouble_in_words_that_nobody_wrote_is_still_readable() {
    let row = rows().connections.remove(0);
    let mut item = item(&row);
    let words = aws_sdk_dynamodb::types::AttributeValue::S("something else".to_owned());
    item.insert("trouble".to_owned(), words);
    let connection = to_connection(item).expect("readable");
    assert!(connection.trouble_words().is_some_and(|words| words.contains("something else")));
}
