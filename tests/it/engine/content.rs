//! What policies fetch is kept across evaluations: by digest, bounded apart from verdicts, fetched once for all who ask; tags never.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use vidimus::memo::{Clock, TimesToLive};
use vidimus::verify::{Trust, VerifierConfig};
use vidimus::{CompileOptions, Engine, EngineConfig, Policy, Workers};

use super::{SOON, component, network};
use crate::testkit::signer::{Layer, TestKey, push_image, push_legacy};
use crate::testkit::{Fault, Route, TestRegistry, Wrong};

const REPOSITORY: &str = "acme/web";

/// A clock that stands still until it is moved.
#[derive(Debug, Clone, Default)]
struct Still(Arc<std::sync::Mutex<Duration>>);

impl Clock for Still {
    fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn date(&self) -> std::time::SystemTime {
        std::time::SystemTime::UNIX_EPOCH + Duration::from_hours(500_000) + self.elapsed()
    }
}

fn engine(change: impl FnOnce(&mut VerifierConfig)) -> Engine {
    let mut config = EngineConfig::new(Arc::new(network()), Trust::public_good().unwrap());
    change(&mut config.verifier);
    Engine::new(config).unwrap()
}

fn policy(engine: &Engine, query: &str) -> Policy {
    engine.compile(&[], &CompileOptions { query: Some(query.to_owned()), ..CompileOptions::default() }).unwrap()
}

/// The answer to `query` about a reference.
fn ask(policy: &Policy, reference: &str) -> Option<Value> {
    let evaluation = policy.evaluate(&component(json!({ "ref": reference })), &SOON);
    assert!(evaluation.error().is_none(), "{evaluation:?}");
    evaluation.result().cloned()
}

fn scene() -> (TestRegistry, String) {
    let registry = TestRegistry::start();
    let image = push_image(&registry, REPOSITORY, "v1");
    push_legacy(&registry, REPOSITORY, (&image, "sig"), &[Layer::of_image(&TestKey::p256(), &image)]);
    let reference = format!("{}/{REPOSITORY}@{image}", registry.host());
    (registry, reference)
}

#[test]
fn manifests_and_blobs_are_fetched_once_for_all_evaluations() {
    let (registry, reference) = scene();
    let blob = registry.push_blob(REPOSITORY, b"{\"a\": 1}");
    let blob = format!("{}/{REPOSITORY}@{blob}", registry.host());
    let engine = engine(|_| {});
    let manifest = policy(&engine, "ec.oci.image_manifest(input.ref).mediaType");
    let parsed = policy(&engine, "ec.oci.parsed_blob(input.ref).a");
    for _ in 0..5 {
        assert!(ask(&manifest, &reference).is_some());
        assert_eq!(ask(&parsed, &blob), Some(json!(1)));
    }
    assert_eq!(registry.requests(), 2);
    let stats = engine.stats().content;
    assert_eq!((stats.hits, stats.misses, stats.entries), (8, 2, 2));
    assert!(stats.bytes > 0 && engine.stats().memo.bytes == 0, "weighed apart from verdicts");
}

#[test]
fn many_evaluations_that_ask_at_once_share_one_fetch() {
    let (registry, reference) = scene();
    registry.inject(Fault::new(Wrong::Slow(Duration::from_micros(100))).on(Route::Manifest));
    let engine = engine(|_| {});
    let manifest = policy(&engine, "ec.oci.image_manifest(input.ref).mediaType");
    let components = (0..32).map(|_| component(json!({ "ref": reference })));
    let mut answered = 0;
    Workers::new(8)
        .run(
            components,
            |component, place| manifest.evaluate_at(place, &component, &SOON),
            |found| answered += usize::from(found.result().is_some()),
        )
        .unwrap();
    assert_eq!((answered, registry.requests()), (32, 1));
}

