//! How other processes find a running local stack: a small file in its data folder.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

const NAME: &str = "stack.json";

/// Where a running local stack is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackFile {
    /// The embedded DynamoDB.
    pub dynamodb_url: String,
    /// The stand-ins for Secrets Manager and SQS.
    pub aws_url: String,
    /// The retry queue.
    pub queue_url: String,
    /// The deployed routes.
    pub base_url: String,
    /// The orders table.
    pub table: String,
    /// Where secrets are.
    pub secret_prefix: String,
}

/// The data folder when none is given.
pub fn default_dir() -> PathBuf {
    PathBuf::from(".crosscheck")
}

impl StackFile {
    /// The stack that runs over this folder, if one does.
    pub fn find(folder: &Path) -> Option<Self> {
        let file: Self = serde_json::from_str(&std::fs::read_to_string(folder.join(NAME)).ok()?).ok()?;
        let address = file.aws_url.strip_prefix("http://")?.parse().ok()?;
        // A stack that was killed leaves its file behind; only one that answers is running.
        std::net::TcpStream::connect_timeout(&address, std::time::Duration::from_secs(1)).ok()?;
        Some(file)
    }

    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        std::fs::write(folder.join(NAME), serde_json::to_string_pretty(self)?)
    }

    pub(super) fn remove(folder: &Path) {
        // Nothing to do about a file that will not go: `find` asks whether anybody answers.
        let _ = std::fs::remove_file(folder.join(NAME));
    }
}
