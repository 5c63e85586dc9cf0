//! The door for Teamtailor: the package pop-up, the trigger, the activation form's check and the result's buttons.

use shared::door::Door;
use shared::lambda::serve;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve(Door::TeamtailorWebhook).await
}
