//! The sigstore-conformance suite `bundle-verify`, each case by path and by digest, and Conforma's own keyless image.

use std::path::Path;

use sha2::{Digest as _, Sha256};
use sigstore_types::{Artifact, Sha256Hash};

use super::data::{self, Layout};
use crate::verify::logged::sigstore_bundle::{self, Claim};
use crate::verify::logged::{legacy_attestation, legacy_image};
use crate::verify::{Signer, Trust};

const IDENTITY: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

#[test]
fn all_140_conformance_cases_are_judged_right() {
    let Some(dir) = data::conformance("sigstore-bundles") else { return };
    let mut cases: Vec<_> = std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    let mut wrong = Vec::new();
    for case in &cases {
        let name = case.file_name().unwrap().to_str().unwrap();
        for by_digest in [false, true] {
            let verdict = verify(case, &dir, by_digest);
            if verdict.is_ok() == name.ends_with("_fail") {
                wrong.push(format!("{name} (by digest: {by_digest}): {verdict:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(cases.len() * 2, 140);
}

fn verify(case: &Path, dir: &Path, by_digest: bool) -> Result<(), String> {
    let optional = |file: &str| std::fs::read_to_string(case.join(file)).ok();
    let trust = optional("trusted_root.json").map_or_else(Trust::public_good, |json| Trust::from_json(&json));
    let trust = trust.map_err(|error| error.to_string())?;
    let text = |file: &str, default: &str| optional(file).map_or_else(|| default.to_owned(), |text| text.trim().to_owned());
    let signer = match optional("key.pub") {
        Some(pem) => Signer::Key(data::key(&pem).ok_or("bad key")?),
        None => data::by_identity(&text("identity", IDENTITY), &text("issuer", ISSUER)),
    };
    let artifact = std::fs::read(case.join("artifact")).or_else(|_| std::fs::read(dir.join("a.txt"))).unwrap();
    let mut bundle = sigstore_bundle::parse(&std::fs::read(case.join("bundle.sigstore.json")).unwrap())?;
    let artifact =
        if by_digest { Artifact::from(Sha256Hash::new(Sha256::digest(&artifact).into())) } else { Artifact::from_blob(&artifact) };
    sigstore_bundle::witnessed(&mut bundle, &trust)?;
    let leaf = bundle.signing_certificate().is_some().then(|| sigstore_bundle::leaf(&bundle)).transpose()?;
    sigstore_bundle::judged(&mut bundle, &Claim { artifact, leaf: leaf.as_ref(), signer: &signer }, &trust)
}

const CONFORMA_IMAGE: &str = "sha256:bb2863eb5a15ce3551748cd6aecd40db02c96c0276ae062354b415ad37330fee";
const CONFORMA_IDENTITY: &str = "https://kubernetes.io/namespaces/default/serviceaccounts/default";
const CONFORMA_ISSUER: &str = "https://kubernetes.default.svc.cluster.local";

#[test]
fn conformas_keyless_image_is_accepted_by_its_identity_and_root_only() {
    let Some(dir) = data::conformance("conforma-image") else { return };
    let own = Trust::from_json(&data::read(dir.join("trusted_root.json"))).unwrap();
    let other = Trust::public_good().unwrap();
    let image = CONFORMA_IMAGE.parse().unwrap();
    let layout = Layout(dir);
    let [signature] = layout.layers("dev.cosignproject.cosign/sigs").try_into().unwrap();
    let [attestation] = layout.layers("dev.cosignproject.cosign/atts").try_into().unwrap();
    let signer = data::by_identity(CONFORMA_IDENTITY, CONFORMA_ISSUER);
    let wanted = data::request(&image, signer.clone(), data::required());

    let found = legacy_image(&signature, &image, &wanted, &own).unwrap();
    assert_eq!(found.metadata["Subject Alternative Name"], format!("URIs:{CONFORMA_IDENTITY}"));
    assert_eq!(found.metadata["Fulcio Issuer"], CONFORMA_ISSUER);
    assert_eq!(found.metadata["Fulcio Issuer (V2)"], CONFORMA_ISSUER);
    let issuer = "POSTALCODE=57274,STREET=548 Market St,ST=California,L=San Francisco,O=Linux Foundation,C=USA";
    assert_eq!(found.metadata["Issuer"], issuer);
    assert_eq!(found.metadata["Serial Number"], "5cf59a716dae4ee39e363fe78516320a80c0107d");
    assert_eq!(found.metadata["Not Before"], "2026-05-06T15:34:17Z");
    assert_eq!(found.metadata["Not After"], "2026-05-06T15:44:17Z");
    assert_eq!(found.metadata.len(), 7, "no subject, no other member: {:?}", found.metadata);
    assert_eq!(found.keyid, "b7a2806f8f4307fcb5cd5c8bfde43e5c7a2b9ef2");
    assert_eq!(found.signature, signature.annotations["dev.cosignproject.cosign/signature"]);
    assert_eq!(found.certificate, signature.annotations["dev.sigstore.cosign/certificate"]);
    assert_eq!(found.chain, [format!("{}\n", signature.annotations["dev.sigstore.cosign/chain"])]);

    let attested = legacy_attestation(&attestation, &image, &wanted, &own).unwrap();
    assert_eq!(attested.signatures.len(), 1);
    assert!(!attested.signatures[0].signature.is_empty());

    let refusals = [
        (data::by_identity("https://kubernetes.io/namespaces/default/serviceaccounts/other", CONFORMA_ISSUER), &own),
        (data::by_identity(CONFORMA_IDENTITY, "https://kubernetes.default.svc"), &own),
        (signer, &other),
    ];
    for (signer, trust) in refusals {
        let request = data::request(&image, signer, data::required());
        assert!(legacy_image(&signature, &image, &request, trust).is_err());
        assert!(legacy_attestation(&attestation, &image, &request, trust).is_err());
    }
    let elsewhere = data::request(&image, data::by_identity(CONFORMA_IDENTITY, CONFORMA_ISSUER), crate::verify::LogRequirement::Ignored);
    let reason = legacy_image(&signature, &image, &elsewhere, &own).unwrap_err();
    assert_eq!(reason, "expected a signed timestamp to verify an expired certificate");
}
