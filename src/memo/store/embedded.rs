//! `EmbeddedStore`: a store in one file of a directory (`redb`, which several processes may have open at once).

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::{Builder, ConcurrencyMode, Database, ReadableDatabase as _, ReadableTable as _, TableDefinition, TableError};

use super::{Look, Store, StoreError};
use crate::memo::encoding::KeyName;

const RECORDS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("records");
const REVOCATIONS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("revocations");
/// Verdicts are small and read once a process: the pages need not stay in memory.
const CACHE_BYTES: usize = 4 << 20;

/// A store in one file.
#[derive(Debug)]
pub struct EmbeddedStore {
    database: Database,
    path: PathBuf,
}

impl EmbeddedStore {
    /// Opens the store in a directory; makes both if they are not there. A file that is damaged is put aside, and a new one
    /// begun.
    ///
    /// # Errors
    /// [`StoreError`] where the directory cannot be used, or another program has the file.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(directory).map_err(|error| unusable(directory, &error))?;
        let path = directory.join("memo.redb");
        match open(&path) {
            Ok(database) => Ok(Self { database, path }),
            Err(Opening::Damaged(_)) => {
                let aside = directory.join("memo.redb.damaged");
                fs::rename(&path, &aside).map_err(|error| unusable(&path, &error))?;
                let database = open(&path).map_err(|error| unusable(&path, &error.reason()))?;
                Ok(Self { database, path })
            }
            Err(Opening::Refused(reason)) => Err(unusable(&path, &reason)),
        }
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

impl Store for EmbeddedStore {
    fn look(&self, name: &KeyName, after: u64) -> Result<Look, StoreError> {
        self.guarded(|database| {
            let reading = database.begin_read()?;
            let mut look = Look::default();
            if let Some(records) = present(reading.open_table(RECORDS))? {
                look.record = records.get(name.as_bytes())?.map(|sealed| sealed.value().to_vec());
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
        self.guarded(|database| {
            let writing = database.begin_write()?;
            {
                let mut records = writing.open_table(RECORDS)?;
                for (name, sealed) in put {
                    records.insert(name.as_bytes(), sealed.as_slice())?;
                }
            }
            Ok(writing.commit()?)
        })
    }

    fn remove(&self, names: &[KeyName]) -> Result<(), StoreError> {
        self.guarded(|database| {
            let writing = database.begin_write()?;
            {
                let mut records = writing.open_table(RECORDS)?;
                for name in names {
                    records.remove(name.as_bytes())?;
                }
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
                visit(KeyName::from_bytes(*name.value()), sealed.value());
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
