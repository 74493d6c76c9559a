//! What is remembered, who waits for whom, and from where it may be called.

use std::sync::Barrier;
use std::thread;

use vidimus::memo::{Label, Selector, TimesToLive};
use vidimus::verify::ReceiptKind;

use super::*;
use crate::testkit::Route;
use crate::testkit::gate::Gate;

/// Lets others work until `done` says so; a test that hangs here would hang for a slow machine only.
fn wait_until(done: impl Fn() -> bool) {
    let end = soon();
    while !done() {
        assert!(Instant::now() < end, "waited in vain");
        thread::yield_now();
    }
}

/// Asks from many threads at once; all ask before any answer comes.
fn ask_together(scene: &Scene, gate: &Gate, threads: usize) -> Vec<Result<Answer, VerifyError>> {
    let (request, barrier) = (scene.request(Question::Image), Barrier::new(threads));
    let before = scene.verifier.stats();
    thread::scope(|scope| {
        let ask = || {
            barrier.wait();
            scene.verifier.verify(&request, soon())
        };
        let asking: Vec<_> = (0..threads).map(|_| scope.spawn(ask)).collect();
        wait_until(|| scene.verifier.stats().memo.coalesced - before.memo.coalesced == threads as u64 - 1);
        gate.open();
        asking.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn gated() -> (Scene, Arc<Gate>) {
    let gate = Gate::closed(network());
    let scene = Scene { verifier: verifier(Arc::clone(&gate) as Arc<dyn ImageSource>), ..Scene::new() };
    (scene, gate)
}

#[test]
fn thirty_two_threads_that_ask_the_same_cost_one_fetch() {
    let (scene, gate) = gated();
    scene.sign();
    let answers: Vec<_> = ask_together(&scene, &gate, 32).into_iter().map(Result::unwrap).collect();
    assert!(answers.iter().all(|answer| std::ptr::eq(&raw const *answer.verified, &raw const *answers[0].verified)));
    assert_eq!(answers.iter().filter(|answer| answer.receipt.kind == ReceiptKind::Fresh).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.receipt.kind == ReceiptKind::Coalesced).count(), 31);
    assert_eq!((scene.registry.requests(), gate.asked()), (3, 3));
    let hit = scene.image().unwrap();
    assert_eq!((hit.receipt.kind, scene.registry.requests()), (ReceiptKind::Hit, 3));
    let stats = scene.verifier.stats();
    assert_eq!((stats.verifications, stats.memo.misses, stats.memo.coalesced, stats.memo.hits, stats.memo.entries), (1, 1, 31, 1, 1));
    assert!(stats.memo.bytes > 0);
}

#[test]
fn a_failure_is_everybodys_and_nobodys_memory() {
    let (scene, gate) = gated();
    scene.sign();
    scene.registry.fail(Route::Tag, 503);
    for answer in ask_together(&scene, &gate, 32) {
        unavailability(answer);
    }
    assert_eq!(scene.registry.requests_to(Route::Tag), 1);
    assert_eq!((scene.verifier.stats().memo.entries, scene.verifier.stats().memo.hits), (0, 0));
    scene.registry.heal();
    assert_eq!(scene.image().unwrap().receipt.kind, ReceiptKind::Fresh);
}

#[test]
fn a_rejection_is_not_remembered() {
    let scene = Scene::new();
    rejection(scene.image());
    assert_eq!(scene.verifier.stats().memo.entries, 0);
    scene.sign();
    scene.image().unwrap();
}

#[test]
fn a_caller_that_gives_up_cancels_only_itself() {
    let (scene, gate) = gated();
    scene.sign();
    let request = scene.request(Question::Image);
    let text = unavailability(scene.verifier.verify(&request, Instant::now()));
    assert!(text.ends_with("no answer within the deadline"), "{text}");
    thread::scope(|scope| {
        let patient = scope.spawn(|| scene.verifier.verify(&request, soon()));
        wait_until(|| scene.verifier.stats().memo.coalesced == 1);
        gate.open();
        assert_eq!(patient.join().unwrap().unwrap().receipt.kind, ReceiptKind::Coalesced);
    });
    assert_eq!(scene.verifier.stats().verifications, 1);
    assert_eq!(scene.registry.requests(), 3);
}

#[test]
fn what_a_leader_finds_after_everybody_left_is_remembered() {
    let (scene, gate) = gated();
    scene.sign();
    unavailability(scene.verifier.verify(&scene.request(Question::Image), Instant::now()));
    gate.open();
    wait_until(|| scene.verifier.stats().memo.entries == 1);
    assert_eq!(scene.image().unwrap().receipt.kind, ReceiptKind::Hit);
    assert_eq!(scene.registry.requests(), 3);
}

#[test]
fn a_remembered_answer_outlives_its_signature() {
    let scene = Scene::new();
    scene.sign();
    scene.image().unwrap();
    let request = scene.request(Question::Image);
    let Scene { registry, verifier, .. } = scene;
    drop(registry);
    assert_eq!(verifier.verify(&request, soon()).unwrap().receipt.kind, ReceiptKind::Hit);
}

#[test]
fn an_answer_is_for_one_question_only() {
    let scene = Scene::new();
    scene.sign();
    scene.image().unwrap();
    rejection(scene.attestation());
    let mut other = scene.request(Question::Image);
    other.signer = Signer::Key(PublicKey::from_pem(&TestKey::p256().pem()).unwrap());
    rejection(scene.verifier.verify(&other, soon()));
    let mut logged = scene.request(Question::Image);
    logged.log = LogRequirement::Required { log_key: None, search: None };
    rejection(scene.verifier.verify(&logged, soon()));
}

#[test]
fn two_verifiers_share_nothing_and_a_clone_everything() {
    let scene = Scene::new();
    scene.sign();
    scene.image().unwrap();
    let request = scene.request(Question::Image);
    let hit = scene.verifier.clone().verify(&request, soon()).unwrap();
    assert_eq!(hit.receipt.kind, ReceiptKind::Hit);
    let fresh = verifier(network()).verify(&request, soon()).unwrap();
    assert_eq!(fresh.receipt.kind, ReceiptKind::Fresh);
}

/// Runs `work` on so many workers of a runtime at once.
fn on_workers<T: Send + 'static>(workers: usize, work: impl Fn() -> T + Clone + Send + 'static) -> Vec<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).build().unwrap();
    let (sender, results) = std::sync::mpsc::channel();
    for _ in 0..workers {
        let (work, sender) = (work.clone(), sender.clone());
        drop(runtime.spawn(async move { sender.send(work()).unwrap() }));
    }
    let results = (0..workers).map(|_| results.recv_timeout(LONG).unwrap()).collect();
    runtime.shutdown_background();
    results
}

