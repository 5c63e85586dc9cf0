//! What we know about an order, as plain types: no I/O, no clock, no wire names.

mod action;
pub mod clean;
pub mod email;
mod facts;
mod id;
mod not_ordered;
pub mod phone;
mod placement;
mod question;
mod status;
mod taking;

pub use action::{Action, Pass, next_action, worth_waiting};
pub use facts::{AtsReference, Candidate, Detail, Entry, Package, RefusedUpdate, Report, Score, job_title, page_url};
pub use id::{ConnectionId, OrderId};
pub use not_ordered::NotOrdered;
pub use placement::{Cancellation, Placement};
pub use question::{ASK_AGAIN, Question};
pub use status::{Beside, OUTCOMES, Outcome, Reading, STATES, State, Status, headed};
pub use taking::Taken;

use jiff::{SignedDuration, Timestamp};

/// History entries kept inside the order; the oldest after the first are dropped.
pub const HISTORY_LIMIT: usize = 60;

/// One check, from the recruiter's click until the ATS has seen the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Our id, and the assessment id that an ATS sees.
    pub id: OrderId,
    /// The connection that it came in by.
    pub connection: ConnectionId,
    /// Where it came from.
    pub reference: AtsReference,
    /// What was ordered.
    pub package: Package,
    /// Who is checked; gone some days after the order closes.
    pub candidate: Option<Candidate>,
    /// Whether the vendor cannot start without a phone number.
    pub needs_phone: bool,
    /// Where it stands. Changed only by the methods of this module.
    pub status: Status,
    /// Whether it was refused: it failed before anything was bought, and its label is the whole sentence of a
    /// [`NotOrdered`].
    pub refused: bool,
    /// How far the purchase at the vendor is.
    pub placement: Placement,
    /// The page at the vendor that a recruiter may open.
    pub profile_url: Option<String>,
    /// The report at the vendor, from vendors that push its address; we fetch others when they are opened.
    pub report_url: Option<String>,
    /// The score, from vendors that give one.
    pub score: Option<Score>,
    /// What else the vendor said last, from vendors that say more than a status and a result.
    pub details: Vec<Detail>,
    /// Whether a completed check was reopened, so that the result which the ATS showed is not final.
    pub reopened: bool,
    /// The wish to cancel, until the vendor has answered.
    pub cancellation: Cancellation,
    /// The vendor's ids of the candidate's invitations, oldest first, from vendors that invite and can be asked by them.
    pub invitations: Vec<String>,
    /// Rises whenever something is a reason to ask the vendor: a push, a button, a cancellation that it accepted.
    pub asked_for: u64,
    /// The value of `asked_for` that the vendor's last answer settled.
    pub answered: u64,
    /// When the vendor is to be asked once more, since its answer to a push showed nothing new.
    pub ask_again_at: Option<Timestamp>,
    /// When a person last had the vendor asked.
    pub refreshed_at: Option<Timestamp>,
    /// Rises with every change that the ATS should see.
    pub version: u64,
    /// The version that the ATS was last told; 0 is what it saw when it ordered.
    pub told: u64,
    /// Timestamp of the last update sent to the ATS, which wants them strictly rising.
    pub told_at: Option<Timestamp>,
    /// Until when one worker is telling the ATS. No other worker may tell it meanwhile, or an older update could
    /// overtake a newer one.
    pub telling_until: Option<Timestamp>,
    /// The update that the ATS refused, until it takes one.
    pub refused_update: Option<RefusedUpdate>,
    /// Rises with every write; the store refuses a write over a newer one.
    pub revision: u64,
    /// What happened, oldest first, bounded by [`HISTORY_LIMIT`].
    pub history: Vec<Entry>,
    /// When the recruiter ordered.
    pub created_at: Timestamp,
    /// When the vendor had the order.
    pub placed_at: Option<Timestamp>,
    /// When the candidate had done their part, as far as the vendor's status words tell.
    pub submitted_at: Option<Timestamp>,
    /// The latest date of a report that was believed, by the vendor's clock; `None` until a dated one was.
    pub reported_at: Option<Timestamp>,
    /// When it reached its last closed state.
    pub closed_at: Option<Timestamp>,
}

impl Order {
    /// An order about which nothing is known yet but where it comes from.
    pub fn new(connection: ConnectionId, reference: AtsReference, package: Package, now: Timestamp) -> Self {
        Self {
            id: OrderId::generate(),
            connection,
            reference,
            package,
            candidate: None,
            needs_phone: false,
            status: Status::plain(State::Ordered, "Ordered"),
            refused: false,
            placement: Placement::NotPlaced,
            profile_url: None,
            report_url: None,
            score: None,
            details: Vec::new(),
            reopened: false,
            cancellation: Cancellation::None,
            invitations: Vec::new(),
            asked_for: 0,
            answered: 0,
            ask_again_at: None,
            refreshed_at: None,
            version: 0,
            told: 0,
            told_at: Some(now),
            telling_until: None,
            refused_update: None,
            revision: 0,
            history: Vec::new(),
            created_at: now,
            placed_at: None,
            submitted_at: None,
            reported_at: None,
            closed_at: None,
        }
    }

    /// Whether the vendor needs a phone number that is not known yet.
    pub fn lacks_phone(&self) -> bool {
        self.needs_phone && self.candidate.as_ref().is_some_and(|candidate| candidate.phone.is_none())
    }

    /// Appends a line to the order's history. When the history is full, drops the second oldest line.
    pub fn note(&mut self, now: Timestamp, text: impl Into<String>) {
        if self.history.len() >= HISTORY_LIMIT {
            self.history.remove(1);
        }
        self.history.push(Entry { at: now, text: text.into() });
    }

