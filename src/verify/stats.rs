//! `Stats`: what a verifier did so far, in counters that have no labels.

use crate::memo;

/// How a [`super::Verifier`] did so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Stats {
    /// Verifications begun, whyever: misses, refreshes and checks.
    pub verifications: u64,
    /// Answers that were remembered (in shadow mode: that would have been served).
    pub hits: u64,
    /// Questions that nobody was working on and that were not remembered.
    pub misses: u64,
    /// Questions that somebody else was working on.
    pub coalesced: u64,
    /// Answers that another process had left in the vault; they are among the hits.
    pub restored: u64,
    /// Answers served past their time to live, since the registry could not be asked.
    pub stale: u64,
    /// Verifications begun to refresh what would expire soon.
    pub refreshes: u64,
    /// Verifications begun to compare with what is remembered.
    pub checks: u64,
    /// How many of these did not agree with it.
    pub disagreements: u64,
    /// Answers remembered now.
    pub entries: u64,
    /// Their weight.
    pub bytes: u64,
    /// HTTP requests that verifications sent, tokens included.
    pub registry_requests: u64,
}

impl Stats {
    pub(super) fn new(memo: memo::Stats, registry_requests: u64) -> Self {
        let memo::Stats { hits, misses, coalesced, restored, stale, refreshes, checks, disagreements, entries, bytes, .. } = memo;
        let verifications = misses + refreshes + checks;
        Self {
            verifications,
            hits,
            misses,
            coalesced,
            restored,
            stale,
            refreshes,
            checks,
            disagreements,
            entries,
            bytes,
            registry_requests,
        }
    }
}
