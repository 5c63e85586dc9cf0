//! The vendor's status words, from its API guide v3.4 as public clients quote it.

/// Code, word, and whether the check is finished. Codes 2 and 7 are not in the public list.
pub const STATUSES: [(i64, &str, bool); 11] = [
    (0, "In progress", false),
    (1, "Completed", true),
    (3, "Awaiting Input", false),
    (4, "Processing", false),
    (5, "Discrepancy", false),
    (6, "Completed with exception", true),
    (8, "Closed", true),
    (9, "On Hold", false),
    (10, "Cancelled", true),
    (11, "Consent missing", false),
    (12, "Insufficient funds", false),
];

pub(super) const AWAITING_INPUT: i64 = 3;
pub(super) const INSUFFICIENT_FUNDS: i64 = 12;

/// Where a candidate's verification stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) code: i64,
    pub(super) word: String,
}

impl Status {
    /// A code outside the table gets a word nobody knows.
    pub(super) fn of(code: i64) -> Self {
        let known = STATUSES.iter().find(|line| line.0 == code);
        let word = known.map_or_else(|| format!("Status {code}"), |line| line.1.to_owned());
        Self { code, word }
    }

    /// A code outside the table is not finished.
    pub(super) fn is_finished(&self) -> bool {
        STATUSES.iter().any(|line| line.0 == self.code && line.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_codes_are_final_and_a_code_nobody_knows_is_not() {
        let finished = |code: &i64| Status::of(*code).is_finished();
        assert_eq!((0..20).filter(finished).collect::<Vec<_>>(), [1, 6, 8, 10]);
        assert_eq!(Status::of(7).word, "Status 7");
    }
}
