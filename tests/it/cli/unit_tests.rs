//! `vidimus test`, `check` and `capabilities`: the commands of who writes policies.

use super::{at, tree, vidimus};

const TESTS: &str = "\
package main_test

test_passes if true

test_fails if 1 == 2

test_is_a_number := 1

test_prints if { print(\"seen\"); false }

todo_test_later if false

p := 1 if input.a

p := 2 if input.b

test_conflicts if p == 1 with input as {\"a\": 1, \"b\": 1}

test_reaches_out if ec.oci.blob(\"registry.example/a/b@sha256:00\") == \"x\"

test_mocks if ec.oci.blob(\"anything\") == \"x\" with ec.oci.blob as \"x\"
";

fn written() -> tempfile::TempDir {
    tree(&[
        ("main_test.rego", TESTS),
        ("data.json", "{\"limit\": 3}"),
        ("more_test.rego", "package more_test\n\ntest_data if data.limit == 3\n"),
    ])
}

#[test]
fn results_are_summed_up_as_opa_sums_them_up() {
    let files = written();
    let run = vidimus(&["test", &at(&files, "")]);
    assert_eq!(run.code, 2);
    assert!(run.stdout.ends_with("PASS: 3/9\nFAIL: 4/9\nSKIPPED: 1/9\nERROR: 1/9\n"), "{}", run.stdout);
    for line in
        ["data.main_test.test_fails: FAIL (", "data.main_test.todo_test_later: SKIPPED", "  seen", "data.main_test.test_conflicts: ERROR ("]
    {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
    assert!(run.stdout.contains("note: `ec.oci.blob` was not mocked"), "{}", run.stdout);
    assert!(!run.stdout.contains("test_passes"));
}

#[test]
fn tests_are_picked_by_pattern_and_shown_on_request() {
    let files = written();
    let run = vidimus(&["test", "-v", "-r", "main_test.test_(passes|mocks)$", "--parallel", "2", "--timeout", "30s", &at(&files, "")]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("data.main_test.test_passes: PASS (") && run.stdout.ends_with("PASS: 2/2\n"), "{}", run.stdout);
    assert_eq!(vidimus(&["test", "-r", "nothing", &at(&files, "")]).stdout, "");
    assert!(vidimus(&["test", "-r", "(", &at(&files, "")]).stderr.contains("regex parse error"));
}

#[test]
fn results_are_read_by_machines() {
    let files = written();
    let results = vidimus(&["test", "--format", "json", &at(&files, "")]).json();
    let named = |name: &str| results.as_array().unwrap().iter().find(|result| result["name"] == name).unwrap().clone();
    assert_eq!(named("test_fails")["fail"], true);
    assert_eq!(named("todo_test_later")["skip"], true);
    assert!(named("test_conflicts")["error"]["message"].is_string());
    assert_eq!(named("test_prints")["output"], "c2Vlbgo=");
    assert_eq!(named("test_passes")["location"]["row"], 3);
    let report = vidimus(&["test", "--format", "junit", &at(&files, "")]).stdout;
    assert!(report.contains("<testsuites name=\"vidimus test\" tests=\"9\" failures=\"4\" errors=\"1\" skipped=\"1\">"), "{report}");
}

/// Tests that fail in many ways, and a policy that they ask.
fn failing() -> tempfile::TempDir {
    let tests = "\
package p_test

import data.p

test_count if {
	xs := [1, 2, 3]
	res := p.deny with input as {\"xs\": xs}
	count(res) == 1
}

test_asked if p.allow with input as {\"user\": \"alice\"}

test_every if {
	limit := 3
	every x in [1, 2, 3] { x < limit }
}

test_some if {
	some x in [1, 2, 3]
	x > 2
	y := x + 1
	y == 7
}

test_not if {
	z := {\"a\": 1}
	not z.a == 1
}

test_twice if 1 == 1

test_twice if 1 == 2

test_twice if 1 == 1
";
    let policy = "\
package p

default allow := false

allow if {
	name := input.user
	name == \"bob\"
}

deny contains msg if {
	some x in input.xs
	x > 10
	msg := \"big\"
}

f(x) := x if {
	x > 5
} else := 0
";
    tree(&[("p.rego", policy), ("p_test.rego", tests)])
}

#[test]
fn a_failure_shows_the_expression_and_its_variables() {
    let files = failing();
    let results = vidimus(&["test", "--format", "json", &at(&files, "")]).json();
    let failures = |name: &str| {
        let result = results.as_array().unwrap().iter().find(|result| result["name"] == name).unwrap();
        let shown = |failure: &serde_json::Value| {
            let locals = failure["locals"].as_array().unwrap().iter();
            let locals: Vec<String> =
                locals.map(|local| format!("{}={}", local["name"].as_str().unwrap(), local["value"].as_str().unwrap())).collect();
            format!("{} {} [{}]", failure["location"]["row"], failure["text"].as_str().unwrap(), locals.join(" "))
        };
        result["failures"].as_array().map(|failures| failures.iter().map(shown).collect::<Vec<_>>()).unwrap_or_default()
    };
    // The rule that was asked ended at its second expression with the last element.
    assert_eq!(failures("test_count"), ["8 count(res) == 1 [res=set() xs=[1, 2, 3]]"]);
    assert_eq!(failures("test_asked"), ["11 p.allow with input as {\"user\": \"alice\"} []", "7 name == \"bob\" [name=\"alice\"]"]);
    assert_eq!(failures("test_every"), ["15 x < limit [limit=3 x=3]"]);
    assert_eq!(failures("test_some"), ["22 y == 7 [x=3 y=4]"]);
    assert_eq!(failures("test_not"), ["27 not z.a == 1 [z={\"a\": 1}]"]);
    assert_eq!(failures("test_twice#01"), ["32 1 == 2 []"]);
    let run = vidimus(&["test", "-r", "test_some", &at(&files, "")]);
    assert!(run.stdout.contains("p_test.rego:22:\n    y == 7\n      x = 3\n      y = 4\n\n----"), "{}", run.stdout);
    let report = vidimus(&["test", "-r", "test_some", "--format", "junit", &at(&files, "")]).stdout;
    assert!(report.contains("p_test.rego:22:2: y == 7\"></failure>"), "{report}");
}

#[test]
fn tests_of_one_name_are_tests_of_their_own() {
    let run = vidimus(&["test", "-v", "-r", "test_twice", &at(&failing(), "")]);
    for line in ["data.p_test.test_twice: PASS", "data.p_test.test_twice#01: FAIL", "data.p_test.test_twice#02: PASS"] {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
    assert!(run.stdout.ends_with("PASS: 2/3\nFAIL: 1/3\n"), "{}", run.stdout);
}

#[test]
fn coverage_is_that_of_the_users_lines() {
    let files = failing();
    let p = at(&files, "p.rego");
    let more = tree(&[(
        "more_test.rego",
        "package more_test\n\nimport data.p\n\ntest_a if {\n\tp.allow with input as {\"user\": \"bob\"}\n\tp.f(7) == 7\n}\n",
    )]);
    let test = |arguments: &[&str]| vidimus(&[&["test", &p, &at(&more, "")], arguments].concat());
    let report = test(&["--coverage", "--format", "json"]).json();
    let lines = |file: &str, which: &str| -> Vec<u64> {
        let file = report["files"].as_object().unwrap().iter().find(|(name, _)| name.ends_with(file)).unwrap().1;
        let mut rows: Vec<u64> = file[which].as_array().unwrap().iter().map(|range| range["start"]["row"].as_u64().unwrap()).collect();
        rows.dedup();
        rows
    };
    assert_eq!(lines("p.rego", "covered"), [5, 6, 7, 16, 17]);
    assert_eq!(lines("p.rego", "not_covered"), [3, 10, 12, 13, 18]);
    assert_eq!((report["covered_lines"].as_u64(), report["not_covered_lines"].as_u64()), (Some(8), Some(5)));
    let range = &report["files"][&p]["covered"][2];
    assert_eq!((&range["start"]["col"], &range["end"]["col"]), (&serde_json::json!(2), &serde_json::json!(15)), "{range}");

    let pretty = test(&["-c"]).stdout;
    assert!(pretty.starts_with("PASS: 1/1\n") && pretty.contains("  50.00%  5/10  not covered: 3, 10, 12-13, 18\n"), "{pretty}");
    assert!(pretty.contains("\ntotal ") && pretty.ends_with("  61.54%  8/13\n"), "{pretty}");
    let lcov = test(&["-c", "--format", "lcov"]).stdout;
    assert!(lcov.contains("DA:7,1\n") && lcov.contains("DA:12,0\n") && lcov.contains("LF:10\nLH:5\nend_of_record\n"), "{lcov}");
    assert_eq!(test(&["--format", "lcov"]).code, 2);

    assert_eq!(test(&["--threshold", "60"]).code, 0);
    let below = test(&["--threshold", "70", "-v"]);
    assert_eq!(below.code, 2);
    assert!(below.stderr.starts_with("Code coverage threshold not met: got 61.54 instead of 70.00\nLines not covered:\n"), "{below:?}");
    assert!(below.stderr.contains("p.rego:12-13\n"), "{below:?}");
    assert!(test(&["--threshold", "101"]).stderr.contains("not between 0 and 100"));
}

#[test]
fn a_default_is_covered_where_its_value_is_used() {
    let files = failing();
    let more = tree(&[("d_test.rego", "package d_test\n\ntest_d if not data.p.allow with input as {\"user\": \"eve\"}\n")]);
    let lcov = vidimus(&["test", "-c", "-f", "lcov", &at(&files, "p.rego"), &at(&more, "")]).stdout;
    assert!(lcov.contains("DA:3,1\n") && lcov.contains("DA:5,0\n"), "{lcov}");
}

#[test]
fn runs_are_counted_sorted_and_judged() {
    let files = failing();
    let run = |arguments: &[&str]| vidimus(&[&["test", &at(&files, "")], arguments].concat());
    assert_eq!(run(&["-r", "test_twice$", "--count", "3"]).stdout, "PASS: 1/1\n".repeat(3));
    assert_eq!(run(&["--count", "0"]).code, 2);
    assert_eq!((run(&["-r", "none"]).code, run(&["-r", "none", "--fail-on-empty"]).code), (0, 1));
    let sorted = run(&["--format", "json", "--sort", "duration"]).json();
    let durations: Vec<u64> = sorted.as_array().unwrap().iter().map(|result| result["duration"].as_u64().unwrap()).collect();
    assert!(durations.is_sorted_by(|one, next| one >= next), "{durations:?}");
    let todo = tree(&[("t_test.rego", "package t\n\ntodo_test_x if false\n\ntodo_other if false\n")]);
    assert_eq!(vidimus(&["test", &at(&todo, "")]).code, 2);
    let passed = vidimus(&["test", "-z", &at(&todo, "")]);
    assert!(passed.code == 0 && passed.stdout.ends_with("SKIPPED: 1/1\n"), "{passed:?}");
}

#[test]
fn tests_of_old_modules_are_read_as_such() {
    let files = tree(&[("old_test.rego", "package old\n\ntest_old { true }\n")]);
    assert_eq!(vidimus(&["test", "--v0-compatible", &at(&files, "")]).stdout, "PASS: 1/1\n");
    assert_eq!(vidimus(&["test", &at(&files, "")]).code, 2);
}

#[test]
fn mistakes_are_reported_with_their_places() {
    let files = tree(&[("bad.rego", "package bad\n\np if x\n\nq if f(1)\n"), ("unused.rego", "package unused\n\nimport data.x\n")]);
    let run = vidimus(&["check", &at(&files, "bad.rego")]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("bad.rego:3:6: rego_unsafe_var_error") && run.stderr.contains("bad.rego:5:6: rego_type_error"), "{run:?}");
    let errors = vidimus(&["check", "--format", "json", &at(&files, "bad.rego")]).json();
    assert_eq!(errors["errors"][0]["location"]["row"], 3);
    assert_eq!(errors["errors"][0]["code"], "rego_unsafe_var_error");
    assert_eq!(vidimus(&["check", &at(&files, "unused.rego")]).code, 0);
    assert_eq!(vidimus(&["check", "--strict", &at(&files, "unused.rego")]).code, 2);
    assert_eq!(vidimus(&["check", "--v0-compatible", "rego"]).code, 2);
    assert_eq!(vidimus(&["check", "rego"]).code, 0);
    assert!(vidimus(&["check", "absent.rego"]).refused().contains("absent.rego"));
}

#[test]
fn capabilities_name_ours_beside_opas() {
    let listed = vidimus(&["capabilities"]).json();
    let names: Vec<_> = listed["builtins"].as_array().unwrap().iter().map(|builtin| builtin["name"].as_str().unwrap()).collect();
    assert_eq!(names.iter().filter(|name| name.starts_with("ec.")).count(), 14);
    assert!(names.contains(&"http.send") && names.contains(&"sprintf"));
}

/// As `opa test -v` prints them: `PASS` and `FAIL` count the cases.
#[test]
fn tests_of_several_cases_name_each() {
    let files = tree(&[(
        "cases_test.rego",
        r#"package dashed["a-b_test"]

test_even[case.name] if {
	some case in [{"name": "two", "of": 2, "more": 1}, {"name": "three", "of": 3, "more": 1}]
	half := case.of / 2
	half == floor(half)
}

test_nested[kind][n] if {
	some kind, ns in {"a": [1, 2], "b": [3]}
	some n in ns
	n < 4
}

test_composite[[n]] if some n in [1]

test_without_cases[x] if some x in input.none
"#,
    )]);
    let text = vidimus(&["test", "-v", &at(&files, "")]).stdout;
    for lines in ["\n  three: FAIL\n  two: PASS\n", "\n  a: PASS\n    1: PASS\n    2: PASS\n  b: PASS\n    3: PASS\n", "\n  [1]: PASS\n"] {
        assert!(text.contains(lines), "{text}");
    }
    assert!(text.contains("data.dashed[\"a-b_test\"].test_even: FAIL"), "{text}");
    assert!(text.contains("data.dashed[\"a-b_test\"].test_without_cases: PASS"), "{text}");
    assert!(text.ends_with("PASS: 6/7\nFAIL: 1/7\n"), "{text}");
    let results = vidimus(&["test", "-f", "json", "-r", "even", &at(&files, "")]).json();
    let parts = serde_json::json!({ "two": { "name": "two" }, "three": { "name": "three", "fail": true } });
    assert_eq!(results[0]["sub_results"], parts);
}

/// `opa check` reads `.rego` files only; two data files that contradict each other are none of its business.
#[test]
fn check_reads_modules_only() {
    let files = tree(&[("a.json", "{\"x\": 1}"), ("b.yaml", "x: 2"), ("c.json", "{"), ("p.rego", "package p\n\nq := 1\n")]);
    assert_eq!(vidimus(&["check", &at(&files, "")]).code, 0);
}
