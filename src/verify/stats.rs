//! `Stats`: what a verifier did so far, in counters that have no labels.

use crate::memo;

/// How a [`super::Verifier`] did so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Stats {
    /// Verifications begun, whyever: misses, refreshes and checks.
    pub verifications: u64,
    /// What its memory did, and holds.
    #[serde(flatten)]
    pub memo: memo::Stats,
    /// HTTP requests that verifications sent, tokens included.
    pub registry_requests: u64,
}

impl Stats {
    pub(super) fn new(memo: memo::Stats, registry_requests: u64) -> Self {
        Self { verifications: memo.misses + memo.refreshes + memo.checks, memo, registry_requests }
    }
}
