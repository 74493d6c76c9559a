//! Policies as a library's users meet them.

use std::time::{Duration, SystemTime};

use serde_json::json;
use vidimus::{CompileOptions, ErrorKind, EvaluateOptions};

use super::{SOON, compiled, component, engine, module};

#[test]
fn a_policy_decides_again_and_again_and_from_many_threads() {
    let policy = compiled(&engine(), "package main\ndeny contains msg if { input.n > 3; msg := sprintf(\"%d\", [input.n]) }").unwrap();
    std::thread::scope(|scope| {
        for start in 0..4 {
            let policy = policy.clone();
            scope.spawn(move || {
                for n in (start..100).step_by(4) {
                    let evaluation = policy.evaluate(&component(json!({ "n": n })), &SOON);
                    assert_eq!(evaluation.success(), n <= 3);
                    assert_eq!(evaluation.violations().first().map(|finding| finding.msg.clone()), (n > 3).then(|| n.to_string()));
                }
            });
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[expect(clippy::disallowed_methods, reason = "the macro starts the runtime that the test is about")]
async fn evaluation_inside_a_tokio_worker_neither_panics_nor_deadlocks() {
    let engine = engine();
    let options = "{\"public_key\": \"x\", \"ignore_rekor\": true}";
    let query = format!("ec.sigstore.verify_image(input.ref, {options}).success");
    let compile = CompileOptions { query: Some(query), ..CompileOptions::default() };
    let policy = engine.compile(&[], &compile).unwrap();
    let asked = tokio::spawn(async move { policy.evaluate(&component(json!({"ref": super::sharing::reference("web")})), &SOON) });
    assert_eq!(asked.await.unwrap().result(), Some(&json!(false)));
    drop(engine);
}

#[test]
fn the_deadline_ends_an_evaluation() {
    let slow = "package main\ndeny contains \"x\" if { some a in numbers.range(1, 5000); some b in numbers.range(1, 5000); a * b == -1 }";
    let policy = compiled(&engine(), slow).unwrap();
    let started = std::time::Instant::now();
    let evaluation = policy.evaluate(&component(json!({})), &EvaluateOptions::lasting(Duration::from_millis(20)));
    assert_eq!(evaluation.error().unwrap().kind, ErrorKind::Timeout);
    assert!(!evaluation.success());
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn time_stands_still_during_an_evaluation_and_can_be_set() {
    let query = CompileOptions { query: Some("time.now_ns()".to_owned()), ..CompileOptions::default() };
    let policy = engine().compile(&[], &query).unwrap();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let evaluation = policy.evaluate(&component(json!({})), &EvaluateOptions { now: Some(now), ..SOON });
    assert_eq!(evaluation.result(), Some(&json!(1_000_000_000_000_000_000_u64)));
}

#[test]
fn all_bad_modules_are_named_at_once() {
    let mut bad = module("package a\ndeny contains x if { x := }");
    bad.name = "a.rego".to_owned();
    let error = engine().compile(&[bad, module("package b\ndeny contains")], &CompileOptions::default()).unwrap_err();
    let files: Vec<&str> = error.problems().iter().filter_map(|problem| Some(problem.location.as_ref()?.file.as_str())).collect();
    assert_eq!(files, ["a.rego", "policy.rego"], "{error}");
    assert!(error.to_string().starts_with("a.rego:2:"), "{error}");
}

#[test]
fn deep_chains_of_rules_do_not_overflow_the_stack() {
    let mut text = "package main\nr0 := input.n\n".to_owned();
    for level in 1..600 {
        text = format!("{text}r{level} := r{} + 1\n", level - 1);
    }
    let policy = compiled(&engine(), &format!("{text}deny contains \"deep\" if r599 == 600\n")).unwrap();
    assert_eq!(policy.evaluate(&component(json!({"n": 1})), &SOON).violations().len(), 1);
}

#[test]
fn a_place_of_an_evaluation_error_is_the_users() {
    let text = "package main\n\ndeny contains msg if {\n\tmsg := conflict\n}\n\nconflict := 1 if input.a\n\nconflict := 2 if input.b\n";
    let policy = compiled(&engine(), text).unwrap();
    let evaluation = policy.evaluate(&component(json!({"a": true, "b": true})), &SOON);
    let error = evaluation.error().unwrap();
    assert_eq!(error.kind, ErrorKind::Evaluation);
    assert!(error.message.starts_with("policy.rego:"), "{error}");
}

#[test]
fn data_is_an_object_and_ours_is_reserved() {
    let compile =
        |data| engine().compile(&[module("package main\ndeny contains \"x\"")], &CompileOptions { data, ..CompileOptions::default() });
    assert!(compile(json!([1])).unwrap_err().to_string().contains("not an object"));
    assert!(compile(json!({"__vidimus": 1})).unwrap_err().to_string().contains("reserved"));
    assert!(compile(json!({"a": 1})).is_ok());
}
