//! The card of one assessment on the candidate's page: what a recruiter sees.

use super::data_value::Row;
use super::update::Update;
use serde_json::Value;

/// What a recruiter sees of one assessment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// The latest status text.
    pub status: Option<String>,
    /// The link to the report or the candidate at the partner.
    pub profile_url: Option<String>,
    /// The result; its presence is what completes the assessment.
    pub result: Option<String>,
    /// Why it was cancelled; its presence is what cancels the assessment.
    pub cancelled_reason: Option<String>,
    /// The extra rows, in the order they first arrived, each with its latest value.
    pub metadata: Vec<Row>,
    /// Whether a status `Started` was ever received, exactly so spelt.
    pub started: bool,
    /// Whether a result was received.
    pub completed: bool,
    /// Whether a reason for cancelling was received.
    pub cancelled: bool,
    /// How many updates were applied.
    pub updates: usize,
    /// The bodies of the applied updates, in order.
    pub history: Vec<Value>,
}

impl Shown {
    /// The text of one extra row.
    #[must_use]
    pub fn row(&self, identifier: &str) -> Option<String> {
        self.metadata.iter().find(|row| row.identifier == identifier).map(Row::text)
    }

    /// What an update leaves out stays as it was.
    pub(super) fn apply(&mut self, update: &Update, raw: &Value) {
        let text = |row: &Option<Row>, was: &mut Option<String>| {
            if let Some(row) = row {
                *was = Some(row.text());
            }
        };
        text(&update.status, &mut self.status);
        text(&update.profile_url, &mut self.profile_url);
        text(&update.result, &mut self.result);
        text(&update.cancelled_reason, &mut self.cancelled_reason);
        update.metadata.iter().for_each(|row| self.put(row));
        self.started |= self.status.as_deref() == Some("Started");
        self.completed |= update.result.is_some();
        self.cancelled |= update.cancelled_reason.is_some();
        self.updates += 1;
        self.history.push(raw.clone());
    }

    fn put(&mut self, row: &Row) {
        match self.metadata.iter_mut().find(|old| old.identifier == row.identifier) {
            Some(old) => *old = row.clone(),
            None => self.metadata.push(row.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn update(body: &Value) -> Update {
        super::super::update::read(body).unwrap()
    }

    #[test]
    fn what_a_later_update_leaves_out_stays() {
        let row = |id: &str, value: &str| json!({"identifier": id, "label": "L", "type": "string", "value": value});
        let first = json!({"assessment_id": "a", "timestamp": 1,
            "assessment_status": row("status", "Started"), "metadata": [row("eta", "Monday")]});
        let second = json!({"assessment_id": "a", "timestamp": 2,
            "assessment_status": row("status", "On hold"), "metadata": [row("package", "Basic")]});
        let mut shown = Shown::default();
        shown.apply(&update(&first), &first);
        shown.apply(&update(&second), &second);
        assert_eq!(shown.status.as_deref(), Some("On hold"));
        assert_eq!(shown.row("eta").as_deref(), Some("Monday"));
        assert_eq!((shown.started, shown.completed, shown.updates), (true, false, 2));
        assert_eq!(shown.history, [first, second]);
    }
}
