//! Where a command goes: a stack in AWS, found through its outputs, or the local one, found through its file.

use std::collections::HashMap;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
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
use crate::output;
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
    #[error("cannot read the stack {stack}: {problem}")]
    Stack {
        /// The name that was given.
        stack: String,
        /// Why, and what to do.
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

    /// What a stack in AWS says of itself, and the AWS configuration that found it. Says on standard error when the
    /// stack runs another version.
    ///
    /// # Errors
    /// See [`CliError`].
    pub async fn outputs(stack: &str) -> Result<(SdkConfig, Outputs), CliError> {
        let sdk = bounded(aws_config::defaults(BehaviorVersion::v2026_01_12())).load().await;
        let outputs = Outputs::of(&sdk, stack).await?;
        if let Some(words) = outputs.other_version() {
            output::aside(words)?;
        }
        Ok((sdk, outputs))
    }

    async fn deployed(stack: &str) -> Result<Self, CliError> {
        let (sdk, outputs) = Self::outputs(stack).await?;
        let need = |output| outputs.need(output).map(str::to_owned);
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
            report_link_days: need("ReportLinkDays")?.parse().unwrap_or(90),
            loopback,
        })
    }
}

/// The outputs of a stack in AWS.
#[derive(Debug, Clone)]
pub struct Outputs {
    /// The stack's name.
    pub stack: String,
    values: HashMap<String, String>,
}

impl Outputs {
    /// The value of an output.
    ///
    /// # Errors
    /// When the stack does not have it.
    pub fn need(&self, output: &'static str) -> Result<&str, CliError> {
        let missing = || CliError::Output { stack: self.stack.clone(), output };
        self.values.get(output).map(String::as_str).ok_or_else(missing)
    }

    /// Words for a stack of another version than this command's; stacks before 0.1.0 do not name theirs.
    fn other_version(&self) -> Option<String> {
        const OWN: &str = env!("CARGO_PKG_VERSION");
        let theirs = self.values.get("Version").map_or("a version that does not say which", String::as_str);
        (theirs != OWN).then(|| {
            format!(
                "The stack {} runs {theirs}, and this command is {OWN}. Deploy the stack again or install the command \
                 again, so that both are the same.",
                self.stack
            )
        })
    }

    async fn of(sdk: &SdkConfig, stack: &str) -> Result<Self, CliError> {
        let failed = |problem: String| CliError::Stack { stack: stack.to_owned(), problem };
        let Some(region) = sdk.region() else {
            return Err(failed(NO_REGION.to_owned()));
        };
        let client = aws_sdk_cloudformation::Client::new(sdk);
        let answer = client.describe_stacks().stack_name(stack).send().await;
        let answer = answer.map_err(|e| failed(why(&e, region.as_ref())))?;
        let found = answer.stacks().first().ok_or_else(|| failed(no_such_stack(region.as_ref())))?;
        let outputs = found.outputs().iter();
        let pairs = outputs.filter_map(|o| Some((o.output_key()?.to_owned(), o.output_value()?.to_owned())));
        Ok(Self { stack: stack.to_owned(), values: pairs.collect() })
    }
}

const NO_REGION: &str = "no region is set; set AWS_REGION, or choose a profile that has one with AWS_PROFILE";

fn no_such_stack(region: &str) -> String {
    format!("there is no such stack in {region}; check the name, or set AWS_REGION to the stack's region")
}

/// Why AWS did not answer, in words that say what to do. Whether a sign-on is over, only the texts of the errors below
/// tell: the SDK has no code for it.
fn why<E: ProvideErrorMetadata + std::error::Error + 'static, R: std::fmt::Debug>(
    error: &SdkError<E, R>,
    region: &str,
) -> String {
    if let SdkError::ServiceError(service) = error {
        let (code, said) = (service.err().code().unwrap_or_default(), service.err().message().unwrap_or_default());
        return match code {
            "ValidationError" if said.contains("does not exist") => no_such_stack(region),
            "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => SIGN_ON_OVER.to_owned(),
            "InvalidClientTokenId" | "UnrecognizedClientException" | "SignatureDoesNotMatch" => {
                format!("AWS does not know these credentials ({code}); check AWS_PROFILE and the keys behind it")
            }
            "AccessDenied" | "AccessDeniedException" => {
                "these credentials may not call cloudformation:DescribeStacks on it; docs/deploy.md lists the rights \
                 that the command needs"
                    .to_owned()
            }
            other => format!("CloudFormation answered {other}; try again"),
        };
    }
    let words = causes(error);
    let says = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if says(&["expired", "session token", "login session", "sso session", "invalidgrant"]) {
        return SIGN_ON_OVER.to_owned();
    }
    if says(&["credential"]) {
        return "no AWS credentials were found; sign on with `aws login` or `aws sso login`, choose a profile with \
                AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            .to_owned();
    }
    format!("CloudFormation in {region} did not answer; check the region's name and your network")
}

const SIGN_ON_OVER: &str = "your AWS sign-on has expired; sign on again (`aws login`, or `aws sso login`)";

/// The texts of an error and of all below it, in small letters.
fn causes(error: &dyn std::error::Error) -> String {
    let all = std::iter::successors(Some(error), |error| error.source());
    all.map(|error| error.to_string().to_lowercase()).collect::<Vec<_>>().join(": ")
}
