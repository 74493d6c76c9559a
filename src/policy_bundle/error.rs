//! Why there is no bundle.

use std::io;

/// What is wrong with a bundle. Paths are those in the bundle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// It is not there, or not for us to read.
    #[error("cannot read the bundle")]
    Unreadable(#[source] io::Error),
    /// The archive is no tar archive compressed by gzip, or ends early.
    #[error("not a bundle archive (tar, compressed by gzip): {0}")]
    Archive(String),
    /// A bound was reached before anything was allocated for what lies beyond.
    #[error("more than {limit} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much is read at most.
        limit: u64,
    },
    /// The name of an entry could lead out of the bundle, or means nothing.
    #[error("`{path}`: {reason}")]
    Path {
        /// The name, with what is not UTF-8 replaced.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Two entries have the same name: which one counts would be up to the reader.
    #[error("`{0}` is in the bundle twice")]
    Duplicate(String),
    /// A file does not say what its name promises.
    #[error("`{path}`: {reason}")]
    Malformed {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The manifest contradicts itself or the files.
    #[error("manifest {0}")]
    Manifest(String),
    /// A kind of bundle that is not read here.
    #[error("{0} are not supported")]
    Unsupported(&'static str),
    /// The bundle is not signed as it must be.
    #[error("{0}")]
    Signature(String),
    /// Several bundles claim the same part of `data`.
    #[error("{0}")]
    Overlap(String),
}

impl BundleError {
    pub(super) fn malformed(path: &str, reason: impl std::fmt::Display) -> Self {
        Self::Malformed { path: path.to_owned(), reason: reason.to_string() }
    }
}
