//! Verdicts that outlive the program: what a later run does with them, and what nobody can make it do.

mod commands;
mod crash;
mod explained;
mod flags;
mod tampered;

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Run, keyed, text, vidimus, vidimus_with};
use crate::testkit::{Route, TestRegistry, fixture};

/// A registry with the key-signed fixtures, and a directory to remember in.
struct Scene {
    registry: TestRegistry,
    directory: tempfile::TempDir,
}

const KEY: [&str; 3] = ["-k", "fixtures/keyed/keys/release.pub", "--ignore-rekor"];

impl Scene {
    fn new() -> Self {
        let registry = TestRegistry::start();
        registry.push_layouts(&fixture("keyed/registry/registry.example"));
        Self { registry, directory: tempfile::tempdir().unwrap() }
    }

    fn image(&self, name: &str) -> String {
        keyed(name).replace("registry.example", self.registry.host())
    }

    fn cache(&self) -> String {
        text(&self.directory.path().join("cache"))
    }

    /// Runs with the directory, and gives the requests it cost beside.
    fn run(&self, arguments: &[&str]) -> (Run, usize) {
        let before = self.registry.requests();
        let run = vidimus(&[arguments, &["--cache-dir", &self.cache()]].concat());
        (run, self.registry.requests() - before)
    }

    /// `verify` with the release key, as JSON: kind of the receipt, requests, what was said beside.
    fn verify(&self, name: &str, flags: &[&str]) -> (String, usize, String) {
        let image = self.image(name);
        let (run, requests) = self.run(&[&["verify", "-f", "json", &image], &KEY[..], flags].concat());
        assert_eq!(run.code, 0, "{run:?}");
        (run.json()["receipt"]["kind"].as_str().unwrap().to_owned(), requests, run.stderr)
    }

    fn kind(&self, name: &str, flags: &[&str]) -> String {
        self.verify(name, flags).0
    }

    fn eval(&self, names: &[&str], flags: &[&str]) -> (Run, usize) {
        let images: Vec<String> = names.iter().map(|name| format!("--image={}", self.image(name))).collect();
        let images: Vec<&str> = images.iter().map(String::as_str).collect();
        self.run(&[&["eval", "-p", "rego", "-f", "json"], &images[..], &KEY, flags].concat())
    }

    fn list(&self) -> serde_json::Value {
        let (run, _) = self.run(&["cache", "list", "-f", "json"]);
        assert_eq!(run.code, 0, "{run:?}");
        run.json()
    }

    /// The states of all entries, in the order of the listing.
    fn states(&self) -> Vec<String> {
        self.list()["entries"].as_array().unwrap().iter().map(|entry| entry["state"].as_str().unwrap().to_owned()).collect()
    }
}

const SIGNED: [&str; 4] = ["web", "api", "worker", "billing"];

#[test]
fn a_second_process_decides_without_a_request() {
    let scene = Scene::new();
    let (first, requests) = scene.eval(&SIGNED, &[]);
    assert!(first.code == 0 && requests >= 12, "{requests}: {first:?}");
    let (second, requests) = scene.eval(&SIGNED, &[]);
    assert_eq!((second.code, requests), (0, 0), "{second:?}");
    let stats = second.json()["stats"].clone();
    assert_eq!((&stats["verifications"], &stats["registry_requests"]), (&0.into(), &0.into()), "{stats}");
    assert_eq!((&stats["memo"]["hits"], &stats["memo"]["restored"]), (&4.into(), &4.into()), "{stats}");
    assert_eq!(second.stderr, "");
    scene.registry.fail(Route::Tag, 503).fail(Route::Manifest, 503).fail(Route::Referrers, 503);
    assert_eq!(scene.eval(&SIGNED, &[]).0.code, 0, "the registry is not needed any more");
}

