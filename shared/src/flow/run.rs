//! One run of the worker over one order: what it holds, and how it records what a step brought.

use std::time::Duration;

use super::Worker;
use crate::account::Account;
use crate::connection::{Connection, ConnectionState, Side, TroubleKind};
use crate::error::Fault;
use crate::order::{Action, Order};
use crate::secrets::StoredKeys;
use crate::store::Saved;

/// Time for a call of the worker.
const PATIENCE: Duration = Duration::from_secs(15);

/// One run of the worker: its tools, the connection and its keys.
pub(super) struct Run<'a> {
    pub(super) worker: &'a Worker,
    pub(super) connection: Connection,
    pub(super) keys: StoredKeys,
}

/// What became of a step.
pub(super) enum Step {
    /// Recorded.
    Done,
    /// Not done, but worth trying at once.
    Again,
    /// Somebody wrote in between: load the order again.
    Stale,
    /// Not to be tried again in this run.
    Blocked { passing: bool, after: Option<Duration> },
}

impl Run<'_> {
    pub(super) async fn save(&self, order: &mut Order) -> Result<Step, Fault> {
        Ok(match self.worker.services.store.save(order, false).await? {
            Saved::Yes => Step::Done,
            Saved::Conflict => Step::Stale,
        })
    }

    /// Records a call's result over anything that others wrote meanwhile, because the call cannot be undone.
    pub(super) async fn record(&self, order: &mut Order, apply: impl Fn(&mut Order)) -> Result<Step, Fault> {
        let recorded = self.worker.services.store.change_read(order, false, apply).await?;
        Ok(recorded.map_or(Step::Stale, |()| Step::Done))
    }

    /// Whether the operator has revoked the connection, read afresh: nobody should pay for what a cache still allows.
    pub(super) async fn is_revoked(&self) -> Result<bool, Fault> {
        let now = self.worker.services.store.connection(&self.connection.id).await?;
        Ok(now.is_some_and(|connection| connection.state == ConnectionState::Revoked))
    }

    pub(super) fn vendor_account(&self) -> Account<'_> {
        self.worker.services.vendor_account(&self.connection, &self.keys, PATIENCE)
    }

    pub(super) fn ats_account(&self) -> Account<'_> {
        self.worker.services.ats_account(&self.connection, &self.keys, PATIENCE)
    }

    /// Notes trouble with one side. Costs a request only where that is news.
    pub(super) async fn note_trouble(&mut self, side: Side, kind: TroubleKind) -> Result<(), Fault> {
        let now = self.worker.services.clock.now();
        if self.connection.is_trouble(side, &kind) {
            return Ok(());
        }
        self.change_connection(|connection| connection.note_trouble(side, kind.clone(), now)).await
    }

    /// Notes that a call of this action was taken. Costs a request only where trouble is over by that.
    pub(super) async fn works(&mut self, action: Action) -> Result<(), Fault> {
        let side = action.side();
        self.worker.services.remember_key(&self.connection.id, side, &self.keys, Ok(()));
        if !self.connection.is_mended_by(side, action.words()) {
            return Ok(());
        }
        self.change_connection(|connection| connection.works(side, action.words())).await
    }

    async fn change_connection(&mut self, apply: impl Fn(&mut Connection)) -> Result<(), Fault> {
        let changed = self.worker.services.change_connection(&self.connection.id, apply).await?;
        if let Some((connection, ())) = changed {
            self.connection = connection;
        }
        Ok(())
    }
}
