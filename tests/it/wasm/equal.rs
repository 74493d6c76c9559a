//! The same decisions by both engines.

use serde_json::{Value, json};
use vidimus::{CompileOptions, Component, ErrorKind};

use super::{Asked, bundle, component, engine_on, fixtures, options, plain};
use crate::testkit::fixture;

fn keyed_cases() -> Vec<Value> {
    let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(fixture("keyed/cases.json")).unwrap()).unwrap();
    assert_eq!(cases.len(), 108);
    cases
}

#[test]
fn every_answer_of_ec_is_the_same_in_both_engines() {
    let engine = engine_on(fixtures());
    let (wasm, rego) = (Asked::Query("data.keyed.answer").compiled(&engine), Asked::Query("data.keyed.answer").rego(&engine));
    for case in keyed_cases() {
        let input = component(json!({"ref": case["ref"], "opts": case["opts"], "what": case["what"]}));
        let (wasm, rego) = (wasm.evaluate(&input, &options()), rego.evaluate(&input, &options()));
        assert_eq!(wasm.result().unwrap()["success"], case["expected"], "{}", case["name"]);
        assert_eq!(plain(&wasm), plain(&rego), "{}", case["name"]);
    }
}

/// Documents for the package `gate`.
fn documents() -> Vec<Value> {
    let case = &keyed_cases()[0];
    let image = json!({"name": "api", "ref": case["ref"], "opts": case["opts"]});
    let unsigned = json!({"name": "api", "ref": case["ref"], "opts": {"public_key": "none"}});
    vec![
        json!({}),
        json!({"labels": {"name": "x", "version": "y"}, "version": "1.2.3", "built": "2026-01-01T00:00:00Z", "tags": ["v1"], "images": []}),
        json!({"labels": {"name": "x"}, "version": "no", "built": "1999-01-01T00:00:00Z", "tags": ["v1", "ü\"\\", 3, [1], {"a": null}]}),
        json!({"labels": {}, "version": 7, "images": [image, unsigned], "read_manifests": true}),
        json!({"images": [image, image], "tags": {"a": "b"}}),
        json!({"images": [{"name": "tag", "ref": "registry.example/acme/api:v1", "opts": {}}], "read_manifests": true}),
        json!([1, 2]),
        json!("text"),
    ]
}

#[test]
fn rules_decide_alike() {
    let engine = engine_on(fixtures());
    let (wasm, rego) = (Asked::Package("gate").compiled(&engine), Asked::Package("gate").rego(&engine));
    let (mut violations, mut warnings) = (0, 0);
    for document in documents() {
        let (wasm, rego) =
            (wasm.evaluate(&component(document.clone()), &options()), rego.evaluate(&component(document.clone()), &options()));
        assert_eq!(plain(&wasm), plain(&rego), "{document}");
        violations += wasm.violations().len();
        warnings += wasm.warnings().len();
    }
    assert!(violations > 8 && warnings > 1, "{violations} violations, {warnings} warnings");
}

#[test]
fn values_that_json_cannot_hold_come_through() {
    let engine = engine_on(fixtures());
    let (wasm, rego) = (Asked::Query("data.gate.shapes").compiled(&engine), Asked::Query("data.gate.shapes").rego(&engine));
    for shape in [json!({"a": [1, 2.5, "ü"]}), json!(123_456_789_012_u64), json!(null)] {
        let input = component(json!({ "shape": shape }));
        let (wasm, rego) = (wasm.evaluate(&input, &options()), rego.evaluate(&input, &options()));
        assert_eq!(plain(&wasm), plain(&rego));
        assert_eq!(wasm.result().unwrap()["input"], shape);
        assert_eq!(wasm.result().unwrap()["operands"]["four"], true);
        // What a report holds of such a number is a double; a builtin is handed all of it.
        assert_eq!(wasm.result().unwrap()["digits"], "123456789012345678901234567890");
    }
}

#[test]
fn undefined_is_no_result_and_a_conflict_an_error_with_its_place() {
    let engine = engine_on(fixtures());
    let level = Asked::Query("data.gate.level").compiled(&engine);
    assert_eq!(level.evaluate(&component(json!({"level": 3})), &options()).result(), Some(&json!(3)));
    assert_eq!(level.evaluate(&component(json!({"level": 0})), &options()).result(), None);
    assert_eq!(level.evaluate(&Component::absent("it"), &options()).result(), None);
    let conflict = Asked::Query("data.gate.conflict").compiled(&engine);
    let error = conflict.evaluate(&component(json!({"conflict": true})), &options());
    let error = error.error().unwrap();
    assert_eq!(error.kind, ErrorKind::Evaluation);
    assert!(error.message.contains("gate.rego:") && error.message.contains("conflict"), "{}", error.message);
    // The instance that aborted is gone; the next decides.
    for _ in 0..20 {
        assert!(!conflict.evaluate(&component(json!({"conflict": true})), &options()).success());
        assert!(conflict.evaluate(&component(json!({})), &options()).success());
    }
}

