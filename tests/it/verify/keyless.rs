//! The recorded keyless cases through the layout tree and through registries, and what attacks they are.

use std::path::PathBuf;

use serde_json::Value;
use vidimus::oci::{ImageRef, RegistryDir, Sources};

use super::*;
use crate::testkit::fixture;

pub(super) fn cases() -> Vec<Value> {
    let document: Value = serde_json::from_slice(&std::fs::read(fixture("keyless/cases.json")).unwrap()).unwrap();
    document["cases"].as_array().unwrap().clone()
}

fn trust() -> Trust {
    Trust::from_json(&std::fs::read_to_string(fixture("keyless/trusted_root.json")).unwrap()).unwrap()
}

fn options(json: &Value) -> SignerOptions {
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    let key = json["public_key"].as_str().map(|file| std::fs::read_to_string(fixture("keyless/keys").join(file)).unwrap());
    SignerOptions {
        public_key: key.unwrap_or_default(),
        certificate_identity: text("certificate_identity"),
        certificate_identity_regexp: text("certificate_identity_regexp"),
        certificate_oidc_issuer: text("certificate_oidc_issuer"),
        certificate_oidc_issuer_regexp: text("certificate_oidc_issuer_regexp"),
        ignore_rekor: json["ignore_rekor"] == true,
        ..SignerOptions::default()
    }
}

fn verdict(verifier: &Verifier, host: &str, case: &Value) -> Result<Answer, String> {
    let image: ImageRef = case["ref"].as_str().unwrap().replace("registry.example", host).parse().unwrap();
    let (signer, log) = options(&case["options"]).resolve(&NoKeyReferences).map_err(|error| error.to_string())?;
    let question = if case["what"] == "image" { Question::Image } else { Question::Attestation };
    verifier.verify(&VerifyRequest { image, question, signer, log }, soon()).map_err(|error| match error {
        VerifyError::Rejected(reason) => reason,
        // A case that could not be asked proves nothing.
        other => panic!("{}: {other:?}", case["name"]),
    })
}

/// Judges all cases; gives the requests that were sent.
fn assert_all_as_expected(source: Arc<dyn ImageSource>, host: &str) -> u64 {
    let verifier = Verifier::new(source, trust(), VerifierConfig::default()).unwrap();
    let mut wrong = Vec::new();
    let cases = cases();
    for case in &cases {
        let verdict = verdict(&verifier, host, case);
        if verdict.is_ok() != (case["expected"] == "accept") {
            wrong.push(format!("{}: expected {}, got {verdict:?}", case["name"], case["expected"]));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(cases.len(), 196);
    verifier.stats().registry_requests
}

fn directory() -> PathBuf {
    fixture("keyless/registry/registry.example")
}

#[test]
fn all_196_cases_are_as_expected_through_the_layout_tree() {
    let network = Registry::new(RegistryOptions { credentials: Credentials::anonymous(), plain_http: BTreeSet::new() }).unwrap();
    let tree = RegistryDir { host: "registry.example".parse().unwrap(), directory: directory() };
    let requests = assert_all_as_expected(Arc::new(Sources::new(network, [tree]).unwrap()), "registry.example");
    assert_eq!(requests, 0, "no key, root or log entry comes from a network");
}

#[test]
fn all_196_cases_are_as_expected_through_a_registry_with_the_referrers_api() {
    let registry = TestRegistry::start();
    registry.push_layouts(&directory());
    let requests = assert_all_as_expected(network(), registry.host());
    assert_eq!(requests, u64::try_from(registry.requests()).unwrap(), "nobody else was asked");
}

#[test]
fn all_196_cases_are_as_expected_through_a_registry_without_the_referrers_api() {
    let registry = TestRegistry::start();
    registry.push_layouts(&directory()).referrers_api(false);
    let requests = assert_all_as_expected(network(), registry.host());
    assert_eq!(requests, u64::try_from(registry.requests()).unwrap(), "nobody else was asked");
}
