//! `PublicKey`: a long-lived key from PEM, or a certificate's. Made ready to check signatures once, however often it is asked for.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use super::key::KeyCheck;
use super::pem;
use super::spki;
use crate::oci::Digest;

/// Why a text is not a [`PublicKey`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidKey(pub(super) String);

/// A public key, parsed: its `SubjectPublicKeyInfo` in DER. A clone shares it.
#[derive(Clone)]
pub struct PublicKey(Arc<Held>);

struct Held {
    spki: Box<[u8]>,
    fingerprint: OnceLock<Digest>,
    check: OnceLock<Result<KeyCheck, InvalidKey>>,
}

impl PublicKey {
    /// Most bytes of PEM text that are looked at.
    pub const MAX_PEM: usize = 64 << 10;

    /// The key in the first PEM block of `text`.
    ///
    /// # Errors
    /// [`InvalidKey`] where there is no block, where it is not a `PUBLIC KEY`, or where the key is of an unknown kind.
    pub fn from_pem(text: &str) -> Result<Self, InvalidKey> {
        if text.len() > Self::MAX_PEM {
            return Err(InvalidKey("public key is too large".to_owned()));
        }
        let block = pem::first(text).ok_or_else(|| InvalidKey("PEM decoding failed".to_owned()))?;
        if block.label != "PUBLIC KEY" {
            let label = block.label.escape_default();
            return Err(InvalidKey(format!("unknown Public key PEM file type: {label}. Are you passing the correct public key?")));
        }
        spki::read(&block.der).map_err(InvalidKey)?;
        Ok(Self::of_spki(block.der))
    }

    /// The key in DER, which nobody has looked at yet.
    pub(crate) fn of_spki(spki: impl Into<Box<[u8]>>) -> Self {
        Self(Arc::new(Held { spki: spki.into(), fingerprint: OnceLock::new(), check: OnceLock::new() }))
    }

    /// The key in DER.
    pub(crate) fn spki(&self) -> &[u8] {
        &self.0.spki
    }

    /// The SHA-256 of the key's `SubjectPublicKeyInfo`.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        *self.0.fingerprint.get_or_init(|| Digest::of(&self.0.spki))
    }

    /// The key, made ready to check signatures.
    ///
    /// # Errors
    /// [`InvalidKey`] where it is none after all: its point is not on the curve, say.
    pub(crate) fn check(&self) -> Result<&KeyCheck, InvalidKey> {
        self.0.check.get_or_init(|| KeyCheck::new(&self.0.spki)).as_ref().map_err(Clone::clone)
    }

    /// Bytes that it holds, made ready, for the worst case: that nobody shares it. (Of what the cryptographic library holds for it
    /// nobody tells; it is about this much.)
    pub(crate) fn weight(&self) -> usize {
        const READY: usize = 1 << 10;
        size_of::<Held>() + self.0.spki.len() + READY
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.spki == other.0.spki
    }
}

impl Eq for PublicKey {}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.spki.hash(state);
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").field("fingerprint", &self.fingerprint()).finish()
    }
}
