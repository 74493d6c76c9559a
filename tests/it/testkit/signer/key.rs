//! Keys that sign as cosign does, and in the ways that earlier cosign did.

use aws_lc_rs::digest::{Digest, SHA384};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature as alg;
use aws_lc_rs::signature::{EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RsaKeyPair};
use base64::Engine as _;
use ed25519_dalek::Sha512;
use sha2::Digest as _;

/// A key and the way it signs.
pub(crate) struct TestKey(Kind);

enum Kind {
    Ecdsa(EcdsaKeyPair),
    /// P-384 with SHA-256, as cosign up to 3.0 signs.
    EcdsaShort(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Ed25519ph(ed25519_dalek::SigningKey),
}

impl TestKey {
    pub(crate) fn p256() -> Self {
        Self::ecdsa(&alg::ECDSA_P256_SHA256_ASN1_SIGNING)
    }

    /// With the hash that is given: `ECDSA_P384_SHA384_ASN1_SIGNING` is cosign's, SHA-256 that of earlier ones.
    pub(crate) fn ecdsa(algorithm: &'static EcdsaSigningAlgorithm) -> Self {
        Self(Kind::Ecdsa(EcdsaKeyPair::generate(algorithm).unwrap()))
    }

    pub(crate) fn p384_sha256() -> Self {
        Self(Kind::EcdsaShort(EcdsaKeyPair::generate(&alg::ECDSA_P384_SHA384_ASN1_SIGNING).unwrap()))
    }

    pub(crate) fn rsa(size: KeySize) -> Self {
        Self(Kind::Rsa(RsaKeyPair::generate(size).unwrap()))
    }

    pub(crate) fn ed25519() -> Self {
        Self(Kind::Ed25519(Ed25519KeyPair::generate().unwrap()))
    }

    pub(crate) fn ed25519ph() -> Self {
        Self(Kind::Ed25519ph(ed25519_dalek::SigningKey::from_bytes(&[7; 32])))
    }

    /// The public key, as `cosign.pub` has it.
    pub(crate) fn pem(&self) -> String {
        pem(&self.spki())
    }

    pub(crate) fn spki(&self) -> Vec<u8> {
        let der = |key: &dyn AsDer<PublicKeyX509Der<'static>>| key.as_der().unwrap().as_ref().to_vec();
        match &self.0 {
            Kind::Ecdsa(key) | Kind::EcdsaShort(key) => der(key.public_key()),
            Kind::Rsa(key) => der(key.public_key()),
            Kind::Ed25519(key) => der(key.public_key()),
            Kind::Ed25519ph(key) => {
                let prefix = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
                [prefix.as_slice(), key.verifying_key().as_bytes()].concat()
            }
        }
    }

    /// The private key of an ECDSA key, as servers take it (RFC 5208).
    pub(crate) fn pkcs8(&self) -> Vec<u8> {
        match &self.0 {
            Kind::Ecdsa(key) => key.to_pkcs8v1().unwrap().as_ref().to_vec(),
            _ => panic!("only ECDSA keys are used so"),
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.0 {
            Kind::Ecdsa(key) => key.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Kind::EcdsaShort(key) => {
                // A digest shorter than the curve's order is the number that it is (FIPS 186-5, section 6.4.1).
                let number = [&[0; 16], sha2::Sha256::digest(message).as_slice()].concat();
                key.sign_digest(&Digest::import_less_safe(&number, &SHA384).unwrap()).unwrap().as_ref().to_vec()
            }
            Kind::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&alg::RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
                signature
            }
            Kind::Ed25519(key) => key.sign(message).as_ref().to_vec(),
            Kind::Ed25519ph(key) => key.sign_prehashed(Sha512::new().chain_update(message), None).unwrap().to_bytes().to_vec(),
        }
    }
}

/// PEM around a `SubjectPublicKeyInfo`.
pub(crate) fn pem(spki: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(spki);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}
