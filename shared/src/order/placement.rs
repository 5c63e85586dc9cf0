//! How far the purchase at the vendor is. Buying is not idempotent at most vendors, so "unknown" is a state of its own.

use jiff::Timestamp;

/// The purchase of one order at the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placement {
    /// Nothing may be bought yet: the applicant has not begun (orders from inside an application form).
    Held,
    /// Nothing may be bought yet: the ATS is to be asked first for what its order did not bring.
    Incomplete,
    /// The vendor certainly does not have it.
    NotPlaced,
    /// A worker is placing it; after the lease ends it must be taken for dead.
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

/// The wish to cancel an order that the vendor has or may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancellation {
    /// Nobody has it, or the vendor has answered.
    NotAsked,
    /// The vendor is to be asked to stop.
    Asked,
    /// The vendor was asked to stop and may have done so without a clear answer.
    Unclear,
}
