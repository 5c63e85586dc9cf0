//! Callbacks written by hand, in a vendor's form, and what is true of how each vendor calls.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;
use shared::order::Order;
use shared::vendor::StatusRow;

use crate::Reply;

/// One callback.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The HTTP method.
    pub method: Method,
    /// Below the callback URL.
    pub path: String,
    /// The body.
    pub body: Value,
}

impl Letter {
    /// A POST.
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::POST, path: path.into(), body }
    }
}

/// A header that presents a secret as the user name of Basic.
pub(super) fn basic(secret: &str) -> (&'static str, String) {
    ("authorization", format!("Basic {}", STANDARD.encode(format!("{secret}:"))))
}

/// What a vendor is answered, where the protocols differ.
#[derive(Debug, Clone, Copy)]
pub struct Answers {
    /// To a report on an order that is not there.
    pub unknown_order: u16,
    /// To a path or method that the protocol does not have.
    pub unknown_call: u16,
    /// To a callback that overtakes the answer to the purchase: taken, to be sent again, or left to the sync. One that
    /// has the vendor's id alone, and not ours, gets 404 from the plain answers.
    pub overtaking: u16,
    /// The place of the code in a refusal, as a JSON pointer.
    pub code: &'static str,
}

impl Answers {
    /// Where the protocol has no words of its own, and the callback echoes our order id.
    pub const PLAIN: Self = Self { unknown_order: 404, unknown_call: 404, overtaking: 200, code: "/error" };
}

/// Words that a vendor's table does not have, in the place where its status words stand.
#[derive(Debug, Clone, Copy)]
pub struct Strange {
    /// Words that mean nothing.
    pub words: [&'static str; 4],
    /// Words that quote the first candidate of a test, in the ways that people write it.
    pub quotes: [&'static str; 3],
}

impl Strange {
    /// Where a status is a plain word.
    pub const PLAIN: Self = Self {
        words: ["quantum flux", "clear pending review", "completed by magic", "passed on"],
        quotes: ["Waiting for Asha RAO, asha1@example.com", "Call +91 98765 00001 today", "rao/asha (9876500001)"],
    };
}

/// Fields that a callback cannot do without, by their pointers, and what the answer then names.
pub type Needed = &'static [(&'static [&'static str], &'static str)];

/// How a vendor's callbacks are written, proved and answered.
pub trait WritesLetters: Send + Sync {
    /// A callback that says of this order, as this check of the vendor's, that it is at work.
    fn at_work(&self, order: &str, check: &str, now: Timestamp) -> Letter;

    /// A callback that says this word in the field that the row belongs to. `None` where callbacks are not believed.
    fn says_word(&self, row: &StatusRow, word: &str) -> Option<Letter>;

    /// The operation that is asked where a check stands, and its answer when it says this word as it is. `None` where the
    /// word that the row has is not one field of the vendor's.
    fn answers_word(&self, _word: &str) -> Option<(&'static str, Reply)> {
        None
    }

    /// What this vendor proves itself with on a connection with this callback secret.
    fn secret(&self, callback_secret: &str) -> String {
        callback_secret.to_owned()
    }

    /// The header that proves the sender of this body: the secret, or what was made with it.
    fn proof(&self, secret: &str, _body: &str) -> (&'static str, String) {
        basic(secret)
    }

    /// What it is answered.
    fn answers(&self) -> Answers {
        Answers::PLAIN
    }

    /// Fields that a callback cannot do without.
    fn needed(&self) -> Needed {
        &[]
    }

    /// Where free words stand in a callback, as far as callbacks are believed.
    fn free_words(&self) -> &'static [&'static str] {
        &[]
    }

    /// Words that its table does not have.
    fn strange(&self) -> Strange {
        Strange::PLAIN
    }

    /// What it calls below its address beside a plain report, for something of this order's.
    fn calls_below(&self, _order: &Order) -> Vec<Letter> {
        Vec::new()
    }
}
