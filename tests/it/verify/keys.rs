//! Kinds of key: each verifies its own signatures, in the ways that cosign makes them, and nobody else's.

use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature as alg;
use serde_json::json;

use super::*;
use crate::testkit::signer::{SIGNATURE, SIMPLE_SIGNING, bundle, pem, push_bundle, simple_signing, statement};

fn every_kind() -> Vec<(&'static str, TestKey)> {
    vec![
        ("P-256", TestKey::p256()),
        ("P-384 with SHA-384", TestKey::ecdsa(&alg::ECDSA_P384_SHA384_ASN1_SIGNING)),
        ("P-384 with SHA-256", TestKey::p384_sha256()),
        ("P-521 with SHA-512", TestKey::ecdsa(&alg::ECDSA_P521_SHA512_ASN1_SIGNING)),
        ("RSA 2048", TestKey::rsa(KeySize::Rsa2048)),
        ("RSA 3072", TestKey::rsa(KeySize::Rsa3072)),
        ("RSA 4096", TestKey::rsa(KeySize::Rsa4096)),
        ("Ed25519", TestKey::ed25519()),
        ("Ed25519ph", TestKey::ed25519ph()),
    ]
}

#[test]
fn every_kind_of_key_verifies_what_it_signed() {
    for (name, key) in every_kind() {
        let legacy = Scene::signed_by(key);
        legacy.sign();
        let answer = legacy.image().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!answer.verified.signatures()[0].signature.is_empty(), "{name}");
        let bundled = Scene::signed_by(legacy.key);
        push_bundle(&bundled.registry, REPOSITORY, &bundled.image, &bundle(&bundled.key, &statement(&bundled.image, "t")));
        bundled.attestation().unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn no_kind_of_key_verifies_what_another_signed() {
    for (name, key) in every_kind() {
        let scene = Scene::signed_by(key);
        scene.attach("sig", &[Layer::of_image(&TestKey::p256(), &scene.image), Layer::of_image(&TestKey::ed25519(), &scene.image)]);
        assert!(rejection(scene.image()).starts_with("no matching signatures: "), "{name}");
    }
}

/// What `openssl dgst -sign` gave for the payload of the scene's image, with a hash that our signer has not.
fn recorded(spki: &str, signature: &str) -> Result<Answer, VerifyError> {
    let scene = Scene::new();
    let payload = simple_signing(&scene.image);
    scene.attach("sig", &[Layer::new(SIMPLE_SIGNING, payload).annotated(SIGNATURE, signature)]);
    let mut request = scene.request(Question::Image);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{spki}\n-----END PUBLIC KEY-----\n");
    request.signer = Signer::Key(PublicKey::from_pem(&pem).unwrap());
    scene.verifier.verify(&request, soon())
}

#[test]
fn larger_curves_verify_with_sha256_as_earlier_cosign_signed() {
    recorded(
        "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEsoTVzEn/fr8G1Utpu9IddVTl8WUkvr6GERWUI59f6aZO+ZEQk2J/Bq473gllR/RfoDPmgFcBO3oy73Dtl3NuY05Q6UDy\
         /N0ZoOEJv3EoVX+NiFSV2CWOVclordcbdXz3",
        "MGUCMQDeeReOLYDdwwUAKB97c1Ihz86bteBAU2cv2E0RVI1DS+jRxwDJlQ24+X3DKh3mq8wCMDVAo7htidN3pKfytCqREKOi84vQsUOwklvuVXfHDqK3WaobNhNx\
         GwTil2w0k45Osg==",
    )
    .unwrap();
    recorded(
        "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQBpKlrGPeraY5JeY8BZwWcUjjExlRTXr24n5Y3F3Z6I+IWhVVCQl5Y4H0YNGIo9scOm4phwyGONL/eHeaclB1fyh8B\
         SPb2joizGZ6VGU2ERbHCyF5HgqrzXi5uFifsZJFb1vFav5rZVuny3mrR88Db2YOPZjlfPFGbs0oKzn7CL5HCT/M=",
        "MIGHAkIA/yfWIQx0EL0GjtF64k8dhwkkpvW2EPOXlsHVN7ssdp1qA/JU/nXpcXXwV8OG81P3u14p+5RCc7n7zv3Fe+FbACsCQWTN1jI1XHE+7byXw35vbNXK4fRm\
         5QX/JbiX9Z9efo6CV12tcPMY9DPinxefCK0lq3ynAnkWjks2hIDjHgZpqqRG",
    )
    .unwrap();
}

#[test]
fn a_p256_signature_with_another_hash_is_rejected() {
    let answer = recorded(
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaAqcqLh011SKy9Q17/Spp0w6FJqhXIuGeAVVSIfNflH4R8KgMYP7pH10ON2I/Jma6twf7luEKKrmOhFxwIZSUA==",
        "MEUCIB0Vnu4f2jWESqYrVDzBRVhP5oXj+3XVOLAxbU6sZOFqAiEA1ws2zjGIXbLC0RXJK18m/ajrQiLjbhGkRnESga0SX5A=",
    );
    assert_eq!(rejection(answer), "no matching signatures: invalid signature when validating ASN.1 encoded signature");
}

fn refused(text: &str) -> String {
    PublicKey::from_pem(text).unwrap_err().to_string()
}

#[test]
fn a_text_that_is_no_key_is_refused() {
    let good = TestKey::p256().pem();
    PublicKey::from_pem(&format!("a note\n{good}a note")).unwrap();
    assert_eq!(refused(""), "PEM decoding failed");
    assert_eq!(refused(&good.replace("END", "NED")), "PEM decoding failed");
    let private = good.replace("PUBLIC", "PRIVATE");
    assert_eq!(refused(&private), "unknown Public key PEM file type: PRIVATE KEY. Are you passing the correct public key?");
    assert_eq!(refused(&good.repeat(1000)), "public key is too large");
    assert_eq!(refused(&pem(b"")), "asn1: structure error: not a public key");
}

#[test]
fn a_key_of_an_unknown_kind_is_refused() {
    let mut curve = TestKey::p256().spki();
    curve[22] ^= 1;
    assert_eq!(refused(&pem(&curve)), "x509: unsupported elliptic curve");
    let mut kind = TestKey::p256().spki();
    kind[12] ^= 1;
    assert_eq!(refused(&pem(&kind)), "x509: unknown public key algorithm");
}

#[test]
fn a_small_rsa_key_is_refused() {
    let mut spki = TestKey::rsa(KeySize::Rsa2048).spki();
    spki.truncate(150);
    spki[2..4].copy_from_slice(&146_u16.to_be_bytes());
    spki[21..23].copy_from_slice(&127_u16.to_be_bytes());
    let error = refused(&pem(&spki));
    assert!(error == "rsa keys under 2048 bits are not supported" || error.starts_with("asn1: "), "{error}");
}

#[test]
fn a_point_off_its_curve_is_a_mistake_in_the_question() {
    let scene = Scene::new();
    scene.sign();
    let mut spki = scene.key.spki();
    *spki.last_mut().unwrap() ^= 1;
    let mut request = scene.request(Question::Image);
    request.signer = Signer::Key(PublicKey::from_pem(&pem(&spki)).unwrap());
    let error = scene.verifier.verify(&request, soon()).unwrap_err();
    assert!(matches!(&error, VerifyError::Invalid(text) if text == "x509: invalid public key"), "{error:?}");
    assert_eq!(scene.registry.requests(), 0, "nothing was asked for it");
}

#[test]
fn an_edwards_key_of_small_order_is_a_mistake_in_the_question() {
    let scene = Scene::new();
    // The neutral element: it "verifies" signatures that anybody can make.
    let mut spki = TestKey::ed25519().spki();
    spki[12..].copy_from_slice(&[&[1][..], &[0; 31]].concat());
    let mut request = scene.request(Question::Image);
    request.signer = Signer::Key(PublicKey::from_pem(&pem(&spki)).unwrap());
    let forged = [&[1][..], &[0; 63]].concat();
    let payload = simple_signing(&scene.image);
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, forged);
    scene.attach("sig", &[Layer::new("x", payload).annotated(SIGNATURE, &text)]);
    assert!(matches!(scene.verifier.verify(&request, soon()), Err(VerifyError::Invalid(_))));
}

#[test]
fn a_bundle_of_a_certificate_is_not_a_keys() {
    let scene = Scene::new();
    let mut certified = bundle(&scene.key, &statement(&scene.image, "t"));
    certified["verificationMaterial"] = json!({"certificate": {"rawBytes": "AAAA"}});
    push_bundle(&scene.registry, REPOSITORY, &scene.image, &certified);
    assert_eq!(rejection(scene.image()), "no matching attestations: expected key signature, not certificate");
}
