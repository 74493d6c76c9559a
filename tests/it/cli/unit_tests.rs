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
