//! The yardstick of `make bench`: `lambda_runtime` around a handler that does nothing.

use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(async |_: LambdaEvent<serde_json::Value>| Ok::<_, Error>(()))).await
}
