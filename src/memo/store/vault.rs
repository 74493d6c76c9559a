//! `Vault`: a store whose records are sealed, and judged before anybody sees them. It knows nothing of what they are about:
//! the `cache` commands work on it.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::record::{Record, RecordedRevocation, decode_revocation, encode_revocation};
use super::{Seal, Store, StoreError};
use crate::memo::encoding::KeyName;
use crate::memo::label::Selector;

/// A sealed store.
pub struct Vault {
    store: Box<dyn Store>,
    seal: Seal,
    warn: Box<dyn Fn(&Warning) + Send + Sync>,
    /// The revocations seen so far, ascending. One that does not unseal means everything: somebody meddled with it.
    revoked: Mutex<Vec<RecordedRevocation>>,
}

/// Something in a store that was not as it should be. It cost a miss, no more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Warning {
    /// The record was truncated, changed, moved or sealed with another key.
    #[error("the remembered verdict {0} does not unseal: it is not used")]
    Broken(KeyName),
    /// The record was revoked, and is there nevertheless.
    #[error("the remembered verdict {0} was revoked: it is not used")]
    Revoked(KeyName),
    /// The revocation of this number does not unseal.
    #[error("revocation {0} does not unseal: no verdict from before it is used")]
    BrokenRevocation(u64),
    /// The store does not answer.
    #[error(transparent)]
    Store(StoreError),
}

/// A record and whether it would be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// It holds, as far as can be said without its key.
    Good(KeyName, Record),
    /// It was revoked.
    Revoked(KeyName, Record),
    /// Its time is over.
    Expired(KeyName, Record),
    /// It does not unseal.
    Broken(KeyName),
}

impl Listed {
    /// The name of the record.
    #[must_use]
    pub fn name(&self) -> &KeyName {
        match self {
            Self::Good(name, _) | Self::Revoked(name, _) | Self::Expired(name, _) | Self::Broken(name) => name,
        }
    }

    /// The record, where it unseals.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Good(_, record) | Self::Revoked(_, record) | Self::Expired(_, record) => Some(record),
            Self::Broken(_) => None,
        }
    }
}

/// What is in the vault under a name.
pub(super) struct Fetched {
    pub(super) record: Option<Record>,
    /// The latest revocation's number.
    pub(super) generation: u64,
}

impl Vault {
    /// Seals what goes into the store and unseals what comes out; tells `warn` of what does not.
    pub fn new(store: impl Store + 'static, seal: Seal, warn: impl Fn(&Warning) + Send + Sync + 'static) -> Self {
        Self { store: Box::new(store), seal, warn: Box::new(warn), revoked: Mutex::default() }
    }

    /// Records a revocation, for all processes; gives its number. What it means is worthless from here on.
    ///
    /// # Errors
    /// [`StoreError`]: it is not recorded.
    pub fn revoke(&self, selector: &Selector, at: SystemTime) -> Result<u64, StoreError> {
        let content = encode_revocation(selector, at);
        self.store.revoke(&|number| self.seal.seal(&number.to_be_bytes(), &content))
    }

