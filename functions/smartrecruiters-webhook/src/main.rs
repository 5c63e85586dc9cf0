//! The door for SmartRecruiters: consent page, token endpoint, packages, orders, disconnect, and the applicant's page.

use shared::door::SmartRecruitersWebhook;
use shared::lambda::door;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    door(SmartRecruitersWebhook).await
}
