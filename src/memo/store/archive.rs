//! `Archive`: what a memo remembers beyond its process. Writes behind the memo's back, a batch at a time; a crash loses at most
//! the last ones.

use std::collections::HashMap;
use std::fmt;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use super::record::{Record, RecordExpiry};
use super::vault::{Listed, Vault};
use super::{StoreError, Warning};
use crate::memo::encoding::{EncodeKey, KeyEncoding, KeyName};
use crate::memo::expiry::{Moment, Span};
use crate::memo::label::{Label, Selector};
use crate::memo::ttl::{Level, TimeToLive};

/// How many records may wait to be written. What comes on top is not written down: it is remembered in memory all the same.
const QUEUE: usize = 1024;
const BATCH: usize = 256;
/// Most bytes of a batch, the last record aside.
const BATCH_BYTES: usize = 4 << 20;

/// How long who has found that a key does not hold waits for its record to be gone, before anybody is told.
const DISCARDING: Duration = Duration::from_secs(5);

/// How keys and values of a memo are written down.
pub trait Codec<K, V>: Send + Sync {
    /// Of what kind they are, layout included: records of another kind are never found.
    fn kind(&self) -> &str;

    /// A value as bytes; `None`: it is not to be written down.
    fn encode(&self, value: &V) -> Option<Vec<u8>>;

    /// The value that these bytes are, for this key; `None`: they are none.
    fn decode(&self, key: &K, bytes: &[u8]) -> Option<V>;

    /// The time to live of this key as it is configured now; a record lives by the shorter of this and its own.
    fn ttl(&self, key: &K) -> Option<TimeToLive>;

    /// The name of an evidence that ends, as the program writes it.
    fn evidence(&self, name: &str) -> &'static str;
}

/// A memo's memory in a store.
pub struct Archive<K, V> {
    vault: Arc<Vault>,
    codec: Box<dyn Codec<K, V>>,
    queue: Option<SyncSender<Order>>,
    writer: Option<JoinHandle<()>>,
    /// The latest revocation that the memo was told of: the vault may have seen later ones in somebody else's service.
    heard: Mutex<u64>,
}

enum Order {
    /// What the record of this name is from now on; none if there is nothing.
    Write(KeyName, Option<Vec<u8>>),
    /// Say so when all before it is written.
    Tell(SyncSender<()>),
}

/// An archive as the memo sees it, whose keys need no encoding of their own.
pub(in crate::memo) trait Shelf<K, V>: Send + Sync {
    /// What is on record of the key, past its time or not.
    fn load(&self, key: &K, now: Moment) -> Loaded<V>;
    /// The number of the latest revocation, and what was revoked since somebody last looked.
    fn news(&self) -> (u64, Vec<Selector>);
    fn save(&self, key: &K, kept: &Kept<V>, since: u64);
    /// Removes what is on record of a key that was found not to hold.
    fn discard(&self, key: &K);
    /// Puts a revocation on record; gives what others had revoked meanwhile.
    fn revoke(&self, selector: &Selector, at: SystemTime) -> Result<Vec<Selector>, StoreError>;
    /// Removes what a revocation on record means: it is of no use to anybody.
    fn purge(&self, selector: &Selector);
    fn flush(&self, deadline: Instant) -> bool;
}

/// A success that is remembered.
pub(in crate::memo) struct Kept<V> {
    pub(in crate::memo) value: V,
    pub(in crate::memo) labels: Vec<Label>,
    pub(in crate::memo) span: Span,
    /// Held until it is in the archive's hands.
    pub(in crate::memo) _saving: Option<Saving>,
}

/// How many successes have landed and are not yet in the archive's hands.
#[derive(Debug, Clone, Default)]
pub(in crate::memo) struct Unsaved(Arc<(Mutex<usize>, Condvar)>);

/// One of them, until it is dropped.
#[derive(Debug)]
pub(in crate::memo) struct Saving(Unsaved);

