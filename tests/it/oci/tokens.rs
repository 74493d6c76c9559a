//! Registries that ask who is there.

use std::time::Duration;

use serde_json::json;
use vidimus::oci::{ImageSource as _, Pointer, Registry};

use super::{Scene, anonymous, budget, client, is_unavailable, repository, run, stored};
use crate::testkit::{Bearer, Fault, Route, TestRegistry, Wrong};

const TAG: &str = "v1";

/// `me` with `secret`.
const AUTH: &str = "bWU6c2VjcmV0";

fn me() -> Bearer {
    Bearer { user: Some(("me".to_owned(), "secret".to_owned())), ..Bearer::default() }
}

fn known_to(host: &str) -> Registry {
    client(stored(&json!({"auths": {host: {"auth": AUTH}}})))
}

#[test]
fn basic_is_shown_after_one_challenge_and_then_at_once() {
    let scene = Scene::new();
    scene.registry.require_basic("me", "secret");
    let source = known_to(scene.registry.host());
    scene.manifest(&source).unwrap();
    scene.manifest(&source).unwrap();
    assert_eq!((scene.registry.challenges(), scene.registry.requests()), (1, 2));
    assert_eq!((source.counts().challenges, source.counts().requests), (1, 3));
}

#[test]
fn a_wrong_password_is_shown_once_and_is_unavailable() {
    let scene = Scene::new();
    scene.registry.require_basic("me", "other");
    let source = known_to(scene.registry.host());
    assert!(is_unavailable(&scene.manifest(&source), "401 Unauthorized after authentication"));
    scene.registry.forget_requests();
    assert!(is_unavailable(&scene.manifest(&source), "401 Unauthorized with the stored credentials"));
    assert_eq!(scene.registry.log().len(), 1);
    assert!(is_unavailable(&scene.manifest(&anonymous()), "there are no credentials"));
}

#[test]
fn a_challenge_that_says_nothing_is_unavailable() {
    let scene = Scene::new();
    scene.registry.fail(Route::Manifest, 401);
    assert!(is_unavailable(&scene.manifest(&known_to(scene.registry.host())), "401 Unauthorized: no challenge"));
    assert_eq!(scene.registry.log().len(), 1);
}

#[test]
fn nothing_is_shown_to_who_does_not_ask() {
    let scene = Scene::new();
    scene.manifest(&known_to(scene.registry.host())).unwrap();
    assert!(scene.registry.log().iter().all(|request| request.authorization.is_none()));
}

