//! `VerifyRequest`: which image, what is asked of it, and who must have signed.

use super::PublicKey;
use crate::oci::ImageRef;

/// A complete question to a verifier.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VerifyRequest {
    /// The image, by digest.
    pub image: ImageRef,
    /// What is asked.
    pub question: Question,
    /// Who must have signed.
    pub signer: Signer,
    /// Whether a transparency log must have seen it.
    pub log: LogRequirement,
}

/// What is asked of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Question {
    /// Is the image signed? (`ec.sigstore.verify_image`)
    Image,
    /// Which attestations does it have? (`ec.sigstore.verify_attestation`)
    Attestation,
}

/// Who must have signed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Signer {
    /// The holder of a long-lived key.
    Key(PublicKey),
    /// Whoever proved an identity to the certificate authority.
    Identity(IdentityMatcher),
}

/// Which certificates count.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdentityMatcher {
    /// On the subject alternative name; every matcher given must match (one at least).
    pub identity: Vec<Matcher>,
    /// On the OIDC issuer; every matcher given must match (one at least).
    pub issuer: Vec<Matcher>,
}

/// How a text is compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Matcher {
    /// Byte for byte.
    Exact(String),
    /// A Go (RE2) pattern, searched unanchored.
    Pattern(String),
}

/// What is asked of transparency logs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LogRequirement {
    /// An entry of a trusted log is needed (`ignore_rekor: false`).
    Required {
        /// Key of the log, instead of those in the trusted root (`rekor_public_key`).
        log_key: Option<PublicKey>,
        /// Where to search online for an entry that is not attached (`rekor_url`).
        search: Option<String>,
    },
    /// Entries are not looked at (`ignore_rekor: true`).
    Ignored,
}
