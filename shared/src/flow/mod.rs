//! What happens: one file per arrow of the picture in `lib.rs`.

mod advance;
mod batch;
mod begin;
mod blocked;
mod blot;
mod cancel;
mod notices;
mod offer;
mod packages;
mod purchase;
mod report_link;
mod services;
mod step;
mod sync;
mod take_order;
mod take_report;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use crate::connection::Connection;
use crate::outbound::Outbound;

pub use advance::{Rest, Worker, advance, retry_delay};
pub use batch::{NotABatch, handle_batch};
pub use begin::{NotBegun, begin};
pub use packages::packages;
pub use report_link::{ReportRefused, open_report, report_link};
pub use services::{Caller, Services, Stranger};
pub use sync::sync;
pub use take_order::{Manner, NewOrder, OrderRefused, PackageNamed, TakenOrder, order_of_call, take_order};
pub use take_report::{CallDone, CallbackRefused, take_call};

/// The road to one ATS or vendor account: where, with which key, for how long.
#[derive(Clone, Copy)]
pub struct Account<'a> {
    /// The HTTP client.
    pub outbound: &'a Outbound,
    /// The account's base URL.
    pub base_url: &'a Url,
    /// The account's key.
    pub key: &'a str,
    /// Time for each call.
    pub timeout: Duration,
    /// The connection that the call is made for, where there is one yet.
    pub connection: Option<&'a Connection>,
    /// Signs what is sent to a vendor that verifies us; else empty.
    pub signing_secret: &'a str,
    /// The one before it, while a rotation lasts; else empty.
    pub previous_signing_secret: &'a str,
}

impl<'a> Account<'a> {
    /// A road without a connection: to try a key, or as a partner.
    pub const fn bare(outbound: &'a Outbound, base_url: &'a Url, key: &'a str, timeout: Duration) -> Self {
        let connection = None;
        Self { outbound, base_url, key, timeout, connection, signing_secret: "", previous_signing_secret: "" }
    }

    /// What the operator set for this option of the vendor's.
    pub fn option(&self, name: &str) -> Option<&'a str> {
        self.connection?.options.get(name).map(String::as_str)
    }
}

/// Where time comes from. Flows take it once and pass it on as an argument.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[expect(clippy::disallowed_methods, reason = "the one place where time comes from")]
    pub fn system() -> Self {
        Self(Arc::new(Timestamp::now))
    }

    /// A clock of the tests' own.
    pub fn from_fn(tell: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}
