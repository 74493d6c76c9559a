//! Several entrypoints of one module about one input, which the guest reads once: none sees what another made of it.

use std::sync::Arc;

use serde_json::{Value, json};
use vidimus::oci::Nowhere;
use vidimus::{CompileOptions, RegoModule};

use super::{component, corpus, engine_on, options, plain};

/// Whatever a rule can do to a value: replace, add, take away, stand in for the whole.
const CHANGING: &str = "
seen := input.a
kept := data.kept
deny contains sprintf(\"seen %v\", [seen])
deny contains sprintf(\"replaced %v\", [value]) if value := seen with input.a.b as \"changed\"
deny contains sprintf(\"added %v\", [value]) if value := seen with input.a.c.d as {1, {2}}
deny contains sprintf(\"all %v\", [value]) if value := seen with input as {\"a\": set()}
deny contains sprintf(\"data %v\", [value]) if value := kept with data.kept.x as input.a
deny contains sprintf(\"data %v %v\", [value, seen]) if value := kept with data.kept as 1
deny contains sprintf(\"patched %v\", [json.patch(input.a, [{\"op\": \"remove\", \"path\": \"/b\"}])])
deny contains sprintf(\"without %v\", [object.remove(input, [\"a\"])])
deny contains sprintf(\"more %v\", [object.union(input, {\"a\": {\"b\": {\"new\": [input.list]}}})])
deny contains sprintf(\"sorted %v\", [sort(array.concat(input.list, [0]))])
deny contains sprintf(\"walked %d\", [count([path | walk(input, [path, _])])])
";

const READING: &str = "
deny contains sprintf(\"%v %v\", [input, data.kept])
warn contains sprintf(\"%v\", [input.list])
";

#[test]
fn what_one_entrypoint_replaces_the_next_sees_whole() {
    if !corpus::is_there() {
        return;
    }
    let modules: Vec<RegoModule> = [("one", CHANGING), ("three", CHANGING), ("two", READING), ("zero", READING)]
        .map(|(name, text)| RegoModule::new(format!("{name}.rego"), format!("package {name}\n{text}")))
        .to_vec();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    for module in &modules {
        std::fs::write(folder.path().join("src").join(&module.name), &*module.text).unwrap();
    }
    let bundle = corpus::build(folder.path(), &["one/deny", "two/deny", "two/warn", "three/deny", "zero/deny", "zero/warn"]).unwrap();
    let engine = engine_on(Arc::new(Nowhere));
    let data = json!({"kept": {"x": [1, {"y": "z"}]}});
    let compile = |modules: &[RegoModule], wasm| {
        engine.compile(modules, &CompileOptions { data: data.clone(), wasm, ..CompileOptions::default() }).unwrap()
    };
    let (wasm, rego) = (compile(&[], bundle.wasm_modules().to_vec()), compile(&modules, Vec::new()));
    let long: Vec<Value> = (0..500).map(|number| json!({ "n": number })).collect();
    for list in [json!([3, 1, 2]), json!([]), json!(long)] {
        let input = component(json!({"a": {"b": {"deep": [true]}, "c": {"d": null}}, "list": list}));
        for _ in 0..3 {
            let (wasm, rego) = (wasm.evaluate(&input, &options()), rego.evaluate(&input, &options()));
            assert_eq!(plain(&wasm), plain(&rego));
            assert_eq!((wasm.violations().len(), wasm.warnings().len(), wasm.error()), (24, 2, None));
        }
    }
}
