//! What could not be asked is never "unsigned", and never remembered.

use super::*;
use crate::testkit::signer::{bundle, push_bundle, statement};
use crate::testkit::{Fault, Route, Wrong};

#[test]
fn every_status_that_is_no_answer_is_unavailable() {
    for status in [403, 408, 429, 500, 502, 503, 504] {
        for route in [Route::Referrers, Route::Tag, Route::Blob] {
            let scene = Scene::new();
            scene.sign();
            scene.registry.fail(route, status);
            if route == Route::Referrers {
                scene.image().unwrap_or_else(|error| panic!("the tag answers: {error}"));
            } else {
                let text = unavailability(scene.image());
                assert!(!text.contains("no signatures found") && !text.contains("no matching"), "{text}");
            }
        }
    }
}

#[test]
fn a_path_that_could_not_be_asked_makes_a_rejection_unavailable() {
    let scene = Scene::new();
    scene.attach("sig", &[Layer::of_image(&TestKey::p256(), &scene.image)]);
    scene.registry.fail(Route::Referrers, 503);
    unavailability(scene.image());
    scene.registry.heal();
    rejection(scene.image());
    let scene = Scene::new();
    push_bundle(&scene.registry, REPOSITORY, &scene.image, &bundle(&TestKey::p256(), &statement(&scene.image, "t")));
    scene.registry.fail(Route::Tag, 503);
    unavailability(scene.image());
    scene.registry.heal();
    rejection(scene.image());
}

#[test]
fn one_layer_that_could_not_be_asked_makes_a_rejection_unavailable() {
    let scene = Scene::new();
    let (bad, good) = (Layer::of_image(&TestKey::p256(), &scene.image), Layer::of_image(&scene.key, &scene.image));
    // Two payloads of the same digest are one blob: they must differ.
    let other = Layer::signed(&scene.key, b"{}");
    scene.attach("sig", &[bad, other]);
    scene.registry.inject(Fault::status(503).on(Route::Blob).times(1));
    unavailability(scene.image());
    rejection(scene.image());
    scene.attach("sig", &[good]);
    scene.image().unwrap();
}

#[test]
fn an_answer_that_rests_on_less_than_there_is_holds_and_is_not_remembered() {
    let scene = Scene::new();
    scene.attach("att", &[Layer::of_statement(&scene.key, &statement(&scene.image, "legacy"))]);
    push_bundle(&scene.registry, REPOSITORY, &scene.image, &bundle(&scene.key, &statement(&scene.image, "bundled")));
    scene.registry.fail(Route::Referrers, 503);
    assert_eq!(scene.attestation().unwrap().verified.attestations().len(), 1);
    assert_eq!(scene.verifier.stats().memo.entries, 0);
    scene.registry.heal();
    assert_eq!(scene.attestation().unwrap().verified.attestations().len(), 2);
    assert_eq!(scene.verifier.stats().memo.entries, 1);
}

#[test]
fn a_broken_connection_is_unavailable() {
    for wrong in [Wrong::Truncated, Wrong::Claims(1 << 20)] {
        let scene = Scene::new();
        scene.sign();
        scene.registry.inject(Fault::new(wrong).on(Route::Tag));
        unavailability(scene.image());
        scene.registry.heal();
        scene.image().unwrap();
    }
}

#[test]
fn a_registry_that_is_not_there_is_unavailable() {
    let scene = Scene::new();
    scene.sign();
    let request = scene.request(Question::Image);
    let Scene { registry, verifier, .. } = scene;
    drop(registry);
    unavailability(verifier.verify(&request, soon()));
}

#[test]
fn a_missing_repository_is_a_fact() {
    let scene = Scene::new();
    let mut request = scene.request(Question::Image);
    request.image = format!("{}/acme/absent@{}", scene.registry.host(), scene.image).parse().unwrap();
    assert_eq!(rejection(scene.verifier.verify(&request, soon())), "no signatures found");
}

#[test]
fn an_endless_body_is_cut_off() {
    for route in [Route::Tag, Route::Blob] {
        let scene = Scene::new();
        scene.sign();
        scene.registry.inject(Fault::new(Wrong::Endless).on(route));
        rejection(scene.image());
    }
}

#[test]
fn a_registry_that_says_nothing_costs_the_verifiers_time_and_no_more() {
    let scene = Scene::new();
    scene.sign();
    scene.registry.inject(Fault::new(Wrong::Silence).on(Route::Tag));
    let config = VerifierConfig { time: Duration::from_millis(200), ..VerifierConfig::default() };
    let hasty = Verifier::new(network(), Trust::public_good().unwrap(), config).unwrap();
    unavailability(hasty.verify(&scene.request(Question::Image), soon()));
    assert_eq!(hasty.stats().memo.entries, 0);
}

#[test]
fn a_log_that_is_required_is_never_a_pass_without_one() {
    let scene = Scene::new();
    scene.sign();
    let mut request = scene.request(Question::Image);
    request.log = LogRequirement::Required { log_key: None, search: None };
    assert!(rejection(scene.verifier.verify(&request, soon())).starts_with("no matching signatures: "));
}
