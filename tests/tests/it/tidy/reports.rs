//! The table of what a report changes, row by row against the order that takes the report.

use jiff::{SignedDuration, Timestamp};
use shared::order::{AtsReference, ConnectionId, Order, Outcome, Package, Reading, Report, State, Status};

use super::markdown::Table;
use super::read;
use tests::world::Result;

/// What the table says that became of a report, by the first words of its last column.
const BELIEVED: &str = "believed";
const IGNORED: &str = "ignored";

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
}

/// When the reports of these tests arrive.
fn now() -> Timestamp {
    at(1_000)
}

fn status(state: State, outcome: Outcome) -> Status {
    Status { state, outcome, label: state.to_string() }
}

/// An order that the vendor has, and that stands like this since a moment ago.
fn order(state: State, outcome: Outcome) -> Order {
    let package = Package { id: "p".into(), name: "P".into(), description: String::new() };
    let mut order = Order::new(ConnectionId::from_random([1; 8]), AtsReference::default(), package, at(0));
    order.placed("v".to_owned(), None, status(state, outcome), now());
    order
}

fn report(state: State, outcome: Outcome, said_at: Option<i64>) -> Report {
    let reading = Reading::Known(status(state, outcome));
    Report { vendor_ref: Some("v".to_owned()), said_at: said_at.map(at), ..Report::saying(reading) }
}

/// What became of a push to an order of a vendor that cannot be asked.
fn pushed(mut order: Order, report: Report, now: Timestamp) -> &'static str {
    let before = order.status.clone();
    order.take_push(report, now);
    if order.status == before { IGNORED } else { BELIEVED }
}

/// A completed check whose last report had this date is reported to be in progress, with another date or none.
fn reopened(last: Option<i64>, date: Option<i64>, now: Timestamp) -> &'static str {
    let mut order = order(State::InProgress, Outcome::None);
    order.take_push(report(State::Completed, Outcome::Clear, last), self::now());
    pushed(order, report(State::InProgress, Outcome::None, date), now)
}

/// Both halves of a row that changes with time.
fn late(early: &'static str, later: &'static str) -> &'static str {
    if (early, later) == (IGNORED, BELIEVED) {
        "ignored, until the order has been closed for an hour"
    } else {
        "neither"
    }
}

/// What the code does in the situation of a row.
fn observed(who: &str, what: &str) -> Option<&'static str> {
    let undated = |from, to| pushed(from, to, now());
    let in_two_hours = at(1_000 + 2 * 3_600);
    Some(match (who, what) {
        ("the vendor, asked", "anything") => {
            let mut order = order(State::Completed, Outcome::Clear);
            order.take_answer(&order.question(now()), Some(report(State::InProgress, Outcome::None, None)), now());
            if order.reopened { BELIEVED } else { IGNORED }
        }
        ("a vendor that can be asked, by a push", "anything") => {
            let mut order = order(State::InProgress, Outcome::None);
            let before = order.status.clone();
            order.take_notice(Some("v"), None, now());
            if order.status == before && order.has_question() { "a reason to ask" } else { BELIEVED }
        }
        ("a vendor that cannot be asked, with a date", "older than the last date believed") => {
            reopened(Some(900), Some(899), in_two_hours)
        }
        (_, "newer than the last date believed") => reopened(Some(900), Some(901), now()),
        (_, "the same date, the first date, or more than a day ahead of our clock") => {
            let all = [(Some(900), Some(900)), (None, Some(900)), (Some(900), Some(1_000_000))];
            let same = all.iter().all(|(last, date)| reopened(*last, *date, now()) == reopened(None, None, now()));
            if same { "taken as without a date" } else { BELIEVED }
        }
        ("a vendor that cannot be asked, without a date", "same rank or higher, order open") => {
            let from = || order(State::InProgress, Outcome::None);
            let onto = [State::ActionRequired, State::Completed].map(|to| report(to, Outcome::None, None));
            if onto.into_iter().all(|to| undated(from(), to) == BELIEVED) { BELIEVED } else { IGNORED }
        }
        (_, "the same closed state") => {
            undated(order(State::Completed, Outcome::Clear), report(State::Completed, Outcome::Review, None))
        }
        (_, "`completed` for an order that is `cancelled`") => {
            undated(order(State::Cancelled, Outcome::None), report(State::Completed, Outcome::Clear, None))
        }
        (_, "anything else") => late(reopened(None, None, now()), reopened(None, None, in_two_hours)),
        _ => return None,
    })
}

#[test]
fn a_report_changes_what_the_table_states() -> Result {
    let table = Table::find(&read("docs/architecture.md")?, &["who says so", "what it says", "then"]);
    for row in table.rows() {
        let observed = observed(row[0], row[1]).ok_or_else(|| format!("no test of the row {row:?}"))?;
        assert!(row[2].starts_with(observed), "{row:?}, but the code: {observed}");
    }
    assert_eq!(table.rows().count(), 9, "a row went missing");
    Ok(())
}
