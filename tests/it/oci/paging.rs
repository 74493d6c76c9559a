//! Lists of referrers that come in pages.

use vidimus::oci::{ImageSource as _, Registry, RegistryOptions};

use super::{Scene, anonymous, is_unavailable, is_violation, stored};
use crate::testkit::{Fault, Route, TestRegistry, Wrong};

#[test]
fn all_pages_are_read() {
    let scene = Scene::new();
    let pushed = scene.refer(7);
    scene.registry.page_referrers(3);
    assert_eq!(scene.referrers(&anonymous()).unwrap(), pushed);
    assert_eq!(scene.registry.requests_to(Route::Referrers), 3);
}

#[test]
fn pages_are_read_with_the_same_authorization() {
    let scene = Scene::new();
    let pushed = scene.refer(5);
    scene.registry.page_referrers(2).require_basic("me", "secret");
    let source = super::client(stored(&serde_json::json!({"auths": {scene.registry.host(): {"auth": "bWU6c2VjcmV0"}}})));
    assert_eq!(scene.referrers(&source).unwrap(), pushed);
    assert_eq!(scene.registry.challenges(), 1);
}

#[test]
fn a_list_with_a_page_missing_is_no_list() {
    let scene = Scene::new();
    scene.refer(4);
    scene.registry.page_referrers(2);
    for status in [404, 400, 500] {
        scene.registry.heal().inject(Fault::status(status).on(Route::Referrers).after(1));
        assert!(is_unavailable(&scene.referrers(&anonymous()), &format!("status {status}")), "{status}");
    }
}

#[test]
fn a_list_that_does_not_end_is_cut() {
    let scene = Scene::new();
    scene.refer(1);
    scene.registry.inject(Fault::new(Wrong::NextPage("?again".to_owned())).on(Route::Referrers));
    assert!(is_violation(&scene.referrers(&anonymous()), "in circles"));
    assert_eq!(scene.registry.requests_to(Route::Referrers), 2);
    scene.registry.heal().inject(Fault::new(Wrong::NextPage("?page={n}".to_owned())).on(Route::Referrers)).forget_requests();
    assert!(is_violation(&scene.referrers(&anonymous()), "64 pages"));
    assert_eq!(scene.registry.requests_to(Route::Referrers), 64);
}

#[test]
fn too_many_entries_are_too_many() {
    let scene = Scene::new();
    let entries = vec![r#"{"digest":"sha256:aa","size":1}"#; 4097].join(",");
    let fallback = format!("sha256-{}", scene.image.hex());
    let index = format!(r#"{{"manifests":[{entries}]}}"#);
    scene.registry.push_manifest("acme/app", Some(&fallback), (super::INDEX, index.as_bytes()));
    assert!(is_violation(&scene.referrers(&anonymous()), "more than 4096"));
    // No page has too many, but all of them do.
    scene.registry.page_referrers(3000);
    assert!(is_violation(&scene.referrers(&anonymous()), "more than 4096 referrers"));
    scene.registry.referrers_api(false);
    assert!(is_violation(&scene.referrers(&anonymous()), "more than 4096"));
}

#[test]
fn a_page_on_another_host_is_not_asked() {
    let (scene, other) = (Scene::new(), TestRegistry::start());
    scene.refer(1);
    scene.registry.inject(Fault::new(Wrong::NextPage(format!("http://{}/v2/acme/app/referrers/x", other.host()))).on(Route::Referrers));
    assert!(is_violation(&scene.referrers(&anonymous()), "on another host"));
    assert_eq!(other.log().len(), 0);
}

#[test]
fn pages_after_a_redirect_do_not_lead_the_authorization_astray() {
    let (scene, other) = (Scene::new(), TestRegistry::start());
    other.push_manifest("acme/app", None, (super::IMAGE, br#"{"layers":[]}"#));
    other.inject(Fault::new(Wrong::NextPage("/v2/acme/app/referrers/more".to_owned())).on(Route::Referrers));
    scene.registry.require_basic("me", "secret");
    let credentials = stored(&serde_json::json!({"auths": {scene.registry.host(): {"auth": "bWU6c2VjcmV0"}}}));
    let source = Registry::new(RegistryOptions { credentials, plain_http: std::collections::BTreeSet::new() }).unwrap();
    scene.manifest(&source).unwrap();
    scene.registry.inject(Fault::redirect(&format!("http://{}", other.host())).on(Route::Referrers));
    assert!(is_violation(&scene.referrers(&source), "on another host"));
    assert!(other.log().iter().all(|request| request.authorization.is_none()));
    assert_eq!(other.log().len(), 1);
}

#[test]
fn one_bad_entry_among_good_ones_does_not_abort() {
    let scene = Scene::new();
    let fallback = format!("sha256-{}", scene.image.hex());
    let index = r#"{"manifests":[7,{"digest":"sha256:aa","size":"many"},{"digest":"sha256:bb","size":1}]}"#;
    scene.registry.referrers_api(false).push_manifest("acme/app", Some(&fallback), (super::INDEX, index.as_bytes()));
    assert_eq!(scene.referrers(&anonymous()).unwrap(), ["sha256:bb"]);
    let (source, asked, image) = (anonymous(), scene.repository.clone(), scene.image);
    assert_eq!(super::run(async move { source.referrers(&asked, &image, &super::budget()).await.unwrap().len() }), 1);
}
