//! Feature 2: an answer lives no longer than its evidence, whatever its time to live; clocks that are set wrong extend nothing.

use vidimus::memo::{Clock as _, Level, Why};
use vidimus::verify::{IdentityMatcher, Matcher};

use super::*;
use crate::testkit::forge::{ENTRY, Forge, IDENTITY, ISSUER, Leaf};

#[test]
fn a_certificate_that_ends_in_ten_seconds_ends_the_answer_of_an_hour() {
    let forge = Forge::new();
    let mut scene = Scene::new(|_| {});
    let config = VerifierConfig {
        times_to_live: TimesToLive::new(Some(Duration::from_secs(HOUR))),
        clock: Arc::new(scene.clock.clone()),
        ..VerifierConfig::default()
    };
    scene.verifier = Verifier::new(network(), Trust::from_json(&forge.trusted_root().to_string()).unwrap(), config).unwrap();
    // Valid now, by the machine's clock; until ten seconds from the beginning of the test's own.
    let seconds = |time: std::time::SystemTime| i64::try_from(time.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let (now, end) = (seconds(std::time::SystemTime::now()), seconds(scene.clock.date_in(10)));
    assert!(now < end, "the test's clock is behind the machine's: set it later");
    let leaf = forge.issue(&Leaf { validity: (now - 60, end), ..Leaf::default() }, &scene.key);
    let mut layer = forge.signed(&scene.key, Some(&leaf), &scene.image);
    layer.annotations.remove(ENTRY);
    push_legacy(&scene.registry, REPOSITORY, (&scene.image, "sig"), &[layer]);
    let exact = |text: &str| vec![Matcher::Exact(text.to_owned())];
    let signer = Signer::Identity(IdentityMatcher { identity: exact(IDENTITY), issuer: exact(ISSUER) });
    let request = VerifyRequest { signer, ..scene.request(&scene.image) };
    let ask = || scene.verifier.verify(&request, soon()).unwrap().receipt;
    let fresh = ask();
    assert_eq!(fresh.expires_at, Some(scene.clock.date_in(10)));
    assert_eq!(fresh.expires_why, Some(Why::Evidence("certificate")));
    scene.clock.pass(9);
    assert_eq!(ask().kind, ReceiptKind::Hit);
    scene.clock.pass(1);
    let hits = scene.verifier.stats().memo.hits;
    ask();
    assert_eq!((scene.verifier.stats().memo.hits, scene.verifier.stats().memo.misses), (hits, 2), "a miss at ten seconds");
}

#[test]
fn the_time_to_live_of_the_longest_prefix_decides_and_zero_remembers_nothing() {
    let scene = Scene::new(|_| {});
    let host = scene.registry.host().to_owned();
    for (path, seconds, level) in [
        (host.clone(), 30, Level::Registry),
        (format!("{host}/acme"), 20, Level::Repository),
        (format!("{host}/{REPOSITORY}"), 10, Level::Repository),
    ] {
        let mut times_to_live = TimesToLive::new(Some(Duration::from_secs(HOUR)));
        times_to_live.set(&path, Duration::from_secs(seconds));
        let clock = FakeClock::new();
        let config = VerifierConfig { times_to_live, clock: Arc::new(clock.clone()), ..VerifierConfig::default() };
        let verifier = Verifier::new(network(), Trust::public_good().unwrap(), config).unwrap();
        let ask = || verifier.verify(&scene.request(&scene.image), soon()).unwrap().receipt;
        assert_eq!(ask().expires_why, Some(Why::TimeToLive(level)), "{path}");
        clock.pass(seconds - 1);
        assert_eq!(ask().kind, ReceiptKind::Hit, "{path}");
        clock.pass(1);
        assert_eq!(ask().kind, ReceiptKind::Revalidated, "{path}");
    }
    let never = Scene::new(|config| config.times_to_live = TimesToLive::new(Some(Duration::ZERO)));
    assert_eq!((never.kind(), never.kind()), (ReceiptKind::Fresh, ReceiptKind::Fresh));
}

#[test]
fn steps_of_the_date_extend_nothing() {
    let scene = Scene::new(|_| {});
    scene.kind();
    scene.clock.set_back(10 * HOUR);
    scene.clock.pass(HOUR - 1);
    assert_eq!(scene.kind(), ReceiptKind::Hit);
    scene.clock.pass(1);
    assert_ne!(scene.kind(), ReceiptKind::Hit, "it is an hour old, whatever the date says");
    let scene = Scene::new(|_| {});
    scene.kind();
    scene.clock.sleep(HOUR);
    assert_ne!(scene.kind(), ReceiptKind::Hit, "a machine that slept");
    assert!(scene.clock.elapsed().is_zero());
}
