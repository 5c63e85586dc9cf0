//! A gate in front of a call: the call waits there until the test lets it go on.

use std::sync::Arc;

use tokio::sync::watch;

/// A gate that calls wait at. Clones are the same gate.
#[derive(Clone, Debug)]
pub struct Gate(Arc<States>);

#[derive(Debug)]
struct States {
    /// Somebody waits at it.
    arrived: watch::Sender<bool>,
    /// The connections of those who wait are cut.
    cut: watch::Sender<bool>,
    /// They may go on.
    open: watch::Sender<bool>,
    /// What waited has been done.
    passed: watch::Sender<bool>,
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for Gate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Gate {}

impl Gate {
    /// A closed gate.
    #[must_use]
    pub fn new() -> Self {
        let closed = || watch::Sender::new(false);
        Self(Arc::new(States { arrived: closed(), cut: closed(), open: closed(), passed: closed() }))
    }

    /// Waits until a call has come to the gate.
    pub async fn arrived(&self) {
        until(&self.0.arrived).await;
    }

    /// Breaks the connections of the calls that wait. What they wait for is still to come.
    pub fn cut(&self) {
        self.0.cut.send_replace(true);
    }

    /// Lets what waits go on.
    pub fn open(&self) {
        self.0.open.send_replace(true);
    }

    /// Waits until what waited at the gate has been done.
    pub async fn passed(&self) {
        until(&self.0.passed).await;
    }

    pub(super) fn arrive(&self) {
        self.0.arrived.send_replace(true);
    }

    pub(super) fn pass(&self) {
        self.0.passed.send_replace(true);
    }

    pub(super) async fn until_open(&self) {
        until(&self.0.open).await;
    }

    pub(super) async fn until_cut(&self) {
        until(&self.0.cut).await;
    }
}

async fn until(state: &watch::Sender<bool>) {
    // It fails only when every sender is gone, and this one is not.
    let _ = state.subscribe().wait_for(|is| *is).await;
}
