//! A clock that the tests set.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use vidimus::memo::Clock;

/// Time goes on when it is told to, and the date can be set apart from it.
#[derive(Debug, Clone)]
pub(super) struct FakeClock(Arc<Mutex<(Duration, SystemTime)>>);

impl FakeClock {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new((Duration::ZERO, SystemTime::UNIX_EPOCH + Duration::from_hours(500_000)))))
    }

    /// Time goes on, and the date with it.
    pub(super) fn pass(&self, seconds: u64) {
        let mut times = self.0.lock().unwrap();
        times.0 += Duration::from_secs(seconds);
        times.1 += Duration::from_secs(seconds);
    }

    /// Somebody sets the date back.
    pub(super) fn set_back(&self, seconds: u64) {
        self.0.lock().unwrap().1 -= Duration::from_secs(seconds);
    }

    /// The machine sleeps: the date goes on, the other clock does not.
    pub(super) fn sleep(&self, seconds: u64) {
        self.0.lock().unwrap().1 += Duration::from_secs(seconds);
    }

    pub(super) fn date_in(&self, seconds: u64) -> SystemTime {
        self.date() + Duration::from_secs(seconds)
    }
}

impl Clock for FakeClock {
    fn elapsed(&self) -> Duration {
        self.0.lock().unwrap().0
    }

    fn date(&self) -> SystemTime {
        self.0.lock().unwrap().1
    }
}
