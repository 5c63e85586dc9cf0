//! Every combination of what an order can be in, against tables that a person can read.

use super::*;
use crate::order::tests::{at, placed};
use crate::order::{Cancellation, Candidate, Outcome, STATES, State, Status};

/// The time in these tests, in seconds.
const NOW: i64 = 1_000;

/// How long the vendor in these tests may still carry out an attempt.
const SETTLE: SignedDuration = SignedDuration::from_secs(60);

/// Days after which candidates' data goes in these tests.
const RETENTION: i64 = 30;

const PLACEMENTS: [&str; 8] =
    ["held", "incomplete", "not placed", "being placed", "worker died", "just unclear", "unclear", "placed"];
const CANCELLATIONS: [&str; 3] = ["no", "asked", "unclear"];
/// `sync` is no question of the order's: the run is one of the hourly sync's.
const QUESTIONS: [&str; 5] = ["none", "pushed", "again later", "again now", "sync"];
const TOLD: [&str; 3] = ["all", "behind", "being told"];

/// What a run does in which everything that it tries fails, so that each action shows once, in its turn.
const ACTIONS: &str = "
placement             | state  | cancelled      | question                | told            | does
held, being placed    | open   | any            | any                     | all, being told | nothing
held, being placed    | open   | any            | any                     | behind          | Tell
incomplete            | open   | any            | any                     | all, being told | Complete
incomplete            | open   | any            | any                     | behind          | Complete, Tell
not placed            | open   | any            | any                     | all, being told | Place
not placed            | open   | any            | any                     | behind          | Place, Tell
worker died           | open   | any            | any                     | all, being told | LookUp
worker died           | open   | any            | any                     | behind          | LookUp, Tell
just unclear, unclear | open   | any            | any                     | all, being told | LookUp
just unclear, unclear | open   | any            | any                     | behind          | LookUp, Tell
placed                | open   | no             | none, again later       | all, being told | nothing
placed                | open   | no             | none, again later       | behind          | Tell
placed                | open   | no             | pushed, again now, sync | all, being told | Ask
placed                | open   | no             | pushed, again now, sync | behind          | Ask, Tell
placed                | open   | asked, unclear | none, again later       | all, being told | Cancel
placed                | open   | asked, unclear | none, again later       | behind          | Cancel, Tell
placed                | open   | asked, unclear | pushed, again now, sync | all, being told | Cancel, Ask
placed                | open   | asked, unclear | pushed, again now, sync | behind          | Cancel, Ask, Tell
placed                | closed | any            | none, again later, sync | all, being told | nothing
placed                | closed | any            | none, again later, sync | behind          | Tell
placed                | closed | any            | pushed, again now       | all, being told | Ask
placed                | closed | any            | pushed, again now       | behind          | Ask, Tell
held, incomplete      | closed | any            | any                     | all, being told | nothing
held, incomplete      | closed | any            | any                     | behind          | Tell
not placed            | closed | any            | any                     | all, being told | nothing
not placed            | closed | any            | any                     | behind          | Tell
being placed          | closed | any            | any                     | all, being told | nothing
being placed          | closed | any            | any                     | behind          | Tell
worker died           | closed | any            | any                     | all, being told | nothing
worker died           | closed | any            | any                     | behind          | Tell
just unclear, unclear | closed | any            | any                     | all, being told | nothing
just unclear, unclear | closed | any            | any                     | behind          | Tell
";

/// Seconds until another run is worth it. A worker that is placing has 30 seconds left, and one that is telling 10; what
/// was tried 20 seconds ago may be looked up in 40, and the second question is due in 50.
const WAITS: &str = "
placement                 | state  | cancelled | question                      | told        | waits
any                       | any    | any       | any                           | being told  | 10
being placed              | open   | any       | any                           | all, behind | 30
worker died, just unclear | open   | any       | any                           | all, behind | 40
placed                    | any    | any       | again later                   | all, behind | 50
placed                    | any    | any       | none, pushed, again now, sync | all, behind | nothing
held, incomplete          | any    | any       | any                           | all, behind | nothing
not placed, unclear       | any    | any       | any                           | all, behind | nothing
being placed              | closed | any       | any                           | all, behind | nothing
worker died, just unclear | closed | any       | any                           | all, behind | nothing
";

/// One combination, by the names of its parts.
#[derive(Debug, Clone, Copy)]
struct Case {
    placement: &'static str,
    state: State,
    cancelled: &'static str,
    question: &'static str,
    told: &'static str,
}

fn every_case() -> Vec<Case> {
    let mut cases = Vec::new();
    for placement in PLACEMENTS {
        for state in STATES {
            for cancelled in CANCELLATIONS {
                for question in QUESTIONS {
                    cases.extend(TOLD.map(|told| Case { placement, state, cancelled, question, told }));
                }
            }
        }
    }
    cases
}

impl Case {
    fn order(self) -> Order {
        let mut order = placed();
        order.candidate = Some(asha());
        order.created_at = at(NOW);
        order.status = Status { state: self.state, outcome: Outcome::None, label: String::new() };
        order.closed_at = self.state.is_closed().then(|| at(NOW));
        order.placement = self.placement(&order);
        order.cancellation = match self.cancelled {
            "no" => Cancellation::None,
            "asked" => Cancellation::Requested,
            _ => Cancellation::Unclear,
        };
        order.answered = 2;
        order.asked_for = if self.question == "pushed" { 3 } else { 2 };
        order.ask_again_at = match self.question {
            "again later" => Some(at(NOW + 50)),
            "again now" => Some(at(NOW)),
            _ => None,
        };
        order.version = 5;
        order.told = if self.told == "all" { 5 } else { 4 };
        order.telling_until = Some(at(if self.told == "being told" { NOW + 10 } else { NOW - 1 }));
        order
    }

