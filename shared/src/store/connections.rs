//! Connections: written by the operator's CLI, read by every door.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::connection_item;
use super::item::Item;
use super::{KEY, Saved, Store, fault, unreadable};
use crate::ats::AtsKind;
use crate::connection::{Catalogue, Connection, ConnectionState};
use crate::error::Fault;
use crate::order::ConnectionId;
use crate::queue::code;
use crate::signature::sha256_hex;

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

    /// Ties a connection to an account of its ATS. `false` when it is tied to another one.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn tie_to_account(&self, id: &ConnectionId, account: &str) -> Result<bool, Fault> {
        let answer = self
            .update(id)
            .condition_expression(
                "attribute_exists(pk) AND (attribute_not_exists(account) OR attribute_type(account, :null) \
                 OR account = :account)",
            )
            .update_expression("SET account = :account")
            .expression_attribute_values(":account", AttributeValue::S(account.to_owned()))
            .expression_attribute_values(":null", AttributeValue::S("NULL".to_owned()))
            .send()
            .await;
        updated(answer.err())
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

    /// Stores a connection, new or changed by the operator. One that is revoked already stays as it is.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn put_connection(&self, connection: &Connection) -> Result<(), Fault> {
        let operation = "dynamodb:PutItem";
        let mut item = connection_item::from_connection(connection).ok_or_else(|| fault(operation, "not storable"))?;
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
        let value = serde_dynamo::to_attribute_value(connection_item::from_catalogue(catalogue))
            .map_err(|_| fault("dynamodb:UpdateItem", "not storable"))?;
        self.set(id, "catalogue", value).await
    }

    /// Reserves the right to connect an account until `until`. `false` while somebody else has it. Storing the
    /// connection gives it back.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn begin_connecting(&self, id: &ConnectionId, now: Timestamp, until: Timestamp) -> Result<bool, Fault> {
        let answer = self
            .update(id)
            .condition_expression(
                "attribute_exists(pk) AND (attribute_not_exists(connecting_until) OR connecting_until < :now)",
            )
            .update_expression("SET connecting_until = :until")
            .expression_attribute_values(":now", AttributeValue::N(now.as_millisecond().to_string()))
            .expression_attribute_values(":until", AttributeValue::N(until.as_millisecond().to_string()))
            .send()
            .await;
        updated(answer.err())
    }

    /// Gives the right to connect an account back.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn end_connecting(&self, id: &ConnectionId) -> Result<(), Fault> {
        self.update(id)
            .condition_expression("attribute_exists(pk)")
            .update_expression("REMOVE connecting_until")
            .send()
            .await
            .map(drop)
            .map_err(|e| fault("dynamodb:UpdateItem", code(&e)))
    }

    /// Replaces the package list that a vendor keeps itself, unless somebody changed it in between.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn replace_catalogue(
        &self,
        id: &ConnectionId,
        before: &Catalogue,
        after: &Catalogue,
    ) -> Result<Saved, Fault> {
        let value = |catalogue| {
            serde_dynamo::to_attribute_value(connection_item::from_catalogue(catalogue))
                .map_err(|_| fault("dynamodb:UpdateItem", "not storable"))
        };
        let answer = self
            .update(id)
            .condition_expression("catalogue = :before OR attribute_type(catalogue, :null)")
            .update_expression("SET catalogue = :after")
            .expression_attribute_values(":before", value(before)?)
            .expression_attribute_values(":null", AttributeValue::S("NULL".to_owned()))
            .expression_attribute_values(":after", value(after)?)
            .send()
            .await;
        Ok(if updated(answer.err())? { Saved::Yes } else { Saved::Conflict })
    }

    /// Moves a connection from one state to another, leaving alone what others write. `Conflict` when it is not in it.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn set_state(
        &self,
        id: &ConnectionId,
        from: ConnectionState,
        to: ConnectionState,
    ) -> Result<Saved, Fault> {
        let answer = self
            .update(id)
            .condition_expression("#state = :from")
            .update_expression("SET #state = :to")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":from", AttributeValue::S(from.name().to_owned()))
            .expression_attribute_values(":to", AttributeValue::S(to.name().to_owned()))
            .send()
            .await;
        Ok(if updated(answer.err())? { Saved::Yes } else { Saved::Conflict })
    }

    /// Notes what someone has to mend about a connection, or that nothing is left to.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn note_trouble(&self, id: &ConnectionId, trouble: Option<&str>) -> Result<(), Fault> {
        let value = trouble.map_or(AttributeValue::Null(true), |t| AttributeValue::S(t.to_owned()));
        self.set(id, "trouble", value).await
    }

    fn update(&self, id: &ConnectionId) -> UpdateItemFluentBuilder {
        self.client.update_item().table_name(&self.table).key(KEY, AttributeValue::S(connection_key(id)))
    }

    async fn set(&self, id: &ConnectionId, attribute: &str, value: AttributeValue) -> Result<(), Fault> {
        self.update(id)
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

/// Whether an update was made, by what went wrong with it.
fn updated(error: Option<SdkError<UpdateItemError>>) -> Result<bool, Fault> {
    match error {
        None => Ok(true),
        Some(e) if e.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) => {
            Ok(false)
        }
        Some(e) => Err(fault("dynamodb:UpdateItem", code(&e))),
    }
}

/// Whether an alias was written, by what went wrong with it.
fn named(error: Option<SdkError<PutItemError>>) -> Result<bool, Fault> {
    match error {
        None => Ok(true),
        Some(e) if e.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => Ok(false),
        Some(e) => Err(fault("dynamodb:PutItem", code(&e))),
    }
}

fn connection_key(id: &ConnectionId) -> String {
    format!("connection#{id}")
}

fn connection_id(keys: &Item) -> Option<ConnectionId> {
    keys.get(KEY)?.as_s().ok()?.strip_prefix("connection#")?.parse().ok()
}
