//! `Pace`: how long a policy computes, so that asking it again is chosen only where that is cheap.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// An evaluation of more than this is not run again to learn what it asks: it waits where it stands, and lends its core.
const CHEAP: Duration = Duration::from_millis(4);

/// A running mean of the time that a pass over a policy takes.
#[derive(Debug, Default)]
pub(crate) struct Pace(AtomicU64);

impl Pace {
    /// Whether another pass costs less than it saves. What was never measured is tried.
    pub(crate) fn is_cheap(&self) -> bool {
        Duration::from_nanos(self.0.load(Ordering::Relaxed)) < CHEAP
    }

    /// Takes one pass into account: an eighth of the mean is the latest.
    pub(crate) fn note(&self, took: Duration) {
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX / 8);
        let mean = self.0.load(Ordering::Relaxed);
        // Two that note at once may lose one: it is a mean.
        self.0.store(if mean == 0 { took } else { mean / 8 * 7 + took / 8 }, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_cheap_until_it_is_measured_otherwise() {
        let pace = Pace::default();
        assert!(pace.is_cheap());
        pace.note(Duration::from_secs(1));
        assert!(!pace.is_cheap());
        for _ in 0..100 {
            pace.note(Duration::from_micros(20));
        }
        assert!(pace.is_cheap());
    }
}
