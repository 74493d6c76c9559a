//! Who refers to a manifest (distribution-spec, "Listing Referrers"): the API, page by page, else the fallback tag.

use std::collections::BTreeSet;

use oci_client::manifest::OCI_IMAGE_INDEX_MEDIA_TYPE;
use reqwest::StatusCode;
use reqwest::header::LINK;

use super::body::Answer;
use super::exchange::{Question, unexpected};
use super::origin::Scheme;
use super::{Registry, link};
use crate::oci::grammar::check_repository;
use crate::oci::{Budget, Descriptor, Digest, Pointer, Repository, SourceError, index};

/// Most pages of one list.
const MAX_PAGES: usize = 64;
/// Most bytes of one list.
const MAX_BYTES: u64 = 16 << 20;

impl Registry {
    pub(super) async fn fetch_referrers(
        &self,
        repository: &Repository,
        subject: &Digest,
        budget: &Budget,
    ) -> Result<Vec<Descriptor>, SourceError> {
        check_repository(repository)?;
        let origins = self.exchange.origins();
        if !origins.lacks_referrers(repository.host()) {
            let what = format!("referrers of {repository}@{subject}");
            let question =
                Question { repository, path: format!("referrers/{subject}"), accept: &[OCI_IMAGE_INDEX_MEDIA_TYPE], what: &what, budget };
            let mut answer = self.exchange.get(&question).await?;
            match answer.status() {
                StatusCode::OK if answer.media_type() == OCI_IMAGE_INDEX_MEDIA_TYPE => return self.pages(&question, answer).await,
                // Not the API's answer: a page for people, say.
                StatusCode::OK | StatusCode::BAD_REQUEST | StatusCode::NOT_ACCEPTABLE => {
                    answer.drain(budget).await;
                }
                // "If the registry does not support the referrers API it MUST return 404": but so do some that do, for a
                // repository they do not have, and then it says nothing about the API.
                StatusCode::NOT_FOUND => {
                    let codes = answer.error_codes(budget).await;
                    if codes.iter().all(|code| code == "UNSUPPORTED") {
                        origins.found_no_referrers_api(repository.host());
                    }
                }
                _ => return Err(unexpected(&what, answer, budget).await),
            }
        }
        let tag = Pointer::Tag(format!("sha256-{}", subject.hex()));
        match self.fetch_manifest(repository, &tag, budget).await? {
            Some(manifest) => index::referrers(&manifest.bytes).map_err(|reason| SourceError::violation(&tag.name_in(repository), reason)),
            None => Ok(Vec::new()),
        }
    }

    /// The entries of all pages, of which `answer` is the first.
    async fn pages(&self, question: &Question<'_>, mut answer: Answer) -> Result<Vec<Descriptor>, SourceError> {
        let violation = |reason: String| SourceError::violation(question.what, reason);
        let (mut found, mut bytes_left, mut seen) = (Vec::new(), MAX_BYTES, BTreeSet::new());
        loop {
            let links: Vec<_> = answer.headers().get_all(LINK).iter().filter_map(|value| value.to_str().ok()).collect();
            let next = link::next(&answer.url, links.into_iter()).map_err(violation)?;
            let body = answer.read(Budget::MAX_MANIFEST.min(bytes_left), question.what, question.budget).await?;
            bytes_left -= body.len() as u64;
            found.extend(index::referrers(&body).map_err(violation)?);
            index::check_count(&found).map_err(violation)?;
            let Some(next) = next else { return Ok(found) };
            // The next request carries the registry's authorization, so it goes to the registry.
            if answer.from_elsewhere {
                return Err(violation("further pages on another host".to_owned()));
            }
            if !seen.insert(next.clone()) || seen.len() >= MAX_PAGES {
                return Err(violation(format!("a list that goes in circles or on for more than {MAX_PAGES} pages")));
            }
            let scheme = if next.scheme() == "http" { Scheme::Http } else { Scheme::Https };
            drop(answer);
            answer = self.exchange.get_at(question, next, scheme).await?;
            if answer.status() != StatusCode::OK {
                return Err(unexpected(question.what, answer, question.budget).await);
            }
        }
    }
}
