//! The door for SmartRecruiters: consent page, token endpoint, packages, orders, disconnect, and the applicant's page.

use shared::door::Door;
use shared::lambda::serve;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve(Door::SmartRecruitersWebhook).await
}
