//! What every fuzz target does with its input: puts it where a hostile registry would, and asks about an image that no seed
//! is about. An answer that is a success is therefore a flaw, whatever the input.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vidimus::oci::{Budget, Descriptor, Digest, ImageRef, ImageSource, Manifest, Pointer, Repository, SourceError, SourceFuture};
use vidimus::verify::{
    IdentityMatcher, LogRequirement, Matcher, NoKeyReferences, Question, Signer, SignerOptions, Trust, Verifier, VerifierConfig,
    VerifyRequest,
};
use vidimus_wasm_host::text::{Terms, ValueText, read};

const ROOT: &str = include_str!("../../fixtures/keyless/trusted_root.json");
const KEY: &str = include_str!("../../fixtures/keyless/keys/release.pub");
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const DSSE: &str = "application/vnd.dsse.envelope.v1+json";
const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

/// A target: takes any bytes and tells whether something was accepted.
pub type Target = fn(&[u8]) -> bool;

/// All targets, by the names of their seeds' folders.
pub const TARGETS: [(&str, Target); 8] = [
    ("options", options),
    ("reference", reference),
    ("bundle", bundle),
    ("legacy", legacy),
    ("dsse", dsse),
    ("simple_signing", simple_signing),
    ("manifest", manifest),
    ("guest_text", guest_text),
];

/// What a WebAssembly policy hands over: an address, and the memory that it points into. True where what was read is another
/// value when it is written and read again.
#[must_use]
pub fn guest_text(data: &[u8]) -> bool {
    let Some((address, memory)) = data.split_first_chunk::<2>() else { return false };
    let Ok(text) = vidimus_wasm_host::text::in_memory(memory, i16::from_le_bytes(*address).into(), 4096) else { return false };
    let Ok(term) = read(text, 64, &mut Terms) else { return false };
    let written = ValueText::of(&term);
    ValueText::new(text, 64).is_err() || read(written.as_str(), 64, &mut Terms) != Ok(term)
}

/// A place whose contents are what the input makes them.
#[derive(Debug, Default)]
struct Shelf(Mutex<Contents>);

#[derive(Debug, Default)]
struct Contents {
    tags: HashMap<String, Vec<u8>>,
    manifests: HashMap<Digest, Vec<u8>>,
    blobs: HashMap<Digest, Vec<u8>>,
    referrers: Vec<Descriptor>,
}

impl Contents {
    fn blob(&mut self, media_type: &str, bytes: &[u8]) -> Value {
        let digest = Digest::of(bytes);
        self.blobs.insert(digest, bytes.to_vec());
        json!({"mediaType": media_type, "digest": digest.to_string(), "size": bytes.len()})
    }

    fn attach(&mut self, suffix: &str, manifest: &[u8]) {
        self.tags.insert(format!("sha256-{}.{suffix}", image().hex()), manifest.to_vec());
    }
}

impl ImageSource for Shelf {
    fn manifest<'a>(&'a self, _: &'a Repository, pointer: &'a Pointer, _: &'a Budget) -> SourceFuture<'a, Option<Manifest>> {
        let contents = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let bytes = match pointer {
            Pointer::Digest(digest) => contents.manifests.get(digest),
            Pointer::Tag(tag) => contents.tags.get(tag),
        };
        let found =
            bytes.map(|bytes| Manifest { media_type: MANIFEST.to_owned(), digest: Digest::of(bytes), bytes: bytes.as_slice().into() });
        Box::pin(async { Ok(found) })
    }

    fn blob<'a>(&'a self, _: &'a Repository, digest: &'a Digest, max: u64, _: &'a Budget) -> SourceFuture<'a, Arc<[u8]>> {
        let contents = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let found = contents.blobs.get(digest).filter(|blob| blob.len() as u64 <= max).map(|blob| Arc::from(blob.as_slice()));
        Box::pin(async { found.ok_or(SourceError::Absent { what: "blob".to_owned() }) })
    }

    fn referrers<'a>(&'a self, _: &'a Repository, _: &'a Digest, _: &'a Budget) -> SourceFuture<'a, Vec<Descriptor>> {
        let found = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).referrers.clone();
        Box::pin(async { Ok(found) })
    }
}

/// The image that is asked about; no seed is about it.
fn image() -> Digest {
    Digest::of(b"an image that nobody signed")
}

/// A place and who asks there.
fn place() -> (Arc<Shelf>, Verifier) {
    let shelf = Arc::new(Shelf::default());
    let source: Arc<dyn ImageSource> = Arc::<Shelf>::clone(&shelf);
    let trust = Trust::from_json(ROOT).expect("the root of the fixtures");
    (shelf, Verifier::new(source, trust, VerifierConfig::default()).expect("threads"))
}

thread_local! {
    static PLACE: (Arc<Shelf>, Verifier) = place();
}

/// Whether the contents make anybody's question about the image a success.
fn accepted(contents: Contents, questions: &[Question]) -> bool {
    PLACE.with(|(shelf, verifier)| asked(shelf, verifier, contents, questions))
}

