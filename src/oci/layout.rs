//! `Layout`: a tree of OCI image layouts that answers as a registry with the same content would.
//!
//! Reads block, so they run on the blocking pool of the runtime that polls them: a tree on a slow or hung file system
//! costs its caller the deadline, and nobody else a worker. Without a runtime they run in place.

mod file;
mod repository;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::grammar::{check_pointer, check_repository};
use super::{Budget, Descriptor, Digest, ImageSource, Manifest, Pointer, Repository, SourceError, SourceFuture};

/// A tree of OCI image layouts, `DIR/<repository>/{oci-layout,index.json,blobs}`.
#[derive(Debug, Clone)]
pub struct Layout {
    /// INVARIANT: canonical, so that a path below it can be told from one that a link leads out of it.
    root: Arc<Path>,
}

/// Why there is no [`Layout`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLayout {
    /// The directory cannot be read.
    #[error("cannot read the directory `{}`", path.display())]
    Unreadable {
        /// As given.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The path is no directory.
    #[error("`{}` is not a directory", .0.display())]
    NotADirectory(PathBuf),
}

impl Layout {
    /// The tree below `directory`.
    ///
    /// # Errors
    /// [`InvalidLayout`] where it is no directory. An empty one is a registry without repositories.
    pub fn open(directory: &Path) -> Result<Self, InvalidLayout> {
        let unreadable = |source| InvalidLayout::Unreadable { path: directory.to_owned(), source };
        let root = directory.canonicalize().map_err(unreadable)?;
        std::fs::read_dir(&root).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotADirectory => InvalidLayout::NotADirectory(directory.to_owned()),
            _ => unreadable(source),
        })?;
        Ok(Self { root: root.into() })
    }

    /// Runs `work` where it may block, until the deadline.
    fn read<'a, T, F>(&'a self, what: String, budget: &'a Budget, work: F) -> SourceFuture<'a, T>
    where
        T: Send + 'static,
        F: FnOnce(&Path) -> Result<T, SourceError> + Send + 'static,
    {
        let root = Arc::clone(&self.root);
        Box::pin(async move {
            let Ok(runtime) = tokio::runtime::Handle::try_current() else { return work(&root) };
            let task = runtime.spawn_blocking(move || work(&root));
            match tokio::time::timeout_at(budget.deadline().into(), task).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(_)) => Err(SourceError::unavailable(&what, "the read was aborted")),
                Err(_) => Err(SourceError::unavailable(&what, "timed out")),
            }
        })
    }
}

impl ImageSource for Layout {
    fn manifest<'a>(&'a self, repository: &'a Repository, pointer: &'a Pointer, budget: &'a Budget) -> SourceFuture<'a, Option<Manifest>> {
        let (what, repository, pointer) = (pointer.name_in(repository), repository.clone(), pointer.clone());
        self.read(what, budget, move |root| {
            check_pointer(&repository, &pointer)?;
            let Some(opened) = repository::Opened::below(root, &repository)? else { return Ok(None) };
            match &pointer {
                Pointer::Digest(digest) => opened.manifest(digest),
                Pointer::Tag(tag) => opened.tagged(tag),
            }
        })
    }

    fn blob<'a>(&'a self, repository: &'a Repository, digest: &'a Digest, max: u64, budget: &'a Budget) -> SourceFuture<'a, Arc<[u8]>> {
        let (what, repository, digest) = (format!("{repository}@{digest}"), repository.clone(), *digest);
        self.read(what.clone(), budget, move |root| {
            check_repository(&repository)?;
            let bytes = match repository::Opened::below(root, &repository)? {
                Some(opened) => opened.blob(&digest, max)?,
                None => None,
            };
            bytes.ok_or_else(|| SourceError::absent(&what))
        })
    }

    fn referrers<'a>(&'a self, repository: &'a Repository, subject: &'a Digest, budget: &'a Budget) -> SourceFuture<'a, Vec<Descriptor>> {
        let (what, repository, subject) = (format!("referrers of {repository}@{subject}"), repository.clone(), *subject);
        self.read(what, budget, move |root| {
            check_repository(&repository)?;
            match repository::Opened::below(root, &repository)? {
                Some(opened) => opened.referrers(&subject),
                None => Ok(Vec::new()),
            }
        })
    }
}
