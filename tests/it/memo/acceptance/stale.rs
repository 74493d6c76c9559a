//! Feature 5, first half: a registry that is down does not take away what was proved, up to a ceiling, and says so.

use vidimus::memo::{Label, Selector};

use super::*;
use crate::testkit::Fault;

fn scene(max_stale: u64) -> Scene {
    Scene::new(|config| config.remembering.max_stale = Duration::from_secs(max_stale))
}

#[test]
fn a_known_image_is_served_with_the_flag_up_to_the_ceiling_and_then_denied() {
    let scene = scene(10 * MINUTE);
    assert_eq!((scene.kind(), scene.kind()), (ReceiptKind::Fresh, ReceiptKind::Hit));
    scene.registry_goes_down();
    scene.clock.pass(HOUR);
    for _ in 0..2 {
        let answer = scene.ask().unwrap();
        assert_eq!((answer.receipt.kind, answer.receipt.registry_requests), (ReceiptKind::Stale, 0));
        assert!(answer.receipt.expires_at.unwrap() <= answer.receipt.verified_at + Duration::from_secs(HOUR), "it says that it is over");
    }
    scene.clock.pass(10 * MINUTE - 1);
    assert_eq!(scene.kind(), ReceiptKind::Stale);
    assert_eq!(scene.verifier.stats().memo.stale, 3);
    scene.clock.pass(1);
    assert!(is_unavailable(&scene.ask()));
    scene.registry.heal();
    assert_eq!((scene.kind(), scene.kind()), (ReceiptKind::Fresh, ReceiptKind::Hit));
}

#[test]
fn it_is_off_unless_it_is_asked_for() {
    let scene = scene(0);
    scene.kind();
    scene.registry_goes_down();
    scene.clock.pass(HOUR);
    assert!(is_unavailable(&scene.ask()));
}

#[test]
fn an_unknown_image_is_denied_at_once() {
    let scene = scene(HOUR);
    scene.kind();
    scene.registry_goes_down();
    let other = push_image(&scene.registry, REPOSITORY, "v2");
    scene.sign(&other);
    assert!(is_unavailable(&scene.verifier.verify(&scene.request(&other), soon())));
}

#[test]
fn never_after_a_revocation() {
    let scene = scene(HOUR);
    scene.kind();
    scene.registry_goes_down();
    scene.clock.pass(HOUR);
    assert_eq!(scene.kind(), ReceiptKind::Stale);
    assert_eq!(scene.verifier.revoke(Selector::Is(Label::new("digest", scene.image.as_str()))).entries, 1);
    assert!(is_unavailable(&scene.ask()));
}

#[test]
fn never_where_the_registry_answers_that_it_does_not_hold() {
    let scene = scene(HOUR);
    scene.kind();
    scene.unsign();
    scene.clock.pass(HOUR);
    assert!(is_rejected(&scene.ask()));
    scene.registry_goes_down();
    assert!(is_unavailable(&scene.ask()), "what was found not to hold is gone for good");
}

#[test]
fn a_caller_whose_time_is_over_gets_it_too_and_a_throttled_one() {
    let scene = scene(HOUR);
    scene.kind();
    scene.clock.pass(HOUR);
    let late = scene.verifier.verify(&scene.request(&scene.image), Instant::now()).unwrap();
    assert_eq!(late.receipt.kind, ReceiptKind::Stale);
    wait_until(|| scene.kind() == ReceiptKind::Hit);
    scene.clock.pass(HOUR);
    scene.registry.inject(Fault::status(429).header("Retry-After", "3600"));
    assert_eq!(scene.kind(), ReceiptKind::Stale);
}
