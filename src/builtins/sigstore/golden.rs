//! Conforma's own answers (`fixtures/keyed/cases.json`), asked of the builtins over the same images.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::*;
use crate::builtins::Host;
use crate::oci::{
    Credentials, Descriptor, Digest, Manifest, Pointer, Registry, RegistryDir, RegistryOptions, Repository, SourceError, Sources,
};
use crate::verify::{Trust, Verifier, VerifierConfig};

#[derive(Debug)]
struct Verifying(Verifier);

impl Host for Verifying {
    fn verify(&self, request: &PreparedRequest, deadline: Instant, show: &dyn Fn(&Verified) -> Value) -> Result<Value, VerifyError> {
        self.0.verify_prepared(request, deadline).map(|answer| show(&answer.verified))
    }

    fn manifests(&self, _: &[(Repository, Pointer)], _: Instant) -> Vec<Result<Option<Manifest>, SourceError>> {
        panic!("a verification goes through `verify`")
    }

    fn blob(&self, _: &Repository, _: &Digest, _: u64, _: Instant) -> Result<Arc<[u8]>, SourceError> {
        panic!("a verification goes through `verify`")
    }

    fn referrers(&self, _: &Repository, _: &Digest, _: Instant) -> Result<Vec<Descriptor>, SourceError> {
        panic!("a verification goes through `verify`")
    }

    fn note_unavailable(&self, why: &str) {
        panic!("a layout tree is never unavailable: {why}")
    }
}

fn host(fixtures: &Path) -> Verifying {
    let options = RegistryOptions { credentials: Credentials::anonymous(), plain_http: std::collections::BTreeSet::new() };
    let tree = RegistryDir { host: "registry.example".parse().unwrap(), directory: fixtures.join("registry/registry.example") };
    let sources = Sources::new(Registry::new(options).unwrap(), [tree]).unwrap();
    Verifying(Verifier::new(Arc::new(sources), Trust::public_good().unwrap(), VerifierConfig::default()).unwrap())
}

fn ask(host: &Verifying, case: &Json) -> Json {
    let call = Call { deadline: Instant::now() + Duration::from_secs(30), now_ns: 0, host };
    let operands = [Value::from(case["ref"].clone()), Value::from(case["opts"].clone())];
    let value = match case["what"].as_str().unwrap() {
        "image" => verify_image(&call, &operands),
        "attestation" => verify_attestation(&call, &operands),
        other => panic!("{other}"),
    };
    // The statements name the host at which they were signed, the recorded answers the one that stands for it.
    let text = value.unwrap().to_json_str().unwrap().replace("127.0.0.1:5055", "registry.example");
    serde_json::from_str(&text).unwrap()
}

/// How much of conforma's text must be ours: what is told by conforma or cosign itself, not by a Go library under them.
fn binding(text: &str) -> &str {
    const INNER: [&str; 5] = [
        "verify image signature: no matching signatures: ",
        "verify image signature: no matching attestations: ",
        "verify image attestation signature: no matching attestations: ",
        "opts parameter: new policy: asn1: ",
        "opts parameter: new policy: x509: ",
    ];
    match INNER.into_iter().find(|inner| text.starts_with(inner)) {
        Some(inner) if inner.starts_with("opts parameter") => "opts parameter: new policy: ",
        Some(inner) => inner,
        None => text,
    }
}

/// Entries in an order of their own: conforma's order follows the referrers.
fn sorted(entries: &Json) -> Vec<String> {
    let mut sorted: Vec<_> = entries.as_array().unwrap().iter().map(Json::to_string).collect();
    sorted.sort();
    sorted
}

#[test]
fn every_answer_is_conformas() {
    let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/keyed");
    let cases: Vec<Json> = serde_json::from_slice(&std::fs::read(fixtures.join("cases.json")).unwrap()).unwrap();
    assert_eq!(cases.len(), 108);
    let host = host(&fixtures);
    let mut wrong = Vec::new();
    for case in &cases {
        let (answer, conforma) = (ask(&host, case), &case["ec"]);
        let entries = if case["what"] == "image" { "signatures" } else { "attestations" };
        let same = if answer["success"] != case["expected"] {
            false
        } else if conforma["success"] == true {
            answer["errors"] == conforma["errors"] && sorted(&answer[entries]) == sorted(&conforma[entries])
        } else if answer["success"] == true {
            !answer[entries].as_array().unwrap().is_empty()
        } else {
            let binding = binding(conforma["errors"][0].as_str().unwrap());
            // "`key-and-rekor-required` needs only `verify image signature: `": logs have their own tests.
            let binding = if case["opts"]["ignore_rekor"] == false { "verify image " } else { binding };
            answer[entries] == serde_json::json!([]) && answer["errors"][0].as_str().unwrap().starts_with(binding)
        };
        if !same {
            wrong.push(format!("{}\n  ours: {answer}\n  ec's: {conforma}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
