//! Peer feature 10: a share of the hits is found out anew; a wrong one is noticed, and what shares its scope is forgotten.

use std::cell::Cell;
use std::time::Instant;

use vidimus::memo::{Bound, Canary, Flight, How, Label, Landing, Memo, Missed, Mode, SystemClock, Tuning};

type Numbers = Memo<u8, u8, &'static str>;

fn memo(mode: Mode, one_in: u64) -> Numbers {
    let canary = Some(Canary { one_in, agree: |old, new| old == new, scope: "epoch" });
    Memo::tuned(&Bound { bytes: 1 << 20, weigh: |_, _| 2 }, Tuning { mode, canary, ..Tuning::default() }, SystemClock::default())
}

fn landing(value: u8, epoch: &str) -> Landing<u8> {
    Landing { labels: vec![Label::new("epoch", epoch)], ..Landing::new(value) }
}

/// Asks once; says what it got and whether that started a flight.
fn ask(memo: &Numbers, key: u8, fly: impl FnOnce(Flight<u8, u8, &'static str>)) -> (Result<(u8, How), Missed<&'static str>>, bool) {
    let started = Cell::new(false);
    let start = |flight| {
        started.set(true);
        fly(flight);
    };
    let answer = memo.get_or_start(&key, Instant::now(), start);
    (answer.map(|answer| (*answer.value(), answer.how)), started.get())
}

fn remember(memo: &Numbers, key: u8, landing: Landing<u8>) {
    assert!(ask(memo, key, |flight| flight.land(Ok(landing))).0.is_ok());
}

#[test]
fn one_hit_in_so_many_is_checked_and_waits_for_nothing() {
    let memo = memo(Mode::On, 4);
    remember(&memo, 1, landing(1, "a"));
    let asked: Vec<_> = (0..8).map(|_| ask(&memo, 1, |flight| flight.land(Ok(landing(1, "a"))))).collect();
    assert!(asked.iter().all(|(answer, _)| *answer == Ok((1, How::Hit))));
    assert_eq!(asked.iter().filter(|(_, started)| *started).count(), 2);
    let stats = memo.stats();
    assert_eq!((stats.checks, stats.disagreements, stats.entries), (2, 0, 1));
}

#[test]
fn a_planted_wrong_entry_is_found_within_the_sampling_bound() {
    let memo = memo(Mode::On, 10);
    remember(&memo, 1, landing(66, "a"));
    remember(&memo, 2, landing(2, "a"));
    remember(&memo, 3, landing(3, "b"));
    for _ in 0..10 {
        assert_eq!(ask(&memo, 1, |flight| flight.land(Ok(landing(1, "a")))).0, Ok((66, How::Hit)));
    }
    assert_eq!((memo.stats().checks, memo.stats().disagreements), (1, 1));
    assert_eq!(memo.distrusted(), [Label::new("epoch", "a")]);
    assert!(memo.get(&1).is_none() && memo.get(&2).is_none(), "its epoch is forgotten");
    assert!(memo.get(&3).is_some(), "others are not");
    for _ in 0..2 {
        assert_eq!(ask(&memo, 2, |flight| flight.land(Ok(landing(2, "a")))), (Ok((2, How::Fresh)), true), "nor remembered again");
    }
    assert_eq!(memo.mode(), Mode::On);
}

#[test]
fn that_it_cannot_be_found_again_is_a_disagreement_and_that_it_cannot_be_asked_for_is_none() {
    let memo = memo(Mode::On, 1);
    remember(&memo, 1, landing(1, "a"));
    assert_eq!(ask(&memo, 1, |flight| flight.unavailable("503")), (Ok((1, How::Hit)), true));
    assert_eq!((memo.stats().disagreements, memo.get(&1).is_some()), (0, true));
    assert_eq!(ask(&memo, 1, |flight| flight.land(Err("rejected"))), (Ok((1, How::Hit)), true));
    assert_eq!((memo.stats().disagreements, memo.get(&1).is_some()), (1, false));
}

#[test]
fn a_disagreement_without_a_scope_turns_the_memo_off() {
    let memo = memo(Mode::On, 1);
    remember(&memo, 1, Landing::new(66));
    remember(&memo, 2, Landing::new(2));
    remember(&memo, 1, Landing::new(1));
    assert_eq!(memo.mode(), Mode::Off);
    assert!(memo.get(&2).is_none());
    assert_eq!(ask(&memo, 2, |flight| flight.land(Ok(Landing::new(2)))), (Ok((2, How::Fresh)), true));
}

#[test]
fn shadow_serves_only_what_is_fresh_and_counts_what_it_would_have_done() {
    let memo = memo(Mode::Shadow, 0);
    assert_eq!(ask(&memo, 1, |flight| flight.land(Ok(landing(1, "a")))), (Ok((1, How::Fresh)), true));
    assert!(memo.get(&1).is_none());
    assert_eq!(ask(&memo, 1, |flight| flight.land(Ok(landing(1, "a")))), (Ok((1, How::Fresh)), true));
    let stats = memo.stats();
    assert_eq!((stats.misses, stats.hits, stats.checks, stats.disagreements), (1, 1, 1, 0));
    assert_eq!(ask(&memo, 1, |flight| flight.land(Ok(landing(2, "a")))), (Ok((2, How::Fresh)), true), "the fresh one, though they differ");
    assert_eq!(ask(&memo, 1, |flight| flight.land(Err("rejected"))), (Err(Missed::Failed("rejected")), true));
    assert_eq!((memo.stats().disagreements, memo.distrusted().len()), (1, 1), "the second is no disagreement: nothing was kept");
}

#[test]
fn off_remembers_nothing_and_shares_nothing() {
    let memo = memo(Mode::Off, 0);
    let mut held = None;
    assert_eq!(ask(&memo, 1, |flight| held = Some(flight)), (Err(Missed::TimedOut), true));
    for _ in 0..2 {
        assert_eq!(ask(&memo, 1, |flight| flight.land(Ok(landing(1, "a")))), (Ok((1, How::Fresh)), true));
    }
    assert_eq!(ask(&memo, 1, |flight| flight.land(Err("rejected"))).0, Err(Missed::Failed("rejected")));
    assert_eq!(ask(&memo, 1, drop).0, Err(Missed::Abandoned));
    drop(held);
    assert_eq!((memo.stats().entries, memo.stats().misses), (0, 5));
}

#[test]
fn a_hit_is_a_hit_even_while_it_is_replaced() {
    let memo = memo(Mode::On, 1);
    remember(&memo, 1, landing(1, "a"));
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| (0..100_000).all(|_| memo.get(&1).is_some()));
        while !reader.is_finished() {
            assert_eq!(ask(&memo, 1, |flight| flight.land(Ok(landing(1, "a")))), (Ok((1, How::Hit)), true));
        }
        assert!(reader.join().unwrap());
    });
    assert!(memo.stats().checks > 100, "{:?}", memo.stats());
    assert_eq!(memo.stats().entries, 1);
}
