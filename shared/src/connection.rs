//! A connection: one ATS account joined to one vendor account.

use std::collections::BTreeMap;

use jiff::Timestamp;
use strum::VariantArray;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::VariantArray)]
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
    /// The account takes its key, which lacks a right.
    RightMissing {
        /// What the worker tried: the name of its action.
        action: String,
        /// What the account said, without a candidate's data.
        said: String,
    },
    /// The account's admin disconnected it.
    Disconnected,
}

/// What somebody has to fix about one account of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What it is.
    pub kind: TroubleKind,
    /// Since when; `None` where an earlier version noted it without a time.
    pub since: Option<Timestamp>,
}

/// The trouble of each account: one may be mended while the other is not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Troubles {
    /// Of the ATS account.
    pub ats: Option<Trouble>,
    /// Of the vendor account.
    pub vendor: Option<Trouble>,
}

impl Troubles {
    /// Of this account.
    pub const fn of(&self, side: Side) -> Option<&Trouble> {
        match side {
            Side::Ats => self.ats.as_ref(),
            Side::Vendor => self.vendor.as_ref(),
        }
    }

    /// The place of this account's.
    pub const fn of_mut(&mut self, side: Side) -> &mut Option<Trouble> {
        match side {
            Side::Ats => &mut self.ats,
            Side::Vendor => &mut self.vendor,
        }
    }

    /// Since when there is any; `None` also where an earlier version noted it without a time.
    pub fn since(&self) -> Option<Timestamp> {
        [&self.ats, &self.vendor].into_iter().flatten().filter_map(|trouble| trouble.since).min()
    }
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
    pub trouble: Troubles,
    /// Base URL of this deployment's routes, as the operator connected it; callbacks and pages are below it.
    pub public_url: String,
    /// What the vendor has to know beside its key, by the names of [`crate::vendor::VendorFacts::options`].
    pub options: BTreeMap<String, String>,
    /// By which stages a check is ordered, in the order in which they are tried.
    pub rules: Vec<crate::rule::Rule>,
    /// The id that the ATS gave the partner, for results of checks that the ATS did not start.
    pub partner_id: Option<String>,
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
            trouble: Troubles::default(),
            public_url,
            options: BTreeMap::new(),
            rules: Vec::new(),
            partner_id: None,
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

    /// Its trouble in words for the operator, a sentence for each account.
    pub fn trouble_words(&self) -> Option<String> {
        let words = |side: &Side| Some(in_words(self.title(*side), &self.trouble.of(*side)?.kind));
        let all: Vec<String> = Side::VARIANTS.iter().filter_map(words).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// Notes trouble. The same trouble keeps the time that it began at. After a disconnection every key is refused,
    /// which is no other trouble.
    pub fn note_trouble(&mut self, side: Side, kind: TroubleKind, now: Timestamp) {
        if !self.is_trouble(side, &kind) && !self.is_trouble(side, &TroubleKind::Disconnected) {
            *self.trouble.of_mut(side) = Some(Trouble { kind, since: Some(now) });
        }
    }

    /// Whether this very trouble is known.
    pub fn is_trouble(&self, side: Side, kind: &TroubleKind) -> bool {
        self.trouble.of(side).is_some_and(|known| known.kind == *kind)
    }

    /// Whether its trouble with this account is over, now that the account took this action.
    pub fn is_mended_by(&self, side: Side, action: &str) -> bool {
        self.trouble.of(side).is_some_and(|known| match &known.kind {
            TroubleKind::KeyRefused(_) => true,
            TroubleKind::RightMissing { action: refused, .. } => refused == action,
            TroubleKind::Disconnected => false,
        })
    }

    /// Takes back the trouble that is over, now that this account took this action.
    pub fn works(&mut self, side: Side, action: &str) {
        if self.is_mended_by(side, action) {
            *self.trouble.of_mut(side) = None;
        }
    }

    /// Takes back what was known against its keys, because they were replaced.
    pub fn keys_replaced(&mut self) {
        for side in Side::VARIANTS {
            self.trouble.of_mut(*side).take_if(|known| known.kind != TroubleKind::Disconnected);
        }
    }

    /// Whether its ATS's admin disconnected it and has not connected again.
    pub fn is_disconnected(&self) -> bool {
        self.is_trouble(Side::Ats, &TroubleKind::Disconnected)
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

fn in_words(title: &str, trouble: &TroubleKind) -> String {
    match trouble {
        TroubleKind::KeyRefused(detail) => format!("{title} refused the key ({detail})"),
        TroubleKind::RightMissing { action, said } => {
            format!("{title} takes the key but does not let it {action} ({said})")
        }
        TroubleKind::Disconnected => format!("disconnected in {title}; its admin has to connect again"),
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
        assert_eq!(known.trouble.since(), Some(Timestamp::UNIX_EPOCH));
        assert_eq!(known.trouble_words().as_deref(), Some("Ashby partner refused the key (HTTP 401)"));
        known.works(Side::Ats, "tell");
        assert!(known.trouble.vendor.is_some());
        known.works(Side::Vendor, "ask");
        assert_eq!(known.trouble, Troubles::default());
    }

    #[test]
    fn each_side_has_its_own_trouble() {
        let mut known = connection();
        known.note_trouble(Side::Ats, TroubleKind::Disconnected, Timestamp::UNIX_EPOCH);
        known.note_trouble(Side::Vendor, TroubleKind::KeyRefused("HTTP 401".to_owned()), Timestamp::MAX);
        let both = "disconnected in Ashby; its admin has to connect again; Ashby partner refused the key (HTTP 401)";
        assert_eq!(known.trouble_words().as_deref(), Some(both));
        known.works(Side::Vendor, "ask");
        assert!(known.is_disconnected() && known.trouble.vendor.is_none());
    }

    #[test]
    fn a_right_is_missing_until_the_action_that_needs_it_passes() {
        let mut known = connection();
        let missing = TroubleKind::RightMissing { action: "place".to_owned(), said: "not approved".to_owned() };
        known.note_trouble(Side::Vendor, missing, Timestamp::UNIX_EPOCH);
        known.works(Side::Vendor, "ask");
        let words = "Ashby partner takes the key but does not let it place (not approved)";
        assert_eq!(known.trouble_words().as_deref(), Some(words));
        known.works(Side::Vendor, "place");
        assert_eq!(known.trouble_words(), None);
    }

    #[test]
    fn a_key_that_works_does_not_end_a_disconnection() {
        let mut known = connection();
        known.note_trouble(Side::Ats, TroubleKind::Disconnected, Timestamp::UNIX_EPOCH);
        known.works(Side::Ats, "tell");
        assert!(known.is_disconnected());
        assert_eq!(known.trouble_words().as_deref(), Some("disconnected in Ashby; its admin has to connect again"));
    }
}