impl Unsaved {
    pub(in crate::memo) fn begin(&self) -> Saving {
        *self.count() += 1;
        Saving(self.clone())
    }

    /// Waits until there are none; false if that takes beyond the deadline.
    pub(in crate::memo) fn wait(&self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let (_, changed) = &*self.0;
        let waited = changed.wait_timeout_while(self.count(), left, |count| *count > 0);
        let (count, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *count == 0
    }

    fn count(&self) -> MutexGuard<'_, usize> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Saving {
    fn drop(&mut self) {
        *self.0.count() -= 1;
        self.0.0.1.notify_all();
    }
}

/// What an archive says of a key.
pub(in crate::memo) struct Loaded<V> {
    pub(in crate::memo) kept: Option<Kept<V>>,
    pub(in crate::memo) news: Vec<Selector>,
    pub(in crate::memo) generation: u64,
}

impl<K, V> Archive<K, V> {
    /// An archive in this vault.
    ///
    /// # Errors
    /// [`std::io::Error`] where the thread that writes cannot be started.
    pub fn new(vault: Arc<Vault>, codec: impl Codec<K, V> + 'static) -> Result<Self, std::io::Error> {
        let (queue, orders) = sync_channel(QUEUE);
        let writing = Arc::clone(&vault);
        let writer = thread::Builder::new().name("memo writer".to_owned()).spawn(move || write(&writing, &orders))?;
        let heard = Mutex::new(vault.generation());
        Ok(Self { vault, codec: Box::new(codec), queue: Some(queue), writer: Some(writer), heard })
    }

    /// What was revoked since somebody last asked, but for this one's own.
    fn unheard(&self, own: Option<u64>) -> Vec<Selector> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let news = self.vault.since(*heard);
        *heard = news.last().map_or(*heard, |(number, _)| *number);
        news.into_iter().filter(|(number, _)| Some(*number) != own).map(|(_, selector)| selector).collect()
    }

    fn span(&self, key: &K, (record, now): (&Record, Moment)) -> Option<Span> {
        let written = match &record.ttl {
            Some(end) => Some((end.at, Level::ALL.into_iter().find(|level| level.word() == end.why)?)),
            None => None,
        };
        let configured = self.codec.ttl(key).and_then(|ttl| Some((record.found_at.checked_add(ttl.duration)?, ttl.level)));
        let ttl = [written, configured].into_iter().flatten().min_by_key(|(at, _)| *at);
        let evidence = record.evidence.as_ref().map(|end| (end.at, self.codec.evidence(&end.why)));
        Some(Span::restored(now, record.found_at, (ttl, evidence)))
    }
}

impl<K: EncodeKey, V> Archive<K, V> {
    fn name(&self, key: &K) -> KeyName {
        let mut encoding = KeyEncoding::new(self.codec.kind());
        key.encode(&mut encoding);
        encoding.name()
    }

    fn restored(&self, key: &K, (record, now): (&Record, Moment)) -> Option<Kept<V>> {
        let span = self.span(key, (record, now))?;
        Some(Kept { value: self.codec.decode(key, &record.value)?, labels: record.labels.clone(), span, _saving: None })
    }
}

