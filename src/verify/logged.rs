//! Evidence that rests on certificates or transparency logs: cosign's legacy layers and sigstore bundles.
//!
//! Knows no registry: what it judges was fetched, hashed and bounded before. A reason for a refusal is in cosign's words.

mod attachment;
mod body;
mod certificate;
mod claim;
mod distinguished_name;
mod entry;
mod envelope;
mod identity;
mod metadata;
mod pattern;
mod pem;
mod prescan;
mod signature;
mod sigstore_bundle;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use self::attachment::{Attachment, Judge};
use self::envelope::Envelope;
use super::evidence::{BundleEvidence, LegacyLayer, Reason};
use super::{Attestation, LogRequirement, Signature, Trust, VerifyRequest};
use crate::oci::Digest;

const DSSE_ENVELOPE: &str = "application/vnd.dsse.envelope.v1+json";
const INVALID_SIGNATURE: &str = "invalid signature when validating ASN.1 encoded signature";
const INVALID_ENVELOPE: &str = "could not verify envelope: accepted signatures do not match threshold, Found: 0, Expected 1";

/// Checks one layer of a `.sig` manifest: a simple-signing payload about `image`.
pub(crate) fn legacy_image(layer: &LegacyLayer, image: &Digest, request: &VerifyRequest, trust: &Trust) -> Result<Signature, Reason> {
    let trust = &*effective(trust, request)?;
    let attachment = Attachment::of(layer)?;
    let signatures = [attachment.signature_bytes()?];
    attachment.proves(&layer.payload, &signatures, &Judge { request, trust, unsigned: INVALID_SIGNATURE })?;
    claim::names_image(&layer.payload, image)?;
    attachment.result(attachment.signature, "")
}

/// Checks one layer of an `.att` manifest: a DSSE envelope with a statement about `image`.
pub(crate) fn legacy_attestation(
    layer: &LegacyLayer,
    image: &Digest,
    request: &VerifyRequest,
    trust: &Trust,
) -> Result<Attestation, Reason> {
    if layer.media_type != DSSE_ENVELOPE {
        let received = &layer.media_type;
        return Err(format!("malformed attestation data: expecting media type of `{DSSE_ENVELOPE}`, received: `{received}`"));
    }
    let trust = &*effective(trust, request)?;
    let attachment = Attachment::of(layer)?;
    let envelope = Envelope::parse(&layer.payload)?;
    // A signature that is no base64 verifies nothing; another one may.
    let signatures: Vec<Vec<u8>> = envelope.signatures.iter().filter_map(|signature| STANDARD.decode(&signature.sig).ok()).collect();
    attachment.proves(&envelope.signed_bytes(), &signatures, &Judge { request, trust, unsigned: INVALID_ENVELOPE })?;
    let statement = claim::statement_about(&envelope.payload, image)?;
    let entry = |signature: &envelope::EnvelopeSignature| {
        let text = if attachment.signature.is_empty() { &signature.sig } else { attachment.signature };
        attachment.result(text, &signature.keyid)
    };
    let signatures = envelope.signatures.iter().map(entry).collect::<Result<_, _>>()?;
    Ok(Attestation { statement, signatures })
}

/// Checks one bundle that came from a referrer of `image`.
pub(crate) fn bundle(evidence: &BundleEvidence, image: &Digest, request: &VerifyRequest, trust: &Trust) -> Result<Attestation, Reason> {
    let trust = effective(trust, request)?;
    sigstore_bundle::attestation(&evidence.json, image, request, &trust)
}

/// The trust by which a request is judged: its own log key replaces the logs of the root.
fn effective<'a>(trust: &'a Trust, request: &VerifyRequest) -> Result<Cow<'a, Trust>, Reason> {
    match &request.log {
        LogRequirement::Required { log_key: Some(key), .. } => {
            trust.with_log_key(key).map(Cow::Owned).map_err(|error| format!("adding rekor public key: {error}"))
        }
        _ => Ok(Cow::Borrowed(trust)),
    }
}
