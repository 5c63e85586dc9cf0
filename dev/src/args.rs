//! The command line of `crosscheck dev` and `crosscheck demo`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use crosscheck::args::Json;

/// Crosscheck on this machine, with simulated accounts.
#[derive(Debug, Parser)]
#[command(
    name = "crosscheck",
    bin_name = "crosscheck",
    version,
    about,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Play whole orders against simulated accounts, and show what the recruiter sees
    Demo(Json),
    /// Run the whole stack on this machine: same routes, embedded DynamoDB, no AWS account
    Dev(Dev),
}

/// `crosscheck dev`.
#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// Loopback or private address to serve the routes at
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9000")]
    pub(crate) listen: SocketAddr,
    /// Loopback or private address to serve the stand-ins for AWS at, which take this port and the next; port 0 picks
    /// free ones. Where containers do not reach 127.0.0.1 (Docker on Linux), the bridge's address: 172.17.0.1:9010
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) aws_listen: SocketAddr,
    /// Folder for orders and secrets [default: .crosscheck]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Also connect a simulated Ashby to a simulated SpringVerify, and print calls to try
    #[arg(long)]
    pub(crate) simulate: bool,
    /// How to print.
    #[command(flatten)]
    pub(crate) json: Json,
}
