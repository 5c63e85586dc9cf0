//! The house seen from the street: what the tests of whole flows are written with.

pub mod world;

pub use world::World;
