//! Feature 9, its library half: every answer says where it came from, and an unavailable one is no rejection.

use vidimus::memo::{Level, Why};

use super::*;
use crate::testkit::Fault;
use crate::testkit::gate::Gate;

#[test]
fn every_source_of_an_answer_has_its_receipt() {
    let gate = Gate::closed(network());
    let scene = Scene::asking(Arc::clone(&gate) as Arc<dyn ImageSource>, |config| {
        config.remembering.max_stale = Duration::from_secs(HOUR);
    });
    let request = scene.request(&scene.image);
    let (fresh, coalesced) = thread::scope(|scope| {
        let leading = scope.spawn(|| scene.verifier.verify(&request, soon()).unwrap());
        wait_until(|| gate.asked() == 1);
        let following = scope.spawn(|| scene.verifier.verify(&request, soon()).unwrap());
        wait_until(|| scene.verifier.stats().memo.coalesced == 1);
        gate.open();
        (leading.join().unwrap().receipt, following.join().unwrap().receipt)
    });
    assert_eq!((fresh.kind, coalesced.kind), (ReceiptKind::Fresh, ReceiptKind::Coalesced));
    assert_eq!((fresh.registry_requests, fresh.expires_why), (3, Some(Why::TimeToLive(Level::Engine))));
    let hit = scene.ask().unwrap().receipt;
    assert_eq!((hit.kind, hit.registry_requests, hit.verified_at), (ReceiptKind::Hit, 0, fresh.verified_at));
    assert_eq!((hit.epoch, hit.expires_at), (fresh.epoch, Some(fresh.verified_at + Duration::from_secs(HOUR))));
    scene.clock.pass(HOUR);
    scene.registry_goes_down();
    let stale = scene.ask().unwrap().receipt;
    assert_eq!((stale.kind, stale.verified_at), (ReceiptKind::Stale, fresh.verified_at));
    scene.registry.heal();
    let again = scene.ask().unwrap().receipt;
    assert!(again.verified_at > fresh.verified_at, "{again:?}");
    let names =
        [fresh.kind, coalesced.kind, hit.kind, stale.kind, ReceiptKind::Revalidated].map(|kind| serde_json::to_value(kind).unwrap());
    assert_eq!(names, ["fresh", "coalesced", "hit", "stale", "revalidated"]);
}

#[test]
fn a_failure_tells_what_it_cost_unless_nobody_knows_yet() {
    let gate = Gate::closed(network());
    let scene = Scene::asking(Arc::clone(&gate) as Arc<dyn ImageSource>, |_| {});
    scene.unsign();
    let request = PreparedRequest::new(scene.request(&scene.image));
    let late = scene.verifier.ask(&request, Instant::now()).unwrap_err();
    assert_eq!((is_unavailable(&Err(late.error)), late.registry_requests), (true, None), "the caller is out of time, and it goes on");
    gate.open();
    let rejected = scene.verifier.ask(&request, soon()).unwrap_err();
    assert!(rejected.registry_requests.is_some_and(|requests| requests > 0), "{rejected:?}");
    assert!(is_rejected(&Err(rejected.error)));
    scene.registry_goes_down();
    let unavailable = scene.verifier.ask(&request, soon()).unwrap_err();
    assert!(unavailable.registry_requests.is_some_and(|requests| requests > 0), "{unavailable:?}");
    assert!(is_unavailable(&Err(unavailable.error)));
}

#[test]
fn a_registry_that_throttles_is_told_apart_from_a_bad_signature() {
    let scene = Scene::new(|_| {});
    scene.registry.inject(Fault::status(429));
    assert!(is_unavailable(&scene.ask()));
    scene.registry.heal();
    scene.unsign();
    assert!(is_rejected(&scene.ask()));
}
