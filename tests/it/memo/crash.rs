//! A process that writes its archive is killed at random points: what is left is whole, and the next one goes on with it.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use vidimus::memo::{EmbeddedStore, Flight, Label, Landing, Listed, Seal, Selector, Vault};

use super::clock::FakeClock;
use super::random::Random;
use super::stored::{Key, process, soon};

const SEALED_WITH: &[u8] = b"a key of thirty-two bytes or more";
const DIRECTORY: &str = "VIDIMUS_TEST_CRASH_DIRECTORY";
/// Made by a writer that begins to write.
const READY: &str = "ready";
const KILLS: u64 = 200;

/// What key `number` is found to be: some of it longer than a page.
fn text(number: u64) -> String {
    format!("{number} ").repeat(usize::try_from(number % 97 * 13).unwrap() + 1)
}

/// Runs only as a child of the test below, until it is killed.
#[test]
#[ignore = "the other half of a_writer_that_is_killed_leaves_nothing_unreadable"]
fn writer() {
    let Some(directory) = std::env::var_os(DIRECTORY).map(PathBuf::from) else { return };
    let child = process(EmbeddedStore::open(&directory).unwrap(), (SEALED_WITH, None), &FakeClock::new());
    std::fs::write(directory.join(READY), "").unwrap();
    let mut random = Random::new(u64::from(std::process::id()));
    loop {
        let number = random.below(300);
        let landing = || Landing { labels: vec![Label::new("number", number.to_string())], ..Landing::new(Arc::from(text(number))) };
        drop(child.memo.get_or_start(&Key(number), soon(), |flight: Flight<_, _, _>| flight.land(Ok(landing()))));
        if random.once_in(40) {
            let _ = child.memo.revoke(Selector::Is(Label::new("number", number.to_string())));
        }
    }
}

#[test]
fn a_writer_that_is_killed_leaves_nothing_unreadable() {
    let directory = tempfile::tempdir().unwrap();
    let mut random = Random::new(9);
    let mut most = 0;
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "memo::crash::writer", "--ignored"])
            .env(DIRECTORY, directory.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Every second one is killed while it starts, the others while they write.
        let patience = Instant::now() + Duration::from_secs(if kill % 2 == 0 { 0 } else { 10 });
        while Instant::now() < patience && !directory.path().join(READY).exists() {
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_micros(random.below(30_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        let _ = std::fs::remove_file(directory.path().join(READY));
        if kill % 10 == 9 {
            most = most.max(inspect(directory.path()));
        }
    }
    assert!(most > 20, "the writers wrote: {most}");
    assert!(!directory.path().join("memo.redb.damaged").exists());
}

/// Everything there is, unseals and is what it should be. Gives how many records there are.
fn inspect(directory: &std::path::Path) -> usize {
    let vault = Vault::new(EmbeddedStore::open(directory).unwrap(), Seal::new(SEALED_WITH), |warning| panic!("{warning}"));
    let listed = vault.list(std::time::SystemTime::now() + Duration::from_hours(1_000_000)).unwrap();
    for record in &listed {
        let (Listed::Good(_, record) | Listed::Revoked(_, record)) = record else { panic!("{record:?}") };
        let number: u64 = record.labels[0].value().parse().unwrap();
        assert_eq!(record.value, text(number).as_bytes());
    }
    listed.len()
}

#[test]
fn a_file_that_is_damaged_is_never_a_wrong_answer() {
    let directory = tempfile::tempdir().unwrap();
    let clock = FakeClock::new();
    let first = process(EmbeddedStore::open(directory.path()).unwrap(), (SEALED_WITH, None), &clock);
    for number in 0..50 {
        let flight = |flight: Flight<_, _, _>| flight.land(Ok(Landing::new(Arc::from(text(number)))));
        first.memo.get_or_start(&Key(number), soon(), flight).unwrap();
    }
    drop(first);
    let path = directory.path().join("memo.redb");
    let whole = std::fs::read(&path).unwrap();
    let mut random = Random::new(10);
    let (mut restored, mut asked) = (0, 0);
    for round in 0..60 {
        let mut damaged = whole.clone();
        let length = damaged.len() as u64;
        match round % 3 {
            0 => damaged.truncate(usize::try_from(random.below(length)).unwrap()),
            1 => (0..20).for_each(|_| damaged[usize::try_from(random.below(length)).unwrap()] ^= 1 << random.below(8)),
            _ => damaged[usize::try_from(random.below(length)).unwrap()] ^= 1 << random.below(8),
        }
        std::fs::write(&path, damaged).unwrap();
        let Ok(store) = EmbeddedStore::open(directory.path()) else { continue };
        let reader = process(store, (SEALED_WITH, None), &clock);
        for number in 0..50 {
            asked += 1;
            if let Ok(answer) = reader.memo.get_or_start(&Key(number), soon(), drop) {
                assert_eq!(**answer.value(), *text(number));
                restored += 1;
            }
        }
    }
    assert!(asked > 0 && restored < asked, "{restored} of {asked}");
}
