//! `[REGISTRY[/REPOSITORY]=]DURATION`: a time to live, everywhere or under a path.

use std::str::FromStr;
use std::time::Duration;

use vidimus::memo::TimesToLive;

use super::duration;

/// One entry of a table of times to live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lifetime {
    /// The registry, or the repository or a path above it; everywhere where there is none.
    path: Option<String>,
    duration: Duration,
}

impl Lifetime {
    /// Puts the entry into a table, in place of one for the same path.
    pub(super) fn set(&self, table: &mut TimesToLive) {
        match &self.path {
            Some(path) => table.set(path, self.duration),
            None => table.set_everywhere(self.duration),
        }
    }
}

impl FromStr for Lifetime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (path, time) = text.split_once('=').map_or((None, text), |(path, time)| (Some(path), time));
        // Zero says never to remember; it is no time that something may take.
        let zero = !time.is_empty() && time.trim_end_matches(|c: char| c.is_ascii_alphabetic()).bytes().all(|byte| byte == b'0');
        let duration = if zero && !time.starts_with(|c: char| c.is_ascii_alphabetic()) { Duration::ZERO } else { duration::parse(time)? };
        let bad = |path: &str| path.is_empty() || path.starts_with('/') || path.contains(char::is_whitespace) || path.contains("://");
        match path {
            Some(path) if bad(path) => Err(format!("`{path}` is no registry or repository")),
            path => Ok(Self { path: path.map(str::to_owned), duration }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_may_name_where_it_holds() {
        let read = |text: &str| text.parse::<Lifetime>().map(|read| (read.path, read.duration.as_secs()));
        assert_eq!(read("1h"), Ok((None, 3600)));
        assert_eq!(read("0s"), Ok((None, 0)));
        assert_eq!(read("0"), Ok((None, 0)));
        assert_eq!(read("localhost:5000/acme/web=90s"), Ok((Some("localhost:5000/acme/web".to_owned()), 90)));
        for bad in ["", "=1h", "quay.io=", "quay.io=soon", "https://quay.io=1h", "/acme=1h", "a b=1h", "s", "1h=quay.io"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
