//! `Registry`: images over HTTP (distribution-spec), from the registries that their references name.
//!
//! Nothing is asked twice that can be asked once: no `/v2/` ping, one challenge a registry, one token a repository, kept
//! connections. Nothing is believed: bodies are bounded before they are held, and hashed. What a HEAD says proves nothing: it
//! decides only, for one who has content already, whether to fetch it again.

mod access;
mod body;
mod challenge;
mod client;
mod exchange;
mod greeting;
mod link;
mod origin;
mod realm;
mod redirect;
mod referrers;
mod token;
mod web;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use oci_client::manifest::{IMAGE_MANIFEST_LIST_MEDIA_TYPE, IMAGE_MANIFEST_MEDIA_TYPE, OCI_IMAGE_INDEX_MEDIA_TYPE, OCI_IMAGE_MEDIA_TYPE};
use reqwest::StatusCode;

use super::credentials::Credentials;
use super::grammar::{check_pointer, check_repository};
use super::{
    Budget, Descriptor, Digest, Glance, ImageSource, Manifest, Pointer, RegistryHost, Relisted, Repository, SourceError, SourceFuture,
    Validator,
};

pub use client::RequestCounts;
use exchange::{Exchange, Question, Wanted, unexpected};
pub(crate) use web::{Enquiry, Web};

/// All that can stand behind a digest or a tag, most wanted first.
const MANIFESTS: [&str; 4] = [OCI_IMAGE_MEDIA_TYPE, OCI_IMAGE_INDEX_MEDIA_TYPE, IMAGE_MANIFEST_MEDIA_TYPE, IMAGE_MANIFEST_LIST_MEDIA_TYPE];

/// How registries are reached.
#[derive(Debug, Clone)]
pub struct RegistryOptions {
    /// Who asks.
    pub credentials: Credentials,
    /// Registries that are spoken to in plain HTTP, credentials included.
    pub plain_http: BTreeSet<RegistryHost>,
}

