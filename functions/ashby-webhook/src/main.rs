//! The door for Ashby: `assessment.list`, `assessment.start`, `assessment.cancel` and the custom fields.

use shared::door::Door;
use shared::lambda::serve;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve(Door::AshbyWebhook).await
}
