//! `Stats` and the counters behind it. A hit counts in its thread's own lane, so that hits do not meet on one cache line.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::atomic::{AtomicU64, Ordering};

/// How a memo did so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Stats {
    /// Answers that were remembered (in shadow mode: that would have been served).
    pub hits: u64,
    /// Flights started because nothing was remembered.
    pub misses: u64,
    /// Callers who waited for a flight that another had started.
    pub coalesced: u64,
    /// Hits that came from the archive, where another process had left them.
    pub restored: u64,
    /// Answers past their time to live, served since none could be had.
    pub stale: u64,
    /// Flights started to refresh what would expire soon.
    pub refreshes: u64,
    /// Flights started to compare with what is remembered.
    pub checks: u64,
    /// How many of these did not agree with it.
    pub disagreements: u64,
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
    restored: AtomicU64,
    stale: AtomicU64,
    refreshes: AtomicU64,
    checks: AtomicU64,
    disagreements: AtomicU64,
}

thread_local! {
    /// What a thread's lanes are chosen by: fixed for its life.
    static LANE: usize = {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(std::thread::current().id());
        usize::try_from(hash % (1 << 16)).unwrap_or(0)
    };
}

/// The number of this thread's lane, where there are as many as one likes: to be reduced to how many there are.
pub(super) fn lane() -> usize {
    LANE.with(|lane| *lane)
}

impl Counters {
    /// Counts a hit, and says how many there were in its lane.
    pub(super) fn hit(&self) -> u64 {
        self.hits.get(lane() % LANES).map_or(0, |Lane(count)| count.fetch_add(1, Ordering::Relaxed) + 1)
    }

    pub(super) fn miss(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn coalesced(&self) {
        self.coalesced.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn restored(&self) {
        self.restored.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn stale(&self) {
        self.stale.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn refresh(&self) {
        self.refreshes.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn check(&self) {
        self.checks.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn disagreement(&self) {
        self.disagreements.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self, entries: u64, bytes: u64) -> Stats {
        Stats {
            hits: self.hits.iter().map(|lane| lane.0.load(Ordering::Relaxed)).sum(),
            misses: self.misses.load(Ordering::Relaxed),
            coalesced: self.coalesced.load(Ordering::Relaxed),
            restored: self.restored.load(Ordering::Relaxed),
            stale: self.stale.load(Ordering::Relaxed),
            refreshes: self.refreshes.load(Ordering::Relaxed),
            checks: self.checks.load(Ordering::Relaxed),
            disagreements: self.disagreements.load(Ordering::Relaxed),
            entries,
            bytes,
        }
    }
}
