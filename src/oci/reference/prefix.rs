//! `RepositoryPrefix`: a registry, or a path in it and all beneath: what settings and revocations name.

use std::fmt;
use std::str::FromStr;

use super::{InvalidReference, REPOSITORY_CHARACTERS, RegistryHost};

/// Most characters of a path, as of a repository's.
const MAX_PATH: usize = 255;

/// `registry` or `registry/path`, normalised as in a [`super::Repository`]: the text that its repositories begin with.
/// Nothing is implied: `docker.io/grafana` is not `library/grafana`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryPrefix(String);

impl RepositoryPrefix {
    /// The text, `registry` or `registry/path`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RepositoryPrefix {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = |why: &str| InvalidReference::Repository(format!("{why}: {text}"));
        let (host, path) = text.split_once('/').map_or((text, None), |(host, path)| (host, Some(path)));
        if host != "localhost" && !host.contains(['.', ':']) {
            return Err(invalid("a registry must be named, as in `registry.example/team`"));
        }
        let registry: RegistryHost = host.parse()?;
        let Some(path) = path else { return Ok(Self(registry.to_string())) };
        let fits = path.len() <= MAX_PATH && path.chars().all(|c| REPOSITORY_CHARACTERS.contains(c));
        if !fits || path.split('/').any(str::is_empty) {
            return Err(invalid("not the path of a repository"));
        }
        Ok(Self(format!("{registry}/{path}")))
    }
}

impl fmt::Display for RepositoryPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_what_its_repositories_begin_with() {
        for (text, read) in [
            ("quay.io", "quay.io"),
            ("docker.io", "index.docker.io"),
            ("docker.io/grafana", "index.docker.io/grafana"),
            ("localhost:5000/a/b-c", "localhost:5000/a/b-c"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(text.parse::<RepositoryPrefix>().unwrap().as_str(), read);
        }
        for text in
            ["", "nginx", "team/app", "quay.io/", "quay.io//a", "quay.io/a/", "quay.io/A", "quay.io/a:v1", "quay.io/a@sha256:0", "/a", "*"]
        {
            assert!(text.parse::<RepositoryPrefix>().is_err(), "{text}");
        }
    }
}
