//! `Nowhere`: the source of who has none. Every question is *unavailable*, so nothing is ever taken for absent.

use std::sync::Arc;

use super::{Budget, Descriptor, Digest, ImageSource, Manifest, Pointer, Repository, SourceError, SourceFuture};

/// A source that cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nowhere;

/// What there is to say of a repository where there is no source.
pub(crate) fn no_source(repository: &Repository) -> SourceError {
    SourceError::Unavailable { what: repository.to_string(), reason: "there is no source of images here".to_owned() }
}

fn unavailable<'a, T: Send + 'a>(repository: &Repository) -> SourceFuture<'a, T> {
    Box::pin(std::future::ready(Err(no_source(repository))))
}

impl ImageSource for Nowhere {
    fn manifest<'a>(&'a self, repository: &'a Repository, _: &'a Pointer, _: &'a Budget) -> SourceFuture<'a, Option<Manifest>> {
        unavailable(repository)
    }

    fn blob<'a>(&'a self, repository: &'a Repository, _: &'a Digest, _: u64, _: &'a Budget) -> SourceFuture<'a, Arc<[u8]>> {
        unavailable(repository)
    }

    fn referrers<'a>(&'a self, repository: &'a Repository, _: &'a Digest, _: &'a Budget) -> SourceFuture<'a, Vec<Descriptor>> {
        unavailable(repository)
    }
}
