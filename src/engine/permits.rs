//! `Permits`: how many evaluations may use a core at once. One that waits for the network lends its permit.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A counter of free cores. Evaluations that come back from the network go before new ones: what is begun is ended
/// first, so that few are under way at any time.
#[derive(Debug)]
pub(crate) struct Permits {
    state: Mutex<State>,
    for_begun: Condvar,
    for_new: Condvar,
}

#[derive(Debug)]
struct State {
    free: usize,
    begun: usize,
}

/// The right to use a core.
#[derive(Debug)]
pub(crate) struct Permit<'a>(&'a Permits);

/// A permit that is lent to others until this is dropped, which waits for it to be free again.
#[derive(Debug)]
pub(crate) struct Lent<'a>(&'a Permits);

impl Permits {
    pub(crate) fn new(cores: usize) -> Self {
        let state = Mutex::new(State { free: cores.max(1), begun: 0 });
        Self { state, for_begun: Condvar::new(), for_new: Condvar::new() }
    }

    /// Waits for a core, for an evaluation that is to begin.
    pub(crate) fn acquire(&self) -> Permit<'_> {
        let mut state = self.lock();
        while state.free == 0 || state.begun > 0 {
            state = self.for_new.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.free -= 1;
        Permit(self)
    }

    /// Lets others have the core; only for one that holds a [`Permit`].
    pub(crate) fn lend(&self) -> Lent<'_> {
        self.release();
        Lent(self)
    }

    fn take_back(&self) {
        let mut state = self.lock();
        state.begun += 1;
        while state.free == 0 {
            state = self.for_begun.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.begun -= 1;
        state.free -= 1;
        // A core may be left for a new evaluation that this one held up.
        if state.begun == 0 && state.free > 0 {
            self.for_new.notify_one();
        }
    }

    fn release(&self) {
        let mut state = self.lock();
        state.free += 1;
        if state.begun > 0 { self.for_begun.notify_one() } else { self.for_new.notify_one() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.release();
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.0.take_back();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn no_more_than_the_permits_run_at_once() {
        let (permits, running, most) = (Permits::new(2), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _permit = permits.acquire();
                        most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        running.fetch_sub(1, Ordering::SeqCst);
                        drop(permits.lend());
                    }
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) <= 2);
        assert_eq!(permits.lock().free, 2);
    }

    /// All four wait at the barrier at once, which one core allows only if each of them lends it.
    #[test]
    fn a_lent_permit_lets_others_run() {
        let (permits, barrier) = (Permits::new(1), Barrier::new(4));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let _permit = permits.acquire();
                    let lent = permits.lend();
                    barrier.wait();
                    drop(lent);
                });
            }
        });
        assert_eq!(permits.lock().free, 1);
    }
}
