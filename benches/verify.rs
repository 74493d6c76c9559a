//! Verifications per second and core of each form, the whole way (source in memory, nothing remembered), against
//! `sigstore-verify` alone on the same bundle, against the sum of the raw signature checks it needs, and against a trusted
//! root read anew each time. Everything is measured in this run, as time on processors; what is compared takes turns, so that
//! a busy machine slows both.
//!
//! `cargo bench --bench verify [-- ROUNDS] [FORM ...]` (2000 and every form where nothing is said).

#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench says what it measured")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature as alg;
use aws_lc_rs::signature::{EcdsaKeyPair, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, KeyPair as _, ParsedPublicKey};
use serde_json::Value;
use sigstore_trust_root::TrustedRoot;
use sigstore_types::{Bundle, Sha256Hash};
use vidimus::memo::Mode;
use vidimus::oci::{Budget, Descriptor, Digest, ImageRef, ImageSource, Manifest, Pointer, Repository, SourceError, SourceFuture};
use vidimus::verify::{NoKeyReferences, Question, SignerOptions, Trust, Verifier, VerifierConfig, VerifyRequest};

/// In how many batches what is compared takes turns.
const TURNS: u32 = 40;
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/keyless")
}

/// A layout, read once.
#[derive(Debug)]
struct Shelf {
    blobs: std::collections::HashMap<String, Vec<u8>>,
    tags: std::collections::HashMap<String, String>,
}

impl Shelf {
    fn read(name: &str) -> Self {
        let folder = fixtures().join("registry/registry.example/keyless").join(name);
        let files = std::fs::read_dir(folder.join("blobs/sha256")).unwrap().map(|file| file.unwrap().path());
        let named = |path: PathBuf| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(&path).unwrap());
        let index: Value = serde_json::from_slice(&std::fs::read(folder.join("index.json")).unwrap()).unwrap();
        let tag = |entry: &Value| {
            let name = entry["annotations"]["org.opencontainers.image.ref.name"].as_str().unwrap().to_owned();
            (name, entry["digest"].as_str().unwrap().replace("sha256:", ""))
        };
        Self { blobs: files.map(named).collect(), tags: index["manifests"].as_array().unwrap().iter().map(tag).collect() }
    }
}

impl ImageSource for Shelf {
    fn manifest<'a>(&'a self, _: &'a Repository, pointer: &'a Pointer, _: &'a Budget) -> SourceFuture<'a, Option<Manifest>> {
        let bytes = match pointer {
            Pointer::Digest(digest) => self.blobs.get(&digest.hex()),
            Pointer::Tag(tag) => self.tags.get(tag).and_then(|digest| self.blobs.get(digest)),
        };
        let found = bytes.map(|b| Manifest { media_type: MANIFEST.to_owned(), digest: Digest::of(b), bytes: b.as_slice().into() });
        Box::pin(async { Ok(found) })
    }

    fn blob<'a>(&'a self, _: &'a Repository, digest: &'a Digest, _: u64, _: &'a Budget) -> SourceFuture<'a, Arc<[u8]>> {
        let found = self.blobs.get(&digest.hex()).filter(|blob| Digest::of(blob) == *digest).map(|blob| Arc::from(blob.as_slice()));
        Box::pin(async { found.ok_or(SourceError::Absent { what: "blob".to_owned() }) })
    }

    fn referrers<'a>(&'a self, _: &'a Repository, subject: &'a Digest, _: &'a Budget) -> SourceFuture<'a, Vec<Descriptor>> {
        let index = self.tags.get(&format!("sha256-{}", subject.hex())).and_then(|digest| self.blobs.get(digest));
        let index: Value = index.map(|bytes| serde_json::from_slice(bytes).unwrap()).unwrap_or_default();
        let found = index["manifests"].as_array().into_iter().flatten().map(|entry| serde_json::from_value(entry.clone()).unwrap());
        let found = found.collect();
        Box::pin(async { Ok(found) })
    }
}

fn root() -> String {
    std::fs::read_to_string(fixtures().join("trusted_root.json")).unwrap()
}

/// What one call of each costs on processors, over many batches that take turns.
fn compared<const N: usize>(rounds: u32, mut works: [&mut dyn FnMut(); N]) -> [Duration; N] {
    let batch = (rounds / TURNS).max(1);
    let mut spent = [Duration::ZERO; N];
    for _ in 0..TURNS {
        for (spent, work) in spent.iter_mut().zip(&mut works) {
            let before = processor_time();
            (0..batch).for_each(|_| work());
            *spent += processor_time().saturating_sub(before);
        }
    }
    spent.map(|spent| spent / (TURNS * batch))
}

/// Time that all threads of this process have run so far; where the system does not tell, the time on the clock.
fn processor_time() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let ran = threads.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
    });
    match ran.sum() {
        Duration::ZERO => START.get_or_init(Instant::now).elapsed(),
        ran => ran,
    }
}

/// A raw signature check with a key that is read each time, as a verifier must.
fn raw(signing: &'static EcdsaSigningAlgorithm, checking: &'static EcdsaVerificationAlgorithm) -> impl Fn() {
    let key = EcdsaKeyPair::generate(signing).unwrap();
    let signature = key.sign(&SystemRandom::new(), &[7; 256]).unwrap();
    let public = key.public_key().as_ref().to_vec();
    move || ParsedPublicKey::new(checking, &public).unwrap().verify_sig(&[7; 256], signature.as_ref()).unwrap()
}

