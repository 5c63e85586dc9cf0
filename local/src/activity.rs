//! What is under way in the local stack, and who wants to know when that changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::config::interceptors::FinalizerInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use tokio::sync::watch;

/// Requests and runs that have begun and not ended, and writes to the table. Clones share the counts.
#[derive(Clone, Debug)]
pub(super) struct Activity(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    writes: AtomicUsize,
    begun: AtomicUsize,
    under_way: AtomicUsize,
    changes: watch::Sender<()>,
}

/// One request or run. It ends when this is dropped, even by a panic.
pub(super) struct UnderWay(Activity);

impl Activity {
    pub(super) fn new() -> Self {
        let (zero, changes) = (|| AtomicUsize::new(0), watch::Sender::new(()));
        Self(Arc::new(Counts { writes: zero(), begun: zero(), under_way: zero(), changes }))
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

    /// How often this process wrote to the table.
    pub(super) fn writes(&self) -> usize {
        self.0.writes.load(Ordering::SeqCst)
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

/// As an interceptor of the DynamoDB client, it counts what is written through that client.
impl Intercept for Activity {
    fn name(&self) -> &'static str {
        "Activity"
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().and_then(|request| request.headers().get("x-amz-target")).unwrap_or_default();
        if !READS.iter().any(|read| target.ends_with(read)) {
            self.0.writes.fetch_add(1, Ordering::SeqCst);
            self.changed();
        }
        Ok(())
    }
}

/// Operations that change nothing.
const READS: [&str; 4] = [".GetItem", ".BatchGetItem", ".Query", ".Scan"];

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
