//! `Blocking`: the one bridge from synchronous callers to the asynchronous sources.
//!
//! Work runs on a runtime of its own, never on the caller's, and results come back over a channel: a caller that is
//! itself inside a tokio worker neither panics nor deadlocks, and one that gives up cancels nothing.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

/// Most threads that read files at a time.
const MAX_READERS: usize = 16;

/// A private runtime, owned by whoever holds the value.
pub struct Blocking {
    /// INVARIANT: `None` only while being dropped.
    runtime: Option<Runtime>,
}

/// Why there is no result of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoResult {
    /// The caller's deadline passed; the work goes on.
    #[error("timed out")]
    TimedOut,
    /// The work panicked, or the runtime ended.
    #[error("the work ended without a result")]
    Ended,
}

impl Blocking {
    /// Starts the runtime, with a worker for each core.
    ///
    /// # Errors
    /// Where the system gives no threads or no poll.
    pub fn new() -> Result<Self, std::io::Error> {
        let runtime = Builder::new_multi_thread()
            .thread_name("vidimus-io")
            .max_blocking_threads(MAX_READERS)
            .thread_keep_alive(Duration::from_secs(2))
            .enable_all()
            .build()?;
        Ok(Self { runtime: Some(runtime) })
    }

    /// Runs `work` detached, whatever becomes of the caller. `work` ends early only with this value.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.runtime {
            runtime.spawn(work);
        }
    }

    /// As [`Blocking::spawn`], but begins on the calling thread: what never has to wait is done when this returns, and costs no
    /// change of threads. From its first wait on, the work is detached. A panic is the work's, not the caller's.
    pub fn begin(&self, work: impl Future<Output = ()> + Send + 'static) {
        let Some(runtime) = &self.runtime else { return };
        let mut work = Box::pin(work);
        let polled = {
            let _entered = runtime.enter();
            // Nobody is woken: whoever polls next does so at once, and leaves its own waker.
            catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut Context::from_waker(Waker::noop()))))
        };
        if let Ok(Poll::Pending) = polled {
            runtime.spawn(work);
        }
    }

    /// Runs `work` detached and waits for its result until `deadline`. The calling thread blocks, so a caller inside an
    /// asynchronous runtime gives one of its workers for the time.
    ///
    /// # Errors
    /// [`NoResult`], which says nothing about the work but that its result is not here.
    pub fn run<T: Send + 'static>(&self, deadline: Instant, work: impl Future<Output = T> + Send + 'static) -> Result<T, NoResult> {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.spawn(async move {
            // Nobody may be waiting any more.
            let _ = sender.send(work.await);
        });
        receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())).map_err(|e| match e {
            mpsc::RecvTimeoutError::Timeout => NoResult::TimedOut,
            mpsc::RecvTimeoutError::Disconnected => NoResult::Ended,
        })
    }
}

impl Drop for Blocking {
    fn drop(&mut self) {
        // A runtime that is dropped plainly waits for its threads, and panics where the last owner is a task.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Blocking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocking").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(20)
    }

    #[test]
    fn a_result_comes_back() {
        assert_eq!(Blocking::new().unwrap().run(soon(), async { 7 }), Ok(7));
    }

    #[test]
    fn a_caller_that_gives_up_cancels_nothing() {
        let (blocking, done) = (Blocking::new().unwrap(), Arc::new(AtomicBool::new(false)));
        let (go, wait) = tokio::sync::oneshot::channel::<()>();
        let (ended, end) = mpsc::channel();
        let flag = Arc::clone(&done);
        let answer = blocking.run(Instant::now(), async move {
            wait.await.unwrap();
            flag.store(true, Ordering::SeqCst);
            ended.send(()).unwrap();
        });
        assert_eq!(answer, Err(NoResult::TimedOut));
        go.send(()).unwrap();
        end.recv().unwrap();
        assert!(done.load(Ordering::SeqCst));
    }

    #[test]
    fn a_panic_is_the_works_and_not_the_callers() {
        let blocking = Blocking::new().unwrap();
        assert_eq!(blocking.run(soon(), async { panic!("in the work") }), Err::<(), _>(NoResult::Ended));
        assert_eq!(blocking.run(soon(), async { 1 }), Ok(1));
    }

    #[test]
    fn work_begins_on_the_calling_thread_and_goes_on_elsewhere() {
        let blocking = Blocking::new().unwrap();
        let (tell, told) = mpsc::channel();
        blocking.begin(async move {
            let began = std::thread::current().id();
            tokio::time::sleep(Duration::from_millis(1)).await;
            tell.send((began, std::thread::current().id())).unwrap();
        });
        let (began, ended) = told.recv().unwrap();
        assert_eq!(began, std::thread::current().id());
        assert_ne!(ended, began);
    }

    #[test]
    fn a_panic_at_the_beginning_is_the_works_too() {
        let (blocking, (held, gone)) = (Blocking::new().unwrap(), mpsc::channel::<()>());
        blocking.begin(async move {
            let _held = held;
            panic!("in the work")
        });
        assert_eq!(gone.recv(), Err(mpsc::RecvError), "what it held is let go");
    }

    #[test]
    fn inside_a_worker_it_neither_panics_nor_deadlocks() {
        let inside = async {
            let blocking = Blocking::new().unwrap();
            let answer = blocking.run(soon(), async { tokio::task::yield_now().await });
            drop(blocking);
            answer
        };
        assert_eq!(Blocking::new().unwrap().run(soon(), inside), Ok(Ok(())));
    }
}
