//! `KeyCheck`: whether a signature over bytes is a key's.

use aws_lc_rs::signature as alg;
use aws_lc_rs::signature::{ParsedPublicKey, VerificationAlgorithm};
use ed25519_dalek::{Sha512, VerifyingKey};
use sha2::Digest as _;

use super::InvalidKey;
use super::evidence::Reason;
use super::spki::{self, KeyKind};

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
    /// Reads a `SubjectPublicKeyInfo` to the last bit: the point must be on its curve, the modulus of a size that is accepted.
    pub(crate) fn new(key: &[u8]) -> Result<Self, InvalidKey> {
        let (kind, bits) = spki::read(key).map_err(InvalidKey)?;
        let refused = |_| InvalidKey("x509: invalid public key".to_owned());
        let schemes =
            schemes(kind).iter().map(|scheme| ParsedPublicKey::new(*scheme, key).map_err(refused)).collect::<Result<Vec<_>, _>>()?;
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
