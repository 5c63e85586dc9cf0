//! Which of a candidate's invitations and reports are the order's own. Checkr puts further reports on the same candidate:
//! of Continuous Check, of a subscription, or of somebody else in the account. Nobody ordered those here.

use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::client::{if_found, invitation};
use super::location::is_abroad;
use super::road::{get, list};
use super::wire;
use crate::account::Account;
use crate::error::Fault;
use crate::order::{Order, Reading, State};

/// Reports of one candidate that are read at most, where no invitation leads to the order's own.
const REPORTS: usize = 10;

/// What the `source` of a report contains that nobody ordered (`continuous_check` and `recurrence` in Checkr's pages on
/// Continuous Check and on subscriptions).
const NOT_ORDERED: [&str; 3] = ["continuous", "recurr", "subscription"];

/// The order's own invitations, in no order. Checkr lists them in the US; elsewhere each is read by its id.
pub(super) async fn invitations(account: &Account<'_>, order: &Order, vendor_ref: &str) -> Result<Vec<Value>, Fault> {
    let mut found = if is_abroad(account) {
        by_id(account, &order.invitations).await?
    } else {
        listed(account, vendor_ref).await?
    };
    found.retain(|one| wire::text(one, "candidate_id") == Some(vendor_ref) && is_invitation_of(one, order));
    Ok(found)
}

async fn by_id(account: &Account<'_>, ids: &[String]) -> Result<Vec<Value>, Fault> {
    let mut found = Vec::new();
    for id in ids {
        found.extend(if_found(invitation(account, id).await)?.map(|said| said.body));
    }
    Ok(found)
}

/// The invitations of a candidate that Checkr lists: those in the US that nobody deleted.
async fn listed(account: &Account<'_>, vendor_ref: &str) -> Result<Vec<Value>, Fault> {
    let id: String = byte_serialize(vendor_ref.as_bytes()).collect();
    let (mut entries, _) = list(account, "GET /invitations", &format!("invitations?candidate_id={id}")).await?;
    entries.retain(|one| wire::text(one, "candidate_id") == Some(vendor_ref));
    Ok(entries)
}

/// The order's own report, with what `query` asks to be embedded: the one that its first completed invitation led to,
/// or the next one where that was cancelled and the candidate invited anew; where no invitation says, the candidate's
/// newest that may be this order's.
pub(super) async fn report(
    account: &Account<'_>,
    order: &Order,
    candidate: &Value,
    invitations: &[Value],
    query: &str,
) -> Result<Option<Value>, Fault> {
    let mut led_to = None;
    for id in wire::oldest_first(invitations, "report_id").iter().take(REPORTS) {
        let report = read(account, id, query).await?;
        let reading = wire::report_reading(&report);
        let is_cancelled = matches!(&reading, Some(Reading::Known(status)) if status.state == State::Cancelled);
        led_to = Some(report);
        if !is_cancelled {
            break;
        }
    }
    if led_to.is_some() {
        return Ok(led_to);
    }
    let mut reports = Vec::new();
    for id in wire::ids(candidate, "report_ids").iter().rev().take(REPORTS) {
        reports.push(read(account, id, query).await?);
    }
    reports.retain(|one| may_be_report_of(one, order));
    Ok(wire::newest(reports))
}

async fn read(account: &Account<'_>, id: &str, query: &str) -> Result<Value, Fault> {
    get(account, "GET /reports/{id}", &format!("reports/{id}{query}")).await.map(|said| said.body)
}

/// The invitation of the paid call, or one to the same package: the candidate may be invited anew in the dashboard.
fn is_invitation_of(invitation: &Value, order: &Order) -> bool {
    let is_paid = || invitation.get("id").and_then(wire::id).is_some_and(|id| order.invitations.first() == Some(&id));
    is_for(invitation, order) || is_paid()
}

/// Whether a report may be this order's. An upgraded one keeps its id and has another package.
fn may_be_report_of(report: &Value, order: &Order) -> bool {
    let source = wire::text(report, "source").unwrap_or_default().to_ascii_lowercase();
    let is_upgraded = report.get("upgraded_at").is_some_and(|at| !at.is_null());
    !NOT_ORDERED.iter().any(|part| source.contains(part)) && (is_upgraded || is_for(report, order))
}

fn is_for(object: &Value, order: &Order) -> bool {
    wire::text(object, "package").is_none_or(|package| package == order.package.id)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::order::{AtsReference, ConnectionId, Package};

    fn order() -> Order {
        let package = Package { id: "driver_pro".into(), name: "Driver Pro".into(), description: String::new() };
        let now = Timestamp::UNIX_EPOCH;
        let mut order = Order::new(ConnectionId::from_random([1; 8]), AtsReference::default(), package, now);
        order.see_invitation(Some("i1"));
        order
    }

    #[test]
    fn a_report_that_nobody_ordered_here_is_not_the_orders() {
        for (report, ours) in [
            (json!({ "source": "form", "package": "driver_pro" }), true),
            (json!({ "source": null }), true),
            (json!({ "source": "a word of next year" }), true),
            (json!({ "source": "continuous_check", "package": "driver_pro" }), false),
            (json!({ "source": "Recurrence" }), false),
            (json!({ "source": "recurring_report" }), false),
            (json!({ "source": "subscription" }), false),
            (json!({ "package": "tasker_standard" }), false),
            (json!({ "package": "tasker_standard", "upgraded_at": null }), false),
            (json!({ "package": "tasker_standard", "upgraded_at": "2026-01-01T00:00:00Z" }), true),
        ] {
            assert_eq!(may_be_report_of(&report, &order()), ours, "{report}");
        }
    }

    #[test]
    fn an_invitation_to_another_package_is_not_the_orders_unless_the_paid_call_made_it() {
        for (invitation, ours) in [
            (json!({ "id": "i1", "package": "renamed" }), true),
            (json!({ "id": "i2", "package": "driver_pro" }), true),
            (json!({ "id": "i2" }), true),
            (json!({ "id": "i2", "package": "tasker_standard" }), false),
        ] {
            assert_eq!(is_invitation_of(&invitation, &order()), ours, "{invitation}");
        }
    }
}
