//! The rate limit, counted per credential: calls in the present window and calls under way.
//!
//! A window is moved on by hand instead of by the clock, so that a test meets the limit where it means to.

use super::super::lock;
use super::state::State;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Calls one credential may make in a second.
pub const CALLS_PER_SECOND: usize = 10;

/// Calls one credential may have under way at once.
pub const CONCURRENT_CALLS: usize = 8;

/// The load that SmartRecruiters saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// The most calls one credential ever had under way at once.
    pub highest_concurrency: usize,
    /// How many calls were over a limit, whether or not they were refused.
    pub breaches: usize,
}

#[derive(Default)]
pub(super) struct Traffic {
    /// Calls per window, if the limits are enforced.
    pub(super) enforced: Option<usize>,
    pub(super) load: Load,
    used: HashMap<String, Used>,
}

#[derive(Default)]
struct Used {
    under_way: usize,
    in_window: usize,
}

/// What the limits say about one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) refused: bool,
    pub(super) limit: usize,
    pub(super) left: usize,
    pub(super) concurrent_left: usize,
}

impl Traffic {
    pub(super) fn enter(&mut self, client_id: &str) -> Verdict {
        let used = self.used.entry(client_id.to_owned()).or_default();
        used.under_way += 1;
        used.in_window += 1;
        let over_window = self.enforced.is_some_and(|limit| used.in_window > limit);
        let over = over_window || used.under_way > CONCURRENT_CALLS;
        self.load.highest_concurrency = self.load.highest_concurrency.max(used.under_way);
        self.load.breaches += usize::from(over);
        let limit = self.enforced.unwrap_or(CALLS_PER_SECOND);
        let counted = if self.enforced.is_some() { used.in_window } else { 1 };
        Verdict {
            refused: over && self.enforced.is_some(),
            limit,
            left: limit.saturating_sub(counted),
            concurrent_left: CONCURRENT_CALLS.saturating_sub(used.under_way),
        }
    }

    fn leave(&mut self, client_id: &str) {
        if let Some(used) = self.used.get_mut(client_id) {
            used.under_way = used.under_way.saturating_sub(1);
        }
    }

    pub(super) fn next_window(&mut self) {
        self.used.values_mut().for_each(|used| used.in_window = 0);
    }
}

/// One call under way; it ends when this is dropped.
pub(super) struct Slot {
    state: Arc<Mutex<State>>,
    client_id: String,
    pub(super) verdict: Verdict,
}

impl Slot {
    /// Takes a slot for the credential behind the token. A call without a valid token is not counted.
    pub(super) fn enter(state: &Arc<Mutex<State>>, token: &str) -> Option<Self> {
        let mut locked = lock(state);
        let client_id = locked.tokens.client_of(token)?;
        let verdict = locked.traffic.enter(&client_id);
        drop(locked);
        Some(Self { state: Arc::clone(state), client_id, verdict })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        lock(&self.state).traffic.leave(&self.client_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_eight_at_once_are_counted_and_refused_only_if_enforced() {
        let mut traffic = Traffic::default();
        let refused: Vec<bool> = (0..9).map(|_| traffic.enter("a").refused).collect();
        assert!(!refused.contains(&true));
        assert_eq!(traffic.load, Load { highest_concurrency: 9, breaches: 1 });
        assert!(!traffic.enter("b").refused, "another credential has limits of its own");
        traffic.enforced = Some(100);
        assert!(traffic.enter("a").refused);
        traffic.leave("a");
        traffic.leave("a");
        traffic.leave("a");
        assert_eq!(traffic.enter("a"), Verdict { refused: false, limit: 100, left: 89, concurrent_left: 0 });
    }

    #[test]
    fn a_window_is_full_until_it_is_moved_on() {
        let mut traffic = Traffic { enforced: Some(2), ..Traffic::default() };
        let mut call = || {
            let verdict = traffic.enter("a");
            traffic.leave("a");
            verdict.refused
        };
        assert_eq!([call(), call(), call()], [false, false, true]);
        traffic.next_window();
        assert!(!traffic.enter("a").refused);
        assert_eq!(traffic.load.breaches, 1);
    }
}
