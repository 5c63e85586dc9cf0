//! Decides what the worker does next for an order.

use jiff::{SignedDuration, Timestamp};

use super::{Order, Placement};
use crate::connection::Side;

/// What the worker should do next, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
pub enum Action {
    /// Ask the ATS for data that its order lacks and the vendor needs.
    #[strum(serialize = "read candidates")]
    Complete,
    /// Buy the check.
    #[strum(serialize = "place orders")]
    Place,
    /// Find out whether an unclear attempt reached the vendor.
    #[strum(serialize = "look for orders")]
    LookUp,
    /// Close an order whose applicant never began.
    LetGo,
    /// Ask the vendor to stop.
    #[strum(serialize = "cancel orders")]
    Cancel,
    /// Ask the vendor where the check stands.
    #[strum(serialize = "read results")]
    Ask,
    /// Tell the ATS what we know.
    #[strum(serialize = "write results")]
    Tell,
    /// Remove the candidate's data.
    Forget,
}

impl Action {
    /// What it does, for the operator: the rest of a sentence that begins "does not let it".
    pub fn words(self) -> &'static str {
        self.into()
    }

    /// The account that it calls.
    pub const fn side(self) -> Side {
        match self {
            Self::Complete | Self::Tell => Side::Ats,
            Self::Place | Self::LookUp | Self::LetGo | Self::Cancel | Self::Ask | Self::Forget => Side::Vendor,
        }
    }
}

/// One run of the worker over one order.
#[derive(Debug, Clone, Default)]
pub struct Pass {
    /// Whether to ask the vendor even if nothing suggests news (the hourly sync).
    pub ask: bool,
    /// Actions that failed in this run; they are not tried again in it.
    pub tried: Vec<Action>,
    /// Days after closing at which the candidate's data goes.
    pub retention_days: i64,
}

impl Pass {
    fn may(&self, action: Action) -> bool {
        !self.tried.contains(&action)
    }
}

/// What the order needs next, most urgent first; `None` if it needs nothing.
pub fn next_action(order: &Order, pass: &Pass, now: Timestamp) -> Option<Action> {
    if let Some(action) = purchase(order, now).filter(|a| pass.may(*a)) {
        return Some(action);
    }
    if order.placement == Placement::Held && !order.status.state.is_closed() && pass.may(Action::LetGo) {
        let end = order.created_at.checked_add(SignedDuration::from_hours(24 * pass.retention_days));
        if end.is_ok_and(|end| end <= now) {
            return Some(Action::LetGo);
        }
    }
    let placed = order.placement.vendor_ref().is_some();
    let cancel = order.is_cancelling() && !order.status.state.is_closed();
    if placed && cancel && pass.may(Action::Cancel) {
        return Some(Action::Cancel);
    }
    let is_due = order.ask_again_at.is_some_and(|at| at <= now);
    let wants_news = order.has_question() || is_due || (pass.ask && !order.status.state.is_closed());
    if placed && wants_news && pass.may(Action::Ask) {
        return Some(Action::Ask);
    }
    if order.told < order.version && !being_told(order, now) && pass.may(Action::Tell) {
        return Some(Action::Tell);
    }
    let due = order.forget_at(pass.retention_days).is_some_and(|at| at <= now);
    (due && pass.may(Action::Forget)).then_some(Action::Forget)
}

fn purchase(order: &Order, now: Timestamp) -> Option<Action> {
    if order.status.state.is_closed() {
        return None;
    }
    order.candidate.as_ref()?;
    match order.placement {
        Placement::Held | Placement::Placed { .. } => None,
        Placement::Incomplete => Some(Action::Complete),
        Placement::NotPlaced => Some(Action::Place),
        Placement::Placing { lease_until, .. } => (lease_until <= now).then_some(Action::LookUp),
        Placement::Unknown { .. } => Some(Action::LookUp),
    }
}

fn being_told(order: &Order, now: Timestamp) -> bool {
    order.telling_until.is_some_and(|until| until > now)
}

/// How long to wait before the order is worth another run, when that is known from the order itself and from how long
/// its vendor may still carry out an attempt.
pub fn worth_waiting(order: &Order, settle: SignedDuration, now: Timestamp) -> Option<SignedDuration> {
    let purchase = match order.placement {
        Placement::Placing { lease_until, .. } if lease_until > now => Some(lease_until),
        Placement::Placing { since, .. } | Placement::Unknown { since } => since.checked_add(settle).ok(),
        Placement::Held | Placement::Incomplete | Placement::NotPlaced | Placement::Placed { .. } => None,
    };
    let purchase = purchase.filter(|_| !order.status.state.is_closed());
    let question = order.ask_again_at.filter(|_| order.placement.vendor_ref().is_some());
    let telling = order.telling_until.filter(|_| order.told < order.version);
    // Ignore times that have passed: this run acted on them, or they wait for a person or the next sync.
    let until = [purchase, question, telling].into_iter().flatten().filter(|until| *until > now).min()?;
    Some(until.duration_since(now).max(SignedDuration::from_secs(1)))
}

#[cfg(test)]
mod tests;
