//! What we know about an order, as plain types: no I/O, no clock, no wire names.

mod action;
mod facts;
mod id;
mod placement;
mod status;

pub use action::{Action, Pass, SETTLE, next_action, worth_waiting};
pub use facts::{AtsReference, Candidate, Entry, Package, Report, Score, job_title};
pub use id::{ConnectionId, OrderId};
pub use placement::Placement;
pub use status::{Move, OUTCOMES, Outcome, Reading, STATES, Source, State, Status};

use jiff::{SignedDuration, Timestamp};

/// History entries kept inside the order; the oldest after the first are dropped.
pub const HISTORY_LIMIT: usize = 60;

/// A vendor's date that is further ahead of our clock than this is an error of the vendor's: if it counted, every
/// later report would look old.
const AHEAD_AT_MOST: SignedDuration = SignedDuration::from_hours(24);

/// Vendors send a call that failed again within this time. A push without a date that contradicts how an order ended is
/// old news before, and a reopened check afterwards; where the vendor can be asked, it is asked instead.
const LATE_AT_MOST: SignedDuration = SignedDuration::from_hours(1);

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
    /// The latest date of a report that was believed, by the vendor's clock; `None` until a dated one was.
    pub reported_at: Option<Timestamp>,
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
            placement: Placement::NotPlaced,
            profile_url: None,
            report_url: None,
            score: None,
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
        self.cancel_asked &= !status.state.is_closed();
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

    /// Takes a report. A pushed one that would move the order back is doubted: the vendor is asked instead. Where the
    /// vendor dates its reports, one from before the last is old news, and one from after it is believed as an answer
    /// would be, a reopened check included.
    pub fn take(&mut self, report: Report, now: Timestamp) -> Taken {
        let said_at = report.said_at.filter(|at| at.duration_since(now) <= AHEAD_AT_MOST);
        let source = match (said_at, self.reported_at) {
            (Some(said), Some(last)) if said < last => return Taken::Unchanged,
            (Some(said), Some(last)) if said > last => Source::Asked,
            _ if report.source == Source::OnlyPushed && self.is_settled(now) => Source::Asked,
            _ => report.source,
        };
        if let Some(vendor_ref) = report.vendor_ref
            && self.placement.vendor_ref().is_none()
        {
            // The callback overtook the answer to our own call.
            self.placed(vendor_ref, None, Status::plain(State::Ordered, "Placed with the vendor"), now);
        }
        match report.reading {
            Reading::Unknown { word } => {
                self.see(report.profile_url, report.report_url, report.score);
                let label = Status { label: word, ..self.status.clone() };
                self.stand(label, now);
                self.reported_at = said_at.or(self.reported_at);
                Taken::UnknownWord
            }
            Reading::Known(status) => match self.towards(&status, source) {
                Move::Legal => {
                    self.reported_at = said_at.or(self.reported_at);
                    let news = self.see(report.profile_url, report.report_url, report.score);
                    if self.stand(status, now) || news { Taken::Changed } else { Taken::Unchanged }
                }
                Move::Ask => {
                    self.ask = true;
                    Taken::Doubted
                }
            },
        }
    }

    /// Takes what a believed report brings beside its words. Returns whether the ATS should see it.
    fn see(&mut self, profile_url: Option<String>, report_url: Option<String>, score: Option<Score>) -> bool {
        self.report_url = report_url.or(self.report_url.take());
        self.see_profile(profile_url) | self.see_score(score)
    }

    /// As [`State::towards`]. Another result of a check that is over may be the late one of two: where the vendor can
    /// be asked, it is.
    fn towards(&self, next: &Status, source: Source) -> Move {
        let is_other = self.status.outcome != Outcome::None && self.status.outcome != next.outcome;
        if source == Source::Pushed && self.status.state.is_closed() && is_other {
            return Move::Ask;
        }
        self.status.state.towards(next.state, source)
    }

    /// Whether the order is closed for so long that a push can hardly be a late one any more.
    fn is_settled(&self, now: Timestamp) -> bool {
        self.closed_at.is_some_and(|at| now.duration_since(at) > LATE_AT_MOST)
    }

    /// Records the ATS's wish to cancel. An order that was never sent to the vendor ends at once.
    pub fn ask_to_cancel(&mut self, now: Timestamp) {
        if self.status.state.is_closed() || self.cancel_asked {
            return;
        }
        self.note(now, "the ATS asked to cancel");
        if matches!(self.placement, Placement::Held | Placement::Incomplete | Placement::NotPlaced) {
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

    /// Takes the page at the vendor, where there is one. Returns whether it was news.
    pub fn see_profile(&mut self, url: Option<String>) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    /// Our clock in these tests. The vendor's is a hundred seconds behind.
    fn now() -> Timestamp {
        at(1_000)
    }

    fn placed() -> Order {
        let package = Package { id: "p".into(), name: "P".into(), description: String::new() };
        let mut order = Order::new(ConnectionId::from_random([1; 8]), AtsReference::default(), package, at(0));
        order.placed("v".to_owned(), None, Status::plain(State::Ordered, "Received"), now());
        order
    }

    fn pushed(state: State, said_at: Option<i64>) -> Report {
        let outcome = if state == State::Completed { Outcome::Clear } else { Outcome::None };
        Report {
            source: Source::Pushed,
            reading: Reading::Known(Status { state, outcome, label: state.to_string() }),
            vendor_ref: Some("v".to_owned()),
            profile_url: None,
            report_url: None,
            score: None,
            said_at: said_at.map(at),
        }
    }

    #[test]
    fn a_report_from_before_the_last_changes_nothing_at_all() {
        let mut order = placed();
        assert_eq!(order.take(pushed(State::InProgress, Some(900)), now()), Taken::Changed);
        let before = order.clone();
        let mut late = pushed(State::Completed, Some(899));
        late.profile_url = Some("https://vendor.example/old".to_owned());
        assert_eq!(order.take(late, now()), Taken::Unchanged);
        let word = Reading::Unknown { word: "odd".to_owned() };
        assert_eq!(order.take(Report { reading: word, ..pushed(State::Ordered, Some(1)) }, now()), Taken::Unchanged);
        assert_eq!(order, before);
    }

    #[test]
    fn a_report_from_after_the_last_is_believed_and_may_reopen_a_completed_check() {
        let mut order = placed();
        order.take(pushed(State::Completed, Some(900)), now());
        assert_eq!(order.take(pushed(State::InProgress, Some(901)), now()), Taken::Changed);
        assert!(order.reopened && !order.ask && order.closed_at.is_none());
        assert_eq!(order.take(pushed(State::Completed, Some(900)), now()), Taken::Unchanged, "the old result again");
        assert_eq!(order.status.state, State::InProgress);
        assert_eq!(order.take(pushed(State::Completed, Some(902)), now()), Taken::Changed);
        assert_eq!(order.reported_at, Some(at(902)));
    }

    #[test]
    fn a_repetition_an_undated_and_the_first_dated_report_go_forwards_only() {
        let mut order = placed();
        order.take(pushed(State::InProgress, None), now());
        assert_eq!(order.take(pushed(State::AwaitingCandidate, Some(900)), now()), Taken::Doubted);
        assert_eq!(order.reported_at, None, "what is doubted dates nothing");
        order.take(pushed(State::Completed, Some(900)), now());
        assert_eq!(order.take(pushed(State::Completed, Some(900)), now()), Taken::Unchanged);
        assert_eq!(order.take(pushed(State::InProgress, Some(900)), now()), Taken::Doubted);
        assert_eq!(order.take(pushed(State::InProgress, None), now()), Taken::Doubted);
        assert_eq!(order.status.state, State::Completed);
    }

    #[test]
    fn an_unknown_word_is_dated_too_and_a_date_far_ahead_counts_as_none() {
        let mut order = placed();
        let word = Reading::Unknown { word: "odd".to_owned() };
        order.take(Report { reading: word, ..pushed(State::Ordered, Some(900)) }, now());
        assert_eq!((order.reported_at, order.status.label.as_str()), (Some(at(900)), "odd"));
        order.take(pushed(State::InProgress, Some(2_000_000_000)), now());
        assert_eq!((order.reported_at, order.status.state), (Some(at(900)), State::InProgress));
        assert_eq!(order.take(pushed(State::Completed, Some(901)), now()), Taken::Changed);
    }

    #[test]
    fn another_result_is_asked_about_where_the_vendor_can_be_asked() {
        let other = |source| {
            let status = Status { state: State::Completed, outcome: Outcome::Review, label: "other".to_owned() };
            Report { source, reading: Reading::Known(status), ..pushed(State::Completed, None) }
        };
        let mut order = placed();
        order.take(pushed(State::Completed, None), now());
        assert_eq!(order.take(other(Source::Pushed), now()), Taken::Doubted);
        assert_eq!((order.status.outcome, order.ask), (Outcome::Clear, true));
        assert_eq!(order.take(other(Source::OnlyPushed), now()), Taken::Changed);
        assert_eq!(order.take(pushed(State::Completed, None), now()), Taken::Doubted);
        assert_eq!(order.take(other(Source::Asked), now()), Taken::Unchanged);
    }

    #[test]
    fn a_push_that_can_neither_be_dated_nor_asked_about_reopens_only_what_has_settled() {
        let reopened = || Report { source: Source::OnlyPushed, ..pushed(State::InProgress, None) };
        let mut order = placed();
        order.take(Report { source: Source::OnlyPushed, ..pushed(State::Completed, None) }, now());
        let later = |hours| now().checked_add(SignedDuration::from_hours(hours)).expect("a time");
        order.take(reopened(), later(1));
        assert_eq!((order.status.state, order.reopened), (State::Completed, false));
        assert_eq!(order.take(reopened(), later(2)), Taken::Changed);
        assert_eq!((order.status.state, order.reopened), (State::InProgress, true));
    }
}
