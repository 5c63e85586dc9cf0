//! How an order takes a vendor's report: an answer is believed, a push of a vendor that cannot be asked may be old news.

use jiff::{SignedDuration, Timestamp};

use super::{Detail, Order, Reading, Report, Score, Status, clean};

/// A date further ahead of our clock than this is the vendor's error. It is ignored, or every later report would look
/// old.
const AHEAD_AT_MOST: SignedDuration = SignedDuration::from_hours(24);

/// Vendors repeat failed calls within this time. An undated push that contradicts a closed order is a late repetition
/// within it, and a reopened check afterwards.
const LATE_AT_MOST: SignedDuration = SignedDuration::from_hours(1);

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The order changed and the ATS should be told.
    Changed,
    /// Nothing new.
    Unchanged,
    /// It contradicts what is known and may be older: it changed nothing.
    NotBelieved,
    /// The vendor used a word that its table does not have.
    UnknownWord,
}

impl Order {
    /// Takes a report of a vendor that cannot be asked. One that would move the order back is not believed. Where the
    /// vendor dates its reports, one from before the last is old news, and one from after it is believed as an answer
    /// would be, a reopened check included.
    pub fn take_push(&mut self, report: Report, now: Timestamp) -> Taken {
        let said_at = report.said_at.filter(|at| at.duration_since(now) <= AHEAD_AT_MOST);
        let is_newest = match (said_at, self.reported_at) {
            (Some(said), Some(last)) if said < last => return Taken::Unchanged,
            (Some(said), Some(last)) => said > last,
            _ => false,
        };
        let is_believed = is_newest || self.is_settled(now);
        if let Some(vendor_ref) = &report.vendor_ref
            && self.placement.vendor_ref().is_none()
        {
            // The push overtook the answer to our own call.
            self.placed(vendor_ref.clone(), None, Status::placed(), now);
        }
        if let Reading::Known(status) = &report.reading
            && !is_believed
            && !self.status.state.may_be_pushed_to(status.state)
        {
            return Taken::NotBelieved;
        }
        self.reported_at = said_at.or(self.reported_at);
        self.believe(report, now)
    }

    /// Takes what the vendor answered to a question, so that the ATS converges on the vendor's truth. A word that nobody
    /// knows becomes the label and leaves the state as it is.
    pub fn believe(&mut self, report: Report, now: Timestamp) -> Taken {
        self.report_url = report.report_url.or(self.report_url.take());
        let news =
            self.see_profile(report.profile_url) | self.see_score(report.score) | self.see_details(report.details);
        match report.reading {
            Reading::Unknown { word } => {
                self.set_status(Status { label: word, ..self.status.clone() }, now);
                Taken::UnknownWord
            }
            Reading::Known(status) => {
                let moved = self.set_status(status, now);
                if moved || news { Taken::Changed } else { Taken::Unchanged }
            }
        }
    }

    /// Whether the order has been closed for so long that a push is probably not a late one.
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

    /// Takes what else the vendor says. A report that says nothing more takes nothing back.
    fn see_details(&mut self, details: Vec<Detail>) -> bool {
        let cleaned = |one: Detail| Detail { label: clean::name(&one.label), value: clean::name(&one.value) };
        let details: Vec<Detail> = details.into_iter().map(cleaned).collect();
        let news = !details.is_empty() && self.details != details;
        if news {
            self.details = details;
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
    use crate::order::tests::{at, placed};
    use crate::order::{Outcome, State};

    /// Our clock in these tests. The vendor's is a hundred seconds behind.
    fn now() -> Timestamp {
        at(1_000)
    }

    #[test]
    fn what_a_vendor_says_is_one_line_without_escapes_or_marks_of_direction() {
        let mut order = placed();
        let evil = "\u{1b}]52;c;Y2F0\u{7} Re\u{202e}view\r\n\u{9b}31m";
        let status = Status { state: State::InProgress, outcome: Outcome::None, label: evil.to_owned() };
        let details = vec![Detail { label: evil.to_owned(), value: evil.to_owned() }];
        order.believe(Report { details, ..Report::saying(Reading::Known(status)) }, now());
        order.believe(Report::saying(Reading::Unknown { word: format!("{evil}!") }), now());
        let history = order.history.iter().map(|line| line.text.as_str());
        let details = order.details.iter().flat_map(|one| [one.label.as_str(), one.value.as_str()]);
        for text in history.chain(details).chain([order.status.label.as_str()]) {
            assert!(!text.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)), "{text:?}");
        }
        assert!(order.status.label.contains("Review"), "{}", order.status.label);
    }

