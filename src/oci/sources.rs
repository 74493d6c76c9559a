//! `Sources`: every image's source: the layout tree that stands for its registry, else the registry itself.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use super::{
    Budget, Descriptor, Digest, Glance, ImageSource, InvalidLayout, InvalidReference, Layout, Manifest, Pointer, Registry, RegistryHost,
    Relisted, Repository, RequestCounts, SourceFuture, Validator,
};

/// `HOST=DIR`: the layout tree in `DIR` answers for the registry `HOST`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryDir {
    /// The registry that is not asked.
    pub host: RegistryHost,
    /// The tree that is.
    pub directory: PathBuf,
}

/// Why there are no [`Sources`], or no [`RegistryDir`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSources {
    /// No `HOST=DIR`.
    #[error("`{0}` is not of the form HOST=DIR")]
    Form(String),
    /// `HOST` is no registry.
    #[error(transparent)]
    Host(#[from] InvalidReference),
    /// `DIR` is no tree.
    #[error("the directory for `{host}`")]
    Directory {
        /// The registry.
        host: RegistryHost,
        /// Why.
        #[source]
        source: InvalidLayout,
    },
    /// Two trees for one registry.
    #[error("two directories for `{0}`")]
    Twice(RegistryHost),
}

impl FromStr for RegistryDir {
    type Err = InvalidSources;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((host, directory)) if !host.is_empty() && !directory.is_empty() && !host.contains('/') => {
                Ok(Self { host: host.parse()?, directory: directory.into() })
            }
            _ => Err(InvalidSources::Form(text.to_owned())),
        }
    }
}

/// Layout trees for the registries they stand for, and the network for the rest.
#[derive(Debug, Clone)]
pub struct Sources {
    layouts: Arc<BTreeMap<RegistryHost, Layout>>,
    registry: Registry,
}

impl Sources {
    /// `directories` answer for their hosts, `registry` for all others.
    ///
    /// # Errors
    /// [`InvalidSources`] where a directory is missing or a host has two.
    pub fn new(registry: Registry, directories: impl IntoIterator<Item = RegistryDir>) -> Result<Self, InvalidSources> {
        let mut layouts = BTreeMap::new();
        for RegistryDir { host, directory } in directories {
            let layout = Layout::open(&directory).map_err(|source| InvalidSources::Directory { host: host.clone(), source })?;
            if layouts.insert(host.clone(), layout).is_some() {
                return Err(InvalidSources::Twice(host));
            }
        }
        Ok(Self { layouts: Arc::new(layouts), registry })
    }

    /// HTTP requests sent so far.
    #[must_use]
    pub fn counts(&self) -> RequestCounts {
        self.registry.counts()
    }

    fn of(&self, repository: &Repository) -> &dyn ImageSource {
        match self.layouts.get(repository.host()) {
            Some(layout) => layout,
            None => &self.registry,
        }
    }
}

impl ImageSource for Sources {
    fn manifest<'a>(&'a self, repository: &'a Repository, pointer: &'a Pointer, budget: &'a Budget) -> SourceFuture<'a, Option<Manifest>> {
        self.of(repository).manifest(repository, pointer, budget)
    }

    fn blob<'a>(&'a self, repository: &'a Repository, digest: &'a Digest, max: u64, budget: &'a Budget) -> SourceFuture<'a, Arc<[u8]>> {
        self.of(repository).blob(repository, digest, max, budget)
    }

    fn referrers<'a>(&'a self, repository: &'a Repository, subject: &'a Digest, budget: &'a Budget) -> SourceFuture<'a, Vec<Descriptor>> {
        self.of(repository).referrers(repository, subject, budget)
    }

    fn glance<'a>(&'a self, repository: &'a Repository, tag: &'a str, budget: &'a Budget) -> SourceFuture<'a, Glance> {
        self.of(repository).glance(repository, tag, budget)
    }

    fn referrers_since<'a>(
        &'a self,
        repository: &'a Repository,
        subject: &'a Digest,
        seen: (Option<&'a Validator>, &'a Budget),
    ) -> SourceFuture<'a, Relisted> {
        self.of(repository).referrers_since(repository, subject, seen)
    }

    fn credential_scope(&self, repository: &Repository) -> String {
        self.of(repository).credential_scope(repository)
    }
}
