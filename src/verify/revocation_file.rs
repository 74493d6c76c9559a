//! `RevocationFile`: a list of revocations that is looked at again and again; `Watch`: one verifier's look at it, and at what
//! other processes revoked in the store they share.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::revocable::{InvalidRevocation, revocations};
use crate::memo::{Clock, Revocation, Selector, Vault};

/// How long a change may go unseen while questions are asked.
const INTERVAL: Duration = Duration::from_secs(1);
/// A file that is larger is refused by its reader.
const MAX_READ: u64 = 2 << 20;

/// A file of revocations, and who is told of what comes of it. A verifier reads it when it is made and when it has changed.
#[derive(Clone)]
pub struct RevocationFile {
    path: PathBuf,
    tell: Arc<dyn Fn(&RevocationNews) + Send + Sync>,
}

/// What came of a look at a file of revocations.
#[derive(Debug)]
#[non_exhaustive]
pub enum RevocationNews {
    /// It listed something that it did not list before: the record of its revocation, for an audit trail.
    Revoked(Revocation),
    /// It cannot be read any more, or not as a list: what was read before holds on.
    Unreadable(RevocationFileError),
}

/// Why a file of revocations is none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationFileError {
    /// It cannot be read.
    #[error("the revocations in `{path}` cannot be read: {source}")]
    Read {
        /// The file.
        path: String,
        /// What went wrong.
        source: std::io::Error,
    },
    /// It is no list.
    #[error("`{path}`: {source}")]
    Invalid {
        /// The file.
        path: String,
        /// What is wrong.
        source: InvalidRevocation,
    },
}

/// By what a changed file is known, without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
}

impl RevocationFile {
    /// The file at `path`; `tell` hears what comes of it.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, tell: impl Fn(&RevocationNews) + Send + Sync + 'static) -> Self {
        Self { path: path.into(), tell: Arc::new(tell) }
    }

    fn stamp(&self) -> Option<Stamp> {
        let metadata = fs::metadata(&self.path).ok()?;
        Some(Stamp { modified: metadata.modified().ok(), length: metadata.len(), inode: metadata.ino() })
    }

    fn read(&self) -> Result<Vec<Selector>, RevocationFileError> {
        let mut text = String::new();
        let read = fs::File::open(&self.path).and_then(|file| file.take(MAX_READ).read_to_string(&mut text));
        read.map_err(|source| RevocationFileError::Read { path: shown(&self.path), source })?;
        revocations(&text).map_err(|source| RevocationFileError::Invalid { path: shown(&self.path), source })
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

impl fmt::Debug for RevocationFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationFile").field("path", &self.path).finish_non_exhaustive()
    }
}

/// One verifier's look at what is revoked elsewhere.
#[derive(Debug)]
pub(super) struct Watch {
    file: Option<RevocationFile>,
    clock: Arc<dyn Clock>,
    /// When to look again, in milliseconds of the clock.
    due: AtomicU64,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    stamp: Option<Stamp>,
    listed: HashSet<Selector>,
}

impl Watch {
    /// A watch that has seen the file once, where there is something to watch; with it, what is to be revoked at the start: everything that is listed, but for
    /// what the store has on record since the file was changed.
    pub(super) fn start(
        file: Option<RevocationFile>,
        vault: Option<&Vault>,
        clock: Arc<dyn Clock>,
    ) -> Result<(Option<Self>, Vec<Selector>), RevocationFileError> {
        let mut seen = Seen { stamp: None, listed: HashSet::new() };
        let mut fresh = Vec::new();
        if let Some(file) = &file {
            seen.stamp = file.stamp();
            fresh = file.read()?;
            seen.listed.extend(fresh.iter().cloned());
            // A store that cannot be asked has nothing on record.
            let recorded = vault.and_then(|vault| vault.revocations().ok()).unwrap_or_default();
            let changed = seen.stamp.and_then(|stamp| stamp.modified);
            let since = |at: Option<SystemTime>| at.zip(changed).is_some_and(|(at, changed)| at >= changed);
            fresh.retain(|selector| !recorded.iter().any(|known| known.selector == *selector && since(known.at)));
        }
        let watches = file.is_some() || vault.is_some();
        let watch = Self { file, clock, due: AtomicU64::new(0), seen: Mutex::new(seen) };
        Ok((watches.then_some(watch), fresh))
    }

    /// Whether it is time to look again; true for one caller at a time. Costs a look at the clock.
    pub(super) fn is_due(&self) -> bool {
        let now = u64::try_from(self.clock.elapsed().as_millis()).unwrap_or(u64::MAX);
        let due = self.due.load(Ordering::Relaxed);
        let next = now.saturating_add(u64::try_from(INTERVAL.as_millis()).unwrap_or(u64::MAX));
        now >= due && self.due.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// What the file lists that it did not list before. One that cannot be read, or is no list, changes nothing and is told of
    /// once.
    pub(super) fn news(&self) -> Vec<Selector> {
        let Some(file) = &self.file else { return Vec::new() };
        let mut seen = self.seen();
        let stamp = file.stamp();
        if stamp == seen.stamp {
            return Vec::new();
        }
        seen.stamp = stamp;
        match file.read() {
            Ok(listed) => {
                let before = std::mem::replace(&mut seen.listed, listed.iter().cloned().collect());
                listed.into_iter().filter(|selector| !before.contains(selector)).collect()
            }
            Err(error) => {
                drop(seen);
                (file.tell)(&RevocationNews::Unreadable(error));
                Vec::new()
            }
        }
    }

    pub(super) fn tell(&self, revocation: Revocation) {
        if let Some(file) = &self.file {
            (file.tell)(&RevocationNews::Revoked(revocation));
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
