//! The vendors' parts: a check that is bought, moves on, and is reported, or whose report gets lost.

use async_trait::async_trait;
use shared::connection::Connection;
use shared::secrets::StoredKeys;
use shared::vendor::VendorKind;

use super::springverify::SpringVerify;
use crate::place::CliError;
use crate::sim::{Faults, SimSpringVerify};

/// Where a check gets to, whatever the vendor's word for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Milestone {
    /// The candidate has done their part; the vendor works.
    InProgress,
    /// Completed, nothing found.
    Clear,
    /// Completed, with something that a person has to look at.
    Review,
    /// Looked at again after it was completed.
    Reopened,
    /// Stopped at the vendor.
    Cancelled,
}

/// A vendor in a play.
#[async_trait]
pub trait PlaysVendor: Send + Sync {
    /// Which.
    fn kind(&self) -> VendorKind;
    /// Base URL of its API.
    fn base_url(&self) -> String;
    /// The key that the operator is given.
    fn key(&self) -> String;
    /// Options of the connection.
    fn options(&self) -> Vec<(String, String)> {
        Vec::new()
    }
    /// It is told where and with which secrets to call us.
    async fn connect(&self, connection: &Connection, keys: &StoredKeys) -> Result<(), CliError>;
    /// The check gets there; what its callbacks were answered.
    async fn reaches(&self, vendor_ref: &str, milestone: Milestone) -> Result<Vec<u16>, CliError>;
    /// Its callbacks get lost from now on, or arrive again.
    fn loses_callbacks(&self, lost: bool);
    /// Checks that were bought.
    fn creates(&self) -> usize;
    /// What our side did against its protocol.
    fn violations(&self) -> Vec<String>;
    /// What goes wrong with calls to it.
    fn faults(&self) -> &Faults;
    /// The operation that buys, by the name its faults are queued under.
    fn buying(&self) -> &'static str;
    /// The simulator behind it, if it is a `SpringVerify`.
    fn springverify(&self) -> Option<&SimSpringVerify> {
        None
    }
}

/// Starts the simulator of a vendor.
pub(super) async fn start(kind: VendorKind) -> Result<Box<dyn PlaysVendor>, CliError> {
    Ok(match kind {
        VendorKind::SpringVerify => Box::new(SpringVerify::start().await?),
    })
}
