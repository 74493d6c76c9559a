//! `EmbeddedStore`: a store in one file of a directory (`redb`, which several processes may have open at once).

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::{
    Builder, ConcurrencyMode, Database, ReadableDatabase as _, ReadableTable as _, Table, TableDefinition, TableError, WriteTransaction,
};

use super::{Look, Store, StoreError, beginning};
use crate::memo::encoding::KeyName;

/// A record by its name, with its number in the order of writing.
const RECORDS: TableDefinition<'_, &[u8; 32], (u64, &[u8])> = TableDefinition::new("records 2");
/// The names in the order of writing.
const ORDER: TableDefinition<'_, u64, &[u8; 32]> = TableDefinition::new("order");
/// What all records weigh together.
const WEIGHT: TableDefinition<'_, (), u64> = TableDefinition::new("weight");
const REVOCATIONS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("revocations");
/// Verdicts are small and read once a process: the pages need not stay in memory.
const CACHE_BYTES: usize = 4 << 20;

/// What a record weighs beside its bytes: its name, twice, and its share of pages.
const OVERHEAD: u64 = 160;
/// The file is up to eight times as large as what lies in it: it doubles as it grows, pages are half full at worst, and what a
/// transaction writes and what it replaces are there together.
const SLACK: u64 = 8;

/// A store in one file.
#[derive(Debug)]
pub struct EmbeddedStore {
    database: Database,
    path: PathBuf,
    /// The most that all records may weigh together.
    most: u64,
    /// Where a damaged file was put that was here before.
    put_aside: Option<PathBuf>,
}

impl EmbeddedStore {
    /// The least bound of a file: 8 MiB. One that is empty has one already.
    pub const LEAST_BYTES: u64 = 8 << 20;
    /// The bound of a file where none is asked for: 256 MiB.
    pub const USUAL_BYTES: u64 = 256 << 20;

    /// Opens the store in a directory; makes both, for their owner alone, if they are not there. A file that is damaged is
    /// put aside, and a new one begun.
    ///
    /// # Errors
    /// [`StoreError`] where the directory cannot be used, or another program has the file.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        Self::bounded(directory, Self::USUAL_BYTES)
    }

    /// As [`EmbeddedStore::open`]; where the file would grow beyond `bytes` (at least [`EmbeddedStore::LEAST_BYTES`]), the
    /// oldest records go.
    ///
    /// # Errors
    /// As [`EmbeddedStore::open`].
    pub fn bounded(directory: &Path, bytes: u64) -> Result<Self, StoreError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
        made.map_err(|error| unusable(directory, &error))?;
        let path = directory.join(Self::FILE);
        if !path.exists() {
            begin(&path)?;
        }
        let (database, put_aside) = match open(&path) {
            Ok(database) => (database, None),
            Err(Opening::Damaged(_)) => {
                let aside = directory.join(format!("{}.damaged", Self::FILE));
                fs::rename(&path, &aside).map_err(|error| unusable(&path, &error))?;
                begin(&path)?;
                (open(&path).map_err(|error| unusable(&path, &error.reason()))?, Some(aside))
            }
            Err(Opening::Refused(reason)) => return Err(unusable(&path, &reason)),
        };
        Ok(Self { database, path, most: bytes.max(Self::LEAST_BYTES) / SLACK, put_aside })
    }

    /// The name of the file in its directory.
    pub const FILE: &str = "memo.redb";

    /// Where the damaged file was put that was in the way, if there was one.
    #[must_use]
    pub fn put_aside(&self) -> Option<&Path> {
        self.put_aside.as_deref()
    }

    fn put_together(&self, put: &[(KeyName, Vec<u8>)]) -> Result<(), StoreError> {
        self.guarded(|database| {
            let writing = database.begin_write()?;
            {
                let mut records = Records::of(&writing)?;
                for (name, sealed) in put {
                    records.put(name, sealed, self.most)?;
                }
                records.end()?;
            }
            Ok(writing.commit()?)
        })
    }

    /// Damage in the file can make `redb` panic: to us that is one more error.
    fn guarded<T>(&self, work: impl FnOnce(&Database) -> Result<T, redb::Error>) -> Result<T, StoreError> {
        match catch_unwind(AssertUnwindSafe(|| work(&self.database))) {
            Ok(result) => result.map_err(|error| unusable(&self.path, &error)),
            Err(_) => Err(unusable(&self.path, &"it is damaged")),
        }
    }
}

enum Opening {
    Damaged(String),
    Refused(String),
}

impl Opening {
    fn reason(self) -> String {
        match self {
            Self::Damaged(reason) | Self::Refused(reason) => reason,
        }
    }
}

impl From<io::Error> for Opening {
    fn from(error: io::Error) -> Self {
        Self::Refused(error.to_string())
    }
}

fn begin(path: &Path) -> Result<(), StoreError> {
    beginning::begin(path, |path| open(path).map(drop)).map_err(|error: Opening| unusable(path, &error.reason()))
}

fn open(path: &Path) -> Result<Database, Opening> {
    let attempt = catch_unwind(|| {
        let mut builder = Builder::new();
        builder.set_concurrency_mode(ConcurrencyMode::MultiWriter).set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true);
        let database = builder.create(path).map_err(|error| match error {
            redb::DatabaseError::Storage(redb::StorageError::Corrupted(reason)) => Opening::Damaged(reason),
            redb::DatabaseError::Storage(redb::StorageError::Io(error)) if error.kind() == std::io::ErrorKind::InvalidData => {
                Opening::Damaged(error.to_string())
            }
            other => Opening::Refused(other.to_string()),
        })?;
        Ok(database)
    });
    attempt.unwrap_or_else(|_| Err(Opening::Damaged("it cannot be read".to_owned())))
}

