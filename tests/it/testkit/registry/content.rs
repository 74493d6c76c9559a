//! What the registry holds.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use axum::body::Bytes;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// All repositories by name.
#[derive(Default)]
pub(super) struct Content(HashMap<String, Repository>);

#[derive(Default)]
pub(super) struct Repository {
    /// By digest: media type and bytes.
    pub(super) manifests: BTreeMap<String, (String, Bytes)>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) blobs: BTreeMap<String, Bytes>,
}

pub(super) fn digest_of(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

impl Content {
    pub(super) fn repository(&self, name: &str) -> Option<&Repository> {
        self.0.get(name)
    }

    pub(super) fn push_blob(&mut self, repository: &str, bytes: &[u8]) -> String {
        let digest = digest_of(bytes);
        self.0.entry(repository.to_owned()).or_default().blobs.insert(digest.clone(), Bytes::copy_from_slice(bytes));
        digest
    }

    pub(super) fn push_manifest(&mut self, repository: &str, tag: Option<&str>, manifest: (&str, &[u8])) -> String {
        let (media_type, bytes) = manifest;
        let digest = digest_of(bytes);
        let repository = self.0.entry(repository.to_owned()).or_default();
        repository.manifests.insert(digest.clone(), (media_type.to_owned(), Bytes::copy_from_slice(bytes)));
        if let Some(tag) = tag {
            repository.tags.insert(tag.to_owned(), digest.clone());
        }
        digest
    }

    /// Puts a blob under a name of the caller's.
    pub(super) fn put(&mut self, repository: &str, name: &str, bytes: Vec<u8>) {
        self.0.entry(repository.to_owned()).or_default().blobs.insert(name.to_owned(), bytes.into());
    }

    /// Takes a blob out; empty where there is none.
    pub(super) fn take(&mut self, repository: &str, name: &str) -> Vec<u8> {
        self.0.get_mut(repository).and_then(|r| r.blobs.remove(name)).unwrap_or_default().to_vec()
    }

    pub(super) fn push_layouts(&mut self, tree: &Path) {
        let mut open = vec![tree.to_owned()];
        while let Some(directory) = open.pop() {
            if directory.join("oci-layout").exists() {
                let name = directory.strip_prefix(tree).unwrap().to_str().unwrap().to_owned();
                self.push_layout(&name, &directory);
            }
            let below = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path());
            open.extend(below.filter(|path| path.is_dir() && !path.ends_with("blobs")));
        }
    }

    pub(super) fn push_layout(&mut self, name: &str, directory: &Path) {
        let repository = self.0.entry(name.to_owned()).or_default();
        for file in std::fs::read_dir(directory.join("blobs/sha256")).unwrap() {
            let path = file.unwrap().path();
            let digest = format!("sha256:{}", path.file_name().unwrap().to_str().unwrap());
            repository.blobs.insert(digest, std::fs::read(&path).unwrap().into());
        }
        let index: Value = serde_json::from_slice(&std::fs::read(directory.join("index.json")).unwrap()).unwrap();
        let entries = index["manifests"].as_array().unwrap();
        for entry in entries {
            repository.adopt(entry);
            if let Some(tag) = entry["annotations"]["org.opencontainers.image.ref.name"].as_str() {
                repository.tags.insert(tag.to_owned(), entry["digest"].as_str().unwrap().to_owned());
            }
        }
        repository.adopt_cosign(entries);
    }
}

impl Repository {
    /// Makes the blob that a descriptor names a manifest, and those that it names in turn if it is an index.
    fn adopt(&mut self, descriptor: &Value) {
        let Some(digest) = descriptor["digest"].as_str() else { return };
        let Some(bytes) = self.blobs.get(digest).cloned() else { return };
        let document: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let media_type = [&descriptor["mediaType"], &document["mediaType"]].into_iter().find_map(Value::as_str).unwrap_or(INDEX);
        self.manifests.insert(digest.to_owned(), (media_type.to_owned(), bytes));
        for inner in document["manifests"].as_array().into_iter().flatten() {
            self.adopt(inner);
        }
    }

    /// What `cosign load` does with `cosign save`'s form: attached manifests get their tags.
    fn adopt_cosign(&mut self, entries: &[Value]) {
        let of_kind = |kind: &str| entries.iter().find(|e| e["annotations"]["kind"] == format!("dev.cosignproject.cosign/{kind}"));
        let Some(image) = of_kind("image").or_else(|| of_kind("imageIndex")) else { return };
        let name = image["digest"].as_str().unwrap().replace(':', "-");
        for (kind, suffix) in [("sigs", "sig"), ("atts", "att")] {
            if let Some(attached) = of_kind(kind) {
                self.tags.insert(format!("{name}.{suffix}"), attached["digest"].as_str().unwrap().to_owned());
            }
        }
    }

    /// The descriptors of what refers to `subject`: those of the fallback tag, and every manifest that says so.
    pub(super) fn referrers(&self, subject: &str) -> Vec<Value> {
        let fallback = self.tags.get(&subject.replace(':', "-")).and_then(|digest| self.manifests.get(digest));
        let index: Value = fallback.map(|(_, bytes)| serde_json::from_slice(bytes).unwrap_or_default()).unwrap_or_default();
        let mut found = index["manifests"].as_array().cloned().unwrap_or_default();
        for (digest, (media_type, bytes)) in &self.manifests {
            let manifest: Value = serde_json::from_slice(bytes).unwrap_or_default();
            if manifest["subject"]["digest"] != subject || found.iter().any(|d| d["digest"] == digest.as_str()) {
                continue;
            }
            let artifact_type = Some(&manifest["artifactType"]).filter(|t| t.is_string()).unwrap_or(&manifest["config"]["mediaType"]);
            let mut descriptor = serde_json::json!({
                "mediaType": media_type, "digest": digest, "size": bytes.len(), "artifactType": artifact_type,
            });
            if manifest["annotations"].is_object() {
                descriptor["annotations"] = manifest["annotations"].clone();
            }
            found.push(descriptor);
        }
        found
    }
}
