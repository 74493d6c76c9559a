//! `Seal`: makes a record that somebody else wrote, changed or moved worthless. HMAC-SHA-256 over what the record is, what it
//! is called and what it says.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use aws_lc_rs::{hmac, rand};

const KEY_LENGTH: usize = 32;
const TAG_LENGTH: usize = 32;
/// The layout of what is sealed. A record of another version does not unseal.
const VERSION: &[u8] = b"vidimus memo record 1";

/// A key that seals and unseals.
pub struct Seal {
    key: hmac::Key,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The key's file cannot be read or made.
    #[error("the key file `{path}` cannot be used")]
    Unusable {
        /// The file.
        path: String,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// Others could have read the key, or changed it.
    #[error("the key file `{path}` is open to others (mode {mode:03o}): it must be 600")]
    Open {
        /// The file.
        path: String,
        /// Its mode.
        mode: u32,
    },
    /// It is not a key.
    #[error("the key file `{path}` must hold at least {KEY_LENGTH} bytes and at most 4096")]
    Length {
        /// The file.
        path: String,
    },
}

impl Seal {
    /// Seals with this key, which nobody else may know.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key) }
    }

    /// Seals with the key in a file; makes the file, readable by its owner alone, if there is none.
    ///
    /// # Errors
    /// [`SealError`]: an existing file that others can read or write is refused.
    pub fn from_file(path: &Path) -> Result<Self, SealError> {
        let unusable = |source| SealError::Unusable { path: path.display().to_string(), source };
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(path).and_then(|()| File::open(path)).map_err(unusable)?,
            other => other.map_err(unusable)?,
        };
        let mode = file.metadata().map_err(unusable)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(SealError::Open { path: path.display().to_string(), mode });
        }
        let mut key = Vec::new();
        file.take(4097).read_to_end(&mut key).map_err(unusable)?;
        if !(KEY_LENGTH..=4096).contains(&key.len()) {
            return Err(SealError::Length { path: path.display().to_string() });
        }
        Ok(Self::new(&key))
    }

    /// The content with its seal, good for this place only.
    pub(super) fn seal(&self, place: &[u8], content: &[u8]) -> Vec<u8> {
        let mut sealed = self.tag(place, content).as_ref().to_vec();
        sealed.extend_from_slice(content);
        sealed
    }

    /// The content, if it was sealed with this key for this place.
    pub(super) fn unseal<'a>(&self, place: &[u8], sealed: &'a [u8]) -> Option<&'a [u8]> {
        let (tag, content) = sealed.split_at_checked(TAG_LENGTH)?;
        hmac::verify(&self.key, &preimage(place, content), tag).ok()?;
        Some(content)
    }

    fn tag(&self, place: &[u8], content: &[u8]) -> hmac::Tag {
        hmac::sign(&self.key, &preimage(place, content))
    }
}

fn preimage(place: &[u8], content: &[u8]) -> Vec<u8> {
    let mut writer = super::frame::Writer::default();
    writer.bytes(VERSION).bytes(place).bytes(content);
    writer.0
}

/// Makes a key file. Written aside and then linked to its name, so that nobody reads half a key; if somebody else was
/// quicker, theirs is the key.
fn make(path: &Path) -> io::Result<()> {
    let mut key = [0; KEY_LENGTH];
    let mut suffix = [0; 8];
    let drawn = rand::fill(&mut key).and_then(|()| rand::fill(&mut suffix));
    drawn.map_err(|_| io::Error::other("no random numbers"))?;
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".{:016x}", u64::from_be_bytes(suffix)));
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside).and_then(|mut file| {
        file.write_all(&key)?;
        file.sync_all()
    });
    let linked = written.and_then(|()| match fs::hard_link(&aside, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    let removed = fs::remove_file(&aside);
    linked.and(removed)
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Seal").finish_non_exhaustive()
    }
}
