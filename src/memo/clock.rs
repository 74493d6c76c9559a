//! `Clock`: where a memo reads the time, so that tests need not wait for it.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// The two times that expiry needs.
pub trait Clock: Send + Sync + Debug {
    /// Time since some fixed start; never steps back, and knows nothing of the date.
    fn elapsed(&self) -> Duration;
    /// The date, which somebody may set wrong, forwards or back.
    fn date(&self) -> SystemTime;
}

/// The machine's own clocks.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn date(&self) -> SystemTime {
        SystemTime::now()
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn elapsed(&self) -> Duration {
        (**self).elapsed()
    }

    fn date(&self) -> SystemTime {
        (**self).date()
    }
}
