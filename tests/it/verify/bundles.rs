//! Bundles among referrers: which count, and what they must be.

use serde_json::{Value, json};

use super::*;
use crate::testkit::signer::{
    BUNDLE, IN_TOTO, bundle, bundle_around, digest_of, envelope, push_bundle, push_fallback, push_referrer, statement,
};

/// An image with one bundle, changed in one way.
fn changed(change: impl FnOnce(&Scene, &mut Value)) -> String {
    let scene = Scene::new();
    let mut bundle = bundle(&scene.key, &statement(&scene.image, "t"));
    change(&scene, &mut bundle);
    push_bundle(&scene.registry, REPOSITORY, &scene.image, &bundle);
    rejection(scene.image())
}

/// An image with one referrer of these layers.
fn layered(layers: impl FnOnce(&Scene) -> Vec<Layer>) -> Result<Answer, VerifyError> {
    let scene = Scene::new();
    push_referrer(&scene.registry, REPOSITORY, &scene.image, &layers(&scene));
    scene.image()
}

fn good(scene: &Scene) -> Layer {
    Layer::new(BUNDLE, bundle(&scene.key, &statement(&scene.image, "t")).to_string().into_bytes())
}

#[test]
fn any_statement_about_the_image_is_a_signature() {
    let scene = Scene::new();
    push_bundle(&scene.registry, REPOSITORY, &scene.image, &bundle(&scene.key, &statement(&scene.image, "https://slsa.dev/provenance/v1")));
    let answer = scene.image().unwrap();
    assert_eq!(answer.verified.signatures(), [vidimus::verify::Signature::default()], "one empty entry, as conforma");
}

#[test]
fn referrers_that_are_no_bundles_are_as_if_they_were_not_there() {
    let not_found = |answer| assert_eq!(rejection(answer), "no signatures found");
    not_found(layered(|scene| vec![good(scene), good(scene)]));
    not_found(layered(|_| Vec::new()));
    not_found(layered(|scene| vec![Layer { media_type: "application/json".to_owned(), ..good(scene) }]));
    not_found(layered(|_| vec![Layer::new(BUNDLE, b"not JSON".to_vec())]));
    not_found(layered(|_| vec![Layer::new(BUNDLE, b"{}".to_vec())]));
    layered(|scene| vec![Layer { media_type: "application/vnd.dev.sigstore.bundle+json;version=0.3".to_owned(), ..good(scene) }]).unwrap();
}

#[test]
fn only_version_0_3_counts() {
    for version in ["application/vnd.dev.sigstore.bundle+json;version=0.1", "application/vnd.dev.sigstore.bundle.v0.4+json", ""] {
        assert_eq!(changed(|_, bundle| bundle["mediaType"] = json!(version)), "no signatures found", "{version}");
    }
    let scene = Scene::new();
    let mut older = bundle(&scene.key, &statement(&scene.image, "t"));
    older["mediaType"] = json!("application/vnd.dev.sigstore.bundle+json;version=0.3");
    push_bundle(&scene.registry, REPOSITORY, &scene.image, &older);
    scene.image().unwrap();
}

#[test]
fn fields_that_exclude_each_other_are_rejected() {
    let material = |material| changed(|_, bundle| bundle["verificationMaterial"] = material);
    let key = json!({"hint": ""});
    let both = "no matching attestations: validation error: more than one kind of verification material";
    assert_eq!(material(json!({"publicKey": key, "certificate": {}})), both);
    assert_eq!(material(json!({"publicKey": key, "x509CertificateChain": {"certificates": []}})), both);
    assert_eq!(material(json!({})), "no matching attestations: validation error: no verification material");
    assert_eq!(
        changed(|_, bundle| bundle["messageSignature"] = json!({})),
        "no matching attestations: validation error: both a message signature and a DSSE envelope"
    );
}

#[test]
fn a_message_signature_is_no_statement() {
    let text = changed(|_, bundle| {
        bundle["messageSignature"] = json!({"signature": ""});
        bundle.as_object_mut().unwrap().remove("dsseEnvelope");
    });
    assert_eq!(text, "no matching attestations: bundle does not contain a DSSE envelope");
}

