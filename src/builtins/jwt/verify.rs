//! Verifying one signature with one key.

use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};

use super::keys::{Key, Material};
use super::token::Header;
use crate::builtins::crypto::key::Public;
use crate::builtins::crypto::{Algorithm, mac};

pub(super) fn has_mac(algorithm: Algorithm, secret: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let expected = mac(algorithm, secret, message);
    aws_lc_rs::constant_time::verify_slices_are_equal(&expected, signature).is_ok()
}

/// The key that the header names decides; where it names none of them, any that fits may.
pub(super) fn by_any(keys: &[Key], header: &Header, algorithm: &str, (message, signature): (&str, &[u8])) -> bool {
    let verify = |key: &Key| by(&key.material, algorithm, message.as_bytes(), signature);
    if !header.key.is_empty()
        && let Some(key) = keys.iter().find(|key| key.name == header.key)
    {
        return verify(key);
    }
    keys.iter().filter(|key| key.algorithm.is_empty() || key.algorithm == header.algorithm).any(verify)
}

pub(super) fn by(material: &Material, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
    match (material, algorithm) {
        (Material::Secret(secret), "HS256") => has_mac(Algorithm::Sha256, secret, message, signature),
        (Material::Secret(secret), "HS384") => has_mac(Algorithm::Sha384, secret, message, signature),
        (Material::Secret(secret), "HS512") => has_mac(Algorithm::Sha512, secret, message, signature),
        (Material::Secret(_), _) => false,
        (Material::Public(key), algorithm) => by_public(key, algorithm, message, signature),
    }
}

fn by_public(key: &Public, algorithm: &str, message: &[u8], given: &[u8]) -> bool {
    let elliptic = |algorithm: &'static dyn VerificationAlgorithm| {
        key.point().is_some_and(|point| UnparsedPublicKey::new(algorithm, point).verify(message, given).is_ok())
    };
    let rsa = |parameters: &'static RsaParameters| {
        let Public::Rsa { modulus, exponent } = key else { return false };
        let key = RsaPublicKeyComponents { n: modulus.to_bytes_be(), e: exponent.to_bytes_be() };
        key.verify(parameters, message, given).is_ok()
    };
    match (algorithm, key) {
        ("RS256", Public::Rsa { .. }) => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        ("RS384", Public::Rsa { .. }) => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
        ("RS512", Public::Rsa { .. }) => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
        ("PS256", Public::Rsa { .. }) => rsa(&signature::RSA_PSS_2048_8192_SHA256),
        ("PS384", Public::Rsa { .. }) => rsa(&signature::RSA_PSS_2048_8192_SHA384),
        ("PS512", Public::Rsa { .. }) => rsa(&signature::RSA_PSS_2048_8192_SHA512),
        ("ES256", Public::Ec { curve: "P-256", .. }) => elliptic(&ECDSA_P256_SHA256_FIXED),
        ("ES384", Public::Ec { curve: "P-384", .. }) => elliptic(&ECDSA_P384_SHA384_FIXED),
        ("ES512", Public::Ec { curve: "P-521", .. }) => elliptic(&ECDSA_P521_SHA512_FIXED),
        ("EdDSA", Public::Ed25519(key)) => UnparsedPublicKey::new(&ED25519, key).verify(message, given).is_ok(),
        _ => false,
    }
}
