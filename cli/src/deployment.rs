//! Where a command goes: a stack in AWS, found through its outputs, or the local one, found through its file.

use std::collections::HashMap;

use aws_config::{BehaviorVersion, SdkConfig};
use shared::aws::bounded;
use shared::clock::Clock;
use shared::config::optional;
use shared::error::{Fault, FaultKind};
use shared::flow::Services;
use shared::outbound::Outbound;
use shared::queue::Queue;
use shared::secrets::Secrets;
use shared::store::Store;

use crate::args::Target;
use crate::stack_file::{StackFile, default_dir};

/// A deployment that the command speaks to.
pub struct Deployment {
    /// Store, secrets, HTTP client.
    pub services: Services,
    /// For writing secrets, which only the operator may.
    pub vault: aws_sdk_secretsmanager::Client,
    /// Key that new secrets are encrypted with, where the stack has one of its own.
    pub kms_key: Option<String>,
    /// The retry queue.
    pub queue: Queue,
    /// Base URL of the routes, without a trailing slash.
    pub base_url: String,
    /// Days that the stack's report links are valid.
    pub report_link_days: i64,
    /// Whether connections may point at loopback addresses.
    pub loopback: bool,
}

/// Why a command did not work. The text says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// No local stack runs over the folder.
    #[error("no local stack is running over the data folder {0}; start one with `crosscheck dev --data {0}`")]
    NotRunning(String),
    /// The stack cannot be read.
    #[error("cannot read the stack {stack}: {problem}; check the name, the region and your AWS credentials")]
    Stack {
        /// The name that was given.
        stack: String,
        /// What AWS says.
        problem: String,
    },
    /// The stack lacks an output.
    #[error("the stack {stack} has no output {output}; deploy it again with this version's template.yaml")]
    Output {
        /// The name that was given.
        stack: String,
        /// The output.
        output: &'static str,
    },
    /// A call failed.
    #[error("{0}")]
    Fault(#[from] Fault),
    /// What the operator gave cannot be used.
    #[error("{0}")]
    Input(String),
    /// The program beside this one that holds the simulators is not there.
    #[error(
        "`crosscheck {0}` is part of crosscheck-dev, which is neither beside this program nor on the PATH; build it \
         with `cargo build -p crosscheck-dev`, or install it with `cargo install --path dev`"
    )]
    NoSibling(&'static str),
    /// Standard input or output broke.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// An AWS service that did not do its part.
pub(crate) fn aws(operation: &'static str, code: String) -> CliError {
    CliError::Fault(Fault::new(FaultKind::Platform, operation, code))
}

impl Deployment {
    /// Opens the deployment that the arguments name.
    ///
    /// # Errors
    /// See [`CliError`].
    pub async fn open(target: &Target) -> Result<Self, CliError> {
        if let Some(stack) = &target.which.stack {
            return Self::deployed(stack).await;
        }
        let folder = target.data.clone().unwrap_or_else(default_dir);
        let file = StackFile::find(&folder).ok_or_else(|| CliError::NotRunning(folder.display().to_string()))?;
        Ok(Self::local(&file))
    }

    /// The local stack behind this file.
    pub fn local(file: &StackFile) -> Self {
        Self {
            services: file.services(Clock::system()),
            vault: file.secrets_manager(),
            kms_key: None,
            queue: file.queue(),
            base_url: file.base_url.clone(),
            report_link_days: 90,
            loopback: true,
        }
    }

    async fn deployed(stack: &str) -> Result<Self, CliError> {
        let sdk = bounded(aws_config::defaults(BehaviorVersion::v2026_01_12())).load().await;
        let outputs = outputs(&sdk, stack).await?;
        let need = |output: &'static str| {
            outputs.get(output).cloned().ok_or_else(|| CliError::Output { stack: stack.to_owned(), output })
        };
        // Connections to loopback addresses make sense only where AWS itself is emulated on this machine.
        let endpoint = optional("AWS_ENDPOINT_URL").and_then(|url| url::Url::parse(&url).ok());
        let loopback = endpoint.is_some_and(|url| shared::outbound::is_loopback(&url));
        let vault = aws_sdk_secretsmanager::Client::new(&sdk);
        Ok(Self {
            services: Services::new(
                Store::new(aws_sdk_dynamodb::Client::new(&sdk), need("TableName")?),
                Secrets::new(vault.clone(), need("SecretPrefix")?),
                Outbound::new(loopback),
                Clock::system(),
            ),
            vault,
            kms_key: Some(need("KeyArn")?),
            queue: Queue::new(aws_sdk_sqs::Client::new(&sdk), need("QueueUrl")?),
            base_url: need("BaseUrl")?.trim_end_matches('/').to_owned(),
            report_link_days: outputs.get("ReportLinkDays").and_then(|d| d.parse().ok()).unwrap_or(90),
            loopback,
        })
    }
}

async fn outputs(sdk: &SdkConfig, stack: &str) -> Result<HashMap<String, String>, CliError> {
    let client = aws_sdk_cloudformation::Client::new(sdk);
    let failed = |problem: String| CliError::Stack { stack: stack.to_owned(), problem };
    let answer =
        client.describe_stacks().stack_name(stack).send().await.map_err(|e| failed(shared::error::aws_code(&e)))?;
    let found = answer.stacks().first().ok_or_else(|| failed("no such stack".to_owned()))?;
    let pairs = found.outputs().iter().filter_map(|o| Some((o.output_key()?.to_owned(), o.output_value()?.to_owned())));
    Ok(pairs.collect())
}