#[test]
fn a_bundle_that_is_odd_json_is_rejected() {
    let unknown = changed(|_, bundle| bundle["surprise"] = json!(1));
    assert!(unknown.starts_with("no matching attestations: validation error: invalid bundle: unknown field"), "{unknown}");
    let twice = layered(|scene| {
        let text = String::from_utf8(good(scene).payload).unwrap();
        vec![Layer::new(BUNDLE, text.replace(r#""publicKey":"#, r#""publicKey":{},"publicKey":"#).into_bytes())]
    });
    let text = rejection(twice);
    assert!(text.starts_with("no matching attestations: validation error: invalid bundle: duplicate field"), "{text}");
}

#[test]
fn exactly_one_signature_in_a_bundle() {
    let two = changed(|scene, bundle| {
        let payload = statement(&scene.image, "t").to_string();
        *bundle = bundle_around(&envelope(&[&scene.key, &TestKey::p256()], IN_TOTO, payload.as_bytes()));
    });
    assert_eq!(two, "no matching attestations: dsse envelope must have exactly one signature");
    let none = changed(|_, bundle| bundle["dsseEnvelope"]["signatures"] = json!([]));
    assert_eq!(none, two);
}

#[test]
fn a_statement_about_another_image_is_rejected() {
    let text = changed(|scene, bundle| *bundle = super::bundles::bundle(&scene.key, &statement(&digest_of(b"other"), "t")));
    assert_eq!(text, "no matching attestations: no matching subject digest found");
}

#[test]
fn a_statement_signed_by_somebody_else_is_rejected() {
    let text = changed(|scene, bundle| *bundle = super::bundles::bundle(&TestKey::p256(), &statement(&scene.image, "t")));
    let threshold = "accepted signatures do not match threshold, Found: 0, Expected 1";
    assert_eq!(text, format!("no matching attestations: failed to verify signature: could not verify envelope: {threshold}"));
}

#[test]
fn a_crowd_of_subjects_is_rejected() {
    let text = changed(|scene, bundle| {
        let mut crowd = statement(&scene.image, "t");
        let subject = crowd["subject"][0].clone();
        crowd["subject"] = json!(vec![subject; 1025]);
        *bundle = super::bundles::bundle(&scene.key, &crowd);
    });
    assert_eq!(text, "no matching attestations: too many subjects: 1025 > 1024");
}

#[test]
fn a_statement_of_another_type_fails_the_answer_to_attestations_only() {
    let scene = Scene::new();
    let mut odd = statement(&scene.image, "t");
    odd["_type"] = json!("https://in-toto.io/Statement/v9");
    push_bundle(&scene.registry, REPOSITORY, &scene.image, &bundle(&scene.key, &odd));
    scene.image().unwrap();
    let expected = "parsing attestation: unsupported attestation type: https://in-toto.io/Statement/v9";
    assert_eq!(rejection(scene.attestation()), expected);
}

#[test]
fn sizes_and_contents_that_are_not_as_stated_are_rejected() {
    let short = layered(|scene| {
        let layer = good(scene);
        let size = layer.payload.len() - 1;
        vec![layer.lying(json!({ "size": size }))]
    });
    assert!(rejection(short).starts_with("no matching attestations: "));
    let long = layered(|scene| vec![good(scene).lying(json!({"size": 1_u64 << 40}))]);
    assert_eq!(rejection(long), "no matching attestations: size of layer (1099511627776) exceeded the limit (134217728)");
    assert!(rejection(layered(|scene| vec![good(scene).missing()])).ends_with("not found"));
}

#[test]
fn an_index_that_states_another_size_is_not_trusted() {
    let scene = Scene::new();
    scene.registry.referrers_api(false);
    let mut referrer = push_bundle(&scene.registry, REPOSITORY, &scene.image, &bundle(&scene.key, &statement(&scene.image, "t")));
    referrer["size"] = json!(referrer["size"].as_u64().unwrap() + 1);
    push_fallback(&scene.registry, REPOSITORY, &scene.image, &[referrer]);
    assert_eq!(rejection(scene.image()), "no signatures found");
}

#[test]
fn more_referrers_than_the_bound_are_a_reason() {
    let scene = Scene::new();
    scene.registry.referrers_api(false);
    let referrer = push_bundle(&scene.registry, REPOSITORY, &scene.image, &bundle(&scene.key, &statement(&scene.image, "t")));
    push_fallback(&scene.registry, REPOSITORY, &scene.image, &vec![referrer; 1001]);
    assert_eq!(rejection(scene.image()), "no matching attestations: number of referrers (1001) exceeded the limit (1000)");
}
