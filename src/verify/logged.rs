//! Evidence that rests on certificates or transparency logs: cosign's legacy layers and sigstore bundles.
//!
//! Knows no registry: what it judges was fetched, hashed and bounded before. A reason for a refusal is in cosign's words.

mod attachment;
mod body;
mod certificate;
mod converted;
mod distinguished_name;
mod entry;
mod identity;
mod inclusion;
mod metadata;
mod pattern;
mod pem;
mod prescan;
mod search;
mod sigstore_bundle;
mod uncommon_key;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use self::attachment::{Attachment, Judge};
use self::converted::Signed;
pub(super) use self::entry::ANNOTATION as ENTRY;
pub(super) use self::search::{earliest, found, sought};
use super::dsse::Envelope;
use super::evidence::{BundleEvidence, LegacyLayer, Reason};
use super::{Attestation, LogRequirement, Signature, Trust, VerifyRequest, base64, claims};
use crate::oci::Digest;

/// Checks one layer of a `.sig` manifest: a simple-signing payload about `image`.
pub(crate) fn legacy_image(layer: &LegacyLayer, image: &Digest, request: &VerifyRequest, trust: &Trust) -> Result<Signature, Reason> {
    let attachment = Attachment::of(layer)?;
    let signature = base64::decode(attachment.signature)?;
    if signature.is_empty() {
        return Err("empty signature".to_owned());
    }
    let entry = attachment.entry(request)?;
    let judge = Judge { request, trust: &*effective(trust, request)?, key: &attachment.key(request)? };
    attachment.proves(&Signed::Payload { bytes: &layer.payload, signature: &signature }, entry.as_ref(), &judge)?;
    claims::simple_signing(&layer.payload, image)?;
    attachment.result(attachment.signature, "", entry.as_ref())
}

/// Checks one layer of an `.att` manifest: a DSSE envelope with a statement about `image`.
pub(crate) fn legacy_attestation(
    layer: &LegacyLayer,
    image: &Digest,
    request: &VerifyRequest,
    trust: &Trust,
) -> Result<Attestation, Reason> {
    let attachment = Attachment::of(layer)?;
    let entry = attachment.entry(request)?;
    let judge = Judge { request, trust: &*effective(trust, request)?, key: &attachment.key(request)? };
    let sealed = Envelope::read(&layer.payload)?.sealed()?;
    let only = sealed.only_signature()?;
    attachment.proves(&Signed::Envelope { sealed: &sealed, only: only.as_deref(), image }, entry.as_ref(), &judge)?;
    let opened = sealed.opened_unchecked();
    let statement = claims::statement(&opened.payload, image)?;
    let listed = |signed: &Signature| {
        let text = if attachment.signature.is_empty() { &signed.signature } else { attachment.signature };
        attachment.result(text, &signed.keyid, entry.as_ref())
    };
    let signatures = opened.signatures.iter().map(listed).collect::<Result<_, _>>()?;
    Ok(Attestation { statement: statement.into(), signatures })
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
