//! What decides, and what the exit code says of it.

use super::{at, tree, vidimus, vidimus_with};

const POLICY: &str = "package main

deny contains msg if {
	input.n > 3
	msg := sprintf(\"n is %d\", [input.n])
}

deny_object contains {\"msg\": \"it has a tail\", \"code\": \"main.tail\", \"tail\": input.tail} if input.tail

warn contains \"careful\" if input.w
";

fn inputs() -> [(&'static str, &'static str); 5] {
    [
        ("p/main.rego", POLICY),
        ("good.json", r#"{"n": 1}"#),
        ("bad.json", r#"{"n": 5, "tail": [1]}"#),
        ("warned.json", r#"{"w": true}"#),
        ("broken.json", "{\n \"n\": ,\n}"),
    ]
}

#[test]
fn violations_decide_and_warnings_do_not() {
    let files = tree(&inputs());
    let (policy, good, bad, warned) = (at(&files, "p"), at(&files, "good.json"), at(&files, "bad.json"), at(&files, "warned.json"));
    assert_eq!(vidimus(&["eval", "-p", &policy, &good, &warned]).code, 0);
    let run = vidimus(&["eval", "-p", &policy, "-f", "json", &good, &bad, &warned]);
    assert_eq!(run.code, 1);
    assert_eq!(run.json()["success"], false);
    assert_eq!(run.component(&good)["success"], true);
    let component = run.component(&bad);
    assert_eq!(component["violations"][0]["msg"], "n is 5");
    assert_eq!(component["violations"][0]["rule"], "main.deny");
    assert_eq!(component["violations"][0]["location"]["line"], 3);
    assert_eq!(component["violations"][1]["metadata"], serde_json::json!({"code": "main.tail", "tail": [1]}));
    assert_eq!(run.component(&warned)["warnings"][0]["msg"], "careful");
    assert_eq!(run.json()["stats"]["components"], 3);
}

#[test]
fn warnings_decide_where_they_are_asked_to() {
    let files = tree(&inputs());
    let (policy, warned) = (at(&files, "p"), at(&files, "warned.json"));
    let run = vidimus(&["eval", "-p", &policy, "--fail-on-warn", "-f", "json", &warned]);
    assert_eq!((run.code, run.json()["success"].clone()), (1, false.into()));
}

#[test]
fn undecided_outweighs_violated_and_nothing_is_lost() {
    let files = tree(&inputs());
    let (policy, directory) = (at(&files, "p"), files.path().to_str().unwrap().to_owned());
    let missing = at(&files, "missing.json");
    let run = vidimus(&["eval", "-p", &policy, "-f", "json", &directory, &missing]);
    assert_eq!(run.code, 2);
    assert_eq!(run.json()["components"].as_array().unwrap().len(), 5);
    let broken = run.component(&at(&files, "broken.json"));
    assert_eq!(broken["error"]["kind"], "invalid_input");
    assert_eq!(broken["error"]["message"], format!("{}:2:7: invalid JSON: expected value", at(&files, "broken.json")));
    assert_eq!(run.component(&missing)["error"]["kind"], "invalid_input");
    assert_eq!(run.component(&at(&files, "bad.json"))["violations"].as_array().unwrap().len(), 2);
}

#[test]
fn a_namespace_narrows_what_decides() {
    let other = "package other.place\nviolation contains \"no\"\n";
    let files = tree(&[("p/main.rego", POLICY), ("p/other.rego", other), ("good.json", "{}")]);
    let (policy, good) = (at(&files, "p"), at(&files, "good.json"));
    assert_eq!(vidimus(&["eval", "-p", &policy, &good]).code, 1);
    assert_eq!(vidimus(&["eval", "-p", &policy, "--namespace", "main", &good]).code, 0);
    assert_eq!(vidimus(&["eval", "-p", &policy, "--namespace", "main", "--namespace", "other.place", &good]).code, 1);
    assert!(vidimus(&["eval", "-p", &policy, "--namespace", "absent", &good]).refused().contains("`absent`"));
}

#[test]
fn exceptions_count_as_in_conftest() {
    let policy = "package main
deny_root contains \"root\"
deny contains \"plain\"
exception contains rules if { input.root; rules := [\"root\"] }
exception contains rules if { input.plain; rules := [\"\"] }
";
    let files = tree(&[("p.rego", policy), ("none.json", "{}"), ("root.json", r#"{"root": 1}"#), ("plain.json", r#"{"plain": 1}"#)]);
    let run = vidimus(&[
        "eval",
        "-p",
        &at(&files, "p.rego"),
        "-f",
        "json",
        &at(&files, "none.json"),
        &at(&files, "root.json"),
        &at(&files, "plain.json"),
    ]);
    let messages = |name: &str| {
        run.component(&at(&files, name))["violations"].as_array().unwrap().iter().map(|v| v["msg"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(messages("none.json"), ["plain", "root"]);
    assert_eq!(messages("root.json"), ["plain"]);
    assert_eq!(messages("plain.json"), ["root"]);
}

#[test]
fn what_is_no_result_is_an_error_and_never_a_pass() {
    for (rule, what) in [
        ("deny contains 7 if true", "a number"),
        ("deny contains {\"code\": \"x\"} if true", "an object without `msg`"),
        ("deny contains {\"msg\": 1} if true", "an object whose `msg` is no string"),
        ("default deny := false", "a boolean"),
    ] {
        let files = tree(&[("p.rego", &format!("package main\n{rule}\n")), ("a.json", "{}")]);
        let (policy, input) = (at(&files, "p.rego"), at(&files, "a.json"));
        let run = vidimus(&["eval", "-p", &policy, "-f", "json", &input]);
        let error = run.component(&input)["error"].clone();
        assert_eq!((run.code, error["kind"].as_str()), (2, Some("evaluation")), "{rule}: {run:?}");
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{policy}:2:1: ")) && message.contains(what), "{message}");
    }
}

#[test]
fn a_policy_that_decides_nothing_is_refused() {
    let files = tree(&[("p.rego", "package main\nallow := true\ndeny_(x) := x\n"), ("a.json", "{}")]);
    let run = vidimus(&["eval", "-p", &at(&files, "p.rego"), &at(&files, "a.json")]);
    assert!(run.refused().contains("nothing could ever be decided"), "{run:?}");
}

#[test]
fn bad_modules_are_named_with_their_places() {
    let bad = "package a\n\ndeny contains x if { x := }\n";
    let files = tree(&[("p/a.rego", bad), ("p/b.rego", "package b\ndeny contains if\n"), ("a.json", "{}")]);
    let run = vidimus(&["eval", "-p", &at(&files, "p"), &at(&files, "a.json")]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains(&format!("{}:3:", at(&files, "p/a.rego"))), "{run:?}");
    assert!(run.stderr.contains(&format!("{}:2:", at(&files, "p/b.rego"))), "{run:?}");
    assert_eq!(run.stdout, "");
}

#[test]
fn a_query_answers_for_each_component() {
    let files = tree(&[("a.json", r#"{"n": 5, "l": [1, 2]}"#), ("b.json", "{}")]);
    let (a, b) = (at(&files, "a.json"), at(&files, "b.json"));
    let run = vidimus(&["eval", "-q", "input.n", "-f", "json", &a, &b]);
    assert_eq!(run.code, 0);
    assert_eq!(run.component(&a)["result"], 5);
    assert_eq!(run.component(&b).get("result"), None);
    let several = vidimus(&["eval", "-q", "x := input.l[_]; x + 1", "-f", "json", &a]);
    assert_eq!(several.component(&a)["result"], serde_json::json!([2, 3]));
    let falsehood = vidimus(&["eval", "-q", "1 == 2", "-f", "json", &a]);
    assert_eq!(falsehood.component(&a)["result"], false);
}

#[test]
fn a_query_fails_a_run_as_opa_eval_does() {
    let files = tree(&[("a.json", r#"{"n": 5}"#)]);
    let a = at(&files, "a.json");
    let code = |query: &str, flags: &[&str]| vidimus(&[&["eval", "-q", query, a.as_str()], flags].concat()).code;
    assert_eq!([code("input.n", &[]), code("input.n", &["--fail"]), code("input.n", &["--fail-defined"])], [0, 0, 1]);
    assert_eq!([code("input.x", &[]), code("input.x", &["--fail"]), code("input.x", &["--fail-defined"])], [0, 1, 0]);
    assert_eq!(code("input.n + ", &[]), 2);
}

#[test]
fn builtin_errors_end_an_evaluation_only_where_they_are_strict() {
    let policy = "package main\ndeny contains \"never\" if 1 / input.zero\nwarn contains \"seen\"\n";
    let files = tree(&[("p.rego", policy), ("a.json", r#"{"zero": 0}"#)]);
    let (policy, input) = (at(&files, "p.rego"), at(&files, "a.json"));
    assert_eq!(vidimus(&["eval", "-p", &policy, &input]).code, 0);
    let strict = vidimus(&["eval", "-p", &policy, "--strict-builtin-errors", "-f", "json", &input]);
    assert_eq!(strict.code, 2);
    assert!(strict.component(&input)["error"]["message"].as_str().unwrap().contains("divide by zero"), "{strict:?}");
}

#[test]
fn old_modules_are_read_where_they_are_allowed() {
    let files = tree(&[("p.rego", "package main\ndeny[msg] { input.n > 3; msg := \"old\" }\n"), ("a.json", r#"{"n": 5}"#)]);
    let (policy, input) = (at(&files, "p.rego"), at(&files, "a.json"));
    assert_eq!(vidimus(&["eval", "-p", &policy, &input]).code, 2);
    let run = vidimus(&["eval", "-p", &policy, "--v0-compatible", "-f", "json", &input]);
    assert_eq!((run.code, run.component(&input)["violations"][0]["msg"].clone()), (1, "old".into()), "{run:?}");
}

#[test]
fn an_evaluation_ends_at_its_deadline() {
    let policy = "package main\ndeny contains \"slow\" if { some x in numbers.range(1, 5000); some y in numbers.range(1, 5000); x * y == input.n }\n";
    let files = tree(&[("p.rego", policy), ("slow.json", r#"{"n": -1}"#)]);
    let input = at(&files, "slow.json");
    let run = vidimus(&["eval", "-p", &at(&files, "p.rego"), "--timeout", "50ms", "-f", "json", &input]);
    assert_eq!(run.code, 2);
    assert_eq!(run.component(&input)["error"], serde_json::json!({"kind": "timeout", "message": "not decided within 50ms"}));
}

#[test]
fn prints_go_to_standard_error() {
    let files = tree(&[("p.rego", "package main\ndeny contains \"x\" if { print(\"seen\", input.n); false }\n")]);
    let run = vidimus_with(&["eval", "-p", &at(&files, "p.rego"), "-f", "json", "-"], &[], r#"{"n": "\u001b[2J"}"#);
    assert_eq!(run.code, 0);
    assert!(run.stderr.contains("seen") && !run.stderr.contains('\u{1b}'), "{run:?}");
    assert!(!run.stdout.contains("seen"));
}
