//! `TufRepository`: where a trusted root is renewed from (The Update Framework), by hand and never by a verification.
//!
//! Only with the cargo feature `tuf`. The client is that of the sigstore crates: signatures, thresholds, versions, expiry and
//! lengths are its concern, and what it has seen stays in a folder, so that an older repository is refused.

use std::fmt;
use std::path::PathBuf;
use std::time::Instant;

use sigstore_trust_root::{SigstoreInstance, TrustedRoot, TufBootstrap, TufConfig};

use super::{Trust, TrustError};
use crate::oci::{Blocking, NoResult};

/// A repository of trusted roots.
#[derive(Clone)]
pub struct TufRepository(TufConfig);

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
        Self(SigstoreInstance::PublicGood.tuf_config().with_cache_dir(seen))
    }

    /// Another one, trusted by its own `root.json`.
    #[must_use]
    pub fn at(url: &str, root: &[u8], seen: PathBuf) -> Self {
        Self(TufConfig::custom(url, TufBootstrap::trusted(root)).with_cache_dir(seen))
    }

    /// The trusted root that the repository has now, as JSON for [`Trust::from_json`], which has read it. Blocks.
    ///
    /// # Errors
    /// [`RefreshError`]; what was trusted before stays what it was.
    pub fn refresh(&self, deadline: Instant) -> Result<String, RefreshError> {
        let config = self.0.clone();
        let fetch = async move { TrustedRoot::from_tuf(config).await };
        let root = Blocking::new().map_err(RefreshError::Threads)?.run(deadline, fetch)?;
        let root = root.map_err(|error| RefreshError::Repository(error.to_string()))?;
        let json = serde_json::to_string_pretty(&root).map_err(|error| RefreshError::Repository(error.to_string()))?;
        Trust::from_json(&json)?;
        Ok(json)
    }
}

impl fmt::Debug for TufRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TufRepository").finish_non_exhaustive()
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
