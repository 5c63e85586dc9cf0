//! The door for Teamtailor: the package pop-up, the trigger, the activation form's check and the result's buttons.

use shared::door::TeamtailorWebhook;
use shared::lambda::door;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    door(TeamtailorWebhook).await
}
