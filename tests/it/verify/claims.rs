//! What is signed must be about this image. Every payload here has a right signature.

use serde_json::json;

use super::*;
use crate::testkit::signer::{DSSE, IN_TOTO, TestKey, digest_of, envelope, simple_signing, statement};

const CLAIM: &str = "no matching signatures: invalid or missing digest in claim: ";

fn signed(payload: impl FnOnce(&str) -> Vec<u8>) -> String {
    let scene = Scene::new();
    scene.attach("sig", &[Layer::signed(&scene.key, &payload(&scene.image))]);
    rejection(scene.image())
}

#[test]
fn the_signature_of_another_image_is_rejected() {
    let other = digest_of(b"other");
    assert_eq!(signed(|_| simple_signing(&other)), format!("{CLAIM}{other}"));
}

#[test]
fn odd_digests_are_rejected() {
    let with = |change: fn(&str) -> String| signed(|image| simple_signing(&change(image)));
    for change in [
        (|d| d.to_uppercase()) as fn(&str) -> String,
        |d| d.replace("sha256:", "SHA256:"),
        |d| d.replace("sha256:", ""),
        |d| d.replace("sha256:", "sha512:"),
        |d| format!("{d} "),
        |d| d.strip_suffix(char::is_alphanumeric).unwrap().to_owned(),
        |_| String::new(),
    ] {
        assert!(with(change).starts_with(CLAIM));
    }
}

#[test]
fn odd_json_is_rejected() {
    let again = |image: &str| String::from_utf8(simple_signing(image)).unwrap();
    let trailing = signed(|image| format!("{}{{}}", again(image)).into_bytes());
    assert!(trailing.starts_with(CLAIM), "{trailing}");
    let twice = signed(|image| {
        let digest = format!(r#""docker-manifest-digest":"{image}""#);
        again(image).replace(&digest, &format!("{digest},{digest}")).into_bytes()
    });
    assert!(twice.starts_with(CLAIM), "{twice}");
    assert!(signed(|_| b"not JSON".to_vec()).starts_with(CLAIM));
    assert!(signed(|_| Vec::new()).starts_with(CLAIM));
    assert!(signed(|_| b"null".to_vec()).starts_with(CLAIM));
    assert!(signed(|image| format!(r#"{{"critical":{{"image":{{"digest":"{image}"}}}}}}"#).into_bytes()).starts_with(CLAIM));
}

#[test]
fn an_attestations_signed_bytes_are_no_image_signature() {
    let text = signed(|image| {
        let payload = statement(image, "t").to_string();
        format!("DSSEv1 {} {IN_TOTO} {} {payload}", IN_TOTO.len(), payload.len()).into_bytes()
    });
    assert!(text.starts_with(CLAIM), "{text}");
}

#[test]
fn an_attestation_at_the_signatures_tag_is_no_image_signature() {
    let scene = Scene::new();
    scene.attach("sig", &[Layer::of_statement(&scene.key, &statement(&scene.image, "t"))]);
    assert_eq!(rejection(scene.image()), "no matching signatures: invalid signature when validating ASN.1 encoded signature");
}

fn hex(image: &str) -> &str {
    image.strip_prefix("sha256:").unwrap()
}

fn attested(payload: impl FnOnce(&str) -> String) -> String {
    let scene = Scene::new();
    let envelope = envelope(&[&scene.key], IN_TOTO, payload(&scene.image).as_bytes());
    scene.attach("att", &[Layer::new(DSSE, envelope.to_string().into_bytes())]);
    rejection(scene.attestation())
}

#[test]
fn an_attestation_of_another_image_is_rejected() {
    let other = attested(|_| statement(&digest_of(b"other"), "t").to_string());
    assert_eq!(other, "no matching attestations: no matching subject digest found");
    let upper = attested(|image| statement(image, "t").to_string().replace(hex(image), &hex(image).to_uppercase()));
    assert_eq!(upper, "no matching attestations: no matching subject digest found");
    assert!(attested(|_| json!({"subject": []}).to_string()).ends_with("no matching subject digest found"));
    assert!(attested(|_| json!({"subject": [null]}).to_string()).ends_with("no matching subject digest found"));
}

#[test]
fn a_statement_that_is_odd_json_is_rejected() {
    let prefix = "no matching attestations: unmarshalling statement: ";
    assert!(attested(|_| "not JSON".to_owned()).starts_with(prefix));
    assert!(attested(|image| format!("{}{{}}", statement(image, "t"))).starts_with(prefix));
    let twice = attested(|image| {
        let digest = format!(r#""sha256":"{}""#, hex(image));
        statement(image, "t").to_string().replace(&digest, &format!(r#"{digest},"sha256":"00""#))
    });
    assert!(twice.starts_with(prefix), "{twice}");
}

#[test]
fn an_envelope_of_another_payload_type_is_rejected() {
    let scene = Scene::new();
    let payload = statement(&scene.image, "t").to_string();
    let envelope = envelope(&[&scene.key], "application/json", payload.as_bytes());
    scene.attach("att", &[Layer::new(DSSE, envelope.to_string().into_bytes())]);
    let expected = format!("no matching attestations: invalid payloadType application/json on envelope. Expected {IN_TOTO}");
    assert_eq!(rejection(scene.attestation()), expected);
}

#[test]
fn an_envelope_changed_after_signing_is_rejected() {
    let broken = "no matching attestations: accepted signatures do not match threshold, Found: 0, Expected 1";
    let change = |change: fn(&mut serde_json::Value)| {
        let scene = Scene::new();
        let mut envelope = envelope(&[&scene.key], IN_TOTO, statement(&scene.image, "t").to_string().as_bytes());
        change(&mut envelope);
        scene.attach("att", &[Layer::new(DSSE, envelope.to_string().into_bytes())]);
        rejection(scene.attestation())
    };
    assert_eq!(change(|envelope| envelope["payload"] = json!("e30=")), broken);
    assert_eq!(change(|envelope| envelope["signatures"][0]["sig"] = json!("not base64")), broken);
    assert_eq!(change(|envelope| envelope["signatures"][0]["sig"] = json!("")), broken);
    assert_eq!(change(|envelope| envelope["signatures"] = json!([])), "no matching attestations: no signature found");
    assert_eq!(change(|envelope| envelope["payload"] = json!("%")), "no matching attestations: illegal base64 data");
    assert!(change(|envelope| *envelope = json!([])).starts_with("no matching attestations: envelope: "));
}

#[test]
fn one_right_signature_of_a_legacy_envelope_is_enough() {
    let scene = Scene::new();
    let payload = statement(&scene.image, "t").to_string();
    let envelope = envelope(&[&TestKey::p256(), &scene.key], IN_TOTO, payload.as_bytes());
    scene.attach("att", &[Layer::new(DSSE, envelope.to_string().into_bytes())]);
    let answer = scene.attestation().unwrap();
    assert_eq!(answer.verified.attestations()[0].signatures.len(), 2, "all of them are listed, as conforma does");
}
