//! The operator's command.

use std::process::ExitCode;

use clap::Parser as _;
use crosscheck::args::{Cli, Command};
use crosscheck::place::CliError;
use crosscheck::{ats, connect, connections, demo, dev, orders, vendors};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli.command).await {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output has read enough (`crosscheck orders list | head`).
        Err(CliError::Io(e)) if e.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(problem) => {
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr(), "crosscheck: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: &Command) -> Result<(), CliError> {
    match command {
        Command::Demo(json) => demo::run(*json).await,
        Command::Dev(args) => dev::run(args).await,
        Command::Connect(args) => connect::run(args).await,
        Command::Ats(command) => ats::run(command).await,
        Command::Vendors(args) => vendors::run(args).await,
        Command::Connections(command) => connections::run(command).await,
        Command::Orders(command) => orders::run(command).await,
        Command::Sync(args) => orders::sync(&args.target).await,
    }
}
