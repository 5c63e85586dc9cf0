//! What is under way in the local stack, and who wants to know when that changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;

/// Requests and runs that have begun and not ended. Clones share the count.
#[derive(Clone)]
pub(super) struct Activity(Arc<Counts>);

struct Counts {
    begun: AtomicUsize,
    under_way: AtomicUsize,
    changes: watch::Sender<()>,
}

/// One request or run. It ends when this is dropped, even by a panic.
pub(super) struct UnderWay(Activity);

impl Activity {
    pub(super) fn new() -> Self {
        let changes = watch::Sender::new(());
        Self(Arc::new(Counts { begun: AtomicUsize::new(0), under_way: AtomicUsize::new(0), changes }))
    }

    /// Something begins.
    pub(super) fn begin(&self) -> UnderWay {
        self.0.under_way.fetch_add(1, Ordering::SeqCst);
        self.0.begun.fetch_add(1, Ordering::SeqCst);
        UnderWay(self.clone())
    }

    /// How much has begun so far. Whoever finds nothing to do in several places compares it before and after: if it is
    /// the same, nothing moved from one place to another in between.
    pub(super) fn begun(&self) -> usize {
        self.0.begun.load(Ordering::SeqCst)
    }

    /// Whether nothing is under way.
    pub(super) fn is_none(&self) -> bool {
        self.0.under_way.load(Ordering::SeqCst) == 0
    }

    /// Something changed: the table was written, or something ended.
    pub(super) fn changed(&self) {
        self.0.changes.send_replace(());
    }

    /// Sees every change from now on.
    pub(super) fn watch(&self) -> watch::Receiver<()> {
        self.0.changes.subscribe()
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.under_way.fetch_sub(1, Ordering::SeqCst);
        self.0.changed();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_begun_is_under_way_until_it_is_dropped_and_both_are_told() {
        let activity = Activity::new();
        let mut changes = activity.watch();
        let run = activity.begin();
        assert_eq!((activity.is_none(), activity.begun()), (false, 1));
        assert!(!changes.has_changed().expect("it is being watched"));
        drop(run);
        assert_eq!((activity.is_none(), activity.begun()), (true, 1));
        assert!(changes.has_changed().expect("it is being watched"));
        changes.mark_unchanged();
    }
}
