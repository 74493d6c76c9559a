//! `Report`: the evaluations of many components, summed up. Prints nothing.

use serde::Serialize;

use crate::content::ContentStats;
use crate::evaluation::Evaluation;
use crate::memo;
use crate::profile::ProfiledRule;

/// What a run over many components came to.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    success: bool,
    components: Vec<Evaluation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<Vec<ProfiledRule>>,
    stats: Stats,
}

/// What a run cost.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Stats {
    /// Components in the report.
    pub components: usize,
    /// Verifications that were really begun, one per leader: misses, refreshes and checks.
    pub verifications: u64,
    /// What the memo did.
    pub memo: memo::Stats,
    /// What became of content that was asked for: manifests, blobs, lists.
    pub content: ContentStats,
    /// HTTP requests to registries, tokens included.
    pub registry_requests: u64,
    /// Time from the first component to the last.
    pub wall_ms: u64,
    /// Most memory the process held, 0 where the system does not tell.
    pub peak_rss_bytes: u64,
}

/// What a run came to, as an exit code says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Every component passes.
    Passed,
    /// A component has violations.
    Violated,
    /// A component could not be decided.
    Undecided,
}

impl Report {
    /// Sums up evaluations, in the order in which they are reported.
    #[must_use]
    pub fn new(components: Vec<Evaluation>, stats: Stats) -> Self {
        let success = components.iter().all(Evaluation::success);
        let stats = Stats { components: components.len(), ..stats };
        Self { success, components, profile: None, stats }
    }

    /// The same with what these rules cost.
    #[must_use]
    pub fn with_profile(self, rules: Vec<ProfiledRule>) -> Self {
        Self { profile: Some(rules), ..self }
    }

    /// What rules cost, where it was asked for.
    #[must_use]
    pub fn profile(&self) -> Option<&[ProfiledRule]> {
        self.profile.as_deref()
    }

    /// The evaluations.
    #[must_use]
    pub fn components(&self) -> &[Evaluation] {
        &self.components
    }

    /// What the run cost.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Whether every component passes.
    #[must_use]
    pub fn success(&self) -> bool {
        self.success
    }

    /// The worst that happened.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.components.iter().map(Outcome::of).max().unwrap_or(Outcome::Passed)
    }
}

impl Outcome {
    /// What one evaluation came to.
    #[must_use]
    pub fn of(evaluation: &Evaluation) -> Self {
        match (evaluation.error(), evaluation.success()) {
            (Some(_), _) => Self::Undecided,
            (None, false) => Self::Violated,
            (None, true) => Self::Passed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::{ErrorKind, Findings};

    #[test]
    fn undecided_outweighs_violated() {
        let passed = Evaluation::decided("a", None, Findings::default());
        let undecided = Evaluation::undecided("b", ErrorKind::Timeout, "late");
        let report = Report::new(vec![passed.clone(), undecided], Stats::default());
        assert_eq!(report.outcome(), Outcome::Undecided);
        assert!(!report.success());
        assert_eq!(report.stats().components, 2);
        assert_eq!(Report::new(vec![passed], Stats::default()).outcome(), Outcome::Passed);
    }
}
