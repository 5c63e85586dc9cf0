//! How far the purchase at the vendor is. Buying is not idempotent at most vendors, so "unknown" is a state of its own.

use jiff::Timestamp;

/// The purchase of one order at the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placement {
    /// Nothing may be bought yet: the applicant has not begun (orders from inside an application form).
    Held,
    /// Nothing may be bought yet: the worker first asks the ATS for data that the order lacks.
    Incomplete,
    /// The vendor certainly does not have it.
    NotPlaced,
    /// A worker is placing it. After the lease, assume that the worker died.
    Placing {
        /// When the attempt began.
        since: Timestamp,
        /// Until when the worker may still be at it.
        lease_until: Timestamp,
    },
    /// An attempt ended without a clear answer: the vendor may or may not have it.
    Unknown {
        /// When the attempt began.
        since: Timestamp,
    },
    /// The vendor has it.
    Placed {
        /// The vendor's id.
        vendor_ref: String,
    },
}

impl Placement {
    /// The vendor's id, once it is known.
    pub fn vendor_ref(&self) -> Option<&str> {
        match self {
            Self::Placed { vendor_ref } => Some(vendor_ref),
            Self::Held | Self::Incomplete | Self::NotPlaced | Self::Placing { .. } | Self::Unknown { .. } => None,
        }
    }

    /// When the first attempt began that the vendor may have carried out; `None` where there was none, or it is known
    /// what became of it.
    pub const fn tried_since(&self) -> Option<Timestamp> {
        match self {
            Self::Placing { since, .. } | Self::Unknown { since } => Some(*since),
            Self::Held | Self::Incomplete | Self::NotPlaced | Self::Placed { .. } => None,
        }
    }
}

/// A cancellation of an order that the vendor has or may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancellation {
    /// No cancellation is pending.
    None,
    /// The worker has to ask the vendor to stop.
    Requested,
    /// The worker asked the vendor to stop and got no clear answer; the vendor may have stopped.
    Unclear,
}
