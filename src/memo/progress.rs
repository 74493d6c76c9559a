//! `Progress`: what those who wait for a flight share with it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use once_cell::sync::OnceCell;

use super::answer::{Answer, How};
use super::entries::Found;
use super::error::Missed;

/// How a flight ended, for everybody who waits for it.
pub(super) struct Progress<V, E> {
    /// Set once, so that nobody can hear two ends of one flight.
    outcome: OnceCell<Outcome<V, E>>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Whether the flight is over. One that was revoked has an outcome before that.
    over: bool,
    /// How many wait: where nobody does, nobody is woken, which is a call of the system saved.
    waiting: usize,
}

/// The end of a flight.
pub(super) enum Outcome<V, E> {
    Landed {
        found: Arc<Found<V>>,
        cost: u64,
    },
    /// It was found not to hold.
    Failed(E),
    /// It could not be asked for.
    Unavailable(E),
    Abandoned,
    /// By the revocation of this number.
    Revoked(u64),
}

impl<V: Clone, E: Clone> Progress<V, E> {
    /// Tells those who wait, while the flight may go on. Only the first outcome counts.
    pub(super) fn settle(&self, outcome: Outcome<V, E>) {
        let state = self.state();
        // A second outcome is no error: a flight that was revoked lands nevertheless.
        let _ = self.outcome.set(outcome);
        let is_awaited = state.waiting > 0;
        drop(state);
        if is_awaited {
            self.changed.notify_all();
        }
    }

    /// The flight is over: tells those who wait, and those who wait to start another.
    pub(super) fn end(&self, outcome: Outcome<V, E>) {
        self.state().over = true;
        self.settle(outcome);
    }

    pub(super) fn is_revoked(&self) -> bool {
        matches!(self.outcome.get(), Some(Outcome::Revoked(_)))
    }

    /// Waits for the outcome, but not beyond this caller's deadline.
    pub(super) fn wait(&self, deadline: Instant) -> Option<&Outcome<V, E>> {
        self.wait_until(deadline, |_| self.outcome.get())
    }

    /// Waits until the flight is over, but not beyond this caller's deadline.
    pub(super) fn wait_over(&self, deadline: Instant) -> Option<()> {
        self.wait_until(deadline, |over| over.then_some(()))
    }

    fn wait_until<T>(&self, deadline: Instant, ready: impl Fn(bool) -> Option<T>) -> Option<T> {
        let mut state = self.state();
        loop {
            if let Some(found) = ready(state.over) {
                return Some(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            state.waiting += 1;
            (state, _) = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V: Clone, E: Clone> Outcome<V, E> {
    /// The answer for one who waited. An error comes with whether what expired may stand in for it.
    pub(super) fn tell(&self, how: How) -> Result<Answer<V>, (Missed<E>, bool)> {
        match self {
            Self::Landed { found, cost } => Ok(Answer { found: Arc::clone(found), how, cost: *cost }),
            Self::Failed(error) => Err((Missed::Failed(error.clone()), false)),
            Self::Unavailable(error) => Err((Missed::Failed(error.clone()), true)),
            Self::Abandoned => Err((Missed::Abandoned, true)),
            Self::Revoked(_) => Err((Missed::Revoked, false)),
        }
    }
}

impl<V, E> Default for Progress<V, E> {
    fn default() -> Self {
        Self { outcome: OnceCell::new(), state: Mutex::default(), changed: Condvar::new() }
    }
}
