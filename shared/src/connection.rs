//! A connection: one ATS account joined to one vendor account.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use url::Url;

use crate::ats::AtsKind;
use crate::order::{ConnectionId, Package};
use crate::vendor::VendorKind;

/// Whether a connection takes orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// It takes orders.
    Active,
    /// Its ATS admin has not connected yet, or has disconnected: it takes no orders and follows the open ones.
    Waiting,
    /// The operator paused it. It refuses new orders, with words for the recruiter, and follows the open ones.
    Paused,
    /// Its tokens are void; open orders are still followed.
    Revoked,
}

impl ConnectionState {
    /// The word in the table and in `--json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Waiting => "waiting",
            Self::Paused => "paused",
            Self::Revoked => "revoked",
        }
    }
}

impl fmt::Display for ConnectionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for ConnectionState {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Active, Self::Waiting, Self::Paused, Self::Revoked].into_iter().find(|s| s.name() == text).ok_or(())
    }
}

/// One valid trigger token, by its hash alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHash {
    /// Lower-case hexadecimal SHA-256 of the token.
    pub sha256: String,
    /// When it stops being valid; set when it was rotated away.
    pub expires_at: Option<Timestamp>,
    /// Whether the ATS made it up itself; such a one is not rotated by us.
    pub of_the_ats: bool,
}

/// What a vendor account offers, as last seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// The orderable packages.
    pub packages: Vec<Package>,
    /// Credits left on the vendor account, where the vendor says.
    pub credit: Option<i64>,
    /// Whether the vendor cannot start without a phone number.
    pub needs_phone: bool,
    /// Whether the vendor cannot start without an e-mail address.
    pub needs_email: bool,
}

/// One ATS account joined to one vendor account. Keys and secrets are elsewhere (`secrets.rs`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its id, part of the trigger token and of the callback URL.
    pub id: ConnectionId,
    /// Who asks.
    pub ats: AtsKind,
    /// Who checks.
    pub vendor: VendorKind,
    /// Base URL of the ATS's API.
    pub ats_url: Url,
    /// Base URL of the vendor's API.
    pub vendor_url: Url,
    /// Whether it takes orders.
    pub state: ConnectionState,
    /// The only account that may connect, where the operator named one.
    pub expected_account: Option<String>,
    /// The ATS's id of the account, once it is known; calls that name another one are refused.
    pub account: Option<String>,
    /// Lower-case hexadecimal SHA-256 of the e-mail address that the ATS admin has to give with the token, in lower
    /// case; for ATSs that connect by a consent page.
    pub admin_email_sha256: Option<String>,
    /// The valid trigger tokens: one, or two while a rotation lasts.
    pub tokens: Vec<TokenHash>,
    /// What the vendor offered when last asked.
    pub catalogue: Option<Catalogue>,
    /// What someone has to mend, as last seen by the worker.
    pub trouble: Option<String>,
    /// Base URL of this deployment's routes, as the operator connected it; callbacks and pages are below it.
    pub public_url: String,
    /// What the vendor has to know beside its key, by the names of [`crate::vendor::Vendor::options`].
    pub options: BTreeMap<String, String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Connection {
    /// Where the vendor calls us.
    pub fn callback_url(&self) -> String {
        format!("{}/callbacks/{}/{}", self.public_url, self.vendor, self.id)
    }

    /// Where the ATS calls us. It ends in a slash, as every published base URL does.
    pub fn door_url(&self) -> String {
        format!("{}/{}/", self.public_url, self.ats)
    }
}
