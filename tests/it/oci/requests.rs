//! What a question costs: requests, connections, and what is asked only once.

use std::sync::Arc;

use vidimus::oci::{Budget, Descriptor, ImageSource as _, Pointer, Registry, SourceError};

use super::{LONG, Scene, anonymous, budget, is_unavailable, repository, run};
use crate::testkit::{Fault, Route, TestRegistry};

/// Asks for what a verification of a legacy signature asks for: referrers, `.sig`, blob. Gives the requests spent.
fn verification(scene: &Scene, source: &Registry) -> u64 {
    let (source, repository, image, blob) = (source.clone(), scene.repository.clone(), scene.image, scene.blob);
    run(async move {
        let budget = budget();
        assert_eq!(source.referrers(&repository, &image, &budget).await.unwrap(), Vec::<Descriptor>::new());
        assert!(source.manifest(&repository, &Pointer::Tag("v1".to_owned()), &budget).await.unwrap().is_some());
        source.blob(&repository, &blob, 4096, &budget).await.unwrap();
        budget.requests()
    })
}

#[test]
fn three_requests_with_the_api_and_one_more_once_without() {
    let (scene, source) = (Scene::new(), anonymous());
    assert_eq!([verification(&scene, &source), verification(&scene, &source)], [3, 3]);
    assert_eq!(scene.registry.requests(), 6);
    scene.registry.referrers_api(false).forget_requests();
    assert_eq!([verification(&scene, &source), verification(&scene, &source)], [4, 3]);
    assert_eq!(scene.registry.requests(), 7);
    let asked = |route| scene.registry.log().into_iter().filter(|r| r.route == route).map(|r| r.path).collect::<Vec<_>>();
    assert_eq!(asked(Route::Referrers), [format!("/v2/acme/app/referrers/{}", scene.image)]);
    let fallback = format!("/v2/acme/app/manifests/sha256-{}", scene.image.hex());
    let v1 = "/v2/acme/app/manifests/v1".to_owned();
    assert_eq!(asked(Route::Tag), [fallback.clone(), v1.clone(), fallback, v1]);
    assert_eq!(source.counts().requests, 13);
}

#[test]
fn an_unknown_name_says_nothing_about_the_api() {
    let (scene, source) = (Scene::new(), anonymous());
    for code in ["NAME_UNKNOWN", "MANIFEST_UNKNOWN"] {
        scene.registry.heal().inject(Fault::status_with_code(404, code).on(Route::Referrers)).forget_requests();
        assert_eq!([verification(&scene, &source), verification(&scene, &source)], [4, 4], "{code}");
    }
    scene.registry.heal().inject(Fault::status_with_code(404, "UNSUPPORTED").on(Route::Referrers));
    assert_eq!([verification(&scene, &source), verification(&scene, &source)], [4, 3]);
}

#[test]
fn what_one_registry_lacks_another_may_have() {
    let (without, with, source) = (Scene::new(), Scene::new(), anonymous());
    without.registry.referrers_api(false);
    let referrers = with.refer(1);
    assert_eq!(verification(&without, &source), 4);
    assert_eq!(with.referrers(&source).unwrap(), referrers);
}

#[test]
fn connections_are_kept_whatever_the_answers() {
    let (scene, source) = (Scene::new(), anonymous());
    let missing = Pointer::Tag("missing".to_owned());
    for _ in 0..25 {
        scene.manifest(&source).unwrap();
        assert!(scene.manifest_at(&source, &missing).unwrap().is_none());
    }
    assert_eq!(scene.registry.requests(), 50);
    // One for TLS, which the registry does not speak, and one for all the rest.
    assert_eq!(scene.registry.connections(), 2);
}

#[test]
fn many_at_once_ask_for_tls_once_and_stay_within_bounds() {
    let (scene, source) = (Scene::new(), anonymous());
    let (asked, image) = (scene.repository.clone(), scene.image);
    run(async move {
        let one = |_| {
            let (source, asked) = (source.clone(), asked.clone());
            async move { source.manifest(&asked, &Pointer::Digest(image), &budget()).await.unwrap().unwrap() }
        };
        futures_util::future::join_all((0..300).map(one)).await;
    });
    assert_eq!(scene.registry.requests(), 300);
    // A request that waits for a connection may open one and then find another free.
    assert!(scene.registry.connections() <= 129, "{}", scene.registry.connections());
}

