//! Which answers of a registry are facts, and which are none.

use std::time::Duration;

use vidimus::oci::{Pointer, SourceError};

use super::{LONG, Scene, anonymous, is_unavailable, is_violation};
use crate::testkit::{Fault, Route};

const NO_ANSWERS: [u16; 14] = [201, 204, 206, 304, 400, 403, 405, 408, 410, 429, 500, 502, 503, 504];

#[test]
fn only_404_says_that_there_is_none() {
    let (scene, source) = (Scene::new(), anonymous());
    let tag = Pointer::Tag("v1".to_owned());
    for status in NO_ANSWERS {
        scene.registry.heal().fail(Route::Manifest, status).fail(Route::Tag, status).fail(Route::Blob, status);
        let part = format!("status {status}");
        assert!(is_unavailable(&scene.manifest(&source), &part), "{status}: {:?}", scene.manifest(&source));
        assert!(is_unavailable(&scene.manifest_at(&source, &tag), &part), "{status}");
        assert!(is_unavailable(&scene.blob(&source, LONG), &part), "{status}");
    }
    scene.registry.heal().fail(Route::Manifest, 404).fail(Route::Tag, 404).fail(Route::Blob, 404);
    assert_eq!(scene.manifest(&source).unwrap(), None);
    assert_eq!(scene.manifest_at(&source, &tag).unwrap(), None);
    assert!(matches!(scene.blob(&source, LONG), Err(SourceError::Absent { .. })));
    scene.registry.heal();
    assert_eq!(scene.manifest(&source).unwrap(), Some(scene.image));
}

#[test]
fn a_status_comes_with_the_codes_that_explain_it() {
    let (scene, source) = (Scene::new(), anonymous());
    scene.registry.inject(Fault::status_with_code(403, "DENIED").on(Route::Manifest));
    assert!(is_unavailable(&scene.manifest(&source), "status 403 Forbidden (DENIED)"));
    scene.registry.inject(Fault::status_with_code(403, "<script>").on(Route::Manifest));
    assert!(!is_unavailable(&scene.manifest(&source), "script"));
}

#[test]
fn who_refers_is_none_only_by_404_on_the_tag() {
    let (scene, source) = (Scene::new(), anonymous());
    let referrers = scene.refer(1);
    for status in NO_ANSWERS.into_iter().filter(|status| *status != 400) {
        scene.registry.heal().fail(Route::Referrers, status);
        assert!(is_unavailable(&scene.referrers(&source), &format!("status {status}")), "{status}: {:?}", scene.referrers(&source));
    }
    for status in NO_ANSWERS {
        // 400 and not 404, which would be remembered.
        scene.registry.heal().fail(Route::Referrers, 400).fail(Route::Tag, status);
        assert!(is_unavailable(&scene.referrers(&source), &format!("status {status}")), "{status}");
    }
    scene.registry.heal().fail(Route::Referrers, 406);
    assert_eq!(scene.referrers(&source).unwrap(), Vec::<String>::new());
    scene.registry.heal();
    assert_eq!(scene.referrers(&source).unwrap(), referrers);
}

#[test]
fn without_the_api_the_tag_answers() {
    for fault in
        [Fault::status(404), Fault::status(400), Fault::status(406), Fault::media_type("text/html"), Fault::media_type(super::IMAGE)]
    {
        let (scene, source) = (Scene::new(), anonymous());
        let fallback = format!("sha256-{}", scene.image.hex());
        let index = r#"{"schemaVersion":2,"manifests":[{"digest":"sha256:aa","size":1}]}"#;
        scene.registry.push_manifest("acme/app", Some(&fallback), (super::INDEX, index.as_bytes()));
        scene.registry.inject(fault.clone().on(Route::Referrers));
        assert_eq!(scene.referrers(&source).unwrap(), ["sha256:aa"], "{fault:?}");
    }
}

#[test]
fn a_fallback_tag_that_is_no_index_is_a_violation() {
    let (scene, source) = (Scene::new(), anonymous());
    let fallback = format!("sha256-{}", scene.image.hex());
    scene.registry.referrers_api(false).push_manifest("acme/app", Some(&fallback), (super::IMAGE, br#"{"layers":[]}"#));
    assert!(is_violation(&scene.referrers(&source), "not an image index"));
}

#[test]
fn the_media_type_is_the_registrys_without_parameters() {
    let (scene, source) = (Scene::new(), anonymous());
    scene.registry.inject(Fault::media_type("application/vnd.oci.image.index.v1+json; charset=utf-8"));
    let (asked, image) = (scene.repository.clone(), scene.image);
    let manifest = super::run(async move {
        use vidimus::oci::ImageSource as _;
        source.manifest(&asked, &Pointer::Digest(image), &super::budget()).await.unwrap().unwrap()
    });
    assert_eq!(manifest.media_type, super::INDEX);
    let scene_referrers = Scene::new();
    let pushed = scene_referrers.refer(2);
    scene_referrers.registry.inject(Fault::media_type("application/vnd.oci.image.index.v1+json; charset=utf-8").on(Route::Referrers));
    assert_eq!(scene_referrers.referrers(&anonymous()).unwrap(), pushed);
}

#[test]
fn nothing_is_tried_twice_for_now() {
    let (scene, source) = (Scene::new(), anonymous());
    scene.registry.inject(Fault::status(503).on(Route::Blob).times(1).header("Retry-After", "0"));
    assert!(is_unavailable(&scene.blob(&source, Duration::from_secs(9)), "503"));
    assert_eq!(scene.registry.requests_to(Route::Blob), 1);
    assert!(scene.blob(&source, LONG).is_ok());
}
