//! How the file of an `EmbeddedStore` comes to be: elsewhere, and whole before anybody sees it. Who is killed while it is begun
//! leaves nothing that has to be taken for damage.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

/// What the names of files that are being begun have between the store's own and who begins them.
const BEGUN: &str = ".begun-";
/// After this nobody is at it any more.
const ABANDONED: Duration = Duration::from_mins(10);

/// Lets `write` begin a file for its owner alone, and puts it at `path` unless another process was first.
pub(super) fn begin<E: From<io::Error>>(path: &Path, write: impl FnOnce(&Path) -> Result<(), E>) -> Result<(), E> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Err(io::Error::from(io::ErrorKind::InvalidInput).into());
    };
    let begun = format!("{name}{BEGUN}");
    sweep(directory, &begun);
    let own = directory.join(format!("{begun}{}-{:?}", std::process::id(), std::thread::current().id()));
    let _ = fs::remove_file(&own);
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&own)?;
    write(&own)?;
    let placed = match fs::hard_link(&own, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // Where there are no links, who comes second takes the place of the first: verdicts are lost, none is wrong.
        Err(_) => return Ok(fs::rename(&own, path)?),
        Ok(()) => Ok(()),
    };
    fs::remove_file(&own)?;
    placed
}

/// Removes what was begun by processes that are no more.
fn sweep(directory: &Path, begun: &str) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let age = entry.metadata().ok().and_then(|metadata| metadata.modified().ok()).and_then(|at| at.elapsed().ok());
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(begun)) && age.is_some_and(|age| age > ABANDONED) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn it_is_whole_before_it_is_there_and_the_first_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store");
        let write = |text: &'static str| {
            let wanted = path.clone();
            move |at: &Path| {
                assert!(at != wanted);
                fs::write(at, text)
            }
        };
        begin(&path, write("first")).unwrap();
        begin(&path, write("second")).unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names(directory.path())), ("first", vec!["store".to_owned()]));
    }

    #[test]
    fn what_was_abandoned_is_swept_away_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store");
        for (name, age) in [("store.begun-1-x", 3_600), ("store.begun-2-x", 1), ("other", 3_600)] {
            let file = fs::File::create(directory.path().join(name)).unwrap();
            file.set_modified(std::time::SystemTime::now() - Duration::from_secs(age)).unwrap();
        }
        begin(&path, |at| fs::write(at, "")).unwrap();
        let mut left = names(directory.path());
        left.sort();
        assert_eq!(left, ["other", "store", "store.begun-2-x"]);
    }

    #[test]
    fn what_cannot_be_begun_is_not_there() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store");
        assert!(begin(&path, |_| Err(io::Error::from(io::ErrorKind::StorageFull))).is_err());
        assert!(!path.exists());
    }
}
