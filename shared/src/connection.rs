//! A connection: one ATS account joined to one vendor account.

use std::collections::BTreeMap;

use jiff::Timestamp;
use url::Url;

use crate::ats::AtsKind;
use crate::order::{ConnectionId, Package};
use crate::vendor::VendorKind;

/// Whether a connection takes orders.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, strum::Display, strum::EnumString, strum::IntoStaticStr, strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
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
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One valid trigger token, by its hash alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHash {
    /// Lower-case hexadecimal SHA-256 of the token.
    pub sha256: String,
    /// When it stops being valid; set when it was rotated away.
    pub expires_at: Option<Timestamp>,
    /// Whether the ATS made it up itself. Crosscheck does not rotate such a token.
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

/// One of the two accounts of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The ATS account.
    Ats,
    /// The vendor account.
    Vendor,
}

/// What somebody has to fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TroubleKind {
    /// The account refused its key; with the error code.
    KeyRefused(String),
    /// The account's admin disconnected it.
    Disconnected,
}

/// What somebody has to fix about a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The account concerned.
    pub side: Side,
    /// What it is.
    pub kind: TroubleKind,
    /// Since when; `None` where an earlier version noted it without a time.
    pub since: Option<Timestamp>,
}

/// The parts of a connection that are decided when it is made.
#[derive(Debug, Clone)]
pub struct NewConnection {
    /// Its id.
    pub id: ConnectionId,
    /// The ATS.
    pub ats: AtsKind,
    /// The vendor.
    pub vendor: VendorKind,
    /// Base URL of the ATS's API.
    pub ats_url: Url,
    /// Base URL of the vendor's API.
    pub vendor_url: Url,
    /// Base URL of this deployment's routes.
    pub public_url: String,
    /// When it is made.
    pub created_at: Timestamp,
}

/// One ATS account joined to one vendor account. Keys and secrets are elsewhere (`secrets.rs`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its id, part of the trigger token and of the callback URL.
    pub id: ConnectionId,
    /// The ATS.
    pub ats: AtsKind,
    /// The vendor.
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
    /// What somebody has to fix, as last seen.
    pub trouble: Option<Trouble>,
    /// Base URL of this deployment's routes, as the operator connected it; callbacks and pages are below it.
    pub public_url: String,
    /// What the vendor has to know beside its key, by the names of [`crate::vendor::VendorFacts::options`].
    pub options: BTreeMap<String, String>,
    /// Until when one consent form exchanges credentials. No other form may do so meanwhile.
    pub connecting_until: Option<Timestamp>,
    /// Rises with every write; the store refuses a write over a newer one.
    pub revision: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Connection {
    /// A connection that takes orders and about which nothing else is known yet.
    pub fn new(new: NewConnection) -> Self {
        let NewConnection { id, ats, vendor, ats_url, vendor_url, public_url, created_at } = new;
        Self {
            id,
            ats,
            vendor,
            ats_url,
            vendor_url,
            state: ConnectionState::Active,
            expected_account: None,
            account: None,
            admin_email_sha256: None,
            tokens: Vec::new(),
            catalogue: None,
            trouble: None,
            public_url,
            options: BTreeMap::new(),
            connecting_until: None,
            revision: 0,
            created_at,
        }
    }

    /// The name of one of its two accounts' systems.
    pub fn title(&self, side: Side) -> &'static str {
        match side {
            Side::Ats => self.ats.title(),
            Side::Vendor => self.vendor.title(),
        }
    }

    /// Its trouble as a sentence for the operator.
    pub fn trouble_words(&self) -> Option<String> {
        let trouble = self.trouble.as_ref()?;
        let title = self.title(trouble.side);
        Some(match &trouble.kind {
            TroubleKind::KeyRefused(detail) => format!("{title} refused the key ({detail})"),
            TroubleKind::Disconnected => format!("disconnected in {title}; its admin has to connect again"),
        })
    }

    /// Notes trouble. The same trouble keeps the time that it began at.
    pub fn note_trouble(&mut self, side: Side, kind: TroubleKind, now: Timestamp) {
        if !self.is_trouble(side, &kind) {
            self.trouble = Some(Trouble { side, kind, since: Some(now) });
        }
    }

    /// Whether this very trouble is known.
    pub fn is_trouble(&self, side: Side, kind: &TroubleKind) -> bool {
        self.trouble.as_ref().is_some_and(|known| (known.side, &known.kind) == (side, kind))
    }

    /// Whether it is known that this account refuses its key.
    pub fn is_key_refused(&self, side: Side) -> bool {
        let known = self.trouble.as_ref();
        known.is_some_and(|known| known.side == side && matches!(known.kind, TroubleKind::KeyRefused(_)))
    }

    /// Takes back that this account refuses its key.
    pub fn key_works(&mut self, side: Side) {
        if self.is_key_refused(side) {
            self.trouble = None;
        }
    }

    /// Whether its ATS's admin disconnected it and has not connected again.
    pub fn is_disconnected(&self) -> bool {
        self.trouble.as_ref().is_some_and(|known| known.kind == TroubleKind::Disconnected)
    }

    /// Where the vendor calls us.
    pub fn callback_url(&self) -> String {
        format!("{}/callbacks/{}/{}", self.public_url, self.vendor, self.id)
    }

    /// Where the ATS calls us. It ends in a slash, as every published base URL does.
    pub fn door_url(&self) -> String {
        format!("{}/{}/", self.public_url, self.ats)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> Connection {
        let url = Url::parse("https://example.com").expect("a URL");
        Connection::new(NewConnection {
            id: ConnectionId::from_random([1; 8]),
            ats: AtsKind::Ashby,
            vendor: VendorKind::AshbyPartner,
            ats_url: url.clone(),
            vendor_url: url,
            public_url: String::new(),
            created_at: Timestamp::UNIX_EPOCH,
        })
    }

    #[test]
    fn trouble_with_one_side_is_over_when_that_side_takes_its_key_and_keeps_its_time_until_then() {
        let mut known = connection();
        let refused = || TroubleKind::KeyRefused("HTTP 401".to_owned());
        known.note_trouble(Side::Vendor, refused(), Timestamp::UNIX_EPOCH);
        known.note_trouble(Side::Vendor, refused(), Timestamp::MAX);
        assert_eq!(known.trouble.as_ref().and_then(|trouble| trouble.since), Some(Timestamp::UNIX_EPOCH));
        assert_eq!(known.trouble_words().as_deref(), Some("Ashby partner refused the key (HTTP 401)"));
        known.key_works(Side::Ats);
        assert!(known.is_key_refused(Side::Vendor) && !known.is_key_refused(Side::Ats));
        known.key_works(Side::Vendor);
        assert_eq!(known.trouble, None);
    }

    #[test]
    fn a_key_that_works_does_not_end_a_disconnection() {
        let mut known = connection();
        known.note_trouble(Side::Ats, TroubleKind::Disconnected, Timestamp::UNIX_EPOCH);
        known.key_works(Side::Ats);
        assert!(known.is_disconnected());
        assert_eq!(known.trouble_words().as_deref(), Some("disconnected in Ashby; its admin has to connect again"));
    }
}
