//! The part of a vendor connector that only the operator's command needs: steps for the vendor's side, and looking up
//! words.

use super::StatusRow;

/// A vendor as the operator sets it up.
pub trait VendorSetup: Send + Sync {
    /// The steps for the vendor's side of the connection.
    fn guide(&self, callback_url: &str, callback_secret: &str) -> Vec<String>;

    /// The steps that let the vendor verify what we send; none for a vendor that does not.
    fn signing_guide(&self, _signing_secret: &str) -> Vec<String> {
        Vec::new()
    }

    /// A word as the connector compares it with its rows: two that fold to the same are one word.
    fn folded(&self, word: &str) -> String;

    /// The field that a row's word is a result in, where the protocol keeps results apart from statuses.
    fn result_field(&self, _row: &StatusRow) -> Option<&'static str> {
        None
    }
}
