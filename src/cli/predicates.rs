//! Short names of predicate types, as cosign knows them.

/// The types that a name or a type stands for.
pub(super) fn types(name: &str) -> Vec<&str> {
    match name {
        "slsaprovenance" | "slsaprovenance02" => vec!["https://slsa.dev/provenance/v0.2"],
        "slsaprovenance1" => vec!["https://slsa.dev/provenance/v1"],
        "link" => vec!["https://in-toto.io/Link/v1"],
        "spdx" | "spdxjson" => vec!["https://spdx.dev/Document"],
        "cyclonedx" => vec!["https://cyclonedx.org/bom"],
        "vuln" => vec!["https://cosign.sigstore.dev/attestation/vuln/v1"],
        "openvex" => vec!["https://openvex.dev/ns", "https://openvex.dev/ns/v0.2.0"],
        "custom" => vec!["https://cosign.sigstore.dev/attestation/v1"],
        exact => vec![exact],
    }
}
