//! `Gate`: a source behind a gate, so that tests decide when an answer comes, without clocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;
use vidimus::oci::{Budget, Descriptor, Digest, ImageSource, Manifest, Pointer, Repository, SourceFuture};

/// Asks another source once the gate is open, and counts who asks.
#[derive(Debug)]
pub(crate) struct Gate {
    inner: Arc<dyn ImageSource>,
    open: Semaphore,
    asked: AtomicUsize,
}

impl Gate {
    pub(crate) fn closed(inner: Arc<dyn ImageSource>) -> Arc<Self> {
        Arc::new(Self { inner, open: Semaphore::new(0), asked: AtomicUsize::new(0) })
    }

    /// Lets everything pass from now on.
    pub(crate) fn open(&self) {
        self.open_for(1_000_000);
    }

    /// Lets so many questions pass.
    pub(crate) fn open_for(&self, questions: usize) {
        self.open.add_permits(questions);
    }

    /// Lets nothing pass from now on.
    pub(crate) fn close(&self) {
        self.open.forget_permits(usize::MAX);
    }

    /// How often anything was asked for.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    async fn pass(&self) {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.open.acquire().await.unwrap().forget();
    }
}

impl ImageSource for Gate {
    fn manifest<'a>(&'a self, repository: &'a Repository, pointer: &'a Pointer, budget: &'a Budget) -> SourceFuture<'a, Option<Manifest>> {
        Box::pin(async move {
            self.pass().await;
            self.inner.manifest(repository, pointer, budget).await
        })
    }

    fn blob<'a>(&'a self, repository: &'a Repository, digest: &'a Digest, max: u64, budget: &'a Budget) -> SourceFuture<'a, Arc<[u8]>> {
        Box::pin(async move {
            self.pass().await;
            self.inner.blob(repository, digest, max, budget).await
        })
    }

    fn referrers<'a>(&'a self, repository: &'a Repository, subject: &'a Digest, budget: &'a Budget) -> SourceFuture<'a, Vec<Descriptor>> {
        Box::pin(async move {
            self.pass().await;
            self.inner.referrers(repository, subject, budget).await
        })
    }
}
