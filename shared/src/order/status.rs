//! Where an order stands, and which moves between states are legal.

use strum::VariantArray as _;

use crate::variants::all;

/// Where an order stands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum State {
    /// The recruiter ordered it.
    Ordered,
    /// The candidate has to do something: fill the form, give consent.
    AwaitingCandidate,
    /// The vendor is at work.
    InProgress,
    /// A person at the employer or the operator has to do something.
    ActionRequired,
    /// The vendor is done.
    Completed,
    /// It was stopped.
    Cancelled,
    /// The candidate let it lapse.
    Expired,
    /// It could not be carried out.
    Failed,
}

/// Every state, for tables and tests.
pub const STATES: [State; State::VARIANTS.len()] = all();

impl State {
    /// The word used in the table, in logs and in `--json`.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether nothing more is expected of the vendor.
    pub const fn is_closed(self) -> bool {
        self.rank() == 3
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Ordered => 0,
            Self::AwaitingCandidate => 1,
            Self::InProgress | Self::ActionRequired => 2,
            Self::Completed | Self::Cancelled | Self::Expired | Self::Failed => 3,
        }
    }

    /// Whether a push without a date may move an order there, where the vendor cannot be asked: forwards only, since a
    /// push that is late looks exactly like a reopened check.
    pub fn may_be_pushed_to(self, next: Self) -> bool {
        // The operator may have closed the order here, and the vendor reports its completion only once.
        let was_closed_here = self == Self::Cancelled && next == Self::Completed;
        let is_forwards = if self.is_closed() { self == next } else { next.rank() >= self.rank() };
        was_closed_here || is_forwards
    }
}

/// How a check ended, or seems to be ending. `Review` is never a rejection: a person decides.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// Nothing is known yet.
    None,
    /// Nothing adverse was found.
    Clear,
    /// A person has to look at it.
    Review,
    /// The vendor or the employer adjudicated against it.
    Adverse,
    /// It is done, and nobody has defined what the vendor's words mean as a result.
    Inconclusive,
}

/// Every outcome, for tables and tests.
pub const OUTCOMES: [Outcome; Outcome::VARIANTS.len()] = all();

impl Outcome {
    /// The word used in the table, in logs and in `--json`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl Outcome {
    /// What a recruiter reads as the result of a completed check. Where nobody has defined the vendor's words it is no
    /// more than "Completed"; they stand beside it.
    pub const fn shown(self) -> &'static str {
        match self {
            Self::None | Self::Inconclusive => "Completed",
            Self::Clear => "Clear",
            Self::Review => "Review",
            Self::Adverse => "Adverse",
        }
    }

    /// The worse of two: adverse, then review, inconclusive, no outcome at all, and clear.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        if other.badness() > self.badness() { other } else { self }
    }

    pub(crate) const fn badness(self) -> u8 {
        match self {
            Self::Clear => 0,
            Self::None => 1,
            Self::Inconclusive => 2,
            Self::Review => 3,
            Self::Adverse => 4,
        }
    }
}

/// Something that a vendor says beside a result: an assessment, a screening, a warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// What it would be as a result; `None` where nobody knows the word.
    pub outcome: Option<Outcome>,
    /// The vendor's words.
    pub words: String,
}

impl Beside {
    fn shown(&self) -> String {
        let known = if self.outcome.is_some() { "" } else { " (not known to Crosscheck)" };
        format!("{}{known}", self.words)
    }
}

/// State, outcome and the words shown to the recruiter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Where it stands.
    pub state: State,
    /// How it ended or seems to be ending.
    pub outcome: Outcome,
    /// The vendor's own words, or ours where the vendor has none. Never personal data.
    pub label: String,
}

impl Status {
    /// A status without an outcome.
    pub fn plain(state: State, label: impl Into<String>) -> Self {
        Self { state, outcome: Outcome::None, label: label.into() }
    }

    /// Of an order whose id at the vendor is known, and nothing else.
    pub fn placed() -> Self {
        Self::plain(State::Ordered, "Placed with the vendor")
    }

