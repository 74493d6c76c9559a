//! Bundles as archives: the regular files of a tar archive compressed by gzip. Links and devices are passed over, as by OPA.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use tar::EntryType;

use super::error::BundleError;
use super::file::{self, BundleFile, Gathered, MAX_TOTAL};
use super::pattern::{FilePattern, ignored};

pub(super) fn files(archive: impl Read, ignore: &[FilePattern]) -> Result<Vec<BundleFile>, BundleError> {
    let mut archive = tar::Archive::new(Bounded { inner: MultiGzDecoder::new(archive), left: MAX_TOTAL });
    let mut gathered = Gathered::default();
    for entry in archive.entries().map_err(file::unreadable)? {
        let entry = entry.map_err(file::unreadable)?;
        gathered.entry()?;
        if entry.header().entry_type() != EntryType::Regular {
            continue;
        }
        let name = entry.path_bytes().into_owned();
        let path = file::path(&name)?;
        if !ignored(&path, ignore) {
            gathered.read(String::from_utf8_lossy(&name).into_owned(), path, entry)?;
        }
    }
    Ok(gathered.into_files())
}

/// A reader that ends with an error where its bytes run out.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let beyond = || io::Error::other(BundleError::TooLarge { what: "bytes unfolded", limit: MAX_TOTAL });
        self.left = self.left.checked_sub(read as u64).ok_or_else(beyond)?;
        Ok(read)
    }
}