    fn pushed(state: State, said_at: Option<i64>) -> Report {
        let outcome = if state == State::Completed { Outcome::Clear } else { Outcome::None };
        let reading = Reading::Known(Status { state, outcome, label: state.to_string() });
        Report { vendor_ref: Some("v".to_owned()), said_at: said_at.map(at), ..Report::saying(reading) }
    }

    #[test]
    fn a_report_from_before_the_last_changes_nothing_at_all() {
        let mut order = placed();
        assert_eq!(order.take_push(pushed(State::InProgress, Some(900)), now()), Taken::Changed);
        let before = order.clone();
        let mut late = pushed(State::Completed, Some(899));
        late.profile_url = Some("https://vendor.example/old".to_owned());
        assert_eq!(order.take_push(late, now()), Taken::Unchanged);
        let word = Reading::Unknown { word: "odd".to_owned() };
        let odd = Report { reading: word, ..pushed(State::Ordered, Some(1)) };
        assert_eq!(order.take_push(odd, now()), Taken::Unchanged);
        assert_eq!(order, before);
    }

    #[test]
    fn a_report_from_after_the_last_is_believed_and_may_reopen_a_completed_check() {
        let mut order = placed();
        order.take_push(pushed(State::Completed, Some(900)), now());
        assert_eq!(order.take_push(pushed(State::InProgress, Some(901)), now()), Taken::Changed);
        assert!(order.reopened && order.closed_at.is_none());
        let again = order.take_push(pushed(State::Completed, Some(900)), now());
        assert_eq!(again, Taken::Unchanged, "the old result again");
        assert_eq!(order.status.state, State::InProgress);
        assert_eq!(order.take_push(pushed(State::Completed, Some(902)), now()), Taken::Changed);
        assert_eq!(order.reported_at, Some(at(902)));
    }

    #[test]
    fn a_repetition_an_undated_and_the_first_dated_report_go_forwards_only() {
        let mut order = placed();
        order.take_push(pushed(State::InProgress, None), now());
        assert_eq!(order.take_push(pushed(State::AwaitingCandidate, Some(900)), now()), Taken::NotBelieved);
        assert_eq!(order.reported_at, None, "what is not believed dates nothing");
        order.take_push(pushed(State::Completed, Some(900)), now());
        assert_eq!(order.take_push(pushed(State::Completed, Some(900)), now()), Taken::Unchanged);
        assert_eq!(order.take_push(pushed(State::InProgress, Some(900)), now()), Taken::NotBelieved);
        assert_eq!(order.take_push(pushed(State::InProgress, None), now()), Taken::NotBelieved);
        assert_eq!(order.status.state, State::Completed);
    }

    #[test]
    fn an_unknown_word_is_dated_too_and_a_date_far_ahead_counts_as_none() {
        let mut order = placed();
        let word = Reading::Unknown { word: "odd".to_owned() };
        order.take_push(Report { reading: word, ..pushed(State::Ordered, Some(900)) }, now());
        assert_eq!((order.reported_at, order.status.label.as_str()), (Some(at(900)), "odd"));
        order.take_push(pushed(State::InProgress, Some(2_000_000_000)), now());
        assert_eq!((order.reported_at, order.status.state), (Some(at(900)), State::InProgress));
        assert_eq!(order.take_push(pushed(State::Completed, Some(901)), now()), Taken::Changed);
    }

    #[test]
    fn without_a_date_another_result_of_a_completed_check_is_believed() {
        let mut order = placed();
        order.take_push(pushed(State::Completed, None), now());
        let status = Status { state: State::Completed, outcome: Outcome::Review, label: "other".to_owned() };
        let other = Report { reading: Reading::Known(status), ..pushed(State::Completed, None) };
        assert_eq!(order.take_push(other, now()), Taken::Changed);
        assert_eq!(order.status.outcome, Outcome::Review);
    }

    #[test]
    fn a_push_without_a_date_reopens_only_what_has_settled() {
        let mut order = placed();
        order.take_push(pushed(State::Completed, None), now());
        let later = |hours| now().checked_add(SignedDuration::from_hours(hours)).expect("a time");
        order.take_push(pushed(State::InProgress, None), later(1));
        assert_eq!((order.status.state, order.reopened), (State::Completed, false));
        assert_eq!(order.take_push(pushed(State::InProgress, None), later(2)), Taken::Changed);
        assert_eq!((order.status.state, order.reopened), (State::InProgress, true));
    }
}
