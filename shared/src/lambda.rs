//! Runs the doors, the worker and the sync in AWS Lambda: start once, warm up at full CPU, then one event at a time.

use lambda_http::{Body, Error, RequestExt as _, service_fn};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::aws;
use crate::clock::Clock;
use crate::config::{Config, WorkerConfig, queue_url, retention_days};
use crate::door::Door;
use crate::flow::{Services, Worker, handle_batch, sync};
use crate::telemetry;

/// Runs a door: every request of API Gateway reaches it as plain bytes.
///
/// # Errors
/// When the environment is incomplete, or Lambda's own interface breaks.
pub async fn door(door: impl Door) -> Result<(), Error> {
    let warm = if door.needs_deployment_secret() { Warm::DeploymentSecret } else { Warm::Keys };
    let (services, _) = start(door.name(), warm).await?;
    let (door, services) = (&door, &services);
    lambda_http::run(service_fn(move |request: lambda_http::Request| async move {
        if let Some(context) = request.lambda_context_ref() {
            telemetry::invoked(context);
        }
        let request = request.map(|body| bytes::Bytes::from(body.to_vec()));
        let answer = door.answer(services, request).await;
        Ok::<_, Error>(answer.map(|body| Body::from(body.to_vec())))
    }))
    .await
}

/// Runs the order worker over batches of stream records and queue messages.
///
/// # Errors
/// As [`door`].
pub async fn worker() -> Result<(), Error> {
    let config = WorkerConfig::from_env()?;
    let (services, sdk) = start("order-worker", Warm::DeploymentSecret).await?;
    let queue = aws::queue(&sdk, config.queue_url.clone());
    let worker = &Worker { services, queue, config };
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Value>| {
        telemetry::invoked(&event.context);
        handle_batch(worker, event.payload).await.map_err(|e| failed("NotABatch", &e))
    }))
    .await
}

/// Runs the hourly sync. What the schedule sends does not matter.
///
/// # Errors
/// As [`door`].
pub async fn status_sync() -> Result<(), Error> {
    let (url, days) = (queue_url()?, retention_days()?);
    let (services, sdk) = start("status-sync", Warm::Nothing).await?;
    let queue = aws::queue(&sdk, url);
    let (services, queue) = (&services, &queue);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        telemetry::invoked(&event.context);
        let queued = sync(&services.store, queue, days, services.clock.now()).await;
        let queued = queued.map_err(|fault| failed(fault.kind.name(), &fault))?;
        Ok::<_, Diagnostic>(serde_json::json!({ "queued": queued }))
    }))
    .await
}

/// What Lambda shows of a failed invocation. Its own name for the type would be that of a Rust box.
fn failed(error_type: &str, error: &dyn std::error::Error) -> Diagnostic {
    Diagnostic { error_type: format!("Crosscheck.{error_type}"), error_message: error.to_string() }
}

/// What a function opens while it starts. It may only open what it has rights for.
enum Warm {
    /// Nobody waits for it.
    Nothing,
    /// The table and the keys of connections.
    Keys,
    /// The table and the deployment's own secret.
    DeploymentSecret,
}

/// Builds the tools and opens their connections side by side. A deployment secret that is needed and missing stops the
/// start; one that cannot be read at the moment does not, since doors answer that with 503.
async fn start(service: &'static str, warm: Warm) -> Result<(Services, aws_config::SdkConfig), Error> {
    let config = Config::from_env()?;
    telemetry::start(&config, service);
    let sdk = aws::function_config();
    let services = aws::services(&sdk, &config, Clock::system());
    let secret = match warm {
        Warm::Nothing => Ok(()),
        Warm::Keys => {
            tokio::join!(services.store.warm(), services.secrets.warm());
            Ok(())
        }
        Warm::DeploymentSecret => tokio::join!(services.store.warm(), services.secrets.report_link_key()).1.map(drop),
    };
    match secret {
        Err(fault) if fault.secret_missing => {
            tracing::error!(fault = %fault, "the function cannot start");
            Err(fault.into())
        }
        _ => Ok((services, sdk)),
    }
}
