//! `eval -p bundle.tar.gz`, `eval -p policy.wasm`.

use serde_json::Value;

use crate::cli::{at, tree, vidimus};
use crate::testkit::fixture;

fn bundle() -> String {
    fixture("wasm/bundle.tar.gz").to_str().unwrap().to_owned()
}

#[test]
fn a_bundle_decides_from_the_command_line() {
    let files =
        tree(&[("good.json", r#"{"labels": {"name": "a", "version": "b"}, "version": "1.0.0"}"#), ("bad.json", r#"{"version": "x"}"#)]);
    let (good, bad) = (at(&files, "good.json"), at(&files, "bad.json"));
    assert_eq!(vidimus(&["eval", "-p", &bundle(), "--namespace", "gate", &good]).code, 0);
    let ran = vidimus(&["eval", "-p", &bundle(), "--namespace", "gate", "-f", "json", &good, &bad]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["components"][0]["success"], true);
    let messages: Vec<&str> =
        report["components"][1]["violations"].as_array().unwrap().iter().filter_map(|one| one["msg"].as_str()).collect();
    assert!(messages.contains(&"x is no version") && messages.contains(&"the label \"name\" is missing"), "{messages:?}");
    let level = vidimus(&["eval", "-b", &bundle(), "-q", "data.gate.level", "-f", "json", &bad]);
    assert_eq!(level.code, 0, "{level:?}");
    let other = vidimus(&["eval", "-p", &bundle(), "-q", "data.gate.other", &bad]);
    assert!(other.code == 2 && other.stderr.contains("none that the WebAssembly policy was built to answer"), "{other:?}");
}

#[test]
fn a_module_alone_decides_and_its_code_is_kept_where_it_is_said() {
    let opened = vidimus::PolicyBundle::open(&bundle(), &vidimus::BundleOptions::default()).unwrap();
    let files = tree(&[("a.json", r#"{"version": "x"}"#), ("data.json", &super::data().to_string())]);
    let (module, cache) = (at(&files, "policy.wasm"), at(&files, "cache"));
    std::fs::write(&module, &opened.wasm_modules()[0].bytes).unwrap();
    let run = || {
        vidimus(&[
            "eval",
            "-p",
            &module,
            "-d",
            &at(&files, "data.json"),
            "--namespace",
            "gate",
            "--wasm-cache",
            &cache,
            &at(&files, "a.json"),
        ])
    };
    assert_eq!(run().code, 1);
    assert!(std::fs::read_dir(&cache).unwrap().next().is_some());
    assert_eq!(run().code, 1);
    let file = at(&files, "a.json");
    let refused = vidimus(&["eval", "-p", &module, "--wasm-cache", &file, &file]);
    assert!(refused.code == 2 && refused.stderr.contains("compiled code"), "{refused:?}");
}

#[test]
fn a_module_that_the_sandbox_would_not_take_is_not_read() {
    let files = tree(&[("a.json", "{}")]);
    let module = at(&files, "large.wasm");
    std::fs::File::create(&module).unwrap().set_len((64 << 20) + 1).unwrap();
    let refused = vidimus(&["eval", "-p", &module, &at(&files, "a.json")]);
    assert!(refused.code == 2 && refused.stderr.contains("larger than 64 MiB"), "{refused:?}");
}

#[test]
fn a_signed_bundle_decides_only_with_the_right_key() {
    let files = tree(&[("a.json", r#"{"version": "x"}"#)]);
    let run = |key: &str| {
        let signed = ["--verification-key", key, "--signing-alg", "HS256"];
        let asked = ["eval", "-p", &bundle(), "--namespace", "gate", &at(&files, "a.json")];
        vidimus(&[&asked[..], &signed[..]].concat())
    };
    assert_eq!(run("a-shared-secret").code, 1);
    let refused = run("another");
    assert!(refused.code == 2 && refused.stderr.contains("bundle.tar.gz"), "{refused:?}");
}

/// As older OPA made them: nothing says which module is whose.
#[test]
fn a_bundle_without_a_manifest_is_its_module() {
    let opened = vidimus::PolicyBundle::open(&bundle(), &vidimus::BundleOptions::default()).unwrap();
    let files = tree(&[("a.json", r#"{"version": "x"}"#), ("b/data.json", &super::data().to_string())]);
    std::fs::write(at(&files, "b/policy.wasm"), &opened.wasm_modules()[0].bytes).unwrap();
    let ran = vidimus(&["eval", "-b", &at(&files, "b"), "--namespace", "gate", "-f", "json", &at(&files, "a.json")]);
    assert!(ran.code == 1 && ran.stdout.contains("x is no version"), "{ran:?}");
}

#[test]
fn rego_and_web_assembly_decide_in_one_run() {
    let files = tree(&[
        ("a.json", r#"{"version": "x", "more": 1, "shape": 2}"#),
        ("more.rego", "package more\nimport rego.v1\ndeny contains \"more\" if input.more\n"),
    ]);
    let rego = at(&files, "more.rego");
    let ran = vidimus(&["eval", "-p", &bundle(), "-p", &rego, "-f", "json", &at(&files, "a.json")]);
    assert!(ran.code == 1 && ran.stdout.contains("gate.deny") && ran.stdout.contains("more.deny"), "{ran:?}");
    let asked = |query: &str| vidimus(&["eval", "-p", &bundle(), "-p", &rego, "-q", query, "--fail", &at(&files, "a.json")]);
    assert_eq!((asked("data.more.deny").code, asked("data.gate.shapes").code, asked("data.gate.level").code), (0, 0, 1));
}

#[test]
fn builtins_that_are_not_there_are_named_and_can_be_allowed() {
    let files = tree(&[("a.json", "{}")]);
    let module = at(&files, "absent.wasm");
    std::fs::copy(fixture("wasm/absent.wasm"), &module).unwrap();
    let refused = vidimus(&["eval", "-p", &module, &at(&files, "a.json")]);
    assert!(refused.code == 2 && refused.stderr.contains("`acme.one`, `acme.two`"), "{refused:?}");
    let allowed = vidimus(&["eval", "-p", &module, "--allow-missing-builtins", "-f", "json", &at(&files, "a.json")]);
    assert!(allowed.code == 2 && allowed.stdout.contains("the builtin `acme.") && allowed.stdout.contains("is not there"), "{allowed:?}");
}
