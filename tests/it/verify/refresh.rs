//! Trusted roots that are renewed from a repository, true and false ones.

use vidimus::verify::{RefreshError, TufRepository};

use super::*;
use crate::testkit::forge::Forge;
use crate::testkit::site::Page;
use crate::testkit::tuf::{Edition, TufSite};

/// A repository, and what a client has seen of it.
struct Scene {
    tuf: TufSite,
    seen: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        Self { tuf: TufSite::start(), seen: tempfile::tempdir().unwrap() }
    }

    fn refresh(&self) -> Result<String, RefreshError> {
        self.refresh_from(&self.tuf.root())
    }

    fn refresh_from(&self, root: &[u8]) -> Result<String, RefreshError> {
        TufRepository::at(&self.tuf.url(), root, self.seen.path().to_owned()).refresh(soon())
    }

    /// Why the repository was not believed.
    fn refused(&self) -> String {
        match self.refresh() {
            Err(RefreshError::Repository(reason)) => reason,
            other => panic!("expected a refusal, got {other:?}"),
        }
    }
}

fn trusted_root() -> Vec<u8> {
    Forge::new().trusted_root().to_string().into_bytes()
}

fn epoch(json: &[u8]) -> String {
    Trust::from_json(std::str::from_utf8(json).unwrap()).unwrap().epoch().to_string()
}

#[test]
fn the_root_of_the_repository_is_read_and_a_newer_one_takes_its_place() {
    let (scene, first, second) = (Scene::new(), trusted_root(), trusted_root());
    scene.tuf.publish(&Edition::of(1, &first));
    assert_eq!(epoch(scene.refresh().unwrap().as_bytes()), epoch(&first));
    scene.tuf.publish(&Edition::of(2, &second));
    assert_eq!(epoch(scene.refresh().unwrap().as_bytes()), epoch(&second));
    assert_ne!(epoch(&first), epoch(&second));
}

#[test]
fn a_repository_that_goes_back_is_refused_by_who_has_seen_more() {
    let (scene, root) = (Scene::new(), trusted_root());
    scene.tuf.publish(&Edition::of(2, &root));
    scene.refresh().unwrap();
    scene.tuf.publish(&Edition::of(1, &root));
    let reason = scene.refused();
    assert!(reason.contains("version") || reason.contains("rollback"), "{reason}");
    let newcomer = Scene { tuf: scene.tuf, seen: tempfile::tempdir().unwrap() };
    newcomer.refresh().unwrap();
}

#[test]
fn what_the_key_did_not_sign_is_refused() {
    let (scene, root) = (Scene::new(), trusted_root());
    scene.tuf.publish_signed(&Edition::of(1, &root), &TestKey::ed25519());
    assert!(scene.refused().contains("signature"), "{}", scene.refused());
    scene.tuf.publish(&Edition::of(1, &root));
    let stranger = TufSite::start().root();
    assert!(matches!(scene.refresh_from(&stranger), Err(RefreshError::Repository(_))));
    scene.refresh().unwrap();
}

#[test]
fn what_has_expired_is_refused() {
    let (scene, root) = (Scene::new(), trusted_root());
    scene.tuf.publish(&Edition { expires: "2020-01-01T00:00:00Z", ..Edition::of(1, &root) });
    assert!(scene.refused().contains("expired"), "{}", scene.refused());
}

#[test]
fn another_root_than_the_signed_list_names_is_refused() {
    let (scene, root, other) = (Scene::new(), trusted_root(), trusted_root());
    let spaces = vec![b' '; 200_000];
    for served in [other.as_slice(), b"", &spaces] {
        scene.tuf.publish(&Edition { served, ..Edition::of(1, &root) });
        scene.refused();
    }
    scene.tuf.site.put("/targets/trusted_root.json", Page::new(404, ""));
    scene.refused();
    scene.tuf.site.put("/targets/trusted_root.json", Page::new(503, ""));
    assert!(scene.refused().contains("503"), "{}", scene.refused());
}

#[test]
fn a_signed_target_that_is_no_root_renews_nothing() {
    let scene = Scene::new();
    let mut broken = Forge::new().trusted_root();
    broken["tlogs"][0]["publicKey"]["rawBytes"] = "AAAA".into();
    let broken = broken.to_string();
    for (version, target) in [(1, "{}"), (2, "not JSON"), (3, broken.as_str())] {
        scene.tuf.publish(&Edition::of(version, target.as_bytes()));
        assert!(matches!(scene.refresh(), Err(RefreshError::Repository(_) | RefreshError::Root(_))), "{target}");
    }
}

#[test]
fn a_repository_that_says_nothing_costs_the_deadline() {
    let scene = Scene::new();
    scene.tuf.site.put("/timestamp.json", Page::new(0, ""));
    let repository = TufRepository::at(&scene.tuf.url(), &scene.tuf.root(), scene.seen.path().to_owned());
    let late = repository.refresh(Instant::now() + Duration::from_millis(50));
    assert!(matches!(late, Err(RefreshError::NoResult(_))), "{late:?}");
}
