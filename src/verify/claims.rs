//! What signed bytes say: that they are about this image and no other.

use serde_json::Value;

use super::evidence::Reason;
use super::{json, text_at};
use crate::oci::Digest;

/// sigstore-go reads no statement of more subjects, and no subject of more digests.
const MAX_SUBJECTS: usize = 1024;
const MAX_DIGESTS: usize = 32;

/// Whether a simple signing payload is about `image`: the texts must be equal, byte for byte. As in cosign,
/// `critical.type` and `critical.identity` are not looked at.
pub(crate) fn simple_signing(payload: &[u8], image: &Digest) -> Result<(), Reason> {
    const DIGEST: [&str; 3] = ["critical", "image", "docker-manifest-digest"];
    let found = text_at::strictly(payload, &DIGEST).map_err(|error| format!("invalid or missing digest in claim: {error}"))?;
    let found = found.unwrap_or_default();
    if found == image.to_string() {
        Ok(())
    } else {
        Err(format!("invalid or missing digest in claim: {}", found.chars().take(200).collect::<String>()))
    }
}

/// Reads an in-toto statement and checks that one subject at least is `image`: equal `sha256`, byte for byte.
pub(crate) fn statement(payload: &[u8], image: &Digest) -> Result<Value, Reason> {
    let statement = json::strict(payload).map_err(|error| format!("unmarshalling statement: {error}"))?;
    let subjects = statement.get("subject").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let wanted = image.hex();
    if subjects.iter().any(|subject| digest_of(subject) == Some(&wanted)) {
        Ok(statement)
    } else {
        Err("no matching subject digest found".to_owned())
    }
}

/// As [`statement`], with the bounds that a bundle's statement has.
pub(crate) fn bundle_statement(payload: &[u8], image: &Digest) -> Result<Value, Reason> {
    let statement = statement(payload, image)?;
    let subjects = statement.get("subject").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if subjects.len() > MAX_SUBJECTS {
        return Err(format!("too many subjects: {} > {MAX_SUBJECTS}", subjects.len()));
    }
    let digests = |subject: &Value| subject.get("digest").and_then(Value::as_object).map_or(0, serde_json::Map::len);
    if subjects.iter().any(|subject| digests(subject) > MAX_DIGESTS) {
        return Err(format!("too many digests in a subject: more than {MAX_DIGESTS}"));
    }
    if subjects.iter().any(Value::is_null) {
        return Err("failed to verify artifact: nil statement subject".to_owned());
    }
    Ok(statement)
}

/// Whether conforma can read a verified statement of a bundle.
pub(crate) fn bundle_statement_type(statement: &Value) -> Result<(), Reason> {
    match statement.get("_type").and_then(Value::as_str).unwrap_or_default() {
        "https://in-toto.io/Statement/v1" | "https://in-toto.io/Statement/v0.1" => Ok(()),
        other => Err(format!("unsupported attestation type: {}", other.chars().take(200).collect::<String>())),
    }
}

