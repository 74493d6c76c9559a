//! Docker's `config.json`: who is found in it, and what is refused.

use serde_json::{Value, json};
use vidimus::oci::{Credentials, InvalidCredentials};

use super::{Scene, client, is_unavailable, stored};
use crate::testkit::Route;

/// `me:secret` and `you:secret`.
const ME: &str = "bWU6c2VjcmV0";
const YOU: &str = "eW91OnNlY3JldA==";

/// The header that a registry at `127.0.0.1` sees for `acme/app`, with `HOST` in `config` standing for it.
fn shown(config: &Value) -> Option<String> {
    let scene = Scene::new();
    scene.registry.require_basic("nobody", "has this");
    let config = config.to_string().replace("HOST", scene.registry.host());
    let _ = scene.manifest(&client(stored(&serde_json::from_str(&config).unwrap())));
    scene.registry.log().last().unwrap().authorization.clone()
}

#[test]
fn the_repository_comes_before_the_registry() {
    let (me, you) = (Some(format!("Basic {ME}")), Some(format!("Basic {YOU}")));
    assert_eq!(shown(&json!({"auths": {"HOST/acme/app": {"auth": ME}, "HOST": {"auth": YOU}}})), me);
    assert_eq!(shown(&json!({"auths": {"HOST/acme/other": {"auth": ME}, "HOST": {"auth": YOU}}})), you);
    assert_eq!(shown(&json!({"auths": {"HOST": {"username": "me", "password": "secret"}}})), me);
    assert_eq!(shown(&json!({"auths": {"https://HOST/v1/": {"auth": ME}}})), me);
    assert_eq!(shown(&json!({"auths": {"http://HOST": {"auth": ME}}})), me);
}

#[test]
fn what_is_stored_for_others_is_not_shown() {
    for key in ["HOST/acme/other", "HOST/acme", "HOST/", "registry.example", "127.0.0.1", "https://HOSTX", "", "HOST/acme/app:v1"] {
        assert_eq!(shown(&json!({"auths": {key: {"auth": ME}}})), None, "{key}");
    }
    assert_eq!(shown(&json!({})), None);
    assert_eq!(shown(&json!({"auths": {"HOST": {}}})), None);
}

#[test]
fn a_helper_is_refused_by_name_where_it_would_be_needed() {
    for config in [
        json!({"credHelpers": {"HOST": "example"}}),
        json!({"credsStore": "example", "auths": {"HOST": {}}}),
        json!({"credHelpers": {"HOST/acme/app": "example"}, "auths": {"HOST": {"auth": ME}}}),
    ] {
        let scene = Scene::new();
        let config: Value = serde_json::from_str(&config.to_string().replace("HOST", scene.registry.host())).unwrap();
        let source = client(stored(&config));
        assert!(scene.manifest(&source).is_ok(), "nobody asked");
        scene.registry.require_basic("me", "secret");
        assert!(is_unavailable(&scene.manifest(&source), "kept by `docker-credential-example`"), "{config}");
    }
    assert_eq!(shown(&json!({"credsStore": "example", "credHelpers": {"registry.example": "example"}})), None);
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config.json");
    assert!(matches!(Credentials::from_docker_config(&file), Err(InvalidCredentials::Unreadable { .. })));
    for (text, part) in [
        ("", "not a JSON object"),
        ("[]", "not a JSON object"),
        ("{", "line 1"),
        (r#"{"auths":{"r":{"auth":"!!"}}}"#, "`r`: `auth` is not base64"),
        (r#"{"auths":{"r":{"auth":"c2VjcmV0"}}}"#, "`r`: `auth` is not a name and a password"),
        (r#"{"auths":{"r":{"auth":"/w=="}}}"#, "`r`: `auth` is not text"),
        (r#"{"auths":{"r":{"auth":{"secret":1}}}}"#, "line 1"),
    ] {
        std::fs::write(&file, text).unwrap();
        let error = Credentials::from_docker_config(&file).unwrap_err().to_string();
        assert!(error.contains(part) && !error.contains("secret"), "{text}: {error}");
    }
}

#[test]
fn secrets_are_not_printed() {
    let credentials = stored(&json!({"auths": {"registry.example": {"auth": ME, "identitytoken": "hush"}}}));
    let text = format!("{credentials:?} {:?}", client(credentials.clone()));
    assert!(text.contains("registry.example") && !text.contains("secret") && !text.contains(ME) && !text.contains("hush"), "{text}");
}

#[test]
fn an_identity_token_is_exchanged_and_a_registry_token_is_shown() {
    let scene = Scene::new();
    scene.registry.require_bearer(crate::testkit::Bearer::default());
    let source = client(stored(&json!({"auths": {scene.registry.host(): {"identitytoken": "hush"}}})));
    scene.manifest(&source).unwrap();
    let token = scene.registry.log().into_iter().find(|request| request.route == Route::Token).unwrap();
    assert_eq!((token.method.as_str(), token.authorization), ("POST", None));
    assert!(token.form.contains("grant_type=refresh_token") && token.form.contains("refresh_token=hush"), "{}", token.form);
    assert!(token.form.contains("scope=repository%3Aacme%2Fapp%3Apull") && token.form.contains("service=testkit"), "{}", token.form);
    let source = client(stored(&json!({"auths": {scene.registry.host(): {"registrytoken": "token-1"}}})));
    scene.manifest(&source).unwrap();
    assert_eq!(scene.registry.requests_to(Route::Token), 1);
}
