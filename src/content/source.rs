//! `KeptSource`: a source that fetches from another what is not kept.

use std::sync::Arc;

use super::Looks;
use super::item::{Item, Key, Listed, What};
use super::kept::Kept;
use crate::memo::Prepared;
use crate::oci::{
    Budget, Descriptor, Digest, Glance, ImageSource, Manifest, Pointer, Relisted, Repository, SourceError, SourceFuture, Validator,
};

/// A source with a memory for content. Kept content is served only to who shows the credentials by which it was read.
#[derive(Debug)]
pub struct KeptSource {
    kept: Arc<Kept>,
    inner: Arc<dyn ImageSource>,
    looks: Looks,
}

impl KeptSource {
    pub(super) fn new(kept: Arc<Kept>, inner: Arc<dyn ImageSource>, looks: Looks) -> Self {
        Self { kept, inner, looks }
    }

    fn key(&self, repository: &Repository, what: What) -> Prepared<Key> {
        Prepared::new(Key { credentials: self.inner.credential_scope(repository), repository: repository.clone(), what })
    }

    /// Fetches what is addressed by its content: once at a time, for all who wait. `None`: it is not there.
    async fn fetch<F>(
        &self,
        key: &Prepared<Key>,
        (max, budget): (u64, &Budget),
        work: impl FnOnce(Arc<dyn ImageSource>, Arc<Budget>) -> F,
    ) -> Result<Item, SourceError>
    where
        F: Future<Output = Result<Item, SourceError>> + Send + 'static,
    {
        let mut led = None;
        let flight = self.kept.flights.join(&(key.clone(), max), || {
            // Others may wait for this, so its deadline is its own.
            let own = Arc::new(Budget::lasting(Kept::patience(budget.deadline())));
            led = Some(Arc::clone(&own));
            let (kept, key, work) = (Arc::clone(&self.kept), key.clone(), work(Arc::clone(&self.inner), own));
            async move {
                let item = work.await?;
                kept.put(&key, item.clone());
                Ok(item)
            }
        });
        if let (Some(_), Ok(runtime)) = (&led, tokio::runtime::Handle::try_current()) {
            // It goes on though everybody may leave, so that nobody joins one that stands still.
            drop(runtime.spawn(flight.clone()));
        }
        let late = || SourceError::Unavailable { what: key.repository.to_string(), reason: "timed out".to_owned() };
        let fetched = tokio::time::timeout_at(budget.deadline().into(), flight).await;
        match led {
            Some(own) => {
                self.kept.count_miss();
                budget.count_requests(own.requests());
            }
            None => self.kept.count_coalesced(),
        }
        budget.count_fetched();
        fetched.map_err(|_| late())?
    }

