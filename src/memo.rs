//! A memo that can hold only successes. Knows nothing of images, signatures or Rego.
//!
//! [`Memo`] answers from what it remembers, or lets exactly one caller start the work for a key and everybody else wait for
//! it. There is no way to insert a failure: only a [`Landing`] is kept, and a [`Flight`] that fails leaves nothing behind.

mod answer;
mod counters;
mod entries;
mod error;
mod flight;
mod progress;

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

pub use answer::{Answer, How, Landing};
pub use counters::Stats;
pub use entries::Bound;
pub use error::Missed;
pub use flight::Flight;

use counters::Counters;
use entries::Entries;
use progress::Progress;

/// Remembers successes by key, and runs the work for a key once at a time. A clone shares everything.
pub struct Memo<K, V, E> {
    shared: Arc<Shared<K, V, E>>,
}

/// What the clones of a memo and its flights share.
struct Shared<K, V, E> {
    entries: Entries<K, V>,
    /// INVARIANT: whoever publishes into or removes from `entries` holds this lock; it is never held while work runs, and a
    /// hit never takes it.
    airborne: Mutex<Airborne<K, V, E>>,
    counters: Counters,
}

/// The flights under way, one for each key at most.
type Airborne<K, V, E> = HashMap<Arc<K>, Arc<Progress<V, E>>>;

impl<K, V, E> Memo<K, V, E>
where
    K: Clone + Eq + Hash + Send + Sync,
    V: Clone,
    E: Clone,
{
    /// An empty memo that never holds more than its bound.
    #[must_use]
    pub fn new(bound: &Bound<K, V>) -> Self {
        let shared = Shared { entries: Entries::new(bound), airborne: Mutex::default(), counters: Counters::default() };
        Self { shared: Arc::new(shared) }
    }

    /// What is remembered of a key. Takes no lock that a miss holds, and never waits.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<Answer<V>> {
        let answer = self.shared.entries.get(key)?;
        self.shared.counters.hit();
        Some(answer)
    }

    /// What is remembered of a key, else what a flight finds: the one under way, or a new one.
    ///
    /// If no flight is under way, `start` is called with a new one, on this thread and outside all locks. It is to move the
    /// flight into a detached task or thread and return at once: then this caller, too, waits no longer than its deadline.
    ///
    /// # Errors
    ///
    /// [`Missed::Failed`] with the flight's error, to everybody who waited for it; [`Missed::TimedOut`] to this caller alone
    /// when its deadline passes (the flight goes on); [`Missed::Abandoned`] when the flight was dropped before it landed.
    pub fn get_or_start(&self, key: &K, deadline: Instant, start: impl FnOnce(Flight<K, V, E>)) -> Result<Answer<V>, Missed<E>> {
        if let Some(answer) = self.get(key) {
            return Ok(answer);
        }
        match self.board(key) {
            Boarding::Remembered(answer) => {
                self.shared.counters.hit();
                Ok(answer)
            }
            Boarding::Joined(progress) => {
                self.shared.counters.coalesced();
                progress.wait(deadline, How::Coalesced)
            }
            Boarding::Started(flight, progress) => {
                self.shared.counters.miss();
                start(flight);
                progress.wait(deadline, How::Fresh)
            }
        }
    }

    /// How it went so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.counters.read(self.shared.entries.len(), self.shared.entries.bytes())
    }

    fn board(&self, key: &K) -> Boarding<K, V, E> {
        let mut airborne = self.shared.airborne();
        if let Some(progress) = airborne.get(key) {
            return Boarding::Joined(Arc::clone(progress));
        }
        // A flight publishes before it leaves the table, so that one which landed since the first look is seen here.
        if let Some(answer) = self.shared.entries.get(key) {
            return Boarding::Remembered(answer);
        }
        let key = Arc::new(key.clone());
        let progress = Arc::new(Progress::default());
        airborne.insert(Arc::clone(&key), Arc::clone(&progress));
        Boarding::Started(Flight::new(Arc::clone(&self.shared), key, Arc::clone(&progress)), progress)
    }
}

/// How a caller who found nothing goes on.
enum Boarding<K, V, E>
where
    K: Eq + Hash,
    V: Clone,
    E: Clone,
{
    Remembered(Answer<V>),
    Joined(Arc<Progress<V, E>>),
    Started(Flight<K, V, E>, Arc<Progress<V, E>>),
}

impl<K, V, E> Shared<K, V, E> {
    /// A panic elsewhere cannot leave the table half-changed: each change is one call.
    fn airborne(&self) -> MutexGuard<'_, Airborne<K, V, E>> {
        self.airborne.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V, E> Clone for Memo<K, V, E> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<K, V, E> fmt::Debug for Memo<K, V, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Memo").finish_non_exhaustive()
    }
}
