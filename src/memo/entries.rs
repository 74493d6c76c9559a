//! The bounded storage under a memo: `quick_cache`, whose eviction survives scans and happens before an insertion returns.

use std::hash::{Hash, RandomState};
use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;
use quick_cache::{Lifecycle, OptionsBuilder, Weighter};

use super::answer::{Answer, How};
use super::check::Upcoming;
use super::clock::Clock;
use super::expiry::Span;
use super::front::{Front, Near};

/// How much a memo may hold, and how that is measured.
#[derive(Debug)]
pub struct Bound<K, V> {
    /// The most that all entries may weigh together, in bytes.
    pub bytes: u64,
    /// What a key and its value weigh, in bytes. What an entry costs beyond them is added by the memo.
    pub weigh: fn(&K, &V) -> u64,
}

/// What an entry costs beside its key and value: the slot, the counted pointers and their headers, the index.
const OVERHEAD: u64 = 256;
/// A shard is never smaller, so that a verdict with large attestations still fits into one.
const LEAST_SHARD: u64 = 8 << 20;
/// The usual weight of an entry; only tunes how many evicted keys are recognised when they come back.
const USUAL_WEIGHT: u64 = 2 << 10;

/// A value that was found out, and its times.
#[derive(Debug, Clone)]
pub(super) struct Found<V> {
    pub(super) value: V,
    pub(super) span: Span,
}

/// A remembered value. Weighed once, when it lands: a weight must not change while the entry is stored.
pub(super) struct Entry<V> {
    pub(super) found: Arc<Found<V>>,
    /// When it may be refreshed, if that is on.
    pub(super) upcoming: Option<Arc<Upcoming>>,
    /// Its name in the index.
    pub(super) number: u64,
    /// What it weighs; before it is put, without key and value.
    pub(super) weight: u64,
}

impl<V> Entry<V> {
    pub(super) fn answer(self, how: How) -> Answer<V> {
        Answer { found: self.found, how, cost: 0 }
    }
}

impl<V> Clone for Entry<V> {
    fn clone(&self) -> Self {
        Self { found: Arc::clone(&self.found), upcoming: self.upcoming.clone(), number: self.number, weight: self.weight }
    }
}

pub(super) struct Entries<K, V> {
    cache: Cache<Arc<K>, Entry<V>, ByWeight, RandomState, Collect>,
    front: Front<K, V>,
    weigh: fn(&K, &V) -> u64,
}

#[derive(Clone)]
struct ByWeight;

impl<K, V> Weighter<Arc<K>, Entry<V>> for ByWeight {
    fn weight(&self, _key: &Arc<K>, entry: &Entry<V>) -> u64 {
        entry.weight
    }
}

/// Collects what an insertion evicts (or refuses to admit).
#[derive(Clone)]
struct Collect;

impl<K, V> Lifecycle<Arc<K>, Entry<V>> for Collect {
    type RequestState = Vec<(Arc<K>, Entry<V>)>;

    fn on_evict(&self, evicted: &mut Self::RequestState, key: Arc<K>, entry: Entry<V>) {
        evicted.push((key, entry));
    }
}

impl<K: Eq + Hash, V: Clone> Entries<K, V> {
    pub(super) fn new(bound: &Bound<K, V>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let most = usize::try_from(bound.bytes / LEAST_SHARD).unwrap_or(usize::MAX).max(1);
        // Rounded down to a power of two, as the cache would round up.
        let shards = 1 << (cores * 4).min(most).ilog2();
        let estimated = usize::try_from(bound.bytes / USUAL_WEIGHT).unwrap_or(usize::MAX).max(shards * 32);
        let capacity = exact(bound.bytes, shards as u64);
        let options = OptionsBuilder::new().shards(shards).estimated_items_capacity(estimated).weight_capacity(capacity).build();
        let cache = match options {
            Ok(options) => Cache::with_options(options, ByWeight, RandomState::new(), Collect),
            Err(_) => Cache::with(estimated, capacity, ByWeight, RandomState::new(), Collect),
        };
        // The cache gives each shard an equal share, rounded up; only what divides evenly is an exact bound.
        cache.set_capacity(exact(bound.bytes, cache.num_shards() as u64));
        Self { cache, front: Front::new(), weigh: bound.weigh }
    }

    /// What may be served as a hit.
    pub(super) fn live(&self, key: &K, clock: &dyn Clock) -> Option<Entry<V>>
    where
        K: Clone,
    {
        let entry = match self.front.look(key) {
            Near::Here(entry) => Some(entry),
            Near::Ask => self.cache.get(key),
            Near::Far(candidacy) => {
                let entry = self.cache.get(key);
                if let Some(entry) = &entry {
                    self.front.keep(&candidacy, (key, entry));
                }
                entry
            }
        };
        entry.filter(|entry| !entry.found.span.is_past(clock))
    }

    /// What may be served where it cannot be found out anew.
    pub(super) fn stale(&self, key: &K, (max_stale, clock): (Duration, &dyn Clock)) -> Option<Entry<V>> {
        self.cache.get(key).filter(|entry| entry.found.span.excuses(max_stale, clock))
    }

    /// Remembers; gives what had to go for it (the entry itself, if it is too large to be kept at all).
    pub(super) fn put(&self, key: &Arc<K>, mut entry: Entry<V>) -> Vec<Entry<V>> {
        let weighed = (self.weigh)(key, &entry.found.value).saturating_add(OVERHEAD);
        entry.weight = entry.weight.saturating_add(weighed);
        // What is replaced is not taken away first: a hit at this moment gets the one or the other.
        let replaced = self.cache.peek(key);
        let mut evicted = Vec::new();
        self.cache.insert_with_lifecycle(Arc::clone(key), entry, &mut evicted);
        if replaced.is_some() || !evicted.is_empty() {
            self.front.clear(evicted.iter().map(|(key, _)| &**key).chain(replaced.is_some().then_some(&**key)));
        }
        evicted.into_iter().map(|(_, entry)| entry).chain(replaced).collect()
    }

    /// What is there, whatever its time; looking does not make it hotter.
    pub(super) fn peek(&self, key: &K) -> Option<Entry<V>> {
        self.cache.peek(key)
    }

    /// Removes what cannot be served any more, whatever comes.
    pub(super) fn remove_spent(&self, key: &K, (max_stale, clock): (Duration, &dyn Clock)) -> Option<Entry<V>> {
        let spent = |entry: &Entry<V>| entry.found.span.is_past(clock) && !entry.found.span.excuses(max_stale, clock);
        let removed = self.cache.remove_if(key, spent);
        self.cleared(removed)
    }

    pub(super) fn remove(&self, key: &K) -> Option<Entry<V>> {
        let removed = self.cache.remove(key);
        self.cleared(removed)
    }

    /// What was removed is nowhere else, either.
    fn cleared(&self, removed: Option<(Arc<K>, Entry<V>)>) -> Option<Entry<V>> {
        let (key, entry) = removed?;
        self.front.clear(std::iter::once(&*key));
        Some(entry)
    }

    pub(super) fn len(&self) -> u64 {
        self.cache.len() as u64
    }

    pub(super) fn bytes(&self) -> u64 {
        self.cache.weight()
    }
}

fn exact(bytes: u64, shards: u64) -> u64 {
    bytes - bytes % shards.max(1)
}
