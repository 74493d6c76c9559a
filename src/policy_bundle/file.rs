//! One file of a bundle, and how much of a bundle is read.

use std::collections::BTreeSet;
use std::io::{self, Read};

use super::error::BundleError;

/// Most bytes of one file.
const MAX_FILE: u64 = 128 << 20;
/// Most bytes of all files, and most that an archive may unfold to, headers included.
pub(super) const MAX_TOTAL: u64 = 512 << 20;
/// Most entries, whatever they are.
pub(super) const MAX_ENTRIES: usize = 100_000;
/// Most bytes of a name.
const MAX_NAME: usize = 4_096;
/// Most directories inside one another.
pub(super) const MAX_DEPTH: usize = 64;

/// A file that was read.
#[derive(Debug)]
pub(super) struct BundleFile {
    /// The name that errors and positions show: as the archive has it, or with the path of the directory.
    pub(super) shown: String,
    /// Its path from the root of the bundle: no leading `/` or `./`.
    pub(super) path: String,
    /// What it holds.
    pub(super) bytes: Vec<u8>,
}

impl BundleFile {
    /// The last part of its path.
    pub(super) fn base(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// What it holds, as text.
    pub(super) fn text(&self) -> Result<&str, BundleError> {
        std::str::from_utf8(&self.bytes).map_err(|error| BundleError::malformed(&self.shown, format!("not UTF-8: {error}")))
    }
}

/// Files that are being gathered, within the bounds.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    files: Vec<BundleFile>,
    paths: BTreeSet<String>,
    entries: usize,
    bytes: u64,
}

impl Gathered {
    /// Counts an entry of whatever kind.
    pub(super) fn entry(&mut self) -> Result<(), BundleError> {
        self.entries += 1;
        if self.entries > MAX_ENTRIES { Err(BundleError::TooLarge { what: "entries", limit: MAX_ENTRIES as u64 }) } else { Ok(()) }
    }

    /// Reads a file of at most the bytes that are left; what it states about its size allocates nothing.
    pub(super) fn read(&mut self, shown: String, path: String, from: impl Read) -> Result<(), BundleError> {
        if !self.paths.insert(path.clone()) {
            return Err(BundleError::Duplicate(shown));
        }
        let mut bytes = Vec::new();
        from.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        let size = bytes.len() as u64;
        self.bytes += size;
        if size > MAX_FILE {
            return Err(BundleError::TooLarge { what: "bytes in one file", limit: MAX_FILE });
        }
        if self.bytes > MAX_TOTAL {
            return Err(BundleError::TooLarge { what: "bytes in all files", limit: MAX_TOTAL });
        }
        bytes.shrink_to_fit();
        self.files.push(BundleFile { shown, path, bytes });
        Ok(())
    }

    pub(super) fn into_files(self) -> Vec<BundleFile> {
        self.files
    }
}

/// An error of reading; a bound that was reached inside is told as such.
pub(super) fn unreadable(error: io::Error) -> BundleError {
    match error.downcast::<BundleError>() {
        Ok(bound) => bound,
        Err(error) => BundleError::Archive(error.to_string()),
    }
}

/// The path from the root of the bundle that an archive's name stands for.
pub(super) fn path(name: &[u8]) -> Result<String, BundleError> {
    let refuse = |reason| BundleError::Path { path: String::from_utf8_lossy(name).chars().take(256).collect(), reason };
    let text = std::str::from_utf8(name).map_err(|_| refuse("the name is not UTF-8"))?;
    if text.len() > MAX_NAME {
        return Err(refuse("the name is too long"));
    }
    if text.chars().any(char::is_control) {
        return Err(refuse("the name has control characters"));
    }
    let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return Err(refuse("the name leads out of the bundle"));
    }
    match parts.len() {
        0 => Err(refuse("the name is empty")),
        depth if depth > MAX_DEPTH => Err(refuse("more than 64 directories inside one another")),
        _ => Ok(parts.join("/")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside() {
        for name in ["/a/b.rego", "a/b.rego", "./a//b.rego", "a/./b.rego"] {
            assert_eq!(path(name.as_bytes()).unwrap(), "a/b.rego");
        }
        for name in [&b"../x"[..], b"a/../../x", b"/..", b"", b"/", b"a\xff", b"a\nb", &[b'a'; 5_000], &b"a/".repeat(70)] {
            path(name).unwrap_err();
        }
    }
}
