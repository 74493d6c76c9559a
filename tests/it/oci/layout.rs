//! The layout tree: what is its own, beside what all sources have in common.

use std::path::Path;

use vidimus::oci::{Digest, ImageSource as _, InvalidLayout, Layout, Pointer, SourceError};

use super::{budget, digest, repository, run};
use crate::testkit::{conformance, fixture};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";

/// Writes a layout with one manifest per tag and gives the manifests' digests.
fn write_layout(directory: &Path, manifests: &[(&str, &str)]) -> Vec<Digest> {
    std::fs::create_dir_all(directory.join("blobs/sha256")).unwrap();
    std::fs::write(directory.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    let mut entries = Vec::new();
    let mut digests = Vec::new();
    for (tag, manifest) in manifests {
        let digest = Digest::of(manifest.as_bytes());
        std::fs::write(directory.join("blobs/sha256").join(digest.hex()), manifest).unwrap();
        entries.push(serde_json::json!({
            "mediaType": IMAGE, "digest": digest.to_string(), "size": manifest.len(),
            "annotations": {"org.opencontainers.image.ref.name": tag},
        }));
        digests.push(digest);
    }
    let index = serde_json::json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries});
    std::fs::write(directory.join("index.json"), index.to_string()).unwrap();
    digests
}

fn manifest_at(tree: &Path, name: &str, pointer: Pointer) -> Result<Option<Digest>, SourceError> {
    let (layout, repository) = (Layout::open(tree).unwrap(), repository(name));
    run(async move { layout.manifest(&repository, &pointer, &budget()).await.map(|m| m.map(|m| m.digest)) })
}

fn tag(name: &str) -> Pointer {
    Pointer::Tag(name.to_owned())
}

#[test]
fn a_missing_directory_is_an_error_and_an_empty_one_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(matches!(Layout::open(&directory.path().join("none")), Err(InvalidLayout::Unreadable { .. })));
    assert!(matches!(Layout::open(&file), Err(InvalidLayout::NotADirectory(_))));
    assert!(Layout::open(directory.path()).is_ok());
    assert!(manifest_at(directory.path(), "registry.example/app", tag("v1")).unwrap().is_none());
}

#[test]
fn a_missing_repository_is_absent_in_every_question() {
    let layout = Layout::open(&fixture("keyed/registry/registry.example")).unwrap();
    run(async move {
        let (repository, digest, budget) = (repository("registry.example/acme/none"), Digest::of(b""), budget());
        assert!(layout.manifest(&repository, &Pointer::Digest(digest), &budget).await.unwrap().is_none());
        assert!(matches!(layout.blob(&repository, &digest, 9, &budget).await, Err(SourceError::Absent { .. })));
        assert_eq!(layout.referrers(&repository, &digest, &budget).await.unwrap(), []);
        assert_eq!(budget.requests(), 0);
    });
}

