//! Feature 6: no failure is remembered, and yet an unsigned image costs no content twice. What a HEAD says decides what to fetch,
//! and proves nothing.

use super::*;
use crate::testkit::{Fault, Route, Wrong};

/// A scene whose image is not signed yet.
fn unsigned() -> Scene {
    let scene = Scene::new(|_| {});
    let image = push_image(&scene.registry, REPOSITORY, "unsigned");
    scene.registry.entity_tags();
    Scene { image, ..scene }
}

#[test]
fn an_image_that_is_signed_after_three_denials_passes_and_the_denials_cost_the_bytes_of_one() {
    let scene = unsigned();
    assert!(is_rejected(&scene.ask()));
    let once = scene.registry.sent();
    for _ in 0..2 {
        assert!(is_rejected(&scene.ask()));
    }
    assert_eq!(scene.registry.sent(), once, "no content is sent again");
    assert_eq!(scene.registry.requests_by("HEAD"), 2);
    scene.sign(&scene.image);
    assert_eq!((scene.kind(), scene.kind()), (ReceiptKind::Fresh, ReceiptKind::Hit));
    assert_eq!(scene.verifier.stats().memo.misses, 4, "each denial was decided anew");
}

#[test]
fn a_bundle_that_is_added_is_seen_at_once_too() {
    for api in [true, false] {
        let scene = unsigned();
        scene.registry.referrers_api(api);
        for _ in 0..3 {
            assert!(is_rejected(&scene.ask()));
        }
        let statement = crate::testkit::signer::statement(&scene.image, "https://example.com/predicate");
        let bundle = crate::testkit::signer::bundle(&scene.key, &statement);
        let descriptor = crate::testkit::signer::push_bundle(&scene.registry, REPOSITORY, &scene.image, &bundle);
        crate::testkit::signer::push_fallback(&scene.registry, REPOSITORY, &scene.image, &[descriptor]);
        assert_eq!(scene.kind(), ReceiptKind::Fresh, "referrers API: {api}");
    }
}

#[test]
fn a_thousand_denials_cost_two_cheap_requests_each() {
    let scene = unsigned();
    scene.ask().unwrap_err();
    let (sent, requests) = (scene.registry.sent(), scene.registry.requests());
    for _ in 0..1_000 {
        assert!(is_rejected(&scene.ask()));
    }
    assert_eq!((scene.registry.sent(), scene.registry.requests() - requests), (sent, 2_000));
    assert_eq!(scene.verifier.stats().memo.entries, 0);
}

#[test]
fn a_success_whose_time_is_over_is_proved_anew_from_what_is_kept() {
    let scene = Scene::new(|config| config.times_to_live = TimesToLive::new(Some(Duration::from_secs(MINUTE))));
    scene.registry.entity_tags();
    let first = scene.ask().unwrap();
    let sent = scene.registry.sent();
    scene.clock.pass(MINUTE);
    let again = scene.ask().unwrap();
    assert_eq!((again.receipt.kind, again.receipt.registry_requests), (ReceiptKind::Revalidated, 2));
    assert!(again.receipt.verified_at > first.receipt.verified_at);
    assert_eq!(scene.registry.sent(), sent, "a list that has not changed, and a HEAD");
    assert_eq!(scene.kind(), ReceiptKind::Hit);
    assert!(!std::ptr::eq(&raw const *first.verified, &raw const *again.verified), "proved, not remembered");
}

#[test]
fn what_was_signed_and_is_not_any_more_is_denied_once_its_time_is_over() {
    let scene = Scene::new(|config| config.times_to_live = TimesToLive::new(Some(Duration::from_secs(MINUTE))));
    scene.kind();
    scene.unsign();
    scene.clock.pass(MINUTE);
    assert!(is_rejected(&scene.ask()));
}

#[test]
fn a_head_that_lies_delays_a_success_for_minutes_and_makes_none() {
    let scene = unsigned();
    assert!(is_rejected(&scene.ask()));
    scene.registry.inject(Fault::status(404).on(Route::Tag).on_head());
    scene.sign(&scene.image);
    assert!(is_rejected(&scene.ask()), "the HEAD says that nothing has changed");
    scene.clock.pass(5 * MINUTE);
    assert_eq!(scene.kind(), ReceiptKind::Fresh, "it is not believed for long");

    let scene = unsigned();
    for wrong in [Wrong::LyingHeader, Wrong::Status(200, String::new()), Wrong::Status(405, String::new())] {
        scene.registry.inject(Fault::new(wrong.clone()).on(Route::Tag).on_head());
        for _ in 0..2 {
            assert!(is_rejected(&scene.ask()), "{wrong:?}: the content decides");
        }
    }
}

#[test]
fn what_was_rejected_stays_rejected_whatever_a_head_says() {
    let scene = unsigned();
    // Signed by somebody else, and the HEAD says for ever that nothing has changed.
    scene.unsign();
    for _ in 0..3 {
        assert!(is_rejected(&scene.ask()));
    }
    assert_eq!(scene.registry.requests_to(Route::Blob), 1, "the payload is kept, and judged each time");
}

#[test]
fn a_head_that_cannot_be_asked_is_unavailable_and_not_unsigned() {
    let scene = unsigned();
    assert!(is_rejected(&scene.ask()));
    for status in [429, 500, 503, 403] {
        scene.registry.heal().inject(Fault::status(status).on(Route::Tag).on_head());
        assert!(is_unavailable(&scene.ask()), "{status}");
    }
}

#[test]
fn with_no_bytes_to_keep_content_everything_is_fetched_each_time() {
    let scene = Scene::new(|config| {
        config.times_to_live = TimesToLive::new(Some(Duration::ZERO));
        config.content.bytes = 0;
    });
    for _ in 0..2 {
        assert_eq!(scene.kind(), ReceiptKind::Fresh);
    }
    assert_eq!((scene.registry.requests(), scene.registry.requests_by("HEAD")), (6, 0));
    assert_eq!(scene.verifier.contents().stats().entries, 0);
}
