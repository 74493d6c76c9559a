//! `Outside`: what lies outside an evaluation and outlives it: the verifier, the source of images, the threads that fetch.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime};

use futures_util::StreamExt as _;
use once_cell::sync::OnceCell;
use vidimus_wasm_host::{CacheDirectory, Host, HostConfig, HostError};

use super::{EngineConfig, EngineError};
use crate::builtins::Asked;
use crate::oci::{Blocking, Budget, Descriptor, Digest, ImageSource, Manifest, NoResult, Pointer, Repository, SourceError};
use crate::report::Stats;
use crate::verify::{Answer, KeyReferences, PreparedRequest, Unanswered, VerdictReceipt, Verifier};

/// Most fetches of one call that are under way together.
const CONCURRENT: usize = 16;

/// Shared by all policies of an engine.
#[derive(Debug)]
pub(crate) struct Outside {
    pub(crate) verifier: Verifier,
    pub(crate) key_references: Arc<dyn KeyReferences>,
    pub(crate) asked: Asked,
    source: Arc<dyn ImageSource>,
    blocking: Blocking,
    requests: Arc<AtomicU64>,
    wasm_cache: Option<PathBuf>,
    wasm: OnceCell<Host>,
}

impl Outside {
    pub(super) fn new(config: EngineConfig) -> Result<Self, EngineError> {
        let EngineConfig { source, trust, verifier, key_references, wasm_cache } = config;
        let verifier = Verifier::new(Arc::clone(&source), trust, verifier)?;
        let source = Arc::new(verifier.contents().for_policies(source));
        let blocking = Blocking::new().map_err(EngineError::Threads)?;
        Ok(Self {
            verifier,
            key_references,
            asked: Asked::new(),
            source,
            blocking,
            requests: Arc::default(),
            wasm_cache,
            wasm: OnceCell::new(),
        })
    }

    /// The sandbox for compiled policies, set up when the first one comes.
    pub(super) fn wasm(&self) -> Result<&Host, HostError> {
        self.wasm.get_or_try_init(|| {
            let cache = self.wasm_cache.as_deref().map(CacheDirectory::open).transpose()?;
            Host::new(HostConfig { cache, ..HostConfig::default() })
        })
    }

    /// Where an answer of the verifier came from.
    pub(super) fn receipt(&self, request: &PreparedRequest, answer: &Result<Answer, Unanswered>) -> VerdictReceipt {
        let entry = self.verifier.entry(request.request());
        VerdictReceipt::new(request.request(), &entry, answer, SystemTime::now())
    }

    pub(super) fn stats(&self) -> Stats {
        let verifier = self.verifier.stats();
        let registry_requests = verifier.registry_requests + self.requests.load(Ordering::Relaxed);
        let content = self.verifier.contents().stats();
        Stats { verifications: verifier.verifications, memo: verifier.memo, content, registry_requests, ..Stats::default() }
    }

    pub(super) fn manifests(&self, wanted: &[(Repository, Pointer)], deadline: Instant) -> Vec<Result<Option<Manifest>, SourceError>> {
        let questions = wanted.to_vec();
        let fetched = self.fetch(deadline, move |source, budget| async move {
            let asked = questions.iter().map(|(repository, pointer)| source.manifest(repository, pointer, &budget));
            // Collected first: a stream over borrowing closures is too general for the compiler to send to another thread.
            let asked: Vec<_> = asked.collect();
            futures_util::stream::iter(asked).buffered(CONCURRENT).collect::<Vec<_>>().await
        });
        fetched.unwrap_or_else(|why| wanted.iter().map(|(repository, _)| Err(unavailable(repository, why))).collect())
    }

    pub(super) fn blob(&self, repository: &Repository, (digest, max): (&Digest, u64), deadline: Instant) -> Result<Arc<[u8]>, SourceError> {
        let (place, digest) = (repository.clone(), *digest);
        self.fetch(deadline, move |source, budget| async move { source.blob(&place, &digest, max, &budget).await })
            .unwrap_or_else(|why| Err(unavailable(repository, why)))
    }

    pub(super) fn referrers(&self, repository: &Repository, subject: &Digest, deadline: Instant) -> Result<Vec<Descriptor>, SourceError> {
        let (place, subject) = (repository.clone(), *subject);
        self.fetch(deadline, move |source, budget| async move { source.referrers(&place, &subject, &budget).await })
            .unwrap_or_else(|why| Err(unavailable(repository, why)))
    }

    /// Runs a fetch on the threads that fetch, and counts what it cost even where nobody waits for it any more.
    fn fetch<T, F>(&self, deadline: Instant, ask: impl FnOnce(Arc<dyn ImageSource>, Arc<Budget>) -> F) -> Result<T, NoResult>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let budget = Arc::new(Budget::lasting(deadline.saturating_duration_since(Instant::now())));
        let (asked, spent) = (ask(Arc::clone(&self.source), Arc::clone(&budget)), Arc::clone(&self.requests));
        self.blocking.run(deadline, async move {
            let answer = asked.await;
            spent.fetch_add(budget.requests(), Ordering::Relaxed);
            answer
        })
    }
}

fn unavailable(repository: &Repository, why: NoResult) -> SourceError {
    SourceError::Unavailable { what: repository.to_string(), reason: why.to_string() }
}
