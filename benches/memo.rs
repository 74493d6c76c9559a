//! What the memo costs, beside `moka`'s `try_get_with` in the same run. Absolute times do not carry from machine to machine:
//! read the ratios.

use std::hint::black_box;
use std::io::{self, Write};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use vidimus::memo::{Bound, Landing, Level, Memo, Prepared, TimeToLive};

/// As large as a verdict's key is: a repository, a digest, a question, a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    repository: String,
    digest: String,
    signer: Vec<u8>,
}

type Value = Arc<[u8]>;
type Ours = Memo<Prepared<Key>, Value, String>;
type Plain = Memo<Key, Value, String>;
type Theirs = moka::sync::Cache<Key, Value>;

const BOUND: u64 = 64 << 20;
const KEYS: usize = 1 << 14;
const CALLS: usize = 100_000;

fn key(number: usize) -> Key {
    Key {
        repository: format!("registry.example.com/team-{}/component-{number}", number % 50),
        digest: format!("sha256:{number:064x}"),
        signer: vec![7; 91],
    }
}

fn deadline() -> Instant {
    Instant::now() + Duration::from_hours(1)
}

fn ours() -> Ours {
    Memo::new(&Bound { bytes: BOUND, weigh: |_, value| 300 + value.len() as u64 })
}

fn plain() -> Plain {
    Memo::new(&Bound { bytes: BOUND, weigh: |_, value| 300 + value.len() as u64 })
}

fn theirs() -> Theirs {
    let weigh = |_: &Key, value: &Value| 300 + u32::try_from(value.len()).unwrap_or(u32::MAX);
    moka::sync::Cache::builder().max_capacity(BOUND).weigher(weigh).build()
}

fn value() -> Value {
    Arc::from(vec![1; 1500])
}

fn landing(ttl: Option<TimeToLive>) -> Landing<Value> {
    Landing { ttl, ..Landing::new(value()) }
}

fn fill<K: Clone + Eq + std::hash::Hash + Send + Sync>(memo: &Memo<K, Value, String>, key: &K, ttl: Option<TimeToLive>) {
    drop(memo.get_or_start(key, deadline(), |flight| flight.land(Ok(landing(ttl)))));
}

fn get(memo: &Theirs, key: &Key) -> Option<Value> {
    memo.try_get_with_by_ref(key, || Ok::<_, String>(value())).ok()
}

/// Time of a call, for all threads together: the best of several rounds, so that a busy machine disturbs less.
fn time(threads: usize, work: impl Fn(usize, usize) + Sync) -> Duration {
    let rounds = (0..7).map(|_| {
        let start = Instant::now();
        thread::scope(|scope| {
            for thread in 0..threads {
                let work = &work;
                scope.spawn(move || {
                    for call in 0..CALLS / threads {
                        work(thread, call);
                    }
                });
            }
        });
        start.elapsed()
    });
    rounds.min().unwrap_or_default()
}

