//! What OPA 1.22 answered to the same modules.

use crate::rego::compile::{Options, Source, compile};
use crate::rego::signature::Table;

/// The mistakes in a module, each without its place and code.
fn mistakes(rules: &str) -> Vec<String> {
    let sources = [Source { name: "m.rego".to_owned(), text: format!("package t\n{rules}\n").into(), version: None }];
    let table = Table::new();
    let found = compile(&sources, &Options::new(&table));
    found.err().unwrap_or_default().into_iter().map(|found| found.message).collect()
}

#[test]
fn what_cannot_be_is_refused() {
    for (rules, expected) in [
        (
            "f({\"k\": v}) := v\nq := f({\"k\": 3, \"z\": 1})",
            "data.t.f: invalid argument(s) have: (object<k: number, z: number>) want: (object<k: any>)",
        ),
        ("o := {\"a\": 1}\np := o.z", "undefined ref: data.t.o.z: `z` is not there: there are `a`"),
        ("o := {\"a\": 1}\np if o.a == \"x\"", "match error: left is number, right is string"),
        ("o := {\"a\": 1}\np := o.a.b", "undefined ref: data.t.o.a.b: there is nothing below a value of type number"),
        ("s := {\"a\"}\np if s[1]", "undefined ref: data.t.s[1]: `1` is not there: keys are of type string"),
        ("f(x) := lower(x)\np := f(1)", "data.t.f: invalid argument(s) have: (number) want: (string)"),
        ("f(x) := lower(x)\np if { x := f(\"a\"); x == 1 }", "match error: left is string, right is number"),
        ("a := [1]\np := a[5]", "undefined ref: data.t.a[5]: `5` is not there: keys are of type number"),
        ("p if 1 in {\"a\"}", "match error: left is number, right is string"),
        ("f(x) := x\np := f", "function data.t.f used as reference, not called"),
        ("p := {\"a\": sum(\"x\")}", "sum: invalid argument(s) have: (string) want: (collection: any<array[number], set[number]>)"),
        ("p contains 1\nq if { some x in p; x == \"a\" }", "match error: left is number, right is string"),
        ("p[x] := 1 if some x in [\"a\"]\nq := p[1]", "undefined ref: data.t.p[1]: `1` is not there: keys are of type string"),
        ("o := {}\np := o.x", "undefined ref: data.t.o.x: `x` nothing is there"),
        (
            "p if every a, b in input.x { c := [b | input.o[a] >= (input.y - a); {\"k\": false} == a] }",
            "match error: left is object<k: boolean>, right is any<number, set[any]>",
        ),
        (
            "import future.keywords.not\np if not { a := input.x; b := [1 | startswith(a, \"b\"); 1 == a] }",
            "match error: left is number, right is string",
        ),
        ("p := count([x | x := lower(1)])", "lower: invalid argument(s) have: (number) want: (x: string)"),
    ] {
        assert_eq!(mistakes(rules), [expected], "{rules}");
    }
}

#[test]
fn what_can_be_is_accepted() {
    for rules in [
        "f(x) := x\np := [f(1), f(\"a\"), f({\"k\": 1})]",
        "f({\"k\": v}) := v\nf({\"k\": v, \"z\": _}) := v\nq := f({\"k\": 3, \"z\": 1})",
        "o := {\"a\": 1} if input.x\no := {\"b\": 1} if input.y\np := o.b",
        "p contains x if some x in [1, \"a\"]\nq if p[\"a\"]",
        "p := x.y if { x := input.z }\nq := p.anything[1].below",
        "f(x) := y if { is_string(x); y := {x} }\nf(x) := y if { is_object(x); y := {k | some k, _ in x} }\nq := f(\"a\") | f({})",
        "f(x) := lower(x)\np if f(\"a\") == \"1\" with data.t.f as \"1\"",
        "d := {\"a\": 1}\np if d.b == 1 with data.t.d as {\"b\": 1}",
        "d := {\"a\": 1}\ne := d.a\np if e == \"x\" with data.t.d as {\"a\": \"x\"}",
        "p if every x in [1] { x == \"a\" }",
        "p if { x := [1]; y := x[_]; y == 2; not y == 3 }",
        "p[x][y] := z if { some x, y in {\"a\": 1}; z := 1 }\nq := p.a[1]",
        "p contains x if { some x, y; data.none.regal[x][y].z; lower(x) }\nregal.rules := [1]\nnone.regal := [[1]]",
        "d() := 1\np := d + 1",
        "p := data.t.q.r\nq.r := 1\nq.s := \"x\"\nu := q.v",
        "p := $\"{input.x} and {count([1])}\"\nq := lower(p)",
    ] {
        assert_eq!(mistakes(rules), Vec::<String>::new(), "{rules}");
    }
}

#[test]
fn closures_in_closures_end() {
    let nested = |levels: usize| format!("p := {}1{}", "[x | x := ".repeat(levels), "]".repeat(levels));
    assert_eq!(mistakes(&nested(24)), Vec::<String>::new());
}
