//! What a connection looks like as an item of the table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::Url;

use super::item::{Item, StoredPackage, from_package, maybe_time, to_package};
use crate::connection::{Catalogue, Connection, TokenHash};

#[derive(Serialize, Deserialize)]
struct StoredToken {
    sha256: String,
    expires_at: Option<String>,
    #[serde(default)]
    of_the_ats: bool,
}

/// What a vendor offered, as one attribute of the connection.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredCatalogue {
    packages: Vec<StoredPackage>,
    credit: Option<i64>,
    needs_phone: bool,
    needs_email: bool,
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
    trouble: Option<String>,
    #[serde(default)]
    public_url: String,
    #[serde(default)]
    options: BTreeMap<String, String>,
    created_at: String,
}

/// The catalogue as it is stored.
pub(super) fn from_catalogue(catalogue: &Catalogue) -> StoredCatalogue {
    StoredCatalogue {
        packages: catalogue.packages.iter().map(from_package).collect(),
        credit: catalogue.credit,
        needs_phone: catalogue.needs_phone,
        needs_email: catalogue.needs_email,
    }
}

/// The attributes of a connection, without key and index attributes.
pub(super) fn from_connection(connection: &Connection) -> Option<Item> {
    let tokens = connection.tokens.iter().map(|t| StoredToken {
        sha256: t.sha256.clone(),
        expires_at: t.expires_at.map(|t| t.to_string()),
        of_the_ats: t.of_the_ats,
    });
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
        trouble: connection.trouble.clone(),
        public_url: connection.public_url.clone(),
        options: connection.options.clone(),
        created_at: connection.created_at.to_string(),
    };
    serde_dynamo::to_item(stored).ok()
}

/// The connection in an item; `None` when the item is not one that this version can read.
pub(super) fn to_connection(item: Item) -> Option<Connection> {
    let s: StoredConnection = serde_dynamo::from_item(item).ok()?;
    let tokens = s.tokens.into_iter().map(|t| {
        let expires_at = maybe_time(t.expires_at)?;
        Some(TokenHash { sha256: t.sha256, expires_at, of_the_ats: t.of_the_ats })
    });
    Some(Connection {
        id: s.connection_id.parse().ok()?,
        ats: s.ats.parse().ok()?,
        vendor: s.vendor.parse().ok()?,
        ats_url: Url::parse(&s.ats_url).ok()?,
        vendor_url: Url::parse(&s.vendor_url).ok()?,
        state: s.state.parse().ok()?,
        expected_account: s.expected_account,
        account: s.account,
        admin_email_sha256: s.admin_email_sha256,
        tokens: tokens.collect::<Option<_>>()?,
        catalogue: s.catalogue.map(|c| Catalogue {
            packages: c.packages.into_iter().map(to_package).collect(),
            credit: c.credit,
            needs_phone: c.needs_phone,
            needs_email: c.needs_email,
        }),
        trouble: s.trouble,
        public_url: s.public_url,
        options: s.options,
        created_at: s.created_at.parse().ok()?,
    })
}
