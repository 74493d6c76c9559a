//! `ImageSource`: the place that answers for images. Its implementations are a registry and a tree of OCI layouts.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::{Digest, Glance, Relisted, Repository, Validator};

/// What an [`ImageSource`] gives back: a future, so that many fetches share few threads.
pub type SourceFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, SourceError>> + Send + 'a>>;

/// How a manifest is named inside its repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Pointer {
    /// By content: the answer is hashed and compared.
    Digest(Digest),
    /// By a name that may move.
    Tag(String),
}

impl Pointer {
    /// What it names in `repository`, as a reference.
    pub(crate) fn name_in(&self, repository: &Repository) -> String {
        match self {
            Self::Digest(digest) => format!("{repository}@{digest}"),
            Self::Tag(tag) => format!("{repository}:{tag}"),
        }
    }
}

/// A manifest as it was served.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// What the source says it is: the `Content-Type` of a registry, the descriptor's `mediaType` in a layout.
    pub media_type: String,
    /// The digest of `bytes`, computed here and never taken from the source.
    pub digest: Digest,
    /// The exact bytes, at most [`Budget::MAX_MANIFEST`].
    pub bytes: Arc<[u8]>,
}

/// What a manifest or index says of a piece of content (OCI image-spec, descriptor.md).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// Media type of the content.
    #[serde(default)]
    pub media_type: String,
    /// Digest as stated; it may be of a kind that cannot be verified, so it stays text until it is used.
    #[serde(default)]
    pub digest: String,
    /// Size in bytes as stated.
    #[serde(default)]
    pub size: i64,
    /// Type of the artifact, where the content is an artifact manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// Annotations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<std::collections::BTreeMap<String, String>>,
}

/// Why a source gave no content.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The question could not be asked or was not answered: a maybe, never a fact about the image.
    #[error("{what}: {reason}")]
    Unavailable {
        /// What was asked for, without credentials.
        what: String,
        /// Why there is no answer (status, time-out, broken connection).
        reason: String,
    },
    /// The source answered that it does not have the content.
    #[error("{what}: not found")]
    Absent {
        /// What was asked for.
        what: String,
    },
    /// The source answered with content that breaks a rule: wrong digest, over a bound, not what it was asked for.
    #[error("{what}: {reason}")]
    Violation {
        /// What was asked for.
        what: String,
        /// The rule that is broken.
        reason: String,
    },
}

impl SourceError {
    pub(super) fn unavailable(what: &str, reason: impl Into<String>) -> Self {
        Self::Unavailable { what: what.to_owned(), reason: reason.into() }
    }

    pub(super) fn absent(what: &str) -> Self {
        Self::Absent { what: what.to_owned() }
    }

    pub(super) fn violation(what: &str, reason: impl Into<String>) -> Self {
        Self::Violation { what: what.to_owned(), reason: reason.into() }
    }
}

/// What one verification may spend, and what it has spent.
#[derive(Debug)]
pub struct Budget {
    deadline: Instant,
    requests: AtomicU64,
    fetched: AtomicU64,
    kept: AtomicU64,
}

impl Budget {
    /// Most bytes of a manifest or an index: 4 MiB.
    pub const MAX_MANIFEST: u64 = 4 << 20;
    /// Most bytes of a signature or attestation payload: 128 MiB (cosign's `COSIGN_MAX_ATTACHMENT_SIZE`).
    pub const MAX_PAYLOAD: u64 = 128 << 20;

    /// A budget that ends after `time`.
    #[must_use]
    pub fn lasting(time: Duration) -> Self {
        let [requests, fetched, kept] = [const { AtomicU64::new(0) }; 3];
        Self { deadline: Instant::now() + time, requests, fetched, kept }
    }

    /// When the work must have ended.
    #[must_use]
    pub const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// HTTP requests sent so far, tokens included; 0 for a layout.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Counts one HTTP request; called by the source that sends it.
    pub fn count_request(&self) {
        self.count_requests(1);
    }

    pub(crate) fn count_requests(&self, requests: u64) {
        self.requests.fetch_add(requests, Ordering::Relaxed);
    }

    /// Counts a manifest or blob that was fetched.
    pub(crate) fn count_fetched(&self) {
        self.fetched.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a manifest or blob that was kept, and so not fetched.
    pub(crate) fn count_kept(&self) {
        self.kept.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether all content that was used was kept.
    pub(crate) fn was_all_kept(&self) -> bool {
        self.kept.load(Ordering::Relaxed) > 0 && self.fetched.load(Ordering::Relaxed) == 0
    }
}

/// A place that answers for images. Everything it gives is hostile until hashed and bounded, which is the
/// implementation's duty: no digest is ever believed, no body is held beyond its bound.
pub trait ImageSource: Send + Sync + fmt::Debug {
    /// The manifest at `pointer`, or `None` where the source says that there is none (404).
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] where it could not be asked, [`SourceError::Violation`] where the answer breaks a rule.
    fn manifest<'a>(&'a self, repository: &'a Repository, pointer: &'a Pointer, budget: &'a Budget) -> SourceFuture<'a, Option<Manifest>>;

    /// The blob with `digest`, of at most `max` bytes.
    ///
    /// # Errors
    /// As [`ImageSource::manifest`]; [`SourceError::Absent`] on 404.
    #[expect(clippy::too_many_arguments, reason = "what, of where, how much, and at what cost")]
    fn blob<'a>(&'a self, repository: &'a Repository, digest: &'a Digest, max: u64, budget: &'a Budget) -> SourceFuture<'a, Arc<[u8]>>;

    /// The descriptors of everything that refers to `subject`: the referrers API, else the fallback tag
    /// (distribution-spec, "Listing Referrers").
    ///
    /// # Errors
    /// As [`ImageSource::manifest`]. An empty list is a fact: there are no referrers.
    fn referrers<'a>(&'a self, repository: &'a Repository, subject: &'a Digest, budget: &'a Budget) -> SourceFuture<'a, Vec<Descriptor>>;

    /// What a tag names, told without its content, for one who has that content already. The source may be wrong.
    ///
    /// # Errors
    /// [`SourceError::Unavailable`] where it could not be asked.
    fn glance<'a>(&'a self, _repository: &'a Repository, _tag: &'a str, _budget: &'a Budget) -> SourceFuture<'a, Glance> {
        Box::pin(std::future::ready(Ok(Glance::Untold)))
    }

    /// As [`ImageSource::referrers`], for one who may have seen the list in a state that the source called `known`.
    ///
    /// # Errors
    /// As [`ImageSource::referrers`].
    fn referrers_since<'a>(
        &'a self,
        repository: &'a Repository,
        subject: &'a Digest,
        (_known, budget): (Option<&'a Validator>, &'a Budget),
    ) -> SourceFuture<'a, Relisted> {
        Box::pin(async move { Ok(Relisted::List(self.referrers(repository, subject, budget).await?, None)) })
    }

    /// Names the credentials with which it asks for `repository`, without telling them; empty for nobody's. What was read
    /// under one name is not shown to who asks under another.
    fn credential_scope(&self, _repository: &Repository) -> String {
        String::new()
    }
}
