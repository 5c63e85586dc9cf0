//! The vendors' parts: a check that is bought, moves on, and is reported, or whose report gets lost.

use async_trait::async_trait;
use shared::connection::Connection;
use shared::order::Outcome;
use shared::secrets::StoredKeys;
use shared::vendor::{StatusRow, VendorKind};

use super::letter::WritesLetters;
use crate::Delivery;
use crate::Logged;
use crate::{Fault, Faults, SimCheckr, SimSpringVerify};
use crosscheck::deployment::CliError;

/// Where a check gets to, whatever the vendor's word for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Milestone {
    /// The candidate has done their part; the vendor works.
    InProgress,
    /// Completed, nothing found.
    Clear,
    /// Completed, with something that a person has to look at, in the vendor's nearest word.
    Review,
    /// Looked at again after it was completed.
    Reopened,
    /// Stopped at the vendor.
    Cancelled,
}

/// A vendor in a play.
#[async_trait]
pub trait PlaysVendor: WritesLetters {
    /// Which.
    fn kind(&self) -> VendorKind;
    /// Base URL of its API.
    fn base_url(&self) -> String;
    /// The key that the operator is given.
    fn key(&self) -> String;
    /// Options of the connection.
    fn options(&self) -> Vec<(String, String)> {
        Vec::new()
    }
    /// Tells the vendor where to call us, and with which secrets.
    async fn connect(&self, connection: &Connection, keys: &StoredKeys) -> Result<(), CliError>;
    /// Moves the check there. Returns the answers to its callbacks.
    async fn reaches(&self, vendor_ref: &str, milestone: Milestone) -> Result<Vec<u16>, CliError>;
    /// Moves the check to a row of the vendor's status map, or to one that no map has. Returns the answers to its
    /// callbacks.
    async fn says(&self, vendor_ref: &str, row: &StatusRow) -> Result<Vec<u16>, CliError>;
    /// Sends the `nth` callback about this check once more, word for word. Returns the answer.
    async fn replays(&self, vendor_ref: &str, nth: usize) -> Result<Vec<u16>, CliError>;
    /// Sends refused callbacks again, if this vendor does that. Returns the answers.
    async fn sends_again(&self) -> Vec<u16> {
        Vec::new()
    }
    /// What happens to its callbacks from now on.
    fn set_delivery(&self, delivery: Delivery);
    /// Delivers callbacks that were held back, the latest first if `backwards`. Returns the answers.
    async fn releases(&self, backwards: bool) -> Vec<u16>;
    /// The vendor's id of the check that was bought last.
    fn newest(&self) -> Option<String>;
    /// Checks that were bought.
    fn creates(&self) -> usize;
    /// Every call to its API, in order.
    fn requests(&self) -> Vec<Logged>;
    /// Every breach of its protocol by our side.
    fn violations(&self) -> Vec<String>;
    /// What goes wrong with calls to it.
    fn faults(&self) -> &Faults;
    /// The operation that buys, by the name its faults are queued under.
    fn buying(&self) -> &'static str;
    /// The outcome of [`Milestone::Review`].
    fn finding(&self) -> Outcome {
        Outcome::Review
    }
    /// Whether it says by 409 that it has the candidate already.
    fn refuses_duplicates(&self) -> bool {
        true
    }
    /// Whether any success acknowledges an order, even one without content.
    fn takes_any_success(&self) -> bool {
        false
    }
    /// Whether a check that is said to be at some word has begun by that.
    fn begins_with_words(&self) -> bool {
        false
    }
    /// Which of the callbacks about a check that has a result tells that result.
    fn callback_of_result(&self) -> usize {
        0
    }
    /// What has to go wrong at which operation so that this row is read: it is never reached, but listed.
    fn only_listed(&self, _vendor_ref: &str, _row: &StatusRow) -> Option<(&'static str, Fault)> {
        None
    }
    /// The simulator behind it, if it is a `SpringVerify`.
    fn springverify(&self) -> Option<&SimSpringVerify> {
        None
    }
    /// The simulator behind it, if it is a Checkr.
    fn checkr(&self) -> Option<&SimCheckr> {
        None
    }
}

pub(super) fn no_check(id: &str) -> CliError {
    CliError::Input(format!("the vendor has no check {id}"))
}

pub(super) fn wrong(problem: impl std::fmt::Display) -> CliError {
    CliError::Input(problem.to_string())
}
