//! `Progress`: what those who wait for a flight share with it.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use once_cell::sync::OnceCell;

use super::answer::{Answer, How};
use super::error::Missed;

/// How a flight ended, for everybody who waits for it.
pub(super) struct Progress<V, E> {
    /// Set once, so that nobody can hear two ends of one flight.
    outcome: OnceCell<Outcome<V, E>>,
    gate: Mutex<()>,
    landed: Condvar,
}

/// The end of a flight.
pub(super) enum Outcome<V, E> {
    Landed { value: V, verified_at: SystemTime, cost: u64 },
    Failed(E),
    Abandoned,
}

impl<V: Clone, E: Clone> Progress<V, E> {
    /// Ends the flight for those who wait. Only the first end counts.
    pub(super) fn settle(&self, outcome: Outcome<V, E>) {
        let gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        // A second end is not an error: dropping a landed flight is one.
        let _ = self.outcome.set(outcome);
        drop(gate);
        self.landed.notify_all();
    }

    /// Waits for the end, but not beyond this caller's deadline.
    pub(super) fn wait(&self, deadline: Instant, how: How) -> Result<Answer<V>, Missed<E>> {
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(outcome) = self.outcome.get() {
                drop(gate);
                return outcome.tell(how);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Missed::TimedOut);
            }
            (gate, _) = self.landed.wait_timeout(gate, left).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<V: Clone, E: Clone> Outcome<V, E> {
    fn tell(&self, how: How) -> Result<Answer<V>, Missed<E>> {
        match self {
            Self::Landed { value, verified_at, cost } => Ok(Answer { value: value.clone(), how, verified_at: *verified_at, cost: *cost }),
            Self::Failed(error) => Err(Missed::Failed(error.clone())),
            Self::Abandoned => Err(Missed::Abandoned),
        }
    }
}

impl<V, E> Default for Progress<V, E> {
    fn default() -> Self {
        Self { outcome: OnceCell::new(), gate: Mutex::new(()), landed: Condvar::new() }
    }
}
