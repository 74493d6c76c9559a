//! `Trust`: what is trusted beside a key: certificate authorities and transparency logs.

use crate::oci::Digest;

/// Resolved trust material.
#[derive(Debug, Clone)]
pub struct Trust {
    epoch: Digest,
}

/// Why a trusted root cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {}

impl Trust {
    /// The root of the public-good instance.
    ///
    /// # Errors
    /// None yet.
    pub fn public_good() -> Result<Self, TrustError> {
        Ok(Self { epoch: Digest::of(concat!("vidimus ", env!("CARGO_PKG_VERSION")).as_bytes()) })
    }

    /// The digest of everything that was resolved, and of the version that judges by it: part of each remembered key.
    #[must_use]
    pub const fn epoch(&self) -> Digest {
        self.epoch
    }
}
