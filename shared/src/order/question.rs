//! Questions to a vendor that can be asked: what raises one, and what its answer settles.

use jiff::{SignedDuration, Timestamp};

use super::{Order, Report, Status, Taken};

/// When the answer to a push shows nothing new, the vendor is asked once more after this time: a vendor may push before
/// its reads show the news.
pub const ASK_AGAIN: SignedDuration = SignedDuration::from_secs(60);

/// Invitations kept per order. A candidate who has not handed in the form may be invited anew a few times.
const INVITATIONS: usize = 4;

/// A question that is under way, with what was known when it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    asked_for: u64,
    answered: u64,
    status: Status,
    is_second: bool,
}

impl Order {
    /// Makes the worker ask the vendor where the check stands.
    pub const fn ask_vendor(&mut self) {
        self.asked_for = self.asked_for.saturating_add(1);
    }

    /// Whether there is a question that the vendor has not answered yet.
    pub const fn has_question(&self) -> bool {
        self.asked_for > self.answered
    }

    /// Takes a push of a vendor that can be asked: a reason to ask, and perhaps an id that was not known yet. What the
    /// push says of the check is not looked at.
    pub fn take_notice(&mut self, vendor_ref: Option<&str>, invitation: Option<&str>, now: Timestamp) {
        self.ask_vendor();
        if let Some(vendor_ref) = vendor_ref
            && self.placement.vendor_ref().is_none()
        {
            // The push overtook the answer to our own call, or settles a purchase that got no clear answer.
            self.known_as(vendor_ref.to_owned(), now);
            // An order that is over stays so until the vendor has answered.
            if !self.status.state.is_closed() {
                self.set_status(Status::placed(), now);
            }
        }
        self.see_invitation(invitation);
    }

    /// Keeps the vendor's id of an invitation. Of too many the second oldest goes: the oldest is the paid call's own.
    pub fn see_invitation(&mut self, id: Option<&str>) {
        let Some(id) = id.filter(|id| !self.invitations.iter().any(|known| known == id)) else { return };
        if self.invitations.len() >= INVITATIONS {
            self.invitations.remove(1);
        }
        self.invitations.push(id.to_owned());
    }

    /// The question that the vendor is about to be asked.
    pub fn question(&self, now: Timestamp) -> Question {
        Question {
            asked_for: self.asked_for,
            answered: self.answered,
            status: self.status.clone(),
            is_second: self.ask_again_at.is_some_and(|at| at <= now),
        }
    }

    /// Takes the answer, whatever it says, and settles the question: that one alone, since whatever was pushed meanwhile
    /// may be news that the answer does not hold. A vendor that cannot be asked after all has no report.
    ///
    /// `None` when somebody else recorded an answer meanwhile: this one may be older, so it changes nothing.
    pub fn take_answer(&mut self, question: &Question, report: Option<Report>, now: Timestamp) -> Option<Taken> {
        if self.answered != question.answered || self.status != question.status {
            return None;
        }
        let is_of_push = question.asked_for > question.answered;
        self.answered = question.asked_for;
        let (version, is_answer) = (self.version, report.is_some());
        let taken = report.map_or(Taken::Unchanged, |report| self.believe(report, now));
        if self.version != version || question.is_second {
            self.ask_again_at = None;
        }
        if self.version == version && is_of_push && is_answer {
            self.ask_again_at = now.checked_add(ASK_AGAIN).ok();
        }
        Some(taken)
    }

