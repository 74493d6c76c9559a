//! Feature 5, second half: what is asked for often is verified anew before its time ends, and nobody waits for it.

use vidimus::memo::RefreshAhead;

use super::*;
use crate::testkit::gate::Gate;

const AHEAD: RefreshAhead = RefreshAhead { window: Duration::from_secs(10 * MINUTE), hot: 2 };

#[test]
fn a_hot_answer_is_refreshed_in_the_background_and_outlives_its_first_time() {
    let gate = Gate::closed(network());
    gate.open();
    let scene = Scene::asking(Arc::clone(&gate) as Arc<dyn ImageSource>, |config| config.remembering.refresh_ahead = Some(AHEAD));
    let first = scene.ask().unwrap();
    let asked = gate.asked();
    scene.clock.pass(40 * MINUTE);
    assert_eq!((scene.kind(), scene.kind(), scene.kind()), (ReceiptKind::Hit, ReceiptKind::Hit, ReceiptKind::Hit));
    assert_eq!(scene.verifier.stats().memo.refreshes, 0, "too early");
    // The window begins 10 minutes before the end, and by chance up to 5 minutes later.
    scene.clock.pass(16 * MINUTE);
    assert_eq!(scene.kind(), ReceiptKind::Hit);
    assert_eq!(scene.verifier.stats().memo.refreshes, 0, "asked for once");
    assert_eq!(scene.kind(), ReceiptKind::Hit);
    assert_eq!(scene.verifier.stats().memo.refreshes, 1);
    wait_until(|| scene.ask().unwrap().receipt.verified_at > first.receipt.verified_at);
    assert!(gate.asked() > asked, "the registry was asked");
    scene.clock.pass(30 * MINUTE);
    assert_eq!(scene.kind(), ReceiptKind::Hit, "26 minutes past the first one's time");
    let stats = scene.verifier.stats();
    // Who read the old answer just before the new one was there may have begun another refresh.
    assert_eq!((stats.verifications, stats.memo.misses), (1 + stats.memo.refreshes, 1));
}

#[test]
fn it_is_off_unless_it_is_asked_for() {
    let scene = Scene::new(|_| {});
    scene.kind();
    scene.clock.pass(59 * MINUTE);
    (0..10).for_each(|_| assert_eq!(scene.kind(), ReceiptKind::Hit));
    assert_eq!(scene.verifier.stats().memo.refreshes, 0);
    scene.clock.pass(MINUTE);
    assert_eq!(scene.kind(), ReceiptKind::Fresh);
}

#[test]
fn a_refresh_that_is_rejected_takes_the_answer_with_it() {
    let scene = Scene::new(|config| config.remembering.refresh_ahead = Some(AHEAD));
    scene.kind();
    scene.unsign();
    scene.clock.pass(56 * MINUTE);
    scene.kind();
    scene.kind();
    wait_until(|| scene.verifier.stats().memo.entries == 0);
    assert!(is_rejected(&scene.ask()));
}

#[test]
fn a_refresh_that_finds_the_registry_down_leaves_it_its_time() {
    let scene = Scene::new(|config| config.remembering.refresh_ahead = Some(AHEAD));
    scene.kind();
    scene.registry_goes_down();
    scene.clock.pass(56 * MINUTE);
    scene.kind();
    let before = scene.registry.log().len();
    scene.kind();
    wait_until(|| scene.registry.log().len() > before);
    assert_eq!(scene.kind(), ReceiptKind::Hit);
    scene.clock.pass(4 * MINUTE);
    assert!(is_unavailable(&scene.ask()));
}
