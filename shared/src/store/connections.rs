//! Connections: written by the operator's CLI, read by every door.

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::{self, Item};
use super::{KEY, Store, fault, unreadable};
use crate::connection::{Catalogue, Connection, ConnectionState};
use crate::error::Fault;
use crate::order::ConnectionId;
use crate::queue::code;

/// Listing of all connections in the index.
const LISTING: &str = "connections";

impl Store {
    /// The connection of this id.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, Fault> {
        let pk = connection_key(id);
        let found = self.get(&pk).await?;
        found.map(|i| item::to_connection(i).ok_or_else(|| unreadable(&pk))).transpose()
    }

    /// Stores a connection, new or changed by the operator. One that is revoked already stays as it is.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn put_connection(&self, connection: &Connection) -> Result<(), Fault> {
        let operation = "dynamodb:PutItem";
        let mut item = item::from_connection(connection).ok_or_else(|| fault(operation, "not storable"))?;
        let mut set = |name: &str, value: String| item.insert(name.to_owned(), AttributeValue::S(value));
        set(KEY, connection_key(&connection.id));
        set("listing", LISTING.to_owned());
        set("listing_at", connection.id.to_string());
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            // Revoking wins over whatever runs beside it.
            .condition_expression("attribute_not_exists(pk) OR #state <> :revoked")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":revoked", AttributeValue::S(ConnectionState::Revoked.name().to_owned()))
            .send()
            .await
            .map(drop)
            .map_err(|e| fault(operation, code(&e)))
    }

    /// Every connection.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn connections(&self) -> Result<Vec<Connection>, Fault> {
        let mut found = Vec::new();
        for keys in self.listed(LISTING, None).await? {
            if let Some(id) = connection_id(&keys) {
                found.extend(self.connection(&id).await?);
            }
        }
        Ok(found)
    }

    /// Keeps what the vendor offers, for the times when it does not answer.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn keep_catalogue(&self, id: &ConnectionId, catalogue: &Catalogue) -> Result<(), Fault> {
        let value = serde_dynamo::to_attribute_value(item::from_catalogue(catalogue))
            .map_err(|_| fault("dynamodb:UpdateItem", "not storable"))?;
        self.set(id, "catalogue", value).await
    }

    /// Notes what someone has to mend about a connection, or that nothing is left to.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn note_trouble(&self, id: &ConnectionId, trouble: Option<&str>) -> Result<(), Fault> {
        let value = trouble.map_or(AttributeValue::Null(true), |t| AttributeValue::S(t.to_owned()));
        self.set(id, "trouble", value).await
    }

    async fn set(&self, id: &ConnectionId, attribute: &str, value: AttributeValue) -> Result<(), Fault> {
        self.client
            .update_item()
            .table_name(&self.table)
            .key(KEY, AttributeValue::S(connection_key(id)))
            .condition_expression("attribute_exists(pk)")
            .update_expression("SET #a = :v")
            .expression_attribute_names("#a", attribute)
            .expression_attribute_values(":v", value)
            .send()
            .await
            .map(drop)
            .map_err(|e| fault("dynamodb:UpdateItem", code(&e)))
    }
}

fn connection_key(id: &ConnectionId) -> String {
    format!("connection#{id}")
}

fn connection_id(keys: &Item) -> Option<ConnectionId> {
    keys.get(KEY)?.as_s().ok()?.strip_prefix("connection#")?.parse().ok()
}