#[test]
fn a_registry_that_is_down_is_unavailable_and_found_again() {
    let source = anonymous();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let down = repository(&format!("{}/acme/app", listener.local_addr().unwrap()));
    drop(listener);
    let asked = source.clone();
    let answer = run(async move { asked.manifest(&down, &Pointer::Tag("v1".to_owned()), &budget()).await });
    assert!(is_unavailable(&answer, "refused"), "{answer:?}");
    assert_eq!(source.counts().requests, 0);
}

#[test]
fn a_name_that_does_not_resolve_is_unavailable() {
    let asked = repository("no-such-host.invalid/acme/app");
    let answer = run(async move { anonymous().manifest(&asked, &Pointer::Tag("v1".to_owned()), &budget()).await });
    assert!(matches!(answer, Err(SourceError::Unavailable { .. })), "{answer:?}");
}

#[test]
fn no_time_is_no_answer() {
    let (scene, source) = (Scene::new(), anonymous());
    scene.manifest(&source).unwrap();
    let (asked, image) = (scene.repository.clone(), scene.image);
    let answer = run(async move { source.manifest(&asked, &Pointer::Digest(image), &Budget::lasting(std::time::Duration::ZERO)).await });
    assert!(is_unavailable(&answer, "timed out"), "{answer:?}");
}

#[test]
fn what_a_real_client_pushes_can_be_read() {
    use oci_client::client::{ClientConfig, ClientProtocol, Config, ImageLayer};
    let registry = TestRegistry::start();
    let reference: oci_client::Reference = format!("{}/acme/pushed:v1", registry.host()).parse().unwrap();
    let pushed = run(async move {
        let client = oci_client::Client::try_from(ClientConfig { protocol: ClientProtocol::Http, ..ClientConfig::default() }).unwrap();
        let layer = ImageLayer::new(b"layer".to_vec(), "text/plain".to_owned(), None);
        let config = Config::oci_v1(b"{}".to_vec(), None);
        client.push(&reference, &[layer], config, &oci_client::secrets::RegistryAuth::Anonymous, None).await.unwrap().manifest_url
    });
    let (source, asked) = (anonymous(), repository(&format!("{}/acme/pushed", registry.host())));
    let (manifest, layer) = run(async move {
        let budget = Budget::lasting(LONG);
        let manifest = source.manifest(&asked, &Pointer::Tag("v1".to_owned()), &budget).await.unwrap().unwrap();
        let parsed: serde_json::Value = serde_json::from_slice(&manifest.bytes).unwrap();
        let layer = parsed["layers"][0]["digest"].as_str().unwrap().parse().unwrap();
        (manifest, source.blob(&asked, &layer, 5, &budget).await.unwrap())
    });
    assert!(pushed.contains("acme/pushed"), "{pushed}");
    assert_eq!(manifest.media_type, "application/vnd.oci.image.manifest.v1+json");
    assert_eq!(layer, Arc::from(b"layer".as_slice()));
}

#[test]
fn a_registry_named_as_plain_is_not_asked_for_tls() {
    let scene = Scene::new();
    let plain_http = std::collections::BTreeSet::from([scene.repository.host().clone()]);
    let source = Registry::new(vidimus::oci::RegistryOptions { credentials: vidimus::oci::Credentials::anonymous(), plain_http }).unwrap();
    scene.manifest(&source).unwrap();
    assert_eq!(scene.registry.connections(), 1);
}

#[test]
fn what_answers_tls_in_anything_but_http_is_asked_in_tls_first() {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let asked = repository(&format!("{}/acme/app", listener.local_addr().unwrap()));
    let (sender, greetings) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut first) = (stream.unwrap(), [0; 1]);
            if stream.read_exact(&mut first).is_ok() && sender.send(first[0]).is_ok() {
                // A fatal alert of TLS: handshake_failure.
                let _ = stream.write_all(&[0x15, 3, 3, 0, 2, 2, 40]);
            }
        }
    });
    let answer = run(async move { anonymous().manifest(&asked, &Pointer::Tag("v1".to_owned()), &budget()).await });
    assert!(matches!(answer, Err(SourceError::Unavailable { .. })), "{answer:?}");
    // The look, the attempt in TLS, and only then the attempt without.
    assert_eq!(greetings.try_iter().collect::<Vec<_>>(), [0x16, 0x16, b'G']);
}
