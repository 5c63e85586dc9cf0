//! The door for vendors' callbacks, and for the report links that recruiters open.

use shared::door::Door;
use shared::lambda::serve;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve(Door::VendorCallback).await
}