#[test]
fn the_last_of_two_equal_tags_counts() {
    let tree = tempfile::tempdir().unwrap();
    let digests = write_layout(&tree.path().join("app"), &[("v1", r#"{"layers":[]}"#), ("v1", r#"{"layers":[ ]}"#)]);
    assert_eq!(manifest_at(tree.path(), "registry.example/app", tag("v1")).unwrap(), digests.last().copied());
}

#[test]
fn a_repository_inside_another_is_its_own() {
    let tree = tempfile::tempdir().unwrap();
    let outer = write_layout(&tree.path().join("app"), &[("v1", r#"{"layers":[]}"#)]);
    let inner = write_layout(&tree.path().join("app/b"), &[("v1", r#"{"layers":[],"a":1}"#)]);
    assert_eq!(manifest_at(tree.path(), "registry.example/app", tag("v1")).unwrap(), Some(outer[0]));
    assert_eq!(manifest_at(tree.path(), "registry.example/app/b", tag("v1")).unwrap(), Some(inner[0]));
    assert!(manifest_at(tree.path(), "registry.example/app/blobs", tag("v1")).unwrap().is_none());
}

#[test]
fn a_path_cannot_climb_out_of_the_tree() {
    let tree = tempfile::tempdir().unwrap();
    write_layout(&tree.path().join("outside"), &[("v1", r#"{"layers":[]}"#)]);
    std::fs::create_dir(tree.path().join("inside")).unwrap();
    let climbed = manifest_at(&tree.path().join("inside"), "registry.example/../outside", tag("v1"));
    assert!(matches!(climbed, Err(SourceError::Violation { .. })), "{climbed:?}");
}

#[cfg(unix)]
#[test]
fn a_link_cannot_lead_out_of_the_tree() {
    let tree = tempfile::tempdir().unwrap();
    let manifest = r#"{"layers":[]}"#;
    let digest = write_layout(&tree.path().join("outside"), &[("v1", manifest)])[0];
    write_layout(&tree.path().join("inside/app"), &[("v1", manifest)]);
    let inside = tree.path().join("inside");
    std::os::unix::fs::symlink(tree.path().join("outside"), inside.join("whole")).unwrap();
    let blob = inside.join("app/blobs/sha256").join(digest.hex());
    std::fs::remove_file(&blob).unwrap();
    std::os::unix::fs::symlink(tree.path().join("outside/blobs/sha256").join(digest.hex()), blob).unwrap();
    for name in ["registry.example/whole", "registry.example/app"] {
        let answer = manifest_at(&inside, name, tag("v1"));
        assert!(matches!(&answer, Err(SourceError::Violation { reason, .. }) if reason.contains("link")), "{name}: {answer:?}");
    }
    std::os::unix::fs::symlink(inside.join("app"), inside.join("alias")).unwrap();
    assert!(manifest_at(&inside, "registry.example/alias", tag("v2")).unwrap().is_none());
}

#[test]
fn what_is_no_layout_is_a_violation_and_not_an_empty_repository() {
    let tree = tempfile::tempdir().unwrap();
    let layout = tree.path().join("app");
    write_layout(&layout, &[]);
    for (file, content) in
        [("oci-layout", r#"{"imageLayoutVersion":"2.0.0"}"#), ("oci-layout", "{}"), ("index.json", "{}"), ("index.json", "[")]
    {
        write_layout(&layout, &[]);
        std::fs::write(layout.join(file), content).unwrap();
        let answer = manifest_at(tree.path(), "registry.example/app", tag("v1"));
        assert!(matches!(answer, Err(SourceError::Violation { .. })), "{file} {content}: {answer:?}");
    }
    std::fs::remove_file(layout.join("index.json")).unwrap();
    assert!(manifest_at(tree.path(), "registry.example/app", tag("v1")).is_err());
}

#[test]
fn a_file_over_the_bound_is_refused_before_it_is_read() {
    let tree = tempfile::tempdir().unwrap();
    let digest = write_layout(&tree.path().join("app"), &[("v1", r#"{"layers":[]}"#)])[0];
    let blob = tree.path().join("app/blobs/sha256").join(digest.hex());
    // Sparse: a terabyte that takes no room, and that no machine could hold.
    std::fs::File::create(&blob).unwrap().set_len(1 << 40).unwrap();
    let answer = manifest_at(tree.path(), "registry.example/app", tag("v1"));
    assert!(matches!(&answer, Err(SourceError::Violation { reason, .. }) if reason.contains("larger than")), "{answer:?}");
}

#[test]
fn a_manifest_that_names_its_subject_is_a_referrer_without_any_tag() {
    let tree = tempfile::tempdir().unwrap();
    let subject = Digest::of(b"subject");
    let manifest = format!(
        r#"{{"mediaType":"{IMAGE}","config":{{"mediaType":"x/config","digest":"sha256:00","size":2}},"layers":[],"subject":{{"digest":"{subject}"}},"annotations":{{"k":"v"}}}}"#
    );
    write_layout(&tree.path().join("app"), &[("v1", r#"{"layers":[]}"#), ("bundle", &manifest)]);
    let (layout, repository) = (Layout::open(tree.path()).unwrap(), repository("registry.example/app"));
    let found = run(async move { layout.referrers(&repository, &subject, &budget()).await.unwrap() });
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].digest, Digest::of(manifest.as_bytes()).to_string());
    assert_eq!(found[0].artifact_type.as_deref(), Some("x/config"));
    assert_eq!(found[0].size, i64::try_from(manifest.len()).unwrap());
    assert_eq!(found[0].annotations.as_ref().unwrap()["k"], "v");
}

#[test]
fn cosigns_saved_form_answers_for_the_tags_of_its_image() {
    let Some(saved) = conformance("conforma-image") else { return };
    let tree = saved.parent().unwrap();
    let image = "bb2863eb5a15ce3551748cd6aecd40db02c96c0276ae062354b415ad37330fee";
    let name = "registry.example/conforma-image";
    let at = |pointer| manifest_at(tree, name, pointer).unwrap().map(|d| d.to_string());
    assert_eq!(at(Pointer::Digest(digest(&format!("sha256:{image}")))).unwrap(), format!("sha256:{image}"));
    assert_eq!(at(tag(&format!("sha256-{image}.sig"))).unwrap(), "sha256:4912946aa9657bed0670396e6b0862038a1294225fac21be92a3938e0c62abe4");
    assert_eq!(at(tag(&format!("sha256-{image}.att"))).unwrap(), "sha256:8bd6efa7b156bb334427c63b32d6a484288a205e8cdc468c882275d046f059df");
    assert_eq!(at(tag(&format!("sha256-{image}.sbom"))), None);
    assert_eq!(at(tag(&format!("sha256-{}.sig", "0".repeat(64)))), None);
}