    /// Sets where the order stands; the ATS will be told if that is news. Returns whether it was.
    pub fn set_status(&mut self, status: Status, now: Timestamp) -> bool {
        // Words of a vendor's reach terminals and screens: no escapes, line breaks or marks of direction.
        let Status { state, outcome, label } = status;
        let status = Status { state, outcome, label: clean::name(&label) };
        if self.status == status {
            return false;
        }
        self.closed_at = match (status.state.is_closed(), self.status.state.is_closed()) {
            (true, false) => Some(now),
            (true, true) => self.closed_at,
            (false, _) => None,
        };
        if status.state.is_closed() {
            self.cancellation = Cancellation::None;
        }
        self.note(now, status.sentence());
        self.reopened |= self.status.state == State::Completed && !status.state.is_closed();
        if matches!(status.state, State::InProgress | State::Completed) {
            self.submitted_at.get_or_insert(now);
        }
        self.status = status;
        self.refused = false;
        self.version += 1;
        true
    }

    /// Ends the order as refused: nothing was bought.
    pub fn refuse(&mut self, why: &NotOrdered, now: Timestamp) {
        self.refused |= self.set_status(Status::plain(State::Failed, why.to_string()), now);
    }

    /// Records that the vendor has the order under this id, and where it stands there from the start.
    pub fn placed(&mut self, vendor_ref: String, profile_url: Option<String>, status: Status, now: Timestamp) {
        self.known_as(vendor_ref, now);
        self.see_profile(profile_url);
        self.set_status(status, now);
    }

    /// Records the vendor's id of the order.
    fn known_as(&mut self, vendor_ref: String, now: Timestamp) {
        self.note(now, format!("placed with the vendor as {vendor_ref}"));
        self.placement = Placement::Placed { vendor_ref };
        self.placed_at.get_or_insert(now);
    }

    /// Records the wish to cancel; `who` names whose it is in the order's story. An order that was never sent to the
    /// vendor ends at once.
    pub fn ask_to_cancel(&mut self, who: &str, now: Timestamp) {
        if self.status.state.is_closed() || self.is_cancelling() {
            return;
        }
        self.note(now, format!("{who} asked to cancel"));
        if matches!(self.placement, Placement::Held | Placement::Incomplete | Placement::NotPlaced) {
            self.set_status(Status::plain(State::Cancelled, "Cancelled before it reached the vendor"), now);
        } else {
            self.cancellation = Cancellation::Requested;
        }
    }

    /// Closes an open order whatever the vendor does with it. A result that still comes is taken.
    pub fn close(&mut self, now: Timestamp) {
        self.note(now, "the Crosscheck administrator closed it");
        self.drop_questions();
        if self.placement.tried_since().is_some() {
            self.placement = Placement::NotPlaced;
        }
        self.set_status(
            Status::plain(State::Cancelled, "Closed in Crosscheck; the vendor may still go on with the check"),
            now,
        );
    }

    /// Ends the attempts to tell the ATS what it refuses to take. Returns whether there was such an update.
    pub fn give_up_telling(&mut self, now: Timestamp) -> bool {
        let Some(refused) = self.refused_update.take() else { return false };
        self.note(now, format!("the Crosscheck administrator gave up telling the ATS ({})", refused.detail));
        self.told(self.version);
        true
    }

    /// Whether somebody asked to cancel and the vendor has not answered yet.
    pub fn is_cancelling(&self) -> bool {
        self.cancellation != Cancellation::None
    }

    /// Reserves the right to tell the ATS until `until`; the timestamp to tell it with. It rises strictly, even if two
    /// updates fall into one millisecond or a clock was set back.
    pub fn begin_to_tell(&mut self, now: Timestamp, until: Timestamp) -> Timestamp {
        let earliest = self.told_at.and_then(|at| at.checked_add(SignedDuration::from_millis(1)).ok());
        let at = earliest.map_or(now, |earliest| earliest.max(now));
        self.told_at = Some(at);
        self.telling_until = Some(until);
        at
    }

    /// The ATS has started the check that a rule ordered: it has a card now, which is told everything.
    pub fn gets_card(&mut self, reference: &AtsReference, now: Timestamp) {
        if self.reference.has_no_card {
            // The key stays: the event that made this order may come again.
            let idempotency_key = self.reference.idempotency_key.take();
            self.reference = AtsReference { idempotency_key, ..reference.clone() };
            self.version += 1;
            self.note(now, "the ATS has started the same check");
        }
    }

    /// Records that the ATS saw `version`.
    pub fn told(&mut self, version: u64) {
        self.told = self.told.max(version);
        self.telling_until = None;
        self.refused_update = None;
    }

    /// Whether there is a report to open: the check is completed, or was and has been reopened.
    pub fn has_report(&self) -> bool {
        self.placement.vendor_ref().is_some() && (self.status.state == State::Completed || self.reopened)
    }

    /// Whether the hourly sync still has work with this order.
    pub fn is_open(&self) -> bool {
        let asks = (self.has_question() || self.ask_again_at.is_some()) && self.placement.vendor_ref().is_some();
        !self.status.state.is_closed() || self.told < self.version || asks
    }

    /// When the candidate's data must go: `days` after closing. `None` while the order is not closed or it has gone.
    pub fn forget_at(&self, days: i64) -> Option<Timestamp> {
        self.candidate.as_ref()?;
        self.closed_at?.checked_add(SignedDuration::from_hours(24 * days)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    /// An order that the vendor knows as `v`.
    pub(super) fn placed() -> Order {
        let package = Package { id: "p".into(), name: "P".into(), description: String::new() };
        let mut order = Order::new(ConnectionId::from_random([1; 8]), AtsReference::default(), package, at(0));
        order.placed("v".to_owned(), None, Status::plain(State::Ordered, "ordered"), at(0));
        order
    }
}
