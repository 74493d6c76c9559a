//! What signs for tests: keys of every kind, and what cosign makes with them, as bytes to put anywhere.

mod key;
mod layout_dir;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub(crate) use key::{TestKey, pem};
pub(crate) use layout_dir::LayoutDir;

use super::TestRegistry;

pub(crate) const IMAGE_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const IMAGE_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
pub(crate) const IN_TOTO: &str = "application/vnd.in-toto+json";
pub(crate) const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
pub(crate) const DSSE: &str = "application/vnd.dsse.envelope.v1+json";
pub(crate) const SIGNATURE: &str = "dev.cosignproject.cosign/signature";

/// A place that signed things are put in.
pub(crate) trait Shelf {
    /// Stores a blob and gives its digest.
    fn blob(&self, repository: &str, bytes: &[u8]) -> String;
    /// Stores a manifest, under `tag` where one is given, and gives its digest.
    fn manifest(&self, repository: &str, tag: Option<&str>, manifest: (&str, &[u8])) -> String;
}

impl Shelf for TestRegistry {
    fn blob(&self, repository: &str, bytes: &[u8]) -> String {
        self.push_blob(repository, bytes)
    }

    fn manifest(&self, repository: &str, tag: Option<&str>, manifest: (&str, &[u8])) -> String {
        self.push_manifest(repository, tag, manifest)
    }
}

/// One layer of a `.sig` or `.att` manifest, and what its descriptor says of it.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub(crate) media_type: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) annotations: BTreeMap<String, String>,
    /// Members of the descriptor that are not as they should be.
    pub(crate) lies: Value,
    /// Whether the blob is there.
    pub(crate) stored: bool,
}

impl Layer {
    pub(crate) fn new(media_type: &str, payload: Vec<u8>) -> Self {
        Self { media_type: media_type.to_owned(), payload, annotations: BTreeMap::new(), lies: json!({}), stored: true }
    }

    /// A simple signing payload and the signature over it.
    pub(crate) fn signed(key: &TestKey, payload: &[u8]) -> Self {
        Self::new(SIMPLE_SIGNING, payload.to_vec()).annotated(SIGNATURE, &STANDARD.encode(key.sign(payload)))
    }

    /// The signature of an image.
    pub(crate) fn of_image(key: &TestKey, image: &str) -> Self {
        Self::signed(key, &simple_signing(image))
    }

    /// An attestation.
    pub(crate) fn of_statement(key: &TestKey, statement: &Value) -> Self {
        let envelope = envelope(&[key], IN_TOTO, statement.to_string().as_bytes());
        Self::new(DSSE, envelope.to_string().into_bytes()).annotated(SIGNATURE, "")
    }

    pub(crate) fn annotated(mut self, name: &str, text: &str) -> Self {
        self.annotations.insert(name.to_owned(), text.to_owned());
        self
    }

    pub(crate) fn lying(mut self, lies: Value) -> Self {
        self.lies = lies;
        self
    }

    pub(crate) fn missing(mut self) -> Self {
        self.stored = false;
        self
    }
}

/// Puts an image with a unique `name` in its configuration; gives its digest.
pub(crate) fn push_image(shelf: &impl Shelf, repository: &str, name: &str) -> String {
    let manifest = json!({"schemaVersion": 2, "mediaType": IMAGE_MANIFEST, "config": {}, "layers": [], "annotations": {"name": name}});
    shelf.manifest(repository, Some(name), (IMAGE_MANIFEST, manifest.to_string().as_bytes()))
}

/// Puts `layers` at the tag of `image` that ends in `suffix` (`sig`, `att`).
pub(crate) fn push_legacy(shelf: &impl Shelf, repository: &str, at: (&str, &str), layers: &[Layer]) {
    let (image, suffix) = at;
    let descriptors: Vec<_> = layers.iter().map(|layer| descriptor(shelf, repository, layer)).collect();
    let manifest = json!({"schemaVersion": 2, "mediaType": IMAGE_MANIFEST, "config": {}, "layers": descriptors});
    let tag = format!("{}.{suffix}", image.replace(':', "-"));
    shelf.manifest(repository, Some(&tag), (IMAGE_MANIFEST, manifest.to_string().as_bytes()));
}

