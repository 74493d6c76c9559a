//! Who refers to a manifest (distribution-spec, "Listing Referrers"): the API, page by page, else the fallback tag.

use std::collections::BTreeSet;

use oci_client::manifest::OCI_IMAGE_INDEX_MEDIA_TYPE;
use reqwest::StatusCode;
use reqwest::header::{ETAG, LINK};

use super::body::Answer;
use super::exchange::{Question, Wanted, unexpected};
use super::origin::Scheme;
use super::{Registry, link};
use crate::oci::grammar::check_repository;
use crate::oci::{Budget, Descriptor, Digest, Glance, Pointer, Relisted, Repository, SourceError, Validator, index};

/// Most pages of one list.
const MAX_PAGES: usize = 64;
/// Most bytes of one list.
const MAX_BYTES: u64 = 16 << 20;

/// What the states of a list are called here: by the API's entity tag, or by what the fallback tag names.
const BY_API: &str = "etag:";
const BY_TAG: &str = "tag:";

impl Registry {
    pub(super) async fn fetch_referrers(
        &self,
        repository: &Repository,
        subject: &Digest,
        budget: &Budget,
    ) -> Result<Vec<Descriptor>, SourceError> {
        match self.fetch_referrers_since(repository, subject, (None, budget)).await? {
            Relisted::List(list, _) => Ok(list),
            Relisted::Unchanged => {
                Err(SourceError::violation(&format!("referrers of {repository}@{subject}"), "unchanged, to one who has not seen it"))
            }
        }
    }

    pub(super) async fn fetch_referrers_since(
        &self,
        repository: &Repository,
        subject: &Digest,
        (known, budget): (Option<&Validator>, &Budget),
    ) -> Result<Relisted, SourceError> {
        check_repository(repository)?;
        let known = known.map(Validator::as_str);
        if !self.exchange.origins().lacks_referrers(repository.host()) {
            let what = format!("referrers of {repository}@{subject}");
            let wanted = known.and_then(|known| known.strip_prefix(BY_API)).map_or(Wanted::Content, Wanted::ContentUnless);
            let accept = &[OCI_IMAGE_INDEX_MEDIA_TYPE];
            let question = Question { wanted, repository, path: format!("referrers/{subject}"), accept, what: &what, budget };
            if let Some(list) = self.by_api(&question).await? {
                return Ok(list);
            }
        }
        self.by_tag(repository, subject, (known.and_then(|known| known.strip_prefix(BY_TAG)), budget)).await
    }

    /// What the API answers; `None` where there is none.
    async fn by_api(&self, question: &Question<'_>) -> Result<Option<Relisted>, SourceError> {
        let mut answer = self.exchange.get(question).await?;
        match answer.status() {
            StatusCode::OK if answer.media_type() == OCI_IMAGE_INDEX_MEDIA_TYPE => {
                // An entity tag is that of one page.
                let whole = !answer.headers().contains_key(LINK);
                let tag = answer.header(&ETAG).filter(|_| whole).and_then(|tag| Validator::new(format!("{BY_API}{tag}")));
                return self.pages(question, answer).await.map(|list| Some(Relisted::List(list, tag)));
            }
            StatusCode::NOT_MODIFIED if matches!(question.wanted, Wanted::ContentUnless(_)) => return Ok(Some(Relisted::Unchanged)),
            // Not the API's answer: a page for people, say.
            StatusCode::OK | StatusCode::BAD_REQUEST | StatusCode::NOT_ACCEPTABLE => {
                answer.drain(question.budget).await;
            }
            // "If the registry does not support the referrers API it MUST return 404": but so do some that do, for a
            // repository they do not have, and then it says nothing about the API.
            StatusCode::NOT_FOUND => {
                let codes = answer.error_codes(question.budget).await;
                if codes.iter().all(|code| code == "UNSUPPORTED") {
                    self.exchange.origins().found_no_referrers_api(question.repository.host());
                }
            }
            _ => return Err(unexpected(question.what, answer, question.budget).await),
        }
        Ok(None)
    }

    /// What the fallback tag names, unless it still names what was `known`.
    async fn by_tag(
        &self,
        repository: &Repository,
        subject: &Digest,
        (known, budget): (Option<&str>, &Budget),
    ) -> Result<Relisted, SourceError> {
        let name = format!("sha256-{}", subject.hex());
        if let Some(known) = known {
            let now = match self.fetch_glance(repository, &name, budget).await? {
                Glance::Names(digest) => Some(digest.to_string()),
                Glance::Absent => Some(String::new()),
                Glance::Untold => None,
            };
            if now.is_some_and(|now| now == known) {
                return Ok(Relisted::Unchanged);
            }
        }
        let tag = Pointer::Tag(name);
        let manifest = self.fetch_manifest(repository, &tag, budget).await?;
        let named = manifest.as_ref().map_or_else(String::new, |manifest| manifest.digest.to_string());
        let list = match manifest {
            Some(manifest) => {
                index::referrers(&manifest.bytes).map_err(|reason| SourceError::violation(&tag.name_in(repository), reason))?
            }
            None => Vec::new(),
        };
        Ok(Relisted::List(list, Validator::new(format!("{BY_TAG}{named}"))))
    }

    /// The entries of all pages, of which `answer` is the first.
    async fn pages(&self, question: &Question<'_>, mut answer: Answer) -> Result<Vec<Descriptor>, SourceError> {
        let violation = |reason: String| SourceError::violation(question.what, reason);
        // Of the pages behind the first, nothing has been seen.
        let Question { repository, accept, what, budget, .. } = *question;
        let question = &Question { wanted: Wanted::Content, repository, path: String::new(), accept, what, budget };
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
