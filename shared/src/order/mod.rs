//! What we know about an order, as plain types: no I/O, no clock, no wire names.

mod action;
mod facts;
mod id;
mod placement;
mod status;

pub use action::{Action, Pass, SETTLE, next_action, worth_waiting};
pub use facts::{AtsReference, Candidate, Package, Report, Score};
pub use id::{ConnectionId, OrderId};
pub use placement::Placement;
pub use status::{Move, OUTCOMES, Outcome, Reading, STATES, Source, State, Status};

use jiff::{SignedDuration, Timestamp};

/// History entries kept inside the order; the oldest after the first are dropped.
pub const HISTORY_LIMIT: usize = 60;

/// One line of an order's story. Texts hold no candidate data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it was recorded.
    pub at: Timestamp,
    /// What happened, as a sentence for an operator.
    pub text: String,
}

/// One check, ordered once, from a recruiter's click to the last word told to the ATS.
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
    /// How far the purchase at the vendor is.
    pub placement: Placement,
    /// The page at the vendor that a recruiter may open.
    pub profile_url: Option<String>,
    /// The report at the vendor, from vendors that push its address; we fetch others when they are opened.
    pub report_url: Option<String>,
    /// The score, from vendors that give one.
    pub score: Option<Score>,
    /// Set once a completed check was reopened: what the ATS showed as its result is not final.
    pub reopened: bool,
    /// Set when the ATS asked to cancel and the vendor has not answered yet.
    pub cancel_asked: bool,
    /// Set by a door when the vendor should be asked for the truth.
    pub ask: bool,
    /// Rises with every change that the ATS should see.
    pub version: u64,
    /// The version that the ATS was last told; 0 is what it saw when it ordered.
    pub told: u64,
    /// Timestamp of the last update sent to the ATS, which wants them strictly rising.
    pub told_at: Option<Timestamp>,
    /// Until when one worker is telling the ATS; no other may meanwhile, or an older update could overtake a newer.
    pub telling_until: Option<Timestamp>,
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
    /// When it reached its last closed state.
    pub closed_at: Option<Timestamp>,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The order changed and the ATS should be told.
    Changed,
    /// Nothing new.
    Unchanged,
    /// The report contradicts what we know; the vendor is to be asked.
    Doubted,
    /// The vendor used a word that its table does not have.
    UnknownWord,
}

impl Order {
    /// Appends a line to the order's story, dropping the second oldest when it is full.
    pub fn note(&mut self, now: Timestamp, text: impl Into<String>) {
        if self.history.len() >= HISTORY_LIMIT {
            self.history.remove(1);
        }
        self.history.push(Entry { at: now, text: text.into() });
    }

    /// Sets where the order stands; the ATS will be told if that is news. Returns whether it was.
    pub fn stand(&mut self, status: Status, now: Timestamp) -> bool {
        if self.status == status {
            return false;
        }
        self.closed_at = match (status.state.is_closed(), self.status.state.is_closed()) {
            (true, false) => Some(now),
            (true, true) => self.closed_at,
            (false, _) => None,
        };
        self.note(now, status.sentence());
        self.reopened |= self.status.state == State::Completed && !status.state.is_closed();
        if matches!(status.state, State::InProgress | State::Completed) {
            self.submitted_at.get_or_insert(now);
        }
        self.status = status;
        self.version += 1;
        true
    }

    /// Records that the vendor has the order under this id, and where it stands there from the start.
    pub fn placed(&mut self, vendor_ref: String, profile_url: Option<String>, status: Status, now: Timestamp) {
        self.note(now, format!("placed with the vendor as {vendor_ref}"));
        self.placement = Placement::Placed { vendor_ref };
        self.placed_at.get_or_insert(now);
        self.see_profile(profile_url);
        self.stand(status, now);
    }

    /// Takes a report. A pushed one that would move the order back is doubted: the vendor is asked instead.
    pub fn take(&mut self, report: Report, now: Timestamp) -> Taken {
        if let Some(vendor_ref) = report.vendor_ref
            && self.placement.vendor_ref().is_none()
        {
            // The callback overtook the answer to our own call.
            self.placed(vendor_ref, None, Status::plain(State::Ordered, "Placed with the vendor"), now);
        }
        let news = self.see_profile(report.profile_url) | self.see_score(report.score);
        match report.reading {
            Reading::Unknown { word } => {
                let label = Status { label: word, ..self.status.clone() };
                self.stand(label, now);
                Taken::UnknownWord
            }
            Reading::Known(status) => match self.status.state.towards(status.state, report.source) {
                Move::Legal if self.stand(status, now) || news => Taken::Changed,
                Move::Legal => Taken::Unchanged,
                Move::Ask => {
                    self.ask = true;
                    Taken::Doubted
                }
            },
        }
    }

    /// Records the ATS's wish to cancel. An order that was never sent to the vendor ends at once.
    pub fn ask_to_cancel(&mut self, now: Timestamp) {
        if self.status.state.is_closed() || self.cancel_asked {
            return;
        }
        self.note(now, "the ATS asked to cancel");
        if matches!(self.placement, Placement::Held | Placement::NotPlaced) {
            self.stand(Status::plain(State::Cancelled, "Cancelled before it reached the vendor"), now);
        } else {
            self.cancel_asked = true;
        }
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

    /// Records that the ATS saw `version`.
    pub fn told(&mut self, version: u64) {
        self.told = self.told.max(version);
        self.telling_until = None;
    }

    /// Whether there is a report to open: the check is completed, or was and has been reopened.
    pub fn has_report(&self) -> bool {
        self.placement.vendor_ref().is_some() && (self.status.state == State::Completed || self.reopened)
    }

    /// Whether the hourly sync still has work with this order.
    pub const fn is_open(&self) -> bool {
        !self.status.state.is_closed() || self.told < self.version
    }

    /// When the candidate's data must go: `days` after closing. `None` while the order is not closed or it has gone.
    pub fn forget_at(&self, days: i64) -> Option<Timestamp> {
        self.candidate.as_ref()?;
        self.closed_at?.checked_add(SignedDuration::from_hours(24 * days)).ok()
    }

    fn see_score(&mut self, score: Option<Score>) -> bool {
        let news = score.is_some() && self.score != score;
        if news {
            self.score = score;
            self.version += 1;
        }
        news
    }

    fn see_profile(&mut self, url: Option<String>) -> bool {
        match url {
            Some(url) if self.profile_url.as_ref() != Some(&url) => {
                self.profile_url = Some(url);
                self.version += 1;
                true
            }
            _ => false,
        }
    }
}
