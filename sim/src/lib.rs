//! Simulated ATS and vendor accounts. They hold state, are written from the published protocols, and
//! share no type with the bridge, so that a mistake in one of the two shows.
//!
//! They serve `crosscheck dev`, `make demo` and the tests alike. Each listens on a loopback port
//! of its own and stops when the last clone of its handle is dropped.

pub mod ashby;
pub mod ashby_vendor;
mod call;
mod caller;
pub mod checkr;
mod cut;
mod delivery;
pub mod faults;
mod gate;
mod handle;
pub mod pair;
pub mod reply;
mod server;
mod sign;
pub mod smartrecruiters;
pub mod springverify;
pub mod stackone_vendor;
pub mod teamtailor;
pub mod test_stack;

pub use ashby::SimAshby;
pub use ashby_vendor::SimAshbyVendor;
pub use call::Logged;
pub use caller::{Answer, NO_ANSWER};
pub use checkr::SimCheckr;
pub use delivery::Delivery;
pub use faults::{Fault, Faults};
pub use gate::Gate;
pub use handle::Handle;
pub use reply::Reply;
pub use smartrecruiters::SimSmartRecruiters;
pub use springverify::SimSpringVerify;
pub use stackone_vendor::SimStackOneVendor;
pub use teamtailor::SimTeamtailor;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a test or the demo asked of a simulator that it cannot do: a mistake of the caller, never
/// something that happened on the wire.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SimError {
    /// The simulator knows no such thing.
    #[error("the simulator knows no {what} {id:?}")]
    Unknown {
        /// The kind of thing, such as `candidate`.
        what: &'static str,
        /// The id it was asked for by.
        id: String,
    },
}

impl SimError {
    fn unknown(what: &'static str, id: impl std::fmt::Display) -> Self {
        Self::Unknown { what, id: id.to_string() }
    }
}

/// Locks the state even if another test thread panicked while it held the lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
