//! The hourly sync: queues every order that is not at rest.

use shared::lambda::status_sync;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    status_sync().await
}
