//! Where an order stands, and which moves between states are legal.

use std::fmt;
use std::str::FromStr;

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
pub const STATES: [State; 8] = [
    State::Ordered,
    State::AwaitingCandidate,
    State::InProgress,
    State::ActionRequired,
    State::Completed,
    State::Cancelled,
    State::Expired,
    State::Failed,
];

/// Who spoke: an answer to our question is the truth of that moment, a push may be late or repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// We asked the vendor and it answered.
    Asked,
    /// The vendor called us.
    Pushed,
    /// The vendor called us and cannot be asked. What it does not date is all that there is to go by.
    OnlyPushed,
}

/// What to make of a report that says the order stands elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Believe it.
    Legal,
    /// It may be old news: ask the vendor.
    Ask,
}

impl State {
    /// The word used in the table, in logs and in `--json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::AwaitingCandidate => "awaiting_candidate",
            Self::InProgress => "in_progress",
            Self::ActionRequired => "action_required",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }

    /// Whether nothing more is expected of the vendor.
    pub const fn is_closed(self) -> bool {
        self.rank() == 3
    }

    /// Whether neither of the two states is later in a check's life than the other.
    pub const fn is_as_far_as(self, other: Self) -> bool {
        self.rank() == other.rank()
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Ordered => 0,
            Self::AwaitingCandidate => 1,
            Self::InProgress | Self::ActionRequired => 2,
            Self::Completed | Self::Cancelled | Self::Expired | Self::Failed => 3,
        }
    }

    /// The table of legal moves. An asked report is believed whatever it says, so that the ATS converges on the
    /// vendor's truth, a reopened check included. A pushed one is believed only forwards: a callback that is late
    /// looks exactly like a reopening, and only the vendor can tell which it is.
    pub fn towards(self, next: Self, source: Source) -> Move {
        match source {
            // The order may have been closed here without a word of the vendor's, who can say this only once.
            Source::OnlyPushed if self == Self::Cancelled && next == Self::Completed => Move::Legal,
            Source::Pushed | Source::OnlyPushed if self.is_closed() && self != next => Move::Ask,
            // A spare invitation may lapse while the check runs.
            Source::Pushed if self.rank() == 2 && matches!(next, Self::Expired | Self::Cancelled) => Move::Ask,
            Source::Pushed | Source::OnlyPushed if next.rank() < self.rank() => Move::Ask,
            Source::Asked | Source::Pushed | Source::OnlyPushed => Move::Legal,
        }
    }
}

impl FromStr for State {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        STATES.into_iter().find(|s| s.name() == text).ok_or(())
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How a check ended, or seems to be ending. `Review` is never a rejection: a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing is known yet.
    None,
    /// Nothing adverse was found.
    Clear,
    /// A person has to look at it.
    Review,
    /// The vendor or the employer adjudicated against it.
    Adverse,
    /// The check could not be settled.
    Inconclusive,
}

/// Every outcome, for tables and tests.
pub const OUTCOMES: [Outcome; 5] =
    [Outcome::None, Outcome::Clear, Outcome::Review, Outcome::Adverse, Outcome::Inconclusive];

impl Outcome {
    /// The word used in the table, in logs and in `--json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Clear => "clear",
            Self::Review => "review",
            Self::Adverse => "adverse",
            Self::Inconclusive => "inconclusive",
        }
    }
}

impl FromStr for Outcome {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        OUTCOMES.into_iter().find(|o| o.name() == text).ok_or(())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
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
    fn a_pushed_report_never_moves_an_order_back() {
        for from in STATES {
            for to in STATES {
                let believed = from.towards(to, Source::Pushed) == Move::Legal;
                assert!(!believed || to.rank() >= from.rank(), "{from} to {to}");
                assert!(!believed || !from.is_closed() || from == to, "{from} to {to}");
            }
        }
    }

    #[test]
    fn a_completed_check_may_reopen_when_the_vendor_confirms_it() {
        assert_eq!(State::Completed.towards(State::InProgress, Source::Asked), Move::Legal);
        assert_eq!(State::Completed.towards(State::InProgress, Source::Pushed), Move::Ask);
    }
}
