//! Where fixtures and conformance data are, and how an OCI layout's attachments are read from disk, as they lie there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::oci::Digest;
use crate::verify::evidence::{BundleEvidence, LegacyLayer};
use crate::verify::{IdentityMatcher, LogRequirement, Matcher, PublicKey, Question, Signer, VerifyRequest};

/// The project's own fixtures, else those beside it.
pub(super) fn fixtures(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    found([root.join("fixtures").join(name), root.join("../shared/fixtures").join(name)].into(), name)
}

/// Conformance data from elsewhere.
pub(super) fn conformance(name: &str) -> Option<PathBuf> {
    let given = std::env::var_os("VIDIMUS_CONFORMANCE_DIR").map(|dir| Path::new(&dir).join(name));
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance").join(name);
    found(given.into_iter().chain([beside]).collect(), name)
}

#[expect(clippy::print_stderr, reason = "data that is absent must be told aloud")]
fn found(candidates: Vec<PathBuf>, name: &str) -> Option<PathBuf> {
    let found = candidates.into_iter().find(|dir| dir.is_dir());
    if found.is_none() {
        eprintln!("SKIPPED: `{name}` is not here");
    }
    found
}

pub(super) fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

/// A public key in a PEM file.
pub(super) fn key(pem: &str) -> Option<PublicKey> {
    PublicKey::from_pem(pem).ok()
}

pub(super) fn exact(text: &str) -> Vec<Matcher> {
    vec![Matcher::Exact(text.to_owned())]
}

pub(super) fn by_identity(identity: &str, issuer: &str) -> Signer {
    Signer::Identity(IdentityMatcher { identity: exact(identity), issuer: exact(issuer) })
}

pub(super) fn required() -> LogRequirement {
    LogRequirement::Required { log_key: None, search: None }
}

pub(super) fn request(image: &Digest, signer: Signer, log: LogRequirement) -> VerifyRequest {
    let image = format!("registry.example/image@{image}").parse().unwrap();
    VerifyRequest { image, question: Question::Image, signer, log }
}

/// An OCI layout on disk.
pub(super) struct Layout(pub(super) PathBuf);

impl Layout {
    fn json(&self, file: impl AsRef<Path>) -> Option<Value> {
        serde_json::from_str(&std::fs::read_to_string(self.0.join(file)).ok()?).ok()
    }

    fn blob(&self, descriptor: &Value) -> Option<Vec<u8>> {
        std::fs::read(self.0.join("blobs/sha256").join(descriptor["digest"].as_str()?.strip_prefix("sha256:")?)).ok()
    }

    /// The manifest with a tag, or with a `kind` annotation.
    fn named(&self, name: &str) -> Option<Value> {
        let index = self.json("index.json")?;
        let tagged = index["manifests"].as_array()?.iter().find(|manifest| {
            let annotations = &manifest["annotations"];
            annotations["org.opencontainers.image.ref.name"] == name || annotations["kind"] == name
        })?;
        serde_json::from_slice(&self.blob(tagged)?).ok()
    }

    /// The layers of the manifest `name` whose blobs are there.
    pub(super) fn layers(&self, name: &str) -> Vec<LegacyLayer> {
        let manifest = self.named(name).unwrap_or_default();
        let layers = manifest["layers"].as_array().cloned().unwrap_or_default();
        layers.iter().filter_map(|descriptor| self.layer(descriptor)).collect()
    }

    fn layer(&self, descriptor: &Value) -> Option<LegacyLayer> {
        let annotations = descriptor["annotations"].as_object().into_iter().flatten();
        Some(LegacyLayer {
            media_type: descriptor["mediaType"].as_str()?.to_owned(),
            payload: self.blob(descriptor)?.into(),
            annotations: annotations.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect::<BTreeMap<_, _>>(),
        })
    }

    /// The bundles among the referrers of `image`.
    pub(super) fn bundles(&self, image: &Digest) -> Vec<BundleEvidence> {
        let index = self.named(&format!("sha256-{}", image.hex())).unwrap_or_default();
        let referrers = index["manifests"].as_array().cloned().unwrap_or_default();
        let bundle = |descriptor: &Value| {
            let manifest: Value = serde_json::from_slice(&self.blob(descriptor)?).ok()?;
            let [layer] = manifest["layers"].as_array()?.as_slice() else { return None };
            let bundle = layer["mediaType"].as_str()?.starts_with("application/vnd.dev.sigstore.bundle");
            bundle.then(|| self.blob(layer)).flatten().map(|json| BundleEvidence { json: json.into() })
        };
        referrers.iter().filter_map(bundle).collect()
    }
}
