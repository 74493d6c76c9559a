//! Many callers, many keys, everything at once, by seed: two million operations in which what must never happen, never does.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use vidimus::memo::{Bound, Flight, Label, Landing, Memo, Missed, Selector};

use super::random::Random;

const KEYS: u64 = 10_000;
const CALLERS: u64 = 64;
const OPERATIONS: u64 = 32_000;
const BOUND: u64 = 3 << 20;

/// What a flight found, and the count at which it started.
#[derive(Debug)]
struct Found {
    key: u64,
    started: u64,
    padding: u64,
}

type Subject = Memo<u64, Arc<Found>, u64>;
type Airborne = Flight<u64, Arc<Found>, u64>;

struct World {
    memo: Subject,
    /// Counts everything that is ordered against revocations.
    count: AtomicU64,
    /// For each key, whether a flight is under way, and the count before the latest revocation that has returned.
    keys: Vec<(AtomicBool, AtomicU64)>,
    pilots: mpsc::Sender<(Airborne, Task)>,
}

/// What is to become of a flight.
struct Task {
    started: u64,
    end: End,
}

enum End {
    Success { padding: u64 },
    Failure,
    Dropped,
}

/// The keys are few enough for any machine.
fn slot(key: u64) -> usize {
    usize::try_from(key).unwrap()
}

fn group(key: u64) -> u64 {
    key / 50
}

/// Every twentieth key fails whenever it is asked for.
fn always_fails(key: u64) -> bool {
    key % 20 == 7
}

fn fly(world: &World, flight: Airborne, task: &Task) {
    let key = *flight.key();
    world.keys[slot(key)].0.store(false, Ordering::SeqCst);
    match task.end {
        End::Success { padding } => {
            let labels = vec![Label::new("key", key.to_string()), Label::new("group", format!("g/{}/{key}", group(key)))];
            flight.land(Ok(Landing { labels, ..Landing::new(Arc::new(Found { key, started: task.started, padding })) }));
        }
        End::Failure => flight.land(Err(key)),
        End::Dropped => drop(flight),
    }
}

impl World {
    fn start(&self, flight: Airborne, random: &mut Random) {
        let key = *flight.key();
        let two = self.keys[slot(key)].0.swap(true, Ordering::SeqCst);
        assert!(!two, "two flights for {key}");
        let started = self.count.fetch_add(1, Ordering::SeqCst);
        if random.once_in(4) {
            flight.tag(|_| vec![Label::new("key", key.to_string())]);
        }
        let end = match random.below(10) {
            _ if always_fails(key) => End::Failure,
            0 => End::Failure,
            1 => End::Dropped,
            _ => End::Success { padding: random.below(600) },
        };
        let task = Task { started, end };
        if random.once_in(3) {
            self.pilots.send((flight, task)).unwrap();
        } else {
            fly(self, flight, &task);
        }
    }

    fn ask(&self, random: &mut Random) {
        // Most questions are about a hundredth of the keys.
        let key = if random.once_in(5) { random.below(KEYS) } else { random.below(KEYS / 100) };
        let floor = self.keys[slot(key)].1.load(Ordering::SeqCst);
        let patience = Duration::from_micros(if random.once_in(3) { 0 } else { random.below(20_000) });
        match self.memo.get_or_start(&key, Instant::now() + patience, |flight| self.start(flight, random)) {
            Ok(answer) => {
                assert_eq!(answer.value().key, key);
                assert!(!always_fails(key), "a success for {key}, which there is not");
                assert!(answer.value().started >= floor, "{key} was found before it was revoked: {answer:?}, {floor}");
            }
            Err(Missed::Failed(of)) => assert_eq!(of, key),
            Err(_) => {}
        }
        if always_fails(key) {
            assert!(self.memo.get(&key).is_none(), "a failure was remembered");
        }
    }

    fn revoke(&self, random: &mut Random) {
        let key = random.below(KEYS);
        let before = self.count.fetch_add(1, Ordering::SeqCst);
        let revoked = if random.once_in(4) {
            let _ = self.memo.revoke(Selector::Within(Label::new("group", format!("g/{}", group(key)))));
            group(key) * 50..(group(key) + 1) * 50
        } else {
            let _ = self.memo.revoke(Selector::Is(Label::new("key", key.to_string())));
            key..key + 1
        };
        for key in revoked {
            self.keys[slot(key)].1.fetch_max(before, Ordering::SeqCst);
        }
    }
}

#[test]
fn ten_thousand_keys_and_sixty_four_callers() {
    let (send, receive) = mpsc::channel();
    let memo = Memo::new(&Bound { bytes: BOUND, weigh: |_, found: &Arc<Found>| 32 + found.padding });
    let keys = (0..KEYS).map(|_| (AtomicBool::new(false), AtomicU64::new(0))).collect();
    let world = World { memo, count: AtomicU64::new(1), keys, pilots: send };
    let (receive, done) = (Mutex::new(receive), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let next = receive.lock().unwrap().recv_timeout(Duration::from_millis(10));
                    if let Ok((flight, task)) = next {
                        fly(&world, flight, &task);
                    }
                }
            });
        }
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let stats = world.memo.stats();
                assert!(stats.bytes <= BOUND, "{stats:?}");
                thread::sleep(Duration::from_micros(200));
            }
        });
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let world = &world;
                scope.spawn(move || {
                    let mut random = Random::new(caller);
                    for _ in 0..OPERATIONS {
                        if random.once_in(500) { world.revoke(&mut random) } else { world.ask(&mut random) }
                    }
                })
            })
            .collect();
        let ends: Vec<_> = callers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        done.store(true, Ordering::Relaxed);
        assert!(ends.iter().all(Result::is_ok), "a caller panicked: its message is above");
    });
    let stats = world.memo.stats();
    // Otherwise the schedule did not meet what it is about.
    assert!(stats.hits > OPERATIONS && stats.misses > OPERATIONS && stats.coalesced > 100, "{stats:?}");
    assert!(stats.bytes <= BOUND && stats.entries > KEYS / 3, "{stats:?}");
}

#[test]
fn a_key_is_found_out_once_however_callers_race_for_it() {
    let memo: Memo<u64, Arc<str>, ()> = Memo::new(&Bound { bytes: 16 << 20, weigh: |_, _| 8 });
    let started = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for key in 0..5_000 {
                    let start = |flight: Flight<_, _, _>| {
                        started.fetch_add(1, Ordering::Relaxed);
                        flight.land(Ok(Landing::new(Arc::from("found"))));
                    };
                    memo.get_or_start(&key, Instant::now() + Duration::from_secs(30), start).unwrap();
                }
            });
        }
    });
    assert_eq!(started.load(Ordering::Relaxed), 5_000);
}