/// Puts a manifest with `layers` that refers to `image`; gives the descriptor that belongs in the list of referrers.
pub(crate) fn push_referrer(shelf: &impl Shelf, repository: &str, image: &str, layers: &[Layer]) -> Value {
    let descriptors: Vec<_> = layers.iter().map(|layer| descriptor(shelf, repository, layer)).collect();
    let manifest = json!({
        "schemaVersion": 2, "mediaType": IMAGE_MANIFEST, "artifactType": BUNDLE, "config": {}, "layers": descriptors,
        "subject": {"mediaType": IMAGE_MANIFEST, "digest": image, "size": 1},
    })
    .to_string();
    let digest = shelf.manifest(repository, None, (IMAGE_MANIFEST, manifest.as_bytes()));
    json!({"mediaType": IMAGE_MANIFEST, "digest": digest, "size": manifest.len(), "artifactType": BUNDLE})
}

/// Puts a bundle beside `image`.
pub(crate) fn push_bundle(shelf: &impl Shelf, repository: &str, image: &str, bundle: &Value) -> Value {
    push_referrer(shelf, repository, image, &[Layer::new(BUNDLE, bundle.to_string().into_bytes())])
}

/// Puts the list of referrers at the fallback tag, for places without the referrers API.
pub(crate) fn push_fallback(shelf: &impl Shelf, repository: &str, image: &str, referrers: &[Value]) {
    let index = json!({"schemaVersion": 2, "mediaType": IMAGE_INDEX, "manifests": referrers}).to_string();
    shelf.manifest(repository, Some(&image.replace(':', "-")), (IMAGE_INDEX, index.as_bytes()));
}

fn descriptor(shelf: &impl Shelf, repository: &str, layer: &Layer) -> Value {
    let digest = if layer.stored { shelf.blob(repository, &layer.payload) } else { digest_of(&layer.payload) };
    let mut descriptor = json!({"mediaType": layer.media_type, "digest": digest, "size": layer.payload.len()});
    if !layer.annotations.is_empty() {
        descriptor["annotations"] = json!(layer.annotations);
    }
    for (name, lie) in layer.lies.as_object().unwrap() {
        descriptor[name] = lie.clone();
    }
    descriptor
}

pub(crate) fn digest_of(bytes: &[u8]) -> String {
    vidimus::oci::Digest::of(bytes).to_string()
}

/// What cosign signs for an image, in its form.
pub(crate) fn simple_signing(image: &str) -> Vec<u8> {
    let critical = json!({
        "identity": {"docker-reference": "registry.example/anywhere"},
        "image": {"docker-manifest-digest": image},
        "type": "cosign container image signature",
    });
    json!({"critical": critical, "optional": null}).to_string().into_bytes()
}

/// An in-toto statement about `image`.
pub(crate) fn statement(image: &str, predicate_type: &str) -> Value {
    let hex = image.strip_prefix("sha256:").unwrap();
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "image", "digest": {"sha256": hex}}],
        "predicateType": predicate_type,
        "predicate": {"made": "for a test"},
    })
}

/// A DSSE envelope with a signature of each of `keys`.
pub(crate) fn envelope(keys: &[&TestKey], payload_type: &str, payload: &[u8]) -> Value {
    let mut signed = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    signed.extend_from_slice(payload);
    let signatures: Vec<_> = keys.iter().map(|key| json!({"sig": STANDARD.encode(key.sign(&signed))})).collect();
    json!({"payload": STANDARD.encode(payload), "payloadType": payload_type, "signatures": signatures})
}

/// A bundle of version 0.3 around `statement`.
pub(crate) fn bundle(key: &TestKey, statement: &Value) -> Value {
    bundle_around(&envelope(&[key], IN_TOTO, statement.to_string().as_bytes()))
}

/// A bundle of version 0.3 around an envelope.
pub(crate) fn bundle_around(envelope: &Value) -> Value {
    json!({"mediaType": BUNDLE, "verificationMaterial": {"publicKey": {"hint": "test"}}, "dsseEnvelope": envelope})
}
