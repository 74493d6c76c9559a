//! Feature 3: a revocation reaches what is remembered and what is under way, and nothing that began before it comes after it.

use vidimus::memo::{Label, Selector};

use super::*;
use crate::testkit::gate::Gate;

#[test]
fn a_verification_under_way_is_neither_served_nor_remembered_after_its_revocation() {
    let gate = Gate::closed(network());
    let scene = Scene::asking(Arc::clone(&gate) as Arc<dyn ImageSource>, |_| {});
    let request = scene.request(&scene.image);
    let key = PublicKey::from_pem(&scene.key.pem()).unwrap().fingerprint().to_string();
    let repository = format!("{}/acme", scene.registry.host());
    for selector in [
        Selector::Is(Label::new("digest", scene.image.as_str())),
        Selector::Is(Label::new("key", key)),
        Selector::Within(Label::new("repository", repository)),
    ] {
        let asked = gate.asked();
        thread::scope(|scope| {
            let waiting: Vec<_> = (0..4).map(|_| scope.spawn(|| scene.verifier.verify(&request, soon()))).collect();
            wait_until(|| gate.asked() > asked);
            let record = scene.verifier.revoke(selector.clone());
            assert_eq!((record.entries, record.flights), (0, 1), "{selector}");
            gate.open_for(10);
            // Who came before the revocation gets no success; who came behind it is answered by a verification of its own, or
            // by that of another who came behind it.
            let answers: Vec<_> = waiting.into_iter().map(|waiter| waiter.join().unwrap()).collect();
            let kinds: Vec<_> = answers.iter().filter_map(|answer| Some(answer.as_ref().ok()?.receipt.kind)).collect();
            assert!(answers.iter().all(|answer| answer.is_ok() || is_unavailable(answer)), "{selector}");
            assert!(kinds.is_empty() || kinds.iter().any(|kind| !matches!(kind, ReceiptKind::Hit | ReceiptKind::Coalesced)), "{selector}");
        });
        wait_until(|| scene.verifier.verify(&request, soon()).is_ok());
        drop(scene.verifier.revoke(Selector::All));
        gate.close();
    }
}

#[test]
fn a_revocation_removes_what_it_means_at_once_and_is_on_record() {
    let scene = Scene::new(|_| {});
    let other = push_image(&scene.registry, REPOSITORY, "v2");
    scene.sign(&other);
    let ask = |image: &str| scene.verifier.verify(&scene.request(image), soon()).unwrap().receipt.kind;
    assert_eq!((ask(&scene.image), ask(&other)), (ReceiptKind::Fresh, ReceiptKind::Fresh));
    let record = scene.verifier.revoke(Selector::Is(Label::new("digest", scene.image.as_str())));
    assert_eq!((record.entries, record.generation, record.recorded), (1, 1, None));
    assert_eq!((ask(&other), ask(&scene.image)), (ReceiptKind::Hit, ReceiptKind::Fresh), "the other stays; this one is found out anew");
    assert_eq!(scene.verifier.revoke(Selector::All).entries, 2);
    assert_eq!(ask(&other), ReceiptKind::Fresh, "from nothing that was kept");
}
