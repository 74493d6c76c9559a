//! A legacy layer with its log entry as a sigstore bundle of version 0.1, for `sigstore-verify` to decide.
//!
//! It knows the kinds `hashedrekord` and `dsse` of Rekor v1, one signature, and the pairs of key and hash that signers use
//! today. What it does not know is decided by [`super::attachment`] itself.

use sigstore_types::bundle::VerificationMaterialContent;
use sigstore_types::{
    Artifact, Bundle, CanonicalizedBody, DerCertificate, DsseEnvelope, DsseSignature, HashAlgorithm, InclusionPromise, KeyId, KindVersion,
    LogId, LogIndex, LogKeyId, MediaType, MessageDigest, MessageSignature, PayloadBytes, PublicKeyIdentifier, Sha256Hash, SignatureBytes,
    SignatureContent, SignedTimestamp, TransparencyLogEntry, VerificationMaterial, X509Certificate,
};

use super::body::Kind;
use super::certificate::Leaf;
use super::entry::Entry;
use crate::oci::Digest;
use crate::verify::dsse::{IN_TOTO, Sealed};
use crate::verify::evidence::Reason;
use crate::verify::spki::{self, KeyKind};

/// What is signed.
pub(super) enum Signed<'a> {
    /// The bytes of a layer.
    Payload { bytes: &'a [u8], signature: &'a [u8] },
    /// An envelope, and its signature if it is the only one.
    Envelope { sealed: &'a Sealed, only: Option<&'a [u8]>, image: &'a Digest },
}

impl Signed<'_> {
    /// The form of the log entry that the crate knows for this, where it knows one.
    pub(super) fn kind(&self, entry: &Entry, key: &[u8]) -> Option<KindVersion> {
        let common = matches!(spki::read(key), Ok((KeyKind::P256 | KeyKind::Rsa, _)));
        match (self, entry.body.kind) {
            _ if !common => None,
            (Self::Payload { .. }, Kind::HashedRekord) => Some(KindVersion::HashedRekordV001),
            (Self::Envelope { only: Some(_), .. }, Kind::Dsse) => Some(KindVersion::DsseV001),
            _ => None,
        }
    }

    /// What the bundle is about.
    pub(super) fn artifact(&self) -> Artifact<'_> {
        match self {
            Self::Payload { bytes, .. } => Artifact::from_blob(bytes),
            Self::Envelope { image, .. } => Artifact::from(Sha256Hash::new(*image.as_bytes())),
        }
    }

    /// The bundle, with the certificate if there is one.
    pub(super) fn bundle(&self, entry: &Entry, kind: KindVersion, leaf: Option<&Leaf>) -> Result<Bundle, Reason> {
        let index = LogIndex::try_from(entry.log_index).map_err(|error| format!("malformed bundle annotation: {error}"))?;
        let log = LogId::new(LogKeyId::from_bytes(&entry.log_id));
        let promise = InclusionPromise::new(SignedTimestamp::from_bytes(&entry.promise));
        let logged = TransparencyLogEntry::new(index, log, kind, CanonicalizedBody::from_bytes(&entry.body_bytes))
            .with_integrated_time(entry.integrated_time)
            .with_inclusion_promise(promise);
        let signer = match leaf {
            Some(leaf) => VerificationMaterialContent::X509CertificateChain {
                certificates: vec![X509Certificate::new(DerCertificate::from_bytes(&leaf.der))],
            },
            None => VerificationMaterialContent::PublicKey(PublicKeyIdentifier::new("")),
        };
        let material = VerificationMaterial::new(signer).with_tlog_entries(vec![logged]);
        Ok(Bundle::new(MediaType::Bundle0_1, material, self.content()))
    }

    fn content(&self) -> SignatureContent {
        match self {
            Self::Payload { bytes, signature } => {
                let digest = MessageDigest::new(HashAlgorithm::Sha2256, Sha256Hash::new(*Digest::of(bytes).as_bytes()).into());
                SignatureContent::MessageSignature(MessageSignature::new(SignatureBytes::from_bytes(signature)).with_message_digest(digest))
            }
            Self::Envelope { sealed, only, .. } => SignatureContent::DsseEnvelope(DsseEnvelope::new(
                IN_TOTO,
                PayloadBytes::from_bytes(sealed.payload()),
                DsseSignature::new(SignatureBytes::from_bytes(only.unwrap_or_default()), KeyId::default()),
            )),
        }
    }
}
