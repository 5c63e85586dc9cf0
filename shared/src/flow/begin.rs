//! An applicant begins a check that was ordered from inside an application form: only now may it be bought.

use super::Services;
use super::take_order::{Manner, first_step, purchase_claim};
use crate::connection::ConnectionState;
use crate::error::{Fault, FaultKind};
use crate::order::{Candidate, Order, OrderId, Placement};
use crate::store::Saved;

/// Attempts at recording, against writers that come in between.
const ATTEMPTS: usize = 8;

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
    for _ in 0..ATTEMPTS {
        let mut order = services.store.order(id).await?.ok_or(NotBegun::NoOrder)?;
        if order.placement != Placement::Held {
            return Ok(order);
        }
        let claim = purchase_claim(&order.connection, &order.reference, &order.package);
        if services.store.claimant(&claim).await? != Some(id) {
            return Err(NotBegun::Superseded);
        }
        let connection = services.connection(&order.connection).await?.ok_or(NotBegun::NoOrder)?;
        if connection.state != ConnectionState::Active || order.status.state.is_closed() {
            return Err(NotBegun::Closed);
        }
        let Some(candidate) = order.candidate.take() else { return Err(NotBegun::NoOrder) };
        let given = phone.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let candidate = Candidate { phone: given.or(candidate.phone), ..candidate };
        if order.needs_phone && candidate.phone.is_none() {
            return Err(NotBegun::Said("Please give a phone number.".to_owned()));
        }
        if let Some(catalogue) = &connection.catalogue {
            connection.vendor.connector().preflight(&candidate, catalogue).map_err(NotBegun::Said)?;
        }
        order.candidate = Some(candidate);
        order.placement = first_step(&order, connection.vendor, Manner::Told);
        order.note(services.clock.now(), "the applicant began");
        // A newer order may take this one's place at this very moment: one of the two writes fails.
        if services.store.save_holding(&mut order, &claim).await? == Saved::Yes {
            return Ok(order);
        }
    }
    Err(NotBegun::Unavailable(Fault::new(FaultKind::Platform, "dynamodb:PutItem", "too many writers for one order")))
}
