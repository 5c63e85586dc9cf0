//! A whole scene in one process: the local stack between a simulated Ashby and a simulated SpringVerify.

use std::ops::Deref;

use shared::ats::AtsKind;
use shared::connection::{Connection, NewConnection};
use shared::order::ConnectionId;
use shared::secrets::StoredKeys;
use shared::signature::random;
use shared::vendor::VendorKind;
use url::Url;

use crate::ashby::Partner;
use crate::test_stack::TestStack;
use crate::{SimAshby, SimSpringVerify};
use crosscheck::connect::{Made, fresh_secret, no_randomness, store};
use crosscheck::deployment::{CliError, Deployment};
use crosscheck::output;

/// The scene.
pub struct Scene {
    /// The stack under test, and the operator's view of it.
    pub test_stack: TestStack,
    /// The ATS.
    pub ashby: SimAshby,
    /// The vendor.
    pub springverify: SimSpringVerify,
    /// How Ashby reaches us.
    pub partner: Partner,
    /// The connection between the two.
    pub connection: Connection,
    /// The token that Ashby was given.
    pub trigger_token: String,
    /// The secret that SpringVerify was given.
    pub callback_secret: String,
}

impl Scene {
    /// Starts everything and connects it.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn start() -> Result<Self, CliError> {
        let test_stack = TestStack::start().await?;
        let (ashby, springverify) = (SimAshby::start().await?, SimSpringVerify::start().await?);
        let made = connect_simulated(&test_stack.deployment, &ashby, &springverify).await?;
        let partner =
            Partner::new(&output::ats_base_url(&made.connection, &test_stack.stack.base_url), &made.trigger_token);
        Ok(Self {
            test_stack,
            partner,
            connection: made.connection,
            trigger_token: made.trigger_token,
            callback_secret: made.callback_secret,
            ashby,
            springverify,
        })
    }
}

impl Deref for Scene {
    type Target = TestStack;

    fn deref(&self) -> &TestStack {
        &self.test_stack
    }
}

/// Connects a simulated Ashby to a simulated SpringVerify, callbacks included, as an operator would.
///
/// # Errors
/// When a key is refused or the stack does not answer.
pub async fn connect_simulated(
    deployment: &Deployment,
    ashby: &SimAshby,
    springverify: &SimSpringVerify,
) -> Result<Made, CliError> {
    let draft = Connection::new(NewConnection {
        id: ConnectionId::from_random(random().map_err(no_randomness)?),
        ats: AtsKind::Ashby,
        vendor: VendorKind::SpringVerify,
        ats_url: url(&ashby.base_url())?,
        vendor_url: url(&springverify.base_url())?,
        public_url: deployment.base_url.clone(),
        created_at: deployment.services.clock.now(),
    });
    let (ats_key, vendor_key) = (ashby.api_key(), springverify.token());
    let keys = StoredKeys { ats_key, vendor_key, callback_secret: fresh_secret()?, ..StoredKeys::default() };
    let made = store(deployment, draft, &keys, false).await?;
    springverify
        .configure_callback(&output::callback_url(&made.connection, &deployment.base_url), &made.callback_secret);
    springverify.set_interim_pushes(true);
    Ok(made)
}

fn url(text: &str) -> Result<Url, CliError> {
    Url::parse(text).map_err(|e| CliError::Input(e.to_string()))
}
