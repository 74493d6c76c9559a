//! Peer feature 5, first half: what cannot be found out anew may be served past its time, flagged, up to a ceiling.

use std::time::{Duration, Instant};

use vidimus::memo::{Bound, Flight, How, Label, Landing, Level, Memo, Missed, NotAfter, Selector, TimeToLive, Tuning};

use super::clock::FakeClock;

type Numbers = Memo<u8, u8, &'static str>;

fn setup(max_stale: u64) -> (Numbers, FakeClock) {
    let clock = FakeClock::new();
    let tuning = Tuning { max_stale: Duration::from_secs(max_stale), ..Tuning::default() };
    (Memo::tuned(&Bound { bytes: 1 << 20, weigh: |_, _| 2 }, tuning, clock.clone()), clock)
}

fn landing() -> Landing<u8> {
    let ttl = Some(TimeToLive { duration: Duration::from_mins(1), level: Level::Engine });
    Landing { ttl, labels: vec![Label::new("digest", "1")], ..Landing::new(7) }
}

fn find(memo: &Numbers, landing: Landing<u8>) {
    memo.get_or_start(&1, Instant::now(), |flight| flight.land(Ok(landing))).unwrap();
}

fn ask_while_down(memo: &Numbers, key: u8) -> Result<How, Missed<&'static str>> {
    memo.get_or_start(&key, Instant::now(), |flight| flight.unavailable("503")).map(|answer| answer.how)
}

#[test]
fn is_off_unless_it_is_asked_for() {
    let (memo, clock) = setup(0);
    find(&memo, landing());
    clock.pass(60);
    assert_eq!(ask_while_down(&memo, 1), Err(Missed::Failed("503")));
    assert_eq!(memo.stats().entries, 0, "what can never be served again is not kept");
}

#[test]
fn serves_what_was_proved_up_to_the_ceiling_and_says_so() {
    let (memo, clock) = setup(600);
    find(&memo, landing());
    assert_eq!(ask_while_down(&memo, 1), Ok(How::Hit));
    clock.pass(60);
    assert_eq!(ask_while_down(&memo, 1), Ok(How::Stale));
    clock.pass(599);
    assert_eq!(ask_while_down(&memo, 1), Ok(How::Stale));
    let stale = memo.get_or_start(&1, Instant::now(), drop).unwrap();
    assert_eq!((stale.how, stale.expiry().unwrap().at < clock.date_in(0)), (How::Stale, true));
    assert!(memo.get(&1).is_none(), "only in place of an answer that cannot be had");
    clock.pass(1);
    assert_eq!(ask_while_down(&memo, 1), Err(Missed::Failed("503")));
    assert_eq!(memo.stats().stale, 3);
    assert_eq!(ask_while_down(&memo, 2), Err(Missed::Failed("503")), "what was never proved is not served at all");
}

#[test]
fn a_caller_whose_time_is_up_gets_it_too() {
    let (memo, clock) = setup(600);
    find(&memo, landing());
    clock.pass(60);
    let mut held = None;
    let hang = |flight: Flight<_, _, _>| held = Some(flight);
    assert_eq!(memo.get_or_start(&1, Instant::now(), hang).unwrap().how, How::Stale);
    held.unwrap().land(Ok(landing()));
    assert_eq!(memo.get(&1).unwrap().how, How::Hit);
}

#[test]
fn an_answer_that_says_no_ends_it() {
    let (memo, clock) = setup(600);
    find(&memo, landing());
    clock.pass(60);
    let rejected = memo.get_or_start(&1, Instant::now(), |flight| flight.land(Err("rejected")));
    assert_eq!(rejected.unwrap_err(), Missed::Failed("rejected"));
    assert_eq!(ask_while_down(&memo, 1), Err(Missed::Failed("503")));
}

#[test]
fn a_revocation_ends_it() {
    let (memo, clock) = setup(600);
    find(&memo, landing());
    clock.pass(60);
    assert_eq!(ask_while_down(&memo, 1), Ok(How::Stale));
    assert_eq!(memo.revoke(Selector::Is(Label::new("digest", "1"))).entries, 1);
    assert_eq!(ask_while_down(&memo, 1), Err(Missed::Failed("503")));
}

#[test]
fn the_end_of_the_evidence_ends_it() {
    let (memo, clock) = setup(600);
    find(&memo, Landing { not_after: Some(NotAfter { at: clock.date_in(100), why: "certificate" }), ..landing() });
    clock.pass(99);
    assert_eq!(ask_while_down(&memo, 1), Ok(How::Stale));
    clock.set_back(50);
    clock.pass(1);
    assert_eq!(ask_while_down(&memo, 1), Err(Missed::Failed("503")));
}

#[test]
fn the_ceiling_has_a_ceiling() {
    let (memo, clock) = setup(7 * 24 * 3600);
    find(&memo, landing());
    clock.pass(24 * 3600 + 59);
    assert_eq!(ask_while_down(&memo, 1), Ok(How::Stale));
    clock.pass(1);
    assert_eq!(ask_while_down(&memo, 1), Err(Missed::Failed("503")));
}
