//! What a policy gets to see, without any verification: operands, order of checks, shape, texts.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::*;
use crate::builtins::Host;
use crate::oci::{Descriptor, Digest, Manifest, Pointer, Repository, SourceError};
use crate::verify::{KeyReference, KeyReferences, LogRequirement, PreparedRequest, Signer, UnreadKey, VerifyRequest};

const REFERENCE: &str = "registry.example/acme/web@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const KEY: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEU88DchrwRL6vu7l6KiVHTdiGKOf+\nu2lxRQ4b8W2GYrDrghFZVvqUYMvU9ezCKi3LbX/ZOiTtDf/Z8xVQvUdpnw==\n-----END PUBLIC KEY-----\n";

/// A host that verifies nothing, and keeps what it was asked.
#[derive(Debug)]
struct Stub {
    error: VerifyError,
    asked: Mutex<Vec<VerifyRequest>>,
    noted: Mutex<Vec<String>>,
    references: Option<OneFile>,
    asked_before: Asked,
}

#[derive(Debug)]
struct OneFile;

impl KeyReferences for OneFile {
    fn read(&self, reference: &KeyReference<'_>) -> Result<String, UnreadKey> {
        match reference {
            KeyReference::File("cosign.pub") => Ok(KEY.to_owned()),
            KeyReference::Url(address) => Err(UnreadKey::Unavailable(format!("loading URL: {address}: timed out"))),
            other => Err(UnreadKey::Refused(format!("open {other:?}: no such file or directory"))),
        }
    }
}

impl Host for Stub {
    fn verify(&self, request: &PreparedRequest, _: Instant, _: &dyn Fn(&Verified) -> Value) -> Result<Value, VerifyError> {
        self.asked.lock().unwrap().push(request.request().clone());
        Err(self.error.clone())
    }

    fn manifests(&self, wanted: &[(Repository, Pointer)], _: Instant) -> Vec<Result<Option<Manifest>, SourceError>> {
        wanted.iter().map(|_| Ok(None)).collect()
    }

    fn blob(&self, _: &Repository, _: &Digest, _: u64, _: Instant) -> Result<Arc<[u8]>, SourceError> {
        Err(SourceError::Absent { what: "blob".to_owned() })
    }

    fn referrers(&self, _: &Repository, _: &Digest, _: Instant) -> Result<Vec<Descriptor>, SourceError> {
        Ok(Vec::new())
    }

    fn note_unavailable(&self, why: &str) {
        self.noted.lock().unwrap().push(why.to_owned());
    }

    fn asked(&self) -> Option<&Asked> {
        Some(&self.asked_before)
    }

    fn key_references(&self) -> &dyn KeyReferences {
        self.references.as_ref().map_or(&crate::verify::NoKeyReferences, |files| files)
    }
}

fn stub(error: VerifyError) -> Stub {
    Stub { error, asked: Mutex::default(), noted: Mutex::default(), references: None, asked_before: Asked::new() }
}

fn call(host: &Stub, name: &str, operands: &[Value]) -> serde_json::Value {
    let call = Call { deadline: Instant::now() + Duration::from_secs(5), now_ns: 0, host };
    let value = crate::builtins::lookup(name).unwrap().call(&call, operands).unwrap();
    serde_json::from_str(&value.to_json_str().unwrap()).unwrap()
}

fn error_of(reference: Value, options: Value) -> String {
    let host = stub(VerifyError::Rejected("asked".to_owned()));
    let answer = call(&host, "ec.sigstore.verify_image", &[reference, options]);
    assert_eq!(answer["success"], false);
    assert_eq!(answer["signatures"], serde_json::json!([]));
    assert_eq!(answer.as_object().unwrap().len(), 3);
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1);
    answer["errors"][0].as_str().unwrap().to_owned()
}

fn options(json: serde_json::Value) -> Value {
    json.into()
}

fn keyed() -> serde_json::Value {
    serde_json::json!({ "public_key": KEY, "ignore_rekor": true })
}

