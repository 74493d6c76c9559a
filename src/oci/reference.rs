//! `ImageRef`: a repository and a digest. A tag beside the digest is dropped; without a digest there is nothing to verify.
//!
//! The rules, their order and the wording are those of go-containerregistry's `name` package as `ec` v0.9.115 uses it,
//! because its messages reach policies.

mod host;
mod prefix;
mod tag;

use std::fmt;
use std::str::FromStr;

use super::{Digest, InvalidDigest};

pub use host::RegistryHost;
pub(super) use host::{is_loopback, is_neighbour, name_of};
pub use prefix::RepositoryPrefix;
pub use tag::TagRef;

/// Docker Hub, as go-containerregistry spells it.
const DOCKER_HUB: &str = "index.docker.io";
/// What people write instead.
const DOCKER_HUB_ALIAS: &str = "docker.io";
const REPOSITORY_CHARACTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789_-./";

/// `registry/path`, normalised as go-containerregistry does (`nginx` is `index.docker.io/library/nginx`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    registry: RegistryHost,
    path: String,
}

/// An image, by digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageRef {
    repository: Repository,
    digest: Digest,
}

/// Why a text is not an [`ImageRef`] (or a [`Repository`], [`RegistryHost`], [`TagRef`]); the wording is
/// go-containerregistry's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidReference {
    /// Not exactly one `@`.
    #[error("a digest must contain exactly one '@' separator (e.g. registry/repository@digest) saw: {0}")]
    Separator(String),
    /// What follows the `@` is not a digest that can be verified.
    #[error(transparent)]
    Digest(#[from] InvalidDigest),
    /// The part before the `@` is not a repository.
    #[error("{0}")]
    Repository(String),
}

impl Repository {
    /// Host and port, as in the reference; `index.docker.io` for Docker Hub.
    #[must_use]
    pub fn registry(&self) -> &str {
        self.registry.as_str()
    }

    /// The registry, with what its name says about how to reach it.
    #[must_use]
    pub const fn host(&self) -> &RegistryHost {
        &self.registry
    }

    /// The path inside the registry.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl ImageRef {
    /// The image `digest` of `repository`.
    #[must_use]
    pub const fn new(repository: Repository, digest: Digest) -> Self {
        Self { repository, digest }
    }

    /// Where the image is.
    #[must_use]
    pub const fn repository(&self) -> &Repository {
        &self.repository
    }

    /// What the image is.
    #[must_use]
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }
}

impl FromStr for Repository {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(InvalidReference::Repository("a repository name must be specified".to_owned()));
        }
        let (registry, path) = match text.split_once('/') {
            Some((host, path)) if host == "localhost" || host.contains(['.', ':']) => (host, path),
            _ => (DOCKER_HUB, text),
        };
        check("repository", path, REPOSITORY_CHARACTERS, 2..=255)?;
        let registry: RegistryHost = registry.parse()?;
        let implicit = registry.as_str() == DOCKER_HUB && !path.contains('/');
        let path = if implicit { format!("library/{path}") } else { path.to_owned() };
        Ok(Self { registry, path })
    }
}

impl FromStr for ImageRef {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('@');
        let (Some(base), Some(digest), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(InvalidReference::Separator(text.to_owned()));
        };
        let digest = digest.parse()?;
        // A tag is dropped only if it is one: otherwise the whole base is judged, and complained of, as a repository. What
        // is left of it is judged once more in full, so `library/` counts towards the length.
        let repository = match base.parse::<TagRef>() {
            Ok(tagged) => tagged.repository().to_string().parse()?,
            Err(_) => base.parse()?,
        };
        Ok(Self { repository, digest })
    }
}

/// go-containerregistry's `checkElement`: lengths count characters, and the length is judged before the characters.
fn check(name: &str, text: &str, allowed: &str, length: std::ops::RangeInclusive<usize>) -> Result<(), InvalidReference> {
    if !length.contains(&text.chars().count()) {
        let (least, most) = length.into_inner();
        return Err(InvalidReference::Repository(format!("{name} must be between {least} and {most} characters in length: {text}")));
    }
    if !text.chars().all(|c| allowed.contains(c)) {
        return Err(InvalidReference::Repository(format!("{name} can only contain the characters `{allowed}`: {text}")));
    }
    Ok(())
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.path)
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.repository, self.digest)
    }
}
