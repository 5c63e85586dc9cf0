//! Stores orders and connections in one DynamoDB table.
//!
//! There is no trait: tests run the same code against an embedded DynamoDB through the same SDK client, so a second
//! implementation would only be a second truth.

mod claims;
mod connection_item;
mod connections;
#[cfg(test)]
mod earlier_items;
mod item;
mod orders;
mod write;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::error::{Fault, FaultKind, aws_code};

pub use claims::{Claim, Claims, Created, Predecessor};
pub use connections::Alias;
pub use write::{CONTENDED, Saved};

/// Name of the table's only key attribute.
pub const KEY: &str = "pk";

/// Index of what the hourly sync and the CLI list: hash `listing`, range `listing_at`, keys only.
pub const LISTING_INDEX: &str = "by-listing";

/// Index from a vendor's id to the order: hash `vendor_key`, keys only.
pub const VENDOR_REF_INDEX: &str = "by-vendor-ref";

/// Set by doors, removed by the worker's writes; the stream's filter lets only items with it through.
pub const WAKE: &str = "wake";

/// Parts that the listing of open orders is spread over.
pub const SHARDS: u64 = 4;

/// The orders table. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    table: String,
}

impl Store {
    /// The table of this name.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Opens the connection to DynamoDB while the function still starts (at full CPU), so that the first request
    /// does not pay for the TLS handshake. The answer does not matter.
    pub async fn warm(&self) {
        let _ = self.get("warm").await;
    }

    async fn get(&self, pk: &str) -> Result<Option<item::Item>, Fault> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(KEY, AttributeValue::S(pk.to_owned()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|e| fault("dynamodb:GetItem", aws_code(&e)))?;
        Ok(answer.item)
    }
}

fn fault(operation: &'static str, detail: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Platform, operation, detail)
}

fn unreadable(pk: &str) -> Fault {
    Fault::new(FaultKind::Unexpected, "dynamodb:GetItem", format!("the item {pk} cannot be read"))
}
