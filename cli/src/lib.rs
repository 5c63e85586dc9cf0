//! The operator's command, the local stack behind `crosscheck dev`, and the simulated accounts.

pub mod args;
pub mod ats;
pub mod connect;
pub mod connections;
pub mod demo;
pub mod dev;
pub mod house;
pub mod keys;
pub mod local;
pub mod orders;
pub mod output;
pub mod pair;
pub mod place;
pub mod scene;
pub mod sim;
pub mod tour;
pub mod vendors;