#[test]
fn rego_and_web_assembly_decide_together() {
    let engine = engine_on(fixtures());
    let module = vidimus::RegoModule::new("more.rego", "package more\ndeny contains \"more\" if input.more\n");
    let wasm = bundle().wasm_modules().to_vec();
    let policy = engine.compile(&[module], &CompileOptions { data: super::data(), wasm, ..CompileOptions::default() }).unwrap();
    let evaluation = policy.evaluate(&component(json!({"more": true, "version": "x"})), &options());
    let rules: std::collections::BTreeSet<&str> = evaluation.violations().iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules, ["gate.deny", "more.deny"].into());
}

/// Rego that read what was compiled would find it undefined: `allow if count(data.gate.deny) == 0` must not be true for that.
#[test]
fn rego_that_reads_what_was_compiled_is_refused() {
    let engine = engine_on(fixtures());
    let compile = |text: &str, query: Option<&str>| {
        let (wasm, query) = (bundle().wasm_modules().to_vec(), query.map(str::to_owned));
        let module = vidimus::RegoModule::new("more.rego", format!("package more\n{text}\n"));
        engine.compile(&[module], &CompileOptions { data: super::data(), wasm, query, ..CompileOptions::default() })
    };
    for text in [
        "deny contains \"x\" if count(data.gate.deny) > 0",
        "import data.gate\ndeny contains msg if some msg in gate.deny",
        "import data.gate.deny as other\ndeny contains msg if some msg in other",
    ] {
        let error = compile(text, None).unwrap_err().to_string();
        assert!(error.contains("more.rego:") && error.contains("compiled to WebAssembly"), "{text}: {error}");
    }
    assert!(compile("allow if true", Some("count(data.gate.deny) == 0")).unwrap_err().to_string().contains("data.gate.deny"));
    assert!(compile("deny contains \"x\" if data.other.thing", None).is_ok());
    assert!(compile("allow if data.other.thing", Some("data.more.allow")).is_ok());
}

#[test]
fn a_namespace_may_be_in_one_part_only() {
    let engine = engine_on(fixtures());
    let module = vidimus::RegoModule::new("more.rego", "package more\ndeny contains \"more\" if input.more\n");
    for (namespace, rules) in [("more", ["more.deny"]), ("gate", ["gate.deny"])] {
        let (wasm, namespaces) = (bundle().wasm_modules().to_vec(), vec![namespace.to_owned()]);
        let options = CompileOptions { data: super::data(), wasm, namespaces, ..CompileOptions::default() };
        let policy = engine.compile(std::slice::from_ref(&module), &options).unwrap();
        let evaluation = policy.evaluate(&component(json!({"more": true, "version": "x"})), &super::options());
        let found: std::collections::BTreeSet<&str> = evaluation.violations().iter().map(|finding| finding.rule.as_str()).collect();
        assert_eq!(found, rules.into());
    }
}

#[test]
fn what_a_module_was_not_built_to_answer_is_refused() {
    let engine = engine_on(fixtures());
    let with = |options: CompileOptions| engine.compile(&[], &CompileOptions { wasm: bundle().wasm_modules().to_vec(), ..options });
    let query = |query: &str| CompileOptions { query: Some(query.to_owned()), ..CompileOptions::default() };
    let error = with(query("data.gate.tags")).unwrap_err().to_string();
    assert!(error.contains("none that the WebAssembly policy was built to answer") && error.contains("data.gate.level"), "{error}");
    assert!(with(query("1 + 1")).is_err());
    let namespaces = vec!["nowhere".to_owned()];
    let error = with(CompileOptions { namespaces, ..CompileOptions::default() }).unwrap_err().to_string();
    assert!(error.contains("nothing could ever be decided"), "{error}");
    let mut modules = bundle().wasm_modules().to_vec();
    modules[0].entrypoints.push("gate/absent".to_owned());
    let error = engine.compile(&[], &CompileOptions { wasm: modules, ..CompileOptions::default() }).unwrap_err().to_string();
    assert!(error.contains("the manifest names the entrypoint `gate/absent`"), "{error}");
}