    async fn by_digest(&self, repository: &Repository, digest: &Digest, budget: &Budget) -> Result<Option<Manifest>, SourceError> {
        let key = self.key(repository, What::Manifest(*digest));
        if let Some(manifest) = self.kept.manifest(&key, digest) {
            self.kept.count_hit();
            budget.count_kept();
            return Ok(Some(manifest));
        }
        let (place, pointer) = (repository.clone(), Pointer::Digest(*digest));
        let what = pointer.name_in(repository);
        let fetched = self.fetch(&key, (Budget::MAX_MANIFEST, budget), |source, budget| async move {
            let found = source.manifest(&place, &pointer, &budget).await?;
            found.map(Item::Manifest).ok_or(SourceError::Absent { what })
        });
        match fetched.await {
            Ok(Item::Manifest(manifest)) => Ok(Some(manifest)),
            Ok(_) | Err(SourceError::Absent { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn by_tag(&self, repository: &Repository, tag: &str, budget: &Budget) -> Result<Option<Manifest>, SourceError> {
        let key = self.key(repository, What::Tag(tag.to_owned()));
        let known = if self.looks == Looks::EachTime { self.kept.tag(&key) } else { None };
        if let Some(known) = known {
            match (self.inner.glance(repository, tag, budget).await?, known) {
                (Glance::Absent, None) => return Ok(None),
                (Glance::Names(named), Some(known)) if named == known => {
                    if let Some(manifest) = self.kept.manifest(&Kept::beside(&key, What::Manifest(known)), &known) {
                        self.kept.count_hit();
                        budget.count_kept();
                        return Ok(Some(manifest));
                    }
                }
                // It says that something has changed, or nothing at all.
                _ => {}
            }
        }
        let found = self.inner.manifest(repository, &Pointer::Tag(tag.to_owned()), budget).await?;
        if let Some(manifest) = &found {
            self.kept.count_miss();
            budget.count_fetched();
            self.kept.put(&Kept::beside(&key, What::Manifest(manifest.digest)), Item::Manifest(manifest.clone()));
        }
        self.kept.put(&key, Item::Tag { named: found.as_ref().map(|manifest| manifest.digest), seen: self.kept.now() });
        Ok(found)
    }

    async fn listed(&self, repository: &Repository, subject: &Digest, budget: &Budget) -> Result<Vec<Descriptor>, SourceError> {
        let key = self.key(repository, What::Referrers(*subject));
        if let Some(list) = if self.looks == Looks::Seldom { self.kept.recent(&key) } else { None } {
            self.kept.count_hit();
            return Ok(list.descriptors.clone());
        }
        let known = self.kept.listed(&key);
        let validator = known.as_ref().and_then(|list| list.validator.as_ref());
        match (self.inner.referrers_since(repository, subject, (validator, budget)).await?, known) {
            (Relisted::Unchanged, Some(list)) => {
                self.kept.count_hit();
                Ok(list.descriptors.clone())
            }
            (Relisted::Unchanged, None) => {
                let what = format!("referrers of {repository}@{subject}");
                Err(SourceError::Violation { what, reason: "unchanged, to one who has not seen it".to_owned() })
            }
            (Relisted::List(descriptors, validator), _) => {
                self.kept.count_miss();
                self.keep_list(&key, &descriptors, validator);
                Ok(descriptors)
            }
        }
    }

    fn keep_list(&self, key: &Prepared<Key>, descriptors: &[Descriptor], validator: Option<Validator>) {
        if validator.is_some() || self.looks == Looks::Seldom {
            let list = Listed { descriptors: descriptors.to_vec(), validator, seen: self.kept.now() };
            self.kept.put(key, Item::Referrers(Arc::new(list)));
        }
    }

    async fn content(&self, repository: &Repository, digest: &Digest, (max, budget): (u64, &Budget)) -> Result<Arc<[u8]>, SourceError> {
        let key = self.key(repository, What::Blob(*digest));
        if let Some(bytes) = self.kept.blob(&key, digest) {
            if bytes.len() as u64 > max {
                let reason = format!("larger than {max} bytes");
                return Err(SourceError::Violation { what: format!("{repository}@{digest}"), reason });
            }
            self.kept.count_hit();
            budget.count_kept();
            return Ok(bytes);
        }
        let (place, digest) = (repository.clone(), *digest);
        let fetch = |source: Arc<dyn ImageSource>, budget: Arc<Budget>| async move {
            source.blob(&place, &digest, max, &budget).await.map(Item::Blob)
        };
        match self.fetch(&key, (max, budget), fetch).await? {
            Item::Blob(bytes) if bytes.len() as u64 <= max => Ok(bytes),
            _ => Err(SourceError::Violation { what: format!("{repository}@{digest}"), reason: format!("larger than {max} bytes") }),
        }
    }
}

impl ImageSource for KeptSource {
    fn manifest<'a>(&'a self, repository: &'a Repository, pointer: &'a Pointer, budget: &'a Budget) -> SourceFuture<'a, Option<Manifest>> {
        match pointer {
            Pointer::Digest(digest) => Box::pin(self.by_digest(repository, digest, budget)),
            Pointer::Tag(tag) => Box::pin(self.by_tag(repository, tag, budget)),
        }
    }

    fn blob<'a>(&'a self, repository: &'a Repository, digest: &'a Digest, max: u64, budget: &'a Budget) -> SourceFuture<'a, Arc<[u8]>> {
        Box::pin(self.content(repository, digest, (max, budget)))
    }

    fn referrers<'a>(&'a self, repository: &'a Repository, subject: &'a Digest, budget: &'a Budget) -> SourceFuture<'a, Vec<Descriptor>> {
        Box::pin(self.listed(repository, subject, budget))
    }

    fn credential_scope(&self, repository: &Repository) -> String {
        self.inner.credential_scope(repository)
    }
}
