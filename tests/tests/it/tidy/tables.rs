//! The tables that state what orders do are compared with the code that does it.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};
use shared::ats::ATSS;
use shared::connection::ConnectionState;
use shared::error::{Fault, FaultKind};
use shared::order::{
    Action, AtsReference, Candidate, ConnectionId, OUTCOMES, Order, Outcome, Package, Pass, Placement, STATES, State,
    Status, next_action,
};
use shared::outbound::{Reply, fault_of_status};
use strum::VariantArray;

use super::markdown::{Table, ticked};
use super::read;
use tests::world::Result;

fn architecture() -> Result<String> {
    read("docs/architecture.md")
}

#[test]
fn states_have_the_ranks_and_the_ends_that_the_table_states() -> Result {
    let text = architecture()?;
    let table = Table::find(&text, &["state", "rank", "closed", "means"]);
    assert_eq!(table.names(), STATES.map(|state| state.name().to_owned()));
    let rank = |state: State| table.row(state.name())[1].parse::<u8>();
    for state in STATES {
        assert_eq!(table.row(state.name())[2] == "yes", state.is_closed(), "{state}");
        // Between open states, and from there to closed ones, the ranks alone decide what a push may do.
        for next in STATES.into_iter().filter(|_| !state.is_closed()) {
            assert_eq!(rank(next)? >= rank(state)?, state.may_be_pushed_to(next), "{state} to {next}");
        }
    }
    Ok(())
}

#[test]
fn outcomes_are_those_that_are_named() -> Result {
    let text = architecture()?;
    let named = text.split("Outcomes: ").nth(1).and_then(|rest| rest.split('.').next()).unwrap_or_default();
    assert_eq!(ticked(named), OUTCOMES.map(|outcome| outcome.name().to_owned()));
    Ok(())
}

/// An order of long ago, with a candidate, that stands like this.
fn order(placement: Placement) -> Order {
    let package = Package { id: "p".into(), name: "P".into(), description: String::new() };
    let (first_name, last_name) = ("Asha".to_owned(), "Rao".to_owned());
    let candidate = Candidate { first_name, last_name, email: "asha@example.com".to_owned(), phone: None };
    let reference = AtsReference::default();
    let new = Order::new(ConnectionId::from_random([1; 8]), reference, package, Timestamp::UNIX_EPOCH);
    Order { placement, candidate: Some(candidate), ..new }
}

/// Every placement with the name that the table has for it; a new one does not compile until it has one.
fn placements() -> Vec<(&'static str, Placement)> {
    let since = Timestamp::UNIX_EPOCH;
    let all = vec![
        Placement::Held,
        Placement::Incomplete,
        Placement::NotPlaced,
        Placement::Placing { since, lease_until: since },
        Placement::Unknown { since },
        Placement::Placed { vendor_ref: "v".to_owned() },
    ];
    let name = |placement: &Placement| match placement {
        Placement::Held => "held",
        Placement::Incomplete => "incomplete",
        Placement::NotPlaced => "not_placed",
        Placement::Placing { .. } => "placing",
        Placement::Unknown { .. } => "unknown",
        Placement::Placed { .. } => "placed",
    };
    all.into_iter().map(|placement| (name(&placement), placement)).collect()
}

