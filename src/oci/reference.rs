//! `ImageRef`: a repository and a digest. A tag beside the digest is dropped; without a digest there is nothing to verify.

use std::fmt;
use std::str::FromStr;

use super::{Digest, InvalidDigest};

/// `registry/path`, normalised as go-containerregistry does (`nginx` is `index.docker.io/library/nginx`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    registry: String,
    path: String,
}

/// An image, by digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageRef {
    repository: Repository,
    digest: Digest,
}

/// Why a text is not an [`ImageRef`]; the wording is go-containerregistry's.
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
        &self.registry
    }

    /// The path inside the registry.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl ImageRef {
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
        let (registry, path) = match text.split_once('/') {
            Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path.to_owned()),
            _ => ("index.docker.io", text.to_owned()),
        };
        let path = if registry == "index.docker.io" && !path.contains('/') { format!("library/{path}") } else { path };
        Ok(Self { registry: registry.to_owned(), path })
    }
}

impl FromStr for ImageRef {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('@');
        let (Some(base), Some(digest), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(InvalidReference::Separator(text.to_owned()));
        };
        let base = match base.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => name,
            _ => base,
        };
        let digest = digest.parse()?;
        Ok(Self { repository: base.parse()?, digest })
    }
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
