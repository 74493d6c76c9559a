//! Feature 8: what was read with one set of credentials is not served to another that has not shown access.

use vidimus::oci::{Blocking, Budget, Pointer, Repository};

use super::*;

const A: (&str, &str) = ("tenant-a", "secret of a");

/// A client with these credentials for the registry; an anonymous one where there are none.
fn client(registry: &TestRegistry, credentials: Option<(&str, &str)>) -> Arc<dyn ImageSource> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config.json");
    let entry = credentials.map(|(name, password)| serde_json::json!({ registry.host(): { "username": name, "password": password } }));
    std::fs::write(&file, serde_json::json!({ "auths": entry.unwrap_or_else(|| serde_json::json!({})) }).to_string()).unwrap();
    let credentials = Credentials::from_docker_config(&file).unwrap();
    Arc::new(Registry::new(RegistryOptions { credentials, plain_http: BTreeSet::new() }).unwrap())
}

/// A private repository, and a verifier with the credentials of A.
fn private() -> (Scene, Verifier) {
    let scene = Scene::new(|_| {});
    scene.registry.require_basic(A.0, A.1);
    let verifier = scene.verifier.with_source(client(&scene.registry, Some(A)));
    (scene, verifier)
}

#[test]
fn a_hot_verdict_is_not_served_to_who_has_no_secret() {
    let (scene, of_a) = private();
    let request = scene.request(&scene.image);
    assert_eq!(of_a.verify(&request, soon()).unwrap().receipt.kind, ReceiptKind::Fresh);
    assert_eq!(of_a.verify(&request, soon()).unwrap().receipt.kind, ReceiptKind::Hit);
    for credentials in [None, Some(("tenant-b", "secret of b")), Some((A.0, "guess")), Some(("tenant-b", A.1))] {
        let other = of_a.with_source(client(&scene.registry, credentials));
        assert!(is_unavailable(&other.verify(&request, soon())), "{credentials:?}");
    }
    assert_eq!(of_a.verify(&request, soon()).unwrap().receipt.kind, ReceiptKind::Hit);
    assert_eq!(of_a.stats().memo.hits, 2);
}

#[test]
fn who_shows_the_same_credentials_shares_and_who_has_access_of_his_own_is_verified_for() {
    let (scene, of_a) = private();
    let request = scene.request(&scene.image);
    of_a.verify(&request, soon()).unwrap();
    let again = of_a.with_source(client(&scene.registry, Some(A)));
    assert_eq!(again.verify(&request, soon()).unwrap().receipt.kind, ReceiptKind::Hit);
    scene.registry.require_basic("tenant-b", "secret of b");
    let of_b = of_a.with_source(client(&scene.registry, Some(("tenant-b", "secret of b"))));
    assert_eq!(of_b.verify(&request, soon()).unwrap().receipt.kind, ReceiptKind::Fresh);
    assert_eq!(of_b.verify(&request, soon()).unwrap().receipt.kind, ReceiptKind::Hit);
}

#[test]
fn a_prepared_question_is_answered_for_who_asks_it() {
    let (scene, of_a) = private();
    let prepared = vidimus::verify::PreparedRequest::new(scene.request(&scene.image));
    of_a.verify_prepared(&prepared, soon()).unwrap();
    assert!(of_a.remembered(&prepared).is_some());
    let nobody = of_a.with_source(client(&scene.registry, None));
    assert!(nobody.remembered(&prepared).is_none());
    assert!(is_unavailable(&nobody.verify_prepared(&prepared, soon())));
}

#[test]
fn kept_content_is_not_served_to_who_has_no_secret() {
    let (scene, of_a) = private();
    let repository: Repository = format!("{}/{REPOSITORY}", scene.registry.host()).parse().unwrap();
    let pointer = Pointer::Digest(scene.image.parse().unwrap());
    let blocking = Blocking::new().unwrap();
    let fetch = |credentials| {
        let source = of_a.contents().for_policies(client(&scene.registry, credentials));
        let (repository, pointer) = (repository.clone(), pointer.clone());
        let work = async move { source.manifest(&repository, &pointer, &Budget::lasting(Duration::from_secs(30))).await };
        blocking.run(soon(), work).unwrap()
    };
    assert!(fetch(Some(A)).unwrap().is_some());
    let requests = scene.registry.log().len();
    assert!(fetch(Some(A)).unwrap().is_some());
    assert_eq!(scene.registry.log().len(), requests, "kept");
    fetch(None).unwrap_err();
    fetch(Some((A.0, "guess"))).unwrap_err();
}
