//! Why nothing was ordered, in words for the recruiter.

use std::fmt;

/// Why nothing was ordered. As text it is the whole sentence; no other code puts "Not ordered" in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotOrdered {
    /// For this reason.
    Because(String),
    /// The candidate is being checked with this package already.
    Again,
}

impl NotOrdered {
    /// The reason alone, for readers who ordered nothing themselves.
    pub fn reason(&self) -> &str {
        match self {
            Self::Because(reason) => reason,
            Self::Again => "this candidate is already being checked with this package.",
        }
    }
}

impl From<String> for NotOrdered {
    fn from(reason: String) -> Self {
        Self::Because(reason)
    }
}

impl From<&str> for NotOrdered {
    fn from(reason: &str) -> Self {
        Self::Because(reason.to_owned())
    }
}

impl fmt::Display for NotOrdered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = match self {
            Self::Because(_) => "Not ordered",
            Self::Again => "Not ordered again",
        };
        write!(f, "{head}: {}", self.reason())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::order::{AtsReference, ConnectionId, Order, Package, State, Status};

    #[test]
    fn the_words_not_ordered_are_said_once() {
        assert_eq!(NotOrdered::from("no credits.").to_string(), "Not ordered: no credits.");
        assert!(NotOrdered::Again.to_string().starts_with("Not ordered again: this candidate"));
    }

    #[test]
    fn a_refused_order_is_one_until_it_stands_elsewhere() {
        let package = Package { id: "7".to_owned(), name: "Basic".to_owned(), description: String::new() };
        let now = Timestamp::UNIX_EPOCH;
        let mut order = Order::new(ConnectionId::from_random([1; 8]), AtsReference::default(), package, now);
        order.set_status(Status::plain(State::Failed, "Not ordered: in a vendor's own words"), now);
        assert!(!order.refused);
        order.refuse(&"no credits.".into(), now);
        assert_eq!((order.refused, order.status.label.as_str()), (true, "Not ordered: no credits."));
        order.set_status(Status::plain(State::InProgress, "In progress"), now);
        assert!(!order.refused);
    }
}
