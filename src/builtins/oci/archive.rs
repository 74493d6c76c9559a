//! Tar archives, compressed or not, read within bounds: a layer may be a bomb.

use std::io::{self, Read};
use std::time::Instant;

use flate2::read::MultiGzDecoder;

use super::zstd::Frames;

/// Most bytes that one archive may unfold to.
const MAX_UNFOLDED: u64 = 2 << 30;
/// Most bytes of one entry that is read; larger ones are passed over (conforma's `maxTarEntrySize`).
const MAX_ENTRY: u64 = 500 << 20;
/// Most bytes of content that one walk keeps.
const MAX_KEPT: u64 = 512 << 20;
/// Most entries of one archive.
const MAX_ENTRIES: usize = 1_000_000;

/// One entry of an archive.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its name as written.
    pub(super) name: String,
    /// Whether it is a directory.
    pub(super) directory: bool,
}

/// Whether content is compressed in a way that upstream unfolds (gzip, zstd).
pub(super) fn is_compressed(content: &[u8]) -> bool {
    is_gzip(content) || is_zstd(content)
}

fn is_zstd(content: &[u8]) -> bool {
    content.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
}

fn is_gzip(content: &[u8]) -> bool {
    content.starts_with(&[0x1f, 0x8b])
}

/// Which compressed archives are read: upstream unfolds zstd only where it flattens an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compressed {
    Gzip,
    GzipOrZstd,
}

/// The archive itself, whatever compresses it.
fn unfold(content: &[u8], compressed: Compressed) -> Box<dyn Read + '_> {
    if is_gzip(content) {
        Box::new(MultiGzDecoder::new(content))
    } else if is_zstd(content) && compressed == Compressed::GzipOrZstd {
        Box::new(Frames::new(content))
    } else {
        Box::new(content)
    }
}

/// The entries that `wanted` picks, in order, with their contents. Entries over 500 MB are passed over.
///
/// # Errors
/// The archive is malformed, unfolds to more than the bounds, or is not read before `deadline`.
pub(super) fn pick(
    (content, compressed): (&[u8], Compressed),
    deadline: Instant,
    mut wanted: impl FnMut(&Entry) -> bool,
) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut archive = tar::Archive::new(Bounded { inner: unfold(content, compressed), left: MAX_UNFOLDED, deadline });
    let mut picked = Vec::new();
    let mut left = MAX_KEPT;
    for (number, entry) in archive.entries()?.enumerate() {
        let mut entry = entry?;
        if number >= MAX_ENTRIES {
            return Err(io::Error::other("too many entries"));
        }
        let found =
            Entry { name: String::from_utf8_lossy(&entry.path_bytes()).into_owned(), directory: entry.header().entry_type().is_dir() };
        if wanted(&found) && entry.size() <= MAX_ENTRY {
            left = left.checked_sub(entry.size()).ok_or_else(|| io::Error::other("too much to keep"))?;
            // Grows with what is read: the stated size allocates nothing.
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            picked.push((found.name, bytes));
        }
    }
    Ok(picked)
}

/// A reader that ends with an error where its bytes or its time run out.
struct Bounded<'a> {
    inner: Box<dyn Read + 'a>,
    left: u64,
    deadline: Instant,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if Instant::now() > self.deadline {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| io::Error::other("unfolds to too much"))?;
        Ok(read)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write as _;
    use std::time::Duration;

    use super::*;

    pub(in super::super) fn soon() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    pub(in super::super) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, content) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, *content).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn names(content: &[u8], deadline: Instant) -> io::Result<Vec<String>> {
        Ok(pick((content, Compressed::GzipOrZstd), deadline, |_| true)?.into_iter().map(|(name, _)| name).collect())
    }

    #[test]
    fn entries_come_in_order_compressed_or_not() {
        let plain = archive(&[("a/b.json", b"{}"), ("c", b"x")]);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&plain).unwrap();
        for content in [plain, gzip.finish().unwrap()] {
            assert_eq!(names(&content, soon()).unwrap(), ["a/b.json", "c"]);
        }
    }

    #[test]
    fn a_truncated_archive_is_an_error() {
        let whole = archive(&[("a", &[7; 4096])]);
        names(&whole[..2000], soon()).unwrap_err();
    }

    #[test]
    fn no_time_left_is_an_error() {
        let past = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
        assert_eq!(names(&archive(&[("a", b"x")]), past).unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn a_bomb_ends_where_its_bytes_run_out() {
        let mut reader = Bounded { inner: Box::new(io::repeat(0)), left: 10_000, deadline: soon() };
        assert_eq!(io::copy(&mut reader, &mut io::sink()).unwrap_err().to_string(), "unfolds to too much");
    }

    #[test]
    fn an_entry_over_the_bound_is_passed_over_and_a_lying_one_is_truncated() {
        let mut header = tar::Header::new_gnu();
        header.set_path("huge.json").unwrap();
        for (size, outcome_is_error) in [(1_u64 << 40, true), (400 << 20, true)] {
            header.set_size(size);
            header.set_cksum();
            assert_eq!(names(header.as_bytes(), soon()).is_err(), outcome_is_error, "{size}");
        }
    }
}
