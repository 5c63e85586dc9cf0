//! What a vendor's free words mean. They are compared without case and punctuation; an unknown word never means clear.

use crate::order::{Beside, Outcome, Reading, State, Status};
use crate::vendor::StatusRow;

/// Words in the result field that say that there is no result yet. By Ashby's rule any other result completes an
/// assessment.
const NO_RESULT_YET: [&str; 7] =
    ["pending", "in progress", "in process", "none", "n a", "not available", "not available yet"];

/// Lower case, with one space for whatever stands between letters and digits.
pub(super) fn folded(word: &str) -> String {
    let spaced: String = word.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a row tells a result rather than a status.
pub(super) const fn is_result(row: &StatusRow) -> bool {
    matches!(row.outcome, Outcome::Clear | Outcome::Review | Outcome::Adverse)
}

fn find<'t>(table: &'t [StatusRow], result: bool, word: &str) -> Option<&'t StatusRow> {
    let word = folded(word);
    table.iter().find(|row| is_result(row) == result && folded(row.word) == word)
}

/// What in a label or an identifier announces that something is to be looked at.
const WARNINGS: [&str; 9] =
    ["warning", "alert", "flag", "discrepan", "exception", "adverse", "concern", "red flag", "caution"];

/// Values that say that there is nothing.
const NOTHING: [&str; 8] = ["", "0", "no", "none", "false", "n a", "nil", "not found"];

/// What a further row of an update means beside the result: a result of its own that is not clear, a success that was
/// none, or a warning that says something. Other rows (an ETA, a package) mean nothing.
pub(super) fn beside(table: &[StatusRow], kind: &str, names: [&str; 2], value: &str) -> Option<Beside> {
    let warns = names.iter().any(|name| WARNINGS.iter().any(|word| folded(name).contains(word)));
    let outcome = match find(table, true, value) {
        Some(row) => row.outcome,
        None if kind == "boolean_success" && folded(value) == "false" => Outcome::Review,
        None if warns && !NOTHING.contains(&folded(value).as_str()) => Outcome::Review,
        None => Outcome::Clear,
    };
    (outcome != Outcome::Clear).then(|| Beside { outcome: Some(outcome), words: format!("{}: {value}", names[0]) })
}

/// What an update says, from its status, its result and its cancelled reason, each as far as it is there. A reason
/// cancels and a result completes, as they do in Ashby. `None` when the update says nothing.
pub(super) fn reading(
    table: &[StatusRow],
    status: Option<String>,
    result: Option<String>,
    reason: Option<String>,
) -> Option<Reading> {
    // Some senders put an empty text into fields that they do not use.
    let (said, nothing) = (|word: &String| !folded(word).is_empty(), String::new());
    let (status, result) = (status.filter(|word| *word != nothing), result.filter(said));
    if let Some(reason) = reason.filter(|reason| said(reason) || (status.is_none() && result.is_none())) {
        let label = Some(reason).filter(|r| *r != nothing).unwrap_or_else(|| "Cancelled".to_owned());
        return Some(Reading::Known(Status::plain(State::Cancelled, label)));
    }
    let known = status.as_deref().and_then(|word| find(table, false, word));
    let stopped = known.is_some_and(|row| row.state.is_closed() && row.state != State::Completed);
    let result = result.filter(|word| !stopped && !NO_RESULT_YET.contains(&folded(word).as_str()));
    if let Some(result) = result {
        let meant = |word: &str| find(table, true, word).map_or(Outcome::Inconclusive, |row| row.outcome);
        // A status that the table has as a result, or not at all, stands beside the result.
        let status_says = status.as_deref().filter(|_| known.is_none()).map(meant);
        let outcome = status_says.into_iter().fold(meant(&result), Outcome::worse);
        let words: Vec<String> = status.into_iter().chain([result]).collect();
        let label = if words.is_empty() { "Completed".to_owned() } else { words.join(": ") };
        return Some(Reading::Known(Status { state: State::Completed, outcome, label }));
    }
    let word = status?;
    Some(match known {
        Some(row) => Reading::Known(Status { state: row.state, outcome: row.outcome, label: word }),
        None => Reading::Unknown { word },
    })
}

#[cfg(test)]
mod tests {
    use super::super::STATUS_MAP;
    use super::*;
    use crate::vendor::justifacts;

    fn known(state: State, outcome: Outcome, label: &str) -> Reading {
        Reading::Known(Status { state, outcome, label: label.to_owned() })
    }

    fn read(status: &str, result: Option<&str>) -> Option<Reading> {
        reading(&STATUS_MAP, Some(status.to_owned()), result.map(str::to_owned), None)
    }

