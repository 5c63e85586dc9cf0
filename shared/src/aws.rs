//! The place that builds AWS clients: one HTTP client, one configuration, bounded waits.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};

use crate::config::{Config, optional};
use crate::flow::{Clock, Desk};
use crate::outbound::Outbound;
use crate::secrets::Secrets;
use crate::store::Store;

/// Configuration for a Lambda function: credentials and region come from its environment and nothing else is tried,
/// so that no metadata service or profile file is waited for.
pub async fn function_config() -> SdkConfig {
    let region = optional("AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned());
    bounded(aws_config::defaults(BehaviorVersion::v2026_01_12()))
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .region(Region::new(region))
        .load()
        .await
}

/// The SDK has no time-outs of its own for whole operations; a door must answer in time.
pub fn bounded(loader: aws_config::ConfigLoader) -> aws_config::ConfigLoader {
    loader.retry_config(RetryConfig::standard().with_max_attempts(3)).timeout_config(
        TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_attempt_timeout(Duration::from_secs(2))
            .operation_timeout(Duration::from_secs(5))
            .build(),
    )
}

/// A desk over these AWS clients.
pub fn desk(sdk: &SdkConfig, config: &Config, clock: Clock) -> Desk {
    Desk::new(
        Store::new(aws_sdk_dynamodb::Client::new(sdk), config.table.clone()),
        Secrets::new(aws_sdk_secretsmanager::Client::new(sdk), config.secret_prefix.clone()),
        Outbound::new(config.loopback),
        clock,
    )
}
