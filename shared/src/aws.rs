//! The place that builds AWS clients: one HTTP client, one configuration, bounded waits.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::SharedCredentialsProvider;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

use crate::clock::Clock;
use crate::config::{Config, optional};
use crate::flow::Services;
use crate::outbound::Outbound;
use crate::queue::Queue;
use crate::secrets::Secrets;
use crate::store::Store;

/// Configuration for a Lambda function. It is put together by hand: credentials and region come from the environment
/// and nothing else can be asked for them, so the chain of other providers (with clients of its own) is neither
/// waited for nor linked in. All clients share one HTTP client, and with it the roots and the open connections.
pub fn function_config() -> SdkConfig {
    let region = optional("AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned());
    let credentials = EnvironmentVariableCredentialsProvider::new();
    let tls = Provider::Rustls(CryptoMode::AwsLc);
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().tls_provider(tls).build_https())
        .retry_config(retries())
        .timeout_config(timeouts());
    builder.set_endpoint_url(optional("AWS_ENDPOINT_URL"));
    builder.build()
}

/// The same configuration for one service, which an emulator may have at an address of its own.
fn at(sdk: &SdkConfig, variable: &'static str) -> SdkConfig {
    match optional(variable) {
        Some(url) => sdk.to_builder().endpoint_url(url).build(),
        None => sdk.clone(),
    }
}

/// The CLI's configuration with the same patience.
pub fn bounded(loader: aws_config::ConfigLoader) -> aws_config::ConfigLoader {
    loader.retry_config(retries()).timeout_config(timeouts())
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3)
}

/// The SDK has no time-outs of its own for whole operations; a door must answer in time.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(5))
        .build()
}

/// The services over these AWS clients.
pub fn services(sdk: &SdkConfig, config: &Config, clock: Clock) -> Services {
    let dynamodb = aws_sdk_dynamodb::Client::new(&at(sdk, "AWS_ENDPOINT_URL_DYNAMODB"));
    let secrets = aws_sdk_secretsmanager::Client::new(&at(sdk, "AWS_ENDPOINT_URL_SECRETS_MANAGER"));
    Services::new(
        Store::new(dynamodb, config.table.clone()),
        Secrets::new(secrets, config.secret_prefix.clone()),
        Outbound::new(config.loopback),
        clock,
    )
}

/// The retry queue at this URL.
pub fn queue(sdk: &SdkConfig, url: String) -> Queue {
    Queue::new(aws_sdk_sqs::Client::new(&at(sdk, "AWS_ENDPOINT_URL_SQS")), url)
}
