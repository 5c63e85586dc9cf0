//! The buttons on a result's card: ask the vendor now, cancel the check.

use http::StatusCode;
use jiff::SignedDuration;

use super::event::Heard;
use super::refusal::Refusal;
use crate::flow::{Services, order_of_call};
use crate::order::{Order, State};

/// The button makes Crosscheck ask the vendor at most this often.
const REFRESH_LIMIT: SignedDuration = SignedDuration::from_mins(1);

/// Makes the worker ask the vendor where the check stands.
pub(super) async fn refresh(services: &Services, heard: &Heard) -> Result<(), Refusal> {
    let now = services.clock.now();
    change(services, heard, |order| {
        let lately = order.refreshed_at.is_some_and(|at| now.duration_since(at) < REFRESH_LIMIT);
        if order.placement.vendor_ref().is_some() && !order.has_question() && !lately {
            order.ask_vendor();
            order.refreshed_at = Some(now);
            order.note(now, "news asked for from Teamtailor");
        }
        Ok(())
    })
    .await
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
    let mut order = order_of_call(services, connection, event.id()).await?.ok_or_else(unknown)?;
    services.store.change_read(&mut order, true, apply).await?.ok_or_else(unknown)?
}