/// A form of evidence, and the raw checks that it takes: P-384 and P-256.
const FORMS: [(&str, u32, u32); 10] = [
    ("ok-bundle-sign", 1, 4),
    ("ok-bundle-rekor2-timestamp", 3, 3),
    ("ok-sig-keyless", 1, 3),
    ("ok-att-dsse", 1, 3),
    ("ok-att-intoto001", 1, 3),
    ("ok-att-intoto002", 1, 3),
    ("ok-key-bundle-tlog", 0, 3),
    ("ok-key-bundle-ignore-rekor", 0, 1),
    ("ok-key-sig-tlog", 0, 2),
    ("ok-key-sig-ignore-rekor", 0, 1),
];

fn request(name: &str) -> VerifyRequest {
    let cases: Value = serde_json::from_slice(&std::fs::read(fixtures().join("cases.json")).unwrap()).unwrap();
    let case = cases["cases"].as_array().unwrap().iter().find(|case| case["name"] == name).unwrap();
    let text = |name: &str| case["options"][name].as_str().unwrap_or_default().to_owned();
    let key = case["options"]["public_key"].as_str().map(|file| std::fs::read_to_string(fixtures().join("keys").join(file)).unwrap());
    let options = SignerOptions {
        public_key: key.unwrap_or_default(),
        certificate_identity: text("certificate_identity"),
        certificate_oidc_issuer: text("certificate_oidc_issuer"),
        ignore_rekor: case["options"]["ignore_rekor"] == true,
        ..SignerOptions::default()
    };
    let (signer, log) = options.resolve(&NoKeyReferences).unwrap();
    let image: ImageRef = case["ref"].as_str().unwrap().parse().unwrap();
    let question = if case["what"] == "image" { Question::Image } else { Question::Attestation };
    VerifyRequest { image, question, signer, log }
}

/// `sigstore-verify` on the bundle of `name`, from its JSON on.
fn alone(name: &str, image: &ImageRef) -> impl FnMut() {
    let shelf = Shelf::read(name);
    let bundle = shelf.blobs.into_values().find(|b| b.starts_with(b"{") && b.windows(20).any(|w| w == b"verificationMaterial")).unwrap();
    let (json, image) = (String::from_utf8(bundle).unwrap(), *image.digest().as_bytes());
    let verifier = sigstore_verify::Verifier::new(&TrustedRoot::from_json(&root()).unwrap()).unwrap();
    let policy = sigstore_verify::VerificationPolicy::any_identity();
    move || {
        let bundle = Bundle::from_json(&json).unwrap();
        verifier.verify(Sha256Hash::new(image), &bundle, &policy).unwrap();
    }
}

fn verifier(name: &str, trust: Trust) -> Verifier {
    let config = VerifierConfig { mode: Mode::Off, ..VerifierConfig::default() };
    Verifier::new(Arc::new(Shelf::read(name)), trust, config).unwrap()
}

/// The whole way through a verifier that can remember nothing.
fn whole<'a>(verifier: &'a Verifier, request: &'a VerifyRequest) -> impl FnMut() + 'a {
    || drop(verifier.verify(request, Instant::now() + Duration::from_secs(10)).unwrap())
}

fn main() {
    let rounds = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(2000);
    let p256 = raw(&alg::ECDSA_P256_SHA256_ASN1_SIGNING, &alg::ECDSA_P256_SHA256_ASN1);
    let p384 = raw(&alg::ECDSA_P384_SHA384_ASN1_SIGNING, &alg::ECDSA_P384_SHA384_ASN1);
    let [small, large] = compared(rounds, [&mut || p256(), &mut || p384()]);
    println!("raw checks: P-256 {small:?}, P-384 {large:?}");
    let wanted: Vec<String> = std::env::args().filter(|argument| argument.starts_with("ok-")).collect();
    for (name, large, small) in FORMS.into_iter().filter(|form| wanted.is_empty() || wanted.iter().any(|name| name == form.0)) {
        let request = request(name);
        let (verifier, json) = (verifier(name, Trust::from_json(&root()).unwrap()), root());
        let mut checks = || {
            (0..large).for_each(|_| p384());
            (0..small).for_each(|_| p256());
        };
        let mut fresh = || drop(Trust::from_json(&json).unwrap());
        let [ours, floor, fresh] = compared(rounds, [&mut whole(&verifier, &request), &mut checks, &mut fresh]);
        assert_eq!(verifier.stats().memo.hits, 0, "a bench of verifications must verify");
        let ratio = |ours: Duration, other: Duration| ours.as_secs_f64() / other.as_secs_f64();
        print!("{name}: {ours:?}, {:.0}/s; floor {floor:?}, {:.2}x of it", 1.0 / ours.as_secs_f64(), ratio(ours, floor));
        print!("; with a fresh root {:.2}x", ratio(ours + fresh, ours));
        if name.starts_with("ok-bundle") {
            let [ours, alone] = compared(rounds, [&mut whole(&verifier, &request), &mut alone(name, &request.image)]);
            print!("; sigstore-verify alone {alone:?}, {:.2}x of it", ratio(ours, alone));
        }
        println!();
    }
}
