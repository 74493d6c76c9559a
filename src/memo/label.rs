//! `Label`: what a success rests on, by name; `Selector`: which labels a revocation means.

use std::fmt;
use std::sync::Arc;

/// One thing that a success rests on: `digest`, `repository`, `key`, .. and its value. The names are the caller's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label {
    name: Arc<str>,
    value: Arc<str>,
}

/// Which successes to revoke.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Selector {
    /// Those with exactly this label.
    Is(Label),
    /// Those with a label of this name whose value is this path or lies beneath it, by whole segments.
    Within(Label),
    /// All, whatever their labels.
    All,
}

impl Label {
    /// A label.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, value: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), value: value.into() }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// What its text weighs.
    pub(super) fn weight(&self) -> u64 {
        (self.name.len() + self.value.len()) as u64
    }
}

impl Selector {
    /// Whether it means a success with these labels.
    #[must_use]
    pub fn means(&self, labels: &[Label]) -> bool {
        match self {
            Self::Is(wanted) => labels.contains(wanted),
            Self::Within(top) => labels.iter().any(|label| top.name == label.name && lies_within(&label.value, &top.value)),
            Self::All => true,
        }
    }
}

fn lies_within(path: &str, top: &str) -> bool {
    path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(Label { name, value }) => write!(formatter, "{name}={value}"),
            Self::Within(Label { name, value }) => write!(formatter, "{name}={value}/**"),
            Self::All => formatter.write_str("**"),
        }
    }
}
