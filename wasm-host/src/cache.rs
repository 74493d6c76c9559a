//! `CacheDirectory`: where compiled code is kept, and why it may be believed.
//!
//! Compiled code is native code: whoever can write it, or put another directory in its place, runs in this process. So
//! the directory is ours alone, and nobody but us and root can move it or what lies above it. What is read from it is
//! read by the engine's own cache; a file that is cut short is compiled again.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// A directory that only this user can write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheDirectory(PathBuf);

/// Why a directory cannot hold compiled code.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// It cannot be made or looked at.
    #[error("cannot use `{path}` for compiled code")]
    Unusable {
        /// The directory.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Somebody else could put code there.
    #[error("`{path}` cannot hold compiled code: {why}")]
    Untrusted {
        /// The directory, or one above it.
        path: String,
        /// Who could.
        why: &'static str,
    },
}

impl CacheDirectory {
    /// The directory at `path`, made where there is none.
    ///
    /// # Errors
    /// [`CacheError`] where it cannot be made, or where anybody but this user and root could write it or replace it.
    pub fn open(path: &Path) -> Result<Self, CacheError> {
        let unusable = |source| CacheError::Unusable { path: path.display().to_string(), source };
        make(path).map_err(unusable)?;
        // The real path: a link is not followed a second time.
        let real = path.canonicalize().map_err(unusable)?;
        check(&real)?;
        Ok(Self(real))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

#[cfg(unix)]
fn make(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(unix)]
fn check(path: &Path) -> Result<(), CacheError> {
    use std::os::unix::fs::MetadataExt as _;
    let user = rustix::process::geteuid().as_raw();
    for (level, folder) in path.ancestors().enumerate() {
        let name = || folder.display().to_string();
        let about = fs::symlink_metadata(folder).map_err(|source| CacheError::Unusable { path: name(), source })?;
        let (shared, sticky) = (about.mode() & 0o022 != 0, about.mode() & 0o1000 != 0);
        let why = match level {
            _ if !about.is_dir() => "it is no directory",
            0 if about.uid() != user => "another user owns it",
            0 if shared => "others may write it",
            _ if about.uid() != user && about.uid() != 0 => "another user owns a directory above it",
            // In a sticky directory, such as /tmp, nobody moves what is not his.
            _ if shared && !sticky => "others may write a directory above it",
            _ => continue,
        };
        return Err(CacheError::Untrusted { path: name(), why });
    }
    Ok(())
}

#[cfg(not(unix))]
fn make(_: &Path) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "owners of directories are not known here"))
}

#[cfg(not(unix))]
fn check(_: &Path) -> Result<(), CacheError> {
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn with_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn only_a_directory_of_ours_alone_is_taken() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("a/b");
        CacheDirectory::open(&place).unwrap();
        assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o700);

        with_mode(&place, 0o770);
        assert!(CacheDirectory::open(&place).unwrap_err().to_string().contains("others may write it"));
        with_mode(&place, 0o700);
        with_mode(&root.path().join("a"), 0o777);
        assert!(CacheDirectory::open(&place).unwrap_err().to_string().contains("above it"));
        with_mode(&root.path().join("a"), 0o1777);
        CacheDirectory::open(&place).unwrap();

        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(CacheDirectory::open(&file), Err(CacheError::Unusable { .. } | CacheError::Untrusted { .. })));
    }

    #[test]
    fn a_link_is_judged_by_where_it_leads() {
        let root = tempfile::tempdir().unwrap();
        let (real, link) = (root.path().join("real"), root.path().join("link"));
        fs::create_dir(&real).unwrap();
        with_mode(&real, 0o777);
        std::os::unix::fs::symlink(&real, &link).unwrap();
        assert!(matches!(CacheDirectory::open(&link), Err(CacheError::Untrusted { .. })));
    }
}
