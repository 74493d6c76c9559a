//! One OCI image layout (image-spec, image-layout.md): its tags, its content, and who refers to what.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::file;
use crate::oci::index::{self, ManifestHead};
use crate::oci::{Budget, Descriptor, Digest, Manifest, Repository, SourceError};

/// Names a tag (image-spec, annotations.md).
const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// What `cosign save` writes instead: the role of an entry towards the one image of the layout.
const KIND: &str = "kind";
const COSIGN_IMAGES: [&str; 2] = ["dev.cosignproject.cosign/image", "dev.cosignproject.cosign/imageIndex"];
const COSIGN_ATTACHED: [(&str, &str); 2] = [("sig", "dev.cosignproject.cosign/sigs"), ("att", "dev.cosignproject.cosign/atts")];

/// Most bytes of `index.json`: it lists every tag, so it may be larger than a manifest.
const MAX_INDEX: u64 = 16 << 20;
/// Most entries of `index.json`.
const MAX_ENTRIES: usize = 65536;
/// Most bytes read while looking for manifests that refer to a subject.
const MAX_SEARCHED: u64 = 64 << 20;

/// A layout that is there, with the entries of its `index.json`.
pub(super) struct Opened<'a> {
    root: &'a Path,
    directory: PathBuf,
    name: String,
    entries: Vec<Descriptor>,
}

impl<'a> Opened<'a> {
    /// The layout of `repository`, or `None` where the tree has none. The caller has checked the repository's path.
    pub(super) fn below(root: &'a Path, repository: &Repository) -> Result<Option<Self>, SourceError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Marker {
            image_layout_version: String,
        }
        let name = repository.to_string();
        let directory = root.join(repository.path());
        let Some(marker) = file::read(root, &directory.join("oci-layout"), 4096, &name)? else { return Ok(None) };
        match serde_json::from_slice::<Marker>(&marker) {
            Ok(marker) if marker.image_layout_version == "1.0.0" => {}
            Ok(marker) => {
                return Err(SourceError::violation(&name, format!("unsupported image layout version `{}`", marker.image_layout_version)));
            }
            Err(e) => return Err(SourceError::violation(&name, format!("not an image layout: {e}"))),
        }
        let index = file::read(root, &directory.join("index.json"), MAX_INDEX, &name)?
            .ok_or_else(|| SourceError::violation(&name, "not an image layout: no `index.json`"))?;
        let entries =
            index::descriptors::<MAX_ENTRIES>(&index).map_err(|reason| SourceError::violation(&name, format!("`index.json`: {reason}")))?;
        Ok(Some(Self { root, directory, name, entries }))
    }

    /// The content with `digest`, hashed.
    pub(super) fn blob(&self, digest: &Digest, max: u64) -> Result<Option<Arc<[u8]>>, SourceError> {
        self.file(digest, max)?.map(|bytes| self.hashed(bytes, digest)).transpose()
    }

    /// The manifest with `digest`; other content is not found under this name.
    pub(super) fn manifest(&self, digest: &Digest) -> Result<Option<Manifest>, SourceError> {
        let Some(bytes) = self.file(digest, Budget::MAX_MANIFEST)? else { return Ok(None) };
        let text = digest.to_string();
        let named = self.entries.iter().find(|entry| entry.digest == text && !entry.media_type.is_empty());
        let Some(media_type) = named.map(|entry| entry.media_type.clone()).or_else(|| index::media_type(&bytes)) else { return Ok(None) };
        Ok(Some(Manifest { media_type, digest: *digest, bytes: self.hashed(bytes, digest)? }))
    }

    /// The file named `digest`, whatever is in it.
    fn file(&self, digest: &Digest, max: u64) -> Result<Option<Vec<u8>>, SourceError> {
        let path = self.directory.join("blobs").join("sha256").join(digest.hex());
        file::read(self.root, &path, max, &format!("{}@{digest}", self.name))
    }

    fn hashed(&self, bytes: Vec<u8>, digest: &Digest) -> Result<Arc<[u8]>, SourceError> {
        let actual = Digest::of(&bytes);
        let other = || SourceError::violation(&format!("{}@{digest}", self.name), format!("the content has the digest {actual}"));
        if actual == *digest { Ok(bytes.into()) } else { Err(other()) }
    }

    /// The manifest at `tag`.
    pub(super) fn tagged(&self, tag: &str) -> Result<Option<Manifest>, SourceError> {
        let Some(entry) = self.entry_at(tag) else { return Ok(None) };
        let digest: Digest = entry.digest.parse().map_err(|e| SourceError::violation(&format!("{}:{tag}", self.name), format!("{e}")))?;
        self.manifest(&digest)
    }

    /// The entry that `tag` names. As with pushes, the last one counts; a tag of its own precedes a role, and of roles
    /// the first counts, as with cosign.
    fn entry_at(&self, tag: &str) -> Option<&Descriptor> {
        let annotated = |entry: &Descriptor, key: &str, values: &[&str]| {
            entry.annotations.as_ref().and_then(|a| a.get(key)).is_some_and(|value| values.contains(&value.as_str()))
        };
        if let Some(entry) = self.entries.iter().rev().find(|entry| annotated(entry, REF_NAME, &[tag])) {
            return Some(entry);
        }
        let of_kind = |kinds: &[&str]| self.entries.iter().find(|entry| annotated(entry, KIND, kinds));
        let image = of_kind(&COSIGN_IMAGES)?;
        let prefix = image.digest.replacen(':', "-", 1);
        let suffix = tag.strip_prefix(prefix.as_str())?.strip_prefix('.')?;
        let (_, kind) = COSIGN_ATTACHED.iter().find(|(attached, _)| *attached == suffix)?;
        of_kind(&[kind])
    }

    /// What refers to `subject`: the entries of the fallback tag, and the manifests of `index.json` that name it.
    pub(super) fn referrers(&self, subject: &Digest) -> Result<Vec<Descriptor>, SourceError> {
        let fallback = format!("sha256-{}", subject.hex());
        let mut found = match self.tagged(&fallback)? {
            Some(index) => {
                index::referrers(&index.bytes).map_err(|reason| SourceError::violation(&format!("{}:{fallback}", self.name), reason))?
            }
            None => Vec::new(),
        };
        let (mut seen, subject): (BTreeSet<_>, _) = (found.iter().map(|d| d.digest.clone()).collect(), subject.to_string());
        let mut searched = 0;
        for entry in &self.entries {
            if !seen.insert(entry.digest.clone()) {
                continue;
            }
            // A registry would never have taken such an entry, so it cannot list it.
            let Ok(Some(manifest)) = entry.digest.parse().map_or(Ok(None), |digest| self.manifest(&digest)) else { continue };
            searched += manifest.bytes.len() as u64;
            if searched > MAX_SEARCHED {
                return Err(SourceError::violation(&self.name, "too much to search for referrers"));
            }
            let Some(head) = ManifestHead::read(&manifest.bytes) else { continue };
            if head.subject.as_ref().is_some_and(|s| s.digest == subject) {
                let size = i64::try_from(manifest.bytes.len()).unwrap_or(i64::MAX);
                found.push(head.into_descriptor(entry.digest.clone(), size, manifest.media_type));
            }
        }
        index::check_count(&found).map_err(|reason| SourceError::violation(&self.name, reason))?;
        Ok(found)
    }
}
