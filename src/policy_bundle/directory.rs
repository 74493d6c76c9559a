//! Bundles as directories: their regular files, sorted. Symbolic links are not followed, as by OPA.

use std::fs::{self, DirEntry, File};
use std::io;
use std::path::Path;

use super::error::BundleError;
use super::file::{self, BundleFile, Gathered};
use super::pattern::{FilePattern, ignored};

pub(super) fn files(root: &str, ignore: &[FilePattern]) -> Result<Vec<BundleFile>, BundleError> {
    let mut gathered = Gathered::default();
    descend(root, "", &mut |entry, path| {
        gathered.entry()?;
        if ignored(path, ignore) || entry.file_type().map_err(BundleError::Unreadable)?.is_symlink() {
            return Ok(false);
        }
        if entry.path().is_dir() {
            return Ok(true);
        }
        let path = file::path(path.as_bytes())?;
        let open = File::open(entry.path()).map_err(BundleError::Unreadable)?;
        gathered.read(shown(root, &path), path, open)?;
        Ok(false)
    })?;
    Ok(gathered.into_files())
}

/// The path of a file with that of its directory, written as OPA writes it.
fn shown(root: &str, path: &str) -> String {
    match root.trim_end_matches('/').trim_start_matches("./") {
        "" if root.starts_with('/') => format!("/{path}"),
        "" | "." => path.to_owned(),
        root => format!("{root}/{path}"),
    }
}

/// Calls `visit` for each entry, in the order of names; it says whether to go into a directory.
fn descend(root: &str, below: &str, visit: &mut dyn FnMut(&DirEntry, &str) -> Result<bool, BundleError>) -> Result<(), BundleError> {
    if below.split('/').count() > file::MAX_DEPTH {
        return Err(BundleError::TooLarge { what: "directories inside one another", limit: file::MAX_DEPTH as u64 });
    }
    let listed =
        fs::read_dir(Path::new(root).join(below)).and_then(|entries| entries.take(file::MAX_ENTRIES + 1).collect::<io::Result<Vec<_>>>());
    let mut entries = listed.map_err(BundleError::Unreadable)?;
    entries.sort_by_key(DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            return Err(BundleError::Path { path: name.to_string_lossy().into_owned(), reason: "the name is not UTF-8" });
        };
        let path = if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
        if visit(&entry, &path)? {
            descend(root, &path, visit)?;
        }
    }
    Ok(())
}
