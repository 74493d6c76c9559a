//! Manifests and indexes as values: every member that upstream always gives is there, empty where the document lacks it.
//!
//! Sources: OCI image-spec, manifest.md, image-index.md, descriptor.md; the Docker forms have the same members.

use std::collections::BTreeMap;

use super::super::Value;
use crate::oci::{self, Digest, Manifest, Repository};

/// A content descriptor with all its members.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Descriptor {
    media_type: String,
    size: i64,
    digest: Hash,
    #[serde(with = "base64_text")]
    data: String,
    urls: Option<Vec<String>>,
    annotations: Option<BTreeMap<String, String>>,
    artifact_type: String,
    platform: Option<Platform>,
}

/// `algorithm:hex`; upstream prints one that is missing as `:`.
#[derive(Debug, serde::Deserialize)]
#[serde(try_from = "String")]
struct Hash(String);

impl Default for Hash {
    fn default() -> Self {
        Self(":".to_owned())
    }
}

impl TryFrom<String> for Hash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (algorithm, digits) = text.split_once(':').ok_or("no algorithm")?;
        let length = if algorithm == "sha512" { 128 } else { 64 };
        let well_formed = matches!(algorithm, "sha256" | "sha512")
            && digits.len() == length
            && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if well_formed { Ok(Self(text)) } else { Err("not a digest") }
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Platform {
    architecture: String,
    os: String,
    #[serde(rename = "os.version")]
    os_version: String,
    #[serde(rename = "os.features")]
    os_features: Option<Vec<String>>,
    variant: String,
    features: Option<Vec<String>>,
}

/// An image manifest.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ImageManifest {
    schema_version: i64,
    media_type: String,
    config: Descriptor,
    layers: Option<Vec<Descriptor>>,
    annotations: Option<BTreeMap<String, String>>,
    subject: Option<Descriptor>,
}

/// An image index.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ImageIndex {
    schema_version: i64,
    media_type: String,
    manifests: Option<Vec<Descriptor>>,
    annotations: Option<BTreeMap<String, String>>,
    subject: Option<Descriptor>,
}

/// Whether a media type is that of an index.
pub(super) fn is_index(media_type: &str) -> bool {
    matches!(media_type, "application/vnd.oci.image.index.v1+json" | "application/vnd.docker.distribution.manifest.list.v2+json")
}

fn is_image(media_type: &str) -> bool {
    matches!(media_type, "application/vnd.oci.image.manifest.v1+json" | "application/vnd.docker.distribution.manifest.v2+json")
}

/// Docker's schema 1, which upstream refuses.
fn is_schema_1(media_type: &str) -> bool {
    media_type.starts_with("application/vnd.docker.distribution.manifest.v1+")
}

impl ImageManifest {
    /// The manifest, or `None` where the bytes are something else.
    pub(super) fn parse(manifest: &Manifest) -> Option<Self> {
        if is_schema_1(&manifest.media_type) { None } else { serde_json::from_slice(&manifest.bytes).ok() }
    }

    /// The digests of the layers, from the lowest to the topmost; `None` where one cannot be verified.
    pub(super) fn layers(&self) -> Option<Vec<Digest>> {
        self.layers.iter().flatten().map(|layer| layer.digest.0.parse().ok()).collect()
    }

    pub(super) fn into_value(self) -> Value {
        let mut members = vec![
            ("schemaVersion", Value::from(self.schema_version)),
            ("mediaType", Value::from(self.media_type)),
            ("config", self.config.into_value()),
            ("layers", list(self.layers)),
            ("annotations", annotations(self.annotations)),
        ];
        members.extend(self.subject.map(|subject| ("subject", subject.into_value())));
        object(members)
    }
}

impl ImageIndex {
    /// The index, or `None` where the manifest is an image or the bytes are something else.
    pub(super) fn parse(manifest: &Manifest) -> Option<Self> {
        if is_image(&manifest.media_type) || is_schema_1(&manifest.media_type) {
            None
        } else {
            serde_json::from_slice(&manifest.bytes).ok()
        }
    }

    /// The first image for linux/amd64; a descriptor without a platform counts as that.
    pub(super) fn linux_amd64(&self) -> Option<Digest> {
        let fits = |descriptor: &&Descriptor| descriptor.platform.as_ref().is_none_or(|p| p.os == "linux" && p.architecture == "amd64");
        self.manifests.iter().flatten().find(fits)?.digest.0.parse().ok()
    }

    pub(super) fn into_value(self) -> Value {
        let mut members = vec![
            ("schemaVersion", Value::from(self.schema_version)),
            ("mediaType", Value::from(self.media_type)),
            ("manifests", list(self.manifests)),
            ("annotations", annotations(self.annotations)),
        ];
        members.extend(self.subject.map(|subject| ("subject", subject.into_value())));
        object(members)
    }
}

impl Descriptor {
    fn into_value(self) -> Value {
        let mut members = vec![
            ("mediaType", Value::from(self.media_type)),
            ("size", Value::from(self.size)),
            ("digest", Value::from(self.digest.0)),
            ("data", Value::from(self.data)),
            ("urls", texts(self.urls)),
            ("annotations", annotations(self.annotations)),
            ("artifactType", Value::from(self.artifact_type)),
        ];
        members.extend(self.platform.map(|platform| ("platform", platform.into_value())));
        object(members)
    }
}

impl Platform {
    fn into_value(self) -> Value {
        object([
            ("architecture", Value::from(self.architecture)),
            ("os", Value::from(self.os)),
            ("os.version", Value::from(self.os_version)),
            ("os.features", texts(self.os_features)),
            ("variant", Value::from(self.variant)),
            ("features", texts(self.features)),
        ])
    }
}

/// The descriptor of a fetched manifest: what was hashed, not what was said.
pub(super) fn descriptor_of(manifest: &Manifest) -> Value {
    Descriptor {
        media_type: manifest.media_type.clone(),
        size: i64::try_from(manifest.bytes.len()).unwrap_or(i64::MAX),
        digest: Hash(manifest.digest.to_string()),
        ..Descriptor::default()
    }
    .into_value()
}

/// One entry of `ec.oci.image_referrers`.
pub(super) fn referrer(repository: &Repository, descriptor: &oci::Descriptor) -> Value {
    object([
        ("mediaType", Value::from(descriptor.media_type.as_str())),
        ("size", Value::from(descriptor.size)),
        ("digest", Value::from(descriptor.digest.as_str())),
        ("artifactType", Value::from(descriptor.artifact_type.as_deref().unwrap_or_default())),
        ("ref", Value::from(format!("{repository}@{}", descriptor.digest))),
        ("annotations", annotations(descriptor.annotations.clone())),
    ])
}

fn object(members: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::from(members.into_iter().map(|(name, value)| (Value::from(name), value)).collect::<BTreeMap<_, _>>())
}

fn list(descriptors: Option<Vec<Descriptor>>) -> Value {
    Value::from(descriptors.into_iter().flatten().map(Descriptor::into_value).collect::<Vec<_>>())
}

fn texts(texts: Option<Vec<String>>) -> Value {
    Value::from(texts.into_iter().flatten().map(Value::from).collect::<Vec<_>>())
}

fn annotations(annotations: Option<BTreeMap<String, String>>) -> Value {
    Value::from(annotations.into_iter().flatten().map(|(name, value)| (Value::from(name), Value::from(value))).collect::<BTreeMap<_, _>>())
}

/// `data` travels as base64 and is given as the text it encodes.
mod base64_text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize as _, Deserializer, de::Error as _};

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
        let bytes = STANDARD.decode(text).map_err(D::Error::custom)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
