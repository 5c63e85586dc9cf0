//! `crosscheck dev` and `crosscheck demo`: the local stack and the simulated accounts.

mod args;
mod demo;
mod dev;
mod tour;

use std::process::ExitCode;

use clap::Parser as _;
use crosscheck::output;

use args::{Cli, Command};

#[tokio::main]
async fn main() -> ExitCode {
    output::exit(match &Cli::parse().command {
        Command::Demo(json) => demo::run(*json).await,
        Command::Dev(args) => dev::run(args).await,
    })
}
