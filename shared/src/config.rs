//! The one place that reads the environment. A missing variable stops the start and is named.

use std::str::FromStr;

/// A variable that is missing or cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("environment variable {name} {problem}; template.yaml sets it for each function")]
pub struct ConfigError {
    /// The variable.
    pub name: &'static str,
    /// What is wrong with it; never its value.
    pub problem: &'static str,
}

/// What every function needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The orders table.
    pub table: String,
    /// Where this deployment's secrets are, without a trailing slash.
    pub secret_prefix: String,
    /// The stack's name: a dimension of every metric.
    pub stack: String,
    /// Namespace of the metrics.
    pub metric_namespace: String,
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub log_level: String,
    /// Whether connections may point at loopback addresses. Only for tests against an emulator.
    pub loopback: bool,
    /// Base URL of the API stage as others see it, where it is known beforehand. A function that the API calls cannot
    /// be told the API's own address by the template (each would wait for the other); it has API Gateway's word then.
    pub public_url: Option<String>,
}

impl Config {
    /// Reads it from the environment.
    ///
    /// # Errors
    /// Names the variable that is missing or unreadable.
    pub fn from_env() -> Result<Self, ConfigError> {
        Ok(Self {
            table: required("TABLE_NAME")?,
            secret_prefix: required("SECRET_PREFIX")?,
            stack: required("STACK_NAME")?,
            metric_namespace: required("METRIC_NAMESPACE")?,
            log_level: required("LOG_LEVEL")?,
            loopback: parsed("ALLOW_LOOPBACK")?,
            public_url: optional("PUBLIC_URL"),
        })
    }
}

/// What the order worker needs to know beyond [`Config`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerConfig {
    /// The retry queue.
    pub queue_url: String,
    /// Base URL of the API stage, for report links.
    pub public_url: String,
    /// Days after closing at which a candidate's data is removed.
    pub retention_days: i64,
    /// Days that a report link is valid.
    pub report_link_days: i64,
}

impl WorkerConfig {
    /// Reads it from the environment.
    ///
    /// # Errors
    /// Names the variable that is missing or unreadable.
    pub fn from_env() -> Result<Self, ConfigError> {
        Ok(Self {
            queue_url: queue_url()?,
            public_url: required("PUBLIC_URL")?,
            retention_days: retention_days()?,
            report_link_days: parsed("REPORT_LINK_DAYS")?,
        })
    }
}

/// The retry queue, for functions that only send to it.
///
/// # Errors
/// When `QUEUE_URL` is missing.
pub fn queue_url() -> Result<String, ConfigError> {
    required("QUEUE_URL")
}

/// Days after closing at which a candidate's data is removed.
///
/// # Errors
/// When `CANDIDATE_RETENTION_DAYS` is missing or not a number.
pub fn retention_days() -> Result<i64, ConfigError> {
    parsed("CANDIDATE_RETENTION_DAYS")
}

/// A variable that may be missing.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn optional(name: &'static str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn required(name: &'static str) -> Result<String, ConfigError> {
    optional(name).ok_or(ConfigError { name, problem: "is missing or empty" })
}

fn parsed<T: FromStr>(name: &'static str) -> Result<T, ConfigError> {
    required(name)?.parse().map_err(|_| ConfigError { name, problem: "cannot be read" })
}
