//! What happens to a vendor's callbacks on their way to the bridge.

/// What happens to a callback on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// It arrives once.
    #[default]
    Once,
    /// It arrives twice.
    Twice,
    /// It never arrives.
    Lose,
    /// It waits until it is released.
    Hold,
}
