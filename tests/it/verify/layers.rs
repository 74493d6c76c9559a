//! Layers of legacy manifests: sizes and counts are bounded, what is broken hides nothing that is not.

use serde_json::json;

use super::*;
use crate::testkit::signer::{IMAGE_MANIFEST, SIGNATURE, simple_signing, statement};

fn one(layer: impl FnOnce(&Scene) -> Layer) -> String {
    let scene = Scene::new();
    scene.attach("sig", &[layer(&scene)]);
    rejection(scene.image())
}

fn good(scene: &Scene) -> Layer {
    Layer::of_image(&scene.key, &scene.image)
}

#[test]
fn nothing_attached_is_no_signature() {
    let scene = Scene::new();
    assert_eq!(rejection(scene.image()), "no signatures found");
    assert_eq!(rejection(scene.attestation()), "no matching attestations: ");
    scene.attach("sig", &[]);
    assert_eq!(rejection(scene.image()), "no signatures found", "a manifest without layers");
}

#[test]
fn a_signature_must_be_there_and_right() {
    let bare = one(|scene| Layer::new("x", simple_signing(&scene.image)));
    assert_eq!(bare, format!("no matching signatures: signature layer is missing \"{SIGNATURE}\" annotation"));
    let empty = one(|scene| Layer::new("x", simple_signing(&scene.image)).annotated(SIGNATURE, ""));
    assert_eq!(empty, "no matching signatures: invalid signature when validating ASN.1 encoded signature");
    let junk = one(|scene| good(scene).annotated(SIGNATURE, "%%%"));
    assert_eq!(junk, "no matching signatures: illegal base64 data");
}

#[test]
fn a_changed_payload_is_rejected() {
    let reserialised = one(|scene| {
        let mut layer = good(scene);
        layer.payload.push(b'\n');
        layer
    });
    assert_eq!(reserialised, "no matching signatures: invalid signature when validating ASN.1 encoded signature");
}

#[test]
fn a_certificate_beside_a_key_must_be_that_keys_too() {
    for text in ["-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let text = one(|scene| good(scene).annotated("dev.sigstore.cosign/certificate", text));
        assert!(text.starts_with("no matching signatures: "), "{text}");
    }
}

#[test]
fn a_size_that_is_not_the_contents_is_rejected() {
    for change in [-1_i64, 1] {
        let text = one(|scene| {
            let layer = good(scene);
            let size = i64::try_from(layer.payload.len()).unwrap() + change;
            layer.lying(json!({ "size": size }))
        });
        assert!(text.starts_with("no matching signatures: "), "{text}");
    }
}

#[test]
fn a_size_out_of_bounds_is_rejected_and_not_fetched() {
    for size in [json!(-1), json!((128 << 20) + 1), json!(i64::MAX), json!(1_u64 << 40)] {
        let scene = Scene::new();
        scene.attach("sig", &[good(&scene).lying(json!({ "size": size }))]);
        let text = rejection(scene.image());
        assert_eq!(text, format!("no matching signatures: size of layer ({size}) exceeded the limit (134217728)"));
        assert_eq!(scene.registry.requests(), 2, "referrers and manifest");
    }
}

#[test]
fn a_digest_that_cannot_be_verified_is_rejected() {
    let text = one(|scene| good(scene).lying(json!({"digest": "sha512:00"})));
    assert_eq!(text, "no matching signatures: digest of layer: unsupported digest algorithm: sha512:00");
}

#[test]
fn an_absent_payload_is_a_rejected_layer() {
    let text = one(|scene| good(scene).missing());
    assert!(text.starts_with("no matching signatures: ") && text.ends_with("not found"), "{text}");
}

#[test]
fn a_payload_that_is_other_content_is_rejected() {
    let scene = Scene::new();
    scene.sign();
    let altered = crate::testkit::Fault::new(crate::testkit::Wrong::Altered).on(crate::testkit::Route::Blob);
    scene.registry.inject(altered);
    let text = rejection(scene.image());
    assert!(text.starts_with("no matching signatures: "), "{text}");
    scene.registry.heal();
    scene.image().unwrap();
}

#[test]
fn a_thousand_layers_are_looked_at_and_no_more() {
    let scene = Scene::new();
    let bad = Layer::of_image(&TestKey::p256(), &scene.image);
    let mut layers = vec![bad.clone(); 999];
    layers.insert(500, good(&scene));
    scene.attach("sig", &layers);
    assert_eq!(scene.image().unwrap().verified.signatures().len(), 1, "one good among 999 bad");
    layers.push(bad);
    scene.attach("sig", &layers);
    let fresh = Scene { verifier: verifier(network()), ..scene };
    assert_eq!(rejection(fresh.image()), "number of layers (1001) exceeded the limit (1000)");
    fresh.attach("att", &layers);
    assert_eq!(rejection(fresh.attestation()), "number of layers (1001) exceeded the limit (1000)");
}

#[test]
fn all_bad_gives_joined_and_bounded_reasons() {
    let scene = Scene::new();
    let bad = Layer::of_image(&TestKey::p256(), &scene.image);
    scene.attach("sig", &[bad.clone(), bad.clone()]);
    let broken = "invalid signature when validating ASN.1 encoded signature";
    assert_eq!(rejection(scene.image()), format!("no matching signatures: {broken}\n {broken}"));
    scene.attach("sig", &vec![bad; 300]);
    let text = rejection(scene.image());
    assert!(text.ends_with("\n and 280 more"), "{text}");
}

#[test]
fn a_manifest_that_is_none_is_a_reason() {
    let scene = Scene::new();
    let tag = format!("{}.sig", scene.image.replace(':', "-"));
    for bytes in [&b"[]"[..], b"not JSON", br#"{"layers":[],"layers":[]}"#, br#"{"layers":[{"size":"1"}]}"#] {
        scene.registry.push_manifest(REPOSITORY, Some(&tag), (IMAGE_MANIFEST, bytes));
        let text = rejection(scene.image());
        assert!(text.starts_with("manifest: "), "{text}");
    }
}

#[test]
fn an_attestation_of_another_media_type_fails_the_answer() {
    let scene = Scene::new();
    let mut odd = Layer::of_statement(&scene.key, &statement(&scene.image, "t"));
    odd.media_type = "application/json".to_owned();
    scene.attach("att", &[Layer::of_statement(&scene.key, &statement(&scene.image, "t")), odd]);
    let expected = "parsing attestation: malformed attestation data: expecting media type of `application/vnd.dsse.envelope.v1+json`, \
                    received: `application/json`";
    assert_eq!(rejection(scene.attestation()), expected);
}

#[test]
fn several_good_layers_are_all_listed() {
    let scene = Scene::new();
    scene.attach("sig", &[good(&scene), Layer::of_image(&TestKey::p256(), &scene.image), good(&scene)]);
    assert_eq!(scene.image().unwrap().verified.signatures().len(), 2);
    scene.attach(
        "att",
        &[Layer::of_statement(&scene.key, &statement(&scene.image, "a")), Layer::of_statement(&scene.key, &statement(&scene.image, "b"))],
    );
    let answer = scene.attestation().unwrap();
    let types: Vec<_> = answer.verified.attestations().iter().map(|a| a.statement["predicateType"].clone()).collect();
    assert_eq!(types, ["a", "b"]);
}
