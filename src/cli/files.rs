//! Reading files and directories: bounded, sorted, and named as they were given.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context as _, bail};

/// Most bytes of one file.
const MAX_BYTES: u64 = 1 << 30;
/// Most directories inside one another; symbolic links to directories are not followed.
const MAX_DEPTH: usize = 64;

/// The text of a file.
pub(super) fn read(path: &str) -> anyhow::Result<String> {
    let mut file = File::open(path).with_context(|| format!("cannot read `{path}`"))?;
    read_from(&mut file).with_context(|| format!("cannot read `{path}`"))
}

/// The bytes of a file of at most `limit` bytes.
pub(super) fn read_bytes(path: &str, limit: u64) -> anyhow::Result<Vec<u8>> {
    let file = File::open(path).with_context(|| format!("cannot read `{path}`"))?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read `{path}`"))?;
    if bytes.len() as u64 > limit {
        bail!("`{path}`: larger than {} MiB", limit >> 20);
    }
    Ok(bytes)
}

/// The text of a stream.
pub(super) fn read_from(stream: &mut dyn Read) -> io::Result<String> {
    let mut text = String::new();
    stream.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 1 GiB"));
    }
    Ok(text)
}

/// The extension in lower case, empty where there is none.
pub(super) fn extension(path: &str) -> String {
    Path::new(path).extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// All files below a directory, in the order of their names.
pub(super) fn walk(directory: &str) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    descend(directory, MAX_DEPTH, &mut found)?;
    Ok(found)
}

fn descend(directory: &str, depth: usize, found: &mut Vec<String>) -> anyhow::Result<()> {
    if depth == 0 {
        bail!("`{directory}`: more than {MAX_DEPTH} directories inside one another");
    }
    let context = || format!("cannot read `{directory}`");
    let mut entries = fs::read_dir(directory).and_then(Iterator::collect::<io::Result<Vec<_>>>).with_context(context)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let Some(path) = entry.path().to_str().map(str::to_owned) else {
            bail!("`{}`: the name is not UTF-8", entry.path().display());
        };
        if entry.file_type().with_context(context)?.is_dir() {
            descend(&path, depth - 1, found)?;
        } else if entry.path().is_file() {
            found.push(path);
        }
    }
    Ok(())
}
