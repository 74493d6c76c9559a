//! Peer feature 5, second half: what is asked for often is found out anew before its time ends, behind nobody's back.

use std::cell::Cell;
use std::time::{Duration, Instant};

use vidimus::memo::{Bound, Flight, How, Landing, Level, Memo, NotAfter, RefreshAhead, TimeToLive, Tuning};

use super::clock::FakeClock;

type Numbers = Memo<u8, u8, ()>;

/// Lives 100 s; refreshes in the last 40 s (begins 60 to 80 s after it landed), when asked for three times.
fn setup() -> (Numbers, FakeClock) {
    let clock = FakeClock::new();
    let refresh_ahead = Some(RefreshAhead { window: Duration::from_secs(40), hot: 3 });
    let memo = Memo::tuned(&Bound { bytes: 1 << 20, weigh: |_, _| 2 }, Tuning { refresh_ahead, ..Tuning::default() }, clock.clone());
    (memo, clock)
}

fn landing(value: u8) -> Landing<u8> {
    Landing { ttl: Some(TimeToLive { duration: Duration::from_secs(100), level: Level::Engine }), ..Landing::new(value) }
}

/// Asks once; says what it got and whether that started a flight.
fn ask(memo: &Numbers, fly: impl FnOnce(Flight<u8, u8, ()>)) -> (u8, How, bool) {
    let started = Cell::new(false);
    let start = |flight| {
        started.set(true);
        fly(flight);
    };
    let answer = memo.get_or_start(&1, Instant::now(), start).unwrap();
    (*answer.value(), answer.how, started.get())
}

#[test]
fn what_is_hot_is_refreshed_before_it_ends() {
    let (memo, clock) = setup();
    assert_eq!(ask(&memo, |flight| flight.land(Ok(landing(1)))), (1, How::Fresh, true));
    clock.pass(59);
    for _ in 0..20 {
        assert_eq!(ask(&memo, drop), (1, How::Hit, false), "not yet");
    }
    clock.pass(21);
    assert_eq!(ask(&memo, drop), (1, How::Hit, false));
    assert_eq!(ask(&memo, drop), (1, How::Hit, false));
    let (value, how, started) = ask(&memo, |flight| flight.land(Ok(landing(2))));
    assert_eq!((value, how, started), (1, How::Hit, true), "this caller waits for nothing");
    assert_eq!(ask(&memo, drop), (2, How::Hit, false));
    clock.pass(59);
    assert_eq!(ask(&memo, drop), (2, How::Hit, false), "its time began anew");
    let stats = memo.stats();
    assert_eq!((stats.misses, stats.refreshes, stats.entries), (1, 1, 1));
}

#[test]
fn what_is_asked_for_seldom_expires() {
    let (memo, clock) = setup();
    ask(&memo, |flight| flight.land(Ok(landing(1))));
    clock.pass(85);
    for _ in 0..2 {
        assert_eq!(ask(&memo, drop), (1, How::Hit, false));
    }
    clock.pass(15);
    assert_eq!(ask(&memo, |flight| flight.land(Ok(landing(2)))), (2, How::Fresh, true));
}

#[test]
fn a_refresh_that_cannot_be_had_takes_nothing_away_and_is_not_repeated_at_once() {
    let (memo, clock) = setup();
    ask(&memo, |flight| flight.land(Ok(landing(1))));
    clock.pass(85);
    let started = |flight: Flight<_, _, _>| flight.unavailable(());
    let starts: Vec<bool> = (0..6).map(|_| ask(&memo, started).2).collect();
    assert_eq!(starts, [false, false, true, false, false, true]);
    assert_eq!(*memo.get(&1).unwrap().value(), 1);
}

#[test]
fn a_refresh_that_says_no_forgets() {
    let (memo, clock) = setup();
    ask(&memo, |flight| flight.land(Ok(landing(1))));
    clock.pass(85);
    for _ in 0..3 {
        assert_eq!(ask(&memo, |flight| flight.land(Err(()))).1, How::Hit);
    }
    assert!(memo.get(&1).is_none());
}

#[test]
fn what_its_evidence_ends_is_not_refreshed() {
    let (memo, clock) = setup();
    let not_after = Some(NotAfter { at: clock.date_in(90), why: "certificate" });
    ask(&memo, |flight| flight.land(Ok(Landing { not_after, ..landing(1) })));
    clock.pass(89);
    for _ in 0..20 {
        assert_eq!(ask(&memo, drop), (1, How::Hit, false));
    }
}

#[test]
fn is_off_unless_it_is_asked_for() {
    let clock = FakeClock::new();
    let memo: Numbers = Memo::with_clock(&Bound { bytes: 1 << 20, weigh: |_, _| 2 }, clock.clone());
    ask(&memo, |flight| flight.land(Ok(landing(1))));
    clock.pass(99);
    for _ in 0..20 {
        assert_eq!(ask(&memo, drop), (1, How::Hit, false));
    }
}
