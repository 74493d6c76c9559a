//! `-b` and `.tar.gz`: bundles where policies, data and tests are expected.

use super::{at, tree, vidimus};

const RS256: &str = "fixtures/bundles/rs256.tar.gz";

fn verified(bundle: &str) -> Vec<&str> {
    vec!["eval", "-q", "data.a.p.deny", "-p", bundle, "--verification-key", "fixtures/bundles/rs256.pub", "-f", "json", "-"]
}

fn asked(arguments: &[&str]) -> super::Run {
    super::vidimus_with(arguments, &[], "{}")
}

#[test]
fn a_bundle_is_a_policy() {
    for flag in ["-p", "-b", "-d"] {
        let run = asked(&["eval", "-q", "data.a.p.deny", flag, RS256, "-f", "json", "-"]);
        assert_eq!(run.component("-")["result"], serde_json::json!(["k"]), "{flag}: {run:?}");
    }
    let decided = asked(&["eval", "-p", RS256, "-"]);
    assert_eq!(decided.code, 1);
    assert!(decided.stdout.contains("violation a.p.deny  p.rego:5:1"), "{decided:?}");
}

#[test]
fn signatures_are_verified_where_a_key_is_given() {
    assert_eq!(asked(&verified(RS256)).code, 0);
    let refused = |arguments: &[&str]| asked(arguments).refused().to_owned();
    assert_eq!(
        refused(&verified("fixtures/bundles/unsigned.tar.gz")),
        "error: bundle `fixtures/bundles/unsigned.tar.gz`: bundle missing .signatures.json file"
    );
    assert!(
        refused(&verified("fixtures/bundles/hs256.tar.gz")).contains("failed to verify JWT signature with the key `default` and RS256")
    );
    let with = |more: &[&'static str]| [verified(RS256), more.to_vec()].concat();
    assert!(refused(&with(&["--scope", "write"])).contains("scope mismatch"));
    assert!(refused(&with(&["--signing-alg", "ES256"])).contains("failed to verify"));
    assert_eq!(asked(&with(&["--verification-key-id", "mine", "--exclude-files-verify", "*.rego,x"])).code, 0);
    assert!(asked(&with(&["--exclude-files-verify", "["])).stderr.contains("no pattern of file names"));
    assert!(asked(&with(&["--signing-alg", "none"])).stderr.contains("possible values"));
    assert_eq!(asked(&["eval", "-b", RS256, "--scope", "write", "-"]).code, 2);
    for command in ["test", "check"] {
        let run = |bundle| vidimus(&[command, "-b", bundle, "--verification-key", "a-shared-secret", "--signing-alg", "HS256"]);
        assert_eq!(run("fixtures/bundles/hs256.tar.gz").code, 0, "{command}");
        assert_eq!(run(RS256).code, 2, "{command}");
    }
}

#[test]
fn directories_are_bundles_where_they_are_called_so() {
    let files = tree(&[
        ("b/.manifest", r#"{"roots": ["x"], "rego_version": 0}"#),
        ("b/x/old_test.rego", "package x\n\ntest_old { data.x.limit == 3 }\n"),
        ("b/x/data.json", r#"{"limit": 3}"#),
        ("b/x/other.json", r#"{"limit": 4}"#),
        ("c/.manifest", r#"{"roots": ["x/y"]}"#),
    ]);
    let (b, c) = (at(&files, "b"), at(&files, "c"));
    assert_eq!(vidimus(&["test", "-b", &b]).stdout, "PASS: 1/1\n");
    assert_eq!(vidimus(&["check", "-b", &b]).code, 0);
    assert_eq!(vidimus(&["test", &b]).code, 2, "other.json is data of a directory that is no bundle");
    assert!(vidimus(&["test", "-b", &b, &c]).refused().contains("detected overlapping roots in manifests for these bundles"));
    assert_eq!(vidimus(&["test", "-b", &b, "--ignore", "*_test.rego"]).stdout, "");
    assert_eq!(vidimus(&["check", &b, "--ignore", "other.json", "--v0-compatible"]).code, 0);
    assert!(vidimus(&["check", &b, "--ignore", "["]).stderr.contains("no pattern"));
}

#[test]
fn rules_in_web_assembly_must_be_web_assembly() {
    let files = tree(&[("b/.manifest", r#"{"wasm": [{"entrypoint": "x/deny", "module": "policy.wasm"}]}"#), ("b/policy.wasm", "")]);
    let refused = asked(&["eval", "-b", &at(&files, "b"), "-q", "1", "-"]);
    assert!(refused.refused().contains("not a WebAssembly policy"), "{refused:?}");
}
