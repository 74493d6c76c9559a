//! sigstore bundles: which blobs are any, and those signed with a long-lived key where no log is asked.
//!
//! Log entries and timestamps are skipped here, as cosign does with an ignored log.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Attestation;
use super::claims;
use super::dsse::Envelope;
use super::evidence::{BundleEvidence, Reason};
use super::json::{self, Object};
use super::key::KeyCheck;
use crate::oci::Digest;

/// Media types of layers that hold a bundle begin so.
pub(crate) const MEDIA_TYPE_PREFIX: &str = "application/vnd.dev.sigstore.bundle";

/// The forms in which version 0.3 calls itself. Earlier versions do not count on a referrer, later ones are unknown.
const VERSION_0_3: [&str; 2] = ["application/vnd.dev.sigstore.bundle.v0.3+json", "application/vnd.dev.sigstore.bundle+json;version=0.3"];

/// A bundle as far as a key needs it. A member given twice, or one that is unknown, is an error (as in protojson).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Bundle {
    media_type: String,
    verification_material: Object<Material>,
    #[serde(default)]
    dsse_envelope: Option<Object<Envelope>>,
    #[serde(default)]
    message_signature: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Material {
    #[serde(default)]
    public_key: Option<Object<PublicKeyHint>>,
    #[serde(default)]
    certificate: Option<IgnoredAny>,
    #[serde(default)]
    x509_certificate_chain: Option<IgnoredAny>,
    #[serde(default, rename = "tlogEntries")]
    _tlog_entries: Option<IgnoredAny>,
    #[serde(default, rename = "timestampVerificationData")]
    _timestamps: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicKeyHint {
    #[serde(default, rename = "hint")]
    _hint: Option<String>,
}

/// Whether a blob of a bundle's media type is a bundle of version 0.3: others are passed over as if they were not there.
pub(crate) fn counts(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Version {
        media_type: String,
    }
    json::object::<Version>(bytes).is_ok_and(|version| VERSION_0_3.contains(&version.media_type.as_str()))
}

/// Checks that `evidence` is an in-toto statement about `image`, signed by `key`.
pub(crate) fn check(evidence: &BundleEvidence, image: &Digest, key: &KeyCheck) -> Result<Attestation, Reason> {
    let envelope = envelope(&evidence.json)?;
    if envelope.signature_count() != 1 {
        return Err("dsse envelope must have exactly one signature".to_owned());
    }
    let opened = envelope.open(key).map_err(|reason| format!("failed to verify signature: could not verify envelope: {reason}"))?;
    let statement = claims::bundle_statement(&opened.payload, image)?;
    Ok(Attestation { statement: statement.into(), signatures: opened.signatures })
}

/// The envelope of a bundle that says of itself to be signed with a long-lived key, and nothing else.
fn envelope(bytes: &[u8]) -> Result<Envelope, Reason> {
    let bundle: Bundle = json::object(bytes).map_err(|error| format!("validation error: invalid bundle: {error}"))?;
    if !VERSION_0_3.contains(&bundle.media_type.as_str()) {
        return Err("validation error: unsupported bundle version".to_owned());
    }
    let Object(material) = bundle.verification_material;
    match (&material.public_key, &material.certificate, &material.x509_certificate_chain) {
        (Some(_), None, None) => {}
        (None, Some(_), None) => return Err("expected key signature, not certificate".to_owned()),
        (None, None, None) => return Err("validation error: no verification material".to_owned()),
        _ => return Err("validation error: more than one kind of verification material".to_owned()),
    }
    match (bundle.dsse_envelope, bundle.message_signature) {
        (Some(Object(envelope)), None) => Ok(envelope),
        (None, _) => Err("bundle does not contain a DSSE envelope".to_owned()),
        (Some(_), Some(_)) => Err("validation error: both a message signature and a DSSE envelope".to_owned()),
    }
}
