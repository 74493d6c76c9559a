//! `Kept`: the bounded store of content, and the fetches under way.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::item::{Item, Key, Listed, What, weigh};
use super::{BELIEVED, ContentConfig, ContentStats};
use crate::memo::{Bound, Clock, Landing, Memo, Prepared, Selector, TimesToLive, Tuning};
use crate::oci::{Digest, Flights, Manifest, SourceError};

type Fetched = Result<Item, SourceError>;

#[derive(Debug)]
pub(super) struct Kept {
    /// Holds what was fetched; the fetching itself is done elsewhere, since those who wait for it are asynchronous.
    memo: Memo<Prepared<Key>, Item, Infallible>,
    /// By key and by the most that is accepted.
    pub(super) flights: Flights<(Prepared<Key>, u64), Fetched>,
    times_to_live: TimesToLive,
    referrers: TimesToLive,
    clock: Arc<dyn Clock>,
    enabled: bool,
    hits: AtomicU64,
    misses: AtomicU64,
    coalesced: AtomicU64,
}

impl Kept {
    pub(super) fn new(config: ContentConfig, clock: Arc<dyn Clock>) -> Self {
        let ContentConfig { bytes, times_to_live, referrers } = config;
        let memo = Memo::tuned(&Bound { bytes, weigh }, Tuning::default(), Arc::clone(&clock));
        let [hits, misses, coalesced] = [const { AtomicU64::new(0) }; 3];
        Self { memo, flights: Flights::default(), times_to_live, referrers, clock, enabled: bytes > 0, hits, misses, coalesced }
    }

    pub(super) fn stats(&self) -> ContentStats {
        let memo = self.memo.stats();
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let [hits, misses, coalesced] = [&self.hits, &self.misses, &self.coalesced].map(load);
        ContentStats { hits, misses, coalesced, entries: memo.entries, bytes: memo.bytes }
    }

    pub(super) fn forget(&self) {
        let _ = self.memo.revoke(Selector::All);
    }

    pub(super) fn now(&self) -> Duration {
        self.clock.elapsed()
    }

    pub(super) fn count_hit(&self) {
        self.hits.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_miss(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_coalesced(&self) {
        self.coalesced.fetch_add(1, Ordering::Relaxed);
    }

    /// The manifest, if it is kept and still what its digest says.
    pub(super) fn manifest(&self, key: &Prepared<Key>, digest: &Digest) -> Option<Manifest> {
        match self.memo.get(key)?.value().clone() {
            Item::Manifest(manifest) if Digest::of(&manifest.bytes) == *digest => Some(manifest),
            _ => None,
        }
    }

    /// The blob, if it is kept and still what its digest says.
    pub(super) fn blob(&self, key: &Prepared<Key>, digest: &Digest) -> Option<Arc<[u8]>> {
        match self.memo.get(key)?.value().clone() {
            Item::Blob(bytes) if Digest::of(&bytes) == *digest => Some(bytes),
            _ => None,
        }
    }

    /// What a tag named when it was last fetched, if that is not long ago.
    #[expect(clippy::option_option, reason = "none is what is not known, some none is a tag that named nothing")]
    pub(super) fn tag(&self, key: &Prepared<Key>) -> Option<Option<Digest>> {
        match self.memo.get(key)?.value().clone() {
            Item::Tag { named, seen } if self.is_believed(seen) => Some(named),
            _ => None,
        }
    }

    /// A list as it was last fetched, if that is not long ago.
    pub(super) fn listed(&self, key: &Prepared<Key>) -> Option<Arc<Listed>> {
        match self.memo.get(key)?.value().clone() {
            Item::Referrers(list) if self.is_believed(list.seen) => Some(list),
            _ => None,
        }
    }

    /// As [`Kept::listed`], for who need not ask again.
    pub(super) fn recent(&self, key: &Prepared<Key>) -> Option<Arc<Listed>> {
        let ttl = self.referrers.of(&key.repository)?.duration;
        match self.memo.get(key)?.value().clone() {
            Item::Referrers(list) if self.now().saturating_sub(list.seen) < ttl => Some(list),
            _ => None,
        }
    }

    fn is_believed(&self, seen: Duration) -> bool {
        self.now().saturating_sub(seen) < BELIEVED
    }

    /// Keeps an item in place of what is kept for the key.
    pub(super) fn put(&self, key: &Prepared<Key>, item: Item) {
        if !self.enabled {
            return;
        }
        let ttl = self.times_to_live.of(&key.repository);
        self.memo.renew(key, |flight| flight.land(Ok(Landing { ttl, ..Landing::new(item) })));
    }

    /// A key of the same place.
    pub(super) fn beside(key: &Prepared<Key>, what: What) -> Prepared<Key> {
        let Key { credentials, repository, .. } = &**key;
        Prepared::new(Key { credentials: credentials.clone(), repository: repository.clone(), what })
    }

    /// The deadline of a fetch that others may wait for, too.
    pub(super) fn patience(deadline: Instant) -> Duration {
        deadline.saturating_duration_since(Instant::now()).max(Duration::from_mins(1))
    }
}
