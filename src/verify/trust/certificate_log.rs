//! Whether a certificate log has seen a certificate: the embedded signed certificate timestamp (RFC 6962, section 3.2).

use jiff::Timestamp;
use sigstore_crypto::{SigningScheme, VerificationKey};
use sigstore_trust_root::TrustedRoot;
use sigstore_types::{DerPublicKey, SignatureBytes, TimeRange};
use x509_cert::Certificate;
use x509_cert::der::asn1::{ObjectIdentifier, OctetStringRef};
use x509_cert::der::{Decode as _, Encode as _};

use super::{TrustError, unusable};
use crate::oci::Digest;
use crate::verify::evidence::Reason;

const TIMESTAMP_LIST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.4.2");
const MISSING: &str = "certificate does not include required embedded SCT and no detached SCT was set";

struct CertificateLog {
    id: Vec<u8>,
    key: DerPublicKey,
    window: Option<TimeRange>,
}

/// The certificate transparency logs of a root.
pub(super) struct CertificateLogs(Vec<CertificateLog>);

impl CertificateLogs {
    /// Those of `root`.
    pub(super) fn of(root: &TrustedRoot) -> Result<Self, TrustError> {
        let mut logs = Vec::with_capacity(root.ctlogs.len());
        for log in &root.ctlogs {
            let key = log.public_key.raw_bytes.clone();
            VerificationKey::from_spki(&key)
                .or_else(|_| VerificationKey::from_der(&key, SigningScheme::RsaPkcs1Sha256))
                .map_err(unusable)?;
            logs.push(CertificateLog { id: log.log_id.key_id.as_bytes().to_vec(), key, window: log.public_key.valid_for });
        }
        Ok(Self(logs))
    }

    /// Checks the one embedded timestamp of `leaf`, issued by the holder of the key `issuer` (`SubjectPublicKeyInfo`).
    pub(super) fn have_seen(&self, leaf: &Certificate, issuer: &[u8]) -> Result<(), Reason> {
        let extensions = leaf.tbs_certificate.extensions.as_deref().unwrap_or_default();
        let list = extensions.iter().find(|extension| extension.extn_id == TIMESTAMP_LIST).ok_or(MISSING)?;
        let list = OctetStringRef::from_der(list.extn_value.as_bytes()).map_err(|error| refused(&error))?;
        let stamp = Stamp::only_one_of(list.as_bytes()).ok_or_else(|| refused(&"expected one well-formed timestamp"))?;
        let log = self.0.iter().find(|log| log.id == stamp.log).ok_or_else(|| refused(&"no key for the log that signed it"))?;
        let millis = i64::try_from(stamp.millis).map_err(|error| refused(&error))?;
        let time = Timestamp::from_millisecond(millis).map_err(|error| refused(&error))?;
        if time > Timestamp::now() || !log.window.is_none_or(|window| window.contains(time)) {
            return Err(refused(&format!("the log's key is not valid at {time}")));
        }
        let key = VerificationKey::from_der(&log.key, stamp.scheme().ok_or_else(|| refused(&"unknown signature algorithm"))?)
            .map_err(|error| refused(&error))?;
        let signed = stamp.signed_bytes(leaf, issuer).ok_or_else(|| refused(&"certificate too long"))?;
        key.verify(signed, &SignatureBytes::new(stamp.signature.to_vec())).map_err(|error| refused(&error))
    }
}

fn refused(why: &dyn std::fmt::Display) -> Reason {
    format!("error verifying embedded SCT: {why}")
}

/// A `SignedCertificateTimestamp`, borrowed from its certificate.
struct Stamp<'a> {
    log: &'a [u8],
    millis: u64,
    extensions: &'a [u8],
    algorithm: [u8; 2],
    signature: &'a [u8],
}

impl<'a> Stamp<'a> {
    /// The timestamp of a `SignedCertificateTimestampList` that holds exactly one, of version 1.
    fn only_one_of(list: &'a [u8]) -> Option<Self> {
        let (list, rest) = framed(list)?;
        let (stamp, others) = framed(list)?;
        let (version, stamp) = stamp.split_first()?;
        let (log, stamp) = stamp.split_at_checked(32)?;
        let (millis, stamp) = stamp.split_first_chunk::<8>()?;
        let (extensions, stamp) = framed(stamp)?;
        let (algorithm, stamp) = stamp.split_first_chunk::<2>()?;
        let (signature, trailing) = framed(stamp)?;
        let whole = rest.is_empty() && others.is_empty() && trailing.is_empty() && *version == 0;
        whole.then_some(Self { log, millis: u64::from_be_bytes(*millis), extensions, algorithm: *algorithm, signature })
    }

    /// `SignatureAndHashAlgorithm` (RFC 5246, section 7.4.1.4.1): hash, then signature.
    const fn scheme(&self) -> Option<SigningScheme> {
        match self.algorithm {
            [4, 3] => Some(SigningScheme::EcdsaP256Sha256),
            [5, 3] => Some(SigningScheme::EcdsaP384Sha384),
            [4, 1] => Some(SigningScheme::RsaPkcs1Sha256),
            [5, 1] => Some(SigningScheme::RsaPkcs1Sha384),
            [6, 1] => Some(SigningScheme::RsaPkcs1Sha512),
            _ => None,
        }
    }

    /// What the log signed: `digitally-signed struct` of section 3.2 over a `precert_entry`, which is the certificate
    /// without this extension, bound to its issuer.
    fn signed_bytes(&self, leaf: &Certificate, issuer: &[u8]) -> Option<Vec<u8>> {
        let mut before = leaf.tbs_certificate.clone();
        if let Some(extensions) = &mut before.extensions {
            extensions.retain(|extension| extension.extn_id != TIMESTAMP_LIST);
        }
        let before = before.to_der().ok()?;
        let [0, length @ ..] = u32::try_from(before.len()).ok()?.to_be_bytes() else {
            return None;
        };
        // version v1, signature type certificate_timestamp
        let mut signed = vec![0, 0];
        signed.extend_from_slice(&self.millis.to_be_bytes());
        // entry type precert_entry
        signed.extend_from_slice(&[0, 1]);
        signed.extend_from_slice(Digest::of(issuer).as_bytes());
        signed.extend_from_slice(&length);
        signed.extend_from_slice(&before);
        signed.extend_from_slice(&u16::try_from(self.extensions.len()).ok()?.to_be_bytes());
        signed.extend_from_slice(self.extensions);
        Some(signed)
    }
}

/// Splits off a TLS vector with a length of two bytes.
fn framed(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}
