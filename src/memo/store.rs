//! `Store`: where sealed records outlive a process. It is not trusted: whatever it gives is unsealed and judged first, and what
//! does not hold is a miss.
//!
//! `Archive` (a memo's memory on disk) -> `Vault` (seals, unseals, judges) -> `Store` (bytes by name).

mod archive;
mod beginning;
mod embedded;
mod frame;
mod record;
mod seal;
mod vault;

use std::fmt;

pub use archive::{Archive, Codec};
pub use embedded::EmbeddedStore;
pub use record::{Record, RecordExpiry, RecordedRevocation};
pub use seal::{Seal, SealError};
pub use vault::{Listed, Vault, Warning};

pub(super) use archive::{Kept, Shelf, Unsaved};

use super::encoding::KeyName;

/// Bytes by name, and an append-only list of revocations. Shared by several processes; sealed by who uses it.
pub trait Store: Send + Sync + fmt::Debug {
    /// At one moment: the record of this name, and the revocations after that number.
    ///
    /// # Errors
    /// [`StoreError`].
    fn look(&self, name: &KeyName, after: u64) -> Result<Look, StoreError>;

    /// Writes records; a crash leaves each as it was before or as it is given.
    ///
    /// # Errors
    /// [`StoreError`].
    fn put(&self, records: &[(KeyName, Vec<u8>)]) -> Result<(), StoreError>;

    /// Removes records.
    ///
    /// # Errors
    /// [`StoreError`].
    fn remove(&self, names: &[KeyName]) -> Result<(), StoreError>;

    /// Shows every record.
    ///
    /// # Errors
    /// [`StoreError`].
    fn each(&self, visit: &mut dyn FnMut(KeyName, &[u8])) -> Result<(), StoreError>;

    /// Appends a revocation, sealed for the number that it gets; gives the number. It is on disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`].
    fn revoke(&self, seal: &dyn Fn(u64) -> Vec<u8>) -> Result<u64, StoreError>;
}

/// What a store showed at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// The record, sealed.
    pub record: Option<Vec<u8>>,
    /// The revocations with their numbers, ascending, sealed.
    pub revocations: Vec<(u64, Vec<u8>)>,
}

/// Why a store does not answer. Never more than a miss to who asks the memo.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It cannot be read or written.
    #[error("the store at `{place}` cannot be used: {reason}")]
    Unusable {
        /// Where it is.
        place: String,
        /// What went wrong.
        reason: String,
    },
}
