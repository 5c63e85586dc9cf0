//! The one language of whole flows: any ATS connected to any vendor, both simulated, around one stack: the same play for every pair.

mod ashby;
mod ashby_vendor;
mod ats;
mod checkr;
mod letter;
mod smartrecruiters;
mod springverify;
mod stackone_vendor;
mod start;
mod teamtailor;
mod vendor;

use std::collections::BTreeMap;
use std::ops::Deref;

use shared::ats::{AtsKind, KeySource};
use shared::connection::{Connection, ConnectionState, NewConnection};
use shared::order::{ConnectionId, Order};
use shared::secrets::StoredKeys;
use shared::signature::random;
use shared::vendor::VendorKind;
use url::Url;

use crate::test_stack::TestStack;
use crosscheck::connect::{Made, email_hash, fresh_keys, no_randomness, store};
use crosscheck::deployment::{CliError, Deployment};

pub use ats::{Card, Person, PlaysAts};
pub use letter::{Answers, Letter, Needed, Strange, WritesLetters};
pub use smartrecruiters::{COMPANY, SmartRecruiters, hidden_fields};
pub use springverify::SpringVerify;
pub use vendor::{Milestone, PlaysVendor};

/// The address that the ATS admin gives where one is asked for.
pub const ADMIN: &str = "admin@example.com";

/// An ATS and a vendor around one stack.
pub struct Pair {
    /// The stack.
    pub test_stack: TestStack,
    /// The ATS.
    pub ats: Box<dyn PlaysAts>,
    /// The vendor.
    pub vendor: Box<dyn PlaysVendor>,
    /// The connection between the two, with what was shown once.
    pub made: Made,
}

impl Deref for Pair {
    type Target = TestStack;

    fn deref(&self) -> &TestStack {
        &self.test_stack
    }
}

impl Pair {
    /// Starts everything and connects it, as an operator and an ATS admin would.
    ///
    /// # Errors
    /// When something does not start or refuses.
    pub async fn start(ats: AtsKind, vendor: VendorKind) -> Result<Self, CliError> {
        Self::join(TestStack::start().await?, ats, vendor).await
    }

    /// The same around a stack that runs already.
    ///
    /// # Errors
    /// As [`Pair::start`].
    pub async fn join(test_stack: TestStack, ats: AtsKind, vendor: VendorKind) -> Result<Self, CliError> {
        let Tenant { ats, vendor, made } = Tenant::start(&test_stack.deployment, ats, vendor).await?;
        Ok(Self { test_stack, ats, vendor, made })
    }

    /// Starts everything with options of the vendor's that the operator sets.
    ///
    /// # Errors
    /// As [`Pair::start`].
    pub async fn start_with(ats: AtsKind, vendor: VendorKind, options: &[(&str, &str)]) -> Result<Self, CliError> {
        let test_stack = TestStack::start().await?;
        let (ats, vendor) = (start::ats(ats).await?, start::vendor(vendor).await?);
        let options = options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let made = prepare_with(&test_stack.deployment, ats.as_ref(), vendor.as_ref(), options.collect()).await?;
        ats.connect(&test_stack.deployment, &made).await?;
        Ok(Self { test_stack, ats, vendor, made })
    }

    /// The order behind a card: its id, or the last part of where its results go.
    ///
    /// # Errors
    /// When the table does not answer or there is no such order.
    pub async fn order_of(&self, card: &str) -> Result<Order, CliError> {
        let is = |o: &Order| {
            o.id.to_string() == card || o.reference.result_url.as_deref().is_some_and(|url| url.contains(card))
        };
        // The lists are read one after the other: an order that moves between them meanwhile is in neither.
        let mut wait = self.wait();
        loop {
            if let Some(order) = self.deployment.services.store.recent().await?.into_iter().find(is) {
                return Ok(order);
            }
            if !wait.may_change().await {
                return Err(CliError::Input(format!("no order behind {card}")));
            }
        }
    }

    /// Waits until the order behind a card is as wanted.
    ///
    /// # Errors
    /// Says how the order stood when the time was over.
    pub async fn until_card(&self, card: &str, wanted: impl Fn(&Order) -> bool) -> Result<Order, CliError> {
        let id = self.order_of(card).await?.id.to_string();
        self.until(&id, wanted).await
    }