    #[test]
    fn every_word_of_both_tables_means_what_its_row_says_whatever_its_case_and_punctuation() {
        for table in [&STATUS_MAP[..], &justifacts::STATUS_MAP[..]] {
            for row in table {
                let shouted = row.word.to_uppercase().replace(' ', "_");
                for word in [row.word, &shouted, &format!(" {}. ", row.word)] {
                    let read = if is_result(row) {
                        reading(table, None, Some(word.to_owned()), None)
                    } else {
                        reading(table, Some(word.to_owned()), None, None)
                    };
                    assert_eq!(read, Some(known(row.state, row.outcome, word)), "{word}");
                }
            }
        }
    }

    #[test]
    fn rows_that_fold_to_the_same_word_agree() {
        for table in [&STATUS_MAP[..], &justifacts::STATUS_MAP[..]] {
            for (one, other) in table.iter().flat_map(|one| table.iter().map(move |other| (one, other))) {
                let same = folded(one.word) == folded(other.word) && is_result(one) == is_result(other);
                assert!(!same || (one.state, one.outcome) == (other.state, other.outcome), "{}", one.word);
            }
        }
    }

    #[test]
    fn only_a_known_result_is_ever_clear() {
        for (status, result) in [
            ("Complete", None),
            ("Complete", Some("")),
            ("Complete", Some("Not clear")),
            ("Complete", Some("Clear with exceptions")),
            ("Complete", Some("true")),
            ("Complete", Some("100")),
            ("Complete", Some("Pending")),
        ] {
            let Some(Reading::Known(read)) = read(status, result) else { panic!("{status} {result:?} is not known") };
            assert_eq!((read.state, read.outcome), (State::Completed, Outcome::Inconclusive), "{result:?}");
        }
        assert_eq!(read("Clear", None), Some(Reading::Unknown { word: "Clear".to_owned() }));
    }

    #[test]
    fn a_result_completes_and_a_reason_cancels_as_in_ashby() {
        assert_eq!(read("Started", Some("Passed")), Some(known(State::Completed, Outcome::Clear, "Started: Passed")));
        assert_eq!(read("???", Some("Consider")), Some(known(State::Completed, Outcome::Review, "???: Consider")));
        let alone = reading(&STATUS_MAP, None, Some("Fail".to_owned()), None);
        assert_eq!(alone, Some(known(State::Completed, Outcome::Adverse, "Fail")));
        let with =
            |reason: &str| reading(&STATUS_MAP, Some("Complete".into()), Some("Clear".into()), Some(reason.to_owned()));
        assert_eq!(with("Withdrew"), Some(known(State::Cancelled, Outcome::None, "Withdrew")));
        assert_eq!(with(""), Some(known(State::Completed, Outcome::Clear, "Complete: Clear")), "an unset field");
        let empty_alone = reading(&STATUS_MAP, None, None, Some(String::new()));
        assert_eq!(empty_alone, Some(known(State::Cancelled, Outcome::None, "Cancelled")));
        assert_eq!(read("In progress", Some(" - ")), Some(known(State::InProgress, Outcome::None, "In progress")));
    }

    #[test]
    fn a_status_that_is_no_status_stands_beside_the_result() {
        for (status, result, outcome) in [
            ("Complete", "Clear", Outcome::Clear),
            ("Started", "Clear", Outcome::Clear),
            ("Needs review", "Clear", Outcome::Review),
            ("Alert", "Passed", Outcome::Review),
            ("Escalated", "Clear", Outcome::Inconclusive),
            ("Escalated", "Fail", Outcome::Adverse),
        ] {
            let label = format!("{status}: {result}");
            assert_eq!(read(status, Some(result)), Some(known(State::Completed, outcome, &label)));
        }
    }

    #[test]
    fn a_further_row_counts_only_where_it_says_that_something_is_amiss() {
        for (kind, label, value, outcome) in [
            ("string", "Criminal", "Consider", Some(Outcome::Review)),
            ("string", "Criminal", "Not passed", Some(Outcome::Adverse)),
            ("string", "Criminal", "Clear", None),
            ("boolean_success", "Identity", "false", Some(Outcome::Review)),
            ("boolean_success", "Identity", "true", None),
            ("string", "Warning", "Two names differ", Some(Outcome::Review)),
            ("string", "Red flags", "2", Some(Outcome::Review)),
            ("numeric_score", "Red flags", "0", None),
            ("string", "Discrepancies", "None", None),
            ("string", "ETA", "3 days", None),
            ("boolean", "Drug test", "false", None),
        ] {
            let found = beside(&STATUS_MAP, kind, [label, ""], value);
            assert_eq!(found.and_then(|one| one.outcome), outcome, "{kind} {label}: {value}");
        }
    }

    #[test]
    fn a_result_that_says_it_is_none_and_one_of_a_stopped_check_do_not_complete_it() {
        assert_eq!(read("In progress", Some("N/A")), Some(known(State::InProgress, Outcome::None, "In progress")));
        assert_eq!(read("Expired", Some("Clear")), Some(known(State::Expired, Outcome::None, "Expired")));
        assert_eq!(reading(&STATUS_MAP, None, Some("pending".to_owned()), None), None);
        assert_eq!(reading(&STATUS_MAP, Some(String::new()), None, None), None);
    }
}
