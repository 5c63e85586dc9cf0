//! Connections: written by the operator's CLI, read by every door.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Put};

use super::connection_item;
use super::item::Item;
use super::write::{self, Saved, Stored};
use super::{KEY, Store, fault, unreadable};
use crate::ats::AtsKind;
use crate::connection::{Connection, ConnectionState};
use crate::error::{Fault, aws_code};
use crate::order::ConnectionId;
use crate::signature::sha256_hex;

const OPERATION: &str = "dynamodb:PutItem";

/// Listing of all connections in the index.
const LISTING: &str = "connections";

/// Another name of a connection, by which an ATS calls it: a company id, a key of the ATS's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    key: String,
}

impl Alias {
    /// The alias for this name. It is hashed, because some of these names are secrets.
    pub fn new(ats: AtsKind, name: &str) -> Self {
        Self { key: format!("alias#{ats}#{}", sha256_hex(name.as_bytes())) }
    }
}

impl Store {
    /// The id of the connection that has this alias.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn connection_named(&self, alias: &Alias) -> Result<Option<ConnectionId>, Fault> {
        let found = self.get(&alias.key).await?;
        Ok(found.and_then(|item| item.get("connection_id")?.as_s().ok()?.parse().ok()))
    }

    /// Gives a connection an alias. `false` when it is another connection's.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn name_connection(&self, alias: &Alias, id: &ConnectionId) -> Result<bool, Fault> {
        let id = AttributeValue::S(id.to_string());
        let answer = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(KEY, AttributeValue::S(alias.key.clone()))
            .item("connection_id", id.clone())
            .condition_expression("attribute_not_exists(pk) OR connection_id = :id")
            .expression_attribute_values(":id", id)
            .send()
            .await;
        named(answer.err())
    }

    /// Hands an alias from a connection that is no longer in use to another. `false` when it is not that one's.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn rename_connection(
        &self,
        alias: &Alias,
        from: &ConnectionId,
        to: &ConnectionId,
    ) -> Result<bool, Fault> {
        let answer = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(KEY, AttributeValue::S(alias.key.clone()))
            .item("connection_id", AttributeValue::S(to.to_string()))
            .condition_expression("connection_id = :from OR connection_id = :to")
            .expression_attribute_values(":from", AttributeValue::S(from.to_string()))
            .expression_attribute_values(":to", AttributeValue::S(to.to_string()))
            .send()
            .await;
        named(answer.err())
    }

    /// The connection of this id.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, Fault> {
        let pk = connection_key(id);
        let found = self.get(&pk).await?;
        found.map(|i| connection_item::to_connection(i).ok_or_else(|| unreadable(&pk))).transpose()
    }

    /// Stores a new connection.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer, or there is such a connection already.
    pub async fn create_connection(&self, connection: &Connection) -> Result<(), Fault> {
        let put = put(&self.table, connection)?.condition_expression("attribute_not_exists(pk)");
        match self.write(built(put)?).await? {
            Saved::Yes => Ok(()),
            Saved::Conflict => Err(fault(OPERATION, "there is a connection of this id already")),
        }
    }

    /// Changes a connection and writes it over the revision that was read, again if somebody wrote in between; the
    /// connection as it stands then, with what `apply` returned for it. `None` when there is no such connection. One
    /// that is revoked stays revoked.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer, or others write the connection all the time.
    pub async fn change_connection<R>(
        &self,
        id: &ConnectionId,
        apply: impl Fn(&mut Connection) -> R,
    ) -> Result<Option<(Connection, R)>, Fault> {
        let Some(mut connection) = self.connection(id).await? else { return Ok(None) };
        let apply = |connection: &mut Connection| {
            let revoked = connection.state == ConnectionState::Revoked;
            let result = apply(connection);
            if revoked {
                connection.state = ConnectionState::Revoked;
            }
            result
        };
        let result = write::change(StoredConnection { store: self, id }, &mut connection, apply).await?;
        Ok(result.map(|result| (connection, result)))
    }

    async fn save_connection(&self, connection: &mut Connection) -> Result<Saved, Fault> {
        let next = Connection { revision: connection.revision + 1, ..connection.clone() };
        // Version 0.1.0 writes no revision.
        let condition = match connection.revision {
            0 => "attribute_exists(pk) AND (attribute_not_exists(revision) OR revision = :read)",
            _ => "revision = :read",
        };
        let put = put(&self.table, &next)?
            .condition_expression(condition)
            .expression_attribute_values(":read", AttributeValue::N(connection.revision.to_string()));
        let saved = self.write(built(put)?).await?;
        connection.revision += u64::from(saved == Saved::Yes);
        Ok(saved)
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
}

struct StoredConnection<'a> {
    store: &'a Store,
    id: &'a ConnectionId,
}

impl Stored for StoredConnection<'_> {
    type Value = Connection;

    async fn read(&self) -> Result<Option<Connection>, Fault> {
        self.store.connection(self.id).await
    }

    async fn write(&self, connection: &mut Connection) -> Result<Saved, Fault> {
        self.store.save_connection(connection).await
    }
}

/// The write of a connection, still without its condition.
fn put(table: &str, connection: &Connection) -> Result<PutBuilder, Fault> {
    let mut item = connection_item::from_connection(connection).ok_or_else(|| fault(OPERATION, "not storable"))?;
    let mut set = |name: &str, value: String| item.insert(name.to_owned(), AttributeValue::S(value));
    set(KEY, connection_key(&connection.id));
    set("listing", LISTING.to_owned());
    set("listing_at", connection.id.to_string());
    write::mark(&mut item)?;
    Ok(Put::builder().table_name(table).set_item(Some(item)))
}

fn built(put: PutBuilder) -> Result<Put, Fault> {
    put.build().map_err(|_| fault(OPERATION, "the item could not be built"))
}

/// Whether an alias was written, by what went wrong with it.
fn named(error: Option<SdkError<PutItemError>>) -> Result<bool, Fault> {
    match error {
        None => Ok(true),
        Some(e) if e.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => Ok(false),
        Some(e) => Err(fault(OPERATION, aws_code(&e))),
    }
}

fn connection_key(id: &ConnectionId) -> String {
    format!("connection#{id}")
}

fn connection_id(keys: &Item) -> Option<ConnectionId> {
    keys.get(KEY)?.as_s().ok()?.strip_prefix("connection#")?.parse().ok()
}
