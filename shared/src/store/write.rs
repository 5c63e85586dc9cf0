//! The one way to change an item: read it, change it, write it over the revision that was read, again if somebody wrote.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure};

use super::item::Item;
use super::{Store, fault};
use crate::error::{Fault, aws_code};
use crate::signature::{hex, random};

/// How long a change is tried when others write in between: less than a vendor waits for its answer.
const PATIENCE: Duration = Duration::from_secs(4);

/// The longest pause before the first repetition, and before any, in milliseconds.
const PAUSES_MS: (u64, u64) = (10, 320);

/// What a change comes to when others write its item all the time.
pub const CONTENDED: &str = "too many writers for one item";

/// The attribute by which a writer knows its own write again. Two writers may write the same values at the same time,
/// so the values alone do not tell.
const WRITE_ID: &str = "write_id";

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// It is stored.
    Yes,
    /// Somebody wrote in between: load again.
    Conflict,
}

/// One item of the table, to be changed.
pub(super) trait Stored: Sync {
    /// What it holds.
    type Value: Clone + PartialEq + Send;

    /// What is stored now; `None` when it is gone or may not be changed any more.
    fn read(&self) -> impl Future<Output = Result<Option<Self::Value>, Fault>> + Send;

    /// Writes it over what was read.
    fn write(&self, value: &mut Self::Value) -> impl Future<Output = Result<Saved, Fault>> + Send;
}

/// Changes what was read and writes it, starting over from what is stored when somebody wrote in between. A change that
/// changes nothing is not written. `None` when the item is gone.
pub(super) async fn change<S: Stored, R>(
    stored: S,
    value: &mut S::Value,
    apply: impl Fn(&mut S::Value) -> R,
) -> Result<Option<R>, Fault> {
    let began = Instant::now();
    let mut longest = PAUSES_MS.0;
    loop {
        let before = value.clone();
        let result = apply(value);
        if *value == before || stored.write(value).await? == Saved::Yes {
            return Ok(Some(result));
        }
        if began.elapsed() > PATIENCE {
            return Err(fault("dynamodb:PutItem", CONTENDED));
        }
        // Writers who collided part by chance; otherwise they would collide again.
        tokio::time::sleep(by_chance(longest)).await;
        longest = PAUSES_MS.1.min(longest * 2);
        let Some(newer) = stored.read().await? else { return Ok(None) };
        *value = newer;
    }
}

/// A pause of up to so many milliseconds.
fn by_chance(longest_ms: u64) -> Duration {
    let [byte] = random::<1>().unwrap_or([u8::MAX]);
    Duration::from_micros(longest_ms * 1_000 * u64::from(byte) / u64::from(u8::MAX))
}

/// Marks an item as this write's own.
pub(super) fn mark(item: &mut Item) -> Result<(), Fault> {
    let id = random::<8>().map_err(|_| fault("random", "the system has no randomness"))?;
    item.insert(WRITE_ID.to_owned(), AttributeValue::S(hex(&id)));
    Ok(())
}

/// Whether the item that refused a write is the one that this write stored: the SDK repeats a request whose answer was
/// lost, and the repetition meets what the request itself has done.
pub(super) fn is_ours(written: &Item, stored: Option<&Item>) -> bool {
    let ours = written.get(WRITE_ID);
    ours.is_some() && stored.and_then(|item| item.get(WRITE_ID)) == ours
}

impl Store {
    /// Writes an item where its condition allows.
    pub(super) async fn write(&self, put: Put) -> Result<Saved, Fault> {
        let answer = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(put.item.clone()))
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_values(put.expression_attribute_values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = answer else { return Ok(Saved::Yes) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(refused)) if is_ours(&put.item, refused.item()) => {
                Ok(Saved::Yes)
            }
            // The second is a transaction on the same item that was under way.
            Some(PutItemError::ConditionalCheckFailedException(_) | PutItemError::TransactionConflictException(_)) => {
                Ok(Saved::Conflict)
            }
            _ => Err(fault("dynamodb:PutItem", aws_code(&error))),
        }
    }
}