fn digest_of(subject: &Value) -> Option<&str> {
    subject.get("digest")?.get("sha256")?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn simple(text: &str) -> Result<(), Reason> {
        simple_signing(text.replace("HEX", HEX).as_bytes(), &Digest::of(b""))
    }

    fn subject(text: &str) -> Result<Value, Reason> {
        statement(text.replace("HEX", HEX).as_bytes(), &Digest::of(b""))
    }

    #[test]
    fn a_payload_must_name_the_image_exactly() {
        simple(r#"{"critical":{"image":{"docker-manifest-digest":"sha256:HEX"},"type":"other"},"optional":null}"#).unwrap();
        for bad in [
            r#"{"critical":{"image":{"docker-manifest-digest":"HEX"}}}"#,
            r#"{"critical":{"image":{"docker-manifest-digest":"SHA256:HEX"}}}"#,
            r#"{"critical":{"image":{"docker-manifest-digest":" sha256:HEX"}}}"#,
            r#"{"critical":{"image":{"docker-manifest-digest":""}}}"#,
            r#"{"critical":{"image":{"docker-manifest-digest":"sha512:HEX"}}}"#,
            r#"{"critical":{"image":{"docker-manifest-digest":"sha256:HEX","docker-manifest-digest":"sha256:HEX"}}}"#,
            r#"{"critical":{"image":{"docker-manifest-digest":"sha256:HEX"}},"critical":{"image":{"docker-manifest-digest":"sha256:HEX"}}}"#,
            r#"{"critical":{"image":{"docker-manifest-digest":"sha256:HEX"}}} "x""#,
            r#"{"critical":{"image":{}}}"#,
            r#"{"critical":null}"#,
            r#"{"critical":[["sha256:HEX"]]}"#,
            r#"{"critical":{"image":[{"docker-manifest-digest":"sha256:HEX"}]}}"#,
            r#"{"subject":[{"digest":{"sha256":"HEX"}}]}"#,
            "DSSEv1 28 application/vnd.in-toto+json 2 {}",
            "",
        ] {
            assert!(simple(bad).unwrap_err().starts_with("invalid or missing digest in claim: "), "{bad}");
        }
        assert!(simple(&r#"{"critical":{"image":{"docker-manifest-digest":"sha256:HEX"}}}"#.replace("HEX", &HEX.to_uppercase())).is_err());
    }

    #[test]
    fn a_statement_must_have_the_image_among_its_subjects() {
        subject(r#"{"subject":[{"digest":{"sha1":"x"}},{"digest":{"sha256":"HEX"}}]}"#).unwrap();
        for bad in [
            r#"{"subject":[]}"#,
            r#"{"subject":null}"#,
            r#"{"subject":[null]}"#,
            r#"{"subject":[{"digest":{"sha256":"sha256:HEX"}}]}"#,
            r#"{"subject":[{"digest":{"sha512":"HEX"}}]}"#,
            r#"{"subject":{"digest":{"sha256":"HEX"}}}"#,
            "{}",
        ] {
            assert_eq!(subject(bad).unwrap_err(), "no matching subject digest found", "{bad}");
        }
        assert!(subject(&r#"{"subject":[{"digest":{"sha256":"HEX"}}]}"#.replace("HEX", &HEX.to_uppercase())).is_err());
    }

    #[test]
    fn a_statement_that_means_two_things_is_refused() {
        for bad in [r#"{"subject":[{"digest":{"sha256":"HEX","sha256":"00"}}]}"#, r#"{"subject":[{"digest":{"sha256":"HEX"}}]}{}"#, "x"] {
            assert!(subject(bad).unwrap_err().starts_with("unmarshalling statement: "), "{bad}");
        }
    }

    #[test]
    fn a_bundle_may_not_hide_the_image_in_a_crowd() {
        let crowd = |n: usize| {
            let other = r#"{"digest":{"sha256":"00"}},"#.repeat(n - 1);
            bundle_statement(format!(r#"{{"subject":[{other}{{"digest":{{"sha256":"{HEX}"}}}}]}}"#).as_bytes(), &Digest::of(b""))
        };
        crowd(MAX_SUBJECTS).unwrap();
        assert!(crowd(MAX_SUBJECTS + 1).unwrap_err().starts_with("too many subjects"));
        let digests = (0..MAX_DIGESTS).map(|n| format!(r#""d{n}":"","#)).collect::<Vec<_>>().concat();
        let text = format!(r#"{{"subject":[{{"digest":{{{digests}"sha256":"{HEX}"}}}}]}}"#);
        assert!(bundle_statement(text.as_bytes(), &Digest::of(b"")).unwrap_err().starts_with("too many digests"));
        let null = format!(r#"{{"subject":[null,{{"digest":{{"sha256":"{HEX}"}}}}]}}"#);
        bundle_statement(null.as_bytes(), &Digest::of(b"")).unwrap_err();
    }
}
