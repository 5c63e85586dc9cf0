//! What the candidate's profile shows of one order.

use serde_json::Value;

/// A score within its bounds, both of which belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// The score.
    pub raw: i64,
    /// The least it can be.
    pub min: i64,
    /// The most it can be.
    pub max: i64,
}

impl Score {
    fn read(value: &Value) -> Option<Self> {
        let part = |name| value.get(name).and_then(Value::as_i64);
        Some(Self { raw: part("raw")?, min: part("min")?, max: part("max")? })
    }

    /// The percentage that the profile shows, rounded down; 0 if the range has no width.
    #[must_use]
    pub fn percent(&self) -> i64 {
        let (raw, min, max) = (i128::from(self.raw), i128::from(self.min), i128::from(self.max));
        let share = ((raw - min) * 100).checked_div(max - min).unwrap_or_default();
        i64::try_from(share).unwrap_or_default()
    }
}

/// A link on the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// `VIDEO_URL`, `PDF_URL` or `OTHER_URL`.
    pub kind: String,
    /// Where it leads.
    pub url: String,
}

/// The times a result carries, as they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dates {
    /// When the package was sent to the candidate.
    pub package_sent: Option<String>,
    /// When the candidate submitted it.
    pub submitted: Option<String>,
}

/// What a recruiter sees of one order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// The status word; `None` before the first one.
    pub status: Option<String>,
    /// The text next to the score.
    pub summary: Option<String>,
    /// The package's name as the partner put it.
    pub name: Option<String>,
    /// The score.
    pub score: Option<Score>,
    /// The label next to the score.
    pub score_label: Option<String>,
    /// The links, in order.
    pub attachments: Vec<Attachment>,
    /// The results of the single assessments, as they were sent.
    pub results: Vec<Value>,
    /// The times.
    pub dates: Dates,
    /// How many patches were applied.
    pub updates: usize,
}

impl Shown {
    pub(super) fn of(result: &Value, updates: usize) -> Self {
        let text = |name: &str| result.get(name).and_then(Value::as_str).map(str::to_owned);
        let list = |name: &str| result.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let attachment = |one: &Value| {
            let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            Attachment { kind: text("type"), url: text("url") }
        };
        Self {
            status: text("status"),
            summary: text("summary"),
            name: text("name"),
            score: result.get("score").and_then(Score::read),
            score_label: text("scoreLabel"),
            attachments: list("attachments").iter().map(attachment).collect(),
            results: list("assessmentResults"),
            dates: Dates { package_sent: text("assessmentPackageDate"), submitted: text("submissionDate") },
            updates,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_percentage_is_the_one_of_the_official_example() {
        assert_eq!(Score { raw: 28, min: 20, max: 80 }.percent(), 13);
        assert_eq!(Score { raw: 1, min: 1, max: 1 }.percent(), 0);
        assert_eq!(Score { raw: i64::MAX, min: i64::MIN, max: i64::MAX }.percent(), 100);
    }
}
