//! What the tests of whole flows are written with: the whole stack, seen from outside.

pub mod ministack;
pub mod page;
pub mod runtime_api;
pub mod sam;
pub mod world;

pub use world::World;