    /// Checks what must hold at the end of every play: nobody broke a protocol, and this many checks were bought.
    ///
    /// # Errors
    /// Says what did not.
    pub fn ends_with_bought(&self, checks: usize) -> Result<(), CliError> {
        let mut violations = self.ats.violations();
        violations.extend(self.vendor.violations());
        let bought = self.vendor.creates();
        if violations.is_empty() && bought == checks {
            return Ok(());
        }
        Err(CliError::Input(format!("bought {bought} checks, expected {checks}; violations: {violations:?}")))
    }
}

/// One of several connections on one stack.
pub struct Tenant {
    /// The ATS.
    pub ats: Box<dyn PlaysAts>,
    /// The vendor.
    pub vendor: Box<dyn PlaysVendor>,
    /// The connection between the two, with what was shown once.
    pub made: Made,
}

impl Tenant {
    /// Starts an ATS and a vendor and connects them through this deployment.
    ///
    /// # Errors
    /// When something does not start or refuses.
    pub async fn start(deployment: &Deployment, ats: AtsKind, vendor: VendorKind) -> Result<Self, CliError> {
        Self::connected(deployment, start::ats(ats).await?, vendor).await
    }

    /// Another customer of the same ATS, with a vendor account of their own.
    ///
    /// # Errors
    /// As [`Tenant::start`].
    pub async fn beside(&self, deployment: &Deployment, vendor: VendorKind) -> Result<Self, CliError> {
        Self::connected(deployment, self.ats.another().await?, vendor).await
    }

    async fn connected(deployment: &Deployment, ats: Box<dyn PlaysAts>, vendor: VendorKind) -> Result<Self, CliError> {
        let vendor = start::vendor(vendor).await?;
        let made = connect(deployment, ats.as_ref(), vendor.as_ref()).await?;
        Ok(Self { ats, vendor, made })
    }

    /// Starts both and does the operator's part: the ATS's admin has connected nothing yet. `first` changes the ATS
    /// before anybody has seen it.
    ///
    /// # Errors
    /// As [`Tenant::start`].
    pub async fn prepared(
        deployment: &Deployment,
        ats: AtsKind,
        vendor: VendorKind,
        first: impl FnOnce(&dyn PlaysAts) + Send,
    ) -> Result<Self, CliError> {
        let (ats, vendor) = (start::ats(ats).await?, start::vendor(vendor).await?);
        first(ats.as_ref());
        let made = prepare(deployment, ats.as_ref(), vendor.as_ref()).await?;
        Ok(Self { ats, vendor, made })
    }
}

/// Connects the two sides through this deployment.
///
/// # Errors
/// When a key is refused or the deployment does not answer.
pub async fn connect(deployment: &Deployment, ats: &dyn PlaysAts, vendor: &dyn PlaysVendor) -> Result<Made, CliError> {
    let made = prepare(deployment, ats, vendor).await?;
    ats.connect(deployment, &made).await?;
    Ok(made)
}

/// The operator's part of connecting: the ATS's admin is handed what was made.
///
/// # Errors
/// As [`connect`].
pub async fn prepare(deployment: &Deployment, ats: &dyn PlaysAts, vendor: &dyn PlaysVendor) -> Result<Made, CliError> {
    prepare_with(deployment, ats, vendor, vendor.options().into_iter().collect()).await
}

async fn prepare_with(
    deployment: &Deployment,
    ats: &dyn PlaysAts,
    vendor: &dyn PlaysVendor,
    options: BTreeMap<String, String>,
) -> Result<Made, CliError> {
    ats.set_up(deployment).await?;
    let url = |text: String| Url::parse(&text).map_err(|e| CliError::Input(e.to_string()));
    let by_consent = ats.kind().facts().key_source == KeySource::Consent;
    let draft = Connection {
        state: if by_consent { ConnectionState::Waiting } else { ConnectionState::Active },
        admin_email_sha256: by_consent.then(|| email_hash(ADMIN)),
        options,
        ..Connection::new(NewConnection {
            id: ConnectionId::from_random(random().map_err(no_randomness)?),
            ats: ats.kind(),
            vendor: vendor.kind(),
            ats_url: url(ats.base_url())?,
            vendor_url: url(vendor.base_url())?,
            public_url: deployment.base_url.clone(),
            created_at: deployment.services.clock.now(),
        })
    };
    let keys = StoredKeys { ats_key: ats.api_key(), vendor_key: vendor.key(), ..fresh_keys()? };
    let made = store(deployment, draft, &keys, false).await?;
    vendor.connect(&made.connection, &keys).await?;
    Ok(made)
}
