//! Every variant of an enum, taken from the enum itself: a list kept by hand would silently miss a new one.

use strum::VariantArray;

/// Every variant, as an array. `N` is `E::VARIANTS.len()`.
pub(crate) const fn all<E: VariantArray + Copy, const N: usize>() -> [E; N] {
    match E::VARIANTS.first_chunk() {
        Some(all) => *all,
        None => unreachable!(),
    }
}