#[test]
fn a_failure_is_never_written_down() {
    let scene = Scene::new();
    for _ in 0..2 {
        let (run, requests) = scene.eval(&["rogue", "unsigned", "stale"], &[]);
        assert!(run.code == 1 && requests > 0, "{run:?}");
    }
    scene.registry.fail(Route::Tag, 503);
    assert_eq!(scene.eval(&["web"], &[]).0.code, 2);
    assert_eq!(scene.states(), Vec::<String>::new());
}

#[test]
fn a_verdict_is_for_one_question_one_key_one_trust_and_one_set_of_credentials() {
    let scene = Scene::new();
    let (image, cache) = (scene.image("web"), scene.cache());
    let ask = |key: &str, root: Option<&str>, docker: &str| {
        let mut flags = vec!["verify", "-f", "json", &image, "--ignore-rekor", "-k", key, "--cache-dir", &cache];
        flags.extend(root.map(|_| "--trusted-root"));
        flags.extend(root);
        let run = vidimus_with(&flags, &[("DOCKER_CONFIG", docker)], "");
        (run.code, run.json()["receipt"]["kind"].as_str().unwrap_or_default().to_owned())
    };
    let nobody = text(scene.directory.path());
    let (fresh, hit) = ((0, "fresh".to_owned()), (0, "hit".to_owned()));
    let key = text(&scene.directory.path().join("release.pub"));
    std::fs::copy(fixture("keyed/keys/release.pub"), &key).unwrap();
    assert_eq!((ask(&key, None, &nobody), ask(&key, None, &nobody)), (fresh.clone(), hit.clone()));
    let root = Some("fixtures/keyless/trusted_root.json");
    assert_eq!((ask(&key, root, &nobody), ask(&key, root, &nobody)), (fresh.clone(), hit.clone()), "another trust epoch");
    let somebody = tempfile::tempdir().unwrap();
    let host = scene.registry.host();
    let config = format!(r#"{{"auths": {{"{host}": {{"auth": "YTpi"}}}}}}"#);
    std::fs::write(somebody.path().join("config.json"), config).unwrap();
    assert_eq!(ask(&key, None, &text(somebody.path())), fresh, "somebody else's credentials");
    assert_eq!(ask(&key, None, &nobody), hit);
    // Rotated behind an unchanged name: the very next question is another one.
    std::fs::copy(fixture("keyed/keys/rogue.pub"), &key).unwrap();
    assert_eq!(ask(&key, None, &nobody).0, 1);
    let attestation =
        vidimus(&["verify", "--attestation", "-k", "fixtures/keyed/keys/release.pub", "--ignore-rekor", "--cache-dir", &cache, &image]);
    assert_eq!(attestation.code, 1, "{attestation:?}");
}

#[test]
fn several_processes_share_a_directory_at_once() {
    let scene = Scene::new();
    let done = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let (run, _) = scene.eval(&SIGNED, &[]);
                assert!(run.code == 0 && run.stderr.is_empty(), "{run:?}");
                done.fetch_add(1, Ordering::SeqCst);
            });
        }
    });
    assert_eq!(done.into_inner(), 6);
    assert_eq!(scene.states(), ["good"; 4]);
    assert_eq!(scene.eval(&SIGNED, &[]).1, 0);
}

#[test]
fn attestations_are_remembered_member_for_member() {
    let scene = Scene::new();
    let image = scene.image("worker");
    let ask = || {
        let (run, requests) = scene.run(&[&["verify", "--attestation", "-f", "json", &image], &KEY[..]].concat());
        let mut answer = run.json();
        let receipt = answer.as_object_mut().unwrap().remove("receipt").unwrap();
        (answer, receipt["kind"].as_str().unwrap().to_owned(), requests)
    };
    let ((fresh, first, _), (remembered, second, requests)) = (ask(), ask());
    assert_eq!((first.as_str(), second.as_str(), requests), ("fresh", "hit", 0));
    assert_eq!(fresh, remembered);
    assert_eq!(fresh["attestations"].as_array().unwrap().len(), 2);
}
