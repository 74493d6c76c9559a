//! `Trust`: the certificate authorities, logs and timestamp authorities that are believed, resolved once and shared.
//!
//! A root that does not parse is an error, never a smaller root. Nothing here is fetched: trust comes as text or from the
//! build, and a verification never touches the network for it.

mod authorities;
mod certificate_log;
mod clamp;
mod normalise;
#[cfg(feature = "tuf")]
mod refresh;

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sigstore_crypto::{Keyring, VerificationKey};
use sigstore_trust_root::{SIGSTORE_PRODUCTION_TRUSTED_ROOT, TransparencyLog, TrustedRoot};
use sigstore_types::{SignatureBytes, TimestampToken, TsaAuthority};
use sigstore_verify::Verifier;
use sigstore_verify::tsa::verify_timestamp_for_authority;

use self::authorities::Authorities;
use self::certificate_log::CertificateLogs;
#[cfg(feature = "tuf")]
pub use self::refresh::{RefreshError, TufRepository};
use super::PublicKey;
use super::evidence::Reason;
use crate::oci::Digest;

/// What changes with the rules by which a root is read, and with the version that judges: part of the epoch.
const RULES: &str = concat!("vidimus ", env!("CARGO_PKG_VERSION"), ", trust rules 2, sigstore-verify 0.15.1\n");

/// Resolved trust material. Cheap to clone.
#[derive(Clone)]
pub struct Trust(Arc<Material>);

struct Material {
    root: TrustedRoot,
    verifier: Verifier,
    logs: Keyring,
    authorities: Authorities,
    certificate_logs: CertificateLogs,
    timestamp_authorities: Vec<TsaAuthority>,
    epoch: Digest,
}

/// Why a trusted root cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// More text than a root can need.
    #[error("trusted root is larger than {} bytes", Trust::MAX_ROOT)]
    TooLarge,
    /// Not a trusted root in protobuf JSON.
    #[error("trusted root does not parse: {0}")]
    Malformed(String),
    /// A member that cannot be used: a key of an unknown kind, a broken certificate, a window that ends before it starts.
    #[error("trusted root cannot be used: {0}")]
    Unusable(String),
}

impl Trust {
    /// Most bytes of a trusted root: 4 MiB.
    pub const MAX_ROOT: usize = 4 << 20;

    /// Reads a trusted root (`application/vnd.dev.sigstore.trustedroot+json`).
    ///
    /// # Errors
    /// [`TrustError`] if any part of it cannot be used: a root is taken whole or not at all.
    pub fn from_json(json: &str) -> Result<Self, TrustError> {
        if json.len() > Self::MAX_ROOT {
            return Err(TrustError::TooLarge);
        }
        let filled = normalise::fill(json)?;
        Self::resolve(TrustedRoot::from_json(&filled).map_err(malformed)?)
    }

    /// The root of the public-good instance, as it was when this program was built.
    ///
    /// # Errors
    /// As [`Trust::from_json`].
    pub fn public_good() -> Result<Self, TrustError> {
        Self::from_json(SIGSTORE_PRODUCTION_TRUSTED_ROOT)
    }

    /// The digest of everything that was resolved, and of the version that judges by it: part of each remembered key.
    #[must_use]
    pub fn epoch(&self) -> Digest {
        self.0.epoch
    }

    /// The same trust with `key` as the only transparency log (`rekor_public_key`), valid at any time.
    pub(crate) fn with_log_key(&self, key: &PublicKey) -> Result<Self, TrustError> {
        let log: TransparencyLog = serde_json::from_value(serde_json::json!({
            "baseUrl": "",
            "hashAlgorithm": "SHA2_256",
            "publicKey": { "rawBytes": STANDARD.encode(key.spki()), "keyDetails": "PUBLIC_KEY_DETAILS_UNSPECIFIED" },
            "logId": { "keyId": STANDARD.encode(key.fingerprint().as_bytes()) },
        }))
        .map_err(malformed)?;
        let mut root = self.0.root.clone();
        root.tlogs = vec![log];
        Self::resolve(root)
    }

    /// When a timestamp authority of the root, at a time at which it could, stamped `signature`.
    pub(crate) fn stamped_at(&self, token: &TimestampToken, signature: &SignatureBytes) -> Option<Timestamp> {
        self.0.timestamp_authorities.iter().find_map(|authority| verify_timestamp_for_authority(token, signature, authority).ok())
    }

    /// The verifier built over this root.
    pub(crate) fn verifier(&self) -> &Verifier {
        &self.0.verifier
    }

    /// Whether `id` is that of a log in the root, at whatever time.
    pub(crate) fn knows_log(&self, id: &[u8]) -> bool {
        sigstore_types::Sha256Hash::try_from(id).is_ok_and(|id| self.0.logs.key(&id).is_some())
    }

    /// The key of the log `id` if it was valid at `time`.
    pub(crate) fn log_key_at(&self, id: &[u8], time: Timestamp) -> Option<&VerificationKey> {
        self.0.logs.key_at(&sigstore_types::Sha256Hash::try_from(id).ok()?, time)
    }

    /// Checks that `leaf` was issued for code signing by an authority of the root, all of it valid at `time`, and that a
    /// certificate log of the root has seen it.
    pub(crate) fn vouches_for(&self, leaf: &x509_cert::Certificate, der: &[u8], time: Timestamp) -> Result<(), Reason> {
        let issuer = self.0.authorities.issuer_of(der, time)?;
        self.0.certificate_logs.have_seen(leaf, &issuer)
    }

    fn resolve(mut root: TrustedRoot) -> Result<Self, TrustError> {
        if !root.media_type.starts_with("application/vnd.dev.sigstore.trustedroot") {
            return Err(TrustError::Malformed(format!("unknown media type `{}`", root.media_type)));
        }
        clamp::narrow(&mut root)?;
        let verifier = Verifier::new(&root).map_err(unusable)?;
        let logs = root.rekor_keys().map_err(unusable)?;
        let authorities = Authorities::of(&root)?;
        let certificate_logs = CertificateLogs::of(&root)?;
        let mut resolved = RULES.as_bytes().to_vec();
        serde_json::to_writer(&mut resolved, &root).map_err(unusable)?;
        let epoch = Digest::of(&resolved);
        let timestamp_authorities = root.tsa_authorities();
        let material = Material { root, verifier, logs, authorities, certificate_logs, timestamp_authorities, epoch };
        Ok(Self(Arc::new(material)))
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust").field("epoch", &self.0.epoch).finish_non_exhaustive()
    }
}

fn malformed(error: impl fmt::Display) -> TrustError {
    TrustError::Malformed(error.to_string())
}

fn unusable(error: impl fmt::Display) -> TrustError {
    TrustError::Unusable(error.to_string())
}
