//! What a connection looks like as an item of the table.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use super::item::{Item, StoredPackage, from_package, to_package};
use crate::ats::AtsKind;
use crate::connection::{Catalogue, Connection, Side, TokenHash, Trouble, TroubleKind, Troubles};
use crate::rule::Rule;
use crate::vendor::VendorKind;

#[derive(Serialize, Deserialize)]
struct StoredToken {
    sha256: String,
    expires_at: Option<Timestamp>,
    #[serde(default)]
    of_the_ats: bool,
}

/// What a vendor offered, as one attribute of the connection.
#[derive(Serialize, Deserialize)]
struct StoredCatalogue {
    packages: Vec<StoredPackage>,
    credit: Option<i64>,
    needs_phone: bool,
    needs_email: bool,
}

#[derive(Serialize, Deserialize)]
struct StoredRule {
    stage: String,
    job: Option<String>,
    package: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredSide {
    Ats,
    Vendor,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredTroubleKind {
    KeyRefused,
    Disconnected,
}

#[derive(Serialize, Deserialize)]
struct StoredTrouble {
    side: StoredSide,
    kind: StoredTroubleKind,
    detail: Option<String>,
    /// Of a right that is missing. Version 0.1.0 knows no such trouble and takes it for a refused key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    since: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct StoredConnection {
    connection_id: String,
    ats: String,
    vendor: String,
    ats_url: String,
    vendor_url: String,
    state: String,
    #[serde(default)]
    expected_account: Option<String>,
    #[serde(default)]
    account: Option<String>,
    #[serde(default)]
    admin_email_sha256: Option<String>,
    tokens: Vec<StoredToken>,
    catalogue: Option<StoredCatalogue>,
    /// The trouble as version 0.1.0 writes it; read, and no longer written.
    #[serde(skip_serializing)]
    trouble: Option<String>,
    /// The trouble under a name of its own, so that version 0.1.0 can still read the item.
    current_trouble: Option<StoredTrouble>,
    /// The vendor account's trouble where the ATS account has some too; version 0.1.0 knows one at a time.
    vendor_trouble: Option<StoredTrouble>,
    #[serde(default)]
    public_url: String,
    #[serde(default)]
    options: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rules: Vec<StoredRule>,
    #[serde(default)]
    partner_id: Option<String>,
    /// In milliseconds.
    connecting_until: Option<i64>,
    #[serde(default)]
    revision: u64,
    created_at: Timestamp,
}

/// The catalogue as it is stored.
fn from_catalogue(catalogue: &Catalogue) -> StoredCatalogue {
    StoredCatalogue {
        packages: catalogue.packages.iter().map(from_package).collect(),
        credit: catalogue.credit,
        needs_phone: catalogue.needs_phone,
        needs_email: catalogue.needs_email,
    }
}

fn from_rule(rule: &Rule) -> StoredRule {
    StoredRule { stage: rule.stage.clone(), job: rule.job.clone(), package: rule.package.clone() }
}

fn to_rule(stored: StoredRule) -> Rule {
    let StoredRule { stage, job, package } = stored;
    Rule { stage, job, package }
}

/// The attributes of a connection, without key and index attributes.
pub(super) fn from_connection(connection: &Connection) -> Option<Item> {
    let tokens = connection.tokens.iter().map(|t| StoredToken {
        sha256: t.sha256.clone(),
        expires_at: t.expires_at,
        of_the_ats: t.of_the_ats,
    });
    let of = |side| connection.trouble.of(side).map(|trouble| from_trouble(side, trouble));
    let (current_trouble, vendor_trouble) = match (of(Side::Ats), of(Side::Vendor)) {
        (None, vendor) => (vendor, None),
        both => both,
    };
    let stored = StoredConnection {
        connection_id: connection.id.to_string(),
        ats: connection.ats.name().to_owned(),
        vendor: connection.vendor.name().to_owned(),
        ats_url: connection.ats_url.to_string(),
        vendor_url: connection.vendor_url.to_string(),
        state: connection.state.name().to_owned(),
        expected_account: connection.expected_account.clone(),
        account: connection.account.clone(),
        admin_email_sha256: connection.admin_email_sha256.clone(),
        tokens: tokens.collect(),
        catalogue: connection.catalogue.as_ref().map(from_catalogue),
        trouble: None,
        current_trouble,
        vendor_trouble,
        public_url: connection.public_url.clone(),
        options: connection.options.clone(),
        rules: connection.rules.iter().map(from_rule).collect(),
        partner_id: connection.partner_id.clone(),
        connecting_until: connection.connecting_until.map(Timestamp::as_millisecond),
        revision: connection.revision,
        created_at: connection.created_at,
    };
    let mut item: Item = serde_dynamo::to_item(stored).ok()?;
    item.retain(|_, value| !value.is_null());
    Some(item)
}

fn from_trouble(side: Side, trouble: &Trouble) -> StoredTrouble {
    let (kind, detail, action) = match &trouble.kind {
        TroubleKind::KeyRefused(detail) => (StoredTroubleKind::KeyRefused, Some(detail.clone()), None),
        TroubleKind::RightMissing { action, said } => {
            (StoredTroubleKind::KeyRefused, Some(said.clone()), Some(action.clone()))
        }
        TroubleKind::Disconnected => (StoredTroubleKind::Disconnected, None, None),
    };
    let side = match side {
        Side::Ats => StoredSide::Ats,
        Side::Vendor => StoredSide::Vendor,
    };
    StoredTrouble { side, kind, detail, action, since: trouble.since }
}

fn to_trouble(stored: StoredTrouble) -> (Side, Trouble) {
    let detail = stored.detail.unwrap_or_default();
    let kind = match (stored.kind, stored.action) {
        (StoredTroubleKind::KeyRefused, None) => TroubleKind::KeyRefused(detail),
        (StoredTroubleKind::KeyRefused, Some(action)) => TroubleKind::RightMissing { action, said: detail },
        (StoredTroubleKind::Disconnected, _) => TroubleKind::Disconnected,
    };
    let side = match stored.side {
        StoredSide::Ats => Side::Ats,
        StoredSide::Vendor => Side::Vendor,
    };
    (side, Trouble { kind, since: stored.since })
}

/// Trouble out of the two sentences that version 0.1.0 writes. Any other is taken for a refused key.
fn said_before(ats: AtsKind, words: &str) -> (Side, Trouble) {
    if words.starts_with("disconnected in ") {
        return (Side::Ats, Trouble { kind: TroubleKind::Disconnected, since: None });
    }
    // The whole beginning: one title may begin another, as Ashby's begins "Ashby partner".
    let of_ats = words.starts_with(&format!("{} refused the key (", ats.title()));
    let detail = words.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(words);
    let side = if of_ats { Side::Ats } else { Side::Vendor };
    (side, Trouble { kind: TroubleKind::KeyRefused(detail.to_owned()), since: None })
}

/// The troubles of an item, in whichever way they were written.
fn troubles(ats: AtsKind, s: &mut StoredConnection) -> Troubles {
    let first = s.current_trouble.take().map(to_trouble);
    let first = first.or_else(|| s.trouble.take().map(|words| said_before(ats, &words)));
    let mut troubles = Troubles::default();
    for (side, trouble) in first.into_iter().chain(s.vendor_trouble.take().map(to_trouble)) {
        *troubles.of_mut(side) = Some(trouble);
    }
    troubles
}

/// The connection in an item; `None` when the item is not one that this version can read.
pub(super) fn to_connection(item: Item) -> Option<Connection> {
    let mut s: StoredConnection = serde_dynamo::from_item(item).ok()?;
    let (ats, vendor): (AtsKind, VendorKind) = (s.ats.parse().ok()?, s.vendor.parse().ok()?);
    let trouble = troubles(ats, &mut s);
    let tokens = s.tokens.into_iter();
    let tokens = tokens.map(|t| TokenHash { sha256: t.sha256, expires_at: t.expires_at, of_the_ats: t.of_the_ats });
    Some(Connection {
        id: s.connection_id.parse().ok()?,
        ats,
        vendor,
        ats_url: Url::parse(&s.ats_url).ok()?,
        vendor_url: Url::parse(&s.vendor_url).ok()?,
        state: s.state.parse().ok()?,
        expected_account: s.expected_account,
        account: s.account,
        admin_email_sha256: s.admin_email_sha256,
        tokens: tokens.collect(),
        catalogue: s.catalogue.map(|c| Catalogue {
            packages: c.packages.into_iter().map(to_package).collect(),
            credit: c.credit,
            needs_phone: c.needs_phone,
            needs_email: c.needs_email,
        }),
        trouble,
        public_url: s.public_url,
        options: s.options,
        rules: s.rules.into_iter().map(to_rule).collect(),
        partner_id: s.partner_id,
        connecting_until: s.connecting_until.and_then(|at| Timestamp::from_millisecond(at).ok()),
        revision: s.revision,
        created_at: s.created_at,
    })
}
