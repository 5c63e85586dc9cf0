//! An applicant begins a check that was ordered from inside an application form. Only now may it be bought.

use jiff::Timestamp;

use super::Services;
use super::take_order::{Manner, first_step, purchase_claim};
use crate::connection::{Connection, ConnectionState};
use crate::error::Fault;
use crate::order::{Candidate, Order, OrderId, Placement, clean};

/// Why a check did not begin.
#[derive(Debug, Clone)]
pub enum NotBegun {
    /// The vendor will not take the applicant like this; words for the applicant.
    Said(String),
    /// A newer order for the same check took this one's place.
    Superseded,
    /// The connection takes no orders any more.
    Closed,
    /// There is no such order.
    NoOrder,
    /// Our own table does not answer: try again.
    Unavailable(Fault),
}

impl From<Fault> for NotBegun {
    fn from(fault: Fault) -> Self {
        Self::Unavailable(fault)
    }
}

/// Begins the check, with the phone number that the applicant gave if one is needed. Beginning twice is harmless.
///
/// # Errors
/// See [`NotBegun`].
pub async fn begin(services: &Services, id: OrderId, phone: Option<&str>) -> Result<Order, NotBegun> {
    let mut order = services.store.order(id).await?.ok_or(NotBegun::NoOrder)?;
    if order.placement != Placement::Held {
        return Ok(order);
    }
    let claim = purchase_claim(&order.connection, &order.reference, &order.package);
    if services.store.claimant(&claim).await? != Some(id) {
        return Err(NotBegun::Superseded);
    }
    let connection = services.connection(&order.connection).await?.ok_or(NotBegun::NoOrder)?;
    let now = services.clock.now();
    // A newer order may take this one's place at this very moment: one of the two writes fails.
    let begun = services.store.change_holding(&mut order, &claim, |order| start(order, &connection, phone, now));
    begun.await?.ok_or(NotBegun::Superseded)??;
    Ok(order)
}

/// Lets the order be bought, unless something speaks against it. One that was begun already stays as it is.
fn start(order: &mut Order, connection: &Connection, phone: Option<&str>, now: Timestamp) -> Result<(), NotBegun> {
    if order.placement != Placement::Held {
        return Ok(());
    }
    if connection.state != ConnectionState::Active || order.status.state.is_closed() {
        return Err(NotBegun::Closed);
    }
    let candidate = order.candidate.clone().ok_or(NotBegun::NoOrder)?;
    let given = phone.map(clean::plain).filter(|text| !text.is_empty());
    let candidate = Candidate { phone: given.or(candidate.phone), ..candidate };
    if order.needs_phone && candidate.phone.is_none() {
        return Err(NotBegun::Said("Please give a phone number.".to_owned()));
    }
    if let Some(catalogue) = &connection.catalogue {
        connection.vendor.connector().preflight(&candidate, catalogue).map_err(NotBegun::Said)?;
    }
    order.candidate = Some(candidate);
    order.placement = first_step(order, connection.vendor, Manner::ByUpdate);
    order.note(now, "the applicant began");
    Ok(())
}
