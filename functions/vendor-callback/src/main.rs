//! The door for vendors' callbacks, and for the report links that recruiters open.

use shared::door::VendorCallback;
use shared::lambda::door;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    door(VendorCallback).await
}