    fn placement(self, placed: &Order) -> Placement {
        match self.placement {
            "held" => Placement::Held,
            "incomplete" => Placement::Incomplete,
            "not placed" => Placement::NotPlaced,
            "being placed" => Placement::Placing { since: at(NOW - 15), lease_until: at(NOW + 30) },
            "worker died" => Placement::Placing { since: at(NOW - 20), lease_until: at(NOW) },
            "just unclear" => Placement::Unknown { since: at(NOW - 20) },
            "unclear" => Placement::Unknown { since: at(NOW - 60) },
            _ => placed.placement.clone(),
        }
    }

    fn pass(self) -> Pass {
        Pass { ask: self.question == "sync", retention_days: RETENTION, ..Pass::default() }
    }

    /// The last cell of the one row that speaks of this case.
    fn expected(self, table: &'static str) -> &'static str {
        let state = if self.state.is_closed() { "closed" } else { "open" };
        let mine = [self.placement, state, self.cancelled, self.question, self.told];
        let fits = |cell: &str, mine: &str| cell == "any" || cell.split(", ").any(|name| name == mine);
        let rows = table.trim().lines().skip(1).map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
        let mut rows = rows.filter(|row| row.iter().zip(mine).all(|(cell, mine)| fits(cell, mine)));
        let row = rows.next().unwrap_or_else(|| panic!("no row speaks of {self:?}"));
        assert!(rows.next().is_none(), "two rows speak of {self:?}");
        row.last().copied().unwrap_or_default()
    }
}

fn asha() -> Candidate {
    Candidate { first_name: "Asha".into(), last_name: "Rao".into(), email: "asha@example.com".into(), phone: None }
}

/// Every action of a run in which everything fails, in the order in which it is tried.
fn run(order: &Order, mut pass: Pass, now: Timestamp) -> String {
    let mut tried = Vec::new();
    while let Some(action) = next_action(order, &pass, now) {
        tried.push(format!("{action:?}"));
        pass.tried.push(action);
    }
    if tried.is_empty() { "nothing".to_owned() } else { tried.join(", ") }
}

#[test]
fn every_combination_does_what_its_row_says() {
    for case in every_case() {
        assert_eq!(run(&case.order(), case.pass(), at(NOW)), case.expected(ACTIONS), "{case:?}");
    }
}

#[test]
fn every_combination_waits_for_what_its_row_says() {
    for case in every_case() {
        let wait = worth_waiting(&case.order(), SETTLE, at(NOW));
        let wait = wait.map_or_else(|| "nothing".to_owned(), |wait| wait.as_secs().to_string());
        assert_eq!(wait, case.expected(WAITS), "{case:?}");
    }
}

#[test]
fn every_row_speaks_of_something() {
    for table in [ACTIONS, WAITS] {
        let rows = table.trim().lines().count() - 1;
        let mut spoken_of: Vec<usize> =
            every_case().into_iter().map(|case| case.expected(table).as_ptr().addr()).collect();
        spoken_of.sort_unstable();
        spoken_of.dedup();
        assert_eq!(spoken_of.len(), rows);
    }
}

#[test]
fn without_the_candidates_data_nothing_is_bought_or_looked_up() {
    for case in every_case().into_iter().filter(|case| case.placement != "placed") {
        let forgotten = Order { candidate: None, ..case.order() };
        let expected = if case.told == "behind" { "Tell" } else { "nothing" };
        assert_eq!(run(&forgotten, case.pass(), at(NOW)), expected, "{case:?}");
    }
}

/// The second that is this many days after now, and some seconds more or less.
fn in_days(days: i64, seconds: i64) -> Timestamp {
    at(NOW + days * 24 * 3600 + seconds)
}

#[test]
fn an_applicant_who_does_not_begin_is_let_go_when_the_retention_time_is_over() {
    let held = Case { placement: "held", state: State::Ordered, cancelled: "no", question: "none", told: "all" };
    assert_eq!(run(&held.order(), held.pass(), in_days(RETENTION, -1)), "nothing");
    assert_eq!(run(&held.order(), held.pass(), in_days(RETENTION, 0)), "LetGo");
    let behind = Case { told: "behind", ..held };
    assert_eq!(run(&behind.order(), behind.pass(), in_days(RETENTION, 0)), "LetGo, Tell");
}

#[test]
fn the_candidates_data_goes_last_and_once_from_closed_orders_only() {
    for case in every_case().into_iter().filter(|case| case.state.is_closed()) {
        let order = case.order();
        let late = run(&order, case.pass(), in_days(RETENTION, 0));
        assert!(late.ends_with("Forget"), "{case:?}: {late}");
        assert!(!run(&order, case.pass(), in_days(RETENTION, -1)).contains("Forget"), "{case:?}");
        let forgotten = Order { candidate: None, ..order };
        assert!(!run(&forgotten, case.pass(), in_days(RETENTION, 0)).contains("Forget"), "{case:?}");
    }
    for case in every_case().into_iter().filter(|case| !case.state.is_closed() && case.placement != "held") {
        assert!(!run(&case.order(), case.pass(), in_days(RETENTION, 0)).contains("Forget"), "{case:?}");
    }
}

#[test]
fn a_wait_is_never_shorter_than_a_second() {
    let mut order = placed();
    order.ask_again_at = at(NOW).checked_add(SignedDuration::from_millis(1)).ok();
    assert_eq!(worth_waiting(&order, SETTLE, at(NOW)), Some(SignedDuration::from_secs(1)));
}
