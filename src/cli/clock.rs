//! Times as people and machines read them.

use std::time::SystemTime;

use jiff::{Timestamp, Unit};

/// `2026-11-21T13:00:00Z`; the beginning of 1970 for a time that no calendar holds.
pub(super) fn rfc3339(time: SystemTime) -> String {
    let time = Timestamp::try_from(time).and_then(|time| time.round(Unit::Second)).unwrap_or(Timestamp::UNIX_EPOCH);
    time.to_string()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn times_are_civil() {
        let shown = |seconds| rfc3339(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(shown(0), "1970-01-01T00:00:00Z");
        assert_eq!(shown(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(shown(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(shown(4_102_444_799), "2099-12-31T23:59:59Z");
    }
}
