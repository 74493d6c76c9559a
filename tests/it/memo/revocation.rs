//! Peer feature 3: what is revoked is gone, and nothing that was under way brings it back.

use std::thread;
use std::time::{Duration, Instant};

use vidimus::memo::{Bound, Flight, How, Label, Landing, Memo, Missed, Selector};

use super::clock::FakeClock;

type Numbers = Memo<u32, u32, ()>;

fn memo() -> Numbers {
    Memo::with_clock(&Bound { bytes: 1 << 20, weigh: |_, _| 8 }, FakeClock::new())
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

fn digest(number: u32) -> Label {
    Label::new("digest", format!("sha256:{number}"))
}

fn repository(path: &str) -> Label {
    Label::new("repository", path)
}

fn landing(number: u32, path: &str) -> Landing<u32> {
    Landing { labels: vec![digest(number), repository(path)], ..Landing::new(number) }
}

fn never(flight: Flight<u32, u32, ()>) {
    drop(flight);
}

/// A flight for 1 that its first caller did not wait for.
fn under_way(memo: &Numbers) -> Flight<u32, u32, ()> {
    let mut held = None;
    assert_eq!(memo.get_or_start(&1, Instant::now(), |flight| held = Some(flight)).unwrap_err(), Missed::TimedOut);
    held.unwrap()
}

#[test]
fn removes_what_the_selector_means_and_nothing_else() {
    let memo = memo();
    let paths = ["quay.io/team/a", "quay.io/team/b", "quay.io/teams/c", "ghcr.io/team/d"];
    for (number, path) in (0..).zip(paths) {
        memo.get_or_start(&number, soon(), |flight| flight.land(Ok(landing(number, path)))).unwrap();
    }
    let record = memo.revoke(Selector::Within(repository("quay.io/team")));
    assert_eq!((record.entries, record.flights, record.generation), (2, 0, 1));
    assert_eq!(record.selector.to_string(), "repository=quay.io/team/**");
    let left: Vec<bool> = (0..4).map(|number| memo.get(&number).is_some()).collect();
    assert_eq!(left, [false, false, true, true]);
    let record = memo.revoke(Selector::Is(digest(3)));
    assert_eq!((record.entries, record.generation), (1, 2));
    assert!(memo.get(&3).is_none());
    assert_eq!(memo.revoke(Selector::Is(digest(3))).entries, 0);
    assert_eq!(memo.stats().entries, 1);
}

#[test]
fn a_flight_under_way_neither_publishes_nor_tells() {
    let memo = memo();
    let flight = under_way(&memo);
    thread::scope(|scope| {
        let follower = scope.spawn(|| memo.get_or_start(&1, soon(), never).unwrap_err());
        while memo.stats().coalesced < 1 {
            thread::yield_now();
        }
        let record = memo.revoke(Selector::Is(digest(1)));
        assert_eq!((record.entries, record.flights), (0, 0), "what it rests on is known only when it lands");
        flight.land(Ok(landing(1, "quay.io/a")));
        assert_eq!(follower.join().unwrap(), Missed::Revoked);
    });
    assert!(memo.get(&1).is_none());
    assert_eq!(memo.stats().bytes, 0);
    let again = memo.get_or_start(&1, soon(), |flight| flight.land(Ok(landing(1, "quay.io/a")))).unwrap();
    assert_eq!(again.how, How::Fresh);
    assert!(memo.get(&1).is_some(), "what is found out after the revocation is kept");
}

#[test]
fn a_tagged_flight_is_stopped_at_once() {
    let memo = memo();
    let flight = under_way(&memo);
    flight.tag(|_| vec![digest(1)]);
    thread::scope(|scope| {
        let follower = scope.spawn(|| memo.get_or_start(&1, soon(), never).unwrap_err());
        while memo.stats().coalesced < 1 {
            thread::yield_now();
        }
        assert_eq!(memo.revoke(Selector::Is(digest(1))).flights, 1);
        assert_eq!(follower.join().unwrap(), Missed::Revoked, "although the flight is still under way");
    });
    assert_eq!(memo.get_or_start(&1, Instant::now(), never).unwrap_err(), Missed::TimedOut, "no second flight meanwhile");
    flight.land(Ok(Landing::new(1)));
    assert!(memo.get(&1).is_none());
}

#[test]
fn a_tag_that_comes_after_the_revocation_stops_the_flight_too() {
    let memo = memo();
    let flight = under_way(&memo);
    assert_eq!(memo.revoke(Selector::Is(digest(1))).flights, 0);
    flight.tag(|_| vec![digest(1)]);
    flight.land(Ok(Landing::new(1)));
    assert!(memo.get(&1).is_none());
}

#[test]
fn who_comes_after_the_revocation_is_answered_by_a_flight_of_its_own() {
    let memo = memo();
    for tagged in [true, false] {
        let flight = under_way(&memo);
        if tagged {
            flight.tag(|_| vec![digest(1)]);
        }
        let _ = memo.revoke(Selector::Is(digest(1)));
        let before = memo.stats().coalesced;
        thread::scope(|scope| {
            let start = |flight: Flight<_, _, _>| flight.land(Ok(landing(2, "quay.io/a")));
            let memo = &memo;
            let caller = scope.spawn(move || memo_answer(memo, start));
            if !tagged {
                while memo.stats().coalesced == before {
                    thread::yield_now();
                }
            }
            flight.land(Ok(landing(1, "quay.io/a")));
            assert_eq!(caller.join().unwrap(), (2, How::Fresh));
        });
        let _ = memo.revoke(Selector::Is(digest(2)));
    }
}

fn memo_answer(memo: &Numbers, start: impl FnOnce(Flight<u32, u32, ()>)) -> (u32, How) {
    let answer = memo.get_or_start(&1, soon(), start).unwrap();
    (*answer.value(), answer.how)
}

#[test]
fn a_revocation_of_something_else_disturbs_no_flight() {
    let memo = memo();
    let flight = under_way(&memo);
    let _ = memo.revoke(Selector::Is(digest(2)));
    let _ = memo.revoke(Selector::Within(repository("quay.io/b")));
    flight.land(Ok(landing(1, "quay.io/a")));
    assert!(memo.get(&1).is_some());
}

#[test]
fn what_was_evicted_is_not_counted_as_revoked() {
    let memo: Numbers = Memo::new(&Bound { bytes: 16 << 10, weigh: |_, _| 8 });
    for number in 0..1000 {
        memo.get_or_start(&number, soon(), |flight| flight.land(Ok(landing(number, "quay.io/a")))).unwrap();
    }
    let held = memo.stats().entries;
    assert!((1..100).contains(&held));
    assert_eq!(memo.revoke(Selector::Is(repository("quay.io/a"))).entries, held);
    assert_eq!((memo.stats().entries, memo.stats().bytes), (0, 0));
}