    /// This status with what the vendor says beside it. The outcome of a completed check is the worst of all: nothing
    /// improves a result, and a word that nobody knows makes a clear one inconclusive. The words are shown, and of one
    /// that nobody knows it is said: beside a "clear", the recruiter has to learn why the result is only "Completed".
    #[must_use]
    pub fn with(self, beside: &[Beside]) -> Self {
        let label = std::iter::once(self.label.clone()).chain(beside.iter().map(Beside::shown));
        let label = label.filter(|words| !words.is_empty()).collect::<Vec<_>>().join("; ");
        let take = |so_far: Outcome, one: &Beside| match one.outcome {
            Some(outcome) => so_far.worse(outcome),
            None if so_far == Outcome::Clear => Outcome::Inconclusive,
            None => so_far,
        };
        let decides = beside.iter().filter(|_| self.state == State::Completed);
        let outcome = decides.fold(self.outcome, take);
        Self { state: self.state, outcome, label }
    }

    /// One line for the history.
    pub fn sentence(&self) -> String {
        match self.outcome {
            Outcome::None => format!("{}: {}", self.state, self.label),
            Outcome::Clear | Outcome::Review | Outcome::Adverse | Outcome::Inconclusive => {
                format!("{} ({}): {}", self.state, self.outcome, self.label)
            }
        }
    }
}

/// Words behind the head that says what they are about; the head once, where the words begin with it.
pub fn headed(head: &str, words: &str) -> String {
    let words = words.trim();
    let begin = words.get(..head.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(head));
    let rest = if begin { words.get(head.len()..) } else { None };
    match rest {
        Some("") => head.to_owned(),
        Some(rest) if !rest.starts_with(char::is_alphanumeric) => format!("{head}{rest}"),
        _ if words.is_empty() => head.to_owned(),
        _ => format!("{head}: {words}"),
    }
}

/// What a vendor's status word means to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// The vendor's table has it.
    Known(Status),
    /// Nobody knows this word: the order keeps its state and shows the word. It never means clear.
    Unknown {
        /// The vendor's word.
        word: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_outcome_reads_back_from_its_name() {
        for state in STATES {
            assert_eq!(state.name().parse(), Ok(state));
        }
        for outcome in OUTCOMES {
            assert_eq!(outcome.name().parse(), Ok(outcome));
        }
    }

    #[test]
    fn a_head_is_said_once() {
        for (words, said) in [
            ("", "Clear"),
            (" clear ", "Clear"),
            ("Passed", "Clear: Passed"),
            ("CLEAR: nothing found", "Clear: nothing found"),
            ("Clear of what we know", "Clear of what we know"),
            ("Clearance refused", "Clear: Clearance refused"),
            ("Cl\u{e9}", "Clear: Cl\u{e9}"),
        ] {
            assert_eq!(headed("Clear", words), said, "{words:?}");
        }
    }

    #[test]
    fn a_result_is_never_better_than_the_worst_that_is_said_beside_it() {
        for result in OUTCOMES {
            for said in OUTCOMES.into_iter().map(Some).chain([None]) {
                let status = Status { state: State::Completed, outcome: result, label: "Complete".to_owned() };
                let beside = [Beside { outcome: said, words: "beside".to_owned() }];
                let with = status.clone().with(&beside);
                let unknown = if said.is_none() { " (not known to Crosscheck)" } else { "" };
                assert_eq!(with.label, format!("Complete; beside{unknown}"));
                assert_eq!(with.outcome.worse(result), with.outcome, "{result} was improved by {said:?}");
                assert_ne!((with.outcome, said), (Outcome::Clear, None), "an unknown word beside a clear");
                let running = Status { state: State::InProgress, ..status }.with(&beside);
                assert_eq!(running.outcome, result, "nothing is decided before the end");
            }
        }
        let worst_first = [Outcome::Adverse, Outcome::Review, Outcome::Inconclusive, Outcome::None, Outcome::Clear];
        for pair in worst_first.windows(2) {
            assert_eq!((pair[0].worse(pair[1]), pair[1].worse(pair[0])), (pair[0], pair[0]));
        }
    }

    #[test]
    fn an_undated_push_never_moves_an_order_back_and_ends_one_once() {
        for from in STATES {
            for to in STATES {
                let may = from.may_be_pushed_to(to);
                assert!(!may || to.rank() >= from.rank(), "{from} to {to}");
                let is_exception = (from, to) == (State::Cancelled, State::Completed);
                assert!(!may || !from.is_closed() || from == to || is_exception, "{from} to {to}");
            }
        }
        for (from, to) in [(State::Ordered, State::Completed), (State::InProgress, State::ActionRequired)] {
            assert!(from.may_be_pushed_to(to) && from.may_be_pushed_to(from), "{from} to {to}");
        }
        assert!(State::Cancelled.may_be_pushed_to(State::Completed));
    }
}
