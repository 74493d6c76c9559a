use std::collections::BTreeSet;

use serde_json::Value;

use crate::rego::compile::{Options, Source, compile};
use crate::rego::diagnostic::Diagnostic;
use crate::rego::signature::Table;

const RECORDED: &str = include_str!("../../../fixtures/rego/check.jsonl");

fn check(modules: &[&str], v0_compatible: bool, strict: bool) -> Vec<Diagnostic> {
    let sources: Vec<Source> = modules
        .iter()
        .enumerate()
        .map(|(index, text)| Source { name: format!("m{index}.rego"), text: (*text).into(), version: None })
        .collect();
    let table = Table::new();
    let options = Options { v0_compatible, strict, ..Options::new(&table) };
    compile(&sources, &options).err().unwrap_or_default()
}

#[test]
fn the_kinds_of_mistakes_are_those_that_opa_finds() {
    let mut wrong = Vec::new();
    for line in RECORDED.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let modules: Vec<&str> = case["modules"].as_array().unwrap().iter().map(|module| module.as_str().unwrap()).collect();
        let found = check(&modules, case["v0"] == true, case["strict"] == true);
        let codes: BTreeSet<&str> = found.iter().map(|found| found.code.as_str()).collect();
        let expected = case.get("ours").unwrap_or(&case["opa"]);
        let expected: BTreeSet<&str> = expected.as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
        if codes != expected {
            wrong.push(format!("{}\n{found:#?}", modules.join("\n--\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn ten_mistakes_are_ten_reports() {
    let text = "package t

import data.a
import data.b.a
p := undefined_function(1)
q := count([1], 2, 3, 4)
r := unbound
s := s
default d := 1
default d := 2
c contains 1
c := 2
v if { x := 1; x := 2 }
w if { u with nowhere as 1 }
u := startswith(\"a\")
n := lower(1) if { some y }
";
    let found: Vec<String> = check(&[text], false, false).iter().map(ToString::to_string).collect();
    let expected = [
        "m0.rego:4:1: rego_compile_error: import must not shadow import data.a",
        "m0.rego:5:6: rego_type_error: undefined function undefined_function",
        "m0.rego:6:6: rego_type_error: count: arity mismatch: got 4 operands, want: (collection: any<string, array[any], object[any: any], set[any]>)",
        "m0.rego:7:6: rego_unsafe_var_error: var unbound is unsafe",
        "m0.rego:8:1: rego_recursion_error: rule data.t.s is recursive: data.t.s -> data.t.s",
        "m0.rego:9:1: rego_type_error: multiple default rules data.t.d found at m0.rego:9, m0.rego:10",
        "m0.rego:11:1: rego_type_error: conflicting rules data.t.c found",
        "m0.rego:13:16: rego_compile_error: var x assigned above",
        "m0.rego:14:15: rego_type_error: with keyword target must reference existing input, data, or a function",
        "m0.rego:15:6: rego_type_error: startswith: arity mismatch: got 1 operands, want: (search: string, base: string)",
        "m0.rego:16:25: rego_compile_error: declared var y unused",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_long_chain_of_equations_may_be_written_the_wrong_way_round() {
    // What is copied for each look at each of them, such as all that is safe, costs minutes here.
    let chain: Vec<String> = (0..500).map(|number| format!("    x{number} = x{}\n", number + 1)).collect();
    let chain = chain.concat();
    assert_eq!(check(&[&format!("package t\np := x0 if {{\n{chain}    x500 = 1\n}}\n")], false, false), []);
    let open = check(&[&format!("package t\np := x0 if {{\n{chain}}}\n")], false, false);
    assert_eq!(open.len(), 501, "{:?}", open.first());
}

#[test]
fn types_of_operands_are_told() {
    let found = check(&["package t\np := concat(\",\", [1])"], false, false);
    let expected =
        "concat: invalid argument(s) have: (string, array<number>) want: (delimiter: string, collection: any<array[string], set[string]>)";
    assert_eq!(found[0].message, expected);
}

#[test]
fn long_chains_of_rules_are_checked_without_recursion() {
    let rules: Vec<String> = (1..5_000).map(|index| format!("r{index} := r{}", index - 1)).collect();
    let mut text = format!("package t\nr0 := 1\n{}\n", rules.join("\n"));
    assert_eq!(check(&[&text], false, false), []);
    text.push_str("r5000 := r4999\nz := z\n");
    assert_eq!(check(&[&text], false, false).len(), 1);
}