/// A few numbers often, many seldom: about Zipf's law, from a cheap mixed counter.
fn zipf(thread: usize, call: usize) -> usize {
    let mixed = (thread * 1_000_003 + call + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16;
    let most = 1 << (mixed % 15);
    (mixed >> 8) % most
}

/// Rows of `CALLS` calls each.
struct Table<W> {
    out: W,
}

impl<W: Write> Table<W> {
    fn row(&mut self, name: &str, (ours, theirs): (Duration, Duration)) -> io::Result<()> {
        let [ours, theirs] = [ours, theirs].map(|time| time.as_secs_f64() / 1e5 * 1e9);
        writeln!(self.out, "{name:<34} {ours:>9.0} ns {theirs:>9.0} ns {:>8.2}", theirs / ours)
    }
}

fn main() -> io::Result<()> {
    let mut table = Table { out: io::stdout().lock() };
    let keys: Vec<Key> = (0..KEYS).map(key).collect();
    let prepared: Vec<Prepared<Key>> = keys.iter().cloned().map(Prepared::new).collect();
    writeln!(table.out, "{:<34} {:>12} {:>12} {:>8}", "", "memo", "moka", "ratio")?;
    hits(&mut table, (&keys, &prepared))?;
    contended(&mut table, (&keys, &prepared))?;
    misses(&mut table, &keys)?;
    mixed(&mut table, (&keys, &prepared))
}

type Keys<'a> = (&'a [Key], &'a [Prepared<Key>]);

fn hits<W: Write>(table: &mut Table<W>, (keys, prepared): Keys<'_>) -> io::Result<()> {
    let (memo, unprepared, moka) = (ours(), plain(), theirs());
    let [one, two, ..] = prepared else { return Ok(()) };
    let [plain_one, ..] = keys else { return Ok(()) };
    fill(&memo, one, None);
    fill(&memo, two, Some(TimeToLive { duration: Duration::from_hours(1), level: Level::Engine }));
    fill(&unprepared, plain_one, None);
    let theirs = time(1, |_, _| drop(black_box(get(&moka, plain_one))));
    table.row("hit, prepared key", (time(1, |_, _| drop(black_box(memo.get(one)))), theirs))?;
    table.row("hit, prepared key, expiring", (time(1, |_, _| drop(black_box(memo.get(two)))), theirs))?;
    table.row("hit, key hashed anew", (time(1, |_, _| drop(black_box(unprepared.get(plain_one)))), theirs))?;
    let until = deadline();
    let asked = time(1, |_, _| drop(black_box(memo.get_or_start(one, until, drop))));
    table.row("hit through get_or_start", (asked, theirs))
}

fn contended<W: Write>(table: &mut Table<W>, (keys, prepared): Keys<'_>) -> io::Result<()> {
    let (memo, moka) = (ours(), theirs());
    for (key, prepared) in keys.iter().zip(prepared).take(64) {
        fill(&memo, prepared, None);
        get(&moka, key);
    }
    for threads in [1, 2, 32] {
        let same = |_: usize, _: usize| drop(black_box(prepared.first().and_then(|key| memo.get(key))));
        let same_moka = |_: usize, _: usize| drop(black_box(keys.first().and_then(|key| get(&moka, key))));
        table.row(&format!("hit, one key, {threads} threads"), (time(threads, same), time(threads, same_moka)))?;
        let spread = |thread: usize, call: usize| drop(black_box(prepared.get((thread * 7 + call) % 64).and_then(|key| memo.get(key))));
        let spread_moka = |thread: usize, call: usize| drop(black_box(keys.get((thread * 7 + call) % 64).and_then(|key| get(&moka, key))));
        table.row(&format!("hit, 64 keys, {threads} threads"), (time(threads, spread), time(threads, spread_moka)))?;
    }
    Ok(())
}

fn misses<W: Write>(table: &mut Table<W>, keys: &[Key]) -> io::Result<()> {
    // As many calls as elsewhere, over memos that are empty at first.
    let rounds = (0..3).map(|_| {
        let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..CALLS / 10_000 {
            let (memo, moka) = (plain(), self::theirs());
            let start = Instant::now();
            for key in keys.iter().take(10_000) {
                fill(&memo, key, None);
            }
            ours += start.elapsed();
            let start = Instant::now();
            for key in keys.iter().take(10_000) {
                get(&moka, key);
            }
            theirs += start.elapsed();
        }
        (ours, theirs)
    });
    table.row("miss (the work itself is free)", rounds.min().unwrap_or_default())
}

fn mixed<W: Write>(table: &mut Table<W>, (keys, prepared): Keys<'_>) -> io::Result<()> {
    for threads in [1, 2] {
        let (memo, moka) = (ours(), theirs());
        let until = deadline();
        let ask = |thread: usize, call: usize| {
            let key = prepared.get(zipf(thread, call));
            drop(black_box(key.map(|key| memo.get_or_start(key, until, |flight| flight.land(Ok(landing(None)))))));
        };
        let ask_moka = |thread: usize, call: usize| drop(black_box(keys.get(zipf(thread, call)).and_then(|key| get(&moka, key))));
        table.row(&format!("zipf over {KEYS} keys, {threads} threads"), (time(threads, ask), time(threads, ask_moka)))?;
    }
    Ok(())
}
