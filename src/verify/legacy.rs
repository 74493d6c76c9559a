//! Layers of cosign's `.sig` and `.att` manifests, signed with a long-lived key alone: no certificate, no log.
//!
//! Order of checks as cosign: signature first, then the claim.

use super::claims;
use super::dsse::Envelope;
use super::evidence::{LegacyLayer, Reason};
use super::key::KeyCheck;
use super::{Attestation, Signature, base64};
use crate::oci::Digest;

/// Annotation with the base64 signature; the empty text on attestations.
pub(crate) const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
/// Annotation with the signer's certificate.
pub(crate) const CERTIFICATE: &str = "dev.sigstore.cosign/certificate";

/// What conforma wants an attestation's layer to be.
const DSSE_LAYER: &str = "application/vnd.dsse.envelope.v1+json";

/// Checks that `layer` is a simple signing payload about `image`, signed by `key`.
pub(crate) fn image(layer: &LegacyLayer, image: &Digest, key: &KeyCheck) -> Result<Signature, Reason> {
    let text = layer.annotations.get(SIGNATURE).ok_or_else(|| format!("signature layer is missing \"{SIGNATURE}\" annotation"))?;
    let signature = base64::decode(text)?;
    key.verify(&layer.payload, &signature)?;
    claims::simple_signing(&layer.payload, image)?;
    Ok(Signature { signature: text.clone(), ..Signature::default() })
}

/// Checks that `layer` is an in-toto attestation about `image`, signed by `key`.
pub(crate) fn attestation(layer: &LegacyLayer, image: &Digest, key: &KeyCheck) -> Result<Attestation, Reason> {
    let mut opened = Envelope::read(&layer.payload)?.open(key)?;
    let statement = claims::statement(&opened.payload, image)?;
    if let Some(text) = layer.annotations.get(SIGNATURE).filter(|text| !text.is_empty()) {
        opened.signatures.iter_mut().for_each(|signature| signature.signature.clone_from(text));
    }
    Ok(Attestation { statement: statement.into(), signatures: opened.signatures })
}

/// Whether conforma can read a verified layer as an attestation.
pub(crate) fn media_type(layer: &LegacyLayer) -> Result<(), Reason> {
    if layer.media_type == DSSE_LAYER {
        return Ok(());
    }
    let found: String = layer.media_type.chars().take(200).collect();
    Err(format!("malformed attestation data: expecting media type of `{DSSE_LAYER}`, received: `{found}`"))
}

/// Whether a certificate stands beside the signature: it then counts, even where a key is given.
pub(crate) fn has_certificate(layer: &LegacyLayer) -> bool {
    layer.annotations.get(CERTIFICATE).is_some_and(|text| !text.is_empty())
}
