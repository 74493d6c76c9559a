//! Waiting for the network: all that is asked is asked together, a decision stands still meanwhile, and what cannot be asked
//! never reads as a pass.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vidimus::{CompileOptions, Engine, ErrorKind, Policy};

use super::{Asked, component, engine_on, fixtures, network, options};
use crate::testkit::{fixture, gate::Gate};

/// The images of the key-signed fixtures, each once.
fn references() -> Vec<String> {
    let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(fixture("keyed/cases.json")).unwrap()).unwrap();
    let all = cases.iter().filter(|case| case["expected"] == true).filter_map(|case| case["ref"].as_str());
    let mut all: Vec<String> = all.map(str::to_owned).collect();
    all.sort();
    all.dedup();
    assert!(all.len() > 2);
    all
}

fn both(engine: &Engine, asked: Asked) -> [Policy; 2] {
    [asked.compiled(engine), asked.rego(engine)]
}

/// A policy asks for one manifest after the other; the source is asked for all before it has answered for one.
#[test]
fn independent_questions_are_asked_together() {
    for index in 0..2 {
        let gate = Gate::closed(fixtures());
        let engine = engine_on(Arc::clone(&gate) as _);
        let [wasm, rego] = both(&engine, Asked::Package("keyed"));
        let policy = if index == 0 { wasm } else { rego };
        let refs = &references()[..3];
        std::thread::scope(|scope| {
            let running = scope.spawn(|| policy.evaluate(&component(json!({ "refs": refs })), &options()));
            let begun = Instant::now();
            while gate.asked() < 3 {
                assert!(begun.elapsed() < Duration::from_secs(30), "only {} were asked", gate.asked());
                std::thread::yield_now();
            }
            assert!(!running.is_finished());
            gate.open();
            let evaluation = running.join().unwrap();
            assert_eq!(evaluation.error(), None);
            assert_eq!(evaluation.violations().len(), 3, "{evaluation:?}");
        });
    }
}

/// What was asked is asked once, though a policy is run again until all is known.
#[test]
fn nothing_is_asked_twice() {
    let gate = Gate::closed(fixtures());
    gate.open();
    let engine = engine_on(Arc::clone(&gate) as _);
    let policy = Asked::Package("keyed").compiled(&engine);
    let refs = &references()[..3];
    let first = policy.evaluate(&component(json!({ "refs": refs })), &options());
    assert_eq!((first.violations().len(), gate.asked()), (3, 3));
}

/// `allow if count(deny) == 0`: an undefined manifest makes it true, and the component fails all the same.
#[test]
fn what_is_unavailable_is_never_a_pass() {
    let engine = engine_on(Arc::new(network()));
    let reference = format!("127.0.0.1:1/acme/api@sha256:{}", "a".repeat(64));
    for policy in both(&engine, Asked::Query("data.keyed.allow")) {
        let evaluation = policy.evaluate(&component(json!({"refs": [reference]})), &options());
        assert_eq!(evaluation.error().map(|error| error.kind), Some(ErrorKind::Unavailable), "{evaluation:?}");
        assert!(!evaluation.success());
        assert_eq!(evaluation.result(), Some(&json!(true)));
    }
    for policy in both(&engine, Asked::Query("data.keyed.answer")) {
        let input = json!({"ref": reference, "what": "image", "opts": {"public_key": key(), "ignore_rekor": true}});
        let evaluation = policy.evaluate(&component(input), &options());
        assert_eq!(evaluation.error().map(|error| error.kind), Some(ErrorKind::Unavailable));
        assert_eq!(evaluation.result().unwrap()["success"], false);
        assert!(!evaluation.success());
    }
}

fn key() -> String {
    std::fs::read_to_string(fixture("keyed/keys/release.pub")).unwrap()
}

#[test]
fn a_deadline_ends_the_waiting() {
    let gate = Gate::closed(fixtures());
    let engine = engine_on(Arc::clone(&gate) as _);
    for policy in both(&engine, Asked::Package("keyed")) {
        let brief = vidimus::EvaluateOptions { timeout: Duration::from_millis(50), ..options() };
        let evaluation = policy.evaluate(&component(json!({"refs": references()})), &brief);
        let kind = evaluation.error().unwrap().kind;
        assert!(matches!(kind, ErrorKind::Timeout | ErrorKind::Unavailable), "{evaluation:?}");
        assert!(!evaluation.success());
    }
    gate.open();
}

