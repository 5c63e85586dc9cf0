//! Makes an order of a recruiter's click: checks it while the recruiter waits and stores it in one request. The worker
//! buys it later.

use std::time::Duration;

use super::Services;
use super::offer::{offer, phone};
use crate::ats::{Ats, AtsKind};
use crate::connection::{Catalogue, Connection, ConnectionState};
use crate::error::{Fault, FaultKind};
use crate::order::{AtsReference, Candidate, NotOrdered, Order, OrderId, Package, Placement};
use crate::store::{Claim, Claims, Created, Predecessor};
use crate::telemetry;
use crate::vendor::VendorKind;

/// Attempts at storing when requests compete for the same item.
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
    /// The ATS shows what the door answers: the door refuses at once and stores nothing.
    InTheAnswer,
    /// The ATS does not show the answer. What cannot be ordered becomes a closed order, told like every result, and the
    /// worker reads what the order lacks.
    ByUpdate,
    /// Nobody sees the answer, and the ATS has no card of the order to update. What cannot be ordered becomes a closed
    /// order for the operator, and the worker reads what the order lacks.
    Unseen,
}

impl Manner {
    /// Whether the worker may read what the order lacks, and what cannot be ordered is stored.
    fn is_later(self) -> bool {
        self != Self::InTheAnswer
    }
}

/// How an ATS names packages.
pub trait PackageNamed: std::fmt::Debug + Sync {
    /// Whether this is the package that was ordered.
    fn is(&self, package: &Package) -> bool;

    /// The vendor's own id of it, where the ATS uses that.
    fn id(&self) -> Option<&str> {
        None
    }
}

/// A package by the vendor's own id.
#[derive(Debug)]
pub struct ById<'a>(
    /// The id.
    pub &'a str,
);

impl PackageNamed for ById<'_> {
    fn is(&self, package: &Package) -> bool {
        package.id == self.0
    }

    fn id(&self) -> Option<&str> {
        Some(self.0)
    }
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
    Said(NotOrdered),
    /// The vendor does not offer the package; words for the recruiter.
    NoPackage(NotOrdered),
    /// Our own table or secrets do not answer: try again.
    Unavailable(Fault),
}

impl OrderRefused {
    /// Nothing was ordered for this reason.
    pub(super) fn because(reason: impl Into<NotOrdered>) -> Self {
        Self::Said(reason.into())
    }
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
    let new = NewOrder { candidate: new.candidate.cleaned(), ..new };
    let refused = match prepare(services, connection, &new).await {
        Ok(order) => match store(services, connection.ats, order, true).await? {
            TakenOrder::Elsewhere if new.manner == Manner::ByUpdate => OrderRefused::Said(NotOrdered::Again),
            taken => return Ok(taken),
        },
        // The first call may have used the last credit, which the second one now lacks. Answer as for the first.
        Err(refused) => match known(services, connection, &new).await? {
            Some(TakenOrder::Elsewhere) if new.manner == Manner::ByUpdate => refused,
            Some(taken) => return Ok(taken),
            None => refused,
        },
    };
    telemetry::count("OrderRefused");
    let package = seen(connection, &new).cloned();
    let unknown =
        || new.package.id().map(|id| Package { id: id.to_owned(), name: id.to_owned(), description: String::new() });
    let (why, package) = match (refused, package) {
        (OrderRefused::Said(why), Some(package)) if new.manner.is_later() => (why, Some(package)),
        (OrderRefused::NoPackage(why), package) if new.manner == Manner::Unseen => (why, package.or_else(unknown)),
        (refused, _) => return Err(refused),
    };
    let Some(package) = package else { return Err(OrderRefused::NoPackage(why)) };
    store(services, connection.ats, refused_order(services, connection, new, package, &why), false).await
}

