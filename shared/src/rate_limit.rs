//! One rate limit and bearer per credential, for APIs that limit how fast each credential may be used.
//!
//! A limit lives in one process. Functions that run side by side have one each, so an API may still answer 429; the
//! worker then waits as it is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use secrecy::SecretString;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::{Fault, FaultKind};
use crate::signature::sha256_hex;

/// How fast one credential may be used.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Least time between the starts of two calls.
    pub apart: Duration,
    /// Most calls at the same time.
    pub at_once: usize,
}

/// A bearer and how long it is good for.
#[derive(Clone)]
pub struct Bearer {
    /// The token.
    pub token: SecretString,
    /// When it must not be used any more.
    pub until: Instant,
}

/// The rate limit of one credential, with its bearer.
pub struct RateLimit {
    limits: Limits,
    places: Semaphore,
    next_start: Mutex<Instant>,
    bearer: tokio::sync::Mutex<Option<Bearer>>,
}

impl RateLimit {
    fn new(limits: Limits) -> Self {
        Self {
            limits,
            places: Semaphore::new(limits.at_once),
            next_start: Mutex::new(Instant::now()),
            bearer: tokio::sync::Mutex::new(None),
        }
    }

    /// Waits for its turn. The call may go on for as long as the permit is held.
    ///
    /// # Errors
    /// Never in practice: only when the semaphore was closed, which nothing does.
    pub async fn enter(&self) -> Result<SemaphorePermit<'_>, Fault> {
        let closed = |_| Fault::new(FaultKind::Platform, "rate limit", "the semaphore is closed").not_sent();
        let permit = self.places.acquire().await.map_err(closed)?;
        let start = {
            let mut next = self.next_start.lock().unwrap_or_else(PoisonError::into_inner);
            let start = (*next).max(Instant::now());
            *next = start.checked_add(self.limits.apart).unwrap_or(start);
            start
        };
        tokio::time::sleep_until(start.into()).await;
        Ok(permit)
    }

    /// The cached bearer, else the one that `fetch` brings. Callers that come at the same time share one fetch.
    ///
    /// # Errors
    /// What `fetch` says.
    pub async fn bearer(&self, fetch: impl Future<Output = Result<Bearer, Fault>>) -> Result<SecretString, Fault> {
        let mut kept = self.bearer.lock().await;
        if let Some(bearer) = kept.as_ref().filter(|b| b.until > Instant::now()) {
            return Ok(bearer.token.clone());
        }
        let fresh = fetch.await?;
        let token = fresh.token.clone();
        *kept = Some(fresh);
        Ok(token)
    }

    /// Throws the bearer away: the API refused it.
    pub async fn drop_bearer(&self) {
        *self.bearer.lock().await = None;
    }
}

impl std::fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RateLimit")
    }
}

/// Every rate limit of one process. Cheap to clone; clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct RateLimits(Arc<Mutex<HashMap<String, Arc<RateLimit>>>>);

impl RateLimits {
    /// The rate limit of this credential, kept by its hash.
    pub(crate) fn of(&self, credential: &str, limits: Limits) -> Arc<RateLimit> {
        let key = sha256_hex(credential.as_bytes());
        let mut rate_limits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(rate_limits.entry(key).or_insert_with(|| Arc::new(RateLimit::new(limits))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { apart: Duration::from_millis(20), at_once: 2 };

    #[tokio::test]
    async fn starts_are_apart_and_no_more_than_allowed_run_at_once() {
        let rate_limit = RateLimits::default().of("credential", LIMITS);
        let began = Instant::now();
        let (first, second) = (rate_limit.enter().await.expect("open"), rate_limit.enter().await.expect("open"));
        assert!(began.elapsed() >= LIMITS.apart, "the second start waits");
        let third = tokio::time::timeout(Duration::from_millis(60), rate_limit.enter()).await;
        assert!(third.is_err(), "two are inside");
        drop((first, second));
        assert!(tokio::time::timeout(Duration::from_secs(5), rate_limit.enter()).await.is_ok());
    }

    #[tokio::test]
    async fn a_bearer_is_fetched_once_until_it_ends_or_is_refused() {
        let rate_limit = RateLimits::default().of("credential", LIMITS);
        let fetched = std::sync::atomic::AtomicUsize::new(0);
        let fetched = &fetched;
        let fetch = |lives: Duration| async move {
            let n = fetched.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let until = Instant::now().checked_add(lives).expect("a time");
            Ok(Bearer { token: SecretString::from(n.to_string()), until })
        };
        for _ in 0..3 {
            rate_limit.bearer(fetch(Duration::from_mins(1))).await.expect("a bearer");
        }
        assert_eq!(fetched.load(std::sync::atomic::Ordering::SeqCst), 1);
        rate_limit.drop_bearer().await;
        rate_limit.bearer(fetch(Duration::ZERO)).await.expect("a bearer");
        rate_limit.bearer(fetch(Duration::ZERO)).await.expect("a bearer");
        assert_eq!(fetched.load(std::sync::atomic::Ordering::SeqCst), 3);
    }
}
