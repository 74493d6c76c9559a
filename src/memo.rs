//! A memo that can hold only successes. Knows nothing of images, signatures or Rego.
//!
//! [`Memo`] answers from what it remembers, or lets exactly one caller start the work for a key and everybody else wait for
//! it. There is no way to insert a failure: only a [`Landing`] is kept, and a [`Flight`] that fails leaves nothing behind.

mod answer;
mod ask;
mod check;
mod clock;
mod counters;
mod encoding;
mod entries;
mod error;
mod expiry;
mod fence;
mod flight;
mod front;
mod index;
mod label;
mod ledger;
mod prepared;
mod progress;
mod remember;
mod store;
mod ttl;
mod tuning;

use std::fmt;
use std::hash::Hash;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Instant;

pub use answer::{Answer, How, Landing};
pub use clock::{Clock, SystemClock};
pub use counters::Stats;
pub use encoding::{EncodeKey, KeyEncoding, KeyName};
pub use entries::Bound;
pub use error::Missed;
pub use expiry::{Expiry, NotAfter, Why};
pub use fence::Revocation;
pub use flight::Flight;
pub use label::{InvalidSelector, Label, Selector};
pub use prepared::Prepared;
pub use store::{
    Archive, Codec, EmbeddedStore, Listed, Look, Record, RecordExpiry, RecordedRevocation, Seal, SealError, Store, StoreError, Vault,
    Warning,
};
pub use ttl::{Level, TimeToLive, TimesToLive};
pub use tuning::{Canary, Mode, RefreshAhead, Tuning};

use ask::Question;
use counters::Counters;
use entries::Entries;
use ledger::Ledger;
use store::{Shelf, Unsaved};

/// Remembers successes by key, and runs the work for a key once at a time. A clone shares everything.
pub struct Memo<K, V, E> {
    shared: Arc<Shared<K, V, E>>,
}

/// Where a memo reads the time, and where it writes.
type Surroundings<K, V> = (Box<dyn Clock>, Option<Box<dyn Shelf<K, V>>>);

/// What the clones of a memo and its flights share.
struct Shared<K, V, E> {
    entries: Entries<K, V>,
    ledger: Mutex<Ledger<K, V, E>>,
    counters: Counters,
    clock: Box<dyn Clock>,
    tuning: Tuning<V>,
    shelf: Option<Box<dyn Shelf<K, V>>>,
    unsaved: Unsaved,
    /// Something was wrong that says nothing of how far: nothing is served any more.
    distrusted: AtomicBool,
}

