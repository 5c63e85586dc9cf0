//! Checkr's `Idempotency-Key`: the first success under a key is kept for a day and given again.

use super::super::call::Call;
use super::super::reply::Reply;
use super::account::Account;
use serde_json::Value;
use std::collections::HashMap;

#[derive(Debug, Default)]
pub(super) struct Keys(HashMap<String, Saved>);

#[derive(Debug)]
struct Saved {
    path: String,
    body: Value,
    reply: Reply,
}

impl Keys {
    /// Does the work unless it succeeded under the same key before. A key must be new for every
    /// request: another request under an old key gets the old answer and is a violation.
    pub(super) fn once(
        &mut self,
        account: &mut Account,
        operation: &str,
        call: &Call,
        work: fn(&mut Account, &str, &Call) -> Reply,
    ) -> Reply {
        let key = call.header("idempotency-key");
        let body = call.json().unwrap_or_default();
        if let Some(saved) = self.0.get(key) {
            if saved.path != call.path || saved.body != body {
                account.violation(operation, "the Idempotency-Key of another request");
            }
            return saved.reply.clone();
        }
        let reply = work(account, operation, call);
        if !key.is_empty() && (200..300).contains(&reply.status) {
            let saved = Saved { path: call.path.clone(), body, reply: reply.clone() };
            self.0.insert(key.into(), saved);
        }
        reply
    }

    /// A day passes.
    pub(super) fn expire(&mut self) {
        self.0.clear();
    }
}
