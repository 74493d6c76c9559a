use super::{Options, Program, Source, compile};
use crate::rego::diagnostic::{Code, Diagnostic};
use crate::rego::signature::Table;

fn program(text: &str, query: Option<&str>) -> Result<Program, Vec<Diagnostic>> {
    let table = Table::new();
    let sources = [Source { name: "dir/a.rego".to_owned(), text: text.into(), version: None }];
    compile(&sources, &Options { query, ..Options::new(&table) })
}

#[test]
fn errors_of_the_engine_are_led_back_to_the_source() {
    let program = program("package t\n\np := 1\n\nq if {\n  input.x ==\n    1\n}\n", None).unwrap();
    let (name, text) = &program.modules[0];
    let row = text.lines().position(|line| line.contains("input")).unwrap() + 1;
    let located = program.locate(&format!("\n--> {name}:{row}:3\n  |\n{row} |   input\n  |   ^\nerror: something is wrong"));
    assert_eq!((located.file.as_str(), located.row, located.code), ("dir/a.rego", 6, Code::Evaluation));
    assert_eq!(located.to_string(), format!("dir/a.rego:6:{}: eval_error: something is wrong", located.column));
    let nowhere = program.locate("out of memory");
    assert_eq!(nowhere.to_string(), "eval_error: out of memory");
}

#[test]
fn rules_and_annotations_are_described_as_they_were_written() {
    let text = "package a.b\n# METADATA\n# title: P\np.q contains 1\ntest_x if { true }\nf(x) := x\ndefault d := 1\n";
    let program = program(text, None).unwrap();
    let names: Vec<String> = program.rules.iter().map(|rule| rule.name.join(".")).collect();
    assert_eq!(names, ["p.q", "test_x", "f", "d"]);
    assert_eq!(program.rules[0].package, ["a", "b"]);
    assert!(program.rules[3].default);
    assert_eq!(program.annotations[0].1, Some(0));
}

#[test]
fn a_query_becomes_a_rule_with_its_expressions() {
    let program = program("package t\np := 1\n", Some("x := data.t.p; x == 1; some y in [x]; y")).unwrap();
    let query = program.query.unwrap();
    assert_eq!(query.expressions, ["x := data.t.p", "x == 1", "some y in [x]", "y"]);
    let package = query.rule.strip_prefix("data.").unwrap().strip_suffix(".results").unwrap();
    assert!(program.modules.iter().any(|module| module.1.starts_with(&format!("package {package}\n"))));
    assert_eq!(program.rules.len(), 1, "the query's rule is not the user's");
}

#[test]
fn wrong_queries_are_refused() {
    for (query, expected) in [
        ("", "1:1: rego_parse_error: empty query"),
        ("x ==", ":1:5: rego_parse_error: unexpected end of file"),
        ("nope(1)", ":1:1: rego_type_error: undefined function nope"),
        ("y", "var y is unsafe"),
        ("p := 1 }", "unexpected } token"),
    ] {
        let found = program("package t\np := 1\n", Some(query)).unwrap_err();
        assert!(found[0].to_string().ends_with(expected) || found[0].to_string().contains(expected), "{query}: {found:?}");
    }
}

#[test]
fn deep_collections_are_taken_apart_or_refused() {
    let nested = |levels: usize, inner: &str| format!("{}{inner}{}", "{\"a\": ".repeat(levels), "}".repeat(levels));
    let deepest = |text: &str| {
        let line_depth = |line: &str| line.chars().filter(|next| *next == '{').count();
        text.lines().map(line_depth).max().unwrap_or_default()
    };
    for text in [
        format!("package t\np := {}\n", nested(50, "1")),
        format!("package t\np contains {} if {{ x := input.x }}\n", nested(50, "x")),
        format!("package t\nf(x) := {} if {{ x }} else := {}\n", nested(50, "x"), nested(40, "[x]")),
        format!("package t\np := [{} | x := 1]\n", nested(50, "x")),
    ] {
        let program = program(&text, None).unwrap();
        for (_, text) in &program.modules {
            assert!(deepest(text) <= 16, "{text}");
        }
    }
    for text in [format!("package t\ndefault p := {}\n", nested(50, "1")), format!("package t\nf({}) := x\n", nested(50, "x"))] {
        let found = program(&text, None);
        let refused = found.as_ref().is_err_and(|found| found[0].message.contains("nested too deep"));
        let flat = found.is_ok_and(|program| program.modules.iter().all(|module| deepest(&module.1) <= 16));
        assert!(refused || flat, "{text}");
    }
}
