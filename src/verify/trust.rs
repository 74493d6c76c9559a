//! `Trust`: what is trusted beside a key: certificate authorities and transparency logs.

use crate::oci::Digest;

/// Resolved trust material.
#[derive(Debug, Clone)]
pub struct Trust {
    epoch: Digest,
}

impl Trust {
    /// Trust in nothing: only long-lived keys without a log can be verified.
    #[must_use]
    pub fn nothing() -> Self {
        Self { epoch: Digest::of(concat!("no trusted root, vidimus ", env!("CARGO_PKG_VERSION")).as_bytes()) }
    }

    /// The digest of everything that was resolved, and of the version that judges by it: part of each remembered key.
    #[must_use]
    pub const fn epoch(&self) -> Digest {
        self.epoch
    }
}
