//! What an earlier process proved may excuse a later one, too, that cannot find out: past its time, up to a ceiling, flagged.

use std::sync::Arc;
use std::time::{Duration, Instant};

use vidimus::memo::{Flight, How, Landing, Missed, NotAfter, Selector, Tuning};

use super::clock::FakeClock;
use super::stored::{Key, Meddled, Process, digest, landing, process_tuned, soon};

const KEY: (&[u8], Option<u64>) = (b"a key of thirty-two bytes or more", None);

/// Its memory lives for a minute, and excuses for ten more.
fn process(store: &Meddled, clock: &FakeClock) -> Process {
    let tuning = Tuning { max_stale: Duration::from_mins(10), ..Tuning::default() };
    process_tuned(store.clone(), KEY, (clock, tuning))
}

fn ask_while_down(process: &Process) -> Result<(Arc<str>, How), Missed<()>> {
    let answer = process.memo.get_or_start(&Key(1), soon(), |flight| flight.unavailable(()));
    answer.map(|answer| (Arc::clone(answer.value()), answer.how))
}

fn left_behind(landing: Landing<Arc<str>>) -> (Meddled, FakeClock) {
    let (store, clock) = (Meddled::default(), FakeClock::new());
    let first = process(&store, &clock);
    first.memo.get_or_start(&Key(1), soon(), |flight: Flight<_, _, _>| flight.land(Ok(landing))).unwrap();
    assert!(first.memo.flush(soon()));
    (store, clock)
}

#[test]
fn it_is_served_in_place_of_an_answer_up_to_the_ceiling() {
    let (store, clock) = left_behind(landing("a"));
    clock.pass(60);
    let second = process(&store, &clock);
    assert!(second.memo.get(&Key(1)).is_none());
    assert_eq!(ask_while_down(&second), Ok(("a".into(), How::Stale)));
    assert_eq!(second.memo.get_or_start(&Key(1), Instant::now(), drop).unwrap().how, How::Stale, "a caller without time");
    clock.pass(599);
    assert_eq!(ask_while_down(&second), Ok(("a".into(), How::Stale)));
    assert_eq!(ask_while_down(&process(&store, &clock)), Ok(("a".into(), How::Stale)));
    clock.pass(1);
    assert_eq!(ask_while_down(&second), Err(Missed::Failed(())));
    assert_eq!(ask_while_down(&process(&store, &clock)), Err(Missed::Failed(())));
    assert_eq!(process(&store, &clock).ask("b"), ("b".to_owned(), How::Fresh));
}

#[test]
fn it_is_off_unless_it_is_asked_for_and_never_a_hit() {
    let (store, clock) = left_behind(landing("a"));
    clock.pass(60);
    let strict = process_tuned(store.clone(), KEY, (&clock, Tuning::default()));
    assert_eq!(ask_while_down(&strict), Err(Missed::Failed(())));
    assert_eq!(strict.memo.stats().entries, 0);
    let second = process(&store, &clock);
    assert_eq!(second.ask("b"), ("b".to_owned(), How::Fresh));
    assert_eq!((second.memo.stats().misses, second.memo.stats().restored), (1, 0));
}

#[test]
fn never_past_the_evidence_a_revocation_or_a_date_set_back() {
    let not_after = |clock: &FakeClock| Some(NotAfter { at: clock.date_in(90), why: "certificate" });
    let (store, clock) = left_behind(Landing { not_after: not_after(&FakeClock::new()), ..landing("a") });
    clock.pass(89);
    assert_eq!(ask_while_down(&process(&store, &clock)), Ok(("a".into(), How::Stale)));
    clock.pass(1);
    assert_eq!(ask_while_down(&process(&store, &clock)), Err(Missed::Failed(())));

    let (store, clock) = left_behind(landing("a"));
    clock.pass(60);
    let (second, third) = (process(&store, &clock), process(&store, &clock));
    assert_eq!(ask_while_down(&second), Ok(("a".into(), How::Stale)));
    assert_eq!(third.memo.revoke(Selector::Is(digest())).recorded, Some(Ok(())));
    for process in [&second, &third, &process(&store, &clock)] {
        assert_eq!(ask_while_down(process), Err(Missed::Failed(())));
    }

    let (store, clock) = left_behind(landing("a"));
    clock.set_back(1);
    assert_eq!(ask_while_down(&process(&store, &clock)), Err(Missed::Failed(())));
}

#[test]
fn what_was_found_not_to_hold_is_gone_for_every_process() {
    for known in [true, false] {
        let (store, clock) = left_behind(landing("a"));
        clock.pass(60);
        let second = process(&store, &clock);
        if known {
            assert_eq!(ask_while_down(&second), Ok(("a".into(), How::Stale)));
        }
        let rejected = second.memo.get_or_start(&Key(1), soon(), |flight| flight.land(Err(())));
        assert_eq!(rejected.unwrap_err(), Missed::Failed(()));
        assert!(store.0.lock().unwrap().records.is_empty(), "before anybody is told");
        assert_eq!(ask_while_down(&second), Err(Missed::Failed(())));
        assert_eq!(ask_while_down(&process(&store, &clock)), Err(Missed::Failed(())));
    }
}

#[test]
fn a_process_that_does_not_excuse_removes_what_does_not_hold_too() {
    let (store, clock) = left_behind(landing("a"));
    clock.pass(60);
    let strict = process_tuned(store.clone(), KEY, (&clock, Tuning::default()));
    let rejected = strict.memo.get_or_start(&Key(1), soon(), |flight| flight.land(Err(())));
    assert_eq!(rejected.unwrap_err(), Missed::Failed(()));
    assert_eq!(ask_while_down(&process(&store, &clock)), Err(Missed::Failed(())));
}
