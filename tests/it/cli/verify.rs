//! `vidimus verify`: verified, rejected, unavailable, invalid.

use super::{KEYED, Run, keyed, vidimus, vidimus_with};
use crate::testkit::site::{Page, Site};

fn verify(reference: &str, flags: &[&str]) -> Run {
    vidimus(&[&["verify", reference], &KEYED[..], flags].concat())
}

#[test]
fn a_signature_is_verified_with_a_receipt() {
    let web = keyed("web");
    let run = verify(&web, &["-f", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let answer = run.json();
    assert_eq!((&answer["verified"], &answer["image"]), (&true.into(), &web.clone().into()));
    assert_eq!((&answer["receipt"]["kind"], &answer["receipt"]["registry_requests"]), (&"fresh".into(), &0.into()));
    assert!(answer["receipt"]["verified_at"].as_str().unwrap().ends_with('Z'));
    assert!(!answer["signatures"][0]["signature"].as_str().unwrap().is_empty());
    let text = verify(&web, &[]);
    assert!(text.stdout.starts_with(&format!("VERIFIED {web}\n")) && text.stdout.contains("receipt      fresh"), "{text:?}");
}

#[test]
fn attestations_are_chosen_by_their_type() {
    let worker = keyed("worker");
    let types = |flags: &[&str]| {
        let run = verify(&worker, &[&["--attestation", "-f", "json"], flags].concat());
        let answer = run.json();
        let statements = answer["attestations"].as_array().cloned().unwrap_or_default();
        (run.code, statements.iter().map(|each| each["statement"]["predicateType"].as_str().unwrap().to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(types(&[]).1.len(), 2);
    assert_eq!(types(&["--type", "slsaprovenance1"]), (0, vec!["https://slsa.dev/provenance/v1".to_owned()]));
    assert_eq!(types(&["--type", "https://slsa.dev/provenance/v0.2"]), (0, vec!["https://slsa.dev/provenance/v0.2".to_owned()]));
    assert_eq!(types(&["--type", "spdx"]), (1, vec![]));
    let other = verify(&worker, &["--attestation", "--type", "spdx", "-f", "json"]).json();
    assert_eq!((&other["error"]["kind"], other.get("receipt")), (&"rejected".into(), None), "no receipt that says verified: {other}");
    let text = verify(&worker, &["--attestation"]);
    assert!(text.stdout.contains("attestation  https://slsa.dev/provenance/v1, by the key"), "{text:?}");
}

#[test]
fn what_does_not_hold_is_rejected() {
    let run = verify(&keyed("rogue"), &["-f", "json"]);
    assert_eq!((run.code, run.json()["error"]["kind"].clone()), (1, "rejected".into()), "{run:?}");
    let receipt = &run.json()["receipt"];
    assert_eq!((&receipt["verdict"], &receipt["registry_requests"]), (&"rejected".into(), &0.into()), "a layout costs no request");
    let text = verify(&keyed("unsigned"), &[]);
    assert_eq!(text.code, 1);
    assert!(text.stdout.starts_with("REJECTED") && text.stdout.contains("no signatures found"), "{text:?}");
    assert!(text.stdout.contains("receipt      0 registry requests"), "{text:?}");
}

#[test]
fn what_cannot_be_asked_is_unavailable() {
    let elsewhere = keyed("web").replace("registry.example", "127.0.0.1:1");
    let run = verify(&elsewhere, &["-f", "json"]);
    assert_eq!((run.code, run.json()["error"]["kind"].clone()), (2, "unavailable".into()), "{run:?}");
}

#[test]
fn mistakes_in_the_question_are_one_line() {
    let web = keyed("web");
    assert!(verify("registry.example/acme/web:v1", &[]).refused().contains("exactly one '@'"));
    assert!(verify(&web.replace("sha256:", "sha512:"), &[]).refused().contains("unsupported digest algorithm"));
    assert!(vidimus(&["verify", &web]).refused().contains("the signer is not told: certificate OIDC issuer must be provided"));
    assert!(vidimus(&["verify", "-k", "spam://x", &web]).refused().contains("unrecognized scheme: spam://"));
    let typed = vidimus(&["verify", "--type", "spdx", &web]);
    assert!(typed.code == 2 && typed.stderr.contains("--attestation"), "{typed:?}");
}

#[test]
fn the_trusted_root_decides_about_certificates() {
    let reference = "registry.example/keyless/ok-sig-keyless@sha256:294397bfdd70253924cb682c3d79cd0947185f6e3568350e0a6e5c4f1f97813b";
    let verify = |identity: &str, flags: &[&str], environment: &[(&str, &str)]| {
        let asked = [
            "verify",
            reference,
            "--registry-dir=registry.example=fixtures/keyless/registry/registry.example",
            "--certificate-oidc-issuer=https://ci.acme.example/oidc",
            identity,
        ];
        vidimus_with(&[&asked[..], flags].concat(), environment, "")
    };
    let identity = "--certificate-identity=https://ci.acme.example/pipelines/release";
    let (root, flag) = ("fixtures/keyless/trusted_root.json", "--trusted-root=fixtures/keyless/trusted_root.json");
    let verified = verify(identity, &[flag], &[]);
    assert_eq!(verified.code, 0, "{verified:?}");
    assert!(verified.stdout.contains("signature    by "), "{verified:?}");
    assert_eq!(verify(identity, &[], &[("VIDIMUS_TRUSTED_ROOT", root)]).code, 0);
    assert_eq!(verify("--certificate-identity-regexp=^https://ci.acme.example/", &[flag], &[]).code, 0);
    assert_eq!(verify("--certificate-identity=https://elsewhere.example", &[flag], &[]).code, 1);
    assert_eq!(verify(identity, &[], &[]).code, 1, "the public-good root knows nothing of it");
    let malformed = verify(identity, &["--trusted-root=Cargo.toml"], &[]);
    assert!(malformed.refused().contains("--trusted-root: `Cargo.toml`"), "{malformed:?}");
}

#[test]
fn a_log_is_searched_only_where_that_is_allowed() {
    let (web, site) = (keyed("web"), Site::start());
    site.put("/api/v1/log/entries/retrieve", Page::new(200, "[]"));
    let url = site.url("");
    let run = |flags: &[&str]| vidimus(&[&["verify", &web, KEYED[0], KEYED[1], "--rekor-url", &url, "-f", "json"], flags].concat());
    let off = run(&[]);
    assert!(off.code == 1 && off.stdout.contains("--allow-rekor-search"), "{off:?}");
    assert!(site.log().is_empty());
    let on = run(&["--allow-rekor-search"]);
    assert!(on.code == 1 && on.stdout.contains("signature not found in transparency log"), "{on:?}");
    assert!(!site.log().is_empty());
    drop(site);
    let down = run(&["--allow-rekor-search"]);
    assert_eq!((down.code, down.json()["error"]["kind"].clone()), (2, "unavailable".into()), "{down:?}");
}
