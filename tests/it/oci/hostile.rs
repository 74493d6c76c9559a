//! Registries that lie, stall, flood, break off, or send elsewhere.

use std::time::{Duration, Instant};

use vidimus::oci::{Budget, Digest, ImageSource as _, Pointer, Registry, SourceError};

use super::{IMAGE, LONG, Scene, anonymous, is_unavailable, is_violation, reason, run, stored};
use crate::testkit::{Fault, Route, TestRegistry, Wrong};

/// Short, for answers that never come.
const SHORT: Duration = Duration::from_millis(300);

fn with(wrong: Wrong, route: Route) -> (Scene, Registry) {
    let scene = Scene::new();
    scene.registry.inject(Fault::new(wrong).on(route));
    (scene, anonymous())
}

#[test]
fn a_changed_body_is_a_violation() {
    for route in [Route::Manifest, Route::Blob] {
        let (scene, source) = with(Wrong::Altered, route);
        let answers = [scene.manifest(&source).map(|_| ()), scene.blob(&source, LONG).map(|_| ())];
        assert_eq!(answers.iter().filter(|answer| is_violation(answer, "the content has the digest")).count(), 1, "{answers:?}");
    }
}

#[test]
fn a_header_proves_nothing_and_a_contradiction_is_a_violation() {
    let (scene, source) = with(Wrong::LyingHeader, Route::Manifest);
    assert_eq!(scene.manifest(&source).unwrap(), Some(scene.image));
    let tag = Pointer::Tag("v1".to_owned());
    for wrong in [Wrong::LyingHeader, Wrong::Altered] {
        let (scene, source) = with(wrong, Route::Tag);
        assert!(is_violation(&scene.manifest_at(&source, &tag), "the content has the digest"));
    }
}

#[test]
fn head_is_never_asked() {
    let (scene, source) = with(Wrong::Status(404, String::new()), Route::Manifest);
    // HEAD would say that the manifest is there.
    assert_eq!(scene.manifest(&source).unwrap(), None);
    assert!(scene.registry.log().iter().all(|request| request.method == "GET"));
}

#[test]
fn a_silent_registry_costs_the_deadline_and_no_more() {
    for wrong in [Wrong::Silence, Wrong::Slow(Duration::from_millis(50))] {
        let (scene, source) = with(wrong, Route::Blob);
        let begun = Instant::now();
        assert!(is_unavailable(&scene.blob(&source, SHORT), "timed out"));
        assert!(begun.elapsed() < LONG / 2, "{:?}", begun.elapsed());
    }
}

#[test]
fn a_broken_connection_is_unavailable_even_halfway() {
    for route in [Route::Manifest, Route::Blob] {
        let (scene, source) = with(Wrong::Truncated, route);
        let answers = [scene.manifest(&source).map(|_| ()), scene.blob(&source, LONG).map(|_| ())];
        assert_eq!(answers.iter().filter(|answer| is_unavailable(answer, "")).count(), 1, "{answers:?}");
    }
}

#[test]
fn a_body_without_end_is_cut_at_the_bound() {
    for route in [Route::Manifest, Route::Tag, Route::Blob, Route::Referrers] {
        let (scene, source) = with(Wrong::Endless, route);
        let answers = [
            scene.manifest(&source).map(|_| ()),
            scene.manifest_at(&source, &Pointer::Tag("v1".to_owned())).map(|_| ()),
            scene.blob(&source, LONG).map(|_| ()),
            scene.referrers(&source).map(|_| ()),
        ];
        assert_eq!(answers.iter().filter(|answer| is_violation(answer, "larger than")).count(), 1, "{route:?}: {answers:?}");
    }
    // Not wanted, so not read.
    let scene = Scene::new();
    scene.registry.inject(Fault::new(Wrong::EndlessStatus(500)));
    assert!(is_unavailable(&scene.blob(&anonymous(), LONG), "status 500"));
}

#[test]
fn a_claim_is_judged_before_anything_is_held() {
    let (scene, source) = with(Wrong::Claims(1 << 50), Route::Blob);
    assert!(is_violation(&scene.blob(&source, LONG), "larger than 4096 bytes"));
    // Within the bound the claim is not worth its memory either: the body is not that long, and ends the connection.
    let (scene, source) = with(Wrong::Claims(100 << 20), Route::Blob);
    let (asked, blob) = (scene.repository.clone(), scene.blob);
    let answer = run(async move { source.blob(&asked, &blob, Budget::MAX_PAYLOAD, &Budget::lasting(LONG)).await });
    assert!(is_unavailable(&answer, ""), "{answer:?}");
}

