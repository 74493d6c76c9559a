//! What the archive's tests share: a key and its codec, a store in memory that can be meddled with.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use vidimus::memo::{
    Archive, Bound, Codec, EncodeKey, Flight, How, KeyEncoding, KeyName, Label, Landing, Level, Look, Memo, Seal, Store, StoreError,
    TimeToLive, Tuning, Vault, Warning,
};

use super::clock::FakeClock;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key(pub(super) u64);

impl EncodeKey for Key {
    fn encode(&self, encoding: &mut KeyEncoding) {
        encoding.number(self.0);
    }
}

pub(super) type Texts = Memo<Key, Arc<str>, ()>;

/// Texts as they are; with a time to live as configured now.
pub(super) struct Plain(pub(super) Option<u64>);

impl Codec<Key, Arc<str>> for Plain {
    fn kind(&self) -> &'static str {
        "text"
    }

    fn encode(&self, value: &Arc<str>) -> Option<Vec<u8>> {
        Some(value.as_bytes().to_vec())
    }

    fn decode(&self, _key: &Key, bytes: &[u8]) -> Option<Arc<str>> {
        std::str::from_utf8(bytes).ok().map(Arc::from)
    }

    fn ttl(&self, _key: &Key) -> Option<TimeToLive> {
        self.0.map(|seconds| TimeToLive { duration: Duration::from_secs(seconds), level: Level::Repository })
    }

    fn evidence(&self, _name: &str) -> &'static str {
        "certificate"
    }
}

/// A store that the tests can meddle with.
#[derive(Debug, Clone, Default)]
pub(super) struct Meddled(pub(super) Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
pub(super) struct Inside {
    pub(super) records: HashMap<KeyName, Vec<u8>>,
    pub(super) revocations: BTreeMap<u64, Vec<u8>>,
    pub(super) broken: bool,
}

impl Meddled {
    pub(super) fn only(&self) -> (KeyName, Vec<u8>) {
        let inside = self.0.lock().unwrap();
        assert_eq!(inside.records.len(), 1);
        inside.records.iter().next().map(|(name, sealed)| (*name, sealed.clone())).unwrap()
    }

    pub(super) fn set(&self, name: KeyName, sealed: Vec<u8>) {
        self.0.lock().unwrap().records.insert(name, sealed);
    }

    fn working(&self) -> Result<(), StoreError> {
        let broken = self.0.lock().unwrap().broken;
        if broken { Err(StoreError::Unusable { place: "here".to_owned(), reason: "broken".to_owned() }) } else { Ok(()) }
    }
}

impl Store for Meddled {
    fn look(&self, name: &KeyName, after: u64) -> Result<Look, StoreError> {
        self.working()?;
        let inside = self.0.lock().unwrap();
        let revocations = inside.revocations.range(after + 1..).map(|(number, sealed)| (*number, sealed.clone())).collect();
        Ok(Look { record: inside.records.get(name).cloned(), revocations })
    }

    fn put(&self, records: &[(KeyName, Vec<u8>)]) -> Result<(), StoreError> {
        self.working()?;
        self.0.lock().unwrap().records.extend(records.iter().cloned());
        Ok(())
    }

    fn remove(&self, names: &[KeyName]) -> Result<(), StoreError> {
        self.working()?;
        self.0.lock().unwrap().records.retain(|name, _| !names.contains(name));
        Ok(())
    }

    fn each(&self, visit: &mut dyn FnMut(KeyName, &[u8])) -> Result<(), StoreError> {
        self.working()?;
        self.0.lock().unwrap().records.iter().for_each(|(name, sealed)| visit(*name, sealed));
        Ok(())
    }

    fn revoke(&self, seal: &dyn Fn(u64) -> Vec<u8>) -> Result<u64, StoreError> {
        self.working()?;
        let mut inside = self.0.lock().unwrap();
        let number = inside.revocations.keys().next_back().map_or(1, |latest| latest + 1);
        inside.revocations.insert(number, seal(number));
        Ok(number)
    }
}

pub(super) type Warnings = Arc<Mutex<Vec<Warning>>>;

/// A process of its own, as far as the memo can tell: nothing shared but the store and the clock.
pub(super) struct Process {
    pub(super) memo: Texts,
    pub(super) vault: Arc<Vault>,
    pub(super) warnings: Warnings,
}

pub(super) fn process(store: impl Store + 'static, (key, ttl): (&[u8], Option<u64>), clock: &FakeClock) -> Process {
    process_tuned(store, (key, ttl), (clock, Tuning::default()))
}

pub(super) fn process_tuned(
    store: impl Store + 'static,
    (key, ttl): (&[u8], Option<u64>),
    (clock, tuning): (&FakeClock, Tuning<Arc<str>>),
) -> Process {
    let warnings = Warnings::default();
    let heard = Arc::clone(&warnings);
    let vault = Arc::new(Vault::new(store, Seal::new(key), move |warning| heard.lock().unwrap().push(warning.clone())));
    let archive = Archive::new(Arc::clone(&vault), Plain(ttl)).unwrap();
    let bound = Bound { bytes: 1 << 20, weigh: |_: &Key, value: &Arc<str>| value.len() as u64 };
    Process { memo: Memo::archived(&bound, tuning, clock.clone(), archive), vault, warnings }
}

pub(super) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

pub(super) fn digest() -> Label {
    Label::new("digest", "sha256:1")
}

impl Process {
    /// Asks for key 1, and finds this if it has to.
    pub(super) fn ask(&self, found: &str) -> (String, How) {
        let start = |flight: Flight<_, _, _>| flight.land(Ok(landing(found)));
        let answer = self.memo.get_or_start(&Key(1), soon(), start).unwrap();
        assert!(self.memo.flush(soon()));
        (answer.value().to_string(), answer.how)
    }

    pub(super) fn warnings(&self) -> Vec<Warning> {
        std::mem::take(&mut *self.warnings.lock().unwrap())
    }
}

/// Lives for a minute.
pub(super) fn landing(found: &str) -> Landing<Arc<str>> {
    let ttl = Some(TimeToLive { duration: Duration::from_mins(1), level: Level::Engine });
    Landing { labels: vec![digest()], ttl, ..Landing::new(Arc::from(found)) }
}
