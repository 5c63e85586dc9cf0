//! The buttons on a result's card: ask the vendor now, cancel the check.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};

use super::event::Heard;
use super::webhook::Refusal;
use crate::error::{Fault, FaultKind};
use crate::flow::{Services, order_of_call};
use crate::order::{Order, State};
use crate::store::Saved;

/// Attempts at recording, against writers that come in between.
const ATTEMPTS: usize = 8;

/// The button makes Crosscheck ask the vendor at most this often.
const REFRESH_LIMIT: SignedDuration = SignedDuration::from_mins(1);

/// The line in an order's story that a refresh leaves.
const ASKED: &str = "news asked for from Teamtailor";

/// Has the vendor asked where the check stands.
pub(super) async fn refresh(services: &Services, heard: &Heard) -> Result<(), Refusal> {
    change(services, heard, |order| {
        let now = services.clock.now();
        if order.placement.vendor_ref().is_some() && !order.has_question() && !asked_lately(order, now) {
            order.ask_vendor();
            order.note(now, ASKED);
        }
        Ok(())
    })
    .await
}

fn asked_lately(order: &Order, now: Timestamp) -> bool {
    let last = order.history.iter().rev().find(|entry| entry.text == ASKED);
    last.is_some_and(|entry| now.duration_since(entry.at) < REFRESH_LIMIT)
}

/// Records that the recruiter wants to cancel. The worker carries it out and tells the result.
pub(super) async fn cancel(services: &Services, heard: &Heard) -> Result<(), Refusal> {
    change(services, heard, |order| {
        if order.status.state == State::Completed {
            return Err(Refusal::new(StatusCode::CONFLICT, "The check is completed and cannot be cancelled."));
        }
        order.ask_to_cancel("the ATS", services.clock.now());
        Ok(())
    })
    .await
}

/// Changes the order that belongs to the event. A button sends the event that made the order, so the event's id finds
/// it.
async fn change(
    services: &Services,
    heard: &Heard,
    apply: impl Fn(&mut Order) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let Heard { connection, event } = heard;
    let unknown = || Refusal::new(StatusCode::NOT_FOUND, "Crosscheck has no check that was ordered with this card.");
    for _ in 0..ATTEMPTS {
        let mut order = order_of_call(services, connection, event.id()).await?.ok_or_else(unknown)?;
        let before = order.clone();
        apply(&mut order)?;
        if order == before || services.store.save(&mut order, true).await? == Saved::Yes {
            return Ok(());
        }
    }
    Err(Fault::new(FaultKind::Platform, "dynamodb:PutItem", "too many writers for one order").into())
}
