//! Which authority issued a leaf certificate, at a time at which it could.

use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use sigstore_crypto::WEBPKI_VERIFICATION_ALGS;
use sigstore_trust_root::TrustedRoot;
use sigstore_types::TimeRange;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::{TrustError, unusable};
use crate::verify::evidence::Reason;

/// `id-kp-codeSigning`, 1.3.6.1.5.5.7.3.3 (RFC 5280, section 4.2.1.12), in DER without its header.
const CODE_SIGNING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03];

/// The certificates that may have issued a leaf, each with the window of its authority.
pub(super) struct Authorities(Vec<(TrustAnchor<'static>, Option<TimeRange>)>);

impl Authorities {
    /// Those of `root`, whose windows have been narrowed.
    pub(super) fn of(root: &TrustedRoot) -> Result<Self, TrustError> {
        let mut anchors = Vec::new();
        for authority in &root.certificate_authorities {
            for entry in &authority.cert_chain.certificates {
                let der = CertificateDer::from(entry.raw_bytes.as_bytes());
                let anchor = anchor_from_trusted_cert(&der).map_err(unusable)?.to_owned();
                anchors.push((anchor, authority.valid_for));
            }
        }
        Ok(Self(anchors))
    }

    /// The `SubjectPublicKeyInfo` of the certificate that issued `leaf` for code signing, everything valid at `time`.
    pub(super) fn issuer_of(&self, leaf: &[u8], time: Timestamp) -> Result<Vec<u8>, Reason> {
        let refused = |error: &dyn std::fmt::Display| format!("cert verification failed: {error}");
        let anchors: Vec<_> =
            self.0.iter().filter(|(_, window)| window.is_none_or(|w| w.contains(time))).map(|(anchor, _)| anchor.clone()).collect();
        let seconds = u64::try_from(time.as_second()).map_err(|error| refused(&error))?;
        let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let der = CertificateDer::from(leaf);
        let leaf = EndEntityCert::try_from(&der).map_err(|error| refused(&error))?;
        let usage = KeyUsage::required(CODE_SIGNING);
        let path =
            leaf.verify_for_usage(WEBPKI_VERIFICATION_ALGS, &anchors, &[], at, usage, None, None).map_err(|error| refused(&error))?;
        Ok(sequence(path.anchor().subject_public_key_info.as_ref()))
    }
}

/// Puts the header of a DER SEQUENCE, which an anchor's key lacks, before `content`.
fn sequence(content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant: Vec<u8> = length.iter().copied().skip_while(|byte| *byte == 0).collect();
    let mut der = vec![0x30];
    if content.len() >= 0x80 {
        // The count is at most eight.
        der.push(0x80 | u8::try_from(significant.len()).unwrap_or(u8::MAX));
    }
    der.extend_from_slice(&significant);
    der.extend_from_slice(content);
    der
}
