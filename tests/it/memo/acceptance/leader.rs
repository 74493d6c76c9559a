//! Feature 4, its library half: a caller that runs out of time cancels only itself; what the leader finds is there when it returns.

use super::*;
use crate::testkit::gate::Gate;

#[test]
fn a_caller_that_gives_up_fails_fast_and_finds_a_hit_when_it_comes_back() {
    let gate = Gate::closed(network());
    let scene = Scene::asking(Arc::clone(&gate) as Arc<dyn ImageSource>, |_| {});
    let request = scene.request(&scene.image);
    let gave_up = scene.verifier.verify(&request, Instant::now());
    assert!(is_unavailable(&gave_up), "an answer that may be asked for again, not a rejection");
    thread::scope(|scope| {
        let patient = scope.spawn(|| scene.verifier.verify(&request, soon()));
        wait_until(|| scene.verifier.stats().memo.coalesced == 1);
        assert!(is_unavailable(&scene.verifier.verify(&request, Instant::now())), "and another one does not fail the patient one");
        gate.open();
        assert_eq!(patient.join().unwrap().unwrap().receipt.kind, ReceiptKind::Coalesced);
    });
    let requests = scene.registry.requests();
    let back = scene.verifier.verify(&request, soon()).unwrap().receipt;
    assert_eq!((back.kind, back.registry_requests, scene.registry.requests()), (ReceiptKind::Hit, 0, requests));
    assert_eq!(scene.verifier.stats().verifications, 1);
}
