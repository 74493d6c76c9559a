//! What evaluations share: verdicts, across components, threads and clones of an engine; and what they never share.

use std::sync::Arc;

use serde_json::json;
use vidimus::{CompileOptions, Component, Engine, ErrorKind, Policy, Workers};

use super::{SOON, component, engine, engine_on, network};
use crate::testkit::{Route, TestRegistry, fixture};

/// The reference of an image in the key-signed fixtures.
pub(super) fn reference(name: &str) -> String {
    let cases: serde_json::Value = serde_json::from_slice(&std::fs::read(fixture("keyed/cases.json")).unwrap()).unwrap();
    let start = format!("{name}/");
    let case = cases.as_array().unwrap().iter().find(|case| case["name"].as_str().unwrap().starts_with(&start)).unwrap();
    case["ref"].as_str().unwrap().to_owned()
}

/// The policy that asks for the signatures of `input.refs`.
fn policy(engine: &Engine) -> Policy {
    let key = std::fs::read_to_string(fixture("keyed/keys/release.pub")).unwrap();
    let options = json!({"public_key": key, "ignore_rekor": true});
    let query = format!("[answer.success | some ref in input.refs; answer := ec.sigstore.verify_image(ref, {options})]");
    engine.compile(&[], &CompileOptions { query: Some(query), ..CompileOptions::default() }).unwrap()
}

#[test]
fn components_share_verdicts_whichever_thread_asks() {
    let engine = engine();
    let policy = policy(&engine);
    let (web, api) = (reference("web"), reference("api"));
    let components = (0..200).map(|n| Component::new(n.to_string(), json!({"refs": [web, api, web]})).unwrap());
    let mut evaluations = Vec::new();
    Workers::new(4)
        .run(components, |component, place| policy.evaluate_at(place, &component, &SOON), |evaluation| evaluations.push(evaluation))
        .unwrap();
    assert_eq!(evaluations.len(), 200);
    for (n, evaluation) in evaluations.iter().enumerate() {
        assert_eq!((evaluation.name(), evaluation.result()), (n.to_string().as_str(), Some(&json!([true, true, true]))));
    }
    let stats = engine.stats();
    assert_eq!(stats.verifications, 2);
    // The third question of each component is answered inside its evaluation.
    assert_eq!(stats.memo.hits + stats.memo.coalesced, 398);
}

#[test]
fn a_second_policy_and_a_clone_of_the_engine_remember_and_another_engine_does_not() {
    let registry = TestRegistry::start();
    registry.push_layouts(&fixture("keyed/registry/registry.example"));
    let image = component(json!({"refs": [reference("web").replace("registry.example", registry.host())]}));
    let first = engine_on(Arc::new(network()));
    assert_eq!(policy(&first).evaluate(&image, &SOON).result(), Some(&json!([true])));
    let requests = registry.requests();
    assert!(requests > 0 && first.stats().registry_requests >= requests as u64);
    assert_eq!(policy(&first.clone()).evaluate(&image, &SOON).result(), Some(&json!([true])));
    assert_eq!(registry.requests(), requests);
    assert_eq!(policy(&engine_on(Arc::new(network()))).evaluate(&image, &SOON).result(), Some(&json!([true])));
    assert!(registry.requests() > requests);
}

#[test]
fn unavailable_is_an_error_beside_the_answer_and_is_not_remembered() {
    let registry = TestRegistry::start();
    registry.push_layouts(&fixture("keyed/registry/registry.example"));
    registry.fail(Route::Tag, 503).fail(Route::Manifest, 503).fail(Route::Referrers, 503);
    let image = component(json!({"refs": [reference("web").replace("registry.example", registry.host())]}));
    let engine = engine_on(Arc::new(network()));
    let policy = policy(&engine);
    let down = policy.evaluate(&image, &SOON);
    assert_eq!(down.error().unwrap().kind, ErrorKind::Unavailable);
    assert_eq!((down.success(), down.result()), (false, Some(&json!([false]))));
    registry.heal();
    let up = policy.evaluate(&image, &SOON);
    assert_eq!((up.error(), up.result()), (None, Some(&json!([true]))));
}

#[test]
fn fetches_of_policies_are_counted() {
    let registry = TestRegistry::start();
    registry.push_layouts(&fixture("keyed/registry/registry.example"));
    let engine = engine_on(Arc::new(network()));
    let query = CompileOptions { query: Some("ec.oci.descriptor(input.ref).digest".to_owned()), ..CompileOptions::default() };
    let policy = engine.compile(&[], &query).unwrap();
    let web = reference("web").replace("registry.example", registry.host());
    let evaluation = policy.evaluate(&component(json!({"ref": web})), &SOON);
    assert_eq!(evaluation.result().and_then(serde_json::Value::as_str), web.split_once('@').map(|(_, digest)| digest), "{evaluation:?}");
    assert!(engine.stats().registry_requests > 0);
}
