//! A recruiter's click becomes an order: checked while the recruiter waits, stored in one request, bought later.

use std::time::Duration;

use super::{Desk, packages};
use crate::connection::{Catalogue, Connection, ConnectionState};
use crate::error::{Fault, FaultKind};
use crate::order::{AtsReference, Candidate, Order, OrderId, Package, Placement, State, Status};
use crate::store::{Claim, Created};
use crate::telemetry;

/// The recruiter waits for the candidate's phone number no longer than this; then the worker fetches it.
const PHONE_PATIENCE: Duration = Duration::from_millis(2500);

/// Attempts at storing, against requests that meet at the same item.
const ATTEMPTS: u32 = 6;

/// What an ATS's door read out of a request.
#[derive(Debug, Clone)]
pub struct NewOrder<'a> {
    /// Where it comes from.
    pub reference: AtsReference,
    /// Who is to be checked.
    pub candidate: Candidate,
    /// The package as the ATS names it, and how to find it in a catalogue.
    pub package: &'a (dyn PackageNamed + 'a),
}

/// How an ATS names packages.
pub trait PackageNamed: std::fmt::Debug + Sync {
    /// Whether this is the package that was ordered.
    fn is(&self, package: &Package) -> bool;
}

/// What became of the request.
#[derive(Debug, Clone)]
pub enum TakenOrder {
    /// A new order is stored.
    New(Box<Order>),
    /// The same application has this order open already: a repeated click or a repeated call.
    Known(Box<Order>),
    /// The candidate is being checked with this package by way of another application.
    Elsewhere,
}

/// Why nothing was ordered.
#[derive(Debug, Clone)]
pub enum OrderRefused {
    /// Words for the recruiter.
    Said(String),
    /// Our own table or secrets do not answer: try again.
    Unavailable(Fault),
}

impl From<Fault> for OrderRefused {
    fn from(fault: Fault) -> Self {
        Self::Unavailable(fault)
    }
}

/// Takes an order. For one connection, candidate and package only one order is open at a time, whoever calls how
/// often and how simultaneously.
///
/// # Errors
/// See [`OrderRefused`]; nothing is stored then.
pub async fn take_order(desk: &Desk, connection: &Connection, new: NewOrder<'_>) -> Result<TakenOrder, OrderRefused> {
    match prepare(desk, connection, new.clone()).await {
        Ok(order) => store(desk, order).await,
        // The first call may have used up what the second one now lacks (the last credit): answer as the first.
        Err(refused) => {
            if let Some(taken) = known(desk, connection, &new).await? {
                Ok(taken)
            } else {
                telemetry::count("OrderRefused");
                Err(refused)
            }
        }
    }
}

async fn known(desk: &Desk, connection: &Connection, new: &NewOrder<'_>) -> Result<Option<TakenOrder>, Fault> {
    let offered = connection.catalogue.iter().flat_map(|c| &c.packages);
    let Some(package) = offered.into_iter().find(|p| new.package.is(p)) else { return Ok(None) };
    let claim = claim(&connection.id, &new.reference, package);
    let Some(holder) = desk.store.claimant(&claim).await? else { return Ok(None) };
    standing(desk, holder, &new.reference).await
}

fn claim(connection: &crate::order::ConnectionId, reference: &AtsReference, package: &Package) -> Claim {
    Claim::new(connection, &[&reference.candidate_id, &package.id])
}

/// What an order that holds the claim means for this request; `None` when it is closed and may be succeeded.
async fn standing(desk: &Desk, holder: OrderId, reference: &AtsReference) -> Result<Option<TakenOrder>, Fault> {
    let order = desk.store.order(holder).await?;
    Ok(order.filter(|o| !o.status.state.is_closed()).map(|o| {
        if o.reference.application_id == reference.application_id {
            TakenOrder::Known(Box::new(o))
        } else {
            TakenOrder::Elsewhere
        }
    }))
}

