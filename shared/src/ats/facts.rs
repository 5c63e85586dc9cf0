//! Facts about an ATS's protocol, as data. Code, tables, help texts and tests read them.

use url::Url;

/// Facts about one ATS's protocol.
#[derive(Debug, Clone, Copy)]
pub struct AtsFacts {
    /// The name that people read.
    pub title: &'static str,
    /// The base URL of its own production API.
    pub base_url: &'static str,
    /// Where the key for its API comes from.
    pub key_source: KeySource,
    /// What it calls the keys that it gives this deployment as its partner; `None` where it gives none.
    pub partner_keys: Option<PartnerKeyNames>,
    /// Whether it may make up a key of its own for a customer's account, which it then calls us with.
    pub makes_up_keys: bool,
}

/// Where the key for an ATS's API comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// The operator gives it when connecting.
    Operator,
    /// The ATS gives it when its admin consents on our page.
    Consent,
    /// It is this deployment's key as a partner, the same for every connection.
    Partner,
}

/// What an ATS calls the keys of a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartnerKeyNames {
    /// The id, which is no secret.
    pub id: &'static str,
    /// The key.
    pub key: &'static str,
    /// The secret that signs its calls, where it signs them.
    pub webhook_secret: Option<&'static str>,
}

impl AtsFacts {
    /// The base URL of its own production API.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "constants, parsed by every test")]
    pub fn production_url(&self) -> Url {
        Url::parse(self.base_url).expect("a constant URL")
    }
}
