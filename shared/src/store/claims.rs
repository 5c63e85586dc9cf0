//! New orders and what they claim: one transaction stores an order together with the claims that no two may hold.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::{ConditionCheckBuilder, PutBuilder};
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};

use super::orders::order_key;
use super::write::{self, Saved, Stored, is_ours};
use super::{KEY, Store, fault};
use crate::ats::AtsKind;
use crate::error::{Fault, aws_code};
use crate::order::{ConnectionId, Order, OrderId};
use crate::signature::sha256_hex;

const TRANSACTION: &str = "dynamodb:TransactWriteItems";

/// A claim: a key of the table that only one order may hold at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    key: String,
}

impl Claim {
    /// The claim for what these parts name together. They are hashed: keys of the table hold no ids of people.
    pub fn new(connection: &ConnectionId, parts: &[&str]) -> Self {
        let text = parts.iter().map(|p| format!("{}:{p}", p.len())).collect::<Vec<_>>().join("/");
        Self { key: format!("claim#{connection}#{}", sha256_hex(text.as_bytes())) }
    }

    /// The claim for one call of an ATS, by its idempotency key. It is one for all connections: a call that was taken
    /// by one of them is no other's.
    pub fn of_call(ats: AtsKind, key: &str) -> Self {
        Self { key: format!("claim#{ats}#{}", sha256_hex(key.as_bytes())) }
    }
}

/// What a new order claims.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    /// The call itself, by the ATS's idempotency key. Never given away again.
    pub call: Option<Claim>,
    /// The purchase. May be taken over from the order that is named beside it.
    pub purchase: Option<Claim>,
    /// The holder of the purchase's claim that this order may succeed.
    pub instead_of: Option<Predecessor>,
}

/// An order that a new one may replace, as long as it has not changed since it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Predecessor {
    /// Its id.
    pub id: OrderId,
    /// The revision that it was read at; `None` when there is no such order any more.
    pub revision: Option<u64>,
}

/// What became of a new order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// It is stored, and the stream wakes the worker.
    New,
    /// The same call made this order before.
    Repeated(OrderId),
    /// The purchase is another order's.
    Claimed(OrderId),
    /// Two requests wrote the same item at the same moment. Try again.
    Busy,
}

impl Store {
    /// Stores a new order together with its claims in one request.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer; nothing is stored then, or the same call repeated finds the claim.
    pub async fn create(&self, order: &Order, claims: &Claims) -> Result<Created, Fault> {
        let put_order = self
            .put(order, true)?
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let call = claims.call.as_ref().map(|claim| self.put_claim(claim, order.id, None));
        let old = claims.instead_of;
        let purchase = claims.purchase.as_ref().map(|claim| self.put_claim(claim, order.id, old.map(|old| old.id)));
        let mut request = self.client.transact_write_items();
        // The reasons of a refusal come in the order of the items; `refusal` counts on the call being first.
        for put in call.into_iter().chain(purchase).chain([put_order]) {
            let put = put.build().map_err(|_| fault(TRANSACTION, "the item could not be built"))?;
            request = request.transact_items(TransactWriteItem::builder().put(put).build());
        }
        if let Some(old) = old {
            request = request.transact_items(self.only_if(is_as_read(old))?);
        }
        match request.send().await {
            Ok(_) => Ok(Created::New),
            // The SDK repeats a transaction whose answer was lost. DynamoDB knows it again by its token for ten minutes;
            // where it does not, what is stored shows it.
            Err(e) if refusal(&e, false) == Some(Created::Claimed(order.id)) => Ok(Created::New),
            Err(e) => refusal(&e, claims.call.is_some()).ok_or_else(|| fault(TRANSACTION, aws_code(&e))),
        }
    }

    /// Changes an order as [`Store::change_read`] does, as long as this claim is its own, and calls the worker. `None`
    /// when the claim is another order's.
    ///
    /// # Errors
    /// As [`Store::change`].
    pub async fn change_holding<R>(
        &self,
        order: &mut Order,
        claim: &Claim,
        apply: impl Fn(&mut Order) -> R,
    ) -> Result<Option<R>, Fault> {
        write::change(HeldOrder { store: self, id: order.id, claim }, order, apply).await
    }

