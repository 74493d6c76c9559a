//! Which path is asked when, what its answers come to, and what that costs in requests.

use vidimus::oci::Layout;

use super::*;
use crate::testkit::Route;
use crate::testkit::signer::{BUNDLE, LayoutDir, bundle, push_bundle, push_fallback, push_referrer, statement};

#[test]
fn a_key_signed_image_costs_three_requests_and_a_hit_none() {
    let scene = Scene::new();
    scene.sign();
    let answer = scene.image().unwrap();
    assert_eq!(answer.receipt.registry_requests, 3, "referrers, manifest, payload");
    assert_eq!(scene.registry.requests(), 3);
    assert_eq!(scene.image().unwrap().receipt.registry_requests, 0);
    assert_eq!(scene.registry.requests(), 3);
}

#[test]
fn a_layout_tree_answers_as_a_registry_and_costs_no_request() {
    let (tree, key) = (LayoutDir::new(), TestKey::p256());
    let image = push_image(&tree, REPOSITORY, "v1");
    push_legacy(&tree, REPOSITORY, (&image, "sig"), &[Layer::of_image(&key, &image)]);
    let referrer = push_bundle(&tree, REPOSITORY, &image, &bundle(&key, &statement(&image, "t")));
    push_fallback(&tree, REPOSITORY, &image, &[referrer]);
    let layout = verifier(Arc::new(Layout::open(tree.path()).unwrap()));
    let request = |question| VerifyRequest {
        image: format!("registry.example/{REPOSITORY}@{image}").parse().unwrap(),
        question,
        signer: Signer::Key(PublicKey::from_pem(&key.pem()).unwrap()),
        log: LogRequirement::Ignored,
    };
    assert_eq!(layout.verify(&request(Question::Image), soon()).unwrap().verified.signatures().len(), 1);
    let answer = layout.verify(&request(Question::Attestation), soon()).unwrap();
    assert_eq!((answer.verified.attestations().len(), answer.receipt.registry_requests), (1, 0));
}

#[test]
fn a_registry_without_the_referrers_api_is_asked_for_it_once() {
    let scene = Scene::new();
    scene.registry.referrers_api(false);
    let images: Vec<_> = (0..10).map(|n| push_image(&scene.registry, REPOSITORY, &format!("image-{n}"))).collect();
    for image in images {
        let one = |scene: &Scene| {
            push_legacy(&scene.registry, REPOSITORY, (&image, "sig"), &[Layer::of_image(&scene.key, &image)]);
            let mut request = scene.request(Question::Image);
            request.image = format!("{}/{REPOSITORY}@{image}", scene.registry.host()).parse().unwrap();
            scene.verifier.verify(&request, soon()).unwrap();
        };
        one(&scene);
    }
    assert_eq!(scene.registry.requests(), 10 * 3 + 1, "the fallback tag instead, and one question in vain");
    assert_eq!(scene.verifier.stats().registry_requests, 31);
}

#[test]
fn an_unsigned_image_costs_two_requests() {
    let scene = Scene::new();
    rejection(scene.image());
    assert_eq!(scene.registry.requests(), 2);
}

#[test]
fn where_a_bundle_verifies_the_tag_is_not_asked() {
    let scene = Scene::new();
    scene.sign();
    push_bundle(&scene.registry, REPOSITORY, &scene.image, &bundle(&scene.key, &statement(&scene.image, "t")));
    let answer = scene.image().unwrap();
    assert!(answer.verified.signatures()[0].signature.is_empty(), "the bundle's entry");
    assert_eq!(scene.registry.requests_to(Route::Tag), 0);
    assert_eq!(scene.registry.requests(), 3, "referrers, manifest, bundle");
}

#[test]
fn a_bundle_of_somebody_else_does_not_hide_a_signature() {
    let scene = Scene::new();
    scene.sign();
    push_bundle(&scene.registry, REPOSITORY, &scene.image, &bundle(&TestKey::p256(), &statement(&scene.image, "t")));
    let answer = scene.image().unwrap();
    assert!(!answer.verified.signatures()[0].signature.is_empty(), "the layer's entry");
}

#[test]
fn a_broken_bundle_does_not_hide_a_good_one() {
    let scene = Scene::new();
    for broken in [&b"not JSON"[..], br#"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}"#] {
        push_referrer(&scene.registry, REPOSITORY, &scene.image, &[Layer::new(BUNDLE, broken.to_vec())]);
    }
    push_referrer(&scene.registry, REPOSITORY, &scene.image, &[Layer::new(BUNDLE, b"absent".to_vec()).missing()]);
    push_bundle(&scene.registry, REPOSITORY, &scene.image, &bundle(&scene.key, &statement(&scene.image, "t")));
    assert_eq!(scene.image().unwrap().verified.signatures().len(), 1);
}

#[test]
fn where_neither_path_verifies_both_tell_why() {
    let scene = Scene::new();
    let other = TestKey::p256();
    scene.attach("sig", &[Layer::of_image(&other, &scene.image)]);
    push_bundle(&scene.registry, REPOSITORY, &scene.image, &bundle(&other, &statement(&scene.image, "t")));
    let text = rejection(scene.image());
    assert!(text.starts_with("no matching attestations: failed to verify signature: "), "{text}");
    assert!(text.contains("\nno matching signatures: invalid signature"), "{text}");
}

#[test]
fn attestations_are_the_union_of_both_paths() {
    let scene = Scene::new();
    scene.attach("att", &[Layer::of_statement(&scene.key, &statement(&scene.image, "legacy"))]);
    push_bundle(&scene.registry, REPOSITORY, &scene.image, &bundle(&scene.key, &statement(&scene.image, "bundled")));
    let answer = scene.attestation().unwrap();
    let types: Vec<_> = answer.verified.attestations().iter().map(|a| a.statement["predicateType"].clone()).collect();
    assert_eq!(types, ["bundled", "legacy"]);
}

#[test]
fn an_attestation_is_no_image_signature_by_its_tag_alone() {
    let scene = Scene::new();
    scene.attach("att", &[Layer::of_statement(&scene.key, &statement(&scene.image, "t"))]);
    assert_eq!(rejection(scene.image()), "no signatures found");
}

#[test]
fn a_signature_is_no_attestation() {
    let scene = Scene::new();
    scene.sign();
    assert_eq!(rejection(scene.attestation()), "no matching attestations: ");
}

#[test]
fn the_name_of_the_repository_is_not_looked_at_in_what_is_signed() {
    let scene = Scene::new();
    let moved = push_image(&scene.registry, "elsewhere/web", "v1");
    assert_eq!(moved, scene.image);
    push_legacy(&scene.registry, "elsewhere/web", (&moved, "sig"), &[Layer::of_image(&scene.key, &moved)]);
    let mut request = scene.request(Question::Image);
    request.image = format!("{}/elsewhere/web@{moved}", scene.registry.host()).parse().unwrap();
    scene.verifier.verify(&request, soon()).unwrap();
    assert_eq!(rejection(scene.image()), "no signatures found", "and is not remembered for another repository");
}