impl<K, V, E> Memo<K, V, E>
where
    K: Clone + Eq + Hash + Send + Sync,
    V: Clone,
    E: Clone,
{
    /// An empty memo that never holds more than its bound.
    #[must_use]
    pub fn new(bound: &Bound<K, V>) -> Self {
        Self::tuned(bound, Tuning::default(), SystemClock::default())
    }

    /// An empty memo that reads the time elsewhere.
    #[must_use]
    pub fn with_clock(bound: &Bound<K, V>, clock: impl Clock + 'static) -> Self {
        Self::tuned(bound, Tuning::default(), clock)
    }

    /// An empty memo that goes further than to remember.
    #[must_use]
    pub fn tuned(bound: &Bound<K, V>, tuning: Tuning<V>, clock: impl Clock + 'static) -> Self {
        Self::build(bound, tuning, (Box::new(clock), None))
    }

    /// A memo that remembers beyond its process: what it finds out is written down, and what is written down is looked for
    /// before anything is found out.
    #[must_use]
    pub fn archived(bound: &Bound<K, V>, tuning: Tuning<V>, clock: impl Clock + 'static, archive: Archive<K, V>) -> Self
    where
        K: EncodeKey + 'static,
        V: Send + Sync + 'static,
    {
        Self::build(bound, tuning, (Box::new(clock), Some(Box::new(archive))))
    }

    fn build(bound: &Bound<K, V>, mut tuning: Tuning<V>, (clock, shelf): Surroundings<K, V>) -> Self {
        tuning.max_stale = tuning.max_stale.min(Tuning::<V>::MAX_STALE);
        let (entries, counters, distrusted) = (Entries::new(bound), Counters::default(), AtomicBool::new(false));
        let (ledger, unsaved) = (Mutex::default(), Unsaved::default());
        Self { shared: Arc::new(Shared { entries, ledger, counters, clock, tuning, shelf, unsaved, distrusted }) }
    }

    /// What is remembered of a key. Takes no lock that a miss holds, and never waits.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<Answer<V>> {
        self.shared.get(key)
    }

    /// As [`Memo::get`], for callers who can find out: where the hit is one to refresh or to compare, `start` gets a flight
    /// for it, to be moved elsewhere at once.
    #[must_use]
    pub fn remembered(&self, key: &K, start: impl FnOnce(Flight<K, V, E>)) -> Option<Answer<V>> {
        self.shared.remembered(key, start)
    }

    /// What is remembered of a key, else what a flight finds: the one under way, or a new one.
    ///
    /// If no flight is under way, `start` is called with a new one, on this thread and outside all locks. It is to move the
    /// flight into a detached task or thread as soon as there is anything to wait for: then this caller, too, waits no longer
    /// than its deadline. (A memo that refreshes or compares calls it for some hits, too, and waits for nothing:
    /// [`Flight::is_awaited`] tells these apart.)
    ///
    /// # Errors
    ///
    /// [`Missed::Failed`] with the flight's error, to everybody who waited for it; [`Missed::TimedOut`] to this caller alone
    /// when its deadline passes (the flight goes on); [`Missed::Abandoned`] when the flight was dropped before it landed;
    /// [`Missed::Revoked`] when a revocation meant the answer while this caller waited for it.
    pub fn get_or_start(&self, key: &K, deadline: Instant, start: impl FnOnce(Flight<K, V, E>)) -> Result<Answer<V>, Missed<E>> {
        self.shared.ask(&Question { key, deadline }, start)
    }

    /// Has a key found out anew, whatever is remembered of it: `start` gets a flight, unless one is under way, and what lands
    /// takes the place of what is remembered. Waits for nothing.
    pub fn renew(&self, key: &K, start: impl FnOnce(Flight<K, V, E>)) {
        self.shared.renew(key, start);
    }

    /// Forgets every success that the selector means, in time proportional to how many these are, and fences it off: no
    /// flight that started before this call publishes one any more, nor tells those who wait for it. Who asks afterwards
    /// has it found out anew.
    #[must_use = "the record belongs in an audit trail"]
    pub fn revoke(&self, selector: Selector) -> Revocation {
        self.shared.revoke(selector)
    }

    /// Forgets what other processes have revoked since somebody last looked. (A miss looks by itself; a process that lives on
    /// hits does not.)
    pub fn catch_up(&self) {
        if let Some(shelf) = &self.shared.shelf {
            let (_, news) = shelf.news();
            self.shared.heed(news, None);
        }
    }

    /// How many revocations there have been, those of other processes included as far as they were heard of.
    #[must_use]
    pub fn revocations(&self) -> u64 {
        self.shared.revocations()
    }

    /// Waits until what was found out so far is written down; false if that takes beyond the deadline. (Dropping the last
    /// clone waits, too.)
    #[must_use]
    pub fn flush(&self, deadline: Instant) -> bool {
        // A caller has its answer before the answer is in the archive's hands.
        self.shared.shelf.as_ref().is_none_or(|shelf| self.shared.unsaved.wait(deadline) && shelf.flush(deadline))
    }

    /// What is no longer remembered, since a check found something of it wrong.
    #[must_use]
    pub fn distrusted(&self) -> Vec<Label> {
        self.shared.ledger().distrusted()
    }

    /// The mode it is in: as tuned, or off after a disagreement that reaches everything.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.shared.mode()
    }

    /// How it went so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.counters.read(self.shared.entries.len(), self.shared.entries.bytes())
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