#[test]
fn placements_are_left_by_the_step_that_the_table_names() -> Result {
    let text = architecture()?;
    let table = Table::find(&text, &["placement", "means", "next step"]);
    let all = placements();
    assert_eq!(table.names(), all.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
    let year = Timestamp::UNIX_EPOCH.checked_add(SignedDuration::from_hours(24 * 365))?;
    let pass = Pass { retention_days: 30, ..Pass::default() };
    for (name, placement) in all {
        let next = next_action(&order(placement), &pass, year).map(|action| format!("{action:?}"));
        assert_eq!(ticked(table.row(name)[2]).first(), next.as_ref(), "{name}");
    }
    Ok(())
}

#[test]
fn every_action_of_the_worker_is_in_its_table_and_first_comes_first() -> Result {
    let text = architecture()?;
    assert_eq!(Table::find(&text, &["action", "when"]).names(), variants_of::<Action>());
    Ok(())
}

/// The names of an enum's variants, as the tables of actions and faults have them.
fn variants_of<E: VariantArray + std::fmt::Debug>() -> Vec<String> {
    E::VARIANTS.iter().map(|variant| format!("{variant:?}")).collect()
}

#[test]
fn faults_pass_and_may_be_done_as_the_table_states() -> Result {
    let text = read("docs/reference.md")?;
    let table = Table::find(&text, &["kind", "from", "passing", "maybe done"]);
    assert_eq!(table.names(), variants_of::<FaultKind>());
    for kind in FaultKind::VARIANTS {
        let name = format!("{kind:?}");
        let stated = |column: usize| table.row(&name)[column] == "yes";
        assert_eq!(stated(2), kind.is_passing(), "{name}");
        assert_eq!(stated(3), Fault::new(*kind, "x", "").maybe_done, "{name}");
    }
    Ok(())
}

#[test]
fn every_kind_of_fault_has_a_row_of_what_the_worker_does() -> Result {
    let head = ["kind", "`Place`", "`LookUp`", "`Ask`", "`Tell`", "the recruiter sees"];
    let mut rows = Table::find(&read("docs/reference.md")?, &head).names();
    rows.dedup();
    assert_eq!(rows, variants_of::<FaultKind>());
    Ok(())
}

#[test]
fn http_statuses_are_the_faults_that_the_table_states() -> Result {
    let text = read("docs/reference.md")?;
    let table = Table::find(&text, &["kind", "from", "passing", "maybe done"]);
    let mut stated = 0;
    for row in table.rows() {
        let numbers = row[1].split([',', ' ', ';']).map(|word| word.replace("xx", "00").replace("other", ""));
        for number in numbers.filter_map(|word| word.parse::<u16>().ok()) {
            let reply = Reply { status: StatusCode::from_u16(number)?, headers: HeaderMap::new(), body: Bytes::new() };
            let kind = fault_of_status("x", &reply).map(|fault| format!("{:?}", fault.kind));
            assert_eq!(kind.as_deref(), Some(row[0].trim_matches('`')), "HTTP {number}");
            stated += 1;
        }
    }
    assert!(stated >= 9, "the table states {stated} HTTP statuses");
    Ok(())
}

/// What each ATS shows of an order that stands there, with three dots for the vendor's word.
fn shown(state: State) -> Vec<String> {
    let mut order = order(Placement::Placed { vendor_ref: "v".to_owned() });
    order.status = Status { state, outcome: Outcome::Clear, label: "…".to_owned() };
    let texts = |ats: &shared::ats::AtsKind| ats.setup().shows(&order, Timestamp::UNIX_EPOCH);
    ATSS.iter().map(|ats| cell(&texts(ats))).collect()
}

fn cell(texts: &[(&str, String)]) -> String {
    let text = |name: &str| texts.iter().find(|(field, _)| *field == name).map(|(_, text)| text.clone());
    let cancelled = text("cancelled").map(|reason| format!("cancelled: {reason}"));
    cancelled.or_else(|| text("status")).unwrap_or_default()
}

#[test]
fn each_ats_shows_what_the_table_states() -> Result {
    let text = read("docs/operate.md")?;
    let table = Table::find(&text, &["state", "Ashby", "SmartRecruiters", "Teamtailor"]);
    assert_eq!(table.names(), STATES.map(|state| state.name().to_owned()));
    for state in STATES {
        assert_eq!(table.row(state.name())[1..], shown(state), "{state}");
    }
    Ok(())
}

#[test]
fn every_state_of_a_connection_is_explained() -> Result {
    let text = read("docs/operate.md")?;
    let table = Table::find(&text, &["state", "takes orders", "changes when"]);
    for name in table.names() {
        let state: ConnectionState = name.parse().map_err(|_| format!("no connection is {name}"))?;
        assert_eq!(table.row(&name)[1] == "yes", state == ConnectionState::Active, "{name}");
    }
    let all = [ConnectionState::Active, ConnectionState::Waiting, ConnectionState::Paused, ConnectionState::Revoked];
    // A new state does not compile until it is here.
    assert!(all.iter().all(|state| match state {
        ConnectionState::Active | ConnectionState::Waiting | ConnectionState::Paused | ConnectionState::Revoked => true,
    }));
    assert_eq!(table.names(), all.map(|state| state.name().to_owned()));
    Ok(())
}
