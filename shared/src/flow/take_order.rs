//! A recruiter's click becomes an order: checked while the recruiter waits, stored in one request, bought later.

use std::time::Duration;

use super::Services;
use super::offer::{offer, phone};
use crate::ats::{Ats, AtsKind};
use crate::connection::{Catalogue, Connection, ConnectionState};
use crate::error::{Fault, FaultKind};
use crate::order::{AtsReference, Candidate, Order, OrderId, Package, Placement, State, Status};
use crate::store::{Claim, Claims, Created, Predecessor};
use crate::telemetry;
use crate::vendor::VendorKind;

/// Attempts at storing, against requests that meet at the same item.
const ATTEMPTS: u32 = 6;

/// What an ATS's door read out of a request.
#[derive(Clone)]
pub struct NewOrder<'a> {
    /// Where it comes from.
    pub reference: AtsReference,
    /// Who is to be checked.
    pub candidate: Candidate,
    /// The package as the ATS names it, and how to find it in a catalogue.
    pub package: &'a (dyn PackageNamed + 'a),
    /// The ATS that it comes from. A door names its own, so that it carries no other's code.
    pub ats: &'a dyn Ats,
    /// How the recruiter hears of what cannot be ordered.
    pub manner: Manner,
}

/// How a recruiter hears of what cannot be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// The ATS shows what the door answers: refused there and then, and nothing is stored.
    Answered,
    /// The ATS shows nothing of the answer: what cannot be ordered becomes a closed order, told like every result, and
    /// what the order does not bring is left to the worker.
    Told,
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
    /// This order was made by the same call before, or by another click for the same application.
    Known(Box<Order>),
    /// The candidate is being checked with this package by way of another application or call.
    Elsewhere,
}

/// Why nothing was ordered.
#[derive(Debug, Clone)]
pub enum OrderRefused {
    /// Words for the recruiter.
    Said(String),
    /// The vendor does not offer the package; words for the recruiter.
    NoPackage(String),
    /// Our own table or secrets do not answer: try again.
    Unavailable(Fault),
}

impl From<Fault> for OrderRefused {
    fn from(fault: Fault) -> Self {
        Self::Unavailable(fault)
    }
}

/// Takes an order. For one connection, candidate and package only one order is open at a time, whoever calls how
/// often and how simultaneously; and one idempotency key is one order for good.
///
/// # Errors
/// See [`OrderRefused`]; nothing is stored then.
pub async fn take_order(
    services: &Services,
    connection: &Connection,
    new: NewOrder<'_>,
) -> Result<TakenOrder, OrderRefused> {
    let refused = match prepare(services, connection, &new).await {
        Ok(order) => match store(services, connection.ats, order, true).await? {
            TakenOrder::Elsewhere if new.manner == Manner::Told => {
                let words = "Not ordered again: this candidate is already being checked with this package.";
                OrderRefused::Said(words.to_owned())
            }
            taken => return Ok(taken),
        },
        // The first call may have used up what the second one now lacks (the last credit): answer as the first.
        Err(refused) => match known(services, connection, &new).await? {
            Some(TakenOrder::Elsewhere) if new.manner == Manner::Told => refused,
            Some(taken) => return Ok(taken),
            None => refused,
        },
    };
    telemetry::count("OrderRefused");
    let package = seen(connection, &new).cloned();
    match (refused, package) {
        (OrderRefused::Said(words), Some(package)) if new.manner == Manner::Told => {
            store(services, connection.ats, refused_order(services, connection, new, package, &words), false).await
        }
        (refused, _) => Err(refused),
    }
}

/// An order that ends as it begins, so that its ATS can be told why.
fn refused_order(services: &Services, at: &Connection, new: NewOrder<'_>, package: Package, words: &str) -> Order {
    let now = services.clock.now();
    let label = new.candidate.without(words);
    let mut order = Order::new(at.id.clone(), new.reference, package, now);
    order.note(now, format!("ordered by way of {}", at.ats.title()));
    order.stand(Status::plain(State::Failed, label), now);
    order
}

fn seen<'c>(connection: &'c Connection, new: &NewOrder<'_>) -> Option<&'c Package> {
    connection.catalogue.iter().flat_map(|c| &c.packages).find(|p| new.package.is(p))
}

async fn known(services: &Services, connection: &Connection, new: &NewOrder<'_>) -> Result<Option<TakenOrder>, Fault> {
    if let Some(key) = &new.reference.idempotency_key
        && let Some(order) = order_of_call(services, connection, key).await?
    {
        return Ok(Some(TakenOrder::Known(Box::new(order))));
    }
    let Some(package) = seen(connection, new) else { return Ok(None) };
    let claim = purchase_claim(&connection.id, &new.reference, package);
    let Some(holder) = services.store.claimant(&claim).await? else { return Ok(None) };
    Ok(match standing(services, holder, &new.reference).await? {
        Standing::Taken(taken) => Some(taken),
        Standing::Over(_) => None,
    })
}

/// The order that a call with this idempotency key made on this connection.
///
/// # Errors
/// `Platform` when DynamoDB does not answer.
pub async fn order_of_call(services: &Services, connection: &Connection, key: &str) -> Result<Option<Order>, Fault> {
    let Some(id) = services.store.claimant(&Claim::of_call(connection.ats, key)).await? else { return Ok(None) };
    Ok(services.store.order(id).await?.filter(|order| order.connection == connection.id))
}

/// Vendors charge per person and package, so that is what one order at a time may hold.
pub(super) fn purchase_claim(
    connection: &crate::order::ConnectionId,
    reference: &AtsReference,
    package: &Package,
) -> Claim {
    Claim::new(connection, &[&reference.candidate_id, &package.id])
}

