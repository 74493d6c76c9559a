//! One suite on all sources: the layout tree, a registry with the referrers API, and one without, give the same answers
//! about everything in the fixtures, hostile content included.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use futures_util::StreamExt as _;
use vidimus::oci::{Digest, ImageSource, Layout, Pointer, Repository, SourceError};

use super::{anonymous, budget, run};
use crate::testkit::{TestRegistry, conformance, fixture};

/// Smaller than the largest blobs, so that the bound is met too.
const MOST: u64 = 100_000;

/// All that is asked of a repository.
struct Questions {
    repository: String,
    tags: BTreeSet<String>,
    digests: BTreeSet<Digest>,
}

fn questions(tree: &Path) -> Vec<Questions> {
    let mut open = vec![tree.to_owned()];
    let mut all = vec![Questions { repository: "no/such".to_owned(), tags: ["v1".to_owned()].into(), digests: [Digest::of(b"x")].into() }];
    while let Some(directory) = open.pop() {
        if directory.join("oci-layout").exists() {
            all.push(questions_on(tree, &directory));
        }
        let below = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path());
        open.extend(below.filter(|path| path.is_dir() && !path.ends_with("blobs")));
    }
    all
}

fn questions_on(tree: &Path, layout: &Path) -> Questions {
    let files = std::fs::read_dir(layout.join("blobs/sha256")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let index: serde_json::Value = serde_json::from_slice(&std::fs::read(layout.join("index.json")).unwrap()).unwrap();
    let (mut digests, mut tags) = (BTreeSet::from([Digest::of(b"not there")]), BTreeSet::from(["v1".to_owned()]));
    digests.extend(files.map(|hex| format!("sha256:{hex}").parse::<Digest>().unwrap()));
    for entry in index["manifests"].as_array().unwrap() {
        let name = entry["digest"].as_str().unwrap().replace(':', "-");
        tags.extend(["", ".sig", ".att"].map(|suffix| format!("{name}{suffix}")));
        tags.extend(entry["annotations"]["org.opencontainers.image.ref.name"].as_str().map(str::to_owned));
    }
    Questions { repository: layout.strip_prefix(tree).unwrap().to_str().unwrap().to_owned(), tags, digests }
}

fn outcome<T>(answer: Result<T, SourceError>, show: impl FnOnce(T) -> String) -> String {
    match answer {
        Ok(value) => show(value),
        Err(SourceError::Absent { .. }) => "absent".to_owned(),
        Err(SourceError::Violation { reason, .. }) => format!("violation: {reason}"),
        Err(error) => panic!("{error}"),
    }
}

/// The answers of `source` about one repository, a line each.
async fn answers(source: &dyn ImageSource, repository: Repository, asked: &Questions) -> String {
    let (mut text, budget) = (String::new(), budget());
    let pointers = asked.tags.iter().cloned().map(Pointer::Tag).chain(asked.digests.iter().copied().map(Pointer::Digest));
    for pointer in pointers {
        let manifest = source.manifest(&repository, &pointer, &budget).await;
        let manifest = outcome(manifest, |m| m.map_or("none".to_owned(), |m| format!("{} {} {}", m.media_type, m.digest, m.bytes.len())));
        writeln!(text, "{pointer:?}: {manifest}").unwrap();
    }
    for digest in &asked.digests {
        let blob = outcome(source.blob(&repository, digest, MOST, &budget).await, |b| Digest::of(&b).to_string());
        let referrers = outcome(source.referrers(&repository, digest, &budget).await, |found| format!("{found:?}"));
        writeln!(text, "{digest}: {blob}; {referrers}").unwrap();
    }
    text
}

/// Asks `source`, which answers for `host`, everything; gives the answers by repository, sorted.
fn ask_all(source: Arc<dyn ImageSource>, host: &str, tree: &Path) -> Vec<(String, String)> {
    let (host, all) = (host.to_owned(), questions(tree));
    run(async move {
        let one = |asked: Questions| {
            let repository: Repository = format!("{host}/{}", asked.repository).parse().unwrap();
            let source = Arc::clone(&source);
            async move { (asked.repository.clone(), answers(&*source, repository, &asked).await) }
        };
        let mut all: Vec<_> = futures_util::stream::iter(all).map(one).buffer_unordered(16).collect().await;
        all.sort();
        all
    })
}

/// Line by line, so that a difference can be read.
fn assert_same(layout: &[(String, String)], registry: &[(String, String)]) {
    assert_eq!(layout.len(), registry.len());
    for ((name, from_layout), (_, from_registry)) in layout.iter().zip(registry) {
        assert_eq!(from_layout.lines().count(), from_registry.lines().count(), "{name}");
        for (from_layout, from_registry) in from_layout.lines().zip(from_registry.lines()) {
            assert_eq!(from_layout, from_registry, "{name}");
        }
    }
}

fn all_agree(tree: &Path) -> Vec<(String, String)> {
    let layout = ask_all(Arc::new(Layout::open(tree).unwrap()), "registry.example", tree);
    for with_api in [true, false] {
        let registry = TestRegistry::start();
        registry.push_layouts(tree).referrers_api(with_api);
        let answers = ask_all(Arc::new(anonymous()), registry.host(), tree);
        assert_same(&layout, &answers);
        assert!(registry.log().iter().all(|request| request.method == "GET"));
    }
    layout
}

#[test]
fn key_signed_fixtures() {
    let answers = all_agree(&fixture("keyed/registry/registry.example"));
    assert_eq!(answers.len(), 17 + 1);
    assert!(answers.iter().any(|(_, text)| text.contains("application/vnd.dev.sigstore.bundle")), "no bundle among the referrers");
}

#[test]
fn keyless_fixtures_hostile_ones_included() {
    let answers = all_agree(&fixture("keyless/registry/registry.example"));
    assert_eq!(answers.len(), 172 + 1);
    let violations = |part: &str| answers.iter().filter(|(_, text)| text.contains(part)).count();
    assert!(violations("violation: the content has the digest") >= 2);
    assert!(violations("violation: larger than") >= 1);
    assert!(violations("absent") >= 172);
}

#[test]
fn cosigns_saved_form() {
    let Some(saved) = conformance("conforma-image") else { return };
    let tree = saved.parent().unwrap().canonicalize().unwrap();
    let only = |all: Vec<(String, String)>| all.into_iter().find(|(name, _)| name == "conforma-image").unwrap();
    let registry = TestRegistry::start();
    registry.push_layout("conforma-image", &saved);
    let from_layout = only(ask_all(Arc::new(Layout::open(&tree).unwrap()), "registry.example", &tree));
    let from_registry = only(ask_all(Arc::new(anonymous()), registry.host(), &tree));
    assert_same(std::slice::from_ref(&from_layout), std::slice::from_ref(&from_registry));
    assert_eq!(from_layout.1.matches(".sig\"): application/").count(), 1);
}
