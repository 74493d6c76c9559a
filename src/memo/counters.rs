//! `Stats` and the counters behind it. A hit counts in its thread's own lane, so that hits do not meet on one cache line.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::atomic::{AtomicU64, Ordering};

/// How a memo did so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Answers that were remembered.
    pub hits: u64,
    /// Flights started.
    pub misses: u64,
    /// Callers who waited for a flight that another had started.
    pub coalesced: u64,
    /// Answers held now.
    pub entries: u64,
    /// Their weight now; never above the bound.
    pub bytes: u64,
}

const LANES: usize = 16;

/// One counter to a cache line (two, where the line is fetched in pairs).
#[derive(Debug, Default)]
#[repr(align(128))]
struct Lane(AtomicU64);

#[derive(Debug, Default)]
pub(super) struct Counters {
    hits: [Lane; LANES],
    misses: AtomicU64,
    coalesced: AtomicU64,
}

thread_local! {
    /// Which lane this thread counts in: fixed for its life.
    static LANE: usize = {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(std::thread::current().id());
        usize::try_from(hash % LANES as u64).unwrap_or(0)
    };
}

impl Counters {
    pub(super) fn hit(&self) {
        if let Some(Lane(count)) = LANE.with(|lane| self.hits.get(*lane)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn miss(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn coalesced(&self) {
        self.coalesced.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self, entries: u64, bytes: u64) -> Stats {
        Stats {
            hits: self.hits.iter().map(|lane| lane.0.load(Ordering::Relaxed)).sum(),
            misses: self.misses.load(Ordering::Relaxed),
            coalesced: self.coalesced.load(Ordering::Relaxed),
            entries,
            bytes,
        }
    }
}
