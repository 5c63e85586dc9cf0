//! The rules by which a result moves its candidate to another stage.

use serde_json::{Map, Value};

/// A rule of a customer's trigger. The first that matches wins.
#[derive(Clone, Debug, PartialEq)]
pub struct MoveRule {
    /// What has to hold after an update.
    pub when: When,
    /// The stage the candidate is moved to.
    pub to: String,
}

/// What a rule looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// The status, one of `sent`, `pending`, `completed` and `failed`.
    Status(String),
    /// `assessment.score`.
    Score(Bound),
    /// A criterion of kind `outcome`: its id and the outcome's id.
    Outcome(String, String),
    /// A criterion of kind `score`, by its id.
    Criterion(String, Bound),
}

/// Bounds, all of them inclusive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// This much or more.
    Above(f64),
    /// This much or less.
    Below(f64),
    /// From the first to the second.
    Between(f64, f64),
}

impl MoveRule {
    pub(super) fn matches(&self, attributes: &Map<String, Value>) -> bool {
        let part = |key: &str, id: &str| attributes.get(key).and_then(|whole| whole.get(id));
        match &self.when {
            When::Status(status) => attributes.get("status").and_then(Value::as_str) == Some(status),
            When::Score(bound) => bound.holds(part("assessment", "score")),
            When::Outcome(id, outcome) => part("criteria", id).and_then(Value::as_str) == Some(outcome),
            When::Criterion(id, bound) => bound.holds(part("criteria", id)),
        }
    }
}

impl Bound {
    fn holds(self, value: Option<&Value>) -> bool {
        let Some(value) = value.and_then(Value::as_f64) else {
            return false;
        };
        match self {
            Self::Above(least) => value >= least,
            Self::Below(most) => value <= most,
            Self::Between(least, most) => (least..=most).contains(&value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn matches(when: When, attributes: &Value) -> bool {
        MoveRule { when, to: "Hired".into() }.matches(attributes.as_object().unwrap())
    }

    #[test]
    fn each_source_is_looked_at_where_it_stands_and_bounds_are_inclusive() {
        let result = json!({"status": "completed", "assessment": {"score": 80}, "criteria": {"d": "clear", "n": 2.5}});
        assert!(matches(When::Status("completed".into()), &result));
        assert!(!matches(When::Status("sent".into()), &result));
        assert!(matches(When::Score(Bound::Above(80.0)), &result));
        assert!(!matches(When::Score(Bound::Above(80.5)), &result));
        assert!(matches(When::Outcome("d".into(), "clear".into()), &result));
        assert!(!matches(When::Outcome("d".into(), "review".into()), &result));
        assert!(matches(When::Criterion("n".into(), Bound::Between(2.5, 3.0)), &result));
        assert!(!matches(When::Criterion("d".into(), Bound::Below(9.0)), &result));
        assert!(!matches(When::Score(Bound::Below(100.0)), &json!({"assessment": {"score": null}})));
    }
}
