//! The cases of `fixtures/keyless`: genuine signatures, and forgeries that differ from them by one fault.

use serde_json::Value;

use super::data::{self, Layout};
use crate::oci::{Digest, ImageRef};
use crate::verify::logged::{bundle, legacy_attestation, legacy_image};
use crate::verify::{IdentityMatcher, LogRequirement, Matcher, Signer, Trust, VerifyRequest};

/// Faults of transport, which are told by whoever fetches: sizes, digests, absence.
const FETCHED: [&str; 2] = ["size", "content"];

#[test]
fn every_case_is_judged_as_expected() {
    let Some(dir) = data::fixtures("keyless") else { return };
    let trust = Trust::from_json(&data::read(dir.join("trusted_root.json"))).unwrap();
    let cases: Value = serde_json::from_str(&data::read(dir.join("cases.json"))).unwrap();
    let mut wrong = Vec::new();
    let mut judged = 0;
    for case in cases["cases"].as_array().unwrap().iter().filter(|case| !FETCHED.contains(&case["family"].as_str().unwrap())) {
        let image: ImageRef = case["ref"].as_str().unwrap().parse().unwrap();
        let verdict = signer(&case["options"], &dir).map_or_else(
            || Err("no signer".to_owned()),
            |signer| {
                let ignored = case["options"]["ignore_rekor"] == true;
                let log = if ignored { LogRequirement::Ignored } else { data::required() };
                let layout = Layout(dir.join("registry/registry.example").join(image.repository().path()));
                judge(&layout, &data::request(image.digest(), signer, log), case["what"] == "image", &trust)
            },
        );
        judged += 1;
        if verdict.is_ok() != (case["expected"] == "accept") {
            wrong.push(format!("{}: expected {}, got {verdict:?}", case["name"], case["expected"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {judged} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(judged, 180);
}

fn signer(options: &Value, dir: &std::path::Path) -> Option<Signer> {
    if let Some(file) = options["public_key"].as_str() {
        return data::key(&data::read(dir.join("keys").join(file))).map(Signer::Key);
    }
    let matchers = |name: &str| {
        let exact = options[name].as_str().map(|text| Matcher::Exact(text.to_owned()));
        let pattern = options[format!("{name}_regexp")].as_str().map(|text| Matcher::Pattern(text.to_owned()));
        exact.into_iter().chain(pattern).collect()
    };
    let matcher = IdentityMatcher { identity: matchers("certificate_identity"), issuer: matchers("certificate_oidc_issuer") };
    Some(Signer::Identity(matcher))
}

/// Bundles first, then the legacy tag.
fn judge(layout: &Layout, request: &VerifyRequest, image_signature: bool, trust: &Trust) -> Result<(), String> {
    let image: &Digest = request.image.digest();
    let mut reasons = Vec::new();
    for evidence in layout.bundles(image) {
        match bundle(&evidence, image, request, trust) {
            Ok(_) => return Ok(()),
            Err(reason) => reasons.push(reason),
        }
    }
    let tag = format!("sha256-{}.{}", image.hex(), if image_signature { "sig" } else { "att" });
    for layer in layout.layers(&tag) {
        let verdict = if image_signature {
            legacy_image(&layer, image, request, trust).map(drop)
        } else {
            legacy_attestation(&layer, image, request, trust).map(drop)
        };
        match verdict {
            Ok(()) => return Ok(()),
            Err(reason) => reasons.push(reason),
        }
    }
    Err(reasons.join("\n "))
}
