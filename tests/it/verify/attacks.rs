//! Published flaws of the field, each with the cases and tests that show it does not work here. The rows are those of the
//! project's list of must-have negatives.

use std::path::Path;

/// What shows that a row holds: recorded cases (`fixtures/keyless`, run by `keyless`) and tests by name.
struct Row {
    number: u8,
    attack: &'static str,
    cases: &'static [&'static str],
    tests: &'static [&'static str],
}

const fn row(number: u8, attack: &'static str, cases: &'static [&'static str], tests: &'static [&'static str]) -> Row {
    Row { number, attack, cases, tests }
}

const ROWS: [Row; 26] = [
    row(
        1,
        "genuine certificate and entry around another payload or a garbage signature",
        &["bad-sig-stolen-material", "bad-sig-garbage-signature", "bad-bundle-stolen-all-but-payload", "bad-att-stolen-material"],
        &[],
    ),
    row(
        2,
        "genuine entry of another signature (CVE-2022-23649, CVE-2022-36056, CVE-2026-22703)",
        &["bad-key-set-other-entry", "bad-key-set-unrelated-entry", "bad-bundle-other-entry", "bad-att-set-other-entry"],
        &["an_entry_of_something_else_never_helps", "the_entry_of_another_signature_never_helps_a_key"],
    ),
    row(
        3,
        "entry of the same digest by another key, certificate or signature, or of another kind (CVE-2024-51746)",
        &["bad-key-entry-other-key", "bad-sig-entry-other-signature", "bad-att-entry-other-cert", "bad-bundle-entry-wrong-kind"],
        &["an_entry_of_something_else_never_helps"],
    ),
    row(
        4,
        "expired certificate with a replayed promise, or logged outside its validity",
        &["bad-bundle-reused-expired-key", "bad-sig-set-after-expiry", "bad-bundle-set-before-cert", "bad-bundle-set-one-second-late"],
        &["a_signature_logged_outside_the_certificates_time_is_rejected"],
    ),
    row(
        5,
        "authority expired at signing time (CVE-2026-24122)",
        &[
            "bad-sig-intermediate-expired",
            "bad-sig-intermediate-expired-before-set",
            "bad-bundle-root-expired",
            "bad-bundle-ca-window-ended",
        ],
        &["an_authority_that_had_expired_vouches_for_nobody"],
    ),
    row(
        6,
        "timestamp over other bytes, of nobody trusted, out of time, with a certificate picked (CVE-2026-39984)",
        &[
            "bad-rekor2-timestamp-other-bytes",
            "bad-rekor2-timestamp-untrusted",
            "bad-rekor2-timestamp-late",
            "bad-rekor2-timestamp-cert-mixup",
        ],
        &["all_140_conformance_cases_are_judged_right"],
    ),
    row(
        7,
        "witnesses twice (CVE-2026-49834)",
        &["bad-bundle-duplicate-entries", "bad-bundle-33-entries"],
        &["a_witness_counts_once_and_not_too_many_are_looked_at"],
    ),
    row(
        8,
        "forged time, index, body, promise, head, proof; unknown log; future",
        &["bad-sig-forged-time", "bad-bundle-forged-index", "bad-sig-forged-body", "bad-bundle-checkpoint-root", "bad-sig-unknown-log"],
        &["an_entry_changed_in_any_part_is_rejected", "a_proof_that_proves_nothing_is_rejected"],
    ),
    row(
        9,
        "payload about another image, digest odd, JSON odd",
        &["bad-sig-other-image", "bad-sig-digest-upper-case", "bad-sig-payload-not-json", "bad-sig-duplicate-digest-key"],
        &["odd_digests_are_rejected", "odd_json_is_rejected"],
    ),
    row(
        10,
        "attestation without the wanted predicate taken for success (CVE-2022-35929, CVE-2022-35930)",
        &["bad-only-attestation", "bad-only-signature"],
        &["an_attestation_at_the_signatures_tag_is_no_image_signature", "a_signature_is_no_attestation"],
    ),
    row(
        11,
        "attestation that does not parse taken for success (CVE-2026-39395)",
        &["bad-att-statement-not-json", "bad-bundle-statement-not-json"],
        &["a_statement_that_is_odd_json_is_rejected"],
    ),
    row(
        12,
        "endless signatures (CVE-2023-46737, CVE-2023-33957)",
        &["bad-sig-1001-layers"],
        &["a_thousand_layers_are_looked_at_and_no_more", "more_referrers_than_the_bound_are_a_reason"],
    ),
    row(
        13,
        "endless attachments, manifests, subjects, digests (CVE-2024-29902, CVE-2024-29903, CVE-2024-45395)",
        &["bad-sig-layer-too-large", "bad-bundle-layer-too-large", "bad-bundle-1025-subjects"],
        &["a_body_without_end_is_cut_at_the_bound", "a_crowd_of_subjects_is_rejected", "a_size_out_of_bounds_is_rejected_and_not_fetched"],
    ),
    row(
        14,
        "other content for a digest (CVE-2022-47633, CVE-2023-47630, CVE-2023-33959)",
        &["bad-bundle-blob-digest", "bad-sig-blob-digest"],
        &["a_changed_body_is_a_violation", "head_is_never_asked", "a_header_proves_nothing_and_a_contradiction_is_a_violation"],
    ),
    row(
        15,
        "identity patterns ignored, unanchored, empty, invalid (CVE-2025-29778)",
        &[
            "ok-github-actions-sig/regexp-anchored-inside",
            "bad-sig-identity-embedded",
            "ok-sig-keyless/regexp-invalid",
            "ok-sig-keyless/no-identity",
        ],
        &["a_pattern_is_searched_unanchored", "what_go_reads_otherwise_is_refused", "a_signer_must_be_told"],
    ),
    row(
        16,
        "credentials to another host (CVE-2020-15157, CVE-2025-27403)",
        &[],
        &["a_redirect_to_another_host_takes_no_credentials_along", "a_realm_elsewhere_on_plain_http_gets_nothing"],
    ),
    row(
        17,
        "keys of logs from the network (CVE-2023-47122)",
        &[],
        &["a_log_is_trusted_in_its_window_only", "all_196_cases_are_as_expected_through_the_layout_tree"],
    ),
    row(18, "no certificate at all (CVE-2026-44310)", &["bad-bundle-chain-empty", "bad-bundle-no-material", "bad-sig-no-certificate"], &[]),
    row(19, "signature over another spelling (CVE-2026-44309)", &["bad-sig-normalised-payload"], &["a_changed_payload_is_rejected"]),
    row(
        20,
        "broken or outdated key in the root, other instance",
        &["bad-sig-log-key-window", "bad-bundle-sct-log-window"],
        &["a_root_is_taken_whole_or_not_at_all", "conformas_keyless_image_is_accepted_by_its_identity_and_root_only"],
    ),
    row(
        21,
        "envelope: type changed, two signatures, mismatch, no subject",
        &["bad-att-payload-type-changed", "bad-bundle-two-signatures-one-bad", "bad-bundle-null-subject", "bad-bundle-signature-mismatch"],
        &["an_envelope_changed_after_signing_is_rejected"],
    ),
    row(
        22,
        "bundle that says two things, downgraded, broken, deep",
        &["bad-bundle-certificate-and-key", "bad-bundle-v01", "bad-bundle-chain-in-v03", "bad-bundle-index-overflow", "bad-bundle-deep"],
        &["a_bundle_says_one_thing", "only_version_0_3_counts"],
    ),
    row(
        23,
        "TUF rollback, threshold, path traversal (CVE-2022-29173): roots are files here",
        &[],
        &["a_root_is_taken_whole_or_not_at_all"],
    ),
    row(
        24,
        "one bad among good, one good among bad, all bad",
        &["ok-several-one-good-sig", "ok-several-one-good-bundle", "ok-1000-layers"],
        &["one_bad_entry_does_not_hide_the_good", "all_bad_gives_joined_and_bounded_reasons"],
    ),
    row(25, "certificate of another key beside a key", &["bad-key-other-certificate"], &["a_certificate_beside_a_key_must_be_that_keys"]),
    row(
        26,
        "rollback to an older signed image (CVE-2023-33958): a policy's business; the answer is for one digest",
        &[],
        &["an_answer_is_for_one_question_only"],
    ),
];

#[test]
fn every_row_names_what_shows_it() {
    let cases = super::keyless::cases();
    let known = |name: &str| cases.iter().any(|case| case["name"] == name);
    let sources = sources(Path::new(env!("CARGO_MANIFEST_DIR")));
    for (index, row) in ROWS.iter().enumerate() {
        assert_eq!(usize::from(row.number), index + 1);
        assert!(!row.cases.is_empty() || !row.tests.is_empty(), "row {}: {}", row.number, row.attack);
        for case in row.cases {
            assert!(known(case), "row {}: no case `{case}`", row.number);
        }
        for test in row.tests {
            assert!(sources.contains(&format!("fn {test}() {{")), "row {}: no test `{test}`", row.number);
        }
    }
}

/// Every source and test, in one text.
fn sources(root: &Path) -> String {
    let mut text = String::new();
    let mut folders = vec![root.join("src"), root.join("tests")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    text
}
