//! The operator's command.

pub mod args;
pub mod ats;
pub mod connect;
pub mod connections;
pub mod deployment;
pub mod development;
mod help;
pub mod keys;
pub mod orders;
pub mod output;
pub mod stack_file;
pub mod tables;
pub mod vendors;
