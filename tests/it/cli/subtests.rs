//! Cases of tests, `test_x[case]`: what `opa test` 1.22 says of the same files.

use super::{at, tree, vidimus};

const TESTS: &str = "\
package m

cases := {\"one\": {\"x\": 1, \"want\": 1}, \"two\": {\"x\": 2, \"want\": 3}, \"three\": {\"x\": 3, \"want\": 3}}

test_x[name] if {
	some name, tc in cases
	got := tc.x
	got == tc.want
}

test_all_pass[name] if some name, tc in {\"a\": 1}

test_nested[a][b] if { some a in [\"p\", \"q\"]; some b in [\"1\", \"2\"]; b == \"1\"; a == \"p\" }

test_named[sprintf(\"%s-%d\", [c.n, c.v])] if { some c in [{\"n\": \"a\", \"v\": 1}, {\"n\": \"b\", \"v\": 2}]; c.v == 1 }

test_value[n] := [n] if some n in [\"c\"]

test_none[n] if some n in input.list

test_number[i] if { some i, v in [1, {\"y\": 1}]; v == 1 }

foo.test_behind.bar[n] if { some n in [\"c\", \"d\"]; n == \"c\" }

todo_test_z[name] if some name, _ in cases

test_contains contains \"x\"

test_twice[n] if some n in [\"a\"]

test_twice[n] if { some n in [\"b\"]; n == \"c\" }
";

fn run(more: &[&str]) -> super::Run {
    let files = tree(&[("m_test.rego", TESTS)]);
    vidimus(&[&["test", &at(&files, "")], more].concat())
}

/// The lines of tests and cases, without places and times.
fn told(text: &str) -> Vec<String> {
    let (results, _) = text.split_once("-----").unwrap();
    let lines = results.lines().filter(|line| !line.contains("_test.rego"));
    lines.map(|line| line.split(" (").next().unwrap().to_owned()).collect()
}

#[test]
fn each_case_is_told_by_its_name() {
    let wanted = [
        "data.m.test_x: FAIL",
        "  one: PASS",
        "  three: PASS",
        "  two: FAIL",
        "data.m.test_all_pass: PASS",
        "  a: PASS",
        "data.m.test_nested: FAIL",
        "  p: FAIL",
        "    1: PASS",
        "    2: FAIL",
        "  q: FAIL",
        "    1: FAIL",
        "    2: FAIL",
        "data.m.test_named: FAIL",
        "  a-1: PASS",
        "  b-2: FAIL",
        "data.m.test_value: FAIL",
        "  c: FAIL",
        "data.m.test_none: PASS",
        "data.m.test_number: FAIL",
        "  0: PASS",
        "  1: FAIL",
        "data.m.foo.test_behind: FAIL",
        "  bar: FAIL",
        "    c: PASS",
        "    d: FAIL",
        "data.m.todo_test_z: SKIPPED",
        "data.m.test_contains: FAIL",
        "data.m.test_twice: PASS",
        "  a: PASS",
        "data.m.test_twice#01: FAIL",
        "  b: FAIL",
    ];
    let verbose = run(&["-v"]);
    assert_eq!(told(&verbose.stdout), wanted);
    assert_eq!(verbose.code, 2);
    // Cases count one by one, and what has none counts as one.
    assert!(verbose.stdout.ends_with("PASS: 9/20\nFAIL: 10/20\nSKIPPED: 1/20\n"), "{}", verbose.stdout);
    let brief = told(&run(&[]).stdout);
    let failed: Vec<&str> = wanted.into_iter().filter(|line| !line.ends_with("PASS")).collect();
    assert_eq!(brief, failed);
    assert!(run(&[]).stdout.contains("\n  p: FAIL\n    2: FAIL\n  q: FAIL\n    1: FAIL\n  q: FAIL\n    2: FAIL\n\n"));
}

#[test]
fn machines_read_cases_as_opa_writes_them() {
    let results = run(&["--format", "json"]).json();
    let named = |name: &str| results.as_array().unwrap().iter().find(|result| result["name"] == name).unwrap().clone();
    let wanted = serde_json::json!({ "one": {"name": "one"}, "three": {"name": "three"}, "two": {"name": "two", "fail": true} });
    assert_eq!(named("test_x")["sub_results"], wanted);
    assert_eq!(named("test_x")["fail"], true);
    assert_eq!(named("foo.test_behind")["sub_results"]["bar"]["sub_results"]["d"]["fail"], true);
    assert!(named("test_all_pass").get("fail").is_none() && named("test_contains").get("sub_results").is_none());
    let report = run(&["--format", "junit"]).stdout;
    assert!(report.contains("tests=\"20\" failures=\"10\" errors=\"0\" skipped=\"1\""), "{report}");
    assert!(report.contains("name=\"foo.test_behind[&quot;bar&quot;][&quot;d&quot;]\""), "{report}");
}

#[test]
fn cases_that_all_pass_pass() {
    let files = tree(&[("m_test.rego", "package m\n\ntest_x[n] if some n in [\"a\", \"b\"]\n")]);
    let passed = vidimus(&["test", &at(&files, "")]);
    assert_eq!((passed.code, passed.stdout.as_str()), (0, "PASS: 2/2\n"));
    let covered = vidimus(&["test", "-c", &at(&files, "")]);
    assert!(covered.code == 0 && covered.stdout.contains("100.00%"), "{covered:?}");
}
