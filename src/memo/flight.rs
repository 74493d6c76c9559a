//! `Flight`: the right, and the duty, to find out the answer for one key.

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::time::SystemTime;

use super::Shared;
use super::answer::Landing;
use super::progress::{Outcome, Progress};

/// The one flight under way for its key. Dropped before it lands, it tells those who wait that it was abandoned.
pub struct Flight<K, V, E>
where
    K: Eq + Hash,
    V: Clone,
    E: Clone,
{
    shared: Arc<Shared<K, V, E>>,
    key: Arc<K>,
    progress: Arc<Progress<V, E>>,
    over: bool,
}

impl<K, V, E> Flight<K, V, E>
where
    K: Eq + Hash,
    V: Clone,
    E: Clone,
{
    pub(super) fn new(shared: Arc<Shared<K, V, E>>, key: Arc<K>, progress: Arc<Progress<V, E>>) -> Self {
        Self { shared, key, progress, over: false }
    }

    /// What is to be found out.
    #[must_use]
    pub fn key(&self) -> &K {
        &self.key
    }

    /// Ends the flight: a success is remembered, an error is not; either way all who wait are told.
    pub fn land(mut self, result: Result<Landing<V>, E>) {
        let verified_at = SystemTime::now();
        match result {
            Ok(Landing { value, cost }) => self.finish(Outcome::Landed { value, verified_at, cost }),
            Err(error) => self.finish(Outcome::Failed(error)),
        }
    }

    fn finish(&mut self, outcome: Outcome<V, E>) {
        self.over = true;
        let mut airborne = self.shared.airborne();
        let evicted = match &outcome {
            Outcome::Landed { value, verified_at, .. } => self.shared.entries.put(&self.key, value.clone(), *verified_at),
            Outcome::Failed(_) | Outcome::Abandoned => Vec::new(),
        };
        airborne.remove(&self.key);
        drop(airborne);
        // What was evicted may be large: it is dropped after the lock.
        drop(evicted);
        self.progress.settle(outcome);
    }
}

impl<K, V, E> Drop for Flight<K, V, E>
where
    K: Eq + Hash,
    V: Clone,
    E: Clone,
{
    fn drop(&mut self) {
        if !self.over {
            self.finish(Outcome::Abandoned);
        }
    }
}

impl<K, V, E> fmt::Debug for Flight<K, V, E>
where
    K: Eq + Hash,
    V: Clone,
    E: Clone,
{
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Flight").finish_non_exhaustive()
    }
}