    /// Drops every open question. Returns whether there was one.
    pub fn drop_questions(&mut self) -> bool {
        let had_one = self.has_question() || self.ask_again_at.is_some();
        self.answered = self.asked_for;
        self.ask_again_at = None;
        had_one
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::tests::{at, placed};
    use crate::order::{Outcome, Placement, Reading, State};

    fn says(state: State) -> Report {
        Report::saying(Reading::Known(Status::plain(state, state.to_string())))
    }

    /// Asks at this second and takes the answer at once.
    fn asked(order: &mut Order, second: i64, report: Option<Report>) -> Option<Taken> {
        let question = order.question(at(second));
        order.take_answer(&question, report, at(second))
    }

    #[test]
    fn an_answer_settles_the_question_that_was_read_and_no_later_one() {
        let mut order = placed();
        order.take_notice(Some("v"), None, at(0));
        let question = order.question(at(0));
        order.take_notice(Some("v"), None, at(1));
        assert_eq!(order.take_answer(&question, Some(says(State::InProgress)), at(2)), Some(Taken::Changed));
        assert!(order.has_question(), "the second push came after the question");
        assert_eq!(asked(&mut order, 3, Some(says(State::Completed))), Some(Taken::Changed));
        assert!(!order.has_question());
    }

    #[test]
    fn pushes_before_the_question_are_one_question() {
        let mut order = placed();
        for second in 0..3 {
            order.take_notice(Some("v"), None, at(second));
        }
        asked(&mut order, 3, Some(says(State::Completed)));
        assert!(!order.has_question());
    }

    #[test]
    fn an_answer_that_was_overtaken_by_another_changes_nothing() {
        for (late, newer) in [(State::Completed, State::InProgress), (State::InProgress, State::Completed)] {
            let mut order = placed();
            order.take_notice(Some("v"), None, at(0));
            let slow = order.question(at(0));
            order.take_notice(Some("v"), None, at(1));
            asked(&mut order, 2, Some(says(newer)));
            let before = order.clone();
            assert_eq!(order.take_answer(&slow, Some(says(late)), at(3)), None);
            assert_eq!(order, before);
        }
    }

    #[test]
    fn an_answer_to_the_same_question_twice_counts_once() {
        let mut order = placed();
        order.take_notice(Some("v"), None, at(0));
        let question = order.question(at(0));
        order.take_answer(&question, Some(says(State::Completed)), at(1));
        assert_eq!(order.take_answer(&question, Some(says(State::InProgress)), at(2)), None);
        assert_eq!(order.status.state, State::Completed);
    }

    #[test]
    fn an_order_that_was_closed_here_meanwhile_is_not_opened_by_an_older_answer() {
        let mut order = placed();
        order.take_notice(Some("v"), None, at(0));
        let question = order.question(at(0));
        order.close(at(1));
        assert_eq!(order.take_answer(&question, Some(says(State::InProgress)), at(2)), None);
        assert_eq!((order.status.state, order.has_question()), (State::Cancelled, false));
    }

    #[test]
    fn an_answer_without_news_after_a_push_is_asked_for_once_more() {
        let mut order = placed();
        order.take_notice(Some("v"), None, at(0));
        asked(&mut order, 0, Some(says(State::Ordered)));
        assert_eq!((order.has_question(), order.ask_again_at), (false, Some(at(60))));
        asked(&mut order, 59, Some(says(State::Ordered)));
        assert_eq!(order.ask_again_at, Some(at(60)), "the sync's question does not count as the second");
        asked(&mut order, 60, Some(says(State::Ordered)));
        assert_eq!(order.ask_again_at, None, "once");
    }

    #[test]
    fn what_brings_news_is_not_asked_again_and_neither_is_the_syncs_question() {
        let mut order = placed();
        asked(&mut order, 0, Some(says(State::Ordered)));
        assert_eq!(order.ask_again_at, None, "nobody pushed");
        order.take_notice(Some("v"), None, at(1));
        asked(&mut order, 1, Some(says(State::Ordered)));
        asked(&mut order, 2, Some(says(State::InProgress)));
        assert_eq!(order.ask_again_at, None, "the news is here");
        order.take_notice(Some("v"), None, at(3));
        asked(&mut order, 3, None);
        assert_eq!((order.has_question(), order.ask_again_at), (false, None), "it cannot be asked");
    }

    #[test]
    fn a_push_when_the_second_question_is_due_gets_a_second_question_of_its_own() {
        let mut order = placed();
        order.take_notice(Some("v"), None, at(0));
        asked(&mut order, 0, Some(says(State::Ordered)));
        order.take_notice(Some("v"), None, at(70));
        asked(&mut order, 70, Some(says(State::Ordered)));
        assert_eq!(order.ask_again_at, Some(at(130)));
    }

    #[test]
    fn an_answer_is_believed_whatever_it_says() {
        let mut order = placed();
        for state in [State::Completed, State::InProgress, State::Expired, State::AwaitingCandidate, State::Completed] {
            order.take_notice(Some("v"), None, at(0));
            assert_eq!(asked(&mut order, 0, Some(says(state))), Some(Taken::Changed));
            assert_eq!(order.status.state, state);
        }
        assert!(order.reopened);
    }

    #[test]
    fn a_word_that_nobody_knows_is_news_once_and_never_ends_a_check() {
        let mut order = placed();
        let odd = || Some(Report { reading: Reading::Unknown { word: "odd".into() }, ..says(State::Ordered) });
        order.take_notice(Some("v"), None, at(0));
        assert_eq!(asked(&mut order, 0, odd()), Some(Taken::UnknownWord));
        assert_eq!((order.status.label.as_str(), order.ask_again_at), ("odd", None));
        assert_eq!((order.status.state, order.status.outcome), (State::Ordered, Outcome::None));
        order.take_notice(Some("v"), None, at(1));
        asked(&mut order, 1, odd());
        assert_eq!(order.ask_again_at, Some(at(61)));
    }

    #[test]
    fn a_push_names_the_order_where_its_id_was_not_known_and_moves_nothing_else() {
        let mut order = placed();
        order.placement = Placement::Unknown { since: at(0) };
        order.set_status(Status::plain(State::ActionRequired, "nobody knows"), at(1));
        order.take_notice(Some("w"), Some("i1"), at(2));
        assert_eq!(order.placement.vendor_ref(), Some("w"));
        assert_eq!((order.status.state, order.invitations.as_slice()), (State::Ordered, ["i1".to_owned()].as_slice()));
        order.take_notice(Some("other"), None, at(3));
        assert_eq!(order.placement.vendor_ref(), Some("w"), "an id that is known stays");
    }

    #[test]
    fn a_push_about_an_order_that_is_over_leaves_it_over_until_the_vendor_has_answered() {
        let mut order = placed();
        order.placement = Placement::NotPlaced;
        order.close(at(1));
        order.take_notice(Some("w"), None, at(2));
        assert_eq!((order.status.state, order.placement.vendor_ref()), (State::Cancelled, Some("w")));
        assert!(order.is_open(), "there is a question");
        asked(&mut order, 3, Some(says(State::InProgress)));
        assert_eq!(order.status.state, State::InProgress);
    }

    #[test]
    fn invitations_are_kept_once_each_and_not_without_end() {
        let mut order = placed();
        for id in ["a", "b", "a", "c", "d", "e"] {
            order.see_invitation(Some(id));
        }
        order.see_invitation(None);
        assert_eq!(order.invitations, ["a", "c", "d", "e"]);
    }

    #[test]
    fn a_question_that_is_given_up_is_gone_with_its_second() {
        let mut order = placed();
        assert!(!order.drop_questions());
        order.ask_vendor();
        assert!(order.drop_questions() && !order.has_question());
        order.ask_again_at = Some(at(9));
        assert!(order.drop_questions() && order.ask_again_at.is_none());
    }
}
