//! The threads on which leaders work: they go on when the caller who started them has left.

use std::io;
use std::thread::available_parallelism;

use tokio::runtime::{Builder, Runtime as Tokio};

/// Most threads; a verification waits much and computes little.
const MAX_THREADS: usize = 8;

/// A runtime that can be dropped anywhere, also inside another runtime.
#[derive(Debug)]
pub(super) struct Runtime(Option<Tokio>);

impl Runtime {
    pub(super) fn new() -> io::Result<Self> {
        let threads = available_parallelism().map_or(1, std::num::NonZero::get).min(MAX_THREADS);
        let runtime = Builder::new_multi_thread().worker_threads(threads).thread_name("vidimus-verify").enable_all().build()?;
        Ok(Self(Some(runtime)))
    }

    /// Lets `work` run, detached. After the runtime has ended the work is dropped.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.0 {
            runtime.spawn(work);
        }
    }
}

impl Drop for Runtime {
    /// Waiting for the threads is forbidden inside another runtime, and a leader that nobody waits for need not end.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
