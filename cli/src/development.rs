//! `crosscheck dev` and `crosscheck demo`: handed on to `crosscheck-dev`, which holds the simulators and the local stack,
//! so that the operator's command needs neither.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use crate::deployment::CliError;

/// The program that runs `dev` and `demo`.
const PROGRAM: &str = "crosscheck-dev";

/// Becomes `crosscheck-dev` with these arguments.
///
/// # Errors
/// When the program is not there or does not start.
pub fn run(command: &'static str, args: &[OsString]) -> Result<(), CliError> {
    let problem = Command::new(beside()).arg(command).args(args).exec();
    match problem.kind() {
        std::io::ErrorKind::NotFound => Err(CliError::NoSibling(command)),
        _ => Err(problem.into()),
    }
}

/// The program next to this one, else the one on the PATH.
fn beside() -> PathBuf {
    let sibling = std::env::current_exe().ok().map(|this| this.with_file_name(PROGRAM));
    sibling.filter(|program| program.exists()).unwrap_or_else(|| PathBuf::from(PROGRAM))
}
