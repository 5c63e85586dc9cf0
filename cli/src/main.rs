//! The operator's command.

use std::process::ExitCode;

use clap::Parser as _;
use crosscheck::args::{Cli, Command};
use crosscheck::deployment::CliError;
use crosscheck::{ats, connect, connections, development, environment, orders, output, vendors};

#[tokio::main]
async fn main() -> ExitCode {
    output::exit(run(&Cli::parse().command).await)
}

async fn run(command: &Command) -> Result<(), CliError> {
    match command {
        Command::Demo(given) => development::run("demo", &given.args),
        Command::Dev(given) => development::run("dev", &given.args),
        Command::Connect(args) => connect::run(args).await,
        Command::Ats(command) => ats::run(command).await,
        Command::Vendors(args) => vendors::run(args).await,
        Command::Connections(command) => connections::run(command).await,
        Command::Orders(command) => orders::run(command).await,
        Command::Env(args) => environment::run(args).await,
        Command::Sync(args) => orders::sync(&args.target).await,
    }
}
