//! `--watch`: the files are looked at twice a second.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::cli::files;

/// What a file looks like from outside.
type Looks = (String, Option<SystemTime>, u64);

const INTERVAL: Duration = Duration::from_millis(500);

/// Calls `run` now and whenever the files below the paths look different. Ends only where nothing could ever be seen.
pub(super) fn each_change(paths: &[String], mut run: impl FnMut()) -> anyhow::Result<u8> {
    let mut before = look(paths)?;
    loop {
        run();
        loop {
            std::thread::sleep(INTERVAL);
            // A directory that cannot be read for a moment, such as one that is being replaced, is looked at again.
            let Ok(now) = look(paths) else { continue };
            if now != before {
                before = now;
                break;
            }
        }
    }
}

fn look(paths: &[String]) -> anyhow::Result<Vec<Looks>> {
    let mut looks = Vec::new();
    for path in paths {
        let path = path.split_once(':').map_or(path.as_str(), |(prefix, rest)| if prefix.contains('/') { path } else { rest });
        let names = if Path::new(path).is_dir() { files::walk(path)? } else { vec![path.to_owned()] };
        for name in names {
            let metadata = fs::metadata(&name).ok();
            let (changed, size) = metadata.map_or((None, 0), |metadata| (metadata.modified().ok(), metadata.len()));
            looks.push((name, changed, size));
        }
    }
    Ok(looks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_looks_different() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.rego");
        fs::write(&file, "package a").unwrap();
        let paths = [directory.path().to_str().unwrap().to_owned()];
        let first = look(&paths).unwrap();
        assert_eq!(look(&paths).unwrap(), first);
        fs::write(&file, "package a # changed").unwrap();
        let second = look(&paths).unwrap();
        assert_ne!(second, first);
        fs::write(directory.path().join("b.rego"), "package b").unwrap();
        assert_ne!(look(&paths).unwrap(), second);
        fs::remove_file(file).unwrap();
        assert_eq!(look(&paths).unwrap().len(), 1);
        assert_eq!(look(&["x:absent.rego".to_owned()]).unwrap(), [("absent.rego".to_owned(), None, 0)]);
    }
}
