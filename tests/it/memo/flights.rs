//! One flight for each key, and what becomes of those who wait.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use vidimus::memo::{Bound, Flight, How, Landing, Memo, Missed};

type Texts = Memo<String, Arc<str>, String>;

fn memo() -> Texts {
    Memo::new(&Bound { bytes: 1 << 20, weigh: |key, value| (key.len() + value.len()) as u64 })
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

fn key() -> String {
    "key".to_owned()
}

fn success(text: &str) -> Landing<Arc<str>> {
    Landing { cost: 3, ..Landing::new(Arc::from(text)) }
}

/// For callers who are to start nothing: if one does, it hears `Abandoned`.
fn never(flight: Flight<String, Arc<str>, String>) {
    drop(flight);
}

#[test]
fn a_success_is_remembered_and_costs_nothing_again() {
    let memo = memo();
    let first = memo.get_or_start(&key(), soon(), |flight| flight.land(Ok(success("yes")))).unwrap();
    assert_eq!((&**first.value(), first.how, first.cost), ("yes", How::Fresh, 3));
    let second = memo.get_or_start(&key(), soon(), never).unwrap();
    assert_eq!((&**second.value(), second.how, second.cost), ("yes", How::Hit, 0));
    assert_eq!(second.verified_at(), first.verified_at());
    let stats = memo.stats();
    assert_eq!((stats.hits, stats.misses, stats.coalesced, stats.entries), (1, 1, 0, 1));
    assert!(stats.bytes > 6, "{stats:?}");
}

#[test]
fn clones_share_and_other_memos_do_not() {
    let memo = memo();
    memo.clone().get_or_start(&key(), soon(), |flight| flight.land(Ok(success("yes")))).unwrap();
    assert!(memo.get(&key()).is_some());
    assert!(self::memo().get(&key()).is_none());
}

#[test]
fn thirty_two_callers_share_one_flight() {
    let (memo, started, barrier) = (memo(), AtomicUsize::new(0), Barrier::new(32));
    let (send, receive) = mpsc::channel();
    thread::scope(|scope| {
        let callers: Vec<_> = (0..32)
            .map(|_| {
                let (memo, started, barrier, send) = (&memo, &started, &barrier, send.clone());
                scope.spawn(move || {
                    barrier.wait();
                    let start = |flight| {
                        started.fetch_add(1, Ordering::Relaxed);
                        send.send(flight).unwrap();
                    };
                    memo.get_or_start(&key(), soon(), start).unwrap().how
                })
            })
            .collect();
        let flight: Flight<_, _, _> = receive.recv().unwrap();
        while memo.stats().coalesced < 31 {
            thread::yield_now();
        }
        assert_eq!(flight.key(), "key");
        flight.land(Ok(success("yes")));
        let hows: Vec<How> = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
        assert_eq!(hows.iter().filter(|how| **how == How::Fresh).count(), 1);
        assert_eq!(hows.iter().filter(|how| **how == How::Coalesced).count(), 31);
    });
    assert_eq!(started.load(Ordering::Relaxed), 1);
}

#[test]
fn a_failure_reaches_all_who_wait_and_nobody_later() {
    let memo = memo();
    let (send, receive) = mpsc::channel();
    thread::scope(|scope| {
        let callers: Vec<_> = (0..8)
            .map(|_| {
                let (memo, send) = (&memo, send.clone());
                scope.spawn(move || memo.get_or_start(&key(), soon(), |flight| send.send(flight).unwrap()).unwrap_err())
            })
            .collect();
        let flight: Flight<_, _, _> = receive.recv().unwrap();
        while memo.stats().coalesced < 7 {
            thread::yield_now();
        }
        flight.land(Err("503".to_owned()));
        for caller in callers {
            assert_eq!(caller.join().unwrap(), Missed::Failed("503".to_owned()));
        }
    });
    assert_eq!(memo.stats().entries, 0);
    let retried = memo.get_or_start(&key(), soon(), |flight| flight.land(Ok(success("yes")))).unwrap();
    assert_eq!(retried.how, How::Fresh);
}

#[test]
fn a_caller_whose_time_is_up_cancels_only_itself() {
    let memo = memo();
    let mut held = None;
    let missed = memo.get_or_start(&key(), Instant::now(), |flight| held = Some(flight)).unwrap_err();
    assert_eq!(missed, Missed::TimedOut);
    thread::scope(|scope| {
        let patient = scope.spawn(|| memo.get_or_start(&key(), soon(), never).unwrap().how);
        while memo.stats().coalesced < 1 {
            thread::yield_now();
        }
        assert_eq!(memo.get_or_start(&key(), Instant::now(), never).unwrap_err(), Missed::TimedOut);
        held.take().unwrap().land(Ok(success("yes")));
        assert_eq!(patient.join().unwrap(), How::Coalesced);
    });
    assert_eq!(memo.get_or_start(&key(), Instant::now(), never).unwrap().how, How::Hit);
}

#[test]
fn a_flight_that_is_dropped_hangs_nobody() {
    let memo = memo();
    assert_eq!(memo.get_or_start(&key(), soon(), drop).unwrap_err(), Missed::Abandoned);
    let worker = |flight: Flight<_, _, _>| {
        let crashed = thread::spawn(move || {
            let _flight = flight;
            std::panic::resume_unwind(Box::new("crash"));
        });
        assert!(crashed.join().is_err());
    };
    assert_eq!(memo.get_or_start(&key(), soon(), worker).unwrap_err(), Missed::Abandoned);
    assert!(memo.get_or_start(&key(), soon(), |flight| flight.land(Ok(success("yes")))).is_ok());
}

#[test]
fn a_start_that_panics_leaves_the_key_free() {
    let memo = memo();
    let crash = std::panic::AssertUnwindSafe(|| memo.get_or_start(&key(), soon(), |_flight| std::panic::resume_unwind(Box::new("crash"))));
    assert!(std::panic::catch_unwind(crash).is_err());
    assert!(memo.get_or_start(&key(), soon(), |flight| flight.land(Ok(success("yes")))).is_ok());
}

#[test]
fn keys_do_not_wait_for_each_other() {
    let memo = memo();
    let mut held = None;
    let _ = memo.get_or_start(&key(), Instant::now(), |flight| held = Some(flight));
    let other = memo.get_or_start(&"other".to_owned(), soon(), |flight| flight.land(Ok(success("yes")))).unwrap();
    assert_eq!(other.how, How::Fresh);
    assert_eq!(memo.get(&"other".to_owned()).unwrap().how, How::Hit);
}

#[test]
fn a_sync_caller_inside_a_tokio_worker_works() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let (send, receive) = mpsc::channel();
    runtime.spawn(async move {
        let start = |flight: Flight<_, _, _>| drop(thread::spawn(move || flight.land(Ok(success("yes")))));
        send.send(memo().get_or_start(&key(), soon(), start).unwrap().how).unwrap();
    });
    assert_eq!(receive.recv().unwrap(), How::Fresh);
}

