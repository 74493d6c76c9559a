//! `Flight`: the right, and the duty, to find out the answer for one key.

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use super::Shared;
use super::answer::Landing;
use super::label::Label;
use super::progress::Outcome;

/// The one flight under way for its key. Dropped before it lands, it tells those who wait that it was abandoned.
pub struct Flight<K, V, E>
where
    K: Eq + Hash,
    V: Clone,
    E: Clone,
{
    shared: Arc<Shared<K, V, E>>,
    key: Arc<K>,
    over: bool,
}

impl<K, V, E> Flight<K, V, E>
where
    K: Eq + Hash,
    V: Clone,
    E: Clone,
{
    pub(super) fn new(shared: Arc<Shared<K, V, E>>, key: Arc<K>) -> Self {
        Self { shared, key, over: false }
    }

    /// What is to be found out.
    #[must_use]
    pub fn key(&self) -> &K {
        &self.key
    }

    /// Notes what the answer will rest on, as soon as it is known: a revocation that means it then stops the flight at once,
    /// for all who wait. (Labels that are known only when it lands count then.)
    pub fn tag(&self, label: Label) {
        self.shared.tag(&self.key, label);
    }

    /// Ends the flight: a success is remembered, an error is not; either way all who wait are told. A success that was
    /// revoked under way is neither remembered nor told.
    pub fn land(mut self, result: Result<Landing<V>, E>) {
        self.over = true;
        match result {
            Ok(landing) => self.shared.land(&self.key, landing),
            Err(error) => self.shared.fail(&self.key, Outcome::Failed(error)),
        }
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
            self.shared.fail(&self.key, Outcome::Abandoned);
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
