//! The house seen from the street: what the tests of whole flows are written with.

pub mod ministack;
pub mod page;
pub mod runtime_api;
pub mod world;

pub use world::World;