/// An order that is closed from the start, so that the worker can tell its ATS why.
fn refused_order(services: &Services, at: &Connection, new: NewOrder<'_>, package: Package, why: &NotOrdered) -> Order {
    let now = services.clock.now();
    // Words of a vendor's may name the candidate, and labels outlive their data.
    let why = match why {
        NotOrdered::Because(reason) => NotOrdered::Because(new.candidate.without(reason)),
        NotOrdered::Again => NotOrdered::Again,
    };
    let mut order = Order::new(at.id.clone(), new.reference, package, now);
    order.note(now, format!("ordered by way of {}", at.ats.title()));
    // The operator's list shows closed orders for as long as they hold a candidate, and nobody else hears of this one.
    order.candidate = (new.manner == Manner::Unseen).then_some(new.candidate);
    order.refuse(&why, now);
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
    Ok(match claim_holder(services, holder, &new.reference).await? {
        Holder::Taken(taken) => Some(taken),
        Holder::Over(_) => None,
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

/// The claim is on person and package, because vendors charge for these.
pub(super) fn purchase_claim(
    connection: &crate::order::ConnectionId,
    reference: &AtsReference,
    package: &Package,
) -> Claim {
    Claim::new(connection, &[&reference.candidate_id, &package.id])
}

/// What the order that holds the claim means for a new request.
enum Holder {
    /// It is in force: this is the answer.
    Taken(TakenOrder),
    /// A new order may replace it: it is closed, or its applicant has not begun.
    Over(Predecessor),
}

async fn claim_holder(services: &Services, holder: OrderId, reference: &AtsReference) -> Result<Holder, Fault> {
    let Some(order) = services.store.order(holder).await? else {
        return Ok(Holder::Over(Predecessor { id: holder, revision: None }));
    };
    if order.status.state.is_closed() || order.placement == Placement::Held {
        return Ok(Holder::Over(Predecessor { id: holder, revision: Some(order.revision) }));
    }
    let same_application = order.reference.application_id == reference.application_id;
    if same_application && order.reference.has_no_card && !reference.has_no_card {
        // Seldom needed, and large.
        return Box::pin(joined(services, &order, reference)).await.map(Holder::Taken);
    }
    let same = same_application && order.reference.idempotency_key == reference.idempotency_key;
    Ok(Holder::Taken(if same { TakenOrder::Known(Box::new(order)) } else { TakenOrder::Elsewhere }))
}

/// The ATS starts what a rule has ordered already: from now on it has a card of that order, and is told everything.
async fn joined(services: &Services, order: &Order, reference: &AtsReference) -> Result<TakenOrder, Fault> {
    let now = services.clock.now();
    let joins = |order: &mut Order| order.gets_card(reference, now);
    let changed = services.store.change(order.id, true, joins).await?;
    let gone = || Fault::new(FaultKind::Platform, "dynamodb:GetItem", "the order that a rule made is gone");
    changed.map(|(order, ())| TakenOrder::Known(Box::new(order))).ok_or_else(gone)
}

/// Everything that can be checked before the order is stored.
async fn prepare(services: &Services, connection: &Connection, new: &NewOrder<'_>) -> Result<Order, OrderRefused> {
    if connection.state != ConnectionState::Active {
        let words = match connection.state {
            ConnectionState::Waiting => "is not connected at the moment. Its admin has to connect it in the ATS.",
            _ => "is paused. Ask your Crosscheck administrator to resume it.",
        };
        return Err(OrderRefused::because(format!("this connection {words}")));
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
    if order.lacks_phone() || (manner.is_later() && short) { Placement::Incomplete } else { Placement::NotPlaced }
}

/// Fills unknown fields with valid dummies, so that preflight judges only the known ones.
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
    // The ATS knows nothing more about an applicant who is still in the form.
    let may_be_completed = new.manner.is_later() && new.reference.continue_url.is_none();
    let shown = if may_be_completed { as_if_complete(&candidate) } else { candidate.clone() };
    vendor.preflight(&shown, catalogue).map_err(OrderRefused::because)?;
    if catalogue.needs_phone && candidate.phone.is_none() && new.manner == Manner::InTheAnswer {
        candidate.phone = phone(services, connection, new).await?;
        candidate = candidate.cleaned();
        vendor.preflight(&candidate, catalogue).map_err(OrderRefused::because)?;
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
                // This call was sent to another connection before. Nothing of that connection's order is shown or
                // changed.
                return if known.connection == order.connection {
                    Ok(TakenOrder::Known(Box::new(known)))
                } else {
                    Err(OrderRefused::because("this call belongs to another connection."))
                };
            }
            Created::Claimed(holder) => match claim_holder(services, holder, &order.reference).await? {
                Holder::Taken(taken) => return Ok(taken),
                Holder::Over(old) => claims.instead_of = Some(old),
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
