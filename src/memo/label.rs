//! `Label`: what a success rests on, by name; `Selector`: which labels a revocation means.

use std::fmt;
use std::str::FromStr;
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

/// Why a text is no selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` selects nothing: it must be `name=value`, `name=path/**` or `**`")]
pub struct InvalidSelector {
    text: String,
}

impl FromStr for Selector {
    type Err = InvalidSelector;

    /// `name=value`, `name=path/**` or `**`, as displayed.
    fn from_str(text: &str) -> Result<Self, InvalidSelector> {
        if text == "**" {
            return Ok(Self::All);
        }
        let whole = |(name, value): &(&str, &str)| !name.is_empty() && !value.is_empty() && *value != "/**";
        let (name, value) = text.split_once('=').filter(whole).ok_or_else(|| InvalidSelector { text: text.to_owned() })?;
        Ok(value.strip_suffix("/**").map_or_else(|| Self::Is(Label::new(name, value)), |top| Self::Within(Label::new(name, top))))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_read_as_it_is_written() {
        let all = [
            Selector::All,
            Selector::Is(Label::new("digest", "sha256:ab")),
            Selector::Is(Label::new("identity", "https://github.com/a/b?c=d")),
            Selector::Within(Label::new("repository", "quay.io/team")),
        ];
        for selector in all {
            assert_eq!(selector.to_string().parse(), Ok(selector));
        }
        for text in ["", "digest", "digest=", "=sha256:ab", "*", "repository=/**", " **"] {
            assert!(text.parse::<Selector>().is_err(), "{text}");
        }
    }
}
