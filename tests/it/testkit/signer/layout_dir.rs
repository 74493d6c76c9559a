//! `LayoutDir`: a tree of OCI layouts in a directory of its own, to put signed things in.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Shelf, digest_of};

/// A tree that ends with its value.
pub(crate) struct LayoutDir {
    directory: TempDir,
    indexes: Mutex<BTreeMap<String, Vec<Value>>>,
}

impl LayoutDir {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), indexes: Mutex::default() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }
}

impl Shelf for LayoutDir {
    fn blob(&self, repository: &str, bytes: &[u8]) -> String {
        let digest = digest_of(bytes);
        let blobs = self.path().join(repository).join("blobs/sha256");
        std::fs::create_dir_all(&blobs).unwrap();
        std::fs::write(blobs.join(digest.strip_prefix("sha256:").unwrap()), bytes).unwrap();
        digest
    }

    fn manifest(&self, repository: &str, tag: Option<&str>, manifest: (&str, &[u8])) -> String {
        let (media_type, bytes) = manifest;
        let digest = self.blob(repository, bytes);
        let mut indexes = self.indexes.lock().unwrap();
        let entries = indexes.entry(repository.to_owned()).or_default();
        let mut entry = json!({"mediaType": media_type, "digest": digest, "size": bytes.len()});
        if let Some(tag) = tag {
            entries.retain(|other| other["annotations"]["org.opencontainers.image.ref.name"] != tag);
            entry["annotations"] = json!({"org.opencontainers.image.ref.name": tag});
        }
        entries.push(entry);
        let layout = self.path().join(repository);
        std::fs::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
        std::fs::write(layout.join("index.json"), json!({"schemaVersion": 2, "manifests": entries}).to_string()).unwrap();
        digest
    }
}
