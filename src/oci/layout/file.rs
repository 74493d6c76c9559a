//! Reading one file of a layout: inside the tree, a regular file, within a bound.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::oci::SourceError;

/// The content of `path`, or `None` where there is no such file. Links are followed, but not out of `root`; the size is
/// judged before anything is allocated, and again while reading, since files grow.
pub(super) fn read(root: &Path, path: &Path, max: u64, what: &str) -> Result<Option<Vec<u8>>, SourceError> {
    let failed = |e: std::io::Error| SourceError::unavailable(what, e.to_string());
    let path = match path.canonicalize() {
        Ok(path) => path,
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(e) => return Err(failed(e)),
    };
    if !path.starts_with(root) {
        return Err(SourceError::violation(what, "a link leads out of the layout"));
    }
    let metadata = path.metadata().map_err(failed)?;
    // Neither a directory nor a pipe is content; opening a pipe would wait for a writer.
    if !metadata.is_file() {
        return Ok(None);
    }
    let over = || SourceError::violation(what, format!("larger than {max} bytes"));
    if metadata.len() > max {
        return Err(over());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).map_err(|_| over())?);
    File::open(&path).map_err(failed)?.take(max.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > max { Err(over()) } else { Ok(Some(bytes)) }
}
