//! What a bundle's JSON must not be, which its typed form cannot tell: members that exclude each other, members twice.
//!
//! Refuses only; whatever is judged later is the typed bundle.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::verify::evidence::Reason;

/// Most log entries, and most timestamps, of one bundle (sigstore-go's cap).
const MAX_WITNESSES: usize = 32;

// Protobuf JSON takes a member under its original name too; an alias makes it count.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    #[serde(alias = "media_type")]
    media_type: Option<String>,
    #[serde(alias = "verification_material")]
    verification_material: Material,
    #[serde(alias = "message_signature")]
    message_signature: Option<IgnoredAny>,
    #[serde(alias = "dsse_envelope")]
    dsse_envelope: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    certificate: Option<IgnoredAny>,
    #[serde(alias = "x509_certificate_chain")]
    x509_certificate_chain: Option<IgnoredAny>,
    #[serde(alias = "public_key")]
    public_key: Option<IgnoredAny>,
    #[serde(alias = "tlog_entries")]
    tlog_entries: Option<Vec<IgnoredAny>>,
    #[serde(alias = "timestamp_verification_data")]
    timestamp_verification_data: Option<Timestamps>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Timestamps {
    #[serde(alias = "rfc3161_timestamps")]
    rfc3161_timestamps: Option<Vec<IgnoredAny>>,
}

/// Refuses a bundle whose JSON says two things, or too many.
pub(super) fn refuse_ambiguity(json: &str) -> Result<(), Reason> {
    let shape: Shape = serde_json::from_str(json).map_err(|error| format!("malformed bundle: {error}"))?;
    let material = &shape.verification_material;
    if shape.media_type.is_none() {
        return Err("malformed bundle: no media type".to_owned());
    }
    let keys = [material.certificate.is_some(), material.x509_certificate_chain.is_some(), material.public_key.is_some()];
    exactly_one(&keys, "verification material")?;
    exactly_one(&[shape.message_signature.is_some(), shape.dsse_envelope.is_some()], "content")?;
    let entries = material.tlog_entries.as_ref().map_or(0, Vec::len);
    let timestamps = material.timestamp_verification_data.as_ref().and_then(|data| data.rfc3161_timestamps.as_ref()).map_or(0, Vec::len);
    for (count, what) in [(entries, "tlog entries"), (timestamps, "signed timestamps")] {
        if count > MAX_WITNESSES {
            return Err(format!("too many {what}: {count} > {MAX_WITNESSES}"));
        }
    }
    Ok(())
}

fn exactly_one(present: &[bool], what: &str) -> Result<(), Reason> {
    match present.iter().filter(|present| **present).count() {
        1 => Ok(()),
        0 => Err(format!("malformed bundle: no {what}")),
        _ => Err(format!("malformed bundle: {what} of more than one kind")),
    }
}
