//! How to reach one account at an ATS or a vendor: where, with which key, for how long.

use std::time::Duration;

use url::Url;

use crate::connection::Connection;
use crate::outbound::Outbound;

/// How to reach one ATS or vendor account.
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
    /// An account without a connection: to try a key, or to call as a partner.
    pub const fn bare(outbound: &'a Outbound, base_url: &'a Url, key: &'a str, timeout: Duration) -> Self {
        let connection = None;
        Self { outbound, base_url, key, timeout, connection, signing_secret: "", previous_signing_secret: "" }
    }

    /// What the operator set for this option of the vendor's.
    pub fn option(&self, name: &str) -> Option<&'a str> {
        self.connection?.options.get(name).map(String::as_str)
    }
}
