//! Runs the doors, the worker and the sync in AWS Lambda: start once, warm up at full CPU, then one event at a time.

use lambda_http::{Body, Error, service_fn};
use lambda_runtime::LambdaEvent;
use serde_json::Value;

use crate::aws;
use crate::clock::Clock;
use crate::config::{Config, WorkerConfig, queue_url, retention_days};
use crate::door::Door;
use crate::error::Fault;
use crate::flow::{Services, Worker, handle_batch, sync};
use crate::secrets::MISSING;
use crate::telemetry;

/// Runs a door: every request of API Gateway reaches it as plain bytes.
///
/// # Errors
/// When the environment is incomplete, or Lambda's own interface breaks.
pub async fn door(door: impl Door) -> Result<(), Error> {
    let warm = if door.needs_deployment_secret() { Warm::DeploymentSecret } else { Warm::Keys };
    let (services, _) = start(warm).await?;
    let (door, services) = (&door, &services);
    lambda_http::run(service_fn(move |request: lambda_http::Request| async move {
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
    let (services, sdk) = start(Warm::DeploymentSecret).await?;
    let queue = aws::queue(&sdk, config.queue_url.clone());
    let worker = &Worker { services, queue, config };
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Value>| {
        handle_batch(worker, event.payload).await.map_err(Error::from)
    }))
    .await
}

/// Runs the hourly sync. What the schedule sends does not matter.
///
/// # Errors
/// As [`door`].
pub async fn status_sync() -> Result<(), Error> {
    let (url, days) = (queue_url()?, retention_days()?);
    let (services, sdk) = start(Warm::Table).await?;
    let queue = aws::queue(&sdk, url);
    let (services, queue) = (&services, &queue);
    lambda_runtime::run(service_fn(move |_: LambdaEvent<Value>| async move {
        let queued = sync(&services.store, queue, days, services.clock.now()).await?;
        Ok::<_, Error>(serde_json::json!({ "queued": queued }))
    }))
    .await
}

/// What a function opens while it starts, besides the table. It may only open what it has rights for.
enum Warm {
    Table,
    Keys,
    DeploymentSecret,
}

/// Builds the tools and opens their connections side by side. A deployment secret that is needed and missing stops the
/// start; one that cannot be read at the moment does not, since doors answer that with 503.
async fn start(warm: Warm) -> Result<(Services, aws_config::SdkConfig), Error> {
    let config = Config::from_env()?;
    telemetry::start(&config);
    let sdk = aws::function_config();
    let services = aws::services(&sdk, &config, Clock::system());
    let secrets = async {
        match warm {
            Warm::Table => {}
            Warm::Keys => services.secrets.warm().await,
            Warm::DeploymentSecret => drop(services.secrets.report_link_key().await?),
        }
        Ok(())
    };
    match tokio::join!(services.store.warm(), secrets) {
        ((), Err::<(), Fault>(fault)) if fault.detail == MISSING => Err(fault.into()),
        _ => Ok((services, sdk)),
    }
}
