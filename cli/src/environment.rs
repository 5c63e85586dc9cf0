//! `crosscheck env`: what the functions of a deployment find in their environment, for running one of them by hand.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use url::Url;

use crate::args::Env;
use crate::deployment::{CliError, Deployment, Outputs};
use crate::output;
use crate::stack_file::{NAME, StackFile, default_dir};

/// Where a container of Docker Desktop's finds the machine that it runs on.
const HOST_OF_CONTAINER: &str = "host.docker.internal";

/// The variables that template.yaml sets for the functions, those of all functions together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variables(BTreeMap<&'static str, String>);

impl Variables {
    /// Those of a function beside this local stack.
    pub fn local(stack: &StackFile) -> Self {
        let own = [
            ("TABLE_NAME", stack.table.as_str()),
            ("SECRET_PREFIX", &stack.secret_prefix),
            ("STACK_NAME", NAME),
            ("ALLOW_LOOPBACK", "true"),
            ("QUEUE_URL", &stack.queue_url),
            ("PUBLIC_URL", &stack.base_url),
            ("CANDIDATE_RETENTION_DAYS", "30"),
            ("REPORT_LINK_DAYS", "90"),
            ("AWS_ENDPOINT_URL_DYNAMODB", &stack.dynamodb_url),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &stack.aws_url),
            ("AWS_ENDPOINT_URL_SQS", &stack.aws_url),
        ];
        Self::of(own)
    }

    /// Those of a function in AWS.
    ///
    /// # Errors
    /// When the stack lacks an output.
    pub fn deployed(outputs: &Outputs) -> Result<Self, CliError> {
        let own = [
            ("TABLE_NAME", outputs.need("TableName")?),
            ("SECRET_PREFIX", outputs.need("SecretPrefix")?),
            ("STACK_NAME", outputs.stack.as_str()),
            ("ALLOW_LOOPBACK", "false"),
            ("QUEUE_URL", outputs.need("QueueUrl")?),
            ("PUBLIC_URL", outputs.need("BaseUrl")?),
            ("CANDIDATE_RETENTION_DAYS", outputs.need("CandidateRetentionDays")?),
            ("REPORT_LINK_DAYS", outputs.need("ReportLinkDays")?),
        ];
        Ok(Self::of(own))
    }

    fn of<const N: usize>(own: [(&'static str, &str); N]) -> Self {
        let same = [("METRIC_NAMESPACE", "Crosscheck"), ("LOG_LEVEL", "info")];
        Self(own.into_iter().chain(same).map(|(name, value)| (name, value.to_owned())).collect())
    }

    /// Each name with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The file that `sam local --env-vars` takes. A container has a loopback address of its own, so those of this
    /// machine get the name by which a container knows it.
    pub fn for_sam(&self) -> Value {
        let from_container =
            |(name, value): (&'static str, &str)| (name.to_owned(), Value::from(seen_from_inside(value)));
        json!({ "Parameters": self.iter().map(from_container).collect::<serde_json::Map<_, _>>() })
    }

    /// The file that `cargo lambda --env-file` takes.
    pub fn for_cargo_lambda(&self) -> String {
        let keys = [("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "local"), ("AWS_SECRET_ACCESS_KEY", "local")];
        // The keys of a real account come from the shell that runs the function.
        let keys = keys.into_iter().filter(|_| self.0.contains_key("AWS_ENDPOINT_URL_DYNAMODB"));
        let lines: Vec<String> = keys.chain(self.iter()).map(|(name, value)| format!("{name}={value}")).collect();
        lines.join("\n")
    }
}

fn seen_from_inside(value: &str) -> String {
    let Some(mut url) = Url::parse(value).ok().filter(shared::outbound::is_loopback) else {
        return value.to_owned();
    };
    if url.set_host(Some(HOST_OF_CONTAINER)).is_err() {
        return value.to_owned();
    }
    // A URL without a path gets one when it is printed.
    let text = url.as_str();
    if value.ends_with('/') { text.to_owned() } else { text.trim_end_matches('/').to_owned() }
}

/// Runs the command.
///
/// # Errors
/// See [`CliError`].
pub async fn run(args: &Env) -> Result<(), CliError> {
    let variables = if let Some(stack) = &args.which.stack {
        Variables::deployed(&Deployment::outputs(stack).await?.1)?
    } else {
        let folder = args.data.clone().unwrap_or_else(default_dir);
        let file = StackFile::find(&folder).ok_or_else(|| CliError::NotRunning(folder.display().to_string()))?;
        Variables::local(&file)
    };
    if args.dotenv {
        return Ok(output::line(variables.for_cargo_lambda())?);
    }
    Ok(output::document(&variables.for_sam())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_addresses_are_renamed_for_a_container_and_others_stay() {
        for (here, inside) in [
            ("http://127.0.0.1:9010", "http://host.docker.internal:9010"),
            ("http://127.0.0.1:9011/queue/retry", "http://host.docker.internal:9011/queue/retry"),
            ("http://[::1]:9011/", "http://host.docker.internal:9011/"),
            ("http://172.17.0.1:9010", "http://172.17.0.1:9010"),
            ("https://sqs.eu-west-1.amazonaws.com/1/q", "https://sqs.eu-west-1.amazonaws.com/1/q"),
            ("crosscheck/prod", "crosscheck/prod"),
            ("30", "30"),
        ] {
            assert_eq!(seen_from_inside(here), inside);
        }
    }
}
