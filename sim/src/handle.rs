//! What every simulator is a handle to: its server, what goes wrong with it, what it was asked, and its client for
//! calls to the bridge.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use super::call::Logged;
use super::caller::Caller;
use super::faults::Faults;
use super::server::{Server, Serves};

/// The part that all simulators share. Clones are handles to the same one; it stops with the last of them.
#[derive(Clone)]
pub struct Handle {
    server: Arc<Server>,
    pub(super) caller: Caller,
}

impl Handle {
    /// Listens on a loopback address; calls of its own carry this `User-Agent`.
    pub(super) async fn start(address: SocketAddr, serves: Arc<dyn Serves>, user_agent: &str) -> io::Result<Self> {
        Ok(Self { server: Arc::new(Server::start(address, serves).await?), caller: Caller::new(user_agent)? })
    }

    /// Scheme, host and port, without a slash at the end.
    pub(super) fn origin(&self) -> String {
        self.server.base_url()
    }

    /// What goes wrong with calls to its API.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.server.faults
    }

    /// Every call to its API, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<Logged> {
        self.server.log()
    }

    /// How many calls of one operation arrived.
    #[must_use]
    pub fn calls(&self, operation: &str) -> usize {
        self.requests().iter().filter(|line| line.operation == operation).count()
    }
}