impl<K, V> Shelf<K, V> for Archive<K, V>
where
    K: EncodeKey + Send + Sync,
    V: Send + Sync,
{
    fn load(&self, key: &K, now: Moment) -> Loaded<V> {
        let name = self.name(key);
        let fetched = self.vault.fetch(&name);
        // Found in the future: the date was set back, and nobody knows how old it is.
        let record = fetched.record.filter(|record| record.found_at <= now.date);
        let kept = record.and_then(|record| {
            let kept = self.restored(key, (&record, now));
            if kept.is_none() {
                self.vault.warn(&Warning::Broken(name));
            }
            kept
        });
        Loaded { kept, news: self.unheard(None), generation: fetched.generation }
    }

    fn news(&self) -> (u64, Vec<Selector>) {
        if let Err(error) = self.vault.catch_up() {
            self.vault.warn(&Warning::Store(error));
        }
        (self.vault.generation(), self.unheard(None))
    }

    fn save(&self, key: &K, kept: &Kept<V>, since: u64) {
        let (ttl, evidence) = kept.span.ends();
        let end = |(at, why): (SystemTime, &str)| RecordExpiry { at, why: why.to_owned() };
        let record = self.codec.encode(&kept.value).map(|value| Record {
            since,
            found_at: kept.span.found_at(),
            ttl: ttl.map(|(at, level)| end((at, level.word()))),
            evidence: evidence.map(end),
            labels: kept.labels.clone(),
            value,
        });
        let name = self.name(key);
        let Some(sealed) = record.and_then(|record| self.vault.sealed(&name, &record)) else { return };
        if let Some(queue) = &self.queue {
            // A full queue is a disk that does not keep up: what is not written is found out anew some day.
            let _: Result<(), TrySendError<Order>> = queue.try_send(Order::Write(name, Some(sealed)));
        }
    }

    fn discard(&self, key: &K) {
        // Through the queue, since a record of the key may yet be in it. Without a writer nothing is written.
        let sent = self.queue.as_ref().is_some_and(|queue| queue.send(Order::Write(self.name(key), None)).is_ok());
        if sent {
            self.flush(Instant::now() + DISCARDING);
        }
    }

    fn revoke(&self, selector: &Selector, at: SystemTime) -> Result<Vec<Selector>, StoreError> {
        let own = self.vault.revoke(selector, at)?;
        self.vault.catch_up()?;
        Ok(self.unheard(Some(own)))
    }

    fn purge(&self, selector: &Selector) {
        // Judged at no date in particular: the revocation alone decides.
        let purged = self.vault.remove_if(SystemTime::UNIX_EPOCH, |listed| match listed {
            Listed::Revoked(_, record) => selector.means(&record.labels),
            _ => false,
        });
        if let Err(error) = purged {
            self.vault.warn(&Warning::Store(error));
        }
    }

    fn flush(&self, deadline: Instant) -> bool {
        let (tell, told) = sync_channel(1);
        let sent = self.queue.as_ref().is_some_and(|queue| queue.send(Order::Tell(tell)).is_ok());
        let left = deadline.saturating_duration_since(Instant::now());
        sent && !matches!(told.recv_timeout(left), Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected))
    }
}

/// Writes what comes, as much at a time as has come.
fn write(vault: &Vault, orders: &Receiver<Order>) {
    while let Ok(first) = orders.recv() {
        let (mut records, mut waiting, mut bytes) = (HashMap::new(), Vec::new(), 0);
        for order in std::iter::once(first).chain(orders.try_iter().take(BATCH)) {
            match order {
                Order::Write(name, sealed) => {
                    bytes += sealed.as_ref().map_or(0, Vec::len);
                    // The last word counts.
                    records.insert(name, sealed);
                }
                Order::Tell(who) => waiting.push(who),
            }
            if bytes > BATCH_BYTES {
                break;
            }
        }
        let (written, removed): (Vec<_>, Vec<_>) = records.into_iter().partition(|(_, sealed)| sealed.is_some());
        vault.write(&written.into_iter().filter_map(|(name, sealed)| Some((name, sealed?))).collect::<Vec<_>>());
        vault.remove(&removed.into_iter().map(|(name, _)| name).collect::<Vec<_>>());
        for who in waiting {
            // Who has given up waiting needs no answer.
            let _ = who.send(());
        }
    }
}

impl<K, V> Drop for Archive<K, V> {
    /// Waits until all is written.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has written what it could.
            let _ = writer.join();
        }
    }
}

impl<K, V> fmt::Debug for Archive<K, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Archive").field("vault", &self.vault).finish_non_exhaustive()
    }
}
