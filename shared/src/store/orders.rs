//! Orders: read by id, written only over the revision that was read, listed while they are open.

use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Put};
use jiff::Timestamp;

use super::item::{self, Item};
use super::write::{self, Saved, Stored};
use super::{KEY, LISTING_INDEX, SHARDS, Store, VENDOR_REF_INDEX, WAKE, fault, unreadable};
use crate::error::{Fault, aws_code};
use crate::order::{ConnectionId, Order, OrderId};

impl Store {
    /// The order of this id.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn order(&self, id: OrderId) -> Result<Option<Order>, Fault> {
        let pk = order_key(id);
        let found = self.get(&pk).await?;
        found.map(|i| item::to_order(i).ok_or_else(|| unreadable(&pk))).transpose()
    }

    /// Changes an order and writes it over the revision that was read, again if somebody wrote in between; the order as
    /// it stands then, with what `apply` returned for it. `None` when there is no such order. `wake` calls the worker.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer, or others write the order all the time.
    pub async fn change<R>(
        &self,
        id: OrderId,
        wake: bool,
        apply: impl Fn(&mut Order) -> R,
    ) -> Result<Option<(Order, R)>, Fault> {
        let Some(mut order) = self.order(id).await? else { return Ok(None) };
        Ok(self.change_read(&mut order, wake, apply).await?.map(|result| (order, result)))
    }

    /// As [`Store::change`], starting with an order that was read already.
    ///
    /// # Errors
    /// As [`Store::change`].
    pub async fn change_read<R>(
        &self,
        order: &mut Order,
        wake: bool,
        apply: impl Fn(&mut Order) -> R,
    ) -> Result<Option<R>, Fault> {
        write::change(StoredOrder { store: self, id: order.id, wake }, order, apply).await
    }

    /// Writes an order over the revision that it was read at, and leaves that in it if it was not written. `wake` calls
    /// the worker. For a step that was decided by what was read; other changes go through [`Store::change`].
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn save(&self, order: &mut Order, wake: bool) -> Result<Saved, Fault> {
        let put = self.put_over(order, wake)?;
        let saved = self.write(put).await?;
        order.revision += u64::from(saved == Saved::Yes);
        Ok(saved)
    }

    /// The order as the next revision, to be written over the one that it was read at.
    pub(super) fn put_over(&self, order: &Order, wake: bool) -> Result<Put, Fault> {
        let next = Order { revision: order.revision + 1, ..order.clone() };
        self.put(&next, wake)?
            .condition_expression("revision = :read")
            .expression_attribute_values(":read", AttributeValue::N(order.revision.to_string()))
            .build()
            .map_err(|_| fault("dynamodb:PutItem", "the item could not be built"))
    }

    /// The order that a vendor knows by this id.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn order_of_vendor_ref(
        &self,
        connection: &ConnectionId,
        vendor_ref: &str,
    ) -> Result<Option<OrderId>, Fault> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(VENDOR_REF_INDEX)
            .key_condition_expression("vendor_key = :key")
            .expression_attribute_values(":key", AttributeValue::S(vendor_key(connection, vendor_ref)))
            .limit(1)
            .send()
            .await
            .map_err(|e| fault("dynamodb:Query", aws_code(&e)))?;
        Ok(answer.items().first().and_then(order_id))
    }

    /// Every order that is open, or that closed before `forget_before` and still holds its candidate's data. Reads the
    /// index alone; other closed orders cost nothing.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn outstanding(&self, forget_before: Timestamp) -> Result<Vec<OrderId>, Fault> {
        let mut found = Vec::new();
        for shard in 0..SHARDS {
            found.extend(self.listed(&format!("open#{shard}"), None).await?.iter().filter_map(order_id));
            let due = self.listed(&format!("forget#{shard}"), Some(forget_before)).await?;
            found.extend(due.iter().filter_map(order_id));
        }
        Ok(found)
    }

    /// Open orders, and closed ones whose candidate's data is still held.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn recent(&self) -> Result<Vec<Order>, Fault> {
        let mut orders = Vec::new();
        for shard in 0..SHARDS {
            for listing in ["open", "forget"] {
                for keys in self.listed(&format!("{listing}#{shard}"), None).await? {
                    if let Some(id) = order_id(&keys) {
                        orders.extend(self.order(id).await?);
                    }
                }
            }
        }
        orders.sort_by_key(|o| o.id);
        Ok(orders)
    }

    pub(super) async fn listed(&self, listing: &str, until: Option<Timestamp>) -> Result<Vec<Item>, Fault> {
        let mut request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(LISTING_INDEX)
            .key_condition_expression("listing = :listing")
            .expression_attribute_values(":listing", AttributeValue::S(listing.to_owned()));
        if let Some(until) = until {
            request = request
                .key_condition_expression("listing = :listing AND listing_at <= :until")
                .expression_attribute_values(":until", AttributeValue::S(until.to_string()));
        }
        let mut pages = request.into_paginator().items().send();
        let mut keys = Vec::new();
        while let Some(next) = pages.next().await {
            keys.push(next.map_err(|e| fault("dynamodb:Query", aws_code(&e)))?);
        }
        Ok(keys)
    }

    pub(super) fn put(&self, order: &Order, wake: bool) -> Result<PutBuilder, Fault> {
        let mut item =
            item::from_order(order).ok_or_else(|| fault("dynamodb:PutItem", "the order cannot be stored"))?;
        let mut set = |name: &str, value: String| item.insert(name.to_owned(), AttributeValue::S(value));
        set(KEY, order_key(order.id));
        if wake {
            set(WAKE, order.revision.to_string());
        }
        if let Some(vendor_ref) = order.placement.vendor_ref() {
            set("vendor_key", vendor_key(&order.connection, vendor_ref));
        }
        if let Some((listing, at)) = listing(order) {
            set("listing", listing);
            set("listing_at", at);
        }
        write::mark(&mut item)?;
        Ok(Put::builder().table_name(&self.table).set_item(Some(item)))
    }
}

struct StoredOrder<'a> {
    store: &'a Store,
    id: OrderId,
    wake: bool,
}

impl Stored for StoredOrder<'_> {
    type Value = Order;

    async fn read(&self) -> Result<Option<Order>, Fault> {
        self.store.order(self.id).await
    }

    async fn write(&self, order: &mut Order) -> Result<Saved, Fault> {
        self.store.save(order, self.wake).await
    }
}

/// Where an order is listed: as open under keys that stay while it is, then by when it closed, until its candidate's data goes.
fn listing(order: &Order) -> Option<(String, String)> {
    let shard = order.id.to_string().bytes().map(u64::from).sum::<u64>() % SHARDS;
    if order.is_open() {
        return Some((format!("open#{shard}"), order.created_at.to_string()));
    }
    order.candidate.as_ref()?;
    Some((format!("forget#{shard}"), order.closed_at?.to_string()))
}

pub(super) fn order_key(id: OrderId) -> String {
    format!("order#{id}")
}

fn vendor_key(connection: &ConnectionId, vendor_ref: &str) -> String {
    format!("{connection}#{vendor_ref}")
}

fn order_id(keys: &Item) -> Option<OrderId> {
    keys.get(KEY)?.as_s().ok()?.strip_prefix("order#")?.parse().ok()
}