/// Why there is no [`Registry`].
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the HTTP client")]
pub struct InvalidRegistry(#[source] Box<dyn std::error::Error + Send + Sync>);

/// The registries of the network, as one source. Clones share connections, tokens and what was learnt of each registry.
///
/// Connections belong to the runtime that polled the request which opened them: poll all requests of one `Registry` on
/// one runtime, or lose them with it.
#[derive(Clone)]
pub struct Registry {
    exchange: Arc<Exchange>,
}

impl Registry {
    /// A client for all registries.
    ///
    /// # Errors
    /// [`InvalidRegistry`] where no HTTP client can be made of what the system has.
    pub fn new(options: RegistryOptions) -> Result<Self, InvalidRegistry> {
        let client = client::Client::new().map_err(|e| InvalidRegistry(Box::new(e)))?;
        Ok(Self { exchange: Arc::new(Exchange::new(client, options)) })
    }

    /// Requests sent so far, for whomever.
    #[must_use]
    pub fn counts(&self) -> RequestCounts {
        self.exchange.counts()
    }

    async fn fetch_manifest(&self, repository: &Repository, pointer: &Pointer, budget: &Budget) -> Result<Option<Manifest>, SourceError> {
        check_pointer(repository, pointer)?;
        let what = pointer.name_in(repository);
        let reference = match pointer {
            Pointer::Digest(digest) => digest.to_string(),
            Pointer::Tag(tag) => tag.clone(),
        };
        let question = Question {
            wanted: Wanted::Content,
            repository,
            path: format!("manifests/{reference}"),
            accept: &MANIFESTS,
            what: &what,
            budget,
        };
        let mut answer = self.exchange.get(&question).await?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => {
                answer.drain(budget).await;
                return Ok(None);
            }
            _ => return Err(unexpected(&what, answer, budget).await),
        }
        let (media_type, stated) = (answer.media_type(), answer.stated_digest());
        let bytes = answer.read(Budget::MAX_MANIFEST, &what, budget).await?;
        let digest = Digest::of(&bytes);
        // A tag vouches for nothing, but a registry that contradicts itself has lost or changed something on the way.
        let expected = match pointer {
            Pointer::Digest(digest) => Some(*digest),
            Pointer::Tag(_) => stated,
        };
        match expected {
            Some(expected) if expected != digest => Err(other_content(&what, &digest)),
            _ => Ok(Some(Manifest { media_type, digest, bytes: bytes.into() })),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "those of `ImageSource::blob`")]
    async fn fetch_blob(&self, repository: &Repository, digest: &Digest, max: u64, budget: &Budget) -> Result<Arc<[u8]>, SourceError> {
        check_repository(repository)?;
        let what = format!("{repository}@{digest}");
        let question =
            Question { wanted: Wanted::Content, repository, path: format!("blobs/{digest}"), accept: &["*/*"], what: &what, budget };
        let mut answer = self.exchange.get(&question).await?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => {
                answer.drain(budget).await;
                return Err(SourceError::absent(&what));
            }
            _ => return Err(unexpected(&what, answer, budget).await),
        }
        let bytes = answer.read(max, &what, budget).await?;
        let actual = Digest::of(&bytes);
        if actual == *digest { Ok(bytes.into()) } else { Err(other_content(&what, &actual)) }
    }

    /// What a tag names, by its head. A registry that does not say, or does not answer HEAD, is asked for the content.
    async fn fetch_glance(&self, repository: &Repository, tag: &str, budget: &Budget) -> Result<Glance, SourceError> {
        let pointer = Pointer::Tag(tag.to_owned());
        check_pointer(repository, &pointer)?;
        let what = pointer.name_in(repository);
        let question =
            Question { wanted: Wanted::Head, repository, path: format!("manifests/{tag}"), accept: &MANIFESTS, what: &what, budget };
        let answer = self.exchange.get(&question).await?;
        match answer.status() {
            StatusCode::OK => Ok(answer.stated_digest().map_or(Glance::Untold, Glance::Names)),
            StatusCode::NOT_FOUND => Ok(Glance::Absent),
            StatusCode::BAD_REQUEST | StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_ACCEPTABLE | StatusCode::NOT_IMPLEMENTED => {
                Ok(Glance::Untold)
            }
            _ => Err(unexpected(&what, answer, budget).await),
        }
    }
}

fn other_content(what: &str, actual: &Digest) -> SourceError {
    SourceError::violation(what, format!("the content has the digest {actual}"))
}

impl ImageSource for Registry {
    fn manifest<'a>(&'a self, repository: &'a Repository, pointer: &'a Pointer, budget: &'a Budget) -> SourceFuture<'a, Option<Manifest>> {
        Box::pin(self.fetch_manifest(repository, pointer, budget))
    }

    fn blob<'a>(&'a self, repository: &'a Repository, digest: &'a Digest, max: u64, budget: &'a Budget) -> SourceFuture<'a, Arc<[u8]>> {
        Box::pin(self.fetch_blob(repository, digest, max, budget))
    }

    fn referrers<'a>(&'a self, repository: &'a Repository, subject: &'a Digest, budget: &'a Budget) -> SourceFuture<'a, Vec<Descriptor>> {
        Box::pin(self.fetch_referrers(repository, subject, budget))
    }

    fn glance<'a>(&'a self, repository: &'a Repository, tag: &'a str, budget: &'a Budget) -> SourceFuture<'a, Glance> {
        Box::pin(self.fetch_glance(repository, tag, budget))
    }

    fn referrers_since<'a>(
        &'a self,
        repository: &'a Repository,
        subject: &'a Digest,
        (known, budget): (Option<&'a Validator>, &'a Budget),
    ) -> SourceFuture<'a, Relisted> {
        Box::pin(self.fetch_referrers_since(repository, subject, (known, budget)))
    }

    fn credential_scope(&self, repository: &Repository) -> String {
        self.exchange.credential_scope(repository)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("counts", &self.counts()).finish_non_exhaustive()
    }
}
