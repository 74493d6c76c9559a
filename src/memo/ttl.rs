//! `TimesToLive`: how long a success is remembered, by level: everywhere, under a registry, under a repository.
//!
//! Generic over paths (`registry`, `registry/repository/..`): the longest configured prefix decides, by whole segments.

use std::collections::BTreeMap;
use std::time::Duration;

/// The level that set a time to live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// The engine's own, for all that nothing else names.
    Engine,
    /// A registry's.
    Registry,
    /// A repository's, or that of a path above it.
    Repository,
}

impl Level {
    pub(super) const ALL: [Self; 3] = [Self::Engine, Self::Registry, Self::Repository];

    /// As it is written down.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Registry => "registry",
            Self::Repository => "repository",
        }
    }
}

/// A time to live and the level that set it. Zero: never remember.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeToLive {
    /// How long.
    pub duration: Duration,
    /// Who said so.
    pub level: Level,
}

/// The configured times to live.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimesToLive {
    engine: Option<Duration>,
    paths: BTreeMap<String, Duration>,
}

impl TimesToLive {
    /// The engine's own level; `None`: only the evidence limits.
    #[must_use]
    pub fn new(engine: Option<Duration>) -> Self {
        Self { engine, paths: BTreeMap::new() }
    }

    /// Sets the time to live under `registry` or `registry/repository`; a later one for the same path replaces it.
    pub fn set(&mut self, path: &str, duration: Duration) {
        self.paths.insert(path.trim_end_matches('/').to_owned(), duration);
    }

    /// The time to live for a path: the longest configured prefix of whole segments, else the engine's.
    #[must_use]
    pub fn of(&self, path: &(impl ToString + ?Sized)) -> Option<TimeToLive> {
        let engine = self.engine.map(|duration| TimeToLive { duration, level: Level::Engine });
        if self.paths.is_empty() {
            return engine;
        }
        let path = path.to_string();
        let mut prefix = path.as_str();
        loop {
            if let Some(&duration) = self.paths.get(prefix) {
                let level = if prefix.contains('/') { Level::Repository } else { Level::Registry };
                return Some(TimeToLive { duration, level });
            }
            let Some((shorter, _)) = prefix.rsplit_once('/') else { return engine };
            prefix = shorter;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(table: &TimesToLive, path: &str) -> Option<(u64, Level)> {
        table.of(path).map(|ttl| (ttl.duration.as_secs(), ttl.level))
    }

    #[test]
    fn the_longest_prefix_of_whole_segments_decides() {
        let mut table = TimesToLive::new(Some(Duration::from_secs(1)));
        for (path, ttl) in [("quay.io", 2), ("quay.io/team/", 3), ("quay.io/team/app", 0), ("localhost:5000", 5)] {
            table.set(path, Duration::from_secs(ttl));
        }
        assert_eq!(seconds(&table, "ghcr.io/team/app"), Some((1, Level::Engine)));
        assert_eq!(seconds(&table, "quay.io/other/app"), Some((2, Level::Registry)));
        assert_eq!(seconds(&table, "quay.io/teams/app"), Some((2, Level::Registry)));
        assert_eq!(seconds(&table, "quay.io/team/application"), Some((3, Level::Repository)));
        assert_eq!(seconds(&table, "quay.io/team/app/part"), Some((0, Level::Repository)));
        assert_eq!(seconds(&table, "localhost:5000/x"), Some((5, Level::Registry)));
        assert_eq!(seconds(&table, "localhost:50001/x"), Some((1, Level::Engine)));
    }

    #[test]
    fn nothing_configured_is_no_limit_and_zero_is_one() {
        let mut table = TimesToLive::default();
        assert_eq!(table.of("quay.io/team/app"), None);
        table.set("quay.io", Duration::ZERO);
        assert_eq!(seconds(&table, "quay.io/team/app"), Some((0, Level::Registry)));
    }
}
