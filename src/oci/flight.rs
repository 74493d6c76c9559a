//! `Flights`: one piece of work per key at a time, its result shared by all who ask meanwhile, and kept by none.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};

pub(crate) type Flight<V> = Shared<BoxFuture<'static, V>>;

pub(crate) struct Flights<K, V> {
    under_way: Arc<Mutex<HashMap<K, Flight<V>>>>,
}

impl<K, V> Default for Flights<K, V> {
    fn default() -> Self {
        Self { under_way: Arc::default() }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K, V> Flights<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// The result of the work for `key`: of that under way, else of what `start` makes. No caller owns the work: it goes
    /// on as long as any of them waits.
    pub(crate) fn join<F>(&self, key: &K, start: impl FnOnce() -> F) -> Flight<V>
    where
        F: Future<Output = V> + Send + 'static,
    {
        let mut under_way = lock(&self.under_way);
        if let Some(flight) = under_way.get(key) {
            return flight.clone();
        }
        let (work, all, own) = (start(), Arc::clone(&self.under_way), key.clone());
        // INVARIANT: it removes itself as its last step, so that who comes later never gets an old result.
        let flight = async move {
            let value = work.await;
            lock(&all).remove(&own);
            value
        };
        let flight = flight.boxed().shared();
        under_way.insert(key.clone(), flight.clone());
        flight
    }
}

impl<K, V> fmt::Debug for Flights<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights").finish_non_exhaustive()
    }
}