#[test]
fn a_tag_is_asked_for_in_each_evaluation() {
    let (registry, _) = scene();
    let engine = engine(|_| {});
    let digest = policy(&engine, "ec.oci.descriptor(input.ref).digest");
    let tagged = format!("{}/{REPOSITORY}:latest", registry.host());
    let first = registry.push_manifest(REPOSITORY, Some("latest"), ("application/vnd.oci.image.manifest.v1+json", b"{\"a\":1}"));
    assert_eq!(ask(&digest, &tagged), Some(json!(first)));
    let second = registry.push_manifest(REPOSITORY, Some("latest"), ("application/vnd.oci.image.manifest.v1+json", b"{\"a\":2}"));
    assert_eq!(ask(&digest, &tagged), Some(json!(second)));
    assert_eq!(registry.requests_by("HEAD"), 0);
}

#[test]
fn lists_of_referrers_are_believed_for_as_long_as_is_configured() {
    let (registry, reference) = scene();
    let clock = Still::default();
    let host = registry.host().to_owned();
    let engine = engine(|config| {
        config.clock = Arc::new(clock.clone());
        config.content.referrers = TimesToLive::new(Some(Duration::from_secs(10)));
        config.content.referrers.set(&format!("{host}/acme/other"), Duration::ZERO);
    });
    let count = policy(&engine, "count(ec.oci.image_referrers(input.ref))");
    for _ in 0..3 {
        assert_eq!(ask(&count, &reference), Some(json!(0)));
    }
    assert_eq!(registry.requests_to(Route::Referrers), 1);
    let image = reference.split_once('@').unwrap().1;
    crate::testkit::signer::push_referrer(&registry, REPOSITORY, image, &[]);
    *clock.0.lock().unwrap() += Duration::from_secs(10);
    assert_eq!(ask(&count, &reference), Some(json!(1)));
    let other = push_image(&registry, "acme/other", "v1");
    for _ in 0..3 {
        assert_eq!(ask(&count, &format!("{host}/acme/other@{other}")), Some(json!(0)));
    }
    assert_eq!(registry.requests_to(Route::Referrers), 5);
}

#[test]
fn a_failure_is_not_kept_and_an_absence_neither() {
    let (registry, reference) = scene();
    let engine = engine(|_| {});
    let manifest = policy(&engine, "ec.oci.image_manifest(input.ref).mediaType");
    registry.inject(Fault::status(503).times(1));
    let down = manifest.evaluate(&component(json!({ "ref": reference })), &SOON);
    assert!(down.error().is_some());
    assert!(ask(&manifest, &reference).is_some());
    let absent = crate::testkit::signer::digest_of(b"{\"b\":1}");
    let absent = format!("{}/{REPOSITORY}@{absent}", registry.host());
    assert_eq!(ask(&manifest, &absent), None);
    registry.push_manifest(REPOSITORY, None, ("application/vnd.oci.image.manifest.v1+json", b"{\"b\":1}"));
    assert!(ask(&manifest, &absent).is_some());
}

#[test]
fn the_bound_holds_and_a_time_to_live_of_zero_keeps_nothing() {
    let (registry, reference) = scene();
    let manifest = |engine: &Engine| policy(engine, "ec.oci.image_manifest(input.ref).mediaType");
    let small = engine(|config| config.content.bytes = 64 << 10);
    let policy = manifest(&small);
    for n in 0..200 {
        let text = json!({"schemaVersion": 2, "layers": [], "annotations": {"n": n.to_string(), "pad": "x".repeat(2000)}}).to_string();
        let digest = registry.push_manifest(REPOSITORY, None, ("application/vnd.oci.image.manifest.v1+json", text.as_bytes()));
        assert!(ask(&policy, &format!("{}/{REPOSITORY}@{digest}", registry.host())).is_some());
        assert!(small.stats().content.bytes <= 64 << 10);
    }
    assert!(small.stats().content.entries > 5);
    let host = registry.host().to_owned();
    let forgetful = engine(|config| config.content.times_to_live.set(&host, Duration::ZERO));
    let policy = manifest(&forgetful);
    ask(&policy, &reference);
    ask(&policy, &reference);
    assert_eq!(forgetful.stats().content.entries, 0);
}