fn asked(shelf: &Shelf, verifier: &Verifier, contents: Contents, questions: &[Question]) -> bool {
    *shelf.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = contents;
    let any = || vec![Matcher::Pattern(".*".to_owned())];
    let anybody = Signer::Identity(IdentityMatcher { identity: any(), issuer: any() });
    let (key, _) = SignerOptions { public_key: KEY.to_owned(), ..SignerOptions::default() }
        .resolve(&NoKeyReferences)
        .expect("the key of the fixtures");
    let required = LogRequirement::Required { log_key: None, search: None };
    let mut found = false;
    for question in questions.iter().copied() {
        for (signer, log) in [(&anybody, &required), (&key, &required), (&key, &LogRequirement::Ignored)] {
            let image = format!("registry.example/fuzz@{}", image()).parse().expect("a reference");
            let request = VerifyRequest { image, question, signer: signer.clone(), log: log.clone() };
            found |= verifier.verify(&request, Instant::now() + Duration::from_mins(1)).is_ok();
        }
    }
    found
}

/// Options as JSON, the way a policy writes them: resolving them never reads a file, the environment or a network.
pub fn options(data: &[u8]) -> bool {
    let Ok(json) = serde_json::from_slice::<Value>(data) else { return false };
    let text = |name: &str| json.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let options = SignerOptions {
        public_key: text("public_key"),
        certificate_identity: text("certificate_identity"),
        certificate_identity_regexp: text("certificate_identity_regexp"),
        certificate_oidc_issuer: text("certificate_oidc_issuer"),
        certificate_oidc_issuer_regexp: text("certificate_oidc_issuer_regexp"),
        ignore_rekor: json.get("ignore_rekor") == Some(&Value::Bool(true)),
        rekor_url: text("rekor_url"),
        rekor_public_key: text("rekor_public_key"),
    };
    // A signer that wants nobody in particular would be an acceptance in waiting.
    match options.resolve(&NoKeyReferences) {
        Ok((Signer::Identity(wanted), _)) => wanted.identity.is_empty() || wanted.issuer.is_empty(),
        _ => false,
    }
}

/// A reference: what is read prints as what reads the same.
pub fn reference(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else { return false };
    let Ok(image) = text.parse::<ImageRef>() else { return false };
    image.to_string().parse::<ImageRef>().as_ref() != Ok(&image)
}

/// A bundle on a referrer.
pub fn bundle(data: &[u8]) -> bool {
    let mut contents = Contents::default();
    let layer = contents.blob(BUNDLE, data);
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": {}, "layers": [layer]}).to_string().into_bytes();
    let digest = Digest::of(&manifest);
    let size = i64::try_from(manifest.len()).unwrap_or(i64::MAX);
    contents.manifests.insert(digest, manifest);
    let descriptor = json!({"mediaType": MANIFEST, "digest": digest.to_string(), "size": size, "artifactType": BUNDLE});
    contents.referrers = vec![serde_json::from_value(descriptor).expect("a descriptor")];
    accepted(contents, &[Question::Image])
}

/// A layer's annotations and its payload, as `{"payload": .., "annotations": {..}}`.
pub fn legacy(data: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Layer {
        payload: String,
        annotations: BTreeMap<String, String>,
    }
    let Ok(layer) = serde_json::from_slice::<Layer>(data) else { return false };
    let mut contents = Contents::default();
    for (suffix, media_type) in [("sig", SIMPLE_SIGNING), ("att", DSSE)] {
        let mut descriptor = contents.blob(media_type, layer.payload.as_bytes());
        descriptor["annotations"] = json!(layer.annotations);
        contents.attach(suffix, &layers(&[descriptor]));
    }
    accepted(contents, &[Question::Image, Question::Attestation])
}

/// The bytes of an attestation's layer.
pub fn dsse(data: &[u8]) -> bool {
    let mut contents = Contents::default();
    let mut descriptor = contents.blob(DSSE, data);
    descriptor["annotations"] = json!({"dev.cosignproject.cosign/signature": ""});
    contents.attach("att", &layers(&[descriptor]));
    accepted(contents, &[Question::Attestation])
}

/// The bytes of a signature's layer.
pub fn simple_signing(data: &[u8]) -> bool {
    let mut contents = Contents::default();
    let mut descriptor = contents.blob(SIMPLE_SIGNING, data);
    descriptor["annotations"] = json!({"dev.cosignproject.cosign/signature": "MEUCIQ=="});
    contents.attach("sig", &layers(&[descriptor]));
    accepted(contents, &[Question::Image])
}

/// A manifest of signatures, of attestations, and of a referrer.
pub fn manifest(data: &[u8]) -> bool {
    let mut contents = Contents::default();
    contents.attach("sig", data);
    contents.attach("att", data);
    let digest = Digest::of(data);
    let size = i64::try_from(data.len()).unwrap_or(i64::MAX);
    contents.manifests.insert(digest, data.to_vec());
    let descriptor = json!({"mediaType": MANIFEST, "digest": digest.to_string(), "size": size, "artifactType": BUNDLE});
    contents.referrers = vec![serde_json::from_value(descriptor).expect("a descriptor")];
    accepted(contents, &[Question::Image, Question::Attestation])
}

fn layers(descriptors: &[Value]) -> Vec<u8> {
    json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": {}, "layers": descriptors}).to_string().into_bytes()
}