fn unusable(place: &Path, reason: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unusable { place: place.display().to_string(), reason: reason.to_string() }
}

/// A table that nobody has written to yet is an empty one.
fn present<T>(table: Result<T, TableError>) -> Result<Option<T>, redb::Error> {
    match table {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The tables of records, in one transaction.
struct Records<'a> {
    by_name: Table<'a, &'static [u8; 32], (u64, &'static [u8])>,
    order: Table<'a, u64, &'static [u8; 32]>,
    total: Table<'a, (), u64>,
    weight: u64,
}

impl<'a> Records<'a> {
    fn of(writing: &'a WriteTransaction) -> Result<Self, redb::Error> {
        let (by_name, order, total) = (writing.open_table(RECORDS)?, writing.open_table(ORDER)?, writing.open_table(WEIGHT)?);
        let weight = total.get(())?.map_or(0, |weight| weight.value());
        Ok(Self { by_name, order, total, weight })
    }

    /// Puts a record, and takes away the oldest for it if it must. What would not fit alone is not put.
    fn put(&mut self, name: &KeyName, sealed: &[u8], most: u64) -> Result<(), redb::Error> {
        self.remove(name.as_bytes())?;
        let weight = weigh(sealed);
        if weight > most {
            return Ok(());
        }
        while self.weight.saturating_add(weight) > most {
            let Some(oldest) = self.order.first()?.map(|(_, name)| *name.value()) else { break };
            self.remove(&oldest)?;
        }
        let number = self.order.last()?.map_or(0, |(number, _)| number.value()).saturating_add(1);
        self.by_name.insert(name.as_bytes(), (number, sealed))?;
        self.order.insert(number, name.as_bytes())?;
        self.weight = self.weight.saturating_add(weight);
        Ok(())
    }

    fn remove(&mut self, name: &[u8; 32]) -> Result<(), redb::Error> {
        let Some((number, weight)) = self.by_name.remove(name)?.map(|record| (record.value().0, weigh(record.value().1))) else {
            return Ok(());
        };
        self.order.remove(number)?;
        self.weight = self.weight.saturating_sub(weight);
        Ok(())
    }

    fn end(mut self) -> Result<(), redb::Error> {
        self.total.insert((), self.weight)?;
        Ok(())
    }
}

fn weigh(sealed: &[u8]) -> u64 {
    sealed.len() as u64 + OVERHEAD
}

impl Store for EmbeddedStore {
    fn look(&self, name: &KeyName, after: u64) -> Result<Look, StoreError> {
        self.guarded(|database| {
            let reading = database.begin_read()?;
            let mut look = Look::default();
            if let Some(records) = present(reading.open_table(RECORDS))? {
                look.record = records.get(name.as_bytes())?.map(|record| record.value().1.to_vec());
            }
            if let Some(revocations) = present(reading.open_table(REVOCATIONS))? {
                for entry in revocations.range(after.saturating_add(1)..)? {
                    let (number, sealed) = entry?;
                    look.revocations.push((number.value(), sealed.value().to_vec()));
                }
            }
            Ok(look)
        })
    }

    fn put(&self, put: &[(KeyName, Vec<u8>)]) -> Result<(), StoreError> {
        let mut left = put;
        while !left.is_empty() {
            // As much in one transaction as does not blow up the file.
            let mut room = self.most / 2;
            let together = left.iter().take_while(|(_, sealed)| {
                let fits = room > 0;
                room = room.saturating_sub(weigh(sealed));
                fits
            });
            let (now, later) = left.split_at_checked(together.count()).unwrap_or((left, &[]));
            self.put_together(now)?;
            left = later;
        }
        Ok(())
    }

    fn remove(&self, names: &[KeyName]) -> Result<(), StoreError> {
        self.guarded(|database| {
            let writing = database.begin_write()?;
            {
                let mut records = Records::of(&writing)?;
                for name in names {
                    records.remove(name.as_bytes())?;
                }
                records.end()?;
            }
            Ok(writing.commit()?)
        })
    }

    fn each(&self, visit: &mut dyn FnMut(KeyName, &[u8])) -> Result<(), StoreError> {
        self.guarded(|database| {
            let reading = database.begin_read()?;
            let Some(records) = present(reading.open_table(RECORDS))? else { return Ok(()) };
            for entry in records.iter()? {
                let (name, sealed) = entry?;
                visit(KeyName::from_bytes(*name.value()), sealed.value().1);
            }
            Ok(())
        })
    }

    fn revoke(&self, seal: &dyn Fn(u64) -> Vec<u8>) -> Result<u64, StoreError> {
        self.guarded(|database| {
            let writing = database.begin_write()?;
            let number = {
                let mut revocations = writing.open_table(REVOCATIONS)?;
                let number = revocations.last()?.map_or(0, |(number, _)| number.value()).saturating_add(1);
                revocations.insert(number, seal(number).as_slice())?;
                number
            };
            writing.commit()?;
            Ok(number)
        })
    }
}
