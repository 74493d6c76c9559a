//! Peer feature 2: a success is served as long as both its time to live and its evidence allow, by either clock.

use std::time::{Duration, Instant};

use vidimus::memo::{Bound, Flight, How, Landing, Level, Memo, NotAfter, TimeToLive, Why};

use super::clock::FakeClock;

type Numbers = Memo<u8, u8, ()>;

fn setup() -> (Numbers, FakeClock) {
    let clock = FakeClock::new();
    (Memo::with_clock(&Bound { bytes: 1 << 20, weigh: |_, _| 2 }, clock.clone()), clock)
}

fn engine(seconds: u64) -> TimeToLive {
    TimeToLive { duration: Duration::from_secs(seconds), level: Level::Engine }
}

fn ask(memo: &Numbers, landing: Landing<u8>) -> How {
    memo.get_or_start(&1, Instant::now(), |flight| flight.land(Ok(landing))).unwrap().how
}

#[test]
fn evidence_that_ends_sooner_than_the_time_to_live_decides() {
    let (memo, clock) = setup();
    let certificate = Some(NotAfter { at: clock.date_in(10), why: "certificate" });
    let landing = || Landing { ttl: Some(engine(3600)), not_after: certificate, ..Landing::new(7) };
    assert_eq!(ask(&memo, landing()), How::Fresh);
    let expiry = memo.get(&1).unwrap().expiry().unwrap();
    assert_eq!((expiry.at, expiry.why), (clock.date_in(10), Why::Evidence("certificate")));
    clock.pass(9);
    assert_eq!(ask(&memo, landing()), How::Hit);
    clock.pass(1);
    assert!(memo.get(&1).is_none());
    assert_eq!(ask(&memo, landing()), How::Fresh);
    assert!(memo.get(&1).is_none(), "evidence that is past when it is found is told, not kept");
}

#[test]
fn a_time_to_live_that_ends_sooner_than_the_evidence_decides() {
    let (memo, clock) = setup();
    let landing =
        || Landing { ttl: Some(engine(5)), not_after: Some(NotAfter { at: clock.date_in(10), why: "certificate" }), ..Landing::new(7) };
    assert_eq!(ask(&memo, landing()), How::Fresh);
    assert_eq!(memo.get(&1).unwrap().expiry().unwrap().why, Why::TimeToLive(Level::Engine));
    clock.pass(5);
    assert_eq!(ask(&memo, landing()), How::Fresh);
    assert_eq!(ask(&memo, landing()), How::Hit, "what expired was replaced");
    assert_eq!(memo.stats().entries, 1);
}

#[test]
fn a_time_to_live_of_zero_remembers_nothing() {
    let (memo, _clock) = setup();
    for _ in 0..2 {
        assert_eq!(ask(&memo, Landing { ttl: Some(engine(0)), ..Landing::new(7) }), How::Fresh);
    }
    assert_eq!(memo.stats().entries, 0);
}

#[test]
fn no_limit_is_none() {
    let (memo, clock) = setup();
    assert_eq!(ask(&memo, Landing::new(7)), How::Fresh);
    clock.pass(1 << 32);
    assert_eq!(memo.get(&1).unwrap().expiry(), None);
}

#[test]
fn setting_the_date_back_extends_nothing() {
    let (memo, clock) = setup();
    let landing =
        || Landing { ttl: Some(engine(60)), not_after: Some(NotAfter { at: clock.date_in(60), why: "certificate" }), ..Landing::new(7) };
    ask(&memo, landing());
    clock.set_back(3600);
    clock.pass(59);
    assert!(memo.get(&1).is_some());
    clock.pass(1);
    assert!(memo.get(&1).is_none());
}

#[test]
fn a_machine_that_slept_extends_nothing() {
    let (memo, clock) = setup();
    ask(&memo, Landing { ttl: Some(engine(60)), ..Landing::new(7) });
    clock.sleep(60);
    assert!(memo.get(&1).is_none());
}

#[test]
fn a_failure_leaves_not_even_what_it_was_to_replace() {
    let (memo, clock) = setup();
    ask(&memo, Landing { ttl: Some(engine(5)), ..Landing::new(7) });
    clock.pass(5);
    assert_eq!(memo.stats().entries, 1);
    let fail = |flight: Flight<_, _, _>| flight.land(Err(()));
    assert!(memo.get_or_start(&1, Instant::now(), fail).is_err());
    assert_eq!((memo.stats().entries, memo.stats().bytes), (0, 0));
}