/// What an order that holds the claim means for a request.
enum Standing {
    /// It stands: this is the answer.
    Taken(TakenOrder),
    /// It may be succeeded: it is closed, or its applicant has not begun.
    Over(Predecessor),
}

async fn standing(services: &Services, holder: OrderId, reference: &AtsReference) -> Result<Standing, Fault> {
    let Some(order) = services.store.order(holder).await? else {
        return Ok(Standing::Over(Predecessor { id: holder, revision: None }));
    };
    if order.status.state.is_closed() || order.placement == Placement::Held {
        return Ok(Standing::Over(Predecessor { id: holder, revision: Some(order.revision) }));
    }
    let same = order.reference.application_id == reference.application_id
        && order.reference.idempotency_key == reference.idempotency_key;
    Ok(Standing::Taken(if same { TakenOrder::Known(Box::new(order)) } else { TakenOrder::Elsewhere }))
}

/// Everything that can be checked before the order is stored.
async fn prepare(services: &Services, connection: &Connection, new: &NewOrder<'_>) -> Result<Order, OrderRefused> {
    if connection.state != ConnectionState::Active {
        let words = match connection.state {
            ConnectionState::Waiting => "is not connected at the moment. Its admin has to connect it in the ATS.",
            _ => "is paused. Ask your Crosscheck administrator to resume it.",
        };
        return Err(OrderRefused::Said(format!("Not ordered: this connection {words}")));
    }
    let (catalogue, package) = offer(services, connection, new).await?;
    let candidate = checked(services, connection, new, &catalogue).await?;
    let now = services.clock.now();
    let mut order = Order::new(connection.id.clone(), new.reference.clone(), package, now);
    order.note(now, format!("ordered by way of {}", connection.ats.title()));
    order.candidate = Some(candidate);
    order.needs_phone = catalogue.needs_phone;
    let held = new.reference.continue_url.is_some();
    order.placement = if held { Placement::Held } else { first_step(&order, connection.vendor, new.manner) };
    Ok(order)
}

/// Whether the check can be bought at once, or the ATS is to be asked for something first. An ATS that shows what a
/// door answers sends all it has, but for the phone number.
pub(super) fn first_step(order: &Order, vendor: VendorKind, manner: Manner) -> Placement {
    let AtsReference { job_id, job_title, .. } = &order.reference;
    let untitled = vendor.facts().takes_job_title && job_id.is_some() && job_title.is_none();
    let short = untitled || order.candidate.as_ref().is_some_and(Candidate::is_incomplete);
    if order.lacks_phone() || (manner == Manner::Told && short) { Placement::Incomplete } else { Placement::NotPlaced }
}

/// The candidate with anything in place of what the ATS may still tell: only that may wait, the rest is refused now.
fn as_if_complete(candidate: &Candidate) -> Candidate {
    let or = |given: &str, stand_in: &str| if given.is_empty() { stand_in.to_owned() } else { given.to_owned() };
    Candidate {
        last_name: or(&candidate.last_name, "Known"),
        email: or(&candidate.email, "known@example.com"),
        ..candidate.clone()
    }
}

/// The candidate, as far as the vendor will take them.
async fn checked(
    services: &Services,
    connection: &Connection,
    new: &NewOrder<'_>,
    catalogue: &Catalogue,
) -> Result<Candidate, OrderRefused> {
    let vendor = connection.vendor.connector();
    let mut candidate = new.candidate.clone();
    // Nobody can be asked about an applicant who is still in the form.
    let may_be_completed = new.manner == Manner::Told && new.reference.continue_url.is_none();
    let shown = if may_be_completed { as_if_complete(&candidate) } else { candidate.clone() };
    vendor.preflight(&shown, catalogue).map_err(OrderRefused::Said)?;
    if catalogue.needs_phone && candidate.phone.is_none() && new.manner == Manner::Answered {
        candidate.phone = phone(services, connection, new).await?;
        vendor.preflight(&candidate, catalogue).map_err(OrderRefused::Said)?;
    }
    Ok(candidate)
}

/// Stores the order; without `buying`, it claims the call alone.
async fn store(services: &Services, ats: AtsKind, order: Order, buying: bool) -> Result<TakenOrder, OrderRefused> {
    let purchase = buying.then(|| purchase_claim(&order.connection, &order.reference, &order.package));
    let call = order.reference.idempotency_key.as_deref().map(|key| Claim::of_call(ats, key));
    let mut claims = Claims { call, purchase, instead_of: None };
    for attempt in 1..=ATTEMPTS {
        match services.store.create(&order, &claims).await? {
            Created::New => {
                telemetry::count("OrderTaken");
                tracing::info!(order_id = %order.id, connection_id = %order.connection, "order taken");
                return Ok(TakenOrder::New(Box::new(order)));
            }
            Created::Repeated(id) => {
                let gone = Fault::new(FaultKind::Platform, "dynamodb:GetItem", "the repeated call's order is gone");
                let known = services.store.order(id).await?.ok_or(gone)?;
                // Somebody hands on what another connection was sent: nothing of that one's is shown or changed.
                return if known.connection == order.connection {
                    Ok(TakenOrder::Known(Box::new(known)))
                } else {
                    Err(OrderRefused::Said("Not ordered: this call belongs to another connection.".to_owned()))
                };
            }
            Created::Claimed(holder) => match standing(services, holder, &order.reference).await? {
                Standing::Taken(taken) => return Ok(taken),
                Standing::Over(old) => claims.instead_of = Some(old),
            },
            Created::Busy => {
                claims.instead_of = None;
                tokio::time::sleep(Duration::from_millis(20) * attempt).await;
            }
        }
    }
    let busy = Fault::new(FaultKind::Platform, "dynamodb:TransactWriteItems", "too many requests for one candidate");
    Err(OrderRefused::Unavailable(busy))
}
