//! What the signed bytes claim: which image they are about. Compared byte for byte, as cosign does.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::oci::Digest;
use crate::verify::evidence::Reason;

/// Most subjects of a statement (CVE-2023-42813).
const MAX_SUBJECTS: usize = 1024;

#[derive(Deserialize)]
struct SimpleSigning {
    critical: Critical,
}

#[derive(Deserialize)]
struct Critical {
    image: Image,
}

#[derive(Deserialize)]
struct Image {
    #[serde(rename = "docker-manifest-digest", default)]
    digest: String,
}

/// Checks that a simple-signing payload names `image`.
pub(super) fn names_image(payload: &[u8], image: &Digest) -> Result<(), Reason> {
    let claim: SimpleSigning = serde_json::from_slice(payload).map_err(|error| format!("malformed payload: {error}"))?;
    let named = claim.critical.image.digest;
    if named == image.to_string() { Ok(()) } else { Err(format!("invalid or missing digest in claim: {named}")) }
}

/// The in-toto statement in `payload`, if `image` is one of its subjects.
pub(super) fn statement_about(payload: &[u8], image: &Digest) -> Result<Arc<Value>, Reason> {
    let statement: Value = serde_json::from_slice(payload).map_err(|error| format!("malformed statement: {error}"))?;
    let subjects = statement.get("subject").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if subjects.len() > MAX_SUBJECTS {
        return Err(format!("statement has more than {MAX_SUBJECTS} subjects"));
    }
    let hex = image.hex();
    let digest = |subject: &Value| subject.get("digest").and_then(|digest| digest.get("sha256")).and_then(Value::as_str) == Some(&hex);
    if subjects.iter().any(digest) {
        return Ok(Arc::new(statement));
    }
    Err("no matching subject digest found".to_owned())
}
