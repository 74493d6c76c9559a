//! Narrows the window of each authority, for certificates or timestamps, to the time in which its whole chain is valid.
//!
//! Every certificate of a chain is an anchor to the path builder, which never looks at an anchor's own dates: without this
//! an intermediate that had expired would still vouch (CVE-2026-24122).

use jiff::Timestamp;
use sigstore_trust_root::TrustedRoot;
use sigstore_trust_root::trusted_root::CertChain;
use sigstore_types::TimeRange;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::{TrustError, unusable};

/// Intersects the window of every authority with those of its certificates. An authority for which nothing is left can
/// vouch at no time, and goes.
pub(super) fn narrow(root: &mut TrustedRoot) -> Result<(), TrustError> {
    let mut kept = Vec::with_capacity(root.certificate_authorities.len());
    for mut authority in root.certificate_authorities.drain(..) {
        if let Some(window) = window(authority.valid_for, &authority.cert_chain)? {
            authority.valid_for = Some(window);
            kept.push(authority);
        }
    }
    root.certificate_authorities = kept;
    let mut kept = Vec::with_capacity(root.timestamp_authorities.len());
    for mut authority in root.timestamp_authorities.drain(..) {
        if let Some(window) = window(authority.valid_for, &authority.cert_chain)? {
            authority.valid_for = Some(window);
            kept.push(authority);
        }
    }
    root.timestamp_authorities = kept;
    Ok(())
}

/// What is left of a stated window.
fn window(stated: Option<TimeRange>, chain: &CertChain) -> Result<Option<TimeRange>, TrustError> {
    if stated.is_some_and(|stated| stated.end.is_some_and(|end| end < stated.start)) {
        return Err(TrustError::Unusable("trusted validity window ends before it starts".to_owned()));
    }
    if chain.certificates.is_empty() {
        return Err(TrustError::Unusable("trusted authority has an empty certificate chain".to_owned()));
    }
    let mut start = stated.map_or(Timestamp::MIN, |stated| stated.start);
    let mut end = stated.and_then(|stated| stated.end);
    for entry in &chain.certificates {
        let certificate = Certificate::from_der(entry.raw_bytes.as_bytes()).map_err(unusable)?;
        let validity = &certificate.tbs_certificate.validity;
        start = start.max(instant(validity.not_before)?);
        let not_after = instant(validity.not_after)?;
        end = Some(end.map_or(not_after, |end| end.min(not_after)));
    }
    Ok(end.is_none_or(|end| start <= end).then(|| TimeRange::new(start, end)))
}

fn instant(time: x509_cert::time::Time) -> Result<Timestamp, TrustError> {
    Timestamp::try_from(time.to_system_time()).map_err(unusable)
}