#[test]
fn one_challenge_a_registry_and_one_token_a_repository() {
    let scene = Scene::new();
    scene.registry.push_manifest("acme/other", Some(TAG), (super::IMAGE, br#"{"layers":[]}"#));
    scene.registry.require_bearer(Bearer::default());
    let source = anonymous();
    scene.manifest(&source).unwrap();
    scene.manifest(&source).unwrap();
    assert_eq!((scene.registry.challenges(), scene.registry.requests_to(Route::Token), scene.registry.requests()), (1, 1, 2));
    let (asked, other) = (source.clone(), repository(&format!("{}/acme/other", scene.registry.host())));
    run(async move { asked.manifest(&other, &Pointer::Tag(TAG.to_owned()), &budget()).await.unwrap().unwrap() });
    assert_eq!((scene.registry.challenges(), scene.registry.requests_to(Route::Token), scene.registry.requests()), (1, 2, 3));
    let counts = source.counts();
    assert_eq!((counts.requests, counts.challenges, counts.tokens), (6, 1, 2));
    let scopes: Vec<_> = scene.registry.log().into_iter().filter(|r| r.route == Route::Token).map(|r| r.query).collect();
    assert_eq!(scopes[1], "service=testkit&scope=repository%3Aacme%2Fother%3Apull");
}

#[test]
fn many_at_once_ask_for_one_token() {
    let scene = Scene::new();
    scene.registry.require_bearer(Bearer::default());
    let (source, asked, image) = (anonymous(), scene.repository.clone(), scene.image);
    let spent = run(async move {
        let one = |_| {
            let (source, asked) = (source.clone(), asked.clone());
            async move {
                let budget = budget();
                source.manifest(&asked, &Pointer::Digest(image), &budget).await.unwrap().unwrap();
                budget.requests()
            }
        };
        futures_util::future::join_all((0..32).map(one)).await.into_iter().sum::<u64>()
    });
    assert_eq!(scene.registry.requests_to(Route::Token), 1);
    assert_eq!(usize::try_from(spent).unwrap(), scene.registry.log().len());
}

#[test]
fn a_token_is_asked_for_with_the_password_and_shown_without() {
    let scene = Scene::new();
    scene.registry.require_bearer(me());
    scene.manifest(&known_to(scene.registry.host())).unwrap();
    for request in scene.registry.log() {
        let expected = match (request.route, request.status) {
            (Route::Token, _) => Some(format!("Basic {AUTH}")),
            (_, 401) => None,
            _ => Some("Bearer token-1".to_owned()),
        };
        assert_eq!(request.authorization, expected, "{request:?}");
    }
}

#[test]
fn a_refused_token_request_is_an_error_and_not_an_anonymous_one() {
    let scene = Scene::new();
    scene.registry.require_bearer(me());
    assert!(is_unavailable(&scene.manifest(&anonymous()), "status 401"));
    for status in [403, 429, 500, 503, 307] {
        scene.registry.heal().fail(Route::Token, status);
        assert!(is_unavailable(&scene.manifest(&known_to(scene.registry.host())), &format!("status {status}")), "{status}");
    }
    assert_eq!(scene.registry.requests(), 0);
}

#[test]
fn a_token_that_is_taken_back_is_replaced_once() {
    let (scene, source) = (Scene::new(), anonymous());
    scene.registry.require_bearer(Bearer::default());
    scene.manifest(&source).unwrap();
    scene.registry.expire_tokens().forget_requests();
    scene.manifest(&source).unwrap();
    assert_eq!((scene.registry.challenges(), scene.registry.requests_to(Route::Token), scene.registry.log().len()), (1, 1, 3));
    // One that is never good is not asked for for ever.
    let challenge = format!(r#"Bearer realm="http://{}/token""#, scene.registry.host());
    scene.registry.inject(Fault::status(401).on(Route::Manifest).header("WWW-Authenticate", &challenge)).forget_requests();
    assert!(is_unavailable(&scene.manifest(&source), "401 Unauthorized after authentication"));
    assert_eq!(scene.registry.requests_to(Route::Manifest), 2);
}

#[test]
fn an_expired_token_is_replaced_without_a_challenge() {
    let (scene, source) = (Scene::new(), anonymous());
    // A second, all of which the way to the registry may take.
    scene.registry.require_bearer(Bearer { lasts: Duration::from_secs(1), ..Bearer::default() });
    scene.manifest(&source).unwrap();
    scene.manifest(&source).unwrap();
    assert_eq!((scene.registry.challenges(), scene.registry.requests_to(Route::Token)), (1, 2));
}

#[test]
fn a_token_service_that_floods_stalls_or_babbles_is_an_error() {
    for (wrong, part) in [
        (Wrong::Endless, "larger than 65536 bytes"),
        (Wrong::Status(200, "<html>".to_owned()), "not a token document"),
        (Wrong::Status(200, r#"{"token":"a\nb"}"#.to_owned()), "cannot stand in a header"),
        (Wrong::Truncated, ""),
    ] {
        let scene = Scene::new();
        scene.registry.require_bearer(Bearer::default()).inject(Fault::new(wrong.clone()).on(Route::Token));
        let answer = scene.manifest(&anonymous());
        assert!(answer.as_ref().is_err_and(|e| e.to_string().contains(part)), "{wrong:?}: {answer:?}");
    }
    let scene = Scene::new();
    scene.registry.require_bearer(Bearer::default()).inject(Fault::new(Wrong::Silence).on(Route::Token));
    let (source, asked, image) = (anonymous(), scene.repository.clone(), scene.image);
    let budget = vidimus::oci::Budget::lasting(Duration::from_millis(300));
    let answer = run(async move { source.manifest(&asked, &Pointer::Digest(image), &budget).await });
    assert!(is_unavailable(&answer, "timed out"), "{answer:?}");
}

#[test]
fn a_realm_elsewhere_on_plain_http_gets_nothing() {
    for realm in
        ["http://auth.example/token", "http://10.0.0.1/token", "ftp://127.0.0.1/token", "/token", "http://me:secret@127.0.0.1/token"]
    {
        let scene = Scene::new();
        scene.registry.require_bearer(Bearer { realm: Some(realm.to_owned()), ..Bearer::default() });
        let answer = scene.manifest(&known_to(scene.registry.host()));
        assert!(is_unavailable(&answer, "realm"), "{realm}: {answer:?}");
        assert_eq!(scene.registry.log().len(), 1, "{realm}");
    }
}

#[test]
fn a_realm_on_another_port_of_this_machine_gets_the_registrys_credentials_and_no_other() {
    let (scene, service) = (Scene::new(), TestRegistry::start());
    service.require_bearer(me());
    let realm = format!("http://{}/token", service.host());
    scene.registry.require_bearer(Bearer { realm: Some(realm), ..Bearer::default() });
    // The service's own entry is not what the registry's challenge is answered with.
    let other = client(stored(&json!({"auths": {service.host(): {"auth": AUTH}}})));
    assert!(is_unavailable(&scene.manifest(&other), "status 401"));
    assert!(service.log().iter().all(|request| request.authorization.is_none()));
    // The token is the service's, so the registry does not know it: but the password went where the challenge said.
    assert!(is_unavailable(&scene.manifest(&known_to(scene.registry.host())), "after authentication"));
    assert_eq!(service.log().last().unwrap().authorization.as_deref(), Some(format!("Basic {AUTH}").as_str()));
}

#[test]
fn a_repository_for_everybody_stays_so_beside_one_that_is_not() {
    let scene = Scene::new();
    scene.registry.push_manifest("acme/public", Some(TAG), (super::IMAGE, br#"{"layers":[]}"#));
    let credentials = stored(&json!({"auths": {format!("{}/acme/app", scene.registry.host()): {"auth": AUTH}}}));
    let source = client(credentials);
    scene.registry.inject(Fault::status(401).at("acme/app").times(1).header("WWW-Authenticate", "Basic realm=x"));
    scene.manifest(&source).unwrap();
    let public = repository(&format!("{}/acme/public", scene.registry.host()));
    run(async move { source.manifest(&public, &Pointer::Tag(TAG.to_owned()), &budget()).await.unwrap().unwrap() });
    assert_eq!(scene.registry.log().last().unwrap().authorization, None);
}
