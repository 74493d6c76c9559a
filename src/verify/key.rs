//! `PublicKey` from PEM, and `KeyCheck`: whether a signature over bytes is that key's.

use aws_lc_rs::signature as alg;
use aws_lc_rs::signature::{ParsedPublicKey, VerificationAlgorithm};
use ed25519_dalek::{Sha512, VerifyingKey};
use sha2::Digest as _;

use super::PublicKey;
use super::evidence::Reason;
use super::pem;
use super::spki::{self, KeyKind};
use crate::oci::Digest;

/// Why a text is not a [`PublicKey`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidKey(String);

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
        Ok(Self { spki: block.der.into() })
    }

    /// The SHA-256 of the key's `SubjectPublicKeyInfo`.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        Digest::of(&self.spki)
    }
}

/// A key made ready to check signatures.
pub(crate) struct KeyCheck {
    kind: KeyKind,
    /// In the order they are tried. More than one where cosign signs in more than one way.
    schemes: Vec<ParsedPublicKey>,
    /// For Ed25519ph.
    prehashed: Option<VerifyingKey>,
}

impl std::fmt::Debug for KeyCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyCheck").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl KeyCheck {
    /// Reads `key` to the last bit: the point must be on its curve, the modulus of a size that is accepted.
    pub(crate) fn new(key: &PublicKey) -> Result<Self, InvalidKey> {
        let (kind, bits) = spki::read(&key.spki).map_err(InvalidKey)?;
        let refused = |_| InvalidKey("x509: invalid public key".to_owned());
        let schemes =
            schemes(kind).iter().map(|scheme| ParsedPublicKey::new(*scheme, &*key.spki).map_err(refused)).collect::<Result<Vec<_>, _>>()?;
        let prehashed = if kind == KeyKind::Ed25519 { Some(edwards(bits)?) } else { None };
        Ok(Self { kind, schemes, prehashed })
    }

    /// Whether `signature` is this key's over `message`.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Reason> {
        if self.schemes.iter().any(|scheme| scheme.verify_sig(message, signature).is_ok()) {
            return Ok(());
        }
        if let Some(key) = &self.prehashed
            && let Ok(signature) = ed25519_dalek::Signature::from_slice(signature)
            && key.verify_prehashed(Sha512::new().chain_update(message), None, &signature).is_ok()
        {
            return Ok(());
        }
        Err(match self.kind {
            KeyKind::Rsa => "crypto/rsa: verification error",
            KeyKind::Ed25519 => "failed to verify signature",
            KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => "invalid signature when validating ASN.1 encoded signature",
        }
        .to_owned())
    }
}

/// cosign 3 pairs P-384 with SHA-384 and P-521 with SHA-512; cosign up to 3.0 and conforma pair every key with SHA-256.
fn schemes(kind: KeyKind) -> &'static [&'static dyn VerificationAlgorithm] {
    match kind {
        KeyKind::P256 => &[&alg::ECDSA_P256_SHA256_ASN1],
        KeyKind::P384 => &[&alg::ECDSA_P384_SHA384_ASN1, &alg::ECDSA_P384_SHA256_ASN1],
        KeyKind::P521 => &[&alg::ECDSA_P521_SHA512_ASN1, &alg::ECDSA_P521_SHA256_ASN1],
        KeyKind::Rsa => &[&alg::RSA_PKCS1_2048_8192_SHA256],
        KeyKind::Ed25519 => &[&alg::ED25519],
    }
}

/// A key of small order would verify signatures that nobody made.
fn edwards(bits: &[u8]) -> Result<VerifyingKey, InvalidKey> {
    let bytes = bits.try_into().map_err(|_| InvalidKey("x509: wrong Ed25519 public key size".to_owned()))?;
    match VerifyingKey::from_bytes(bytes) {
        Ok(key) if !key.is_weak() => Ok(key),
        _ => Err(InvalidKey("x509: invalid public key".to_owned())),
    }
}
