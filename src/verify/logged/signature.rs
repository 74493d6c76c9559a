//! One signature by one key, with the hash that cosign pairs with the key.

use sigstore_crypto::{KeyAlgorithm, SigningScheme, verify_signature};
use sigstore_types::{DerPublicKey, SignatureBytes};

/// Whether `signature` is over `message` by the holder of the key `spki` (SubjectPublicKeyInfo).
pub(super) fn verifies(spki: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let key = DerPublicKey::new(spki.to_vec());
    let signature = SignatureBytes::new(signature.to_vec());
    let schemes = KeyAlgorithm::from_spki(&key).map_or(&[][..], schemes);
    schemes.iter().any(|scheme| verify_signature(&key, message, &signature, *scheme).is_ok())
}

/// Cosign up to 3.0 pairs every key with SHA-256, whatever the curve; later releases and bundles use SHA-384 with P-384.
const fn schemes(algorithm: KeyAlgorithm) -> &'static [SigningScheme] {
    match algorithm {
        KeyAlgorithm::EcdsaP256 => &[SigningScheme::EcdsaP256Sha256],
        KeyAlgorithm::EcdsaP384 => &[SigningScheme::EcdsaP384Sha256, SigningScheme::EcdsaP384Sha384],
        KeyAlgorithm::Ed25519 => &[SigningScheme::Ed25519],
        KeyAlgorithm::Rsa => &[SigningScheme::RsaPkcs1Sha256],
        _ => &[],
    }
}
