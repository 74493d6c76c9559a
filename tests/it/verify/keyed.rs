//! The recorded cases through registries: with the referrers API and without it, the answers are those of the layout tree.

use std::path::Path;

use serde_json::Value;
use vidimus::oci::{ImageRef, RegistryDir, Sources};

use super::*;
use crate::testkit::fixture;

fn cases() -> Vec<Value> {
    serde_json::from_slice(&std::fs::read(fixture("keyed/cases.json")).unwrap()).unwrap()
}

/// The options as a policy's are read.
fn options(json: &Value) -> SignerOptions {
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    SignerOptions {
        public_key: text("public_key"),
        certificate_identity: text("certificate_identity"),
        certificate_identity_regexp: text("certificate_identity_regexp"),
        certificate_oidc_issuer: text("certificate_oidc_issuer"),
        certificate_oidc_issuer_regexp: text("certificate_oidc_issuer_regexp"),
        ignore_rekor: json["ignore_rekor"] == true,
        rekor_url: text("rekor_url"),
        rekor_public_key: text("rekor_public_key"),
    }
}

/// The whole of an answer as text, or why there is none.
fn answer(verifier: &Verifier, host: &str, case: &Value) -> Result<Vec<String>, String> {
    let reference = case["ref"].as_str().unwrap().replace("registry.example", host);
    let image: ImageRef = reference.parse().map_err(|error| format!("{error}").replace(host, "registry.example"))?;
    let (signer, log) = options(&case["opts"]).resolve(&NoKeyReferences).map_err(|error| error.to_string())?;
    let question = if case["what"] == "image" { Question::Image } else { Question::Attestation };
    let answer = verifier.verify(&VerifyRequest { image, question, signer, log }, soon()).map_err(|error| error.to_string())?;
    let signatures = answer.verified.signatures().iter().map(|s| serde_json::to_string(s).unwrap());
    let attestation = |a: &vidimus::verify::Attestation| format!("{} {}", a.statement, serde_json::to_string(&a.signatures).unwrap());
    Ok(signatures.chain(answer.verified.attestations().iter().map(attestation)).collect())
}

fn tree(directory: &Path) -> Sources {
    let network = Registry::new(RegistryOptions { credentials: Credentials::anonymous(), plain_http: BTreeSet::new() }).unwrap();
    let tree = RegistryDir { host: "registry.example".parse().unwrap(), directory: directory.to_owned() };
    Sources::new(network, [tree]).unwrap()
}

#[test]
fn a_registry_gives_the_answers_of_the_layout_tree() {
    let directory = fixture("keyed/registry/registry.example");
    let layout = verifier(Arc::new(tree(&directory)));
    for api in [true, false] {
        let registry = TestRegistry::start();
        registry.push_layouts(&directory).referrers_api(api);
        let over_http = verifier(network());
        for case in cases() {
            let (ours, expected) = (answer(&over_http, registry.host(), &case), answer(&layout, "registry.example", &case));
            assert_eq!(ours, expected, "{} with referrers API {api}", case["name"]);
            assert_eq!(ours.is_ok(), case["expected"], "{}", case["name"]);
        }
    }
    assert_eq!(layout.stats().registry_requests, 0);
}
