//! `ec.*` as policies call them, against a registry in this process: what upstream answers, and what hostile content must not do.

mod answers;
mod archives;
mod content;
mod mocks;
mod operands;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use vidimus::verify::Trust;
use vidimus::{CompileOptions, Component, Engine, EngineConfig, EvaluateOptions, Evaluation};

use crate::testkit::TestRegistry;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A registry with an image, and what refers to it.
struct Scene {
    registry: TestRegistry,
    /// Digests by name: `image`, `index`, `layer`, `config`, `text`.
    digests: std::collections::BTreeMap<&'static str, String>,
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A tar archive of these files.
fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

/// The manifest of an image with these layers.
fn manifest(config: &str, layers: &[&str]) -> String {
    let layers: Vec<Value> = layers
        .iter()
        .map(|digest| json!({"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest, "size": 9}))
        .collect();
    let config = json!({"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": 2});
    json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}).to_string()
}

impl Scene {
    fn new() -> Self {
        let registry = TestRegistry::start();
        let layer = registry.push_blob("acme/app", &gzip(&tar(&[("m/a.yaml", b"k: 1"), ("m/b.json", b"[2]"), ("m/c.txt", b"x")])));
        let config = registry.push_blob("acme/app", b"{}");
        let text = registry.push_blob("acme/app", b"{\"a\": [1]}");
        let image = registry.push_manifest("acme/app", Some("v1"), (MANIFEST, manifest(&config, &[&layer]).as_bytes()));
        let entry = json!({"mediaType": MANIFEST, "digest": image, "size": 9, "platform": {"os": "linux", "architecture": "amd64"}});
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}).to_string();
        let index = registry.push_manifest("acme/app", Some("multi"), (INDEX, index.as_bytes()));
        registry.push_manifest("acme/app", Some(&(image.replace(':', "-") + ".sig")), (MANIFEST, manifest(&config, &[&text]).as_bytes()));
        let digests = [("image", image), ("index", index), ("layer", layer), ("config", config), ("text", text)];
        Self { registry, digests: digests.into_iter().collect() }
    }

    /// The reference of something by its name, or by a digest.
    fn at(&self, what: &str) -> String {
        let digest = self.digests.get(what).map_or(what, String::as_str);
        format!("{}/acme/app@{digest}", self.registry.host())
    }
}

/// Evaluates a query that calls a builtin. What a registry in this process cannot answer within a minute is stuck.
fn ask(query: &str, input: &Value) -> Evaluation {
    let engine = Engine::new(EngineConfig::new(Arc::new(super::engine::network()), Trust::public_good().unwrap())).unwrap();
    let options = CompileOptions { query: Some(query.to_owned()), ..CompileOptions::default() };
    let policy = engine.compile(&[], &options).unwrap();
    policy.evaluate(&Component::new("it", input.clone()).unwrap(), &EvaluateOptions::lasting(Duration::from_mins(1)))
}

/// The calls of the ten `ec.oci.*`, each with the operand that it is asked about first.
const OCI: [(&str, &str); 10] = [
    ("ec.oci.blob(input.ref)", "text"),
    ("ec.oci.parsed_blob(input.ref)", "text"),
    ("ec.oci.blob_files(input.ref, [\"m/a.yaml\"])", "layer"),
    ("ec.oci.descriptor(input.ref)", "image"),
    ("ec.oci.image_manifest(input.ref)", "image"),
    ("ec.oci.image_manifests({input.ref})", "image"),
    ("ec.oci.image_files(input.ref, [\"m\"])", "image"),
    ("ec.oci.image_index(input.ref)", "index"),
    ("ec.oci.image_tag_refs(input.ref)", "image"),
    ("ec.oci.image_referrers(input.ref)", "image"),
];