#[test]
fn the_bound_is_never_exceeded() {
    let bound = 64 << 10;
    let memo: Texts = Memo::new(&Bound { bytes: bound, weigh: |key, value| (key.len() + value.len()) as u64 });
    for number in 0..2_000_usize {
        let value = "v".repeat(number % 700);
        memo.get_or_start(&format!("key {number}"), soon(), |flight| flight.land(Ok(success(&value)))).unwrap();
        assert!(memo.stats().bytes <= bound, "{:?}", memo.stats());
    }
    assert!(memo.stats().entries > 50, "{:?}", memo.stats());
    let huge = "v".repeat(100 << 10);
    let answer = memo.get_or_start(&key(), soon(), |flight| flight.land(Ok(success(&huge)))).unwrap();
    assert_eq!(answer.how, How::Fresh, "too large to keep, not too large to answer");
    assert!(memo.get(&key()).is_none());
}

#[test]
fn a_scan_does_not_wash_out_what_is_asked_for_often() {
    let memo: Memo<u32, u32, ()> = Memo::new(&Bound { bytes: 100 << 10, weigh: |_, _| 744 });
    let ask = |key: u32| memo.get_or_start(&key, soon(), |flight| flight.land(Ok(Landing::new(key)))).unwrap().how;
    for key in (0..20).chain(0..20).chain(0..20).chain(1_000..11_000) {
        ask(key);
    }
    let kept = (0..20).filter(|key| memo.get(key).is_some()).count();
    assert!(kept >= 18, "{kept} of 20 survived");
}