/// Everything that can be checked before the order is stored.
async fn prepare(desk: &Desk, connection: &Connection, new: NewOrder<'_>) -> Result<Order, OrderRefused> {
    if connection.state != ConnectionState::Active {
        let words = "Not ordered: this connection is paused. Ask whoever runs Crosscheck to resume it.";
        return Err(OrderRefused::Said(words.to_owned()));
    }
    let (catalogue, package) = offer(desk, connection, &new).await?;
    let vendor = connection.vendor.connector();
    vendor.preflight(&new.candidate, &catalogue).map_err(OrderRefused::Said)?;
    let mut candidate = new.candidate;
    if catalogue.needs_phone && candidate.phone.is_none() {
        candidate.phone = phone(desk, connection, &new.reference).await?;
        vendor.preflight(&candidate, &catalogue).map_err(OrderRefused::Said)?;
    }
    let now = desk.clock.now();
    let mut order = Order {
        id: OrderId::generate(),
        connection: connection.id.clone(),
        reference: new.reference,
        package,
        candidate: Some(candidate),
        needs_phone: catalogue.needs_phone,
        status: Status::plain(State::Ordered, "Ordered"),
        placement: Placement::NotPlaced,
        profile_url: None,
        reopened: false,
        cancel_asked: false,
        ask: false,
        version: 0,
        told: 0,
        told_at: Some(now),
        telling_until: None,
        revision: 0,
        history: Vec::new(),
        created_at: now,
        closed_at: None,
    };
    order.note(now, format!("ordered by way of {}", connection.ats.title()));
    Ok(order)
}

/// The ordered package, out of what was last seen, else out of what the vendor offers now.
async fn offer(desk: &Desk, connection: &Connection, new: &NewOrder<'_>) -> Result<(Catalogue, Package), OrderRefused> {
    let find = |catalogue: &Catalogue| catalogue.packages.iter().find(|p| new.package.is(p)).cloned();
    let seen = connection.catalogue.as_ref().filter(|c| c.credit.is_none_or(|left| left > 0));
    if let Some(catalogue) = seen
        && let Some(package) = find(catalogue)
    {
        return Ok((catalogue.clone(), package));
    }
    let vendor = connection.vendor.title();
    let fresh = packages(desk, connection).await.map_err(|fault| match fault.kind {
        FaultKind::Platform => OrderRefused::Unavailable(fault),
        FaultKind::KeyRefused => OrderRefused::Said(format!(
            "Not ordered: {vendor} refused the key of this connection. Ask whoever runs Crosscheck to mend it."
        )),
        _ => OrderRefused::Said(format!(
            "Not ordered: {vendor} did not answer, so the package could not be checked. Try again in a few minutes."
        )),
    })?;
    let package = find(&fresh).ok_or_else(|| {
        OrderRefused::Said(format!(
            "Not ordered: {vendor} no longer offers this package (assessment_type_id). Pick another one."
        ))
    })?;
    Ok((fresh, package))
}

/// The candidate's phone number. `None` leaves it to the worker, because the ATS is slow or away.
async fn phone(desk: &Desk, connection: &Connection, reference: &AtsReference) -> Result<Option<String>, OrderRefused> {
    let ats = connection.ats.title();
    let keys = desk.secrets.keys(&connection.id).await?;
    let link = desk.ats_link(connection, &keys, PHONE_PATIENCE);
    match connection.ats.connector().contact(&link, reference).await {
        Ok(contact) if contact.phone.is_some() => Ok(contact.phone),
        Ok(_) => Err(OrderRefused::Said(format!(
            "Not ordered: {} needs a phone number. Add a phone number to the candidate in {ats} and start again.",
            connection.vendor.title()
        ))),
        Err(fault) if fault.kind.is_passing() => {
            tracing::warn!(connection_id = %connection.id, fault = %fault, "phone left to the worker");
            Ok(None)
        }
        Err(fault) => {
            tracing::error!(connection_id = %connection.id, fault = %fault, "candidate not readable");
            Err(OrderRefused::Said(format!(
                "Not ordered: {ats} does not let Crosscheck read this candidate's phone number. Ask the {ats} admin \
                 to check the API key: Candidates Read, and access to confidential jobs."
            )))
        }
    }
}

async fn store(desk: &Desk, order: Order) -> Result<TakenOrder, OrderRefused> {
    let claim = claim(&order.connection, &order.reference, &order.package);
    let mut instead_of = None;
    for attempt in 1..=ATTEMPTS {
        match desk.store.create(&order, &claim, instead_of).await? {
            Created::New => {
                telemetry::count("OrderTaken");
                tracing::info!(order_id = %order.id, connection_id = %order.connection, "order taken");
                return Ok(TakenOrder::New(Box::new(order)));
            }
            Created::Claimed(holder) => match standing(desk, holder, &order.reference).await? {
                Some(taken) => return Ok(taken),
                None => instead_of = Some(holder),
            },
            Created::Busy => tokio::time::sleep(Duration::from_millis(20) * attempt).await,
        }
    }
    let busy = Fault::new(FaultKind::Platform, "dynamodb:TransactWriteItems", "too many requests for one candidate");
    Err(OrderRefused::Unavailable(busy))
}
