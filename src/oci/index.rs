//! Reading indexes and telling manifests apart, the same for every source.

use std::fmt;

use oci_client::manifest::{OCI_IMAGE_INDEX_MEDIA_TYPE, OCI_IMAGE_MEDIA_TYPE};
use serde::de::{Error as _, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::Descriptor;

/// Most referrers of one manifest.
const MAX_REFERRERS: usize = 4096;

/// The descriptors of an image index (OCI image-spec, image-index.md), of which there are at most `MOST`. An entry that is
/// no descriptor is skipped: one bad referrer must not hide the good ones, and leaving one out can only take evidence away.
struct Entries<const MOST: usize>(Vec<Descriptor>);

impl<'de, const MOST: usize> Deserialize<'de> for Entries<MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(EntriesVisitor::<MOST>)
    }
}

/// Counts while it reads: an index of nothing but `{}` would be fifty times as large in memory.
struct EntriesVisitor<const MOST: usize>;

impl<'de, const MOST: usize> Visitor<'de> for EntriesVisitor<MOST> {
    type Value = Entries<MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of descriptors")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let (mut read, mut count) = (Vec::new(), 0);
        while let Some(entry) = entries.next_element::<&RawValue>()? {
            count += 1;
            if count > MOST {
                return Err(A::Error::custom(format_args!("more than {MOST} entries")));
            }
            if is_object(entry.get().as_bytes()) {
                read.extend(serde_json::from_str::<Descriptor>(entry.get()).ok());
            }
        }
        Ok(Entries(read))
    }
}

/// The descriptors of an index of at most `MOST` entries.
///
/// # Errors
/// Why `bytes` are no such index.
pub(super) fn descriptors<const MOST: usize>(bytes: &[u8]) -> Result<Vec<Descriptor>, String> {
    #[derive(Deserialize)]
    struct Index<const MOST: usize> {
        manifests: Option<Entries<MOST>>,
    }
    // serde takes an array for a struct too, member by member; Go does not.
    if !is_object(bytes) {
        return Err("not an image index: not a JSON object".to_owned());
    }
    let index: Index<MOST> = serde_json::from_slice(bytes).map_err(|e| format!("not an image index: {e}"))?;
    Ok(index.manifests.ok_or("not an image index: no `manifests`")?.0)
}

fn is_object(json: &[u8]) -> bool {
    json.trim_ascii_start().starts_with(b"{")
}

/// The descriptors of an index of referrers.
///
/// # Errors
/// Why `bytes` are no such index.
pub(super) fn referrers(bytes: &[u8]) -> Result<Vec<Descriptor>, String> {
    descriptors::<MAX_REFERRERS>(bytes)
}

/// Refuses a list of referrers that nobody could go through.
pub(super) fn check_count(found: &[Descriptor]) -> Result<(), String> {
    if found.len() > MAX_REFERRERS { Err(format!("more than {MAX_REFERRERS} referrers")) } else { Ok(()) }
}

/// The parts of a manifest by which a registry lists it as a referrer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ManifestHead {
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Option<Descriptor>,
    pub(super) subject: Option<Descriptor>,
    annotations: Option<std::collections::BTreeMap<String, String>>,
}

impl ManifestHead {
    /// Reads `bytes`; `None` where they are no manifest.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        Some(bytes).filter(|bytes| is_object(bytes)).and_then(|bytes| serde_json::from_slice(bytes).ok())
    }

    /// The entry of the referrers list (distribution-spec, "Listing Referrers").
    pub(super) fn into_descriptor(self, digest: String, size: i64, media_type: String) -> Descriptor {
        let artifact_type = self.artifact_type.filter(|t| !t.is_empty()).or_else(|| self.config.map(|c| c.media_type));
        let media_type = self.media_type.filter(|t| !t.is_empty()).unwrap_or(media_type);
        Descriptor { media_type, digest, size, artifact_type, annotations: self.annotations }
    }
}

/// The media type of a manifest that no descriptor names: what it says of itself, else what its form says; `None` for
/// content that is no manifest, for which a registry would answer 404 under `/manifests/`.
pub(super) fn media_type(bytes: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Form {
        media_type: Option<String>,
        manifests: Option<Vec<IgnoredAny>>,
        layers: Option<Vec<IgnoredAny>>,
    }
    let form: Form = serde_json::from_slice(bytes).ok()?;
    let by_form = if form.manifests.is_some() {
        OCI_IMAGE_INDEX_MEDIA_TYPE
    } else if form.layers.is_some() {
        OCI_IMAGE_MEDIA_TYPE
    } else {
        return None;
    };
    Some(form.media_type.filter(|t| !t.is_empty()).unwrap_or_else(|| by_form.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_entry_does_not_hide_the_good() {
        let read =
            referrers(br#"{"manifests":[{"digest":"sha256:aa","size":"x"},7,null,["x/y","sha256:cc",3],{"digest":"sha256:bb","size":3}]}"#)
                .unwrap();
        assert_eq!(read.iter().map(|d| d.digest.as_str()).collect::<Vec<_>>(), ["sha256:bb"]);
    }

    #[test]
    fn what_is_no_index_is_said_to_be_none() {
        for text in ["", "[]", "[[]]", "null", "{}", r#"{"manifests":{}}"#, r#"{"manifests":null}"#] {
            assert!(referrers(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn entries_are_counted_even_where_they_are_none() {
        let index = |entry: &str, count: usize| format!(r#"{{"manifests":[{}]}}"#, vec![entry; count].join(","));
        assert_eq!(referrers(index("{}", MAX_REFERRERS).as_bytes()).unwrap().len(), MAX_REFERRERS);
        for entry in ["{}", "0"] {
            assert!(referrers(index(entry, MAX_REFERRERS + 1).as_bytes()).unwrap_err().contains("more than 4096 entries"));
        }
    }

    #[test]
    fn a_payload_is_not_a_manifest() {
        assert_eq!(media_type(br#"{"critical":{}}"#), None);
        assert_eq!(media_type(br#"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}"#), None);
        assert_eq!(media_type(b"\x1f\x8b"), None);
        assert_eq!(media_type(br#"{"architecture":"amd64","config":{},"rootfs":{}}"#), None);
        assert_eq!(media_type(br#"{"layers":[]}"#).unwrap(), OCI_IMAGE_MEDIA_TYPE);
        assert_eq!(media_type(br#"{"mediaType":"x/y","manifests":[]}"#).unwrap(), "x/y");
    }
}