#[test]
fn time_stands_still_and_passes_with_the_clock_otherwise() {
    let engine = engine_on(fixtures());
    for policy in both(&engine, Asked::Package("gate")) {
        let old = policy.evaluate(&component(json!({"built": "2000-01-01T00:00:00Z"})), &options());
        assert!(old.violations().iter().any(|finding| finding.msg == "843315200 seconds old"), "{:?}", old.violations());
    }
}

/// A chain of questions, each of which begins with what the one before has answered: more of them than passes.
#[test]
fn what_depends_on_answers_is_found_in_a_bounded_number_of_passes() {
    const LINKS: usize = 20;
    let gate = Gate::closed(fixtures());
    gate.open();
    let engine = engine_on(Arc::clone(&gate) as _);
    let mut query = "x0 := 1".to_owned();
    for link in 1..=LINKS {
        let earlier = link - 1;
        let options = format!("{{\"public_key\": input.key, \"ignore_rekor\": true, \"link\": x{earlier}}}");
        let _ = write!(query, "; a{link} := ec.sigstore.verify_image(input.ref, {options}); x{link} := [{link}, a{link}.success]");
    }
    let _ = write!(query, "; x{LINKS}");
    let policy = engine.compile(&[], &CompileOptions { query: Some(query), ..CompileOptions::default() }).unwrap();
    // Not signed by this key: nothing is remembered beyond the evaluation.
    let other = std::fs::read_to_string(fixture("keyless/keys/release.pub")).unwrap();
    let evaluation = policy.evaluate(&component(json!({"ref": references()[0], "key": other})), &options());
    assert_eq!((evaluation.error(), evaluation.result()), (None, Some(&json!([LINKS, false]))));
}

/// In a pass that knows nothing yet, two values conflict; the evaluation must not fail for that.
#[test]
fn what_goes_wrong_for_want_of_answers_is_no_error() {
    let engine = engine_on(fixtures());
    let text = "package late\nvalue := 1 if not ec.oci.image_manifest(input.ref)\nvalue := 2\n";
    let modules = [vidimus::RegoModule::new("late.rego", text)];
    let query = Some("data.late.value".to_owned());
    let policy = engine.compile(&modules, &CompileOptions { query, ..CompileOptions::default() }).unwrap();
    let evaluation = policy.evaluate(&component(json!({"ref": references()[0]})), &options());
    assert_eq!((evaluation.error(), evaluation.result()), (None, Some(&json!(2))));
}

/// Receipts and prints are those of the pass that decides, each once.
#[test]
fn what_is_told_beside_an_answer_is_told_once() {
    let engine = engine_on(fixtures());
    let query = "a := ec.sigstore.verify_image(input.ref, {\"public_key\": input.key, \"ignore_rekor\": true}); print(\"heard\"); \
                 b := ec.sigstore.verify_image(input.ref, {\"public_key\": input.key, \"ignore_rekor\": true}); [a.success, b.success]";
    let policy = engine.compile(&[], &CompileOptions { query: Some(query.to_owned()), ..CompileOptions::default() }).unwrap();
    let input = component(json!({"ref": web(), "key": key()}));
    for _ in 0..2 {
        let evaluation = policy.evaluate(&input, &vidimus::EvaluateOptions { receipts: true, ..options() });
        assert_eq!(evaluation.result(), Some(&json!([true, true])), "{evaluation:?}");
        assert_eq!(serde_json::to_value(&evaluation).unwrap()["receipts"].as_array().unwrap().len(), 1);
        assert_eq!(evaluation.prints(), ["heard"]);
    }
}

/// An image that the key has signed.
fn web() -> String {
    let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(fixture("keyed/cases.json")).unwrap()).unwrap();
    let case = cases.iter().find(|case| case["name"].as_str().unwrap().starts_with("web/")).unwrap();
    case["ref"].as_str().unwrap().to_owned()
}
