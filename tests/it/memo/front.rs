//! What threads keep close at hand of what they ask for often: gone with what it was copied from, and no reason to lose that.

use std::sync::{Arc, Weak, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use vidimus::memo::{Bound, How, Label, Landing, Memo, Selector};

type Texts = Memo<u32, Arc<str>, ()>;

fn memo(bytes: u64) -> Texts {
    Memo::new(&Bound { bytes, weigh: |_, value| value.len() as u64 })
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

fn fill(memo: &Texts, key: u32, text: &str) -> How {
    let label = Label::new("key", key.to_string());
    memo.get_or_start(&key, soon(), |flight| flight.land(Ok(Landing { labels: vec![label], ..Landing::new(text.into()) }))).unwrap().how
}

fn text(memo: &Texts, key: u32) -> Option<Arc<str>> {
    memo.get(&key).map(|answer| Arc::clone(answer.value()))
}

/// Often enough for it to be kept at hand, and seldom enough for it not to be looked for behind that again.
fn bring_near(memo: &Texts, key: u32) {
    for _ in 0..4 {
        assert!(memo.get(&key).is_some());
    }
}

/// Threads that have a key at hand look for it again after `change`: what each finds.
fn after(memo: &Texts, change: impl FnOnce()) -> Vec<Option<Arc<str>>> {
    let (near, is_near) = mpsc::channel();
    let gates: Vec<_> = (0..4).map(|_| mpsc::channel::<()>()).collect();
    thread::scope(|scope| {
        let (gates, waiting): (Vec<_>, Vec<_>) = gates.into_iter().unzip();
        let looking: Vec<_> = waiting
            .into_iter()
            .map(|gate| {
                let near = near.clone();
                scope.spawn(move || {
                    bring_near(memo, 1);
                    near.send(()).unwrap();
                    gate.recv().unwrap();
                    text(memo, 1)
                })
            })
            .collect();
        for _ in &looking {
            is_near.recv().unwrap();
        }
        change();
        for gate in &gates {
            gate.send(()).unwrap();
        }
        looking.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn a_revocation_reaches_what_threads_have_at_hand() {
    let memo = memo(1 << 20);
    fill(&memo, 1, "a");
    let found = after(&memo, || {
        assert_eq!(memo.revoke(Selector::Is(Label::new("key", "1"))).entries, 1);
    });
    assert_eq!(found, vec![None; 4]);
    assert_eq!(fill(&memo, 1, "b"), How::Fresh);
    assert_eq!(text(&memo, 1).as_deref(), Some("b"));
}

#[test]
fn what_is_found_anew_takes_the_place_of_what_threads_have_at_hand() {
    let memo = memo(1 << 20);
    fill(&memo, 1, "old");
    let found = after(&memo, || memo.renew(&1, |flight| flight.land(Ok(Landing::new("new".into())))));
    assert_eq!(found, vec![Some("new".into()); 4]);
}

#[test]
fn a_failure_takes_away_what_threads_have_at_hand() {
    let memo = memo(1 << 20);
    fill(&memo, 1, "held");
    assert_eq!(after(&memo, || memo.renew(&1, |flight| flight.land(Err(())))), vec![None; 4]);
}

#[test]
fn what_has_to_go_is_let_go_of_by_all() {
    let memo = memo(1 << 20);
    fill(&memo, 1, &"x".repeat(1_000));
    let kept: Weak<str> = Arc::downgrade(&text(&memo, 1).unwrap());
    let found = after(&memo, || {
        let large = "y".repeat(10_000);
        // Each is asked for more than once: they are no scan, and take the place of what is not.
        for key in (2..2_000).chain(2..2_000) {
            fill(&memo, key, &large);
            fill(&memo, key, &large);
            if memo.stats().entries < u64::from(key) / 2 && kept.upgrade().is_none() {
                break;
            }
        }
        assert!(kept.upgrade().is_none(), "it is in nobody's memory any more");
    });
    assert_eq!(found, vec![None; 4]);
}

#[test]
fn what_is_asked_for_all_the_time_stays_although_it_is_at_hand() {
    let memo = memo(1 << 20);
    fill(&memo, 0, &"x".repeat(1_000));
    bring_near(&memo, 0);
    for key in 1..20_000 {
        fill(&memo, key, &"y".repeat(1_000));
        assert!(memo.get(&0).is_some(), "washed out after {key} others");
    }
    let stats = memo.stats();
    assert!(stats.bytes <= 1 << 20 && stats.entries < 2_000, "the others went: {stats:?}");
    assert_eq!(stats.misses, 20_000);
}