#[test]
fn every_worker_of_a_tokio_runtime_may_ask_at_once() {
    for workers in [1, 4] {
        let scene = Arc::new(Scene::new());
        scene.sign();
        let asked = Arc::clone(&scene);
        on_workers(workers, move || asked.image().unwrap());
        assert_eq!(scene.registry.requests(), 3);
    }
}

#[test]
fn a_verifier_may_end_on_a_tokio_worker() {
    on_workers(1, || {
        let scene = Scene::new();
        scene.sign();
        scene.image().unwrap();
        drop(scene.verifier);
    });
}

#[test]
fn two_hundred_and_twenty_verifications_cost_three_requests_each_and_then_none() {
    let scene = Scene::new();
    let requests: Vec<_> = (0..220)
        .map(|n| {
            let image = push_image(&scene.registry, REPOSITORY, &format!("image-{n}"));
            push_legacy(&scene.registry, REPOSITORY, (&image, "sig"), &[Layer::of_image(&scene.key, &image)]);
            VerifyRequest {
                image: format!("{}/{REPOSITORY}@{image}", scene.registry.host()).parse().unwrap(),
                ..scene.request(Question::Image)
            }
        })
        .collect();
    for round in 0..2 {
        thread::scope(|scope| {
            for part in requests.chunks(55) {
                scope.spawn(|| part.iter().for_each(|request| drop(scene.verifier.verify(request, soon()).unwrap())));
            }
        });
        assert_eq!(scene.registry.requests(), 660, "round {round}");
    }
    let stats = scene.verifier.stats();
    assert_eq!((stats.verifications, stats.memo.hits, stats.registry_requests), (220, 220, 660));
}

#[test]
fn what_is_revoked_is_asked_anew() {
    let scene = Scene::new();
    scene.sign();
    let key = PublicKey::from_pem(&scene.key.pem()).unwrap().fingerprint().to_string();
    let host = scene.registry.host();
    for selector in [
        Selector::Is(Label::new("digest", scene.image.as_str())),
        Selector::Is(Label::new("key", key)),
        Selector::Within(Label::new("repository", format!("{host}/acme"))),
    ] {
        scene.image().unwrap();
        assert_eq!(scene.image().unwrap().receipt.kind, ReceiptKind::Hit);
        drop(scene.verifier.revoke(selector));
        assert_eq!(scene.image().unwrap().receipt.kind, ReceiptKind::Fresh);
    }
    drop(scene.verifier.revoke(Selector::Within(Label::new("repository", format!("{host}/acm")))));
    assert_eq!(scene.image().unwrap().receipt.kind, ReceiptKind::Hit, "another repository");
}

#[test]
fn a_time_to_live_of_zero_remembers_nothing() {
    let scene = Scene::new();
    scene.sign();
    let mut times_to_live = TimesToLive::default();
    times_to_live.set(scene.registry.host(), Duration::ZERO);
    let config = VerifierConfig { times_to_live, ..VerifierConfig::default() };
    let forgetful = Verifier::new(network(), Trust::public_good().unwrap(), config).unwrap();
    for _ in 0..2 {
        assert_eq!(forgetful.verify(&scene.request(Question::Image), soon()).unwrap().receipt.kind, ReceiptKind::Fresh);
    }
    assert_eq!(forgetful.stats().memo.entries, 0);
}
