//! The language that whole flows are tested in: a recruiter orders, a vendor reports, an hour passes, the ATS shows.

use crosscheck::deployment::CliError;
use serde_json::Value;
use shared::ats::AtsKind;
use shared::order::{Order, State};
use shared::vendor::VendorKind;
use sim::Answer;
use sim::ashby::{Applicant, Partner, Shown};
use sim::pair::Pair;
use sim::{SimAshby, SimSpringVerify};

/// What a test may meet; a test fails with its text.
pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// SpringVerify's status codes by the words of its table.
pub mod code {
    /// In progress.
    pub const IN_PROGRESS: i64 = 0;
    /// Completed.
    pub const COMPLETED: i64 = 1;
    /// Awaiting Input.
    pub const AWAITING_INPUT: i64 = 3;
    /// Discrepancy.
    pub const DISCREPANCY: i64 = 5;
    /// Completed with exception.
    pub const WITH_EXCEPTION: i64 = 6;
    /// On Hold.
    pub const ON_HOLD: i64 = 9;
    /// Cancelled.
    pub const CANCELLED: i64 = 10;
}

/// A phone number that SpringVerify takes.
pub const PHONE: &str = "+91 98765 43210";

/// A connected stack between an ATS and a vendor that hold state.
pub struct World {
    /// The stack with both sides around it.
    pub pair: Pair,
    /// The ATS.
    pub ashby: SimAshby,
    /// How Ashby reaches us.
    pub partner: Partner,
    /// The vendor.
    pub springverify: SimSpringVerify,
    /// The assessment type of the first package.
    pub package: String,
    people: std::sync::atomic::AtomicU32,
}

impl World {
    /// Starts everything; the ATS has loaded the package list.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn new() -> Result<Self> {
        let pair = Pair::start(AtsKind::Ashby, VendorKind::SpringVerify).await?;
        let (ashby, partner) = pair.ats.ashby().ok_or("no Ashby is connected")?;
        let (ashby, partner) = (ashby.clone(), partner.clone());
        let springverify = pair.vendor.springverify().ok_or("no SpringVerify is connected")?.clone();
        let picker = ashby.picker();
        let first = picker.first().and_then(|p| p.get("assessment_type_id")).and_then(Value::as_str);
        let package = first.ok_or("the picker is empty")?.to_owned();
        Ok(Self { pair, ashby, partner, springverify, package, people: std::sync::atomic::AtomicU32::new(0) })
    }

    /// A candidate whom nobody else shares an address or a number with.
    pub fn candidate(&self) -> Applicant {
        let n = self.people.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let (email, phone) = (format!("asha{n}@example.com"), format!("98765{n:05}"));
        self.ashby.add_candidate("Asha", "Rao", &email, Some(&phone))
    }

    /// A recruiter starts the check for this application; what Ashby is answered.
    ///
    /// # Errors
    /// When the simulator knows no such application.
    pub async fn recruiter_starts(&self, application: &str) -> Result<Answer> {
        self.recruiter_starts_at(&self.partner, application).await
    }

    /// The same, by way of another partner (another token, say).
    ///
    /// # Errors
    /// As [`World::recruiter_starts`].
    pub async fn recruiter_starts_at(&self, partner: &Partner, application: &str) -> Result<Answer> {
        Ok(self.ashby.recruiter_starts(partner, application, &self.package, Value::Null).await?)
    }

    /// A recruiter orders a check for a new candidate; the order's id.
    ///
    /// # Errors
    /// When the order is refused.
    pub async fn recruiter_orders(&self) -> Result<String> {
        id_of(&self.recruiter_starts(&self.candidate().application_id).await?)
    }

    /// A recruiter orders, and the worker has placed it; the order's id and the vendor's.
    ///
    /// # Errors
    /// When it does not get there.
    pub async fn placed_order(&self) -> Result<(String, i64)> {
        let id = self.recruiter_orders().await?;
        let check = self.placed(&id).await?;
        Ok((id, check))
    }

    /// Waits until the vendor has the order; the vendor's id.
    ///
    /// # Errors
    /// When it does not get there.
    pub async fn placed(&self, id: &str) -> Result<i64> {
        let order = self.pair.until(id, |o| o.placement.vendor_ref().is_some() && at_rest(o)).await?;
        Ok(order.placement.vendor_ref().unwrap_or_default().parse()?)
    }

    /// The vendor moves the check, and pushes it if it pushes that.
    ///
    /// # Errors
    /// When the vendor has no such check.
    pub async fn vendor_reports(&self, check: i64, code: i64) -> Result<Vec<u16>> {
        Ok(self.springverify.vendor_moves(check, code).await?)
    }

    /// Waits until the order is in this state and the ATS knows it.
    ///
    /// # Errors
    /// Says how the order stood.
    pub async fn until(&self, id: &str, state: State) -> Result<Order> {
        Ok(self.pair.until(id, |o| o.status.state == state && at_rest(o)).await?)
    }

    /// Waits until the order's label holds this text.
    ///
    /// # Errors
    /// Says how the order stood.
    pub async fn until_label(&self, id: &str, text: &str) -> Result<Order> {
        Ok(self.pair.until(id, |o| o.status.label.contains(text)).await?)
    }

    /// An hour passes, the sync runs, and the worker has had time.
    ///
    /// # Errors
    /// When the sync fails.
    pub async fn an_hour_passes(&self) -> Result<usize> {
        Ok(self.pair.an_hour_passes().await?)
    }

    /// Waits until the stack has nothing left to do now.
    pub async fn idle(&self) {
        self.pair.idle().await;
    }

    /// What a recruiter sees.
    ///
    /// # Errors
    /// When the ATS never heard of it.
    pub fn ats_shows(&self, id: &str) -> Result<Shown> {
        Ok(self.ashby.shows(id).ok_or("the ATS knows no such assessment")?)
    }

    /// The order as it stands.
    ///
    /// # Errors
    /// When there is none.
    pub async fn order(&self, id: &str) -> std::result::Result<Order, CliError> {
        self.pair.order(id).await
    }

    /// What must hold at the end of every test: the protocol was kept, and this many checks were bought.
    ///
    /// # Errors
    /// Says what did not.
    pub fn ends_with_bought(&self, checks: usize) -> Result {
        let (violations, bought) = (self.ashby.violations(), self.springverify.creates());
        if violations.is_empty() && bought == checks {
            return Ok(());
        }
        Err(format!("bought {bought} checks, expected {checks}; violations: {violations:?}").into())
    }
}

/// Nothing is left to be told.
fn at_rest(order: &Order) -> bool {
    order.told == order.version
}

/// The order's id in the answer to a start.
///
/// # Errors
/// When the start was refused.
pub fn id_of(answer: &Answer) -> Result<String> {
    let id = answer.str_at("/results/assessment_id").filter(|_| answer.is_ok());
    Ok(id.ok_or_else(|| format!("refused with {}: {}", answer.http_status, answer.text))?.to_owned())
}
