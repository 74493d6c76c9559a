//! What outlives a process, and what does not although somebody would like it to.

use std::time::Instant;

use vidimus::memo::{EmbeddedStore, Flight, How, Label, Landing, Level, Listed, Missed, NotAfter, Seal, SealError, Selector, Warning, Why};

use super::clock::FakeClock;
use super::random::Random;
use super::stored::{Key, Meddled, Process, digest, landing, process, soon};

const KEY: (&[u8], Option<u64>) = (b"a key of thirty-two bytes or more", None);

fn fresh(found: &str) -> (String, How) {
    (found.to_owned(), How::Fresh)
}

fn hit(found: &str) -> (String, How) {
    (found.to_owned(), How::Hit)
}

fn embedded(directory: &tempfile::TempDir) -> EmbeddedStore {
    EmbeddedStore::open(directory.path()).unwrap()
}

#[test]
fn a_later_process_gets_what_an_earlier_one_left_and_no_longer_than_it() {
    let (directory, clock) = (tempfile::tempdir().unwrap(), FakeClock::new());
    let first = process(embedded(&directory), KEY, &clock);
    assert_eq!(first.ask("a"), fresh("a"));
    let found_at = first.memo.get(&Key(1)).unwrap().verified_at();
    drop(first);
    clock.pass(40);
    let second = process(embedded(&directory), KEY, &clock);
    assert_eq!(second.ask("b"), hit("a"));
    let answer = second.memo.get(&Key(1)).unwrap();
    assert_eq!((answer.verified_at(), answer.expiry().unwrap().why), (found_at, Why::TimeToLive(Level::Engine)));
    let stats = second.memo.stats();
    assert_eq!((stats.misses, stats.restored), (0, 1));
    clock.pass(20);
    assert_eq!(second.ask("b"), fresh("b"));
    assert_eq!(process(embedded(&directory), KEY, &clock).ask("c"), hit("b"), "several at once");
    assert!(second.warnings().is_empty());
}

#[test]
fn neither_clock_nor_configuration_extends_what_was_written_down() {
    let (store, clock) = (Meddled::default(), FakeClock::new());
    let not_after = Some(NotAfter { at: clock.date_in(30), why: "certificate" });
    let flight = |flight: Flight<_, _, _>| flight.land(Ok(Landing { not_after, ..landing("a") }));
    let first = process(store.clone(), KEY, &clock);
    first.memo.get_or_start(&Key(1), soon(), flight).unwrap();
    assert!(first.memo.flush(soon()));
    let ask = |ttl| process(store.clone(), (KEY.0, ttl), &clock).memo.get_or_start(&Key(1), Instant::now(), drop);
    clock.pass(10);
    assert_eq!(ask(None).unwrap().expiry().unwrap().why, Why::Evidence("certificate"));
    assert_eq!(ask(Some(11)).unwrap().expiry().unwrap().why, Why::TimeToLive(Level::Repository));
    assert_eq!(ask(Some(3600)).unwrap().how, How::Hit);
    assert_eq!(ask(Some(10)).unwrap_err(), Missed::Abandoned, "a shorter time to live holds for what was written before");
    assert_eq!(ask(Some(0)).unwrap_err(), Missed::Abandoned);
    clock.set_back(11);
    assert_eq!(ask(None).unwrap_err(), Missed::Abandoned, "found in the future: the date was set back");
    clock.pass(31);
    assert_eq!(ask(Some(3600)).unwrap_err(), Missed::Abandoned);
}

#[test]
fn what_was_meddled_with_is_a_miss_with_a_warning() {
    let (store, clock) = (Meddled::default(), FakeClock::new());
    assert_eq!(process(store.clone(), KEY, &clock).ask("a"), fresh("a"));
    let (name, sealed) = store.only();
    let mut random = Random::new(6);
    let mut meddlings: Vec<Vec<u8>> = vec![Vec::new(), b"x".to_vec(), [sealed.clone(), b"x".to_vec()].concat()];
    meddlings.extend((0..sealed.len()).map(|length| sealed[..length].to_vec()));
    for at in 0..sealed.len() {
        let mut flipped = sealed.clone();
        flipped[at] ^= 1 << random.below(8);
        meddlings.push(flipped);
    }
    for meddled in meddlings {
        store.set(name, meddled);
        let reader = process(store.clone(), KEY, &clock);
        assert_eq!(reader.vault.list(clock.date_in(0)).unwrap(), [Listed::Broken(name)]);
        assert_eq!(reader.ask("b"), fresh("b"));
        assert_eq!(reader.warnings(), [Warning::Broken(name)]);
    }
    store.set(name, sealed);
    assert_eq!(process(store.clone(), KEY, &clock).ask("b"), hit("a"), "as it was, it is good");
    let stranger = process(store.clone(), (b"another key of thirty-two bytes..", None), &clock);
    assert_eq!(stranger.ask("b"), fresh("b"));
    assert_eq!(stranger.warnings(), [Warning::Broken(name)]);
}

#[test]
fn a_record_moved_to_another_key_is_a_miss_with_a_warning() {
    let (store, clock) = (Meddled::default(), FakeClock::new());
    let first = process(store.clone(), KEY, &clock);
    first.memo.get_or_start(&Key(2), soon(), |flight| flight.land(Ok(landing("for another")))).unwrap();
    assert!(first.memo.flush(soon()));
    let (other, sealed) = store.only();
    assert_eq!(first.ask("a"), fresh("a"));
    let names: Vec<_> = store.0.lock().unwrap().records.keys().copied().filter(|name| *name != other).collect();
    store.set(names[0], sealed);
    let reader = process(store.clone(), KEY, &clock);
    assert_eq!(reader.ask("b"), fresh("b"));
    assert_eq!(reader.warnings(), [Warning::Broken(names[0])]);
}

