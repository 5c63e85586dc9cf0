//! The door for Ashby: `assessment.list`, `assessment.start`, `assessment.cancel` and the custom fields.

use shared::door::AshbyWebhook;
use shared::lambda::door;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    door(AshbyWebhook).await
}