    /// Writes an order as [`Store::save`] does, as long as this claim is its own, and calls the worker.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn save_holding(&self, order: &mut Order, claim: &Claim) -> Result<Saved, Fault> {
        let mut put = self.put_over(order, true)?;
        put.return_values_on_condition_check_failure = Some(ReturnValuesOnConditionCheckFailure::AllOld);
        let held = ConditionCheck::builder()
            .key(KEY, AttributeValue::S(claim.key.clone()))
            .condition_expression("order_id = :me")
            .expression_attribute_values(":me", AttributeValue::S(order.id.to_string()));
        let request = self
            .client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().put(put.clone()).build())
            .transact_items(self.only_if(held)?);
        let saved = match request.send().await {
            Ok(_) => Saved::Yes,
            Err(e) if reasons(&e).first().is_some_and(|why| is_ours(&put.item, why.item())) => Saved::Yes,
            Err(e) if refusal(&e, false).is_some() => Saved::Conflict,
            Err(e) => return Err(fault(TRANSACTION, aws_code(&e))),
        };
        order.revision += u64::from(saved == Saved::Yes);
        Ok(saved)
    }

    fn only_if(&self, check: ConditionCheckBuilder) -> Result<TransactWriteItem, Fault> {
        let check =
            check.table_name(&self.table).build().map_err(|_| fault(TRANSACTION, "a check could not be built"))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    fn put_claim(&self, claim: &Claim, order: OrderId, instead_of: Option<OrderId>) -> PutBuilder {
        let put = Put::builder()
            .table_name(&self.table)
            .item(KEY, AttributeValue::S(claim.key.clone()))
            .item("order_id", AttributeValue::S(order.to_string()))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match instead_of {
            Some(old) => put
                .condition_expression("attribute_not_exists(pk) OR order_id = :old")
                .expression_attribute_values(":old", AttributeValue::S(old.to_string())),
            None => put,
        }
    }

    /// The order that holds this claim, open or closed.
    ///
    /// # Errors
    /// `Platform` when DynamoDB does not answer.
    pub async fn claimant(&self, claim: &Claim) -> Result<Option<OrderId>, Fault> {
        let found = self.get(&claim.key).await?;
        Ok(found.and_then(|item| item.get("order_id")?.as_s().ok()?.parse().ok()))
    }
}

/// An order as long as it holds its claim.
struct HeldOrder<'a> {
    store: &'a Store,
    id: OrderId,
    claim: &'a Claim,
}

impl Stored for HeldOrder<'_> {
    type Value = Order;

    async fn read(&self) -> Result<Option<Order>, Fault> {
        let held = self.store.claimant(self.claim).await? == Some(self.id);
        if held { self.store.order(self.id).await } else { Ok(None) }
    }

    async fn write(&self, order: &mut Order) -> Result<Saved, Fault> {
        self.store.save_holding(order, self.claim).await
    }
}

/// The condition that an order is as it was read.
fn is_as_read(old: Predecessor) -> ConditionCheckBuilder {
    let check = ConditionCheck::builder().key(KEY, AttributeValue::S(order_key(old.id)));
    match old.revision {
        Some(revision) => check
            .condition_expression("revision = :read")
            .expression_attribute_values(":read", AttributeValue::N(revision.to_string())),
        None => check.condition_expression("attribute_not_exists(pk)"),
    }
}

/// Why each item of a transaction was refused; empty for another error.
fn reasons<R>(error: &SdkError<TransactWriteItemsError, R>) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => cancelled.cancellation_reasons(),
        _ => &[],
    }
}

/// What a refused transaction says, out of the refusal itself: no second request.
fn refusal<R>(error: &SdkError<TransactWriteItemsError, R>, with_call: bool) -> Option<Created> {
    let reasons = reasons(error);
    let mut holders = reasons.iter().enumerate().filter_map(|(at, reason)| {
        let holder = reason.item()?.get("order_id")?.as_s().ok()?.parse().ok()?;
        Some(if with_call && at == 0 { Created::Repeated(holder) } else { Created::Claimed(holder) })
    });
    // A failed check names no holder: what it was about has changed since it was read.
    let busy = reasons.iter().any(|r| matches!(r.code(), Some("TransactionConflict" | "ConditionalCheckFailed")));
    holders.next().or_else(|| busy.then_some(Created::Busy))
}
