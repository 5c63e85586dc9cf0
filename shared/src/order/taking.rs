//! How an order takes a vendor's report: believed, doubted or old news.

use jiff::{SignedDuration, Timestamp};

use super::{Move, Order, Outcome, Reading, Report, Score, Source, State, Status};

/// A vendor's date that is further ahead of our clock than this is an error of the vendor's: if it counted, every
/// later report would look old.
const AHEAD_AT_MOST: SignedDuration = SignedDuration::from_hours(24);

/// Vendors send a call that failed again within this time. A push without a date that contradicts how an order ended is
/// old news before, and a reopened check afterwards; where the vendor can be asked, it is asked instead.
const LATE_AT_MOST: SignedDuration = SignedDuration::from_hours(1);

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
                    // Of two pushes that are as far as each other, nothing tells which the vendor sent last.
                    self.ask |= source == Source::Pushed
                        && self.status.state.is_as_far_as(status.state)
                        && self.status != status;
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

    /// As [`State::towards`]. Another result of a check that is over may be the late one of two, and the end of a
    /// reopened one the end that it had before: where the vendor can be asked, it is.
    fn towards(&self, next: &Status, source: Source) -> Move {
        let is_other = self.status.outcome != Outcome::None && self.status.outcome != next.outcome;
        let may_be_late =
            if self.status.state.is_closed() { is_other } else { self.reopened && next.state.is_closed() };
        if source == Source::Pushed && may_be_late {
            return Move::Ask;
        }
        self.status.state.towards(next.state, source)
    }

    /// Whether the order is closed for so long that a push can hardly be a late one any more.
    fn is_settled(&self, now: Timestamp) -> bool {
        self.closed_at.is_some_and(|at| now.duration_since(at) > LATE_AT_MOST)
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
    use crate::order::{AtsReference, ConnectionId, Package};

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
