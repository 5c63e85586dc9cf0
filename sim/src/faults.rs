//! What goes wrong on the way to a simulator: faults queued per operation, each used once, and
//! faults that stay until they are cleared.
//!
//! A call can fail before the work, after the work, or with its answer lost. The bridge has to reach
//! the same result in all three cases, so each has a fault of its own here.

use super::gate::Gate;
use super::lock;
use super::reply::Reply;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The operation name that stands for every operation of a simulator.
pub const EVERY_OPERATION: &str = "*";

/// One thing that goes wrong with one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The work is not done; this is answered instead.
    Answer(Reply),
    /// The work is done; this is answered instead of the real answer.
    DoThenAnswer(Reply),
    /// The work is done at once; the true answer comes late.
    Delay(Duration),
    /// The work is done at once; the true answer waits until the gate is opened.
    HoldAnswer(Gate),
    /// The work waits until the gate is opened, even if the connection was cut by then: a look-up in
    /// between finds nothing, and the order appears afterwards.
    HoldWork(Gate),
    /// The work is done; the connection closes before any byte of the answer.
    DoThenCut,
    /// The work is not done; the connection closes before any byte of the answer.
    CutBefore,
}

impl Fault {
    /// A bare 5xx without the work.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Answer(Reply::empty(status))
    }

    /// A 429 without the work.
    #[must_use]
    pub fn rate_limited(retry_after_s: u64) -> Self {
        Self::Answer(Reply::too_many_requests(retry_after_s))
    }
}

/// The faults of one simulator. Clones share one queue.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Queues>>);

#[derive(Debug, Default)]
struct Queues {
    once: HashMap<String, VecDeque<Fault>>,
    always: HashMap<String, Fault>,
}

impl Faults {
    /// Queues one fault for the next call of `operation` (or of [`EVERY_OPERATION`]).
    pub fn once(&self, operation: &str, fault: Fault) {
        let mut queues = lock(&self.0);
        queues.once.entry(operation.into()).or_default().push_back(fault);
    }

    /// Queues the same fault for the next `count` calls.
    pub fn times(&self, count: usize, operation: &str, fault: &Fault) {
        let mut queues = lock(&self.0);
        let queue = queues.once.entry(operation.into()).or_default();
        queue.extend(std::iter::repeat_n(fault.clone(), count));
    }

    /// Every call of `operation` meets this fault until [`Faults::clear`]. Queued ones go first.
    pub fn always(&self, operation: &str, fault: Fault) {
        lock(&self.0).always.insert(operation.into(), fault);
    }

    /// Removes what is queued and what is permanent for `operation`.
    pub fn clear(&self, operation: &str) {
        let mut queues = lock(&self.0);
        queues.once.remove(operation);
        queues.always.remove(operation);
    }

    /// Removes every fault.
    pub fn clear_all(&self) {
        *lock(&self.0) = Queues::default();
    }

    /// How many queued faults nobody has met yet: a test asks so that it knows its fault was used.
    #[must_use]
    pub fn unused(&self) -> usize {
        lock(&self.0).once.values().map(VecDeque::len).sum()
    }

    /// The fault this call meets, if any.
    pub(super) fn take(&self, operation: &str) -> Option<Fault> {
        let mut queues = lock(&self.0);
        for name in [operation, EVERY_OPERATION] {
            if let Some(fault) = queues.once.get_mut(name).and_then(VecDeque::pop_front) {
                return Some(fault);
            }
        }
        [operation, EVERY_OPERATION].iter().find_map(|name| queues.always.get(*name)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queued_fault_is_met_once_and_in_order() {
        let faults = Faults::default();
        faults.once("candidate/add", Fault::CutBefore);
        faults.once("candidate/add", Fault::DoThenCut);
        assert_eq!(faults.take("candidate/details"), None);
        assert_eq!(faults.take("candidate/add"), Some(Fault::CutBefore));
        assert_eq!(faults.unused(), 1);
        assert_eq!(faults.take("candidate/add"), Some(Fault::DoThenCut));
        assert_eq!(faults.take("candidate/add"), None);
    }

    #[test]
    fn a_permanent_fault_stays_until_it_is_cleared_and_lets_queued_ones_pass_first() {
        let faults = Faults::default();
        faults.always(EVERY_OPERATION, Fault::status(503));
        faults.once("candidate/add", Fault::rate_limited(3));
        assert_eq!(faults.take("candidate/add"), Some(Fault::rate_limited(3)));
        assert_eq!(faults.take("candidate/add"), Some(Fault::status(503)));
        assert_eq!(faults.take("candidate/details"), Some(Fault::status(503)));
        faults.clear(EVERY_OPERATION);
        assert_eq!(faults.take("candidate/add"), None);
    }
}