#[test]
fn the_reference_must_be_a_string() {
    let with = |value: serde_json::Value| error_of(value.into(), options(keyed()));
    for (value, name) in [
        (serde_json::json!(1), "number"),
        (serde_json::json!(null), "null"),
        (serde_json::json!(true), "boolean"),
        (serde_json::json!([]), "array"),
        (serde_json::json!({}), "object"),
    ] {
        assert_eq!(with(value), format!("ref parameter: operand 0 must be string but got {name}"));
    }
    assert_eq!(error_of(Value::new_set(), options(keyed())), "ref parameter: operand 0 must be string but got set");
}

#[test]
fn the_options_must_be_an_object() {
    let with = |value: Value| error_of(REFERENCE.into(), value);
    assert_eq!(with("x".into()), "opts parameter: opts parameter: operand 1 must be object but got string");
    assert_eq!(with(Value::new_array()), "opts parameter: opts parameter: operand 1 must be object but got array");
}

#[test]
fn the_reference_is_looked_at_before_the_options() {
    assert!(error_of(1_u64.into(), 1_u64.into()).starts_with("ref parameter: "));
    assert!(error_of("registry.example/acme/web:v1".into(), 1_u64.into()).starts_with("new digest: a digest must contain exactly one '@'"));
    assert!(error_of("registry.example/acme/web@sha256:00".into(), 1_u64.into()).starts_with("new digest: invalid checksum digest length"));
}

#[test]
fn a_signer_must_be_told() {
    let with = |json| error_of(REFERENCE.into(), options(json));
    let issuer = "opts parameter: new policy: certificate OIDC issuer must be provided for keyless workflow";
    let identity = "certificate identity must be provided for keyless workflow";
    assert_eq!(with(serde_json::json!({})), format!("{issuer}\n{identity}"));
    assert_eq!(with(serde_json::json!({"certificate_identity": "a"})), issuer);
    assert_eq!(with(serde_json::json!({"certificate_oidc_issuer_regexp": "a"})), format!("opts parameter: new policy: {identity}"));
    assert_eq!(with(serde_json::json!({"public_key": 1})), format!("{issuer}\n{identity}"), "not a string: not given");
}

#[test]
fn a_key_must_be_one() {
    let with = |key: &str| error_of(REFERENCE.into(), options(serde_json::json!({"public_key": key})));
    assert_eq!(with("spam://x"), "opts parameter: new policy: loading URL: unrecognized scheme: spam://");
    assert_eq!(with("k8s://ns/secret"), "opts parameter: new policy: loading URL: key references of kind `k8s` are not supported");
    for (reference, scheme) in [("cosign.pub", "file"), ("env://KEY", "env"), ("https://keys.example/a.pub", "https")] {
        let refused = format!("opts parameter: new policy: key references of kind `{scheme}` are not allowed (--allow-key-ref {scheme})");
        assert_eq!(with(reference), refused);
    }
    for bad in ["-----BEGIN PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", &KEY.replace("MFkw", "MFkx")]
    {
        assert!(with(bad).starts_with("opts parameter: new policy: "), "{bad}");
    }
    let log = serde_json::json!({"public_key": KEY, "rekor_public_key": "no key"});
    assert_eq!(error_of(REFERENCE.into(), options(log)), "opts parameter: adding rekor public key: PEM decoding failed");
}

#[test]
fn a_reference_that_is_allowed_is_read_and_asked_by_the_keys_bytes() {
    let mut host = stub(VerifyError::Rejected(String::new()));
    host.references = Some(OneFile);
    for key in [KEY, "cosign.pub"] {
        call(&host, "ec.sigstore.verify_image", &[REFERENCE.into(), options(serde_json::json!({"public_key": key, "ignore_rekor": true}))]);
    }
    let asked = host.asked.lock().unwrap();
    assert_eq!(asked[0], asked[1]);
    assert_eq!(asked.len(), 2);
}

