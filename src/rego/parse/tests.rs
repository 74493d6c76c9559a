use std::time::{Duration, Instant};

use serde_json::Value;

use super::{NESTING, parse};
use crate::rego::ast::{Json, Place, Version};
use crate::rego::diagnostic::Diagnostic;

const RECORDED: &str = include_str!("../../../fixtures/rego/parse.jsonl");

fn messages(text: &str) -> Vec<String> {
    parse("m.rego", text, 0, Version::V1).unwrap_err().iter().map(Diagnostic::to_string).collect()
}

#[test]
fn what_opa_refuses_is_refused_and_nothing_else() {
    let mut wrong = Vec::new();
    for line in RECORDED.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let version = if case["v0"] == true { Version::V0 } else { Version::V1 };
        let text = case["module"].as_str().unwrap();
        let refused = parse("m.rego", text, 0, version).is_err();
        if Value::Bool(refused) != case["refused"] {
            wrong.push(text.to_owned());
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn ten_mistakes_are_ten_reports() {
    let text = "package t

a := [1, 2
b := {\"k\" 1}
c if { x == }
d := 01
e := \"no end
f if { input.x y }
every := 1
g(x) contains 1 if { true }
import foo.bar
h := a..b
i := \"fine\"
";
    let found = messages(text);
    let rows: Vec<&str> = found.iter().map(|message| message.split(':').nth(1).unwrap()).collect();
    assert_eq!(rows, ["4", "4", "5", "6", "7", "8", "9", "10", "11", "12"], "{found:#?}");
    assert!(found.iter().all(|message| message.contains("rego_parse_error: ")), "{found:#?}");
    assert!(found.iter().any(|message| message.ends_with("expected `,` or `]`")), "{found:#?}");
}

#[test]
fn a_mistake_is_told_in_words_with_its_place() {
    let cases = [
        ("package t\np := if.x", "m.rego:2:6: rego_parse_error: unexpected if keyword"),
        ("package t\np if { a b }", "m.rego:2:10: rego_parse_error: unexpected identifier `b`: expected a new line or ; or }"),
        ("package t\np { true }", "m.rego:2:1: rego_parse_error: `if` keyword is required before rule body"),
        ("package t\np[x] { x := 1 }", "m.rego:2:1: rego_parse_error: `if` keyword is required before rule body"),
        ("p := 1", "m.rego:1:1: rego_parse_error: package expected"),
        ("", "m.rego: rego_parse_error: empty module"),
        ("package t\np := \"a\"[0]", "m.rego:2:6: rego_parse_error: illegal ref (head cannot be string)"),
        ("package t\ndefault p := input.x", "m.rego:2:9: rego_parse_error: illegal default rule (value cannot contain ref)"),
    ];
    for (text, expected) in cases {
        assert_eq!(messages(text).first().map(String::as_str), Some(expected), "{text}");
    }
}

#[test]
fn a_mebibyte_of_brackets_is_refused_at_once() {
    let size = 1 << 20;
    let around = |open: &str| format!("package t\np := {}", open.repeat(size / open.len()));
    let heads = ["[", "{", "(", "f(", "[x|", "{\"a\":", "$\"{", "1+", "x[", "a in ", "-", "[1|2,[", "{{", "[{("];
    let mut texts: Vec<String> = heads.iter().map(|open| around(open)).collect();
    texts.push("[".repeat(size));
    for open in ["{", "(", "not (", "not {", "x and (", "{x} and {"] {
        texts.push(format!("package t\nimport future.keywords\np if {{ {}", open.repeat(size / open.len())));
    }
    for text in texts {
        let start = Instant::now();
        let found = messages(&text);
        // 10 ms in a release build; this bound must hold in an unoptimised one on a busy machine.
        let shown: String = text.chars().take(40).collect();
        assert!(start.elapsed() < Duration::from_secs(2), "{shown}: {:?}", start.elapsed());
        assert_eq!(found.len(), 1, "{shown}: {:?}", found.get(1));
    }
}

#[test]
fn terms_nest_as_deep_as_promised_on_a_small_stack() {
    let deep = |levels: usize| format!("package t\np := {}1{}", "[".repeat(levels), "]".repeat(levels));
    let limit = NESTING as usize;
    assert!(messages(&deep(limit)).iter().any(|message| message.contains("nested too deep")));
    let text = deep(limit / 2 - 2);
    let small = std::thread::Builder::new().stack_size(2 << 20);
    small.spawn(move || parse("m.rego", &text, 0, Version::V1).map(drop).unwrap()).unwrap().join().unwrap();
}

#[test]
fn many_mistakes_cost_no_more_than_one_reading_each() {
    let text = format!("package t\n{}", "p if {\nx\n".repeat(40_000));
    let start = Instant::now();
    let found = messages(&text);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert!(!found.is_empty() && found.len() <= 100);
}

#[test]
fn annotations_are_read_and_attached() {
    let text = "# METADATA
# title: All
# scope: subpackages
package t

# METADATA
# description: d
# authors: [Jane Doe <j@example.com>]
# custom: {effective_on: 2024-01-01, quoted: \"2024-01-02\", n: 1.50}
p := 1

# METADATA
# entrypoint: true
q := 2
";
    let module = parse("m.rego", text, 0, Version::V1).unwrap();
    let scopes: Vec<(&str, Place)> = module.annotations.iter().map(|found| (found.scope.as_str(), found.place)).collect();
    assert_eq!(scopes, [("subpackages", Place::Package), ("rule", Place::Rule(0)), ("document", Place::Rule(1))]);
    assert_eq!(module.rules[0].annotations, [1]);
    let Json::Object(members) = &module.annotations[1].value else { panic!("no object") };
    let Some(Json::Object(custom)) = members.get("custom") else { panic!("no custom") };
    assert_eq!(custom.get("effective_on"), Some(&Json::String("2024-01-01T00:00:00Z".to_owned())));
    assert_eq!(custom.get("quoted"), Some(&Json::String("2024-01-02".to_owned())));
    let Some(Json::Array(authors)) = members.get("authors") else { panic!("no authors") };
    let author = [("email", "j@example.com"), ("name", "Jane Doe")].map(|(key, value)| (key.to_owned(), Json::String(value.to_owned())));
    assert_eq!(authors, &[Json::Object(author.into())]);
}

#[test]
fn wrong_annotations_are_refused_where_they_stand() {
    let cases = [
        (
            "package t\n# METADATA\n# scope: package\np := 1",
            "m.rego:2:1: rego_parse_error: annotation scope 'package' must be applied to package (have rule)",
        ),
        ("package t\n# METADATA\n# scope: none\np := 1", "invalid annotation scope 'none'"),
        ("package t\n# METADATA\np := 1", "m.rego:2:1: rego_parse_error: expected METADATA block, found whitespace"),
        ("package t\n# METADATA\n# title: [\np := 1", "yaml: "),
        ("package t\n# METADATA\n# title: x", "annotation scope ''"),
        ("package t\n# METADATA\n# entrypoint: true\n# scope: rule\np := 1", "entrypoint applied to non-document or package scope 'rule'"),
    ];
    for (text, expected) in cases {
        let found = messages(text);
        assert!(found[0].contains(expected), "{text}: {found:?}");
    }
}