#[test]
fn what_is_put_back_after_a_revocation_is_a_miss_with_a_warning() {
    let (store, clock) = (Meddled::default(), FakeClock::new());
    let first = process(store.clone(), KEY, &clock);
    assert_eq!(first.ask("a"), fresh("a"));
    let (name, sealed) = store.only();
    let record = first.memo.revoke(Selector::Is(digest()));
    assert_eq!((record.entries, record.recorded), (1, Some(Ok(()))));
    assert_eq!(first.vault.list(clock.date_in(0)).unwrap(), [], "it is taken away");
    store.set(name, sealed);
    let second = process(store.clone(), KEY, &clock);
    assert!(matches!(&second.vault.list(clock.date_in(0)).unwrap()[..], [Listed::Revoked(..)]));
    assert_eq!(second.ask("b"), fresh("b"));
    assert_eq!(second.warnings(), [Warning::Revoked(name)]);
    assert_eq!(process(store.clone(), KEY, &clock).ask("c"), hit("b"), "what was found since is good");
}

#[test]
fn a_revocation_reaches_other_processes_and_what_is_under_way_there() {
    let (directory, clock) = (tempfile::tempdir().unwrap(), FakeClock::new());
    let [first, second] = [(), ()].map(|()| process(embedded(&directory), KEY, &clock));
    assert_eq!((first.ask("a"), second.ask("b")), (fresh("a"), hit("a")));
    let mut held = None;
    let _ = first.memo.get_or_start(&Key(2), Instant::now(), |flight| held = Some(flight));
    assert_eq!(second.memo.revoke(Selector::Is(digest())).entries, 1);
    first.memo.catch_up();
    assert!(first.memo.get(&Key(1)).is_none());
    held.take().unwrap().land(Ok(landing("too late")));
    assert!(first.memo.get(&Key(2)).is_none());
    assert_eq!(first.ask("c"), fresh("c"), "what begins after it is good");
    assert!(first.memo.get(&Key(1)).is_some());

    let _ = first.memo.get_or_start(&Key(3), Instant::now(), |flight| held = Some(flight));
    assert!(second.memo.revoke(Selector::All).recorded.unwrap().is_ok());
    held.unwrap().land(Ok(landing("not heard of it")));
    assert!(first.memo.flush(soon()));
    let third = process(embedded(&directory), KEY, &clock);
    assert_eq!(third.memo.get_or_start(&Key(3), Instant::now(), drop).unwrap_err(), Missed::Abandoned);
    assert_eq!(third.warnings().len(), 1);
}

#[test]
fn a_revocation_that_was_meddled_with_revokes_everything_before_it() {
    let (store, clock) = (Meddled::default(), FakeClock::new());
    let first = process(store.clone(), KEY, &clock);
    assert_eq!(first.ask("a"), fresh("a"));
    let _ = first.memo.revoke(Selector::Is(Label::new("digest", "another")));
    assert_eq!(process(store.clone(), KEY, &clock).ask("b"), hit("a"));
    store.0.lock().unwrap().revocations.get_mut(&1).unwrap()[40] ^= 1;
    let second = process(store.clone(), KEY, &clock);
    assert_eq!(second.ask("b"), fresh("b"));
    assert_eq!(second.warnings()[0], Warning::BrokenRevocation(1));
}

#[test]
fn a_store_that_does_not_work_costs_misses_and_warnings_only() {
    let (store, clock) = (Meddled::default(), FakeClock::new());
    store.0.lock().unwrap().broken = true;
    let alone: Process = process(store, KEY, &clock);
    assert_eq!(alone.ask("a"), fresh("a"));
    assert_eq!(alone.ask("b"), hit("a"), "it is remembered in memory");
    assert!(alone.warnings().iter().all(|warning| matches!(warning, Warning::Store(_))));
    let record = alone.memo.revoke(Selector::Is(digest()));
    assert!(record.entries == 1 && record.recorded.unwrap().is_err(), "and revoked in memory, which the record says");
    assert_eq!(alone.ask("c"), fresh("c"));
}

#[test]
fn what_is_useless_can_be_listed_and_pruned() {
    let (store, clock) = (Meddled::default(), FakeClock::new());
    let first = process(store.clone(), KEY, &clock);
    assert_eq!(first.ask("a"), fresh("a"));
    let listed = first.vault.list(clock.date_in(59)).unwrap();
    let [Listed::Good(_, record)] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!((record.labels.as_slice(), record.value.as_slice()), (&[digest()][..], &b"a"[..]));
    assert_eq!(first.vault.prune(clock.date_in(59)).unwrap(), 0);
    assert!(matches!(&first.vault.list(clock.date_in(60)).unwrap()[..], [Listed::Expired(..)]));
    assert_eq!(first.vault.prune(clock.date_in(60)).unwrap(), 1);
    assert_eq!(first.vault.list(clock.date_in(0)).unwrap(), []);
}

#[test]
fn the_key_file_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| Seal::from_file(&path).unwrap());
        }
    });
    let key = std::fs::read(&path).unwrap();
    assert_eq!((key.len(), std::fs::read_dir(directory.path()).unwrap().count()), (32, 1), "one key, nothing left aside");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    Seal::from_file(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), key);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(Seal::from_file(&path), Err(SealError::Open { mode: 0o640, .. })));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&path, &key[1..]).unwrap();
    assert!(matches!(Seal::from_file(&path), Err(SealError::Length { .. })));
}