#[test]
fn a_log_is_required_unless_the_option_says_otherwise() {
    for (json, ignored) in [
        (serde_json::json!({"public_key": KEY, "ignore_rekor": true}), true),
        (serde_json::json!({"public_key": KEY, "ignore_rekor": false}), false),
        (serde_json::json!({"public_key": KEY}), false),
        (serde_json::json!({"public_key": KEY, "ignore_rekor": "true"}), false),
    ] {
        let host = stub(VerifyError::Rejected(String::new()));
        call(&host, "ec.sigstore.verify_attestation", &[REFERENCE.into(), options(json)]);
        let asked = host.asked.lock().unwrap();
        assert_eq!(asked[0].log == LogRequirement::Ignored, ignored);
        assert_eq!(asked[0].question, Question::Attestation);
        assert!(matches!(asked[0].signer, Signer::Key(_)));
    }
}

#[test]
fn a_key_wins_over_certificate_options() {
    let host = stub(VerifyError::Rejected(String::new()));
    call(
        &host,
        "ec.sigstore.verify_image",
        &[REFERENCE.into(), options(serde_json::json!({"public_key": KEY, "certificate_identity": "a"}))],
    );
    assert!(matches!(host.asked.lock().unwrap()[0].signer, Signer::Key(_)));
}

#[test]
fn a_fact_a_maybe_and_a_mistake_differ_in_their_texts() {
    let ask = |name, error| {
        let host = stub(error);
        let answer = call(&host, name, &[REFERENCE.into(), options(keyed())]);
        let noted = host.noted.lock().unwrap().len();
        (answer["errors"][0].as_str().unwrap().to_owned(), noted)
    };
    let text = |text: &str| text.to_owned();
    assert_eq!(ask("ec.sigstore.verify_image", VerifyError::Rejected(text("r"))), (text("verify image signature: r"), 0));
    assert_eq!(ask("ec.sigstore.verify_attestation", VerifyError::Rejected(text("r"))), (text("verify image attestation signature: r"), 0));
    assert_eq!(ask("ec.sigstore.verify_image", VerifyError::Unavailable(text("u"))), (text("verify image signature: u"), 1));
    assert_eq!(
        ask("ec.sigstore.verify_attestation", VerifyError::Unavailable(text("u"))),
        (text("verify image attestation signature: u"), 1)
    );
    assert_eq!(ask("ec.sigstore.verify_image", VerifyError::Invalid(text("i"))), (text("opts parameter: new policy: i"), 0));
    assert_eq!(
        ask("ec.sigstore.verify_attestation", VerifyError::Rejected(text("parsing attestation: p"))),
        (text("parsing attestation: p"), 0)
    );
}

#[test]
fn a_question_is_parsed_once_and_kept_by_all_that_it_depends_on() {
    let host = stub(VerifyError::Rejected(String::new()));
    let other = REFERENCE.replace("web", "api");
    for _ in 0..2 {
        call(&host, "ec.sigstore.verify_image", &[REFERENCE.into(), options(keyed())]);
        call(&host, "ec.sigstore.verify_attestation", &[REFERENCE.into(), options(keyed())]);
        call(&host, "ec.sigstore.verify_image", &[other.as_str().into(), options(keyed())]);
        call(&host, "ec.sigstore.verify_image", &[REFERENCE.into(), options(serde_json::json!({"public_key": KEY}))]);
    }
    let asked = host.asked.lock().unwrap();
    assert_eq!(asked[..4], asked[4..]);
    assert_eq!(asked[..4].iter().collect::<std::collections::HashSet<_>>().len(), 4);
    assert_eq!(host.asked_before.len(), 4);
}

#[test]
fn mistakes_references_to_keys_and_endless_texts_are_not_kept() {
    let mut host = stub(VerifyError::Rejected(String::new()));
    host.references = Some(OneFile);
    call(&host, "ec.sigstore.verify_image", &["no reference".into(), options(keyed())]);
    call(&host, "ec.sigstore.verify_image", &[REFERENCE.into(), options(serde_json::json!({"public_key": "spam://x"}))]);
    call(&host, "ec.sigstore.verify_image", &[REFERENCE.into(), options(serde_json::json!({"public_key": "cosign.pub"}))]);
    call(
        &host,
        "ec.sigstore.verify_image",
        &[REFERENCE.into(), options(serde_json::json!({"public_key": KEY, "rekor_url": "x".repeat(5000)}))],
    );
    assert_eq!((host.asked.lock().unwrap().len(), host.asked_before.len()), (2, 0));
}
