//! What `opa` itself makes of our capabilities. Skipped, aloud, where there is no `opa` 1.22.

use std::process::{Command, Output};

use super::{at, tree, vidimus};

/// `opa`, from `VIDIMUS_OPA` or `PATH`.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests are told by the environment what is there, and say what they skip"
)]
fn opa(arguments: &[&str]) -> Option<Output> {
    let program = std::env::var("VIDIMUS_OPA").unwrap_or_else(|_| "opa".to_owned());
    let version = Command::new(&program).arg("version").output().ok()?;
    if !String::from_utf8_lossy(&version.stdout).contains("1.22.") {
        eprintln!("SKIPPED: `{program}` is not opa 1.22");
        return None;
    }
    Some(Command::new(program).args(arguments).output().unwrap())
}

/// A policy that calls every `ec.*`, and uses what each gives.
const POLICY: &str = "\
package p

ref := input.ref

blob if contains(ec.oci.blob(ref), \"x\")

parsed := ec.oci.parsed_blob(ref).a.b

files := ec.oci.blob_files(ref, [\"a.yaml\"])[\"a.yaml\"].k

digest := ec.oci.descriptor(ref).digest

layers contains layer.digest if some layer in ec.oci.image_manifest(ref).layers

manifests[r] := m.mediaType if some r, m in ec.oci.image_manifests({ref})

image_files := count(ec.oci.image_files(ref, [\"manifests\"]))

platforms contains m.platform.os if some m in ec.oci.image_index(ref).manifests

tags contains tag if some tag in ec.oci.image_tag_refs(ref)

referrers contains r.artifactType if some r in ec.oci.image_referrers(ref)

purl if ec.purl.is_valid(input.purl)

name := ec.purl.parse(input.purl).name

deny contains error if {
	info := ec.sigstore.verify_image(ref, {\"public_key\": \"k\", \"ignore_rekor\": true})
	not info.success
	some error in info.errors
}

signers contains signature.keyid if some signature in ec.sigstore.verify_image(ref, data.config.default_sigstore_opts).signatures

predicates contains attestation.statement.predicateType if {
	some attestation in ec.sigstore.verify_attestation(ref, {\"certificate_identity\": \"i\", \"ignore_rekor\": false}).attestations
}
";

#[test]
fn opa_accepts_policies_that_use_every_builtin() {
    let files = tree(&[("p.rego", POLICY), ("capabilities.json", &vidimus(&["capabilities"]).stdout)]);
    let (policy, capabilities, bundle) = (at(&files, "p.rego"), at(&files, "capabilities.json"), at(&files, "b.tar.gz"));
    assert_eq!(vidimus(&["check", "--strict", &policy]).code, 0);
    let listed = vidimus::capabilities();
    let ours =
        listed["builtins"].as_array().unwrap().iter().filter_map(|builtin| builtin["name"].as_str()).filter(|name| name.starts_with("ec."));
    for name in ours {
        assert!(POLICY.contains(&format!("{name}(")), "{name}");
    }
    let Some(plain) = opa(&["check", "--strict", &policy]) else { return };
    assert!(!plain.status.success(), "without our capabilities nobody knows them");
    for arguments in [
        &["check", "--strict", "--capabilities", &capabilities, &policy][..],
        &["build", "--capabilities", &capabilities, "-o", &bundle, &policy],
    ] {
        let output = opa(arguments).unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert_eq!(vidimus(&["check", "-b", &bundle]).code, 0);
    let inspected = vidimus(&["inspect", "-f", "json", &bundle]).json();
    assert_eq!(inspected["packages"][0]["package"], "data.p");
}
