//! How other processes find a running local stack: a small file in its data folder.

use std::io;
use std::path::{Path, PathBuf};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use serde::{Deserialize, Serialize};
use shared::clock::Clock;
use shared::flow::Services;
use shared::outbound::Outbound;
use shared::queue::Queue;
use shared::secrets::Secrets;
use shared::store::Store;

use crate::environment::Variables;

/// Name of the table, of the stack and prefix of the secrets in the local stack.
pub const NAME: &str = "crosscheck-local";

/// How the command finds the stack.
const FILE: &str = "stack.json";

/// What `sam local` and `cargo lambda` give to a function that runs beside the stack.
const FOR_FUNCTIONS: [&str; 2] = ["local.env.json", "local.env"];

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
        let file: Self = serde_json::from_str(&std::fs::read_to_string(folder.join(FILE)).ok()?).ok()?;
        let address = file.aws_url.strip_prefix("http://")?.parse().ok()?;
        // A stack that was killed leaves its file behind; only one that answers is running.
        std::net::TcpStream::connect_timeout(&address, std::time::Duration::from_secs(1)).ok()?;
        Some(file)
    }

    /// Tells other processes about the stack that runs over this folder, functions among them.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let (variables, [for_sam, for_cargo_lambda]) = (Variables::local(self), FOR_FUNCTIONS);
        std::fs::write(folder.join(for_sam), serde_json::to_string_pretty(&variables.for_sam())?)?;
        std::fs::write(folder.join(for_cargo_lambda), variables.for_cargo_lambda() + "\n")?;
        std::fs::write(folder.join(FILE), serde_json::to_string_pretty(self)?)
    }

    /// Forgets the stack that ran over this folder.
    pub fn remove(folder: &Path) {
        // Nothing to do about a file that will not go: `find` asks whether anybody answers.
        for name in FOR_FUNCTIONS.into_iter().chain([FILE]) {
            let _ = std::fs::remove_file(folder.join(name));
        }
    }

    /// The AWS configuration of a client at one of the stack's loopback endpoints. Those speak plain HTTP, so no TLS root
    /// is read.
    fn sdk(endpoint: &str) -> SdkConfig {
        let trust_nobody = TlsContext::builder().with_trust_store(TrustStore::empty()).build().unwrap_or_default();
        let tls = Provider::Rustls(CryptoMode::AwsLc);
        let client = aws_smithy_http_client::Builder::new().tls_provider(tls).tls_context(trust_nobody).build_https();
        let nobody = Credentials::new("local", "local", None, None, "local stack");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(nobody))
            .endpoint_url(endpoint)
            .http_client(client)
            .build()
    }

    /// The DynamoDB client.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&Self::sdk(&self.dynamodb_url))
    }

    /// The Secrets Manager client.
    pub fn secrets_manager(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::new(&Self::sdk(&self.aws_url))
    }

    /// The retry queue.
    pub fn queue(&self) -> Queue {
        Queue::new(aws_sdk_sqs::Client::new(&Self::sdk(&self.aws_url)), self.queue_url.clone())
    }

    /// The services of the local stack.
    pub fn services(&self, clock: Clock) -> Services {
        Services::new(
            Store::new(self.dynamodb(), self.table.clone()),
            Secrets::new(self.secrets_manager(), self.secret_prefix.clone()),
            Outbound::new(true),
            clock,
        )
    }
}
