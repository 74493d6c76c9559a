//! Waiting for the network: all that is asked is asked together, a decision stands still meanwhile, and what cannot be asked
//! never reads as a pass.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vidimus::{Engine, ErrorKind, Policy};

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
