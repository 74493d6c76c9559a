//! `Slots`: how many instances may exist at once. Whoever comes later waits, until its deadline.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

use crate::error::EvalError;

/// A counter of free places.
#[derive(Debug)]
pub(crate) struct Slots {
    free: Mutex<u32>,
    freed: Condvar,
}

/// A place, given back on drop.
#[derive(Debug)]
pub(crate) struct Slot(Arc<Slots>);

impl Slots {
    pub(crate) fn new(places: u32) -> Arc<Self> {
        Arc::new(Self { free: Mutex::new(places.max(1)), freed: Condvar::new() })
    }

    /// Waits for a place.
    pub(crate) fn take(self: &Arc<Self>, deadline: Instant) -> Result<Slot, EvalError> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(EvalError::Deadline);
            }
            free = self.freed.wait_timeout(free, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *free -= 1;
        Ok(Slot(Arc::clone(self)))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_place_is_waited_for_until_the_deadline() {
        let slots = Slots::new(1);
        let held = slots.take(Instant::now()).unwrap();
        assert_eq!(slots.take(Instant::now() + Duration::from_millis(5)).unwrap_err(), EvalError::Deadline);
        drop(held);
        assert!(slots.take(Instant::now()).is_ok());
    }
}
