//! The order worker: wakes on the table's stream and on the retry queue, and makes every slow call.

use shared::lambda::worker;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    worker().await
}
