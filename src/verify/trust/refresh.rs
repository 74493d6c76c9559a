//! `TufRepository`: where a trusted root is renewed from (The Update Framework), by hand and never by a verification.
//!
//! Only with the cargo feature `tuf`. The client is that of the sigstore crates: signatures, thresholds, versions, expiry and
//! lengths are its concern, and what it has seen stays in a folder, so that an older repository is refused.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::time::Instant;

use jiff::Timestamp;
use sigstore_trust_root::{SigstoreInstance, TRUSTED_ROOT_TARGET};
use sigstore_tuf::{FileStore, HttpRepository, Updater};

use super::{Trust, TrustError};
use crate::causes::with_causes;
use crate::oci::{Blocking, NoResult};

/// A repository of trusted roots.
#[derive(Clone)]
pub struct TufRepository {
    url: String,
    /// The `root.json` with which trust begins.
    root: Vec<u8>,
    seen: PathBuf,
}

/// Why no trusted root could be renewed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// The threads that fetch could not be started.
    #[error("cannot start the threads that fetch")]
    Threads(#[source] std::io::Error),
    /// The repository could not be asked, or what it says does not hold.
    #[error("{0}")]
    Repository(String),
    /// It takes too long.
    #[error(transparent)]
    NoResult(#[from] NoResult),
    /// What was renewed is no trusted root.
    #[error(transparent)]
    Root(#[from] TrustError),
}

impl TufRepository {
    /// That of the public-good instance, trusted by what was built in; what it says is kept under `seen`.
    #[must_use]
    pub fn public_good(seen: PathBuf) -> Self {
        Self::at(SigstoreInstance::PublicGood.tuf_url(), SigstoreInstance::PublicGood.tuf_root(), seen)
    }

    /// Another one, trusted by its own `root.json`.
    #[must_use]
    pub fn at(url: &str, root: &[u8], seen: PathBuf) -> Self {
        Self { url: url.to_owned(), root: root.to_vec(), seen }
    }

    /// The trusted root that the repository has now, as it is there, for [`Trust::from_json`], which has read it. Blocks.
    ///
    /// # Errors
    /// [`RefreshError`]; what was trusted before stays what it was.
    pub fn refresh(&self, deadline: Instant) -> Result<String, RefreshError> {
        let repository = self.clone();
        let fetch = async move { repository.fetch(Timestamp::now()).await };
        let root = Blocking::new().map_err(RefreshError::Threads)?.run(deadline, fetch)?.map_err(|error| refused(&*error))?;
        let json = String::from_utf8(root).map_err(|error| refused(&error))?;
        Trust::from_json(&json)?;
        Ok(json)
    }

    /// The signed target, as it is: the crate's own reading of roots is stricter than ours, and refuses some that cosign takes.
    async fn fetch(self, now: Timestamp) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        std::fs::create_dir_all(&self.seen)?;
        let repository = HttpRepository::new(&self.url)?;
        let mut updater = Updater::new(repository, &self.root)?.with_store(FileStore::new(self.seen));
        updater.refresh(now).await?;
        Ok(updater.get_target(TRUSTED_ROOT_TARGET, now).await?)
    }
}

/// With its causes, which say most.
fn refused(error: &(dyn Error + 'static)) -> RefreshError {
    RefreshError::Repository(with_causes(error))
}

impl fmt::Debug for TufRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TufRepository").field("url", &self.url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_repository_that_is_down_or_untrusted_renews_nothing() {
        let seen = tempfile::tempdir().unwrap();
        let soon = || Instant::now() + Duration::from_secs(30);
        let down = TufRepository::at("http://127.0.0.1:1/", b"{}", seen.path().to_owned());
        assert!(matches!(down.refresh(soon()), Err(RefreshError::Repository(_))));
        let nobody = SigstoreInstance::PublicGood.tuf_root();
        let down = TufRepository::at("http://127.0.0.1:1/", nobody, seen.path().to_owned());
        assert!(matches!(down.refresh(soon()), Err(RefreshError::Repository(_))));
    }
}