#[test]
fn the_bound_is_exact() {
    let scene = Scene::new();
    for (size, fits) in [(4096, true), (4095, false)] {
        let (source, asked, blob) = (anonymous(), scene.repository.clone(), scene.blob);
        let answer = run(async move { source.blob(&asked, &blob, size, &Budget::lasting(LONG)).await });
        assert_eq!(answer.is_ok(), fits, "{size}");
    }
    for (size, fits) in [(Budget::MAX_MANIFEST, true), (Budget::MAX_MANIFEST + 1, false)] {
        let manifest = vec![b' '; usize::try_from(size).unwrap()];
        scene.registry.push_manifest("acme/app", Some("large"), (IMAGE, &manifest));
        let answer = scene.manifest_at(&anonymous(), &Pointer::Tag("large".to_owned()));
        assert_eq!(answer.is_ok(), fits, "{size}: {answer:?}");
    }
}

/// A registry that asks for a password, with a client that has it, and the place it redirects to.
fn redirected(to: impl FnOnce(&TestRegistry, &TestRegistry) -> String) -> (Scene, TestRegistry, Registry) {
    let (scene, storage) = (Scene::new(), TestRegistry::start());
    storage.push_blob("acme/app", &[7; 4096]);
    scene.registry.require_basic("me", "secret");
    let source = super::client(stored(&serde_json::json!({"auths": {scene.registry.host(): {"auth": "bWU6c2VjcmV0"}}})));
    // The redirect comes after the password is known to be asked for.
    scene.manifest(&source).unwrap();
    scene.registry.inject(Fault::redirect(&to(&scene.registry, &storage)).on(Route::Blob)).forget_requests();
    (scene, storage, source)
}

#[test]
fn a_redirect_to_another_host_takes_no_credentials_along() {
    let (scene, storage, source) = redirected(|_, storage| format!("http://{}", storage.host()));
    scene.blob(&source, LONG).unwrap();
    assert!(scene.registry.log().iter().all(|request| request.authorization.is_some()));
    assert_eq!(storage.log().len(), 1);
    assert!(storage.log().iter().all(|request| request.authorization.is_none()));
    assert_eq!(Digest::of(&[7; 4096]), scene.blob);
}

#[test]
fn a_challenge_after_a_redirect_is_not_answered() {
    let (scene, storage, source) = redirected(|_, storage| format!("http://{}", storage.host()));
    storage.require_basic("me", "secret");
    assert!(is_unavailable(&scene.blob(&source, LONG), "401 Unauthorized after a redirect"));
    assert!(storage.log().iter().all(|request| request.authorization.is_none()));
}

#[test]
fn redirected_content_is_hashed_like_any_other() {
    let (scene, storage, source) = redirected(|_, storage| format!("http://{}", storage.host()));
    storage.inject(Fault::new(Wrong::Altered));
    assert!(is_violation(&scene.blob(&source, LONG), "the content has the digest"));
}

#[test]
fn redirects_end() {
    let (scene, _storage, source) = redirected(|registry, _| format!("http://{}", registry.host()));
    assert!(is_unavailable(&scene.blob(&source, LONG), "more than 5 redirects"));
    assert_eq!(scene.registry.requests_to(Route::Blob), 6);
}

#[test]
fn a_redirect_to_what_is_not_http_is_not_followed() {
    for target in ["file://", "ftp://storage.example", "gopher:"] {
        let (scene, _storage, source) = redirected(|_, _| target.to_owned());
        let answer = scene.blob(&source, LONG);
        assert!(is_unavailable(&answer, "a redirect to what is not HTTP"), "{target}: {answer:?}");
    }
}

#[test]
fn an_error_shows_neither_target_nor_secret() {
    let (scene, _storage, source) = redirected(|_, _| "http://127.0.0.1:1/?signature=s3cret&to=".to_owned());
    let answer = scene.blob(&source, LONG);
    let Err(error @ SourceError::Unavailable { .. }) = &answer else { panic!("{answer:?}") };
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    assert!(reason(error).contains("refused"), "{error}");
}

#[test]
fn a_name_that_climbs_is_never_sent() {
    let (scene, source) = (Scene::new(), anonymous());
    for path in ["../acme/app", "acme/../../v2/acme/app", "acme//app", "acme/./app"] {
        let asked = super::repository(&format!("{}/{path}", scene.registry.host()));
        let (source, image) = (source.clone(), scene.image);
        let answers = run(async move {
            let budget = super::budget();
            let manifest = source.manifest(&asked, &Pointer::Digest(image), &budget).await.map(|_| ());
            let blob = source.blob(&asked, &image, 9, &budget).await.map(|_| ());
            [manifest, blob, source.referrers(&asked, &image, &budget).await.map(|_| ())]
        });
        assert!(answers.iter().all(|answer| is_violation(answer, "component")), "{answers:?}");
    }
    assert!(is_violation(&scene.manifest_at(&source, &Pointer::Tag("../blobs/x".to_owned())), "tag"));
    assert_eq!(scene.registry.log().len(), 0);
}