    /// Every revocation on record, in their order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn revocations(&self) -> Result<Vec<RecordedRevocation>, StoreError> {
        self.catch_up()?;
        Ok(self.revoked().clone())
    }

    /// Shows every record, judged at this date, and the bytes it takes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn each(&self, date: SystemTime, visit: &mut dyn FnMut(Listed, u64)) -> Result<(), StoreError> {
        self.catch_up()?;
        self.store.each(&mut |name, sealed| visit(self.judge(name, sealed, date), sealed.len() as u64))
    }

    /// Every record, judged at this date.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn list(&self, date: SystemTime) -> Result<Vec<Listed>, StoreError> {
        let mut listed = Vec::new();
        self.each(date, &mut |record, _| listed.push(record))?;
        Ok(listed)
    }

    /// The record of this name, judged at this date.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn look(&self, name: &KeyName, date: SystemTime) -> Result<Option<Listed>, StoreError> {
        let look = self.store.look(name, self.generation())?;
        self.note(look.revocations);
        Ok(look.record.map(|sealed| self.judge(*name, &sealed, date)))
    }

    /// Removes what would not be used at this date; gives how many these were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn prune(&self, date: SystemTime) -> Result<usize, StoreError> {
        self.remove_if(date, |listed| !matches!(listed, Listed::Good(..)))
    }

    /// Removes the records that `gone` says, judged at this date; gives how many these were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn remove_if(&self, date: SystemTime, gone: impl Fn(&Listed) -> bool) -> Result<usize, StoreError> {
        let mut names = Vec::new();
        self.each(date, &mut |listed, _| {
            if gone(&listed) {
                names.push(*listed.name());
            }
        })?;
        if !names.is_empty() {
            self.store.remove(&names)?;
        }
        Ok(names.len())
    }

    fn judge(&self, name: KeyName, sealed: &[u8], date: SystemTime) -> Listed {
        match self.open(&name, sealed) {
            None => Listed::Broken(name),
            Some(record) if self.is_revoked(&record) => Listed::Revoked(name, record),
            Some(record) if !record.holds_at(date) => Listed::Expired(name, record),
            Some(record) => Listed::Good(name, record),
        }
    }

    pub(super) fn fetch(&self, name: &KeyName) -> Fetched {
        let look = self.store.look(name, self.generation()).unwrap_or_else(|error| {
            self.warn(&Warning::Store(error));
            super::Look::default()
        });
        self.note(look.revocations);
        let record = look.record.and_then(|sealed| {
            let record = self.open(name, &sealed);
            match &record {
                None => self.warn(&Warning::Broken(*name)),
                Some(record) if self.is_revoked(record) => {
                    self.warn(&Warning::Revoked(*name));
                    return None;
                }
                Some(_) => {}
            }
            record
        });
        Fetched { record, generation: self.generation() }
    }

    pub(super) fn sealed(&self, name: &KeyName, record: &Record) -> Option<Vec<u8>> {
        Some(self.seal.seal(name.as_bytes(), &record.encode()?))
    }

    pub(super) fn write(&self, records: &[(KeyName, Vec<u8>)]) {
        if !records.is_empty() {
            self.told(self.store.put(records));
        }
    }

    pub(super) fn remove(&self, names: &[KeyName]) {
        if !names.is_empty() {
            self.told(self.store.remove(names));
        }
    }

    fn told(&self, done: Result<(), StoreError>) {
        if let Err(error) = done {
            self.warn(&Warning::Store(error));
        }
    }

    pub(super) fn warn(&self, warning: &Warning) {
        (self.warn)(warning);
    }

    /// The number of the latest revocation seen.
    pub(super) fn generation(&self) -> u64 {
        self.revoked().last().map_or(0, |latest| latest.number)
    }

    fn open(&self, name: &KeyName, sealed: &[u8]) -> Option<Record> {
        Record::decode(self.seal.unseal(name.as_bytes(), sealed)?)
    }

    fn is_revoked(&self, record: &Record) -> bool {
        let revoked = self.revoked();
        let mut later = revoked.iter().rev().take_while(|revocation| revocation.number > record.since);
        later.any(|revocation| revocation.selector.means(&record.labels))
    }

    /// Looks for revocations, of whichever process.
    pub(super) fn catch_up(&self) -> Result<(), StoreError> {
        let look = self.store.look(&KeyName::from_bytes([0; 32]), self.generation())?;
        self.note(look.revocations);
        Ok(())
    }

    /// The revocations seen so far that have a greater number.
    pub(super) fn since(&self, number: u64) -> Vec<(u64, Selector)> {
        let revoked = self.revoked();
        let later = revoked.iter().rev().take_while(|revocation| revocation.number > number);
        let mut later: Vec<_> = later.map(|revocation| (revocation.number, revocation.selector.clone())).collect();
        later.reverse();
        later
    }

    fn note(&self, revocations: Vec<(u64, Vec<u8>)>) {
        for (number, sealed) in revocations {
            let read = self.seal.unseal(&number.to_be_bytes(), &sealed).and_then(decode_revocation);
            let (selector, at) = read.map_or((Selector::All, None), |(selector, at)| (selector, Some(at)));
            let mut revoked = self.revoked();
            // Two threads may have looked at the same time.
            if revoked.last().is_some_and(|latest| latest.number >= number) {
                continue;
            }
            revoked.push(RecordedRevocation { number, selector, at });
            drop(revoked);
            if at.is_none() {
                self.warn(&Warning::BrokenRevocation(number));
            }
        }
    }

    fn revoked(&self) -> MutexGuard<'_, Vec<RecordedRevocation>> {
        self.revoked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Vault").field("store", &self.store).finish_non_exhaustive()
    }
}
