//! Feature 10: a share of the hits is verified anew off the critical path; one that is not found again turns the memory off.

use std::num::NonZeroU64;

use vidimus::memo::Mode;

use super::*;
use crate::testkit::Route;
use crate::testkit::gate::Gate;

fn one_in(hits: u64) -> impl FnOnce(&mut VerifierConfig) {
    move |config| config.remembering.canary = NonZeroU64::new(hits)
}

#[test]
fn a_wrong_answer_is_found_within_the_sampling_bound_and_nothing_more_is_remembered() {
    let scene = Scene::new(one_in(10));
    assert_eq!(scene.kind(), ReceiptKind::Fresh);
    // From here on the memory is wrong.
    scene.unsign();
    for asked in 1..=10 {
        assert_eq!(scene.kind(), ReceiptKind::Hit, "{asked}");
    }
    wait_until(|| scene.verifier.stats().memo.disagreements == 1);
    assert!(scene.verifier.distrusts_itself());
    assert!(is_rejected(&scene.ask()));
    let other = push_image(&scene.registry, REPOSITORY, "v2");
    scene.sign(&other);
    for _ in 0..2 {
        let answer = scene.verifier.verify(&scene.request(&other), soon()).unwrap();
        assert_eq!(answer.receipt.kind, ReceiptKind::Fresh, "what is right is served, and not remembered");
    }
    let stats = scene.verifier.stats();
    assert_eq!((stats.memo.checks, stats.memo.disagreements, stats.memo.entries), (1, 1, 0));
    assert_eq!(stats.verifications, stats.memo.misses + stats.memo.checks);
}

#[test]
fn nobody_waits_for_a_check() {
    let gate = Gate::closed(network());
    gate.open_for(3);
    let scene = Scene::asking(Arc::clone(&gate) as Arc<dyn ImageSource>, one_in(1));
    assert_eq!(scene.kind(), ReceiptKind::Fresh);
    assert_eq!(scene.kind(), ReceiptKind::Hit, "while the check stands at the gate");
    wait_until(|| gate.asked() == 4);
    assert_eq!(scene.verifier.stats().memo.checks, 1);
    gate.open();
    wait_until(|| gate.asked() == 6);
    assert!(!scene.verifier.distrusts_itself());
}

#[test]
fn a_registry_that_is_down_or_a_further_signature_is_no_disagreement() {
    let scene = Scene::new(one_in(1));
    let (ours, theirs) = (Layer::of_image(&scene.key, &scene.image), Layer::of_image(&scene.key, &scene.image));
    let attach = |layers: &[Layer]| push_legacy(&scene.registry, REPOSITORY, (&scene.image, "sig"), layers);
    attach(std::slice::from_ref(&ours));
    scene.kind();
    scene.registry_goes_down();
    scene.kind();
    wait_until(|| scene.registry.log().iter().filter(|request| request.status == 503).count() == 2);
    scene.registry.heal();
    attach(&[theirs, ours]);
    scene.registry.forget_requests();
    wait_until(|| scene.kind() == ReceiptKind::Hit && scene.registry.requests_to(Route::Blob) >= 2);
    assert_eq!(scene.verifier.stats().memo.disagreements, 0);
}

#[test]
fn shadow_serves_only_what_is_fresh_and_counts_what_memory_would_have_done() {
    let scene = Scene::new(|config| config.mode = Mode::Shadow);
    for _ in 0..3 {
        assert_eq!(scene.kind(), ReceiptKind::Fresh);
    }
    let stats = scene.verifier.stats();
    assert_eq!((stats.memo.misses, stats.memo.hits, stats.memo.checks, stats.memo.disagreements, stats.verifications), (1, 2, 2, 0, 3));
    assert_eq!(scene.registry.requests_to(Route::Referrers), 3);
    scene.unsign();
    assert!(is_rejected(&scene.ask()), "the fresh answer, not the remembered one");
    wait_until(|| scene.verifier.stats().memo.disagreements == 1);
}

#[test]
fn off_remembers_nothing() {
    let scene = Scene::new(|config| config.mode = Mode::Off);
    for _ in 0..3 {
        assert_eq!(scene.kind(), ReceiptKind::Fresh);
    }
    let stats = scene.verifier.stats();
    assert_eq!((stats.verifications, stats.memo.hits, stats.memo.entries), (3, 0, 0));
}
