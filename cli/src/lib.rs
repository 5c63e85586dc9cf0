//! The operator's command.

pub mod args;
pub mod ats;
pub mod connect;
pub mod connections;
pub mod deployment;
pub mod development;
pub mod environment;
mod help;
pub mod keys;
pub mod orders;
pub mod output;
mod readdress;
mod rules;
pub mod stack_file;
pub mod tables;
pub mod vendors;
